/* Which zones have to be asked about in full, before anybody is blamed. */
#include <stdlib.h>

#include "common/judge/api_judge.h"

enum { CHECKED_LATELY_S = 4 * 3600 };

struct doubts {
	struct pdns_doubt *items;
	size_t count;
	uint32_t *of_server;
};

static void add(struct doubts *doubts, uint32_t index, uint32_t zone)
{
	for (size_t i = 0; i < doubts->count; i++) {
		if (doubts->items[i].index == index && doubts->items[i].zone == zone)
			return;
	}
	if (doubts->count == PDNS_DOUBTS_MOST || doubts->of_server[index] == PDNS_DOUBTS_OF_SERVER)
		return;
	doubts->of_server[index]++;
	doubts->items[doubts->count++] = (struct pdns_doubt){ index, zone };
}

/* By the server's own list it has not reached its primary for longer than most zones take; where
 * only zones that were named are asked for, any time is looked at. */
static bool is_check_old(const struct facts *facts, const struct pdns_server *pdns, uint32_t zone)
{
	const struct pdns_zone *row = api_row(pdns, zone);
	int64_t least_s = pdns->all_zones ? CHECKED_LATELY_S : 60;

	return api_is_secondary_kind(row) && row->last_check_s &&
		facts->now_s - row->last_check_s > least_s;
}

static bool is_in_doubt(const struct api_case *self)
{
	switch (api_state_of(self)) {
	case API_UNSETTLED:
	case API_MISSING:
	case API_UNWANTED:
	case API_NEVER:
	case API_BEHIND:
		return true;
	case API_FINE:
	case API_ORPHAN:
		break;
	}
	return is_check_old(self->facts, self->secondary, self->zone);
}

static void look_at_zone(const struct facts *facts, struct doubts *doubts, struct arena *arena,
	uint32_t zone, uint32_t index)
{
	const struct pdns_server *secondary = &facts->seen->pdns[index];
	const struct pdns_server *primary = api_primary_of(facts, zone, secondary);
	struct api_case self;

	if (!primary)
		return;
	self = api_case_of(facts, arena, zone, primary, secondary);
	if (!is_in_doubt(&self))
		return;
	if (api_row(primary, zone))
		add(doubts, (uint32_t)(primary - facts->seen->pdns), zone);
	if (api_row(secondary, zone))
		add(doubts, index, zone);
}

size_t judge_pdns_doubts(const struct facts *facts, struct pdns_doubt doubts[PDNS_DOUBTS_MOST])
{
	struct arena arena = { 0 };
	struct doubts all = { .items = doubts,
		.of_server = arena_array(&arena, facts->seen->pdns_count + 1, sizeof(uint32_t)) };

	for (uint32_t zone = 0; zone < facts->plan->zone_count; zone++) {
		for (uint32_t i = 0; i < facts->seen->pdns_count; i++)
			look_at_zone(facts, &all, &arena, zone, i);
	}
	arena_free(&arena);
	return all.count;
}

/* Whose zone it is, as an index; PLAN_NONE where its list tells enough. */
static uint32_t unsettled_at(const struct facts *facts, uint32_t zone, uint32_t index)
{
	const struct pdns_server *secondary = &facts->seen->pdns[index];
	const struct pdns_server *primary = api_primary_of(facts, zone, secondary);
	struct api_case self;

	if (!primary || !api_row(primary, zone) || !api_row(secondary, zone))
		return PLAN_NONE;
	self = api_case_of(facts, NULL, zone, primary, secondary);
	return api_state_of(&self) == API_UNSETTLED ? (uint32_t)(primary - facts->seen->pdns)
						    : PLAN_NONE;
}

bool judge_pdns_wants_served(const struct facts *facts, bool *wanted)
{
	struct arena arena = { 0 };
	uint32_t *unsettled = arena_array(&arena, facts->seen->pdns_count, sizeof(*unsettled));
	bool any = false;

	for (uint32_t zone = 0; zone < facts->plan->zone_count; zone++) {
		for (uint32_t i = 0; i < facts->seen->pdns_count; i++) {
			uint32_t at = unsettled_at(facts, zone, i);

			if (at != PLAN_NONE && ++unsettled[at] > PDNS_DOUBTS_OF_SERVER)
				any = wanted[at] = true;
		}
	}
	arena_free(&arena);
	return any;
}
