/* Which zones have to be asked about in full, before anybody is blamed. */
#include <stdlib.h>

#include "common/judge/api_judge.h"

enum { CHECKED_LATELY_S = 4 * 3600 };

struct doubts {
	struct pdns_doubt *items;
	size_t count;
	uint32_t *of_server, most_of_server;
};

static void add(struct doubts *doubts, uint32_t index, uint32_t zone)
{
	for (size_t i = 0; i < doubts->count; i++) {
		if (doubts->items[i].index == index && doubts->items[i].zone == zone)
			return;
	}
	if (doubts->count == PDNS_DOUBTS_MOST || doubts->of_server[index] >= doubts->most_of_server)
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
	uint32_t zone, uint32_t index, bool only_lacking)
{
	const struct pdns_server *secondary = &facts->seen->pdns[index];
	const struct pdns_server *primary = api_primary_of(facts, zone, secondary);
	struct api_case self;

	if (!primary || (only_lacking && !api_lacks(secondary, zone)))
		return;
	self = api_case_of(facts, arena, zone, primary, secondary);
	if (!is_in_doubt(&self))
		return;
	if (api_row(primary, zone))
		add(doubts, (uint32_t)(primary - facts->seen->pdns), zone);
	if (api_row(secondary, zone))
		add(doubts, index, zone);
}

static void look_at_all(const struct facts *facts, struct doubts *doubts, struct arena *arena,
	bool only_lacking)
{
	for (uint32_t zone = 0; zone < facts->plan->zone_count; zone++) {
		for (uint32_t i = 0; i < facts->seen->pdns_count; i++)
			look_at_zone(facts, doubts, arena, zone, i, only_lacking);
	}
}

size_t judge_pdns_doubts(const struct facts *facts, struct pdns_doubt doubts[PDNS_DOUBTS_MOST])
{
	struct arena arena = { 0 };
	struct doubts all = { .items = doubts,
		.of_server = arena_array(&arena, facts->seen->pdns_count + 1, sizeof(uint32_t)) };

	/* Who is behind shows in the lists, who should have a zone that he lacks does not: half of
	 * the room is kept for that. */
	all.most_of_server = PDNS_DOUBTS_OF_SERVER / 2;
	look_at_all(facts, &all, &arena, true);
	all.most_of_server = PDNS_DOUBTS_OF_SERVER;
	look_at_all(facts, &all, &arena, false);
	arena_free(&arena);
	return all.count;
}

/* What the short list of a primary leaves open. */
struct open_serials {
	uint32_t unsettled; /* zones with other serials than a secondary has */
	uint32_t equal;     /* ... with the same, which may not be what is served */
};

static void count_open(const struct facts *facts, uint32_t zone, uint32_t index,
	struct open_serials *open)
{
	const struct pdns_server *secondary = &facts->seen->pdns[index];
	const struct pdns_server *primary = api_primary_of(facts, zone, secondary);
	const struct pdns_zone *ours = api_row(primary, zone), *theirs = api_row(secondary, zone);
	struct api_case self;
	uint32_t served;

	if (!primary || !ours || !theirs)
		return;
	open += primary - facts->seen->pdns;
	self = api_case_of(facts, NULL, zone, primary, secondary);
	if (api_state_of(&self) == API_UNSETTLED)
		open->unsettled++;
	else if (ours->serial == theirs->serial && !api_serial(primary, zone, &served))
		open->equal++;
}

static bool is_edited_by_default(const struct pdns_server *pdns)
{
	const char *all = pdns->settings[PDNS_DEFAULT_SOA_EDIT];
	const char *is_signed = pdns->settings[PDNS_DEFAULT_SOA_EDIT_SIGNED];

	return (all && *all) || (is_signed && *is_signed);
}

/*
 * Where SOA-EDIT is used, equal serials in the lists prove nothing: `pdnsutil increase-serial`
 * writes into the database what was served before, so that a secondary that lacks the change has
 * just that.
 */
static bool wants_served(const struct pdns_server *pdns, const struct open_serials *open)
{
	return open->unsettled > PDNS_DOUBTS_OF_SERVER ||
		((open->unsettled || is_edited_by_default(pdns)) && open->equal &&
			open->equal <= PDNS_SERVED_MOST);
}

bool judge_pdns_wants_served(const struct facts *facts, bool *wanted)
{
	struct arena arena = { 0 };
	struct open_serials *open = arena_array(&arena, facts->seen->pdns_count, sizeof(*open));
	bool any = false;

	for (uint32_t zone = 0; zone < facts->plan->zone_count; zone++) {
		for (uint32_t i = 0; i < facts->seen->pdns_count; i++)
			count_open(facts, zone, i, open);
	}
	for (size_t i = 0; i < facts->seen->pdns_count; i++) {
		wanted[i] = wants_served(&facts->seen->pdns[i], &open[i]);
		any |= wanted[i];
	}
	arena_free(&arena);
	return any;
}
