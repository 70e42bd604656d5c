/*
 * What is to be asked of whom. Built by options and discovery (plan_add_...), then closed by
 * plan_close() and read-only: judges and reports get it const. Its arena owns all it points at.
 * Indexes are stable: a server, a zone and a name keep theirs.
 *
 * A *pair* is one server asked about one zone. After plan_close() the pairs of a zone stand
 * together: zone->first_pair .. + pair_count. Observations stand in arrays parallel to them.
 */
#ifndef COMMON_MODEL_PLAN_H
#define COMMON_MODEL_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/address.h"
#include "common/base/arena.h"
#include "common/base/map.h"

enum { PLAN_NONE = 0xffffffff };

/* What became of a name that had to be resolved. */
enum name_fate {
	NAME_FATE_RESOLVED,
	NAME_FATE_NXDOMAIN,
	NAME_FATE_NODATA,
	NAME_FATE_HOSTS_ONLY,      /* only this machine's hosts file knows it; DNS says NXDOMAIN or
	                              NODATA */
	NAME_FATE_RESOLVER_FAILED, /* nobody could be asked; last known addresses may serve */
	NAME_FATE_COUNT,
};

struct plan_name {
	const char *text; /* lower case, with the final dot */
	enum name_fate fate;
	const char *option; /* that named it ("--hostname"); NULL: an NS record does */
};

/* One address and port. Names of several servers may be the same; a server has one name. */
struct server {
	const char *name;       /* "ns3.example.com."; the address's text where it has no name */
	const char *display;    /* the same without the final dot */
	struct address address; /* with its port */
	bool named;             /* false: `name` is an address */
	bool several;           /* its name has other servers, too */
	bool no_route;          /* this machine has no route to it: it is not asked */
	bool independent;       /* --serials-independent */
};

enum pair_flag {
	PAIR_PRIMARY = 1, /* given by -H: the reference */
	PAIR_MNAME = 2,   /* named by the SOA's MNAME (without -H) */
	PAIR_LISTED = 4,  /* one of the zone's NS names */
	PAIR_ADDED = 8,   /* given by -a */
};

/* Where a zone's NS set came from. */
enum ns_source {
	NS_FROM_NOBODY,
	NS_FROM_OPTIONS,
	NS_FROM_PRIMARY,
	NS_FROM_SERVER,
	NS_FROM_RESOLVER,
	NS_FROM_HISTORY,
	NS_SOURCE_COUNT
};

struct zone {
	const uint8_t *name; /* wire form, lower case; its text is made where it is needed */
	uint32_t first_pair, pair_count;
	uint32_t first_name, name_count; /* into plan->zone_names: its NS names */
	enum ns_source ns_source : 8;
	bool has_primary;     /* -H or a list of zones names one */
	int64_t new_since_s;  /* Unix time since when its list names it, as long as that is news; 0
	                       */
	int64_t gone_since_s; /* since when its list does not name it any more; 0: it does */
};

struct plan {
	struct zone *zones;
	size_t zone_count;
	struct index_map zone_index; /* by name */
	struct server *servers;
	size_t server_count;
	struct plan_name *names;
	size_t name_count;
	uint32_t *assigned;  /* pair → index into servers */
	uint8_t *pair_flags; /* pair → enum pair_flag, or-ed */
	size_t pair_count;
	uint32_t *zone_names; /* indexes into names, grouped by zone */
	size_t zone_name_count;
	const char *resolver_trouble; /* "192.0.2.53 does not answer": once a run, NULL where all
	                                 was well */
	const char *list_trouble;     /* "2 lines of zones.txt say no zone; ..."; NULL */
	const char *list_failure;     /* why a list could not be read: "catalog:..."; NULL */
	uint64_t list_broken;         /* how many lines */
	uint64_t zones_elsewhere;     /* zones of other shards */
	struct arena arena;
	struct plan_draft *draft; /* while it is built */
};

void plan_begin(struct plan *plan);
/* `name`: wire form. The index of an equal zone where it is there already. */
uint32_t plan_add_zone(struct plan *plan, const uint8_t *name);
/* The index of the zone (wire form, lower case), or PLAN_NONE. */
uint32_t plan_find_zone(const struct plan *plan, const uint8_t *name);
/* `name`: wire form or NULL. One server per address and port: the first name stays, but a name
 * replaces an address. The index. */
uint32_t plan_add_server(struct plan *plan, const uint8_t *name, const struct address *address);
/* A name of the run, by wire form; the index of an equal one where it is there already (its fate is
 * then kept). */
uint32_t plan_add_name(struct plan *plan, const uint8_t *name, enum name_fate fate);
/* The zone is to be asked of the server; flags of the same pair are or-ed. */
void plan_assign(struct plan *plan, uint32_t zone, uint32_t server, unsigned flags);
/* An NS name of the zone (an index from plan_add_name()); duplicates are dropped. */
void plan_zone_name(struct plan *plan, uint32_t zone, uint32_t name);
/* Groups pairs and names by zone, marks names with several servers. Nothing is added later. */
void plan_close(struct plan *plan);
void plan_free(struct plan *plan);
/* The pair of this server in this zone, or PLAN_NONE. */
static inline uint32_t plan_pair(const struct plan *plan, uint32_t zone, uint32_t server)
{
	const struct zone *at = &plan->zones[zone];

	for (uint32_t pair = at->first_pair; pair < at->first_pair + at->pair_count; pair++) {
		if (plan->assigned[pair] == server)
			return pair;
	}
	return PLAN_NONE;
}

/* "example.com". */
struct text;
void plan_zone_text(const struct plan *plan, uint32_t zone, struct text *out);
/* "ns3.example.com (192.0.2.3)", with @PORT where it is not 53; the address alone where there is no
 * name. */
void plan_server_text(const struct plan *plan, uint32_t server, struct text *out);
const char *name_fate_name(enum name_fate fate);
const char *ns_source_name(enum ns_source source);

#endif
