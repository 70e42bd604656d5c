/*
 * What the judges came to: findings, and per zone and pair what reports show. Made once, at the end
 * of the road; read-only for reports.
 */
#ifndef COMMON_MODEL_VERDICT_H
#define COMMON_MODEL_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/model/finding.h"

/* Whose serial the others are compared with. */
enum reference_source { REFERENCE_NONE, REFERENCE_PRIMARY, REFERENCE_SOA_MNAME, REFERENCE_NEWEST };

struct reference {
	enum reference_source source;
	uint32_t pair; /* whose; PLAN_NONE without a source */
	uint32_t serial;
	uint32_t earlier_serial; /* of the first round, where the pair was asked twice; else the
	                            same */
};

enum relation {
	RELATION_UNKNOWN, /* no serial, or nothing to compare with */
	RELATION_SAME,
	RELATION_CATCHING_UP, /* lacks only what the reference did not have a moment before, either
	                       */
	RELATION_BEHIND,
	RELATION_AHEAD,
	RELATION_UNDEFINED,
	RELATION_INDEPENDENT, /* signs by itself: serials are not compared */
};

struct pair_verdict {
	enum relation relation : 8;
	enum role role : 8;
	enum severity severity : 8; /* the worst finding about this server in this zone */
	bool lag_known : 1, lag_is_minimum : 1;
	uint32_t serials_behind;
	int64_t lag_s, lag_since_s;
};

struct zone_verdict {
	enum severity severity;
	struct reference reference;
	uint32_t servers, in_sync; /* pairs that were to be asked (those without a route do not
	                              count); of them the same or catching up */
};

/* A secondary that is behind by what the APIs of both say. */
struct api_lag {
	uint32_t zone, server; /* indexes into the plan; there is no pair */
	uint32_t serials_behind;
	int64_t lag_s;
	bool is_known, is_minimum;
};

struct verdict {
	enum severity severity;
	struct zone_verdict *zones; /* as in the plan; in the findings' arena */
	struct pair_verdict *pairs;
	bool *responded;      /* per server: it answered anything at all */
	bool *no_udp;         /* per server: it answers, but not by UDP */
	uint32_t *first_zone; /* per server: one that it was to be asked for; PLAN_NONE */
	struct api_lag *lags; /* by zone, in the findings' arena */
	size_t lag_count, lag_capacity;
	struct findings findings; /* sorted: worst first, then by zone and server */
};

const char *reference_source_name(
	enum reference_source source); /* "primary", "soa_mname", "newest", "none" */
/* Zones come in the plan's order. */
void verdict_add_lag(struct verdict *verdict, const struct api_lag *lag);
/* The server's lag in the zone; NULL: it is not behind. */
const struct api_lag *verdict_find_lag(const struct verdict *verdict, uint32_t zone,
	uint32_t server);
void verdict_free(struct verdict *verdict);

#endif
