/* Transfer streams: what comes out, and every way in which they can be broken. */
#include <stdlib.h>

#include "common/base/text.h"
#include "common/dns/transfer.h"
#include "t/unit/packet.h"
#include "t/unit/tap.h"

/*
 * A stream in short: messages parted by '|'; in a message one letter a record: a digit is the SOA
 * with that serial, another letter is an A of that name, upper case letters are oddities. What
 * comes out is written the same way, each deletion behind a '-'.
 */
static const struct stream_story {
	const char *name;
	uint16_t type;
	uint32_t serial; /* asked with */
	const char *stream, *records;
	enum transfer_state want;
	const char *broken;
	enum transfer_form form;
} stories[] = {
	{ "AXFR in one message", DNS_AXFR, 0, "7ab7", "7ab", TRANSFER_DONE, NULL, TRANSFER_FULL },
	{ "AXFR of an SOA alone", DNS_AXFR, 0, "77", "7", TRANSFER_DONE, NULL, TRANSFER_FULL },
	{ "AXFR in a message a record", DNS_AXFR, 0, "7|a|b|7", "7ab", TRANSFER_DONE, NULL,
		TRANSFER_FULL },
	{ "AXFR, later messages with the question", DNS_AXFR, 0, "7|?a|?b7", "7ab", TRANSFER_DONE,
		NULL, TRANSFER_FULL },
	{ "AXFR, not yet whole", DNS_AXFR, 0, "7a|b", "7ab", TRANSFER_MORE, NULL, TRANSFER_FULL },
	{ "AXFR, the SOA only so far", DNS_AXFR, 0, "7", "", TRANSFER_MORE, NULL,
		TRANSFER_UNKNOWN },
	{ "AXFR with other sections", DNS_AXFR, 0, "7a7++", "7a", TRANSFER_DONE, NULL,
		TRANSFER_FULL },
	{ "AXFR, closed by another serial", DNS_AXFR, 0, "7a8", "7a", TRANSFER_BROKEN,
		"the closing SOA has another serial than the opening one", TRANSFER_FULL },
	{ "AXFR, records behind the end", DNS_AXFR, 0, "7a7b", "7a", TRANSFER_BROKEN,
		"records behind the end", TRANSFER_FULL },
	{ "AXFR, an SOA behind the end", DNS_AXFR, 0, "777", "7", TRANSFER_BROKEN,
		"records behind the end", TRANSFER_FULL },
	{ "AXFR, a message behind the end", DNS_AXFR, 0, "7a7|7", "7a", TRANSFER_BROKEN,
		"a message behind the end", TRANSFER_FULL },
	{ "AXFR without the SOA", DNS_AXFR, 0, "a7", "", TRANSFER_BROKEN,
		"the first record is no SOA", TRANSFER_UNKNOWN },
	{ "AXFR, empty", DNS_AXFR, 0, "", "", TRANSFER_BROKEN, "a message without records",
		TRANSFER_UNKNOWN },
	{ "AXFR, an empty message between", DNS_AXFR, 0, "7a||7", "7a", TRANSFER_BROKEN,
		"a message without records", TRANSFER_FULL },
	{ "AXFR answered with differences", DNS_AXFR, 0, "767", "7", TRANSFER_BROKEN,
		"the closing SOA has another serial than the opening one", TRANSFER_FULL },
	{ "a record outside the zone", DNS_AXFR, 0, "7aO", "7a", TRANSFER_BROKEN,
		"a record outside the zone", TRANSFER_FULL },
	{ "the parent's SOA", DNS_AXFR, 0, "P", "", TRANSFER_BROKEN, "a record outside the zone",
		TRANSFER_UNKNOWN },
	{ "a child's SOA", DNS_AXFR, 0, "7S", "", TRANSFER_BROKEN,
		"an SOA of another name than the zone's", TRANSFER_UNKNOWN },
	{ "a record of another class", DNS_AXFR, 0, "7C", "", TRANSFER_BROKEN,
		"a record of another class", TRANSFER_UNKNOWN },
	{ "a record of a question's type", DNS_AXFR, 0, "7Q", "", TRANSFER_BROKEN,
		"a record of a type that can't be in a zone", TRANSFER_UNKNOWN },
	{ "a record with malformed rdata", DNS_AXFR, 0, "7aM", "7a", TRANSFER_BROKEN,
		"malformed rdata", TRANSFER_FULL },
	{ "the receiver has enough at its SOA", DNS_AXFR, 0, "9a9", "9", TRANSFER_BROKEN, "stopped",
		TRANSFER_FULL },
	{ "the receiver has enough", DNS_AXFR, 0, "7aXb7", "7aX", TRANSFER_BROKEN, "stopped",
		TRANSFER_FULL },

	{ "IXFR: up to date", DNS_IXFR, 7, "7", "", TRANSFER_CURRENT, NULL, TRANSFER_UNKNOWN },
	{ "IXFR: the server is older", DNS_IXFR, 8, "7", "", TRANSFER_CURRENT, NULL,
		TRANSFER_UNKNOWN },
	{ "IXFR: the server is 2^31 apart", DNS_IXFR, 0x80000007, "7", "", TRANSFER_CURRENT, NULL,
		TRANSFER_UNKNOWN },
	{ "IXFR: a newer SOA alone is not the end", DNS_IXFR, 6, "7", "", TRANSFER_MORE, NULL,
		TRANSFER_UNKNOWN },
	{ "IXFR: nor where ours is about to wrap", DNS_IXFR, 0xffffffff, "7", "", TRANSFER_MORE,
		NULL, TRANSFER_UNKNOWN },
	{ "IXFR as PowerDNS answers: the SOA, then the zone", DNS_IXFR, 6, "7|ab7", "7ab",
		TRANSFER_DONE, NULL, TRANSFER_FULL },
	{ "IXFR as a full zone", DNS_IXFR, 6, "7ab7", "7ab", TRANSFER_DONE, NULL, TRANSFER_FULL },
	{ "IXFR as a full zone of an SOA alone", DNS_IXFR, 6, "77", "7", TRANSFER_DONE, NULL,
		TRANSFER_FULL },
	{ "IXFR as a full zone of our own serial", DNS_IXFR, 7, "7ab7", "7ab", TRANSFER_DONE, NULL,
		TRANSFER_FULL },
	{ "IXFR: differences in one step", DNS_IXFR, 6, "76a7b7", "-6-a7b", TRANSFER_DONE, NULL,
		TRANSFER_DIFFERENCES },
	{ "IXFR: only additions", DNS_IXFR, 6, "767b7", "-67b", TRANSFER_DONE, NULL,
		TRANSFER_DIFFERENCES },
	{ "IXFR: only deletions", DNS_IXFR, 6, "76a77", "-6-a7", TRANSFER_DONE, NULL,
		TRANSFER_DIFFERENCES },
	{ "IXFR: only the serial", DNS_IXFR, 6, "7677", "-67", TRANSFER_DONE, NULL,
		TRANSFER_DIFFERENCES },
	{ "IXFR: two steps", DNS_IXFR, 5, "75a6b6c7d7", "-5-a6b-6-c7d", TRANSFER_DONE, NULL,
		TRANSFER_DIFFERENCES },
	{ "IXFR: two steps, a message a record", DNS_IXFR, 5, "7|5|a|6|b|6|c|7|d|7", "-5-a6b-6-c7d",
		TRANSFER_DONE, NULL, TRANSFER_DIFFERENCES },
	{ "IXFR: not yet whole", DNS_IXFR, 5, "75a6b", "-5-a6b", TRANSFER_MORE, NULL,
		TRANSFER_DIFFERENCES },
	{ "IXFR: from another serial", DNS_IXFR, 4, "75a6b6", "", TRANSFER_BROKEN,
		"the differences begin at another serial than was asked for", TRANSFER_UNKNOWN },
	{ "IXFR: steps that do not join", DNS_IXFR, 5, "75a6b7", "-5-a6b", TRANSFER_BROKEN,
		"a difference does not begin where the last one ended", TRANSFER_DIFFERENCES },
	{ "IXFR: the end comes in the middle", DNS_IXFR, 4, "74a5b7", "-4-a5b", TRANSFER_BROKEN,
		"a difference does not begin where the last one ended", TRANSFER_DIFFERENCES },
	{ "IXFR: records behind the end", DNS_IXFR, 6, "76a7b7c", "-6-a7b", TRANSFER_BROKEN,
		"records behind the end", TRANSFER_DIFFERENCES },
	{ "IXFR: closed by another serial", DNS_IXFR, 6, "7ab8", "7ab", TRANSFER_BROKEN,
		"the closing SOA has another serial than the opening one", TRANSFER_FULL },
	{ "IXFR: the receiver has enough", DNS_IXFR, 6, "76X7", "-6-X", TRANSFER_BROKEN, "stopped",
		TRANSFER_DIFFERENCES },
	{ "IXFR: a message behind 'up to date'", DNS_IXFR, 7, "7|ab7", "", TRANSFER_BROKEN,
		"a message behind the end", TRANSFER_UNKNOWN },

	{ "another id", DNS_AXFR, 0, "I7a7", "", TRANSFER_BROKEN, "another id", TRANSFER_UNKNOWN },
	{ "a later message with another id", DNS_AXFR, 0, "7|I7", "", TRANSFER_BROKEN, "another id",
		TRANSFER_UNKNOWN },
	{ "a question instead of an answer", DNS_AXFR, 0, "R7a7", "", TRANSFER_BROKEN, "no answer",
		TRANSFER_UNKNOWN },
	{ "another opcode", DNS_AXFR, 0, "N7a7", "", TRANSFER_BROKEN, "no answer",
		TRANSFER_UNKNOWN },
	{ "truncated", DNS_AXFR, 0, "T7a7", "", TRANSFER_BROKEN, "truncated", TRANSFER_UNKNOWN },
	{ "the first message without question", DNS_AXFR, 0, "W7a7", "", TRANSFER_BROKEN,
		"the first message lacks the question", TRANSFER_UNKNOWN },
	{ "a question of another name", DNS_AXFR, 0, "D7a7", "", TRANSFER_BROKEN,
		"another question", TRANSFER_UNKNOWN },
	{ "a question of another type", DNS_AXFR, 0, "E7a7", "", TRANSFER_BROKEN,
		"another question", TRANSFER_UNKNOWN },
	{ "two questions", DNS_AXFR, 0, "F7a7", "", TRANSFER_BROKEN, "another question",
		TRANSFER_UNKNOWN },
	{ "a later message with another question", DNS_AXFR, 0, "7|?D7", "", TRANSFER_BROKEN,
		"another question", TRANSFER_UNKNOWN },
	{ "a cut message", DNS_AXFR, 0, "7|a7Z", "7a", TRANSFER_BROKEN, "malformed message",
		TRANSFER_FULL },
	{ "AXFR, closed by another SOA of the same serial", DNS_AXFR, 0, "7aV", "7a",
		TRANSFER_BROKEN,
		"the closing SOA has the opening one's serial, but differs from it",
		TRANSFER_FULL },
	{ "AXFR, closed by an SOA of another TTL", DNS_AXFR, 0, "7aL", "7a", TRANSFER_BROKEN,
		"the closing SOA has the opening one's serial, but differs from it",
		TRANSFER_FULL },
	{ "AXFR, closed by the SOA in upper case", DNS_AXFR, 0, "7aU", "7a", TRANSFER_DONE, NULL,
		TRANSFER_FULL },
	{ "IXFR: closed by another SOA of the same serial", DNS_IXFR, 6, "76a7bV", "-6-a7b",
		TRANSFER_BROKEN,
		"the closing SOA has the opening one's serial, but differs from it",
		TRANSFER_DIFFERENCES },
	{ "AXFR, closed by an SOA that is cut", DNS_AXFR, 0, "7aK", "7a", TRANSFER_BROKEN,
		"malformed rdata", TRANSFER_FULL },
	{ "a signature among the authorities", DNS_AXFR, 0, "7a7G", "7a", TRANSFER_BROKEN,
		"malformed message", TRANSFER_FULL },
	{ "two signatures", DNS_AXFR, 0, "7a7+HH", "7a", TRANSFER_BROKEN, "malformed message",
		TRANSFER_FULL },
	{ "EDNS twice", DNS_AXFR, 0, "7a7+JJ", "7a", TRANSFER_BROKEN, "malformed message",
		TRANSFER_FULL },
	{ "an empty message that is cut", DNS_AXFR, 0, "Y", "", TRANSFER_BROKEN,
		"malformed message", TRANSFER_UNKNOWN },
	{ "owners that repeat are the same", DNS_AXFR, 0, "7aaab|ba7", "7aaabba", TRANSFER_DONE,
		NULL, TRANSFER_FULL },
};

#define CHILD ((const uint8_t *)"\5child\7example\3com")

static void add_a(struct packet *packet, char letter)
{
	uint8_t owner[] = "\1?\7example\3com";

	owner[1] = (uint8_t)letter;
	add(packet, MESSAGE_ANSWER, owner, DNS_A, "\300\0\2\1", 4);
}

/* Oddities of the header, which come first. */
static bool add_header_oddity(struct packet *packet, char letter)
{
	switch (letter) {
	case 'I':
		packet->bytes[0]++;
		return true;
	case 'R':
		packet->bytes[2] &= 0x7f;
		return true;
	case 'N':
		packet->bytes[2] |= DNS_NOTIFY << 3;
		return true;
	case 'T':
		packet->bytes[2] |= DNS_TC >> 8;
		return true;
	case 'D':
		packet->bytes[13] = 'x';
		return true;
	case 'E':
		packet->bytes[26] = DNS_SOA;
		return true;
	case 'F':
		add_question(packet, ZONE, DNS_AXFR);
		return true;
	case 'W':
		packet->bytes[5] = 0;
		packet->out.length = MESSAGE_HEADER;
		return true;
	}
	return false;
}

/* A compressed name in the question's place is not needed where it has none: the SOA's pointers
 * lead to itself then. */
static void add_serial(struct packet *packet, const uint8_t *owner, char digit)
{
	static const uint8_t rdata[] = "\3ns1\0\4host\0\0\0\0\0\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4";
	uint8_t soa[sizeof(rdata) - 1];

	memcpy(soa, rdata, sizeof(soa));
	soa[14] = (uint8_t)(digit >= '0' && digit <= '9' ? digit - '0' : 7);
	if (digit == 'V')
		soa[sizeof(soa) - 1]++;
	if (digit == 'U')
		memcpy(soa, "\3NS1\0\4HOST", 10);
	add_raw(packet, MESSAGE_ANSWER, owner, DNS_SOA, DNS_IN, digit == 'L' ? 1 : 300, soa,
		sizeof(soa));
}

static void add_letter(struct packet *packet, char letter)
{
	if (add_header_oddity(packet, letter))
		return;
	if ((letter >= '0' && letter <= '9') || strchr("VLU", letter))
		add_serial(packet, ZONE, letter);
	else if (letter == 'O')
		add(packet, MESSAGE_ANSWER, (const uint8_t *)"\7example\3net", DNS_A, "\300\0\2\1",
			4);
	else if (letter == 'P')
		add_serial(packet, (const uint8_t *)"\3com", '1');
	else if (letter == 'S')
		add_serial(packet, CHILD, '1');
	else if (letter == 'C')
		add_raw(packet, MESSAGE_ANSWER, ZONE, DNS_A, DNS_CH, 0, "\300\0\2\1", 4);
	else if (letter == 'Q')
		add(packet, MESSAGE_ANSWER, ZONE, DNS_ANY, "", 0);
	else if (letter == 'M')
		add(packet, MESSAGE_ANSWER, ZONE, DNS_A, "\300\0\2", 3);
	else if (letter == '+')
		add(packet, packet->bytes[9] ? MESSAGE_ADDITIONAL : MESSAGE_AUTHORITY, ZONE, DNS_NS,
			"\1a\0", 3);
	else if (letter == 'K')
		add(packet, MESSAGE_ANSWER, ZONE, DNS_SOA, "\1a\0\1b\0\0", 7);
	else if (letter == 'G')
		add(packet, MESSAGE_AUTHORITY, ZONE, DNS_TSIG, "", 0);
	else if (letter == 'H')
		add(packet, MESSAGE_ADDITIONAL, ZONE, DNS_TSIG, "", 0);
	else if (letter == 'J')
		add_edns(packet, "", 0);
	else if (letter == 'Y')
		count(packet, MESSAGE_AUTHORITY);
	else if (letter == 'Z')
		packet->out.length--;
	else
		add_a(packet, letter);
}

static void begin_message(struct packet *packet, uint16_t type, bool with_question)
{
	begin(packet, 0x8400);
	if (with_question)
		add_question(packet, ZONE, type);
}

static bool take_record(void *context, const struct zone_record *record, bool deleting)
{
	struct text *records = context;
	char letter = (char)record->owner[1];

	if (record->type == DNS_SOA)
		letter = (char)('0' + record->rdata[14]);
	if (deleting)
		text_add_byte(records, '-');
	text_add_byte(records, letter);
	return letter != 'X' && letter != '9';
}

static struct transfer begin_transfer(uint16_t type, uint32_t serial)
{
	struct question question = { .name = ZONE,
		.type = type,
		.id = 4711,
		.has_serial = true,
		.serial = serial };
	struct transfer transfer;

	transfer_begin(&transfer, &question);
	return transfer;
}

static enum transfer_state bring(struct transfer *transfer, struct packet *packet,
	struct text *records)
{
	return transfer_message(transfer, packet->bytes, packet->out.length, take_record, records);
}

static enum transfer_state play(struct transfer *transfer, const char *stream, struct text *records)
{
	enum transfer_state state = TRANSFER_MORE;
	struct packet packet;
	bool first = true;

	for (; first || *stream; first = false) {
		begin_message(&packet, transfer->question.type, first || *stream == '?');
		stream += !first && *stream == '?';
		for (; *stream && *stream != '|'; stream++)
			add_letter(&packet, *stream);
		stream += *stream == '|';
		state = bring(transfer, &packet, records);
	}
	return state;
}

static void test_streams(void)
{
	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		const struct stream_story *story = &stories[i];
		struct transfer transfer = begin_transfer(story->type, story->serial);
		struct text records = { 0 };

		is_integer(play(&transfer, story->stream, &records), story->want, story->name);
		is_string(text_string(&records), story->records, "  its records");
		is_string(transfer.broken, story->broken, "  what is broken");
		is_integer(transfer.form, story->form, "  its form");
		text_free(&records);
	}
}

static void test_counts(void)
{
	struct transfer transfer = begin_transfer(DNS_AXFR, 0);
	struct text records = { 0 };

	play(&transfer, "7a|b|c7", &records);
	ok(transfer.serial == 7 && transfer.records == 4 && transfer.messages == 3,
		"serial, records, messages");
	is_integer((int64_t)transfer.bytes, 12 + 17 + 54 + 29 + 12 + 29 + 12 + 29 + 54, "bytes");
	text_free(&records);
}

/* An rcode ends it, with or without question, first or later. */
static void test_refused(void)
{
	static const struct {
		const char *name, *before;
		uint16_t rcode;
		bool question;
	} refusals[] = {
		{ "REFUSED", NULL, DNS_REFUSED, true },
		{ "NOTAUTH", NULL, DNS_NOTAUTH, true },
		{ "FORMERR without question", NULL, DNS_FORMERR, false },
		{ "SERVFAIL in the middle", "7ab", DNS_SERVFAIL, false },
	};

	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		struct transfer transfer = begin_transfer(DNS_AXFR, 0);
		struct text records = { 0 };
		struct packet packet;

		if (refusals[i].before)
			play(&transfer, refusals[i].before, &records);
		begin_message(&packet, DNS_AXFR, refusals[i].question);
		packet.bytes[3] = (uint8_t)refusals[i].rcode;
		is_integer(bring(&transfer, &packet, &records), TRANSFER_REFUSED, refusals[i].name);
		is_integer(transfer.rcode, refusals[i].rcode, "  its rcode");
		is_integer(bring(&transfer, &packet, &records), TRANSFER_BROKEN, "  is the end");
		text_free(&records);
	}
}

/* The SOA's TTL, class and names come through, decompressed; a zone in upper case is the same zone.
 */
static bool take_soa(void *context, const struct zone_record *record, bool deleting)
{
	struct text *out = context;

	(void)deleting;
	zone_record_text(record, out);
	return true;
}

static void test_opening_soa(void)
{
	struct transfer transfer = begin_transfer(DNS_AXFR, 0);
	struct packet packet;
	struct text out = { 0 };

	begin_message(&packet, DNS_AXFR, true);
	add_soa(&packet, MESSAGE_ANSWER, (const uint8_t *)"\7EXAMPLE\3COM", 2026112201);
	add_soa(&packet, MESSAGE_ANSWER, ZONE, 2026112201);
	is_integer(transfer_message(&transfer, packet.bytes, packet.out.length, take_soa, &out),
		TRANSFER_DONE, "compressed SOAs");
	is_string(text_string(&out),
		"example.com.\t300\tIN\tSOA\tNs1.example.com. hostmaster.example.com. 2026112201 10800 3600 604800 300",
		"  come out whole");
	text_free(&out);
}

/* In class CH, where rdata is taken as it stands, an SOA must still be one. */
static void test_other_class(void)
{
	struct question question = { .name = ZONE, .type = DNS_AXFR, .class = DNS_CH, .id = 4711 };
	struct transfer transfer;
	struct packet packet;
	struct text out = { 0 };

	transfer_begin(&transfer, &question);
	begin_message(&packet, DNS_AXFR, true);
	packet.bytes[packet.out.length - 1] = DNS_CH;
	add_raw(&packet, MESSAGE_ANSWER, ZONE, DNS_SOA, DNS_CH, 0, "abc", 3);
	is_integer(bring(&transfer, &packet, &out), TRANSFER_BROKEN,
		"an SOA of three bytes in class CH");
	is_string(transfer.broken, "malformed rdata", "  is malformed");
	text_free(&out);
}

/* Records where they stand: owners that servers compress to a pointer at the one before are not
 * read again. */
struct seen_items {
	uint8_t owner[NAME_WIRE];
	struct text same;
};

static const char *take_item(void *context, const struct transfer_item *item)
{
	struct seen_items *seen = context;
	bool equal = !memcmp(seen->owner, item->record->owner, item->owner_length);

	ok(item->owner_length == name_length(item->record->owner), "the owner's length");
	ok(equal || !item->same_owner, "an owner said to be the same is");
	memcpy(seen->owner, item->record->owner, item->owner_length);
	text_add_byte(&seen->same, item->same_owner ? '=' : '.');
	return item->record->ttl == 666 ? "enough" : NULL;
}

static void add_pointed(struct packet *packet, uint16_t target, uint32_t ttl)
{
	count(packet, MESSAGE_ANSWER);
	wire_write_u16(&packet->out, (uint16_t)(0xc000 | target));
	wire_write_u16(&packet->out, DNS_A);
	wire_write_u16(&packet->out, DNS_IN);
	wire_write_u32(&packet->out, ttl);
	wire_write_u16(&packet->out, 4);
	wire_write_bytes(&packet->out, "\300\0\2\1", 4);
}

static void test_items(void)
{
	struct transfer transfer = begin_transfer(DNS_AXFR, 0);
	struct seen_items seen = { 0 };
	struct packet packet;
	uint16_t www;

	begin_message(&packet, DNS_AXFR, true);
	add_serial(&packet, ZONE, '7');
	www = (uint16_t)packet.out.length;
	add_a(&packet, 'w');
	add_pointed(&packet, www, 1);
	add_pointed(&packet, www, 2);
	add_pointed(&packet, MESSAGE_HEADER, 3);
	add_pointed(&packet, MESSAGE_HEADER, 4);
	add_pointed(&packet, www, 5);
	is_integer(transfer_message_items(&transfer, packet.bytes, packet.out.length, take_item,
			   &seen),
		TRANSFER_MORE, "compressed owners");
	is_string(text_string(&seen.same), "..==.=.", "  are read when they change");
	begin_message(&packet, DNS_AXFR, false);
	add_a(&packet, 'w');
	add_pointed(&packet, MESSAGE_HEADER, 666);
	add_pointed(&packet, MESSAGE_HEADER, 7);
	is_integer(transfer_message_items(&transfer, packet.bytes, packet.out.length, take_item,
			   &seen),
		TRANSFER_BROKEN, "the receiver has enough");
	is_string(transfer.broken, "enough", "  and says why");
	is_string(text_string(&seen.same), "..==.=..=", "  another message has other pointers");
	is_integer((int64_t)transfer.records, 9, "  records handed over are counted");
	text_free(&seen.same);
}

/* An rcode that only EDNS tells (RFC 6891 6.1.3), and a NOERROR that says nothing. */
static void test_empty_answers(void)
{
	struct transfer transfer = begin_transfer(DNS_AXFR, 0);
	struct text records = { 0 };
	struct packet packet;

	begin_message(&packet, DNS_AXFR, true);
	add_raw(&packet, MESSAGE_ADDITIONAL, (const uint8_t *)"", DNS_OPT, 1232, 0x01000000, "", 0);
	is_integer(bring(&transfer, &packet, &records), TRANSFER_REFUSED, "BADVERS");
	is_integer(transfer.rcode, DNS_BADVERS, "  is an rcode of 12 bits");
	transfer = begin_transfer(DNS_AXFR, 0);
	begin_message(&packet, DNS_AXFR, true);
	add_edns(&packet, "", 0);
	is_integer(bring(&transfer, &packet, &records), TRANSFER_BROKEN, "NOERROR without records");
	is_string(transfer.broken, "a message without records", "  is no zone");
	ok(transfer.message.has_edns, "the last message's EDNS is kept");
	text_free(&records);
}

int main(void)
{
	test_streams();
	test_items();
	test_empty_answers();
	test_counts();
	test_refused();
	test_opening_soa();
	test_other_class();
	return done_testing();
}
