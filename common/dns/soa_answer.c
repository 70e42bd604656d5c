/* What one answer to an SOA question says. */
#include <stddef.h>
#include <string.h>

#include "common/dns/message.h"
#include "common/dns/serial.h"

static bool take_soa(const struct message *message, const struct record *record,
	struct soa_answer *answer)
{
	struct soa_fields again;
	uint32_t serial;

	if (!answer->has_soa) {
		answer->has_soa = record_soa(message, record, &answer->serial, &answer->fields);
		return answer->has_soa;
	}
	if (!record_soa(message, record, &serial, &again))
		return false;
	answer->soa_repeated |= serial != answer->serial;
	return true;
}

/* RFC 4034 3.1: type covered, algorithm, labels, original TTL, expiration, inception, key tag,
 * signer, signature. */
static bool take_signature(const struct message *message, const struct record *record,
	struct soa_answer *answer)
{
	struct wire_reader reader = wire_read(message->bytes, record->rdata + record->rdata_length);
	uint8_t signer[NAME_WIRE];
	uint16_t covered;
	uint32_t expiration, inception;

	reader.at = record->rdata;
	covered = wire_read_u16(&reader);
	wire_skip(&reader, 1 + 1 + 4);
	expiration = wire_read_u32(&reader);
	inception = wire_read_u32(&reader);
	wire_skip(&reader, 2);
	wire_read_name(&reader, signer);
	if (reader.failed)
		return false;
	if (covered != DNS_SOA)
		return true;
	if (answer->has_signature &&
		serial_compare(expiration, answer->signature_expiration) != SERIAL_AHEAD)
		return true;
	answer->has_signature = true;
	answer->signature_expiration = expiration;
	answer->signature_inception = inception;
	return true;
}

static bool take_answer(const struct message *message, const uint8_t *zone,
	const struct record *record, struct soa_answer *answer)
{
	if (record->class != DNS_IN || !name_equal(record->owner, zone))
		return true;
	if (record->type == DNS_SOA)
		return take_soa(message, record, answer);
	if (record->type == DNS_RRSIG)
		return take_signature(message, record, answer);
	return true;
}

static void take_ede(const struct message *message, struct soa_answer *answer)
{
	struct wire_reader reader;
	const uint8_t *value;
	uint16_t length;

	if (!message_edns_option(message, EDNS_EDE, &value, &length) || length < 2)
		return;
	reader = wire_read(value, length);
	answer->has_ede = true;
	answer->ede_code = wire_read_u16(&reader);
	while (length > 2 && !value[length - 1]) /* RFC 8914 2: may end in NUL */
		length--;
	answer->ede_text_length = (uint16_t)(length - 2);
	answer->ede_text = length > 2 ? value + 2 : NULL;
}

static void take_options(const struct message *message, struct soa_answer *answer)
{
	struct wire_reader reader;
	const uint8_t *value;
	uint16_t length;

	if (!message->edns_options_length)
		return;
	if (message_edns_option(message, EDNS_EXPIRE, &value, &length) && length == 4) {
		reader = wire_read(value, length);
		answer->has_expire = true;
		answer->expire_s = wire_read_u32(&reader);
	}
	if (message_edns_option(message, EDNS_NSID, &value, &length) && length) {
		answer->nsid = value;
		answer->nsid_length = length;
	}
	take_ede(message, answer);
}

bool message_soa_answer(const struct message *message, const uint8_t *zone,
	struct soa_answer *answer)
{
	struct record_cursor cursor = message_records(message);
	struct record record;
	enum message_section section;

	memset(answer, 0, sizeof(*answer));
	answer->rcode = message->rcode;
	answer->authoritative = message->flags & DNS_AA;
	answer->truncated = message->flags & DNS_TC;
	answer->has_edns = message->has_edns;
	while (message_next(&cursor, &record, &section) && section < MESSAGE_ADDITIONAL) {
		if (section == MESSAGE_ANSWER && !take_answer(message, zone, &record, answer))
			return false;
	}
	take_options(message, answer);
	return !cursor.failed;
}

/* --- The short way ------------------------------------------------------------------------------
 */

enum { TO_QUESTION = 0xc000 | MESSAGE_HEADER, SOA_NUMBERS = 20 };

/* An answer to this question, NOERROR and whole; where the records begin, or 0. */
static size_t plain_head(const uint8_t *bytes, size_t length, const struct question *question)
{
	size_t name = name_length(question->name), records = MESSAGE_HEADER + name + 4;
	unsigned must_not = 15U << 11 | DNS_TC | 15U; /* opcode, truncated, rcode */

	if (length < records || wire_u16(bytes) != question->id ||
		(wire_u16(bytes + 2) & (DNS_QR | must_not)) != DNS_QR || wire_u16(bytes + 4) != 1 ||
		memcmp(bytes + MESSAGE_HEADER, question->name, name) ||
		wire_u16(bytes + records - 4) != DNS_SOA || wire_u16(bytes + records - 2) != DNS_IN)
		return 0;
	return records;
}

enum { RECORD_HEAD = 10 }; /* type, class, TTL, length */

/* As message_next() reads one, but owners that are the zone or the root are not copied. */
static bool plain_record(struct wire_reader *reader, struct record *record, bool *of_zone)
{
	const uint8_t *at = reader->bytes + reader->at;
	size_t left = reader->length - reader->at;

	*of_zone = left >= 2 && wire_u16(at) == TO_QUESTION;
	record->owner[0] = 0;
	if (*of_zone)
		reader->at += 2;
	else if (left && !*at)
		reader->at++;
	else if (!wire_read_name(reader, record->owner))
		return false;
	left = reader->length - reader->at;
	if (left < RECORD_HEAD)
		return false;
	at = reader->bytes + reader->at;
	record->type = wire_u16(at);
	record->class = wire_u16(at + 2);
	record->ttl = wire_u32(at + 4);
	record->rdata_length = wire_u16(at + 8);
	record->rdata = reader->at + RECORD_HEAD;
	if (left - RECORD_HEAD < record->rdata_length)
		return false;
	reader->at = record->rdata + record->rdata_length;
	return true;
}

/* In lower case; `name` may be it already. */
static bool plain_name(struct wire_reader *reader, uint8_t name[NAME_WIRE])
{
	if (wire_match_name(reader, name))
		return true;
	memset(name, 0, NAME_WIRE);
	if (!wire_read_name(reader, name))
		return false;
	name_lower(name);
	return true;
}

/* As record_soa() reads one. */
static bool plain_soa(const struct message *message, const struct record *record,
	struct soa_answer *answer)
{
	struct wire_reader reader = wire_read(message->bytes, record->rdata + record->rdata_length);
	struct soa_fields *fields = &answer->fields;
	const uint8_t *numbers;

	reader.at = record->rdata;
	if (answer->has_soa || !plain_name(&reader, fields->mname) ||
		!plain_name(&reader, fields->rname) || reader.length - reader.at != SOA_NUMBERS)
		return false;
	answer->has_soa = true;
	numbers = reader.bytes + reader.at;
	answer->serial = wire_u32(numbers);
	fields->refresh = wire_u32(numbers + 4);
	fields->retry = wire_u32(numbers + 8);
	fields->expire = wire_u32(numbers + 12);
	fields->minimum = wire_u32(numbers + 16);
	return true;
}

/* False: it is not as plain as that. */
static bool plain_take(struct message *message, enum message_section section,
	const struct record *record, bool of_zone, struct soa_answer *answer)
{
	if (record->type == DNS_TSIG)
		return false;
	if (record->type == DNS_OPT)
		return !of_zone && message_take_edns(message, record, section);
	if (section != MESSAGE_ANSWER)
		return true;
	if (!of_zone || record->class != DNS_IN)
		return false;
	if (record->type == DNS_RRSIG)
		return take_signature(message, record, answer);
	return record->type == DNS_SOA && plain_soa(message, record, answer);
}

static bool plain_records(struct message *message, struct soa_answer *answer)
{
	struct wire_reader reader = wire_read(message->bytes, message->length);
	struct record record;
	bool of_zone;

	reader.at = message->first;
	for (enum message_section section = MESSAGE_ANSWER; section < MESSAGE_END; section++) {
		for (unsigned i = wire_u16(message->bytes + 4 + 2 * (size_t)section); i > 0; i--) {
			if (!plain_record(&reader, &record, &of_zone) ||
				!plain_take(message, section, &record, of_zone, answer))
				return false;
		}
	}
	return !wire_left(&reader);
}

bool message_plain_soa(const uint8_t *bytes, size_t length, const struct question *question,
	struct soa_answer *answer)
{
	struct message message;

	message.first = plain_head(bytes, length, question);
	if (!message.first)
		return false;
	message.bytes = bytes;
	message.length = length;
	message.rcode = DNS_NOERROR;
	message.has_edns = false;
	message.edns_options = message.edns_options_length = 0;
	memset(answer, 0, offsetof(struct soa_answer, fields));
	if (!plain_records(&message, answer) || !answer->has_soa || message.rcode != DNS_NOERROR)
		return false;
	answer->authoritative = wire_u16(bytes + 2) & DNS_AA;
	answer->has_edns = message.has_edns;
	take_options(&message, answer);
	return true;
}
