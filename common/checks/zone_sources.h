/*
 * Which zones a run is about, and each zone's primary: -z, --zones-file, less --exclude and
 * --shard.
 */
#ifndef COMMON_CHECKS_ZONE_SOURCES_H
#define COMMON_CHECKS_ZONE_SOURCES_H

#include "common/base/map.h"
#include "common/checks/dns_options.h"
#include "common/checks/zone_filter.h"

/* Lives in the run's setup. What it makes is in the run's arena. */
struct zone_sources {
	struct run *run;
	struct zone_filter filter;
	struct host *primaries; /* the first is -H, where that was given */
	size_t primary_count, primary_capacity;
	struct map by_text, by_place; /* a primary as it was written, and as it is meant */
	uint32_t *primary_of;         /* zone → into `primaries`; PLAN_NONE */
	uint32_t *primary_line;       /* zone → the line that said so; 0: none did */
	size_t zone_capacity;
	const char *place;     /* of what is being read: "zones.txt" */
	uint64_t broken_count; /* lines that say no zone */
	uint64_t broken_line;  /* the first of them */
	const char *broken_why;
	struct fault conflict; /* two lines that contradict each other */
};

/* Files and options into plan and discovery; everything that needs no network. */
bool zone_sources_read(struct run *run, struct dns_setup *setup, struct fault *fault);

#endif
