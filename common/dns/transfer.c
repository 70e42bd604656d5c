#include "common/dns/transfer.h"

#include <string.h>

#include "common/dns/rdata.h"
#include "common/dns/serial.h"

enum { SOA_NUMBERS = 5 * 4, META_FIRST = 128, META_LAST = 255 };

void transfer_begin(struct transfer *transfer, const struct question *question)
{
	*transfer = (struct transfer){ .question = *question };
	if (!transfer->question.class)
		transfer->question.class = DNS_IN;
}

static enum transfer_state breaks(struct transfer *transfer, const char *how)
{
	transfer->broken = how;
	transfer->state = TRANSFER_BROKEN;
	return TRANSFER_BROKEN;
}

/* To whom records are handed. */
struct taker {
	transfer_record *each;
	void *context;
};

static enum transfer_state hand_over(struct transfer *transfer, const struct taker *taker,
	const struct zone_record *record, bool deleting)
{
	transfer->records++;
	return taker->each(taker->context, record, deleting) ? TRANSFER_MORE
							     : breaks(transfer, "stopped");
}

static uint32_t soa_serial(const struct zone_record *soa)
{
	struct wire_reader reader = wire_read(soa->rdata, soa->rdata_length);

	reader.at = reader.length - SOA_NUMBERS;
	return wire_read_u32(&reader);
}

/* The opening SOA: kept, since an IXFR's second record tells whether it is the zone's or only
 * announces the new serial. */
static enum transfer_state open_stream(struct transfer *transfer, const struct zone_record *record)
{
	if (record->type != DNS_SOA)
		return breaks(transfer, "the first record is no SOA");
	transfer->soa_seen = 1;
	transfer->serial = soa_serial(record);
	transfer->soa_ttl = record->ttl;
	transfer->soa_length = record->rdata_length;
	memcpy(transfer->soa, record->rdata, record->rdata_length);
	return TRANSFER_MORE;
}

static enum transfer_state hand_opening(struct transfer *transfer, const struct taker *taker)
{
	struct zone_record soa = {
		.owner = transfer->question.name,
		.type = DNS_SOA,
		.class = transfer->question.class,
		.ttl = transfer->soa_ttl,
		.rdata = transfer->soa,
		.rdata_length = transfer->soa_length,
	};

	return hand_over(transfer, taker, &soa, false);
}

/* RFC 5936 2.2: everything between two equal SOAs. */
static enum transfer_state take_full(struct transfer *transfer, const struct taker *taker,
	const struct zone_record *record)
{
	if (record->type != DNS_SOA)
		return hand_over(transfer, taker, record, false);
	transfer->soa_seen++;
	if (soa_serial(record) != transfer->serial)
		return breaks(transfer, "the closing SOA has another serial than the opening one");
	return TRANSFER_DONE;
}

/* RFC 1995 4: old SOA, deletions, new SOA, additions; again; the newest SOA. */
static enum transfer_state take_difference(struct transfer *transfer, const struct taker *taker,
	const struct zone_record *record)
{
	uint32_t serial;

	if (record->type != DNS_SOA)
		return hand_over(transfer, taker, record, transfer->deleting);
	transfer->soa_seen++;
	serial = soa_serial(record);
	if (!transfer->deleting) { /* the end, or the next sequence: it starts where the last one
		                      ended */
		if (serial != transfer->current_serial)
			return breaks(transfer,
				"a difference does not begin where the last one ended");
		if (serial == transfer->serial)
			return TRANSFER_DONE;
	}
	transfer->deleting = !transfer->deleting;
	transfer->current_serial = serial;
	return hand_over(transfer, taker, record, transfer->deleting);
}

static enum transfer_state begin_full(struct transfer *transfer, const struct taker *taker,
	const struct zone_record *record)
{
	enum transfer_state state = hand_opening(transfer, taker);

	transfer->form = TRANSFER_FULL;
	return state == TRANSFER_MORE ? take_full(transfer, taker, record) : state;
}

/* The second record tells the form. A second SOA that equals the first closes a zone of an SOA
 * alone. */
static enum transfer_state take_second(struct transfer *transfer, const struct taker *taker,
	const struct zone_record *record)
{
	if (transfer->question.type != DNS_IXFR || record->type != DNS_SOA ||
		soa_serial(record) == transfer->serial)
		return begin_full(transfer, taker, record);
	if (soa_serial(record) != transfer->question.serial)
		return breaks(transfer,
			"the differences begin at another serial than was asked for");
	transfer->form = TRANSFER_DIFFERENCES;
	transfer->current_serial = transfer->question.serial;
	return take_difference(transfer, taker, record);
}

static enum transfer_state take_record(struct transfer *transfer, const struct taker *taker,
	const struct zone_record *record)
{
	if (transfer->state != TRANSFER_MORE)
		return breaks(transfer, "records behind the end");
	if (!transfer->soa_seen)
		return open_stream(transfer, record);
	if (transfer->form == TRANSFER_UNKNOWN)
		return take_second(transfer, taker, record);
	return transfer->form == TRANSFER_FULL ? take_full(transfer, taker, record)
					       : take_difference(transfer, taker, record);
}

static const char *record_trouble(const struct transfer *transfer, const struct record *record)
{
	if (record->class != transfer->question.class)
		return "a record of another class";
	if (record->type >= META_FIRST && record->type <= META_LAST)
		return "a record of a type that can't be in a zone";
	if (!name_within(record->owner, transfer->question.name))
		return "a record outside the zone";
	if (record->type == DNS_SOA && !name_equal(record->owner, transfer->question.name))
		return "an SOA of another name than the zone's";
	return NULL;
}

static enum transfer_state take_wire(struct transfer *transfer, const struct taker *taker,
	const struct message *message, const struct record *record)
{
	uint8_t rdata[MESSAGE_MOST];
	struct wire_writer out = wire_write(rdata, sizeof(rdata));
	struct zone_record full = {
		.owner = record->owner,
		.type = record->type,
		.class = record->class,
		.ttl = record->ttl,
		.rdata = rdata,
	};
	const char *trouble = record_trouble(transfer, record);

	if (trouble)
		return breaks(transfer, trouble);
	/* Class IN is not said here: an SOA must have its shape in any. */
	if (!rdata_expand(message, record, &out) ||
		(record->type == DNS_SOA &&
			!rdata_check(DNS_SOA, DNS_IN, rdata, (uint16_t)out.length)))
		return breaks(transfer, "malformed rdata");
	full.rdata_length = (uint16_t)out.length;
	return take_record(transfer, taker, &full);
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
	if (message->flags & DNS_TC)
		return "truncated";
	if (!message->counts[MESSAGE_ANSWER])
		return "a message without records";
	return NULL;
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

static enum transfer_state take_records(struct transfer *transfer, const struct taker *taker,
	const struct message *message)
{
	struct record_cursor cursor = message_records(message);
	struct record record;
	enum message_section section;

	while (message_next(&cursor, &record, &section) && section == MESSAGE_ANSWER) {
		transfer->state = take_wire(transfer, taker, message, &record);
		if (transfer->state == TRANSFER_BROKEN)
			return TRANSFER_BROKEN;
	}
	return judge_pause(transfer);
}

enum transfer_state transfer_message(struct transfer *transfer, const uint8_t *bytes, size_t length,
	transfer_record *each, void *context)
{
	struct taker taker = { .each = each, .context = context };
	struct message message;
	const char *trouble;

	if (transfer->state == TRANSFER_BROKEN)
		return TRANSFER_BROKEN;
	if (transfer->state != TRANSFER_MORE)
		return breaks(transfer, "a message behind the end");
	transfer->messages++;
	transfer->bytes += length;
	if (!message_parse(bytes, length, &message))
		return breaks(transfer, "malformed message");
	trouble = header_trouble(transfer, &message);
	if (trouble)
		return breaks(transfer, trouble);
	if (message.rcode) {
		transfer->rcode = message.rcode;
		transfer->state = TRANSFER_REFUSED;
		return TRANSFER_REFUSED;
	}
	return take_records(transfer, &taker, &message);
}
