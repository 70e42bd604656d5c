/* Shared by the judges of check_pdns_replication. */
#ifndef COMMON_JUDGE_API_JUDGE_H
#define COMMON_JUDGE_API_JUDGE_H

#include "common/judge/api_private.h"

/* Zones of a server, one after the other. */
struct counted_zones {
	uint32_t count, last; /* the last one that was counted, + 1 */
};

/* Zones that a secondary lacks, and of which nobody was asked whether it should have them. */
struct lacked_zones {
	const struct pdns_server *primary, *secondary;
	uint32_t count;
};

struct api_judge {
	const struct facts *facts;
	struct verdict *verdict;
	/* By index of server: zones that others take from it, and of which nothing more was asked
	 * although its list does not tell enough. */
	struct counted_zones *taken, *left_out;
	struct lacked_zones lacked; /* of the two that were looked at last */
	bool *is_said;              /* by index of server and code: said of the server as a whole */
};

struct finding *api_say(const struct api_judge *self, enum finding_code code, uint32_t zone,
	const struct pdns_server *pdns, const char *format, ...)
	__attribute__((format(printf, 5, 6)));
const char *api_printf(const struct api_judge *self, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
const char *api_advise_setting(const struct api_judge *self, const struct pdns_server *pdns,
	enum pdns_setting setting, const char *value);

/* api_zones.c: what two servers together show. */
void api_judge_zones(struct api_judge *self);
/* api_catalog.c */
void api_judge_catalog(struct api_judge *self, uint32_t zone, const struct pdns_server *primary,
	const struct pdns_server *secondary);

/* api_roles.c: whom this secondary's zone comes from, of those that were asked: who its row names,
 * else who has it as a primary, else the first of them; NULL where that is itself. */
const struct pdns_server *api_primary_of(const struct facts *facts, uint32_t zone,
	const struct pdns_server *secondary);
/* The case of a zone between two servers. */
struct api_case api_case_of(const struct facts *facts, struct arena *arena, uint32_t zone,
	const struct pdns_server *primary, const struct pdns_server *secondary);

/* May it serve older serials than its database has? */
bool api_counts_seconds(const struct pdns_server *pdns);

/* api_lags.c: since when, by what earlier runs saw. */
/* Whose serials are kept: the server that has the zone from nobody; NULL. */
const struct pdns_server *api_origin_of(const struct facts *facts, uint32_t zone);
/* How long the secondary has lacked something; `known`: an earlier run tells. */
struct lag api_lag_behind(const struct api_case *self);
/* How long the server's oldest change without NOTIFY has waited. */
struct lag api_lag_pending(const struct facts *facts, uint32_t zone,
	const struct pdns_server *pdns);
/* How long the secondary has had the zone and never transferred it; a minimum where it had it
 * before anything was remembered. */
struct lag api_lag_untransferred(const struct api_case *self);
enum severity api_lag_severity(const struct facts *facts, const struct lag *lag);
/* " for 2m (since 04:12Z)", or nothing. */
void api_lag_text(struct text *out, const struct lag *lag);

/* How the secondary stands to the primary in one zone. */
enum api_state {
	API_FINE,      /* or nothing is known against it */
	API_UNSETTLED, /* more has to be known: edited serials, NS sets */
	API_MISSING,   /* it should have the zone and does not */
	API_UNWANTED,  /* it does not have the zone, and nothing says that it should */
	API_NEVER,     /* configured, never transferred */
	API_BEHIND,
	API_ORPHAN, /* the primary does not have it any more */
};
enum api_state api_state_of(const struct api_case *self);

#endif
