/*
 * Which zones a run is about, and each zone's primary: -z, --zones-file, --zones-from, less
 * --exclude and --shard; and what earlier runs knew of these lists.
 */
#ifndef COMMON_CHECKS_ZONE_SOURCES_H
#define COMMON_CHECKS_ZONE_SOURCES_H

#include "common/base/map.h"
#include "common/checks/dns_options.h"
#include "common/checks/zone_filter.h"

enum zone_source_kind {
	ZONE_SOURCE_FILE,
	ZONE_SOURCE_CATALOG,
	ZONE_SOURCE_BIND,
	ZONE_SOURCE_MYSQL,
	ZONE_SOURCE_PDNS
};

enum zone_mark {
	ZONE_LISTED = 1, /* by this source, in this run */
	ZONE_MOVING = 2, /* the catalog says that it goes to another one */
	ZONE_KNOWN = 4,  /* by an earlier run */
};

/* A list of zones that comes and goes. */
struct zone_source {
	enum zone_source_kind kind;
	const char *text;       /* as the user named it: "catalog:catalog.example" */
	const uint8_t *catalog; /* its name */
	uint8_t *marks;         /* zone → enum zone_mark, or-ed; in the arena */
	size_t mark_capacity;
	bool has_failed; /* it could not be read; `why` */
	struct fault why;
};

/* What is made here is in the run's arena. */
struct zone_sources {
	struct run *run;
	struct dns_setup *setup;
	struct zone_filter filter;
	struct zone_source *items; /* --zones-file, --zones-from */
	size_t count;
	struct host *primaries; /* the first is -H, where that was given */
	size_t primary_count, primary_capacity;
	struct map by_text, by_place; /* a primary as it was written, and as it is meant */
	uint32_t *primary_of;         /* zone → into `primaries`; PLAN_NONE */
	uint32_t *primary_line;       /* zone → the line that said so; 0: none did */
	size_t zone_capacity;
	const char *place;          /* of what is being read: "zones.txt" */
	struct zone_source *source; /* the same, where it is a source that comes and goes */
	uint64_t broken_count;      /* lines that say no zone */
	uint64_t broken_line;       /* the first of them */
	const char *broken_why;
	struct fault conflict; /* two lines that contradict each other */
};

/* Files and options into plan and discovery; everything that needs no network. */
bool zone_sources_read(struct run *run, struct dns_setup *setup, struct fault *fault);
/* Then the lists that servers have, and what earlier runs knew of all lists. */
bool zone_sources_fetch(struct zone_sources *sources, struct fault *fault);

/* For the parts (zone_rosters.c). */

/* Its index, or PLAN_NONE: it is not this run's. `name` in lower case. */
uint32_t zone_sources_add(struct zone_sources *sources, const uint8_t *name);
/* The same without regard to --exclude and --shard. */
uint32_t zone_sources_keep(struct zone_sources *sources, const uint8_t *name);
void zone_source_mark(struct zone_sources *sources, struct zone_source *source, uint32_t zone,
	unsigned marks);
unsigned zone_source_marks(const struct zone_source *source, uint32_t zone);
/* Since when, until when: every source's zones compared with what earlier runs saw. */
void zone_rosters_update(struct zone_sources *sources);

#endif
