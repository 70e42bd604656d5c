/*
 * Whatever a server may send. What message_parse() passes must be readable to its end, its rdata of
 * the shape it has, and its text one line.
 */
#include <stdlib.h>
#include <string.h>

#include "common/dns/message.h"
#include "common/dns/rdata.h"
#include "common/dns/zone_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);
const char *__lsan_default_suppressions(void);

/* ldns 1.8.3 loses two bytes where it refuses a CERT of type 0. */
const char *__lsan_default_suppressions(void)
{
	return "leak:ldns_rdf_new_frm_data\n";
}

static void must(bool good)
{
	if (!good)
		abort();
}

static void check_text(const struct zone_record *record)
{
	struct text text = { 0 };

	zone_record_text(record, &text);
	must(text.length > 8 && !strchr(text.bytes, '\n') && strlen(text.bytes) == text.length);
	text_free(&text);
}

static void check_record(const struct message *message, const struct record *record)
{
	static uint8_t rdata[MESSAGE_MOST];
	struct wire_writer out = wire_write(rdata, sizeof(rdata));
	struct soa_fields fields;
	uint32_t serial;
	bool soa = record_soa(message, record, &serial, &fields);

	must(record->rdata + record->rdata_length <= message->length);
	if (!rdata_expand(message, record, &out)) {
		must(!soa && !record_rdata(message, record, rdata, sizeof(rdata)));
		return;
	}
	must(rdata_check(record->type, record->class, rdata, (uint16_t)out.length));
	must(record_rdata(message, record, rdata, sizeof(rdata)) == out.length);
	must(soa || record->type != DNS_SOA || record->class != DNS_IN);
	check_text(&(struct zone_record){
		.owner = record->owner,
		.type = record->type,
		.class = record->class,
		.ttl = record->ttl,
		.rdata = rdata,
		.rdata_length = (uint16_t)out.length,
	});
}

/* Every name of the message by what is remembered of it: the same. */
static void check_again(const struct message *message, const struct record_cursor *before,
	const struct record *record)
{
	static struct wire_suffixes suffixes;
	struct wire_reader reader = before->reader;
	uint8_t name[NAME_WIRE];
	size_t length;

	if (before->section == MESSAGE_QUESTIONS)
		wire_suffixes_forget(&suffixes);
	length = wire_read_name_again(&reader, &suffixes, name);
	must(length == name_length(record->owner) && !memcmp(name, record->owner, length));
	must(message->length >= reader.at && !reader.failed);
}

static void check_records(const struct message *message)
{
	struct record_cursor cursor = message_records(message), before;
	struct record record;
	enum message_section section;
	unsigned count = 0;

	for (before = cursor; message_next(&cursor, &record, &section); before = cursor) {
		count++;
		check_again(message, &before, &record);
		must(section > MESSAGE_QUESTIONS && section < MESSAGE_END);
		must(name_check(record.owner, sizeof(record.owner)));
		check_record(message, &record);
	}
	must(!cursor.failed);
	must(count == (unsigned)message->counts[1] + message->counts[2] + message->counts[3]);
}

/* Whatever the records are, their text is inside the packet. */
static void check_chaos(const struct message *message)
{
	uint8_t text[CHAOS_TEXT];

	must(message_chaos_text(message, message->question.owner, text) <= sizeof(text));
}

static void check_answer(const struct message *message)
{
	struct question question = {
		.name = message->question.owner,
		.type = message->question.type,
		.class = message->question.class,
		.id = message->id,
		.opcode = message->opcode,
	};
	struct soa_answer answer;
	const uint8_t *value;
	uint16_t length;

	if (message->counts[MESSAGE_QUESTIONS] == 1 && question.class)
		must(message_answers(message, &question, false) == !!(message->flags & DNS_QR));
	if (message_soa_answer(message, message->question.owner, &answer)) {
		must(!answer.ede_text ||
			answer.ede_text + answer.ede_text_length <=
				message->bytes + message->length);
		must(!answer.nsid ||
			answer.nsid + answer.nsid_length <= message->bytes + message->length);
	}
	for (uint16_t code = 0; code < 20; code++) {
		if (message_edns_option(message, code, &value, &length))
			must(message->has_edns &&
				value + length <= message->bytes + message->length);
	}
}

/* The short way comes out where the long way does. */
static void check_plain(const struct message *peeked)
{
	struct question question = { .name = peeked->question.owner,
		.type = DNS_SOA,
		.id = peeked->id };
	struct soa_answer plain = { 0 }, whole;
	struct message message;

	if (!message_plain_soa(peeked->bytes, peeked->length, &question, &plain))
		return;
	must(message_parse(peeked->bytes, peeked->length, &message));
	must(message_answers(&message, &question, false));
	must(message_soa_answer(&message, question.name, &whole));
	must(!memcmp(&plain, &whole, sizeof(plain)));
	/* And with the fields of an earlier answer, here its own. */
	must(message_plain_soa(peeked->bytes, peeked->length, &question, &plain));
	must(!memcmp(&plain, &whole, sizeof(plain)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
	struct message peeked, message;
	bool seen = message_peek(data, length, &peeked);

	if (seen && peeked.counts[MESSAGE_QUESTIONS] == 1)
		check_plain(&peeked);
	if (!message_parse(data, length, &message))
		return 0;
	must(seen && peeked.first == message.first);
	check_records(&message);
	check_answer(&message);
	check_chaos(&message);
	return 0;
}
