#include "common/dns/message.h"

#include <string.h>

#include "common/dns/rdata.h"

enum { RCODE_BITS = 15, DO_BIT = 0x8000 };

static void read_header(struct wire_reader *reader, struct message *message)
{
	message->id = wire_read_u16(reader);
	message->flags = wire_read_u16(reader);
	message->opcode = message->flags >> 11 & 15;
	message->rcode = message->flags & RCODE_BITS;
	for (unsigned section = MESSAGE_QUESTIONS; section < MESSAGE_END; section++)
		message->counts[section] = wire_read_u16(reader);
}

static void read_question(struct wire_reader *reader, struct record *question)
{
	wire_read_name(reader, question->owner);
	question->type = wire_read_u16(reader);
	question->class = wire_read_u16(reader);
}

bool message_peek(const uint8_t *bytes, size_t length, struct message *message)
{
	struct wire_reader reader = wire_read(bytes, length);
	struct record another;

	*message = (struct message){ .bytes = bytes, .length = length };
	read_header(&reader, message);
	for (uint16_t i = 0; i < message->counts[MESSAGE_QUESTIONS] && !reader.failed; i++)
		read_question(&reader, i ? &another : &message->question);
	message->first = reader.at;
	return !reader.failed;
}

struct record_cursor message_records(const struct message *message)
{
	struct record_cursor cursor = {
		.message = message,
		.reader = wire_read(message->bytes, message->length),
		.section = MESSAGE_QUESTIONS,
	};

	cursor.reader.at = message->first;
	return cursor;
}

static void read_record(struct wire_reader *reader, struct record *record)
{
	wire_read_name(reader, record->owner);
	record->type = wire_read_u16(reader);
	record->class = wire_read_u16(reader);
	record->ttl = wire_read_u32(reader);
	record->rdata_length = wire_read_u16(reader);
	record->rdata = reader->at;
	wire_skip(reader, record->rdata_length);
}

bool message_next(struct record_cursor *cursor, struct record *record,
	enum message_section *section)
{
	if (cursor->failed)
		return false;
	while (!cursor->left && cursor->section < MESSAGE_ADDITIONAL)
		cursor->left = cursor->message->counts[++cursor->section];
	if (!cursor->left) {
		cursor->section = MESSAGE_END;
		return false;
	}
	cursor->left--;
	read_record(&cursor->reader, record);
	*section = cursor->section;
	cursor->failed = cursor->reader.failed;
	return !cursor->failed;
}

static bool options_whole(const struct message *message)
{
	struct wire_reader reader =
		wire_read(message->bytes, message->edns_options + message->edns_options_length);

	reader.at = message->edns_options;
	while (wire_left(&reader)) {
		wire_skip(&reader, 2);
		wire_skip(&reader, wire_read_u16(&reader));
	}
	return !reader.failed;
}

/* RFC 6891 6.1.1: one, of the root, in the additional section. */
bool message_take_edns(struct message *message, const struct record *record,
	enum message_section section)
{
	if (message->has_edns || section != MESSAGE_ADDITIONAL || record->owner[0])
		return false;
	message->has_edns = true;
	message->edns_udp_size = record->class;
	message->rcode = (uint16_t)(message->rcode | record->ttl >> 24 << 4);
	message->edns_version = record->ttl >> 16 & 0xff;
	message->dnssec_ok = record->ttl & DO_BIT;
	message->edns_options = record->rdata;
	message->edns_options_length = record->rdata_length;
	return options_whole(message);
}

bool message_parse(const uint8_t *bytes, size_t length, struct message *message)
{
	struct record_cursor cursor;
	struct record record;
	enum message_section section;
	size_t start;

	if (!message_peek(bytes, length, message))
		return false;
	cursor = message_records(message);
	for (start = cursor.reader.at; message_next(&cursor, &record, &section);
		start = cursor.reader.at) {
		if (message->tsig) /* RFC 8945 5.1: nothing behind it */
			return false;
		if (record.type == DNS_OPT && !message_take_edns(message, &record, section))
			return false;
		if (record.type == DNS_TSIG && section != MESSAGE_ADDITIONAL)
			return false;
		if (record.type == DNS_TSIG)
			message->tsig = start;
	}
	return !cursor.failed && cursor.reader.at == length;
}

bool message_edns_option(const struct message *message, uint16_t code, const uint8_t **value,
	uint16_t *length)
{
	struct wire_reader reader =
		wire_read(message->bytes, message->edns_options + message->edns_options_length);

	reader.at = message->edns_options;
	while (wire_left(&reader)) {
		uint16_t found = wire_read_u16(&reader);

		*length = wire_read_u16(&reader);
		*value = wire_read_bytes(&reader, *length);
		if (found == code)
			return !reader.failed;
	}
	return false;
}

size_t record_rdata(const struct message *message, const struct record *record, uint8_t *out,
	size_t capacity)
{
	struct wire_writer writer = wire_write(out, capacity);

	return rdata_expand(message, record, &writer) ? writer.length : 0;
}

bool record_soa(const struct message *message, const struct record *record, uint32_t *serial,
	struct soa_fields *fields)
{
	struct wire_reader reader = wire_read(message->bytes, record->rdata + record->rdata_length);

	memset(fields, 0, sizeof(*fields));
	reader.at = record->rdata;
	wire_read_name(&reader, fields->mname);
	wire_read_name(&reader, fields->rname);
	*serial = wire_read_u32(&reader);
	fields->refresh = wire_read_u32(&reader);
	fields->retry = wire_read_u32(&reader);
	fields->expire = wire_read_u32(&reader);
	fields->minimum = wire_read_u32(&reader);
	name_lower(fields->mname);
	name_lower(fields->rname);
	return record->type == DNS_SOA && !reader.failed && !wire_left(&reader);
}
