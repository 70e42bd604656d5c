#include "common/model/history.h"

#include <string.h>

#include "common/dns/serial.h"

/*
 * Which entry of a full list is missed least? Without entry i a server that lacks it seems to lack
 * only entry i + 1, so its lag shrinks by the step between the two, out of the age of entry i. The
 * oldest entry stays (how far back we know), the newest two as well (what is happening now).
 */
static uint32_t least_missed(const struct zone_history *zone, int64_t now_s)
{
	uint32_t best = 1;
	double smallest = -1;

	for (uint32_t i = 1; i + 2 < zone->serial_count; i++) {
		double step =
			(double)(zone->serials[i + 1].first_seen_s - zone->serials[i].first_seen_s);
		double age = (double)(now_s - zone->serials[i].first_seen_s) + 1;

		if (smallest < 0 || step / age < smallest) {
			smallest = step / age;
			best = i;
		}
	}
	return best;
}

static void drop_entry(struct zone_history *zone, uint32_t at)
{
	memmove(&zone->serials[at], &zone->serials[at + 1],
		(zone->serial_count - at - 1) * sizeof(zone->serials[0]));
	zone->serial_count--;
}

void history_see_serial(struct zone_history *zone, uint32_t serial, int64_t now_s)
{
	if (zone->serial_count > 0) {
		enum serial_order order =
			serial_compare(serial, zone->serials[zone->serial_count - 1].serial);

		if (order == SERIAL_EQUAL)
			return;
		if (order != SERIAL_AHEAD)
			zone->serial_count = 0;
	}
	if (zone->serial_count == HISTORY_SERIALS)
		drop_entry(zone, least_missed(zone, now_s));
	zone->serials[zone->serial_count++] = (struct seen_serial){ serial, now_s };
	zone->changed = true;
}

struct lag history_lag(const struct zone_history *zone, uint32_t serial, int64_t now_s)
{
	struct lag lag = { .known = zone->known };

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
