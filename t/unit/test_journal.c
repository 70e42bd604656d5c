/*
 * Differences between versions, the journal, IXFR out of it, and the versions that a client makes
 * of that: a thousand random changes in a row, and every serial's way to the last.
 */
#include <stdlib.h>
#include <string.h>

#include "common/dns/transfer.h"
#include "common/engine/zone_patch.h"
#include "t/unit/engine_world.h"

enum { CHANGES = 1000, NAMES = 40 };

static struct zone_version *parse(const char *content)
{
	struct text text = { 0 };
	struct fault fault = { 0 };
	struct zone_version *version;

	text_add(&text, content);
	version = zone_version_parse("zone", &text, (const uint8_t *)"\1z\4test", NULL, &fault);
	text_free(&text);
	if (!version)
		printf("Bail out! %s\n", fault.text);
	return version;
}

static void add_list(const struct text *list, const char *sign, struct text *out)
{
	struct zone_record record;
	size_t at = 0;

	while (difference_next(list, &at, &record)) {
		text_add(out, sign);
		zone_record_text(&record, out);
		text_add(out, "\n");
	}
	for (size_t i = 0; i < out->length; i++)
		if (out->bytes[i] == '\t')
			out->bytes[i] = ' ';
}

#define SOA(n) "@ 1 SOA a b " #n " 2 3 4 5\n@ 1 NS a\n"
#define WAS    "-z.test. 1 IN SOA a.z.test. b.z.test. 1 2 3 4 5\n"
#define IS     "+z.test. 1 IN SOA a.z.test. b.z.test. 2 2 3 4 5\n"

static void test_differences(void)
{
	static const struct {
		const char *what, *old, *new, *difference;
	} stories[] = {
		{ "only the serial", SOA(1), SOA(2), WAS IS },
		{ "a record comes", SOA(1), SOA(2) "x 1 A 192.0.2.1\n",
			WAS IS "+x.z.test. 1 IN A 192.0.2.1\n" },
		{ "a record goes", SOA(1) "x 1 A 192.0.2.1\n", SOA(2),
			WAS "-x.z.test. 1 IN A 192.0.2.1\n" IS },
		{ "one of several", SOA(1) "x 1 A 192.0.2.1\nx 1 A 192.0.2.2\nx 1 A 192.0.2.4\n",
			SOA(2) "x 1 A 192.0.2.1\nx 1 A 192.0.2.3\nx 1 A 192.0.2.4\n",
			WAS "-x.z.test. 1 IN A 192.0.2.2\n" IS "+x.z.test. 1 IN A 192.0.2.3\n" },
		{ "a TTL", SOA(1) "x 1 A 192.0.2.1\n", SOA(2) "x 2 A 192.0.2.1\n",
			WAS "-x.z.test. 1 IN A 192.0.2.1\n" IS "+x.z.test. 2 IN A 192.0.2.1\n" },
		{ "a type", SOA(1) "x 1 A 192.0.2.1\n", SOA(2) "x 1 TXT \"t\"\n",
			WAS "-x.z.test. 1 IN A 192.0.2.1\n" IS "+x.z.test. 1 IN TXT \"t\"\n" },
		{ "letters of an owner are no difference", SOA(1) "x 1 A 192.0.2.1\n",
			SOA(2) "X 1 A 192.0.2.1\n", WAS IS },
	};

	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		struct zone_version *old = parse(stories[i].old), *new = parse(stories[i].new);
		struct difference *difference = difference_between(old, new);
		struct text out = { 0 };

		add_list(&difference->gone, "-", &out);
		add_list(&difference->come, "+", &out);
		is_string(text_string(&out), stories[i].difference, stories[i].what);
		ok(difference->from == 1 && difference->to == 2, "its serials");
		text_free(&out);
		difference_free(difference);
		zone_version_release(old);
		zone_version_release(new);
	}
}

struct client {
	struct zone_patch *patch;
	struct fault fault;
};

static bool take(void *context, const struct zone_record *record, bool deleting)
{
	struct client *client = context;

	return zone_patch_record(client->patch, record, deleting, &client->fault);
}

/* The stream through the client's parser onto the version it had. */
static struct zone_version *transferred(struct transfer_stream *stream, struct zone_version *base)
{
	struct question question = { .name = base->apex,
		.type = DNS_IXFR,
		.has_serial = true,
		.serial = base->serial };
	struct client client = { .patch = zone_patch_new(base) };
	struct transfer transfer;
	struct difference *steps = NULL;
	struct zone_version *version = NULL;
	enum transfer_state state = TRANSFER_MORE;

	transfer_begin(&transfer, &question);
	for (size_t at = 0; at < stream->bytes.length && state == TRANSFER_MORE;) {
		uint8_t *bytes = (uint8_t *)stream->bytes.bytes + at;
		size_t length = (size_t)bytes[0] << 8 | bytes[1];

		if (!at) /* the client's own question stands there */
			bytes[2 + MESSAGE_HEADER + name_length(base->apex) + 1] = DNS_IXFR;
		state = transfer_message(&transfer, bytes + 2, length, take, &client);
		at += 2 + length;
	}
	if (state == TRANSFER_DONE)
		version = zone_patch_finish(client.patch, &steps, &client.fault);
	if (!version)
		printf("# state %d, %s, %s\n", state, transfer.broken ? transfer.broken : "-",
			client.fault.text);
	difference_free(steps);
	zone_patch_free(client.patch);
	return version;
}

static bool same(struct zone_version *a, struct zone_version *b)
{
	struct difference *difference = difference_between(a, b);
	bool is_same = difference->records == 2 && a->record_count == b->record_count &&
		a->serial == b->serial;

	difference_free(difference);
	return is_same;
}

static struct zone_version *random_version(uint32_t serial, uint8_t on[NAMES], unsigned *random)
{
	struct text content = { 0 };
	struct zone_version *version;

	text_addf(&content, "@ 1 SOA a b %u 2 3 4 5\n@ 1 NS a\n", serial);
	for (unsigned i = 0; i < 3; i++) {
		*random = *random * 1103515245 + 12345;
		on[(*random >> 16) % NAMES] = (uint8_t)(*random >> 24);
	}
	for (unsigned i = 0; i < NAMES; i++) {
		if (on[i] & 1)
			text_addf(&content, "n%u.e%u %u A 192.0.2.%u\n", i, i % 3, 1 + (on[i] & 2),
				on[i]);
		if (on[i] & 4)
			text_addf(&content, "n%u.e%u 1 TXT \"%u\" \"x\"\n", i, i % 3, on[i]);
	}
	version = parse(text_string(&content));
	text_free(&content);
	return version;
}

/* A server and two clients: one follows every change, one asks from time to time. */
static void test_thousand(void)
{
	static uint8_t on[NAMES];
	unsigned random = 4711, wrong = 0, whole = 0;
	struct zone zone = { .version = random_version(0xfffffff0, on, &random) };
	struct zone_version *follower = zone_version_hold(zone.version),
			    *idler = zone_version_hold(zone.version);

	for (unsigned i = 1; i <= CHANGES; i++) {
		struct zone_version **client = i % 37 ? &follower : &idler, *now;
		struct transfer_stream *stream;

		zone_put_version(&zone, random_version(0xfffffff0 + i, on, &random));
		stream = journal_stream(&zone.journal, (*client)->serial, zone.version);
		now = stream ? transferred(stream, *client) : zone_version_hold(zone.version);
		whole += !stream;
		wrong += !now || !same(now, zone.version);
		zone_version_release(*client);
		*client = now;
	}
	is_integer(wrong, 0, "every client has what the server has, over the end of the numbers");
	is_integer(whole, 0, "always by differences");
	ok(zone.journal.records <= JOURNAL_LEAST, "the journal is bounded: %zu records",
		zone.journal.records);
	ok(!journal_stream(&zone.journal, 0xfffffff0, zone.version), "the oldest are forgotten");
	ok(journal_stream(&zone.journal, zone.version->serial - 1, zone.version) ==
			journal_stream(&zone.journal, zone.version->serial - 1, zone.version),
		"a stream that is asked for again is rendered once");
	zone_put_version(&zone, parse(SOA(7)));
	ok(!zone.journal.oldest, "a serial that goes back ends it");
	zone_put_version(&zone, parse(SOA(8)));
	zone_put_version(&zone, parse(SOA(8)));
	ok(zone.journal.oldest, "the same once more does not");
	zone_put_version(&zone, parse(SOA(8) "x 1 A 192.0.2.1\n"));
	ok(!zone.journal.oldest, "other records behind the same serial do");
	zone_version_release(follower);
	zone_version_release(idler);
	journal_clear(&zone.journal);
	zone_version_release(zone.version);
}

static void test_bad_patches(void)
{
	static const uint8_t
		soa1[] = "\1a\1z\4test\0\1b\1z\4test\0\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5",
		soa3[] = "\1a\1z\4test\0\1b\1z\4test\0\0\0\0\3\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5",
		apex[] = "\1z\4test", other[] = "\1x\1z\4test", ip[] = { 192, 0, 2, 9 };
	const struct zone_record old = { apex, DNS_SOA, DNS_IN, 1, soa1, sizeof(soa1) - 1 },
				 new = { apex, DNS_SOA, DNS_IN, 1, soa3, sizeof(soa3) - 1 },
				 a = { other, DNS_A, DNS_IN, 1, ip, 4 },
				 cut = { apex, DNS_SOA, DNS_IN, 1, soa3, 12 };
	static const struct {
		const char *what, *records, *reason; /* o n a c: which, in capitals: it goes */
	} stories[] = {
		{ "nothing", "", "differences that end halfway" },
		{ "only what goes", "O", "differences that end halfway" },
		{ "no SOA first", "A", "x.z.test. A: differences that do not begin with an SOA" },
		{ "something comes first", "a", "x.z.test. A: differences without an SOA" },
		{ "no new SOA", "Oa", "x.z.test. A: differences without an SOA" },
		{ "from another serial", "N", "differences from serial 3, where 1 was to follow" },
		{ "what is not there goes", "OA", "x.z.test. A: is to go, and is not there" },
		{ "it goes twice", "OnaNAAo", "x.z.test. A: is to go, and is not there" },
		{ "a damaged SOA", "Oc", "z.test. SOA: malformed data" },
		{ "it comes", "Ona", "" },
		{ "it comes and goes", "OnaNAo", "" },
	};

	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		struct zone_version *base = parse(SOA(1)), *version = NULL;
		struct zone_patch *patch = zone_patch_new(base);
		struct difference *steps = NULL;
		struct fault fault = { 0 };
		bool good = true;

		for (const char *at = stories[i].records; *at && good; at++) {
			char letter = *at | 32;

			good = zone_patch_record(patch,
				letter == 'o'           ? &old
					: letter == 'n' ? &new
					: letter == 'a' ? &a
							: &cut,
				letter != *at, &fault);
		}
		if (good)
			version = zone_patch_finish(patch, &steps, &fault);
		is_string(fault.text, stories[i].reason, stories[i].what);
		ok(!version == !!stories[i].reason[0], "and a version or none");
		zone_version_release(version);
		difference_free(steps);
		zone_patch_free(patch);
		zone_version_release(base);
	}
}

int main(void)
{
	test_differences();
	test_thousand();
	test_bad_patches();
	return done_testing();
}
