/*
 * For a human who waits: how far a long run is, on stderr, where that is a terminal; in pipes, and
 * so under every monitoring system, there is none. Nothing is shown of the first second, and
 * nothing is left behind.
 */
#ifndef COMMON_CHECKS_PROGRESS_H
#define COMMON_CHECKS_PROGRESS_H

#include "common/checks/check.h"

struct progress;

/* With the run's loop; NULL where nobody watches. */
struct progress *progress_begin(const struct run *run);
/* The line is empty again. */
void progress_end(struct progress *progress);

#endif
