/*
 * Differences of any kind onto a zone. The first byte chooses: 'm', messages of an IXFR, each
 * behind its length in two bytes; else edits, a few bytes each. Where they make a version, the
 * difference between it and the old one must lead there again, and so must the journal's IXFR.
 */
#include <stdlib.h>
#include <string.h>

#include "common/dns/serial.h"
#include "common/dns/transfer.h"
#include "common/engine/zone_patch.h"
#include "t/unit/engine_world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);

enum { SERIAL = 7 };

static const uint8_t apex[] = "\1z\4test";

static void must(bool good)
{
	if (!good)
		abort();
}

static struct zone_version *base_version(void)
{
	struct text text = { 0 };
	struct fault fault = { 0 };
	struct zone_version *version;

	text_add(&text,
		"@ 1 SOA a b 7 2 3 4 5\n@ 1 NS a\nx 1 A 192.0.2.1\nx 1 A 192.0.2.2\ny 1 TXT \"y\"\nc.x 1 CNAME y\n");
	version = zone_version_parse("zone", &text, apex, NULL, &fault);
	text_free(&text);
	must(version);
	return version;
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

/* The messages' differences; true where the stream is whole. */
static bool take_messages(struct client *client, uint8_t *bytes, size_t length)
{
	struct question question = { .name = apex,
		.type = DNS_IXFR,
		.has_serial = true,
		.serial = SERIAL };
	struct transfer transfer;
	enum transfer_state state = TRANSFER_MORE;

	transfer_begin(&transfer, &question);
	for (size_t at = 0; at + 2 <= length && state == TRANSFER_MORE;) {
		size_t one = (size_t)bytes[at] << 8 | bytes[at + 1];

		if (one > length - at - 2)
			return false;
		state = transfer_message(&transfer, bytes + at + 2, one, take, client);
		at += 2 + one;
	}
	return state == TRANSFER_DONE && transfer.form == TRANSFER_DIFFERENCES;
}

/* Three bytes an edit: what and whether it goes, whose, a number. */
static bool take_edits(struct client *client, const uint8_t *bytes, size_t length)
{
	static const uint8_t owners[4][10] = { "\1z\4test", "\1x\1z\4test", "\1y\1z\4test",
		"\1d\1z\4test" };
	uint8_t soa[] = "\1a\1z\4test\0\1b\1z\4test\0\0\0\0\7\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5";
	uint8_t ip[] = { 192, 0, 2, 0 }, text[] = { 1, 0 };

	for (; length >= 3; bytes += 3, length -= 3) {
		struct zone_record record = { owners[bytes[1] & 3], DNS_SOA, DNS_IN, 1, soa,
			sizeof(soa) - 1 };
		unsigned kind = bytes[0] >> 1 & 3;

		record.ttl += bytes[1] >> 7;
		soa[21] = ip[3] = text[1] = bytes[2];
		if (kind == 1)
			record.type = DNS_A, record.rdata = ip, record.rdata_length = 4;
		if (kind == 2)
			record.type = DNS_TXT, record.rdata = text, record.rdata_length = 2;
		if (kind == 3)
			record.type = DNS_CNAME, record.rdata = owners[bytes[2] & 3],
			record.rdata_length = (uint16_t)name_length(record.rdata);
		if (!take(client, &record, bytes[0] & 1))
			return false;
	}
	return true;
}

static bool same(const struct zone_version *a, const struct zone_version *b)
{
	struct difference *difference = difference_between(a, b);
	bool is_same = difference->records == 2 &&
		difference->gone.length == difference->come.length &&
		!memcmp(difference->gone.bytes, difference->come.bytes, difference->gone.length) &&
		a->record_count == b->record_count;

	difference_free(difference);
	return is_same;
}

/* By the journal's stream, as a client takes it. */
static void check_journal(struct zone_version *base, struct zone_version *version)
{
	struct journal journal = { 0 };
	struct client client = { .patch = zone_patch_new(base) };
	struct difference *steps = NULL;
	struct transfer_stream *stream;
	struct zone_version *again;

	journal_add(&journal, difference_between(base, version), version);
	stream = journal_stream(&journal, SERIAL, version);
	must(stream);
	stream->bytes.bytes[2 + MESSAGE_HEADER + (int)name_length(apex) + 1] = (char)DNS_IXFR;
	must(take_messages(&client, (uint8_t *)stream->bytes.bytes, stream->bytes.length));
	again = zone_patch_finish(client.patch, &steps, &client.fault);
	must(again && same(version, again) && steps->to == version->serial);
	zone_version_release(again);
	difference_free(steps);
	zone_patch_free(client.patch);
	journal_clear(&journal);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
	static struct zone_version *base; /* read by all inputs, for their speed; never freed */
	struct client client = { 0 };
	struct zone_version *version = NULL;
	struct difference *steps = NULL;
	uint8_t *copy = memory_resize(NULL, length ? length : 1, 1);
	bool whole = false;

	if (!base)
		base = base_version();
	client.patch = zone_patch_new(base);
	if (length) {
		memcpy(copy, data, length);
		whole = *copy == 'm' ? take_messages(&client, copy + 1, length - 1)
				     : take_edits(&client, copy + 1, length - 1);
	}
	if (whole)
		version = zone_patch_finish(client.patch, &steps, &client.fault);
	must(!whole || !version == !!client.fault.text[0]);
	if (version && serial_compare(version->serial, SERIAL) == SERIAL_AHEAD)
		check_journal(base, version);
	zone_version_release(version);
	difference_free(steps);
	zone_patch_free(client.patch);
	free(copy);
	return 0;
}
