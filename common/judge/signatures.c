/* The signature over the SOA, per server: expired, expiring, or older than the primary's at the
 * same serial. */
#include "common/base/clock.h"
#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/judge/judge.h"

enum { DAY_S = 86400 };

/* RRSIG times are modulo 2^32 (RFC 4034 3.1.5): seconds from now until then, negative if past. */
static int64_t seconds_until(uint32_t then, int64_t now_s)
{
	return (int32_t)(then - (uint32_t)now_s);
}

static double lesser(double a, double b)
{
	return a < b ? a : b;
}

static double validity_s(const struct soa_observation *seen)
{
	return (double)(uint32_t)(seen->signature_expiration - seen->signature_inception);
}

static double bound(const struct limit *limit, double days, double share, double validity)
{
	if (!limit->set)
		return lesser(days * DAY_S, share * validity);
	return limit->percent ? limit->value / 100 * validity : limit->value;
}

static double warning_bound(const struct facts *facts, const struct soa_observation *seen)
{
	return bound(&facts->policy->signature_warning, 3, 0.25, validity_s(seen));
}

/* Where only the warning was set, ours must not be above it. */
static double critical_bound(const struct facts *facts, const struct soa_observation *seen)
{
	const struct limit *limit = &facts->policy->signature_critical;
	double critical = bound(limit, 1, 0.10, validity_s(seen));

	return limit->set ? critical : lesser(critical, warning_bound(facts, seen));
}

static bool is_signed(const struct soa_observation *seen)
{
	return judge_has_serial(seen) && (seen->signature_expiration || seen->signature_inception);
}

static void judge_dates(const struct facts *facts, struct verdict *verdict, uint32_t zone,
	uint32_t pair)
{
	const struct soa_observation *seen = &facts->seen->soa[pair];
	int64_t left = seconds_until(seen->signature_expiration, facts->now_s);
	bool is_critical = (double)left <= critical_bound(facts, seen);
	struct finding *finding;
	char left_text[32], utc[32];

	clock_format_utc(facts->now_s + left, utc);
	if (left < 0)
		finding = judge_say(facts, verdict, FINDING_SIGNATURE_EXPIRED, zone, pair,
			"serves an SOA whose signature expired %s ago (at %s): validating resolvers answer SERVFAIL",
			duration_format(-left, left_text), utc);
	else if (is_critical || (double)left <= warning_bound(facts, seen))
		finding = judge_say(facts, verdict, FINDING_SIGNATURE_EXPIRING, zone, pair,
			"serves an SOA whose signature expires in %s (at %s)",
			duration_format(left, left_text), utc);
	else
		return;
	if (is_critical)
		finding->severity = SEVERITY_CRITICAL;
	finding->amount = left;
	finding->has_amount = true;
}

static void judge_stale(const struct facts *facts, struct verdict *verdict, uint32_t zone,
	uint32_t pair)
{
	const struct reference *reference = &verdict->zones[zone].reference;
	const struct soa_observation *seen = &facts->seen->soa[pair], *right;
	int64_t older, left = seconds_until(seen->signature_expiration, facts->now_s);
	struct finding *finding;
	char older_text[32];

	if (verdict->pairs[pair].relation != RELATION_SAME || reference->pair == pair)
		return;
	right = &facts->seen->soa[reference->pair];
	older = (int32_t)(right->signature_expiration - seen->signature_expiration);
	if (!is_signed(right) || older <= DAY_S || (double)left >= warning_bound(facts, seen))
		return;
	finding = judge_say(facts, verdict, FINDING_SIGNATURE_STALE, zone, pair,
		"serves an SOA whose signature expires %s before that of %s at the same serial: the zone was signed again without a "
		"higher serial, so nobody transferred it",
		duration_format(older, older_text),
		facts->plan->servers[facts->plan->assigned[reference->pair]].display);
	finding->amount = older;
	finding->has_amount = true;
}

void judge_signatures(const struct facts *facts, struct verdict *verdict, uint32_t zone)
{
	const struct zone *at = &facts->plan->zones[zone];

	for (uint32_t pair = at->first_pair; pair < at->first_pair + at->pair_count; pair++) {
		if (!is_signed(&facts->seen->soa[pair]))
			continue;
		judge_dates(facts, verdict, zone, pair);
		judge_stale(facts, verdict, zone, pair);
	}
}
