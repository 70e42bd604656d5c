/* Whose history the judgement will look at: with 100,000 zones nobody holds them all. */
#include "common/judge/judge.h"

/* Per server: did it answer anything at all, and which zone speaks for it where it did not? */
struct servers {
	bool *responded;
	uint32_t *first_zone; /* + 1 */
};

static struct servers survey(const struct facts *facts, struct arena *arena)
{
	const struct plan *plan = facts->plan;
	struct servers servers = { arena_array(arena, plan->server_count, sizeof(bool)),
		arena_array(arena, plan->server_count, sizeof(uint32_t)) };

	for (uint32_t z = 0; z < plan->zone_count; z++) {
		const struct zone *zone = &plan->zones[z];

		for (uint32_t pair = zone->first_pair; pair < zone->first_pair + zone->pair_count;
			pair++) {
			uint32_t server = plan->assigned[pair];

			if (servers.responded[server] || judge_is_absent(facts, pair))
				continue;
			if (!servers.first_zone[server])
				servers.first_zone[server] = z + 1;
			servers.responded[server] = judge_responded(&facts->seen->soa[pair]) ||
				facts->seen->soa[pair].udp_outcome == OUTCOME_ANSWERED;
		}
	}
	return servers;
}

/* A server that is silent as a whole is judged once, by its first zone. */
static bool needs_past(const struct facts *facts, const struct servers *servers,
	const struct reference *reference, uint32_t pair)
{
	const struct soa_observation *seen = &facts->seen->soa[pair];

	if (seen->outcome == OUTCOME_ANSWERED)
		return seen->serial != reference->serial;
	return seen->outcome != OUTCOME_NOT_ASKED && seen->outcome != OUTCOME_NO_ROUTE &&
		servers->responded[facts->plan->assigned[pair]];
}

void judge_needs_past(const struct facts *facts, bool *needed)
{
	const struct plan *plan = facts->plan;
	struct arena arena = { 0 };
	struct servers servers = survey(facts, &arena);

	for (uint32_t server = 0; server < plan->server_count; server++) {
		if (servers.first_zone[server])
			needed[servers.first_zone[server] - 1] = true;
	}
	for (uint32_t z = 0; z < plan->zone_count; z++) {
		const struct zone *zone = &plan->zones[z];
		struct reference reference;

		if (judge_is_level(facts, z))
			continue;
		reference = judge_reference(facts, z);
		for (uint32_t i = 0; i < zone->pair_count && !needed[z]; i++)
			needed[z] = needs_past(facts, &servers, &reference, zone->first_pair + i);
	}
	arena_free(&arena);
}
