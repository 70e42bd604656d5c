/*
 * Fingerprints of all zones in one database at one moment: how many rows each has, and a hash of
 * what they say that the server computed. Two such lists are compared by name; of what differs it
 * is told whether it really does, or only changed meanwhile.
 */
#ifndef COMMON_MODEL_ZONE_PRINT_H
#define COMMON_MODEL_ZONE_PRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/model/database_content.h"

struct zone_print {
	const char *name; /* as the database spells it; compared without regard to ASCII case */
	uint64_t id;      /* domains.id: the database's own, not compared */
	uint64_t hashes[CONTENT_PART_COUNT]; /* 0: no rows */
	uint32_t counts[CONTENT_PART_COUNT]; /* CONTENT_DOMAIN: 1, or 0 where there is no such zone
	                                      */
};

/* {0} is empty. Zones are added by rising id, then rows to them, then it is closed. */
struct zone_prints {
	struct zone_print *items;
	size_t count, capacity;
	struct zone_print orphans; /* rows whose zone is not there, all together */
	uint64_t tsig_hash;
	uint32_t tsig_count;
	struct arena names;
};

/* False where ids do not rise. */
bool zone_prints_add(struct zone_prints *prints, uint64_t id, const char *name, uint64_t hash);
/* What one zone has in a table: `id` 0 and ids of no zone are orphans. */
void zone_prints_count(struct zone_prints *prints, uint64_t id, enum content_part part,
	uint64_t count, uint64_t hash);
/* Sorts by name; from now on it can be searched. */
void zone_prints_close(struct zone_prints *prints);
void zone_prints_free(struct zone_prints *prints);

/* Never NULL: what is not there has no rows. */
const struct zone_print *zone_prints_find(const struct zone_prints *prints, const char *name);
bool zone_print_equal(const struct zone_print *a, const struct zone_print *b);

/* Calls back for each zone that is not the same on both sides, by name; one that is absent has no
 * rows (and the other's name). */
typedef void zone_print_pair(void *context, const char *name);
void zone_prints_differing(const struct zone_prints *here, const struct zone_prints *there,
	zone_print_pair *each, void *context);

enum print_verdict { PRINT_SAME, PRINT_DIFFERENT, PRINT_UNSETTLED };
/*
 * The replica (`here`) was looked at after it had all that the primary had when it looked like
 * `before`, and before the primary looked like `after`. It shows what the primary showed at some
 * moment between: if the primary has not changed, that, or else the two differ; and they only do
 * where the replica, too, stayed as it was (`earlier`).
 */
enum print_verdict zone_print_settle(const struct zone_print *before,
	const struct zone_print *earlier, const struct zone_print *here,
	const struct zone_print *after);

#endif
