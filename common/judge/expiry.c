/* EDNS EXPIRE (RFC 7314): how long a secondary will go on serving, and so when it last reached its
 * primary. */
#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/judge/judge.h"

/* BIND refuses shorter ones: min-refresh and min-retry (seconds). */
enum { LEAST_REFRESH_S = 300, LEAST_RETRY_S = 500 };

static bool is_below(const struct limit *limit, uint32_t left_s, uint32_t whole_s)
{
	double bound = limit->percent ? limit->value / 100 * whole_s : limit->value;

	return limit->set && left_s <= bound;
}

static void judge_near(const struct facts *facts, struct verdict *verdict, uint32_t zone,
	uint32_t pair, const struct soa_content *fields)
{
	uint32_t left = facts->seen->soa[pair].expire_s;
	enum severity severity = SEVERITY_OK;
	struct finding *finding;
	char left_text[32];

	if (is_below(&facts->policy->expire_warning, left, fields->expire))
		severity = SEVERITY_WARNING;
	if (is_below(&facts->policy->expire_critical, left, fields->expire))
		severity = SEVERITY_CRITICAL;
	if (severity == SEVERITY_OK)
		return;
	finding = judge_say(facts, verdict, FINDING_EXPIRE_NEAR, zone, pair,
		"will stop serving the zone in %s, unless it reaches its primary (%u s of %u s left)",
		duration_format(left, left_text), left, fields->expire);
	finding->severity = severity;
	finding->amount = left;
	finding->has_amount = true;
}

static uint32_t larger(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

static void judge_overdue(const struct facts *facts, struct verdict *verdict, uint32_t zone,
	uint32_t pair, const struct soa_content *fields)
{
	uint32_t left = facts->seen->soa[pair].expire_s;
	int64_t age = left < fields->expire ? (int64_t)fields->expire - left
					    : 0; /* BIND's EXPIRE may exceed the SOA's */
	int64_t allowed = (int64_t)larger(fields->refresh, LEAST_REFRESH_S) +
		2 * (int64_t)larger(fields->retry, LEAST_RETRY_S);
	char age_text[32], refresh_text[32];
	struct finding *finding;

	if (age <= allowed)
		return;
	finding = judge_say(facts, verdict, FINDING_REFRESH_OVERDUE, zone, pair,
		"last reached its primary %s ago, though it should every %s",
		duration_format(age, age_text), duration_format(fields->refresh, refresh_text));
	finding->amount = age;
	finding->has_amount = true;
}

void judge_expiry(const struct facts *facts, struct verdict *verdict, uint32_t zone)
{
	const struct zone *at = &facts->plan->zones[zone];

	for (uint32_t pair = at->first_pair; pair < at->first_pair + at->pair_count; pair++) {
		const struct soa_observation *seen = &facts->seen->soa[pair];
		const struct soa_content *fields = facts->seen->fields[seen->fields];

		if (!judge_has_serial(seen) || seen->expire_s == EXPIRE_NONE)
			continue;
		judge_near(facts, verdict, zone, pair, fields);
		judge_overdue(facts, verdict, zone, pair, fields);
	}
}
