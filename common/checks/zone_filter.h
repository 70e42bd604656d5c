/*
 * Which of the zones that were named are this run's: --exclude and --shard.
 */
#ifndef COMMON_CHECKS_ZONE_FILTER_H
#define COMMON_CHECKS_ZONE_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/fault.h"
#include "common/base/options.h"

struct zone_filter {
	const char **globs;
	size_t glob_count;
	uint32_t shard, shards;       /* this one of so many, from 1; 0 of 0: all */
	uint64_t excluded, elsewhere; /* zones that were not taken, duplicates counted twice */
};

/* `shard` may be NULL. The arena owns the globs. */
bool zone_filter_begin(struct zone_filter *filter, const struct option_list *exclude,
	const char *shard, struct arena *arena, struct fault *fault);
/* `zone`: wire form, lower case. A zone's shard depends on its name alone (XXH64, seed 0, of the
 * wire form), so that no zone moves when others come or go. */
bool zone_filter_takes(struct zone_filter *filter, const uint8_t *zone);

#endif
