#include "common/dns/transfer.h"

#include <string.h>

#include "common/dns/rdata.h"
#include "common/dns/serial.h"

enum { SOA_NUMBERS = 5 * 4, META_FIRST = 128, META_LAST = 255, POINTER = 0xc0, FIELDS = 10 };

/* To whom items are handed. */
struct taker {
	transfer_take_item *each;
	void *context;
};

void transfer_begin(struct transfer *transfer, const struct question *question)
{
	*transfer = (struct transfer){ .question = *question,
		.zone_length = (uint8_t)name_length(question->name) };
	if (!transfer->question.class)
		transfer->question.class = DNS_IN;
}

static enum transfer_state breaks(struct transfer *transfer, const char *how)
{
	transfer->broken = how;
	transfer->state = TRANSFER_BROKEN;
	return TRANSFER_BROKEN;
}

static enum transfer_state hand_item(struct transfer *transfer, const struct taker *taker,
	const struct transfer_item *item)
{
	const char *trouble;

	transfer->records++;
	trouble = taker->each(taker->context, item);
	return trouble ? breaks(transfer, trouble) : TRANSFER_MORE;
}

static enum transfer_state hand_over(struct transfer *transfer, const struct taker *taker,
	bool deleting)
{
	struct transfer_item item = {
		.message = &transfer->message,
		.record = &transfer->at,
		.owner_length = transfer->at_length,
		.same_owner = !transfer->owner_is_other,
		.deleting = deleting,
	};

	transfer->owner_is_other = false;
	return hand_item(transfer, taker, &item);
}

/* The opening SOA was kept: its message may be gone. */
static enum transfer_state hand_opening(struct transfer *transfer, const struct taker *taker)
{
	struct message kept = { .bytes = transfer->soa, .length = transfer->soa_length };
	struct record soa = {
		.type = DNS_SOA,
		.class = transfer->question.class,
		.ttl = transfer->soa_ttl,
		.rdata_length = transfer->soa_length,
	};
	struct transfer_item item = {
		.message = &kept,
		.record = &soa,
		.owner_length = transfer->zone_length,
	};

	memcpy(soa.owner, transfer->question.name, transfer->zone_length);
	transfer->owner_is_other = true;
	return hand_item(transfer, taker, &item);
}

/* An SOA's rdata in full. Class IN is not said here: an SOA must have its shape in any. */
static bool read_soa(const struct transfer *transfer, struct wire_writer *out, uint32_t *serial)
{
	struct wire_reader numbers;

	if (!rdata_expand(&transfer->message, &transfer->at, out) ||
		!rdata_check(DNS_SOA, DNS_IN, out->bytes, (uint16_t)out->length))
		return false;
	numbers = wire_read(out->bytes, out->length);
	numbers.at = out->length - SOA_NUMBERS;
	*serial = wire_read_u32(&numbers);
	return true;
}

/* Names compare without regard to case (RFC 4343). */
static bool same_soa_rdata(const uint8_t *a, const uint8_t *b, size_t length)
{
	size_t mname = name_length(a), names = mname + name_length(a + mname);

	return name_equal(a, b) && name_equal(a + mname, b + mname) &&
		!memcmp(a + names, b + names, length - names);
}

/* RFC 5936 2.2: the same record begins and ends a transfer. */
static enum transfer_state close_stream(struct transfer *transfer, const struct wire_writer *soa)
{
	if (soa->length != transfer->soa_length || transfer->at.ttl != transfer->soa_ttl ||
		!same_soa_rdata(soa->bytes, transfer->soa, soa->length))
		return breaks(transfer,
			"the closing SOA has the opening one's serial, but differs from it");
	return TRANSFER_DONE;
}

/* The opening SOA: kept, since an IXFR's second record tells whether it is the zone's or only
 * announces the new serial. */
static enum transfer_state open_stream(struct transfer *transfer)
{
	struct wire_writer out = wire_write(transfer->soa, sizeof(transfer->soa));

	if (transfer->at.type != DNS_SOA)
		return breaks(transfer, "the first record is no SOA");
	if (!read_soa(transfer, &out, &transfer->serial))
		return breaks(transfer, "malformed rdata");
	transfer->soa_length = (uint16_t)out.length;
	transfer->soa_ttl = transfer->at.ttl;
	return TRANSFER_MORE;
}

/* RFC 5936 2.2: everything between two equal SOAs. */
static enum transfer_state end_full(struct transfer *transfer, const struct wire_writer *soa,
	uint32_t serial)
{
	if (serial != transfer->serial)
		return breaks(transfer, "the closing SOA has another serial than the opening one");
	return close_stream(transfer, soa);
}

/* RFC 1995 4: old SOA, deletions, new SOA, additions; again; the newest SOA. */
static enum transfer_state turn_difference(struct transfer *transfer, const struct taker *taker,
	const struct wire_writer *soa, uint32_t serial)
{
	if (!transfer->deleting) { /* the end, or the next sequence: it starts where the last one
		                      ended */
		if (serial != transfer->current_serial)
			return breaks(transfer,
				"a difference does not begin where the last one ended");
		if (serial == transfer->serial)
			return close_stream(transfer, soa);
	}
	transfer->deleting = !transfer->deleting;
	transfer->current_serial = serial;
	return hand_over(transfer, taker, transfer->deleting);
}

/* The second record tells the form. A second SOA that equals the first closes a zone of an SOA
 * alone. */
static enum transfer_state begin_differences(struct transfer *transfer, const struct taker *taker,
	const struct wire_writer *soa, uint32_t serial)
{
	if (serial != transfer->question.serial)
		return breaks(transfer,
			"the differences begin at another serial than was asked for");
	transfer->form = TRANSFER_DIFFERENCES;
	transfer->current_serial = serial;
	return turn_difference(transfer, taker, soa, serial);
}

static enum transfer_state take_soa(struct transfer *transfer, const struct taker *taker)
{
	uint8_t rdata[sizeof(transfer->soa)];
	struct wire_writer soa = wire_write(rdata, sizeof(rdata));
	uint32_t serial;
	enum transfer_state state;

	if (!read_soa(transfer, &soa, &serial))
		return breaks(transfer, "malformed rdata");
	switch (transfer->form) {
	case TRANSFER_UNKNOWN:
		if (transfer->question.type == DNS_IXFR && serial != transfer->serial)
			return begin_differences(transfer, taker, &soa, serial);
		transfer->form = TRANSFER_FULL;
		state = hand_opening(transfer, taker);
		return state == TRANSFER_MORE ? end_full(transfer, &soa, serial) : state;
	case TRANSFER_FULL:
		return end_full(transfer, &soa, serial);
	case TRANSFER_DIFFERENCES:
		break;
	}
	return turn_difference(transfer, taker, &soa, serial);
}

static enum transfer_state take_record(struct transfer *transfer, const struct taker *taker)
{
	enum transfer_state state = TRANSFER_MORE;

	if (transfer->state != TRANSFER_MORE)
		return breaks(transfer, "records behind the end");
	if (!transfer->soa_length)
		return open_stream(transfer);
	if (transfer->at.type == DNS_SOA)
		return take_soa(transfer, taker);
	if (transfer->form == TRANSFER_UNKNOWN) {
		transfer->form = TRANSFER_FULL;
		state = hand_opening(transfer, taker);
	}
	return state == TRANSFER_MORE ? hand_over(transfer, taker, transfer->deleting) : state;
}

/* Is the owner the zone's name or below it? The zone's name must begin where a label does. */
static bool in_zone(const struct transfer *transfer)
{
	size_t at = 0, tail;

	if (transfer->at_length < transfer->zone_length)
		return false;
	tail = (size_t)transfer->at_length - transfer->zone_length;
	while (at < tail)
		at += transfer->at.owner[at] + 1u;
	return at == tail &&
		(!memcmp(transfer->at.owner + tail, transfer->question.name,
			 transfer->zone_length) ||
			name_equal(transfer->at.owner + tail, transfer->question.name));
}

static const char *record_trouble(const struct transfer *transfer, bool new_owner)
{
	const struct record *record = &transfer->at;

	if (record->class != transfer->question.class)
		return "a record of another class";
	if (record->type >= META_FIRST && record->type <= META_LAST)
		return "a record of a type that can't be in a zone";
	if (new_owner && !in_zone(transfer))
		return "a record outside the zone";
	if (record->type == DNS_SOA && transfer->at_length != transfer->zone_length)
		return "an SOA of another name than the zone's";
	return NULL;
}

/* Where the name at the reader begins: servers compress an owner that repeats to a pointer at
 * itself. */
static size_t owner_target(const struct wire_reader *reader)
{
	const uint8_t *head = reader->bytes + reader->at;

	if (reader->length - reader->at < 2 || head[0] < POINTER)
		return reader->at;
	return (size_t)(head[0] & ~POINTER) << 8 | head[1];
}

/* True where the owner is another than the last record's. */
static bool read_owner(struct transfer *transfer, struct wire_reader *reader)
{
	size_t target = owner_target(reader);

	if (target == transfer->at_target && target != reader->at) {
		wire_skip(reader, 2);
		return false;
	}
	transfer->at_length =
		(uint8_t)wire_read_name_again(reader, &transfer->suffixes, transfer->at.owner);
	transfer->at_target = target;
	transfer->owner_is_other = true;
	return true;
}

/* All between the owner and the next record: with one look at the bounds. */
static bool read_fields(struct wire_reader *reader, struct record *record)
{
	const uint8_t *fields = wire_read_bytes(reader, FIELDS);

	if (!fields)
		return false;
	record->type = wire_u16(fields);
	record->class = wire_u16(fields + 2);
	record->ttl = wire_u32(fields + 4);
	record->rdata_length = wire_u16(fields + 8);
	record->rdata = reader->at;
	return wire_read_bytes(reader, record->rdata_length) != NULL;
}

/* The message's answers, one after the other; the reader stands behind them then. */
static enum transfer_state take_answers(struct transfer *transfer, const struct taker *taker,
	struct wire_reader *reader)
{
	struct record *at = &transfer->at;

	transfer->at_target = 0;
	wire_suffixes_forget(&transfer->suffixes);
	for (unsigned i = 0; i < transfer->message.counts[MESSAGE_ANSWER]; i++) {
		bool new_owner = read_owner(transfer, reader);
		const char *trouble;

		if (!read_fields(reader, at))
			return breaks(transfer, "malformed message");
		trouble = record_trouble(transfer, new_owner);
		if (trouble)
			return breaks(transfer, trouble);
		transfer->state = take_record(transfer, taker);
		if (transfer->state == TRANSFER_BROKEN)
			return TRANSFER_BROKEN;
	}
	return transfer->state;
}

/* What stands behind the answers: EDNS, and a signature as the very last (RFC 8945 5.1), which is
 * the caller's. */
static bool take_rest(struct transfer *transfer, const struct wire_reader *behind)
{
	struct message *message = &transfer->message;
	struct record_cursor cursor = message_records(message);
	struct record record;
	enum message_section section;
	size_t start = behind->at;

	cursor.reader = *behind;
	cursor.section = MESSAGE_ANSWER;
	for (; message_next(&cursor, &record, &section); start = cursor.reader.at) {
		if (message->tsig)
			return false;
		if (record.type == DNS_OPT && !message_take_edns(message, &record, section))
			return false;
		if (record.type == DNS_TSIG && section != MESSAGE_ADDITIONAL)
			return false;
		if (record.type == DNS_TSIG)
			message->tsig = start;
	}
	return !cursor.failed && cursor.reader.at == message->length;
}

static bool same_question(const struct transfer *transfer, const struct message *message)
{
	return message->question.type == transfer->question.type &&
		message->question.class == transfer->question.class &&
		name_equal(message->question.owner, transfer->question.name);
}

/* RFC 5936 2.2.1 */
static const char *header_trouble(const struct transfer *transfer, const struct message *message)
{
	uint16_t questions = message->counts[MESSAGE_QUESTIONS];

	if (message->id != transfer->question.id)
		return "another id";
	if (!(message->flags & DNS_QR) || message->opcode != DNS_QUERY)
		return "no answer";
	if (questions > 1 || (questions == 1 && !same_question(transfer, message)))
		return "another question";
	if (message->rcode)
		return NULL;
	if (!questions && transfer->messages == 1)
		return "the first message lacks the question";
	return message->flags & DNS_TC ? "truncated" : NULL;
}

/* The stream stands where its last message ended. */
static enum transfer_state judge_pause(struct transfer *transfer)
{
	if (transfer->state != TRANSFER_MORE || transfer->question.type != DNS_IXFR ||
		transfer->form != TRANSFER_UNKNOWN)
		return transfer->state;
	/* One SOA. If it is newer than ours, more follows (PowerDNS sends it in a message of its
	 * own). */
	if (serial_compare(transfer->serial, transfer->question.serial) != SERIAL_AHEAD)
		transfer->state = TRANSFER_CURRENT;
	return transfer->state;
}

static enum transfer_state refuse(struct transfer *transfer)
{
	transfer->rcode = transfer->message.rcode;
	transfer->state = TRANSFER_REFUSED;
	return TRANSFER_REFUSED;
}

/* A refusal, whose rcode may only show by EDNS; whatever else it holds is no zone. */
static enum transfer_state take_refusal(struct transfer *transfer)
{
	struct message whole;

	if (!message_parse(transfer->message.bytes, transfer->message.length, &whole))
		return breaks(transfer, "malformed message");
	transfer->message = whole;
	return whole.rcode ? refuse(transfer) : breaks(transfer, "a message without records");
}

static enum transfer_state take_sections(struct transfer *transfer, const struct taker *taker)
{
	struct wire_reader reader = wire_read(transfer->message.bytes, transfer->message.length);

	reader.at = transfer->message.first;
	if (take_answers(transfer, taker, &reader) == TRANSFER_BROKEN)
		return TRANSFER_BROKEN;
	if (!take_rest(transfer, &reader))
		return breaks(transfer, "malformed message");
	return transfer->message.rcode ? refuse(transfer) : judge_pause(transfer);
}

enum transfer_state transfer_message_items(struct transfer *transfer, const uint8_t *bytes,
	size_t length, transfer_take_item *each, void *context)
{
	struct taker taker = { .each = each, .context = context };
	const char *trouble;

	if (transfer->state == TRANSFER_BROKEN)
		return TRANSFER_BROKEN;
	if (transfer->state != TRANSFER_MORE)
		return breaks(transfer, "a message behind the end");
	transfer->messages++;
	transfer->bytes += length;
	if (!message_peek(bytes, length, &transfer->message))
		return breaks(transfer, "malformed message");
	trouble = header_trouble(transfer, &transfer->message);
	if (trouble)
		return breaks(transfer, trouble);
	if (transfer->message.rcode || !transfer->message.counts[MESSAGE_ANSWER])
		return take_refusal(transfer);
	return take_sections(transfer, &taker);
}

/* For those who want records in full. */
struct record_taker {
	transfer_record *each;
	void *context;
};

static const char *expand(void *context, const struct transfer_item *item)
{
	const struct record_taker *taker = context;
	uint8_t rdata[MESSAGE_MOST];
	struct wire_writer out = wire_write(rdata, sizeof(rdata));
	struct zone_record full = {
		.owner = item->record->owner,
		.type = item->record->type,
		.class = item->record->class,
		.ttl = item->record->ttl,
		.rdata = rdata,
	};

	if (!rdata_expand(item->message, item->record, &out))
		return "malformed rdata";
	full.rdata_length = (uint16_t)out.length;
	return taker->each(taker->context, &full, item->deleting) ? NULL : "stopped";
}

enum transfer_state transfer_message(struct transfer *transfer, const uint8_t *bytes, size_t length,
	transfer_record *each, void *context)
{
	struct record_taker taker = { .each = each, .context = context };

	return transfer_message_items(transfer, bytes, length, expand, &taker);
}
