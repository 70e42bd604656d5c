/*
 * A list of zones and their master files, a line each: "ZONE FILE"; "#" begins a comment. Pure.
 * Unlike lists of zones to be checked it is strict: who edits it is told at once.
 */
#ifndef COMMON_ENGINE_ZONE_ROLL_H
#define COMMON_ENGINE_ZONE_ROLL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/fault.h"
#include "common/dns/name.h"

struct zone_roll_entry {
	uint8_t name[NAME_WIRE]; /* lower case */
	const char *file;        /* relative to the list's folder unless it begins with a slash */
};

struct zone_roll {
	struct zone_roll_entry *entries;
	size_t count;
};

/* Each zone once. `path` is the list's own; the fault reads "PATH:LINE: reason". What is found is
 * the arena's. */
bool zone_roll_parse(const char *path, const char *content, size_t length, struct arena *arena,
	struct zone_roll *roll, struct fault *fault);

#endif
