/*
 * Other programs of this package, found beside this one's own file, all at once: what each says,
 * piece by piece, and its end, which comes by its deadline at the latest. They run on while the
 * loop asks something else. Nothing secret belongs into their arguments, which anybody can read:
 * name the file that holds it.
 */
#ifndef COMMON_PROBE_SIBLING_H
#define COMMON_PROBE_SIBLING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/fault.h"
#include "common/net/loop.h"

struct sibling {
	const char *program;          /* "bind_zones" */
	const char *const *arguments; /* those behind its name; NULL-terminated */
	int64_t deadline_us;          /* clock_monotonic_us(): then it is killed */
	/* What it says, until siblings_end(); false: no more of that, it is killed. */
	bool (*output)(void *context, const char *bytes, size_t length);
	void *context;
	/* After siblings_end(): did it not exit with 0? Then `why` is what it said on stderr, or
	 * how it ended. */
	bool has_failed;
	struct fault why;
};

struct siblings;

/* Starts all; `items` stay where they are until siblings_end(). */
struct siblings *siblings_start(struct loop *loop, struct sibling *items, size_t count);
/* Waits until all have ended, or somebody stops the loop before: then false. */
bool siblings_wait(struct siblings *siblings);
/* Waits for those that still run. */
void siblings_end(struct siblings *siblings);

#endif
