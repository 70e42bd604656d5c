/* Where the zones come from: what a list could not tell. */
#include "common/base/text.h"
#include "common/judge/judge.h"

static struct finding *say(struct verdict *verdict, enum finding_code code, uint64_t amount)
{
	struct finding *finding = finding_add(&verdict->findings, code);

	finding->amount = (int64_t)amount;
	finding->has_amount = true;
	return finding;
}

void judge_lists(const struct facts *facts, struct verdict *verdict)
{
	const struct plan *plan = facts->plan;

	if (plan->list_trouble)
		say(verdict, FINDING_ZONE_LIST_BROKEN, plan->list_broken)->text =
			plan->list_trouble;
	if (plan->list_failure)
		finding_add(&verdict->findings, FINDING_ZONE_LIST_FAILED)->text =
			arena_printf(&verdict->findings.arena,
				"the list of zones can't be read: %s", plan->list_failure);
	if (plan->zone_count == 0)
		say(verdict, FINDING_SHARD_EMPTY, plan->zones_elsewhere)->text =
			arena_printf(&verdict->findings.arena,
				"none of the %llu zones is in this shard (--shard)",
				(unsigned long long)plan->zones_elsewhere);
}

/* Does the primary, where one was named, serve it all the same? Then only the list has changed. */
static bool primary_serves(const struct facts *facts, const struct zone *zone)
{
	for (uint32_t pair = zone->first_pair; pair < zone->first_pair + zone->pair_count; pair++) {
		if ((facts->plan->pair_flags[pair] & PAIR_PRIMARY) &&
			judge_has_serial(&facts->seen->soa[pair]))
			return true;
	}
	return false;
}

/* A zone that vanished from its list: nobody has to serve it any more, and nobody should. */
void judge_gone(const struct facts *facts, struct verdict *verdict, uint32_t zone)
{
	const struct zone *at = &facts->plan->zones[zone];
	struct text since = { 0 };

	if (at->gone_since_s < facts->now_s) {
		text_add(&since, "for ");
		judge_since_text(&since, facts->now_s - at->gone_since_s, at->gone_since_s, false);
	} else {
		text_add(&since, "since this run");
	}
	for (uint32_t pair = at->first_pair; pair < at->first_pair + at->pair_count; pair++) {
		if (verdict->pairs[pair].role == ROLE_PRIMARY ||
			!judge_has_serial(&facts->seen->soa[pair]))
			continue;
		judge_say(facts, verdict, FINDING_ORPHAN_ZONE, zone, pair,
			"still serves the zone (serial %u), which is gone from its list %s%s",
			facts->seen->soa[pair].serial, text_string(&since),
			primary_serves(facts, at) ? "; the primary serves it, too" : "");
	}
	text_free(&since);
}
