/*
 * Catalog zones (RFC 9432, and version "1" as BIND had it before): records → member zones. Groups
 * and other properties are nothing to us; a change of ownership is. Pure.
 */
#ifndef COMMON_DNS_CATALOG_H
#define COMMON_DNS_CATALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/map.h"
#include "common/dns/zone_file.h"

struct catalog_member {
	const uint8_t *zone; /* wire form, lower case; NULL: only a property was seen */
	bool is_moving;      /* to another catalog ("coo"): when it vanishes, it was not deleted */
};

struct catalog {
	const uint8_t *zone; /* the catalog's own name; the caller's */
	struct catalog_member *members;
	size_t count, capacity; /* of `members` */
	unsigned versions;      /* how many were seen */
	const char *broken;     /* the first thing that is wrong, as a clause; in the arena */
	struct map nodes, zones;
	struct arena arena;
};

void catalog_begin(struct catalog *catalog, const uint8_t *zone);
/* Any record of the zone, in any order. */
void catalog_record(struct catalog *catalog, const struct zone_record *record);
/* All records were seen. False: it is broken, and nobody may use it (RFC 9432 5.1). */
bool catalog_end(struct catalog *catalog);
void catalog_free(struct catalog *catalog);

#endif
