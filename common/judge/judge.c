#include "common/judge/judge.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/duration.h"
#include "common/base/text.h"

enum { MINUTES_2 = 120, DAY_S = 86400 };

void judge_since_text(struct text *out, int64_t seconds, int64_t since_s, bool is_minimum)
{
	char duration[32], utc[32];

	clock_format_utc(since_s, utc); /* 2026-11-22T04:12:00Z */
	text_addf(out, "%s%s (since ", is_minimum ? "at least " : "",
		duration_format(seconds, duration));
	if (seconds >= DAY_S)
		text_addf(out, "%.10s %.5sZ)", utc, utc + 11);
	else
		text_addf(out, "%.*sZ)", seconds < MINUTES_2 ? 8 : 5, utc + 11);
}

bool judge_outcome_since(const struct facts *facts, uint32_t zone, uint32_t pair, int64_t *since_s)
{
	/* Of the node that answered; "" is whatever came from the address. */
	const struct server_past *past = history_server(history_of(facts->past, zone),
		&facts->plan->servers[facts->plan->assigned[pair]].address,
		facts->seen->texts[facts->seen->soa[pair].nsid]);

	if (!past || past->outcome != facts->seen->soa[pair].outcome ||
		past->since_s >= facts->now_s)
		return false;
	*since_s = past->since_s;
	return true;
}

enum role judge_role(const struct facts *facts, const struct verdict *verdict, uint32_t zone,
	uint32_t pair)
{
	const struct reference *reference = &verdict->zones[zone].reference;

	if (facts->plan->pair_flags[pair] & PAIR_PRIMARY)
		return ROLE_PRIMARY;
	/* All addresses of the server that the MNAME names. */
	if (reference->source == REFERENCE_SOA_MNAME &&
		!strcmp(facts->plan->servers[facts->plan->assigned[pair]].name,
			facts->plan->servers[facts->plan->assigned[reference->pair]].name))
		return ROLE_PRIMARY;
	return ROLE_SECONDARY;
}

struct finding *judge_say(const struct facts *facts, struct verdict *verdict,
	enum finding_code code, uint32_t zone, uint32_t pair, const char *format, ...)
{
	struct finding *finding = finding_add(&verdict->findings, code);
	va_list arguments;

	finding->zone = zone;
	finding->server = facts->plan->assigned[pair];
	finding->role = judge_role(facts, verdict, zone, pair);
	va_start(arguments, format);
	finding->text = arena_vprintf(&verdict->findings.arena, format, arguments);
	va_end(arguments);
	return finding;
}

/* The worst finding about each pair, a server's as a whole included; each finding and each pair is
 * looked at once. */
static void blame_pairs(const struct facts *facts, struct verdict *verdict)
{
	const struct plan *plan = facts->plan;
	enum severity *servers =
		arena_array(&verdict->findings.arena, plan->server_count, sizeof(*servers));

	for (size_t i = 0; i < verdict->findings.count; i++) {
		const struct finding *finding = &verdict->findings.items[i];
		struct pair_verdict *pair;
		uint32_t at;

		if (finding->server == PLAN_NONE ||
			(finding->zone == PLAN_NONE && judge_is_of_database(finding->code)))
			continue;
		if (finding->zone == PLAN_NONE) {
			servers[finding->server] =
				severity_worse(servers[finding->server], finding->severity);
			continue;
		}
		at = plan_pair(plan, finding->zone, finding->server);
		if (at == PLAN_NONE)
			continue; /* nobody asked by DNS */
		pair = &verdict->pairs[at];
		pair->severity = severity_worse(pair->severity, finding->severity);
	}
	for (uint32_t pair = 0; pair < plan->pair_count; pair++)
		verdict->pairs[pair].severity = severity_worse(verdict->pairs[pair].severity,
			servers[plan->assigned[pair]]);
}

static uint32_t good_servers(const struct facts *facts, const struct verdict *verdict,
	uint32_t zone)
{
	const struct zone *at = &facts->plan->zones[zone];
	uint32_t good = 0;

	for (uint32_t pair = at->first_pair; pair < at->first_pair + at->pair_count; pair++)
		good += judge_has_serial(&facts->seen->soa[pair]) &&
			verdict->pairs[pair].severity != SEVERITY_CRITICAL;
	return good;
}

/* Which servers serve a zone that has too few good ones? */
static void mark_lacking(const struct facts *facts, const bool *enough, bool *lacking)
{
	for (uint32_t z = 0; z < facts->plan->zone_count; z++) {
		const struct zone *zone = &facts->plan->zones[z];

		for (uint32_t i = 0; !enough[z] && i < zone->pair_count; i++)
			lacking[facts->plan->assigned[zone->first_pair + i]] = true;
	}
}

static void apply_quorum(const struct facts *facts, struct verdict *verdict)
{
	struct arena *arena = &verdict->findings.arena;
	bool *enough, *lacking;

	if (!facts->policy->quorum)
		return;
	enough = arena_array(arena, facts->plan->zone_count, sizeof(*enough));
	lacking = arena_array(arena, facts->plan->server_count, sizeof(*lacking));
	for (uint32_t z = 0; z < facts->plan->zone_count; z++)
		enough[z] = good_servers(facts, verdict, z) >= facts->policy->quorum;
	mark_lacking(facts, enough, lacking);
	for (size_t i = 0; i < verdict->findings.count; i++) {
		struct finding *finding = &verdict->findings.items[i];

		if (finding->severity != SEVERITY_CRITICAL || finding->server == PLAN_NONE)
			continue;
		if (finding->zone == PLAN_NONE ? !lacking[finding->server] : enough[finding->zone])
			finding->severity = SEVERITY_WARNING;
	}
	for (uint32_t pair = 0; pair < facts->plan->pair_count; pair++)
		verdict->pairs[pair].severity = SEVERITY_OK;
	blame_pairs(facts, verdict);
}

static void apply_severities(const struct facts *facts, struct verdict *verdict)
{
	for (size_t i = 0; i < verdict->findings.count; i++) {
		struct finding *finding = &verdict->findings.items[i];

		finding->severity = policy_severity(facts->policy, finding->code, finding->role,
			finding->severity);
	}
	blame_pairs(facts, verdict);
	apply_quorum(facts, verdict);
}

/* Of its pairs; one that was not asked leaves the zone as uncertain as the run is. */
static enum severity zone_severity(const struct facts *facts, const struct verdict *verdict,
	const struct zone *zone, enum severity unasked)
{
	enum severity severity = SEVERITY_OK;

	for (uint32_t pair = zone->first_pair; pair < zone->first_pair + zone->pair_count; pair++) {
		severity = severity_worse(severity, verdict->pairs[pair].severity);
		if (facts->seen->soa[pair].outcome == OUTCOME_NOT_ASKED &&
			!judge_is_absent(facts, pair))
			severity = severity_worse(severity, unasked);
	}
	return severity;
}

/* About a server that was not asked by DNS, but by its API. */
static bool lacks_pair(const struct facts *facts, const struct finding *finding)
{
	return finding->zone != PLAN_NONE && finding->server != PLAN_NONE &&
		plan_pair(facts->plan, finding->zone, finding->server) == PLAN_NONE;
}

static void sum_up(const struct facts *facts, struct verdict *verdict)
{
	enum severity unasked = policy_severity(facts->policy, FINDING_DEADLINE_REACHED, ROLE_ANY,
		facts->policy->timeout_result);

	for (uint32_t z = 0; z < facts->plan->zone_count; z++)
		verdict->zones[z].severity =
			zone_severity(facts, verdict, &facts->plan->zones[z], unasked);
	for (size_t i = 0; i < verdict->findings.count; i++) {
		const struct finding *finding = &verdict->findings.items[i];

		verdict->severity = severity_worse(verdict->severity, finding->severity);
		if (finding->zone != PLAN_NONE &&
			(finding->server == PLAN_NONE || lacks_pair(facts, finding)))
			verdict->zones[finding->zone].severity =
				severity_worse(verdict->zones[finding->zone].severity,
					finding->severity);
	}
}

static int compare_findings(const void *left, const void *right)
{
	const struct finding *a = left, *b = right;
	unsigned rank_a = severity_rank(a->severity), rank_b = severity_rank(b->severity);

	if (rank_a != rank_b)
		return rank_a > rank_b ? -1 : 1;
	if (a->zone != b->zone) /* of the run as a whole first: PLAN_NONE wraps to 0 */
		return a->zone + 1 < b->zone + 1 ? -1 : 1;
	if (a->code != b->code)
		return a->code < b->code ? -1 : 1;
	if (a->server != b->server)
		return a->server < b->server ? -1 : 1;
	return strcmp(a->text, b->text);
}

/* What a hundred thousand zones have in common is found in this order already, and sorting would
 * take as much memory again. */
static void sort_findings(struct findings *findings)
{
	size_t sorted = 1;

	while (sorted < findings->count &&
		compare_findings(&findings->items[sorted - 1], &findings->items[sorted]) <= 0)
		sorted++;
	if (sorted < findings->count)
		qsort(findings->items, findings->count, sizeof(*findings->items), compare_findings);
}

static void judge_zone(const struct facts *facts, struct verdict *verdict, uint32_t zone)
{
	const struct zone *at = &facts->plan->zones[zone];

	for (uint32_t pair = at->first_pair; pair < at->first_pair + at->pair_count; pair++)
		verdict->pairs[pair].role = judge_role(facts, verdict, zone, pair);
	if (at->gone_since_s) {
		judge_gone(facts, verdict, zone);
		return;
	}
	if (judge_is_calm(facts, zone)) {
		judge_level(facts, verdict, zone);
		judge_delegation(facts, verdict, zone);
		return;
	}
	judge_serials(facts, verdict, zone);
	judge_answers(facts, verdict, zone);
	judge_delegation(facts, verdict, zone);
	judge_expiry(facts, verdict, zone);
	judge_signatures(facts, verdict, zone);
	judge_contents(facts, verdict, zone);
}

void judge_state(const struct facts *facts, struct verdict *verdict)
{
	struct finding *finding;

	if (facts->past->trouble) {
		finding = finding_add(&verdict->findings, FINDING_STATE_UNUSABLE);
		finding->text = arena_printf(&verdict->findings.arena,
			"the state can't be kept: %s", facts->past->trouble);
	}
}

void judge_begin(const struct facts *facts, struct verdict *verdict)
{
	const struct plan *plan = facts->plan;
	struct arena *arena = &verdict->findings.arena;

	*verdict = (struct verdict){ 0 };
	verdict->zones = arena_array(arena, plan->zone_count, sizeof(*verdict->zones));
	verdict->pairs = arena_array(arena, plan->pair_count, sizeof(*verdict->pairs));
	verdict->responded = arena_array(arena, plan->server_count, sizeof(*verdict->responded));
	verdict->no_udp = arena_array(arena, plan->server_count, sizeof(*verdict->no_udp));
	verdict->first_zone = arena_array(arena, plan->server_count, sizeof(*verdict->first_zone));
	for (uint32_t server = 0; server < plan->server_count; server++)
		verdict->first_zone[server] = PLAN_NONE;
	for (uint32_t zone = 0; zone < plan->zone_count; zone++) {
		verdict->zones[zone].reference = judge_reference(facts, zone);
		for (uint32_t i = 0; i < plan->zones[zone].pair_count; i++) {
			uint32_t *first =
				&verdict->first_zone[plan->assigned[plan->zones[zone].first_pair +
					i]];

			if (*first == PLAN_NONE)
				*first = zone;
		}
	}
}

void judge_conclude(const struct facts *facts, struct verdict *verdict)
{
	apply_severities(facts, verdict);
	for (size_t i = 0; i < verdict->findings.count; i++) {
		if (lacks_pair(facts, &verdict->findings.items[i]))
			continue; /* both look at what DNS said */
		judge_cause(facts, verdict, &verdict->findings.items[i]);
		judge_advice(facts, verdict, &verdict->findings.items[i]);
	}
	sort_findings(&verdict->findings);
	sum_up(facts, verdict);
}

void judge(const struct facts *facts, struct verdict *verdict)
{
	judge_begin(facts, verdict);
	judge_reachability(facts, verdict);
	judge_resolver(facts, verdict);
	judge_state(facts, verdict);
	judge_lists(facts, verdict);
	judge_informants(facts, verdict);
	for (uint32_t zone = 0; zone < facts->plan->zone_count; zone++)
		judge_zone(facts, verdict, zone);
	judge_caches(facts, verdict);
	judge_backends(facts, verdict);
	judge_api_access(facts, verdict);
	judge_conclude(facts, verdict);
}
