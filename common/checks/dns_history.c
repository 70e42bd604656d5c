#include "common/checks/dns_history.h"

#include <string.h>

#include "common/dns/name.h"
#include "common/judge/judge.h"
#include "common/probe/state.h"
#include "common/probe/state_record.h"

enum { PASS_FROM = 256 }; /* so many zones are found by one pass over the file, fewer by name */

struct state *dns_history_open(struct run *run)
{
	struct fault fault = { { 0 } };
	struct state *state;

	if (run->common->no_state)
		return NULL;
	state = state_open(run->common->state_dir, "check_dns_replication.tdb", &fault);
	if (!state && run->common->state_dir)
		run->past.trouble = arena_string(&run->past.arena, fault.text);
	return state;
}

void dns_history_begin(struct run *run)
{
	struct state *state = dns_history_open(run);

	history_begin(&run->past, run->plan.zone_count);
	if (!state)
		return;
	run->past.kept = true;
	run->past.place = arena_string(&run->past.arena, state_path(state));
	state_close(state);
}

/* --- Reading ---------------------------------------------------------------------------------- */

struct reading {
	struct run *run;
	const bool *wanted; /* NULL: all */
	bool *found;        /* zones of which there is a record; NULL */
	struct arena scratch;
};

static bool is_wanted(const struct reading *reading, uint32_t zone)
{
	return !reading->wanted || reading->wanted[zone];
}

/* What is known already stays: this run has noted nothing yet. */
static void keep(struct reading *reading, uint32_t zone, const uint8_t *bytes, size_t length)
{
	struct history *past = &reading->run->past;

	if (!history_of(past, zone)->known)
		state_record_parse(bytes, length, &past->arena, history_keep(past, zone));
}

static void each_zone(struct reading *reading, state_record *take)
{
	const struct plan *plan = &reading->run->plan;
	struct state *state = dns_history_open(reading->run);

	if (state && plan->zone_count >= PASS_FROM)
		state_each(state, take, reading);
	for (uint32_t zone = 0; state && plan->zone_count < PASS_FROM && zone < plan->zone_count;
		zone++)
		state_read_record(state, plan->zones[zone].name, take, reading);
	state_close(state);
}

static void recall_record(void *context, const uint8_t *name, const uint8_t *bytes, size_t length)
{
	struct reading *reading = context;
	uint32_t zone = plan_find_zone(&reading->run->plan, name);

	if (zone != PLAN_NONE && is_wanted(reading, zone))
		keep(reading, zone, bytes, length);
}

void dns_history_recall(struct run *run, const bool *wanted)
{
	struct reading reading = { .run = run, .wanted = wanted };

	if (run->past.kept)
		each_zone(&reading, recall_record);
}

/* --- What this run adds ----------------------------------------------------------------------- */

static struct facts facts_of(const struct run *run)
{
	return (struct facts){ .plan = &run->plan,
		.seen = &run->seen,
		.past = &run->past,
		.policy = &run->policy,
		.now_s = run->judged_s };
}

static void note_servers(const struct run *run, uint32_t index, struct zone_history *history,
	struct arena *arena)
{
	const struct zone *zone = &run->plan.zones[index];

	for (uint32_t pair = zone->first_pair; pair < zone->first_pair + zone->pair_count; pair++) {
		const struct server *server = &run->plan.servers[run->plan.assigned[pair]];
		const struct soa_observation *seen = &run->seen.soa[pair];
		struct server_past past = { .name = server->name,
			.address = server->address,
			.nsid = "",
			.outcome = seen->outcome,
			.listed = run->plan.pair_flags[pair] & PAIR_LISTED,
			.since_s = run->judged_s };

		if (seen->outcome == OUTCOME_NOT_ASKED)
			continue;
		history_see_server(history, &past, arena);
		past.nsid = run->seen.texts[seen->nsid];
		if (*past.nsid)
			history_see_server(history, &past, arena);
	}
}

static void forget_unlisted(const struct run *run, uint32_t index, struct zone_history *history)
{
	const struct zone *zone = &run->plan.zones[index];
	struct address addresses[HISTORY_SERVERS];
	size_t count = 0;

	if (zone->ns_source != NS_FROM_PRIMARY && zone->ns_source != NS_FROM_RESOLVER)
		return;
	for (uint32_t i = 0; i < zone->pair_count && count < HISTORY_SERVERS; i++)
		addresses[count++] =
			run->plan.servers[run->plan.assigned[zone->first_pair + i]].address;
	history_keep_listed(history, addresses, count);
}

/* The same for the judgement's copy and for the one on disk. */
static void note_zone(void *context, uint32_t index, struct zone_history *history,
	struct arena *arena)
{
	const struct run *run = context;
	struct facts facts = facts_of(run);
	struct reference reference = judge_reference(&facts, index);

	if (reference.source != REFERENCE_NONE) {
		history_see_serial(history, reference.earlier_serial,
			run->judged_s - (reference.earlier_serial != reference.serial), arena);
		history_see_serial(history, reference.serial, run->judged_s, arena);
	}
	forget_unlisted(run, index, history);
	note_servers(run, index, history, arena);
}

/* A zone that nobody looks at is only compared. */
static void note_record(void *context, const uint8_t *name, const uint8_t *bytes, size_t length)
{
	struct reading *reading = context;
	struct run *run = reading->run;
	uint32_t zone = plan_find_zone(&run->plan, name);
	struct zone_history history;

	if (zone == PLAN_NONE)
		return;
	if (is_wanted(reading, zone)) {
		keep(reading, zone, bytes, length);
		return;
	}
	reading->found[zone] = true;
	state_record_parse(bytes, length, &reading->scratch, &history);
	note_zone(run, zone, &history, &reading->scratch);
	run->past.changed[zone] = history.changed;
	arena_reset(&reading->scratch);
}

/* Reports that show histories, and scenarios, need all of them. */
static bool everything_is_shown(const struct run *run)
{
	for (size_t i = 0; i < run->common->write.count; i++) {
		if (!strncmp(run->common->write.items[i], "scenario:", 9))
			return true;
	}
	return run->common->verbose >= 3 || run->common->observe;
}

void dns_history_note(struct run *run)
{
	struct history *past = &run->past;
	struct arena arena = { 0 };
	struct facts facts = facts_of(run);
	bool *needed = arena_array(&arena, past->zone_count, sizeof(*needed));
	struct reading reading = { .run = run, .wanted = needed };

	reading.found = arena_array(&arena, past->zone_count, sizeof(*reading.found));
	past->changed = arena_array(&past->arena, past->zone_count, sizeof(*past->changed));
	if (everything_is_shown(run))
		memset(needed, 1, past->zone_count);
	else
		judge_needs_past(&facts, needed);
	if (past->kept)
		each_zone(&reading, note_record);
	for (uint32_t zone = 0; zone < past->zone_count; zone++) {
		if (needed[zone]) {
			struct zone_history *history = history_keep(past, zone);

			note_zone(run, zone, history, &past->arena);
			past->changed[zone] = history->changed;
		} else if (!reading.found[zone]) {
			past->changed[zone] = true;
		}
	}
	arena_free(&reading.scratch);
	arena_free(&arena);
}

bool dns_history_write(struct run *run)
{
	struct fault fault = { { 0 } };
	struct state *state = NULL;
	bool good;

	if (run->past.kept && memchr(run->past.changed, 1, run->past.zone_count))
		state = dns_history_open(run);
	good = !state || state_write(state, &run->plan, run->past.changed, note_zone, run, &fault);
	state_close(state);
	if (good || !run->common->state_dir)
		return true;
	run->past.trouble = arena_string(&run->past.arena, fault.text);
	return false;
}
