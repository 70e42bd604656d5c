/* Which zones have to be asked about in full, before anybody is blamed. */
#include <stdlib.h>

#include "common/judge/api_judge.h"

enum { CHECKED_LATELY_S = 4 * 3600 };

struct doubts {
	struct pdns_doubt *items;
	size_t count;
	uint32_t *of_server, most_of_server;
	const bool *again; /* by zone */
	bool *untold;      /* by zone: the lists do not tell enough, and nothing is asked yet */
	struct arena arena;
};

/* False: there is no room. */
static bool add(struct doubts *doubts, uint32_t index, uint32_t zone)
{
	for (size_t i = 0; i < doubts->count; i++) {
		if (doubts->items[i].index == index && doubts->items[i].zone == zone)
			return true;
	}
	if (doubts->count == PDNS_DOUBTS_MOST || doubts->of_server[index] >= doubts->most_of_server)
		return false;
	doubts->of_server[index]++;
	doubts->items[doubts->count++] = (struct pdns_doubt){ index, zone };
	return true;
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

static bool is_trouble(enum api_state state)
{
	switch (state) {
	case API_MISSING:
	case API_NEVER:
	case API_BEHIND:
		return true;
	case API_FINE:
	case API_UNSETTLED:
	case API_UNWANTED:
	case API_ORPHAN:
		break;
	}
	return false;
}

/* The state of a zone on the server of that index; API_FINE where it has no primary. */
static enum api_state state_on(const struct facts *facts, struct arena *arena, uint32_t zone,
	uint32_t index, struct api_case *self)
{
	const struct pdns_server *secondary = &facts->seen->pdns[index];
	const struct pdns_server *primary = api_primary_of(facts, zone, secondary);

	if (!primary)
		return API_FINE;
	*self = api_case_of(facts, arena, zone, primary, secondary);
	return api_state_of(self);
}

/* What is asked about in one walk over the zones. */
enum look {
	LOOK_AGAIN,      /* what was in trouble */
	LOOK_FOR_LACKED, /* zones that a server lacks */
	LOOK_AT_TROUBLE, /* what is wrong by the lists alone; sets `untold` */
	LOOK_AT_UNTOLD,  /* the rest */
};

static bool is_walked(const struct facts *facts, const struct doubts *doubts, uint32_t zone,
	uint32_t index, enum look look)
{
	switch (look) {
	case LOOK_AGAIN:
		return doubts->again && doubts->again[zone];
	case LOOK_FOR_LACKED:
		return api_lacks(&facts->seen->pdns[index], zone);
	case LOOK_AT_UNTOLD:
		return doubts->untold[zone];
	case LOOK_AT_TROUBLE:
		break;
	}
	return true;
}

/* False: there is no room for what the lists do not tell. */
static bool look_at(const struct facts *facts, struct doubts *doubts, uint32_t zone, uint32_t index,
	enum look look)
{
	struct api_case self = { 0 };
	enum api_state state = state_on(facts, &doubts->arena, zone, index, &self);
	bool is_untold = state == API_UNSETTLED || state == API_UNWANTED, has_room = true;

	if (!self.primary)
		return true;
	if (!is_trouble(state) && !is_check_old(facts, self.secondary, zone)) {
		if (!is_untold)
			return true;
		if (look == LOOK_AT_TROUBLE)
			return !(doubts->untold[zone] = true);
	}
	if (api_row(self.primary, zone))
		has_room = add(doubts, (uint32_t)(self.primary - facts->seen->pdns), zone);
	if (api_row(self.secondary, zone))
		has_room &= add(doubts, index, zone);
	return has_room || !is_untold;
}

/* In the plan's order from `from` on, and round. The first for which there is no room; PLAN_NONE:
 * there is for all. */
static uint32_t walk(const struct facts *facts, struct doubts *doubts, uint32_t from,
	enum look look)
{
	uint32_t count = (uint32_t)facts->plan->zone_count, next = PLAN_NONE;

	for (uint32_t i = 0; i < count; i++) {
		uint32_t zone = (uint32_t)(((uint64_t)from + i) % count);

		for (uint32_t s = 0; s < facts->seen->pdns_count; s++) {
			if (is_walked(facts, doubts, zone, s, look) &&
				!look_at(facts, doubts, zone, s, look) && next == PLAN_NONE)
				next = zone;
		}
	}
	return next;
}

size_t judge_pdns_doubts(const struct facts *facts, struct pdns_turn *turn,
	struct pdns_doubt doubts[PDNS_DOUBTS_MOST])
{
	struct doubts all = { .items = doubts, .again = turn->again };

	all.of_server = arena_array(&all.arena, facts->seen->pdns_count + 1, sizeof(uint32_t));
	all.untold = arena_array(&all.arena, facts->plan->zone_count, sizeof(*all.untold));
	all.most_of_server = PDNS_DOUBTS_OF_SERVER;
	walk(facts, &all, 0, LOOK_AGAIN);
	/* Who is behind shows in the lists, who should have a zone that he lacks does not: half of
	 * the room is kept for that. */
	all.most_of_server = PDNS_DOUBTS_OF_SERVER / 2;
	walk(facts, &all, turn->from, LOOK_FOR_LACKED);
	all.most_of_server = PDNS_DOUBTS_OF_SERVER;
	walk(facts, &all, 0, LOOK_AT_TROUBLE);
	turn->next = walk(facts, &all, turn->from, LOOK_AT_UNTOLD);
	arena_free(&all.arena);
	return all.count;
}

bool judge_pdns_is_in_trouble(const struct facts *facts, uint32_t zone)
{
	struct arena arena = { 0 };
	struct api_case self;
	bool is_it = false;

	for (uint32_t i = 0; i < facts->seen->pdns_count; i++)
		is_it |= is_trouble(state_on(facts, &arena, zone, i, &self));
	arena_free(&arena);
	return is_it;
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
