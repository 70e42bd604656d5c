/*
 * One AXFR or IXFR of each pair of the plan, all at once. Fills observations, judges nothing.
 */
#ifndef COMMON_PROBE_ZONE_TRANSFER_H
#define COMMON_PROBE_ZONE_TRANSFER_H

#include "common/base/fault.h"
#include "common/dns/transfer.h"
#include "common/dns/tsig.h"
#include "common/model/observation.h"
#include "common/model/plan.h"
#include "common/model/zone_transfer.h"
#include "common/net/loop.h"
#include "common/net/tls.h"

/* Who gets a pair's records. Its rdata is the taker's to check; without one it is checked here. */
struct zone_transfer_taker {
	transfer_take_item *item;
	void *context;
};

/* Transfers over TLS (RFC 9103): whom to trust, and how servers are named in certificates. */
struct zone_transfer_tls {
	const char *ca_file;  /* NULL: the system's store */
	const char *hostname; /* of the primary's certificate; NULL, and for others: the server's
	                         name, or its address where it has none */
	int64_t now_s;
	/* tls_new() and the others of tls.h: programs that need no TLS do not link it. */
	struct tls *(*begin)(const struct tls_settings *settings, struct fault *fault);
	const struct stream_layer *(*layer)(const struct tls *tls);
	void (*end)(struct tls *tls);
};

struct zone_transfer_probe {
	struct loop *loop;
	const struct plan *plan;
	struct observations *seen;           /* zone_transfers of plan->pair_count: filled */
	struct address source4, source6;     /* family 0: any */
	const struct tsig_key *key;          /* NULL: unsigned */
	const struct zone_transfer_tls *tls; /* NULL: plain TCP */
	int64_t deadline_us;                 /* clock_monotonic_us() */
	bool incremental;                    /* IXFR from `serial` */
	uint32_t serial;
	bool only_begin;                          /* whether it begins is all there is to know */
	const struct zone_transfer_taker *takers; /* per pair; NULL, or item NULL: records are only
	                                             counted */
	const bool *wanted;                       /* per pair; NULL: all */
};

/* False only for our own troubles: no socket, a source address that is not ours. */
bool probe_zone_transfers(const struct zone_transfer_probe *probe, struct fault *fault);

#endif
