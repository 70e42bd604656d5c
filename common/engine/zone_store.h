/*
 * The zones of one engine and what each serves now. The engine, its secondaries and its reloads put
 * versions in; the responder only reads.
 */
#ifndef COMMON_ENGINE_ZONE_STORE_H
#define COMMON_ENGINE_ZONE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/map.h"
#include "common/engine/access.h"
#include "common/engine/faults.h"
#include "common/engine/journal.h"
#include "common/engine/peer.h"
#include "common/engine/zone_version.h"

struct secondary;

struct zone {
	uint8_t name[NAME_WIRE];      /* lower case */
	struct zone_version *version; /* the store's reference; NULL: not loaded */
	struct journal journal;       /* how it came to that version */
	bool is_secondary;
	/* Of a secondary: who may notify, and whence transfers come. */
	const struct peer *primaries; /* the owner's */
	unsigned primary_count;
	char *file;                  /* of a primary, the zone's own memory; or NULL */
	bool is_listed;              /* by the list of zones, which may take it away again */
	bool is_catalog;             /* whose members are served, too (RFC 9432) */
	const struct zone *catalog;  /* of which it is a member, or NULL */
	bool is_wanted;              /* while members and lists are compared */
	bool only_hears;             /* takes NOTIFY and transfers nothing */
	struct secondary *secondary; /* the engine's, or NULL */
	int64_t expires_us;          /* of a loaded secondary, clock_monotonic_us() */
	struct fault_set faults;     /* the engine's and this zone's own */
};

struct zone_store {
	struct zone **zones;
	size_t count;
	/* private from here */
	size_t capacity;
	struct map by_name;
};

/* NULL where the store has that zone already. The zone's address stays good. */
struct zone *zone_store_add(struct zone_store *store, const uint8_t *name);
/* The zone of exactly this name, or NULL. */
struct zone *zone_store_exact(const struct zone_store *store, const uint8_t *name);
/* The zone that answers for this name and type: the longest that holds it; for DS the one above
 * (RFC 4035 3.1.4.1), where the store has it. NULL where there is none. */
struct zone *zone_store_find(const struct zone_store *store, const uint8_t *name, uint16_t type);
/* Takes over the caller's reference and gives the old version's back. What changed goes into the
 * journal: compared here, or where it is known already by zone_put_steps() (taken over). A version
 * that is neither newer (RFC 1982) nor the same begins a new journal. */
void zone_put_version(struct zone *zone, struct zone_version *version);
void zone_put_steps(struct zone *zone, struct zone_version *version, struct difference *steps);
/* Is it a secondary whose SOA expire has run out (RFC 1035 3.3.13)? */
bool zone_has_expired(const struct zone *zone, int64_t now_us);
/* Takes zones away for which `goes` is true; it may end what is theirs. The others keep their
 * order. */
void zone_store_sweep(struct zone_store *store, bool (*goes)(struct zone *zone));
void zone_store_free(struct zone_store *store);

#endif
