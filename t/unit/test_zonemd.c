/* ZONEMD: the zones of RFC 8976 appendix A, and what makes them wrong. */
#include "common/base/text.h"
#include "common/dns/zonemd.h"
#include "t/unit/tap.h"
#include "t/unit/zone_text.h"

#define EXAMPLE ((const uint8_t *)"\7example")

#define HEAD                                                                                       \
	"example. 86400 IN SOA ns1 admin 2018031900 1800 900 604800 86400\n"                       \
	"example. 86400 IN NS ns1\nexample. 86400 IN NS ns2\n"
/* A.1 */
#define SIMPLE_DIGEST                                                                              \
	"c68090d90a7aed716bc459f9340e3d7c1370d4d24b7e2fc3a1ddc0b9a87153b9a9713b3c9ae5cc27777f98b8e730044c"
#define SIMPLE_HOSTS "ns1 3600 IN A 203.0.113.63\nns2 3600 IN AAAA 2001:db8::63\n"
/* A.2, without what is out of zone: a transfer with that is broken. */
#define COMPLEX_DIGEST                                                                             \
	"a3b69bad980a3504e1cffcb0fd6397f93848071c93151f552ae2f6b1711d4bd2d8b39808226d7b9db71e34b72077f8fe"
#define COMPLEX_HOSTS                                                                              \
	"ns1 3600 IN A 203.0.113.63\nNS2 3600 IN AAAA 2001:db8::63\n"                              \
	"occluded.sub 7200 IN TXT \"I'm occluded but must be digested\"\nsub 7200 IN NS ns1\n"     \
	"duplicate 300 IN TXT \"I must be digested just once\"\n"                                  \
	"duplicate 300 IN TXT \"I must be digested just once\"\n"                                  \
	"UPPERCASE 3600 IN TXT \"canonicalize uppercase owner names\"\n"                           \
	"* 777 IN PTR dont-forget-about-wildcards\n"                                               \
	"mail 3600 IN MX 20 MAIL1\nmail 3600 IN MX 10 Mail2.Example.\n"                            \
	"sortme 3600 IN AAAA 2001:db8::5:61\nsortme 3600 IN AAAA 2001:db8::3:62\n"                 \
	"sortme 3600 IN AAAA 2001:db8::4:63\nsortme 3600 IN AAAA 2001:db8::1:65\n"                 \
	"sortme 3600 IN AAAA 2001:db8::2:64\n"                                                     \
	"non-apex 900 IN ZONEMD 2018031900 1 1 "                                                   \
	"616c6c6f776564206275742069676e6f7265642e20616c6c6f776564206275742069676e6f7265642e20616c6c6f7765\n"
/* A.3 */
#define SHA384                                                                                     \
	"62e6cf51b02e54b9b5f967d547ce43136792901f9f88e637493daaf401c92c279dd10f0edb1c56f8080211f8480ee306"
#define SHA512                                                                                     \
	"08cfa1115c7b948c4163a901270395ea226a930cd2cbcf2fa9a5e6eb85f37c8a"                         \
	"4e114d884e66f176eab121cb02db7d652e0cc4827e7a3204f166b47e5613fd27"
#define UNKNOWN_HASH "example. 86400 IN ZONEMD 2018031900 1 240 e2d523f654b9422a96c5a8f44607bbee\n"
#define UNKNOWN_SCHEME                                                                             \
	"example. 86400 IN ZONEMD 2018031900 241 1 e1846540e33a9e4189792d18d5d131f605fc283e\n"
#define SEVERAL_HOSTS                                                                              \
	"ns1.example. 3600 IN A 203.0.113.63\n"                                                    \
	"ns2.example. 86400 IN TXT \"This example has multiple digests\"\n"                        \
	"NS2.EXAMPLE. 3600 IN AAAA 2001:db8::63\n"

#define SIGNATURE(owner, type)                                                                     \
	owner " 3600 IN RRSIG " type " 8 1 3600 20210217232440 20210120232440 37444 example. AAAA\n"
#define ZONEMD(serial, rest) "example. 86400 IN ZONEMD " serial " " rest "\n"

static const struct zonemd_story {
	const char *name, *zone;
	enum zonemd_result want;
	unsigned hash, records;
} stories[] = {
	{ "A.1", HEAD ZONEMD("2018031900", "1 1 " SIMPLE_DIGEST) SIMPLE_HOSTS, ZONEMD_GOOD, 1, 1 },
	{ "A.2", HEAD ZONEMD("2018031900", "1 1 " COMPLEX_DIGEST) COMPLEX_HOSTS, ZONEMD_GOOD, 1,
		1 },
	{ "A.3",
		HEAD ZONEMD("2018031900", "1 1 " SHA384) ZONEMD("2018031900", "1 2 " SHA512)
			UNKNOWN_HASH UNKNOWN_SCHEME SEVERAL_HOSTS,
		ZONEMD_GOOD, 1, 4 },
	{ "A.3 with SHA-512 alone", HEAD ZONEMD("2018031900", "1 2 " SHA512) SEVERAL_HOSTS,
		ZONEMD_GOOD, 2, 1 },
	{ "one good digest beside a wrong one is enough",
		HEAD ZONEMD("2018031900", "1 1 " SIMPLE_DIGEST) ZONEMD("2018031900", "1 2 " SHA512)
			SEVERAL_HOSTS,
		ZONEMD_GOOD, 2, 2 },
	{ "none", HEAD SIMPLE_HOSTS, ZONEMD_MISSING, 0, 0 },
	{ "one below the apex alone", HEAD "x 1 IN ZONEMD 2018031900 1 1 " SIMPLE_DIGEST "\n",
		ZONEMD_MISSING, 0, 0 },
	{ "unknown scheme and hash alone", HEAD UNKNOWN_HASH UNKNOWN_SCHEME SEVERAL_HOSTS,
		ZONEMD_UNSUPPORTED, 240, 2 },
	{ "another serial", HEAD ZONEMD("2018031899", "1 1 " SIMPLE_DIGEST) SIMPLE_HOSTS,
		ZONEMD_OLD, 1, 1 },
	{ "an address more",
		HEAD ZONEMD("2018031900", "1 1 " SIMPLE_DIGEST) SIMPLE_HOSTS
		"ns1 3600 IN A 203.0.113.64\n",
		ZONEMD_DIFFERS, 1, 1 },
	{ "a signature over it does not count",
		HEAD ZONEMD("2018031900", "1 1 " SIMPLE_DIGEST)
			SIMPLE_HOSTS SIGNATURE("example.", "ZONEMD"),
		ZONEMD_GOOD, 1, 1 },
	{ "any other signature does",
		HEAD ZONEMD("2018031900", "1 1 " SIMPLE_DIGEST)
			SIMPLE_HOSTS SIGNATURE("example.", "NS"),
		ZONEMD_DIFFERS, 1, 1 },
	{ "also one over a ZONEMD below the apex",
		HEAD ZONEMD("2018031900", "1 1 " SIMPLE_DIGEST)
			SIMPLE_HOSTS SIGNATURE("x", "ZONEMD"),
		ZONEMD_DIFFERS, 1, 1 },
	{ "another TTL",
		HEAD ZONEMD("2018031900",
			"1 1 " SIMPLE_DIGEST) "ns1 3601 IN A 203.0.113.63\nns2 3600 IN AAAA 2001:db8::63\n",
		ZONEMD_DIFFERS, 1, 1 },
	{ "a digest cut short",
		HEAD ZONEMD("2018031900", "1 1 c68090d90a7aed716bc459f9340e3d7c") SIMPLE_HOSTS,
		ZONEMD_DIFFERS, 1, 1 },
	{ "two of one kind",
		HEAD ZONEMD("2018031900", "1 1 " SIMPLE_DIGEST) ZONEMD("2018031900", "1 1 " SHA384)
			SIMPLE_HOSTS,
		ZONEMD_REPEATED, 1, 2 },
};

static void keep(void *context, const struct canonical *record)
{
	record_pile_add(context, record);
}

static struct zonemd_verdict verify(const char *text, const uint8_t *apex, uint32_t serial)
{
	struct record_pile pile = { 0 };
	struct zonemd_verdict verdict;

	if (!zone_text_read(text, apex, true, keep, &pile))
		ok(false, "the zone is one");
	record_pile_sort(&pile);
	verdict = zonemd_verify(&pile, apex, serial);
	record_pile_free(&pile);
	return verdict;
}

static void test_stories(void)
{
	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		const struct zonemd_story *story = &stories[i];
		struct zonemd_verdict verdict = verify(story->zone, EXAMPLE, 2018031900);

		is_integer(verdict.result, story->want, story->name);
		is_integer(verdict.hash, story->hash, "  by which");
		is_integer(verdict.records, story->records, "  its records");
	}
	is_integer(verify(stories[8].zone, EXAMPLE, 2018031900).serial, 2018031899,
		"the serial that it was made for");
}

static void test_hashes(void)
{
	char out[32];

	is_string(zonemd_hash_text(1, out), "SHA-384", "1");
	is_string(zonemd_hash_text(2, out), "SHA-512", "2");
	is_string(zonemd_hash_text(240, out), "hash algorithm 240", "240");
}

int main(void)
{
	test_stories();
	test_hashes();
	return done_testing();
}
