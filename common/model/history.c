#include "common/model/history.h"

#include <string.h>

#include "common/dns/serial.h"

void history_begin(struct history *history, size_t zone_count)
{
	history->zones = NULL;
	history->some = arena_array(&history->arena, zone_count, sizeof(*history->some));
	history->zone_count = zone_count;
}

const struct zone_history *history_of(const struct history *history, uint32_t zone)
{
	static const struct zone_history nothing;

	if (history->zones)
		return &history->zones[zone];
	return history->some && history->some[zone] ? history->some[zone] : &nothing;
}

struct zone_history *history_keep(struct history *history, uint32_t zone)
{
	if (history->zones)
		return &history->zones[zone];
	if (!history->some[zone])
		history->some[zone] = arena_alloc(&history->arena, sizeof(*history->some[zone]));
	return history->some[zone];
}

/*
 * Which entry of a full list is missed least? Without entry i a server that has entry i - 1, but
 * not what came just after it, seems to lack only entry i + 1: its lag shrinks by up to the time
 * between the two, out of the age of entry i - 1. So the gaps grow with age, each by the same
 * factor. The oldest entry stays (how far back we know), the newest as well (what is happening
 * now).
 */
static uint32_t least_missed(const struct zone_history *zone, int64_t now_s)
{
	const struct seen_serial *at = zone->serials;
	uint32_t best = 1;
	double smallest = -1;

	for (uint32_t i = 1; i + 1 < zone->serial_count; i++) {
		double gap = (double)(at[i + 1].first_seen_s - at[i - 1].first_seen_s);
		double age = (double)(now_s - at[i - 1].first_seen_s) + 1;

		if (smallest < 0 || gap / age < smallest) {
			smallest = gap / age;
			best = i;
		}
	}
	return best;
}

static void drop_entry(struct zone_history *zone, uint32_t at)
{
	memmove(&zone->serials[at], &zone->serials[at + 1],
		(zone->serial_count - at - 1u) * sizeof(zone->serials[0]));
	zone->serial_count--;
}

/* The array, doubled. What it was stays in the arena: at most as much again. */
static void *grown(struct arena *arena, const void *items, size_t count, size_t item_size,
	uint8_t *capacity)
{
	void *larger;

	*capacity = *capacity ? (uint8_t)(*capacity * 2) : 4;
	larger = arena_array(arena, *capacity, item_size);
	if (count)
		memcpy(larger, items, count * item_size);
	return larger;
}

static void append_serial(struct zone_history *zone, const struct seen_serial *serial,
	struct arena *arena)
{
	if (zone->serial_count == zone->serial_capacity)
		zone->serials = grown(arena, zone->serials, zone->serial_count,
			sizeof(*zone->serials), &zone->serial_capacity);
	zone->serials[zone->serial_count++] = *serial;
}

static bool is_newest(const struct zone_history *zone, uint32_t serial)
{
	for (uint32_t i = 0; i < zone->serial_count; i++) {
		if (serial_compare(serial, zone->serials[i].serial) != SERIAL_AHEAD)
			return false;
	}
	return true;
}

bool history_is_date(int64_t unix_s)
{
	return unix_s >= 0 && unix_s < 253402300800; /* 10000-01-01 */
}

bool history_put_serial(struct zone_history *zone, const struct seen_serial *serial,
	struct arena *arena)
{
	if (zone->serial_count == HISTORY_SERIALS || !is_newest(zone, serial->serial) ||
		!history_is_date(serial->first_seen_s))
		return false;
	append_serial(zone, serial, arena);
	return true;
}

void history_see_serial(struct zone_history *zone, uint32_t serial, int64_t now_s,
	struct arena *arena)
{
	for (uint32_t i = 0; i < zone->serial_count; i++) {
		if (zone->serials[i].first_seen_s > now_s) {
			zone->serials[i].first_seen_s = now_s;
			zone->changed = true;
		}
	}
	if (zone->serial_count > 0) {
		enum serial_order order =
			serial_compare(serial, zone->serials[zone->serial_count - 1].serial);

		if (order == SERIAL_EQUAL)
			return;
		if (order != SERIAL_AHEAD)
			zone->serial_count = 0;
	}
	while (zone->serial_count > 0 &&
		serial_compare(serial, zone->serials[0].serial) != SERIAL_AHEAD)
		drop_entry(zone, 0);
	if (zone->serial_count == HISTORY_SERIALS)
		drop_entry(zone, least_missed(zone, now_s));
	append_serial(zone, &(struct seen_serial){ serial, now_s }, arena);
	zone->changed = true;
}

struct lag history_lag(const struct zone_history *zone, uint32_t serial, int64_t now_s)
{
	struct lag lag = { .known = zone->known,
		.is_minimum = !zone->known && !zone->serial_count };

	for (uint32_t i = 0; i < zone->serial_count; i++) {
		if (serial_compare(zone->serials[i].serial, serial) != SERIAL_AHEAD)
			continue;
		lag.since_s = zone->serials[i].first_seen_s;
		lag.seconds = now_s > lag.since_s ? now_s - lag.since_s : 0;
		lag.is_minimum = i == 0;
		return lag;
	}
	return lag;
}

const struct server_past *history_server(const struct zone_history *zone,
	const struct address *address, const char *nsid)
{
	const struct server_past *found = NULL;

	for (uint32_t i = 0; i < zone->server_count; i++) {
		const struct server_past *each = &zone->servers[i];

		if (!address_equal(&each->address, address))
			continue;
		if (nsid ? !strcmp(each->nsid, nsid) : !found || each->since_s > found->since_s)
			found = each;
	}
	return found;
}

static struct server_past *find_node(struct zone_history *zone, const struct server_past *server)
{
	for (uint32_t i = 0; i < zone->server_count; i++) {
		if (address_equal(&zone->servers[i].address, &server->address) &&
			!strcmp(zone->servers[i].nsid, server->nsid))
			return &zone->servers[i];
	}
	return NULL;
}

/* Room for one more: a new entry, or the longest unchanged one of the same address, or of all. */
static struct server_past *make_room(struct zone_history *zone, const struct address *address,
	struct arena *arena)
{
	struct server_past *oldest_node = NULL, *oldest = NULL;
	uint32_t nodes = 0;

	for (uint32_t i = 0; i < zone->server_count; i++) {
		struct server_past *each = &zone->servers[i];

		if (!oldest || each->since_s < oldest->since_s)
			oldest = each;
		if (!address_equal(&each->address, address))
			continue;
		nodes++;
		if (!oldest_node || each->since_s < oldest_node->since_s)
			oldest_node = each;
	}
	if (nodes >= HISTORY_NODES)
		return oldest_node;
	if (zone->server_count == HISTORY_SERVERS)
		return oldest;
	if (zone->server_count == zone->server_capacity)
		zone->servers = grown(arena, zone->servers, zone->server_count,
			sizeof(*zone->servers), &zone->server_capacity);
	return &zone->servers[zone->server_count++];
}

void history_see_server(struct zone_history *zone, const struct server_past *server,
	struct arena *arena)
{
	struct server_past *entry = find_node(zone, server);

	if (entry && entry->outcome == server->outcome && entry->listed == server->listed &&
		!strcmp(entry->name, server->name))
		return;
	zone->changed = true;
	if (!entry) {
		entry = make_room(zone, &server->address, arena);
		*entry = (struct server_past){ .address = server->address,
			.outcome = server->outcome,
			.since_s = server->since_s };
		entry->nsid = *server->nsid ? arena_string(arena, server->nsid) : "";
	}
	entry->name = arena_string(arena, server->name);
	entry->listed = server->listed;
	if (entry->outcome != server->outcome) {
		entry->outcome = server->outcome;
		entry->since_s = server->since_s;
	}
}

static bool is_among(const struct address *address, const struct address *addresses, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (address_equal(address, &addresses[i]))
			return true;
	}
	return false;
}

void history_keep_listed(struct zone_history *zone, const struct address *addresses, size_t count)
{
	uint8_t kept = 0;

	for (uint32_t i = 0; i < zone->server_count; i++) {
		if (zone->servers[i].listed &&
			!is_among(&zone->servers[i].address, addresses, count))
			zone->changed = true;
		else
			zone->servers[kept++] = zone->servers[i];
	}
	zone->server_count = kept;
}

const struct serial_gap *history_gap(const struct history *history, uint32_t zone, uint32_t server)
{
	for (size_t i = 0; i < history->gap_count; i++) {
		const struct serial_gap *gap = &history->gaps[i];

		if (gap->zone == zone && gap->server == server)
			return gap;
	}
	return NULL;
}
