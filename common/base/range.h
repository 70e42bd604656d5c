/*
 * Threshold ranges of the Monitoring Plugins guidelines: [@]start:end, `~` is minus infinity, an
 * empty end is infinity, both ends inclusive; a plain N is 0:N. An alert is raised outside of the
 * range, with `@` inside of it.
 */
#ifndef COMMON_BASE_RANGE_H
#define COMMON_BASE_RANGE_H

#include <stdbool.h>

#include "common/base/fault.h"

struct range {
	double start, end; /* infinite where open */
	bool inside;       /* '@' */
	bool set;          /* false: no threshold, never alerts */
};

enum range_unit {
	RANGE_PLAIN,   /* numbers */
	RANGE_SECONDS, /* numbers with s m h d (duration_parse) */
};

/* Fails with what was wrong and the right form. */
bool range_parse(const char *string, enum range_unit unit, struct range *range,
	struct fault *fault);
bool range_alerts(const struct range *range, double value);
/* As perfdata wants it: a plain number where the range is 0:N (graphs lose anything else), else the
 * whole form; "" where not set. `out` holds at least 80 bytes; returned. */
char *range_format(const struct range *range, char out[80]);

#endif
