/* Where the zones come from: what a list could not tell. */
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
	if (plan->zone_count == 0)
		say(verdict, FINDING_SHARD_EMPTY, plan->zones_elsewhere)->text =
			arena_printf(&verdict->findings.arena,
				"none of the %llu zones is in this shard (--shard)",
				(unsigned long long)plan->zones_elsewhere);
}
