/*
 * Durations as users write and read them: 90s, 5m, 2h, 3d, 1.5h, 250ms, plain seconds.
 */
#ifndef COMMON_BASE_DURATION_H
#define COMMON_BASE_DURATION_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/fault.h"

/* Seconds as a double (milliseconds matter to -t). Fails on a sign, on rubbish behind the unit, on
 * more than 100 years. */
bool duration_parse(const char *string, double *seconds, struct fault *fault);
/* For people: "0s", "45s", "2m 5s", "2h 10m", "3d 4h": at most two units, truncated. Below a
 * second: "0s". Negative values begin with '-'. `out` holds at least 32 bytes; returned. */
char *duration_format(int64_t seconds, char out[32]);

#endif
