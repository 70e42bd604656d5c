/*
 * A catalog zone as its primary sends it: the messages of an AXFR of catalog.example, each behind
 * its length in two bytes, with the id 4711. Whatever comes, members are names in lower case, none
 * is there twice in a catalog that may be used, and the order of the records does not matter.
 */
#include <stdlib.h>
#include <string.h>

#include "common/dns/catalog.h"
#include "common/dns/name.h"
#include "common/dns/transfer.h"

#define ZONE ((const uint8_t *)"\7catalog\7example")

enum { RECORDS = 256 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);

struct receiver {
	struct catalog catalog;
	struct zone_record records[RECORDS]; /* copies, in the receiver's arena */
	size_t count;
	struct arena arena;
};

static void must(bool good)
{
	if (!good)
		abort();
}

static bool take_record(void *context, const struct zone_record *record, bool deleting)
{
	struct receiver *receiver = context;

	must(!deleting);
	if (receiver->count < RECORDS) {
		struct zone_record *copy = &receiver->records[receiver->count++];

		*copy = *record;
		copy->owner =
			arena_copy(&receiver->arena, record->owner, name_length(record->owner));
		copy->rdata = arena_copy(&receiver->arena, record->rdata, record->rdata_length);
		catalog_record(&receiver->catalog, copy);
	}
	return true;
}

static void receive(struct receiver *receiver, const uint8_t *data, size_t length)
{
	struct wire_reader reader = wire_read(data, length);
	struct question question = { .name = ZONE, .type = DNS_AXFR, .id = 4711 };
	struct transfer transfer;

	transfer_begin(&transfer, &question);
	while (wire_left(&reader) > 2) {
		size_t bytes = wire_read_u16(&reader);

		if (bytes > wire_left(&reader))
			bytes = wire_left(&reader);
		transfer_message(&transfer, wire_read_bytes(&reader, bytes), bytes, take_record,
			receiver);
	}
}

static void check_members(const struct catalog *catalog)
{
	struct map seen = { 0 };

	for (size_t i = 0; i < catalog->count; i++) {
		const uint8_t *zone = catalog->members[i].zone;
		uint8_t lower[NAME_WIRE];
		bool was_new;

		if (!zone)
			continue;
		must(name_length(zone) > 0 && name_length(zone) <= NAME_WIRE);
		memcpy(lower, zone, name_length(zone));
		name_lower(lower);
		must(!memcmp(lower, zone, name_length(zone)));
		map_put(&seen, zone, name_length(zone), 0, &was_new);
		must(was_new || catalog->broken);
	}
	map_free(&seen);
}

static bool is_moving(const struct catalog *catalog, const uint8_t *zone, bool *found)
{
	for (size_t i = 0; i < catalog->count; i++) {
		*found = catalog->members[i].zone && name_equal(catalog->members[i].zone, zone);
		if (*found)
			return catalog->members[i].is_moving;
	}
	return false;
}

static void check_reversed(const struct receiver *receiver, bool good)
{
	struct catalog other;

	catalog_begin(&other, ZONE);
	for (size_t i = receiver->count; i > 0; i--)
		catalog_record(&other, &receiver->records[i - 1]);
	must(catalog_end(&other) == good);
	must(!good || other.count == receiver->catalog.count);
	for (size_t i = 0; good && i < other.count; i++) {
		const struct catalog_member *member = &other.members[i];
		bool found = true;

		if (member->zone)
			must(is_moving(&receiver->catalog, member->zone, &found) ==
				member->is_moving);
		must(found);
	}
	catalog_free(&other);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
	struct receiver receiver = { .count = 0 };
	bool good;

	catalog_begin(&receiver.catalog, ZONE);
	receive(&receiver, data, length);
	good = catalog_end(&receiver.catalog);
	must(good == !receiver.catalog.broken);
	check_members(&receiver.catalog);
	check_reversed(&receiver, good);
	catalog_free(&receiver.catalog);
	arena_free(&receiver.arena);
	return 0;
}
