/*
 * Asks servers again and again until their own answers show a change: seldom while nothing speaks
 * for it, as often as every few milliseconds once it must have come (common/model/propagation.h).
 * A question that is lost costs nothing: the next one is on its way. Who truncates, or says nothing
 * by UDP, is asked by TCP, one question after the other. Runs in the caller's loop.
 */
#ifndef COMMON_PROBE_PUBLISHED_H
#define COMMON_PROBE_PUBLISHED_H

#include <stdbool.h>
#include <stdint.h>

#include "common/dns/message.h"
#include "common/dns/tsig.h"
#include "common/model/observation.h"
#include "common/model/plan.h"
#include "common/net/loop.h"

struct published;

struct published_settings {
	struct loop *loop;
	const struct plan *plan;    /* of one zone */
	struct observations *seen;  /* its propagations and, by SOA, its answers are filled */
	const struct tsig_key *key; /* or NULL */
	struct address source4, source6;
	int64_t changed_us, deadline_us; /* clock_monotonic_us() */
	const uint8_t *name;             /* of the question */
	uint16_t type;
	bool is_expected; /* everywhere and at once; otherwise published_expect() says where */
	/* Does this answer show the change? */
	bool (*shows)(void *context, uint32_t pair, const struct message *answer);
	/* All servers' answers do, or the deadline is there. */
	void (*ended)(void *context);
	void *context;
};

struct published *published_new(const struct published_settings *settings);
/* The change has reached this pair's server. */
void published_expect(struct published *published, uint32_t pair);
void published_free(struct published *published);

#endif
