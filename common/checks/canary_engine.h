/*
 * The embedded engine as a part of check_dns_propagation: the hidden primary of the canary zone, or
 * one more secondary of the real primary. What it sees becomes the times of steps. Only here do
 * probe and engine meet.
 */
#ifndef COMMON_CHECKS_CANARY_ENGINE_H
#define COMMON_CHECKS_CANARY_ENGINE_H

#include "common/checks/canary_zone.h"
#include "common/dns/tsig.h"
#include "common/probe/published.h"

struct canary_engine;

/* Where the servers of one name ask from, as far as the user said it. */
struct canary_sources {
	const uint8_t *name; /* NULL: the address alone is its name */
	const struct address *addresses;
	size_t count;
};

struct canary_engine_settings {
	struct run *run;
	struct address listen;
	const struct tsig_key *key;           /* or NULL */
	const struct canary_sources *sources; /* by server of the plan */
	const struct canary_zone *zone;  /* its primary; of its versions the last is the change */
	bool only_whole;                 /* --axfr: no differences */
	const struct address *primaries; /* instead of `zone`: a secondary of these */
	size_t primary_count;
};

/* Listens and sends NOTIFY; whatever follows needs the loop. NULL with the fault. */
struct canary_engine *canary_engine_new(const struct canary_engine_settings *settings,
	struct fault *fault);
/* From here on times count from `changed_us` (clock_monotonic_us()), and `published` learns where
 * the change has come to. */
void canary_engine_watch(struct canary_engine *engine, int64_t changed_us,
	struct published *published);
/* Who asked and is none of the servers, into the change. Then it is gone. */
void canary_engine_free(struct canary_engine *engine);

#endif
