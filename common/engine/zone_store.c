#include "common/engine/zone_store.h"

#include <stdlib.h>
#include <string.h>

#include "common/dns/serial.h"

struct zone *zone_store_exact(const struct zone_store *store, const uint8_t *name)
{
	uint8_t lower[NAME_WIRE];
	size_t length = name_length(name);
	const uint32_t *index;

	memcpy(lower, name, length);
	name_lower(lower);
	index = map_get(&store->by_name, lower, length);
	return index ? store->zones[*index] : NULL;
}

struct zone *zone_store_add(struct zone_store *store, const uint8_t *name)
{
	struct zone *zone;

	if (zone_store_exact(store, name))
		return NULL;
	if (store->count == store->capacity) {
		store->capacity = store->capacity ? 2 * store->capacity : 4;
		store->zones = memory_resize(store->zones, store->capacity, sizeof(*store->zones));
	}
	zone = memory_resize(NULL, 1, sizeof(*zone));
	*zone = (struct zone){ 0 };
	memcpy(zone->name, name, name_length(name));
	name_lower(zone->name);
	map_put(&store->by_name, zone->name, name_length(zone->name), (uint32_t)store->count, NULL);
	store->zones[store->count++] = zone;
	return zone;
}

static struct zone *find_from(const struct zone_store *store, const uint8_t *name)
{
	for (;; name = name_parent(name)) {
		struct zone *zone = zone_store_exact(store, name);

		if (zone || !*name)
			return zone;
	}
}

struct zone *zone_store_find(const struct zone_store *store, const uint8_t *name, uint16_t type)
{
	struct zone *zone = find_from(store, name), *above = NULL;

	if (zone && type == DNS_DS && *name && name_equal(zone->name, name))
		above = find_from(store, name_parent(name));
	return above ? above : zone;
}

static void replace(struct zone *zone, struct zone_version *version)
{
	zone_version_release(zone->version);
	zone->version = version;
}

void zone_put_steps(struct zone *zone, struct zone_version *version, struct difference *steps)
{
	journal_add(&zone->journal, steps, version);
	replace(zone, version);
}

/* Nothing but the two SOAs, which are the same. */
static bool is_unchanged(const struct difference *difference, const struct zone_version *older,
	const struct zone_version *newer)
{
	return difference->records == 2 && older->serial == newer->serial &&
		difference->gone.length == difference->come.length &&
		!memcmp(difference->gone.bytes, difference->come.bytes, difference->gone.length);
}

void zone_put_version(struct zone *zone, struct zone_version *version)
{
	struct difference *step = NULL;

	if (version && zone->version)
		step = difference_between(zone->version, version);
	if (step && serial_compare(version->serial, zone->version->serial) == SERIAL_AHEAD) {
		zone_put_steps(zone, version, step);
		return;
	}
	if (!step || !is_unchanged(step, zone->version, version))
		journal_clear(&zone->journal);
	difference_free(step);
	replace(zone, version);
}

bool zone_has_expired(const struct zone *zone, int64_t now_us)
{
	return zone->is_secondary && zone->version && now_us >= zone->expires_us;
}

static void free_zone(struct zone *zone)
{
	journal_clear(&zone->journal);
	zone_version_release(zone->version);
	free(zone->file);
	free(zone);
}

void zone_store_sweep(struct zone_store *store, bool (*goes)(struct zone *zone))
{
	size_t kept = 0;

	map_free(&store->by_name);
	store->by_name = (struct map){ 0 };
	for (size_t i = 0; i < store->count; i++) {
		struct zone *zone = store->zones[i];

		if (goes(zone)) {
			free_zone(zone);
			continue;
		}
		map_put(&store->by_name, zone->name, name_length(zone->name), (uint32_t)kept, NULL);
		store->zones[kept++] = zone;
	}
	store->count = kept;
}

void zone_store_free(struct zone_store *store)
{
	for (size_t i = 0; i < store->count; i++)
		free_zone(store->zones[i]);
	free(store->zones);
	map_free(&store->by_name);
	*store = (struct zone_store){ 0 };
}
