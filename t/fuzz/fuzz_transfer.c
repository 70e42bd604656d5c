/*
 * A transfer as a stream brings it: 'a' or 'i', the serial asked with in one byte, then messages,
 * each behind its length in two bytes. The question is always example.com with the id 4711. Every
 * record handed over must be in the zone and of its type's shape, and nothing may come after the
 * end.
 */
#include <stdlib.h>
#include <string.h>

#include "common/dns/rdata.h"
#include "common/dns/transfer.h"

#define ZONE ((const uint8_t *)"\7example\3com")

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);

struct receiver {
	uint64_t records;
	uint32_t soas;
	bool ended, any_deleted;
};

static void must(bool good)
{
	if (!good)
		abort();
}

static bool take_record(void *context, const struct zone_record *record, bool deleting)
{
	struct receiver *receiver = context;

	must(!receiver->ended);
	must(receiver->records > 0 || record->type == DNS_SOA);
	receiver->records++;
	receiver->soas += record->type == DNS_SOA;
	receiver->any_deleted |= deleting;
	must(name_within(record->owner, ZONE) && record->class == DNS_IN);
	must(record->type != DNS_SOA || name_equal(record->owner, ZONE));
	must(rdata_check(record->type, record->class, record->rdata, record->rdata_length));
	return true;
}

/* The same stream, record by record where it stands. */
struct item_receiver {
	uint8_t owner[NAME_WIRE];
	uint64_t items;
};

static const char *take_item(void *context, const struct transfer_item *item)
{
	struct item_receiver *receiver = context;
	const struct record *record = item->record;

	must(item->owner_length == name_length(record->owner));
	must(name_within(record->owner, ZONE));
	must(!item->same_owner ||
		(receiver->items && !memcmp(receiver->owner, record->owner, item->owner_length)));
	must(record->rdata <= item->message->length &&
		record->rdata_length <= item->message->length - record->rdata);
	memcpy(receiver->owner, record->owner, item->owner_length);
	receiver->items++;
	return NULL;
}

static void check_state(const struct transfer *transfer, enum transfer_state state,
	const struct receiver *receiver)
{
	must((state == TRANSFER_BROKEN) == (transfer->broken != NULL));
	must((state == TRANSFER_REFUSED) == (transfer->rcode != 0) || state == TRANSFER_BROKEN);
	/* One that breaks it by its rdata came to nobody. */
	must(transfer->records == receiver->records ||
		(state == TRANSFER_BROKEN && transfer->records == receiver->records + 1));
	must(!receiver->any_deleted || transfer->form == TRANSFER_DIFFERENCES);
	if (state == TRANSFER_DONE && transfer->form == TRANSFER_FULL)
		must(receiver->soas == 1);
	if (state == TRANSFER_DONE && transfer->form == TRANSFER_DIFFERENCES)
		must(receiver->soas >= 2 && receiver->soas % 2 == 0);
	must(state != TRANSFER_CURRENT || !receiver->records);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
	struct wire_reader reader = wire_read(data, length);
	struct question question = {
		.name = ZONE,
		.type = wire_read_u8(&reader) == 'i' ? DNS_IXFR : DNS_AXFR,
		.id = 4711,
		.has_serial = true,
		.serial = wire_read_u8(&reader),
	};
	struct receiver receiver = { 0 };
	struct item_receiver items = { 0 };
	struct transfer transfer, lazy;

	transfer_begin(&transfer, &question);
	transfer_begin(&lazy, &question);
	while (wire_left(&reader) > 2) {
		size_t bytes = wire_read_u16(&reader);
		const uint8_t *message;
		enum transfer_state state;

		if (bytes > wire_left(&reader))
			bytes = wire_left(&reader);
		message = wire_read_bytes(&reader, bytes);
		state = transfer_message(&transfer, message, bytes, take_record, &receiver);
		if (state != TRANSFER_BROKEN)
			must(transfer_message_items(&lazy, message, bytes, take_item, &items) ==
				state);
		check_state(&transfer, state, &receiver);
		receiver.ended = state != TRANSFER_MORE;
	}
	must(transfer.state == TRANSFER_BROKEN || items.items == receiver.records);
	return 0;
}
