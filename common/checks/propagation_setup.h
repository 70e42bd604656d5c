/*
 * What check_dns_propagation's options come to, for its parts.
 */
#ifndef COMMON_CHECKS_PROPAGATION_SETUP_H
#define COMMON_CHECKS_PROPAGATION_SETUP_H

#include "common/checks/canary_api.h"
#include "common/checks/canary_engine.h"
#include "common/checks/canary_zone.h"
#include "common/checks/dns_propagation.h"
#include "common/probe/discover.h"

struct propagation_setup {
	struct discovery discovery; /* only names to addresses */
	const uint8_t *zone;
	struct host primary;      /* -H, with --change */
	struct host *secondaries; /* as many as values->secondaries.count */
	bool has_listen;
	struct address listen;
	struct tsig_key key;
	bool has_api; /* --change=pdns */
	struct canary_api api;
	struct canary_sources *sources; /* by server, once the plan is made */
};

static inline const struct dns_propagation_values *propagation_values(const struct run *run)
{
	return run->values;
}

/* Asks everybody for the SOA who was not asked yet, until then at most (clock_monotonic_us()). */
enum { PROPAGATION_LAST_LOOK_US = 500000 };
bool propagation_look(struct run *run, int64_t until_us, struct fault *fault);
/* The plan and `sources`. */
bool propagation_plan(struct run *run, struct fault *fault);
/* With --change: makes the change and follows it. */
bool propagation_by_change(struct run *run, struct fault *fault);

#endif
