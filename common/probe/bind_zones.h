/*
 * The zones that a named serves, by its statistics channel as JSON (BIND ARM,
 * "statistics-channels"; /json/v1/zones): primary and secondary ones of class IN, of all views.
 */
#ifndef COMMON_PROBE_BIND_ZONES_H
#define COMMON_PROBE_BIND_ZONES_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/fault.h"

/* `name`: as a list of zones has it, '#' escaped. */
typedef void bind_zone(void *context, const char *name);

/* `url` without a path means the zones' one. False: not all zones could be read, and `fault` says
 * why as a sentence's second half. */
bool bind_zones_fetch(const char *url, uint32_t timeout_ms, bind_zone *each, void *context,
	struct fault *fault);

#endif
