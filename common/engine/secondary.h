/*
 * A secondary's side of one zone (RFC 1034 4.3.5, RFC 1996): asks its primaries' SOA at the start,
 * when notified, at refresh and retry; transfers by IXFR or AXFR what is newer (RFC 1982); and lets
 * the zone expire. The timers are the zone's own, a second at least.
 *
 * With several primaries a round asks one after the other until one has something newer. It has
 * failed only if none of them answered.
 */
#ifndef COMMON_ENGINE_SECONDARY_H
#define COMMON_ENGINE_SECONDARY_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/address.h"
#include "common/engine/zone_store.h"
#include "common/net/loop.h"

struct secondary;

struct secondary_settings {
	struct loop *loop;
	struct zone *zone;               /* is_secondary; its primaries are who is asked */
	struct address source4, source6; /* family 0: any */
	/* A line about what happened. */
	void (*log)(void *context, const char *line);
	/* There is a new version in the zone. */
	void (*changed)(void *context, struct zone *zone);
	void *context;
};

/* Begins with the SOA check. */
struct secondary *secondary_new(const struct secondary_settings *settings);
/* Now (NOTIFY from this primary; SIGHUP: NULL); after the round that runs, if one does. */
void secondary_refresh(struct secondary *secondary, const struct address *notifier);
void secondary_free(struct secondary *secondary);

#endif
