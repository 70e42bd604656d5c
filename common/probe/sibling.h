/*
 * Another program of this package, found beside this one's own file: what it says, piece by piece,
 * and its end, which comes by the deadline at the latest.
 */
#ifndef COMMON_PROBE_SIBLING_H
#define COMMON_PROBE_SIBLING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/fault.h"

struct sibling {
	const char *program;          /* "bind_zones" */
	const char *const *arguments; /* those behind its name; NULL-terminated, 8 at most */
	int64_t deadline_us;          /* clock_monotonic_us(): then it is killed */
	void (*output)(void *context, const char *bytes, size_t length);
	void *context;
};

/* True where it exited with 0. Else `why` is what it said on stderr, or how it ended. */
bool sibling_run(const struct sibling *sibling, struct fault *why);

#endif
