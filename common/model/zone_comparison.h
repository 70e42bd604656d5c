/*
 * What the comparison of one server's zone with the reference's came to, and what the zone's own
 * digest says. One stands beside each pair of the plan (observations.zone_comparisons).
 */
#ifndef COMMON_MODEL_ZONE_COMPARISON_H
#define COMMON_MODEL_ZONE_COMPARISON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/dns/zonemd.h"

enum comparison_result {
	COMPARISON_NONE,      /* not wanted, or one of the two could not be transferred */
	COMPARISON_REFERENCE, /* the others are compared with this one */
	COMPARISON_EQUAL,
	COMPARISON_DIFFERENT, /* the same serial, other records */
	COMPARISON_SERIAL,    /* another serial, and that did not change meanwhile */
	COMPARISON_UNSETTLED, /* whenever it was looked at, the zone had changed meanwhile */
	COMPARISON_COUNT,
};

struct zone_comparison {
	enum comparison_result result;
	uint32_t serial, reference_serial;
	unsigned tries;
	/* DIFFERENT: records, counted as often as they stand more often on one side. */
	bool is_located;                /* a second look found them; else they are not known */
	bool is_part;                   /* there are more of them */
	bool only_signing;              /* all are of DNSSEC's types: RRSIG, NSEC, DNSKEY, ... */
	uint64_t only_here, only_there; /* at the reference alone; at this server alone */
	const char *const *sample;      /* "- RECORD" (reference), "+ RECORD": the first of them */
	size_t sample_count;
	/* Of --zonemd; about the server's own zone. */
	bool has_zonemd;
	struct zonemd_verdict zonemd;
};

enum { COMPARISON_TRIES = 3 };

/* Of a diagnosis: the server's records but the SOA, compared with the reference's. */
struct content_observation {
	uint32_t zone, server; /* indexes into the plan */
	struct zone_comparison comparison;
};

/* "equal", "different", ...: for JSON and scenarios. */
const char *comparison_result_name(enum comparison_result result);
/* "good", "missing", ... */
const char *zonemd_result_name(enum zonemd_result result);

#endif
