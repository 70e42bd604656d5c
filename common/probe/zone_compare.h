/*
 * Compares the zones of a plan's servers with the reference's (the first pair with PAIR_PRIMARY):
 * transfers all of them at once and keeps sums alone (common/dns/digest.h). Where sums differ at
 * the same serial the zone is transferred again, and only the records of the differing buckets are
 * kept. A zone that changed meanwhile is compared again, at most COMPARISON_TRIES times.
 */
#ifndef COMMON_PROBE_ZONE_COMPARE_H
#define COMMON_PROBE_ZONE_COMPARE_H

#include "common/base/text.h"
#include "common/model/zone_comparison.h"
#include "common/probe/soa.h"
#include "common/probe/zone_transfer.h"

enum { COMPARE_TYPES = 65536 };

struct zone_compare {
	struct zone_transfer_probe transfers; /* all but takers and wanted; its seen->zone_transfers
	                                         and seen->zone_comparisons are filled */
	const struct soa_probe *serials;      /* by which a serial is asked for again; NULL: it
	                                         can't be */
	bool compares;                        /* else only ZONEMD is verified */
	bool zonemd;
	bool with_ttl;
	const bool *ignored; /* COMPARE_TYPES; NULL: none */
	size_t sample_most;  /* records of each comparison */
	uint64_t bytes_most; /* of a zone, in canonical form; a larger one is not compared; 0: any
	                      */
	struct text *diff;   /* all records that differ, as lines of a master file behind "- " or
	                        "+ "; NULL: not wanted */
};

/* False only for our own troubles. */
bool probe_zone_compare(const struct zone_compare *compare, struct fault *fault);

#endif
