/*
 * A catalog zone by AXFR: the first address that gives all of it counts.
 */
#ifndef COMMON_PROBE_CATALOG_H
#define COMMON_PROBE_CATALOG_H

#include "common/base/fault.h"
#include "common/dns/catalog.h"
#include "common/dns/tsig.h"
#include "common/net/exchange.h"
#include "common/net/loop.h"

struct catalog_request {
	struct loop *loop;
	const uint8_t *zone;
	const struct address *addresses; /* tried in order */
	size_t count;
	const struct exchange_settings *exchange; /* sources, time-outs, the deadline of all tries
	                                           */
	const struct tsig_key *key;               /* NULL: unsigned */
};

/* Into `catalog`, the caller's to free in any case. False: nobody gave it, or it is broken; `why`
 * says so as a sentence's second half. */
bool probe_catalog(const struct catalog_request *request, struct catalog *catalog,
	struct fault *why);

#endif
