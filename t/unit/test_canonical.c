/* Records in canonical form: names in full and in lower case where the RFCs say so, nothing else.
 */
#include "common/dns/canonical.h"
#include "common/dns/rdata.h"
#include "t/unit/packet.h"
#include "t/unit/tap.h"
#include "t/unit/zone_text.h"

/* \300\14 is "Example.COM", the name at offset 12; \300\24 is its "COM". */
static const struct rdata_story {
	const char *name;
	uint16_t type;
	const char *rdata;
	size_t length;
	const char *want; /* NULL: malformed */
	size_t want_length;
} stories[] = {
#define S(text) text, sizeof(text) - 1
	{ "A", DNS_A, S("\300\0\2\1"), S("\300\0\2\1") },
	{ "A of three bytes", DNS_A, S("\300\0\2"), NULL, 0 },
	{ "A of five bytes", DNS_A, S("\300\0\2\1\1"), NULL, 0 },
	{ "AAAA whose bytes are letters", DNS_AAAA, S("ABCDEFGHIJKLMNOP"), S("ABCDEFGHIJKLMNOP") },
	{ "NS, compressed and in capitals", DNS_NS, S("\3NS1\300\14"), S("\3ns1\7example\3com\0") },
	{ "NS, a byte behind it", DNS_NS, S("\3NS1\300\14\0"), NULL, 0 },
	{ "NS, cut", DNS_NS, S("\3NS"), NULL, 0 },
	{ "NS, empty", DNS_NS, S(""), NULL, 0 },
	{ "MX, compressed", 15, S("\0A\4MAIL\300\24"), S("\0A\4mail\3com\0") },
	{ "MX without its name", 15, S("\0A"), NULL, 0 },
	{ "SRV", 33, S("AAAABB\1X\300\24"), S("AAAABB\1x\3com\0") },
	{ "SOA", DNS_SOA, S("\1A\300\14\1B\300\24AAAABBBBCCCCDDDDEEEE"),
		S("\1a\7example\3com\0\1b\3com\0AAAABBBBCCCCDDDDEEEE") },
	{ "NAPTR folds its replacement alone", 35, S("\0\1\0\2\1S\3SIP\1!\1R\300\24"),
		S("\0\1\0\2\1S\3SIP\1!\1r\3com\0") },
	{ "RP", 17, S("\1A\300\24\1B\300\24"), S("\1a\3com\0\1b\3com\0") },
	{ "PX", 26, S("\0\1\1A\0\1B\0"), S("\0\1\1a\0\1b\0") },
	{ "A6 with a prefix", 38,
		S("\170"
		  "A\1B\300\24"),
		S("\170"
		  "A\1b\3com\0") },
	{ "A6 without", 38, S("\0ABCDEFGHIJKLMNOP"), S("\0ABCDEFGHIJKLMNOP") },
	{ "TXT keeps its letters", DNS_TXT, S("\3ABC\1D"), S("\3ABC\1D") },
	{ "TXT, its string cut", DNS_TXT, S("\4ABC"), NULL, 0 },
	{ "TXT, empty", DNS_TXT, S(""), NULL, 0 },
	{ "HINFO holds no names", 13, S("\2PC\1X"), S("\2PC\1X") },
	{ "RRSIG folds its signer, not its signature", DNS_RRSIG,
		S("\0\1\5\2AAAABBBBCCCCDD\7EXAMPLE\3COM\0SIGNATURE"),
		S("\0\1\5\2AAAABBBBCCCCDD\7example\3com\0SIGNATURE") },
	{ "RRSIG without a signer", DNS_RRSIG, S("\0\1\5\2AAAABBBBCCCCDD"), NULL, 0 },
	{ "NSEC keeps its letters (RFC 6840 5.1)", DNS_NSEC, S("\1B\7EXAMPLE\3COM\0\0\1@"),
		S("\1B\7EXAMPLE\3COM\0\0\1@") },
	{ "NXT does not", 30, S("\1B\3COM\0\1@"), S("\1b\3com\0\1@") },
	{ "LP keeps its letters", 107, S("\0\1\1B\3COM\0"), S("\0\1\1B\3COM\0") },
	{ "DS", DNS_DS, S("AA\10\2DIGEST"), S("AA\10\2DIGEST") },
	{ "DS, too short", DNS_DS, S("AA\10"), NULL, 0 },
	{ "NSEC3", DNS_NSEC3, S("\1\0\0\1\1S\2HH\0\1@"), S("\1\0\0\1\1S\2HH\0\1@") },
	{ "NSEC3, its salt cut", DNS_NSEC3, S("\1\0\0\1\7S"), NULL, 0 },
	{ "SVCB (names of younger types are not compressed, and keep their letters)", 64,
		S("\0\1\1B\3COM\0"), S("\0\1\1B\3COM\0") },
	{ "an unknown type below the known ones", 200, S("\300\14ABC"), S("\300\14ABC") },
	{ "an unknown type", 65280, S("\300\14ABC"), S("\300\14ABC") },
	{ "an unknown type, empty", 65280, S(""), S("") },
#undef S
};

static struct canonical record;

/* A message with the record alone; its owner is the question's name behind a label. */
static bool read_story(const struct rdata_story *story, bool same_owner)
{
	struct packet packet;
	struct message message;
	struct record_cursor cursor;
	struct record found;
	enum message_section section;

	begin(&packet, 0x8400);
	add_question(&packet, (const uint8_t *)"\7Example\3COM", DNS_AXFR);
	add(&packet, MESSAGE_ANSWER, (const uint8_t *)"\3WwW\7Example\3COM", story->type,
		story->rdata, story->length);
	if (!parse(&packet, &message))
		return false;
	cursor = message_records(&message);
	return message_next(&cursor, &found, &section) &&
		canonical_read(&record, &message, &found, name_length(found.owner), same_owner);
}

static void test_rdata(void)
{
	canonical_begin(&record, DNS_IN, false);
	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		const struct rdata_story *story = &stories[i];
		struct canonical_parts parts;
		bool good = read_story(story, i % 2);

		if (!ok(good == (story->want != NULL), "%s", story->name) || !good)
			continue;
		parts = canonical_split(record.bytes, record.length);
		ok(parts.rdata_length == story->want_length &&
				!memcmp(parts.rdata, story->want, story->want_length),
			"  its rdata");
		ok(!memcmp(parts.owner, "\3www\7example\3com", 17) && parts.type == story->type &&
				parts.class == DNS_IN,
			"  its owner, type and class");
	}
}

static void test_ttl(void)
{
	read_story(&stories[0], false);
	is_integer(canonical_split(record.bytes, record.length).ttl, 0, "the TTL does not count");
	is_integer(record.ttl, 300, "  but is kept");
	canonical_begin(&record, DNS_IN, true);
	read_story(&stories[0], false);
	is_integer(canonical_split(record.bytes, record.length).ttl, 300, "where it counts");
}

/* What has a shape in class IN has none in others. */
static void test_class(void)
{
	canonical_begin(&record, DNS_CH, false);
	ok(read_story(&stories[1], false), "an A of class CH is whatever it is");
}

/* Every type with a name in its rdata: folded whole, by whatever road. */
static void test_every_type(void)
{
	uint8_t rdata[] = "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1A\1B\0\1C\1D\0";
	unsigned folding = 0;

	for (uint16_t type = 1; type < 300; type++)
		folding += rdata_names_fold(type);
	/* RFC 4034 6.2 without HINFO, which has no names, and NSEC (RFC 6840 5.1) */
	is_integer(folding, 23, "types whose names fold");
	rdata_fold_names(DNS_RRSIG, DNS_IN, rdata, sizeof(rdata) - 1);
	ok(!memcmp(rdata + 18, "\1a\1b\0\1C", 7), "only the name");
	ok(!rdata_names_fold(DNS_NSEC) && !rdata_names_fold(13) && !rdata_names_fold(65280),
		"others do not");
}

static const struct order_story {
	const char *name, *first, *second;
} orders[] = {
	{ "by owner (RFC 4034 6.1)", "z 1 A 192.0.2.9", "a.z 1 A 192.0.2.1" },
	{ "by type", "a 1 A 192.0.2.9", "a 1 AAAA ::" },
	{ "by rdata, as unsigned bytes", "a 1 A 127.0.0.1", "a 1 A 128.0.0.1" },
	{ "the shorter rdata first", "a 1 TYPE65280 \\# 1 00", "a 1 TYPE65280 \\# 2 0000" },
	{ "the empty one before all", "a 1 TYPE65280 \\# 0", "a 1 TYPE65280 \\# 1 00" },
	{ "by TTL at last", "a 1 A 192.0.2.1", "a 2 A 192.0.2.1" },
};

struct two {
	struct canonical records[2];
	unsigned count;
};

static void keep(void *context, const struct canonical *given)
{
	struct two *two = context;

	two->records[two->count++] = *given;
}

static int compare_two(const struct two *two, unsigned first, unsigned second)
{
	struct canonical_parts a =
		canonical_split(two->records[first].bytes, two->records[first].length);
	struct canonical_parts b =
		canonical_split(two->records[second].bytes, two->records[second].length);

	return canonical_compare(&a, &b);
}

static void test_order(void)
{
	static struct two two;

	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		char text[128];

		two.count = 0;
		snprintf(text, sizeof(text), "%s\n%s\n", orders[i].first, orders[i].second);
		ok(zone_text_read(text, ZONE, true, keep, &two) && compare_two(&two, 0, 1) < 0 &&
				compare_two(&two, 1, 0) > 0 && !compare_two(&two, 0, 0),
			"%s", orders[i].name);
	}
}

int main(void)
{
	test_rdata();
	test_ttl();
	test_class();
	test_every_type();
	test_order();
	return done_testing();
}
