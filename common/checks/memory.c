#include "common/checks/memory.h"

#include <string.h>

#include "common/probe/state_record.h"

enum { PASS_FROM = 256 }; /* so many zones are found by one pass over the file, fewer by name */

void memory_failed(struct run *run, const struct fault *fault)
{
	if (run->common->state_dir)
		run->past.trouble = arena_string(&run->past.arena, fault->text);
}

struct state *memory_open(struct run *run, const char *file)
{
	struct fault fault = { { 0 } };
	struct state *state;

	if (run->common->no_state)
		return NULL;
	state = state_open(run->common->state_dir, file, &fault);
	if (!state) {
		memory_failed(run, &fault);
		return NULL;
	}
	run->past.kept = true;
	if (!run->past.place)
		run->past.place = arena_string(&run->past.arena, state_path(state));
	return state;
}

void memory_begin(struct run *run, const struct memory *memory)
{
	history_begin(&run->past, run->plan.zone_count);
	state_close(memory_open(run, memory->file));
}

/* --- Reading ---------------------------------------------------------------------------------- */

struct reading {
	struct run *run;
	const struct memory *memory;
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
	struct state *state = memory_open(reading->run, reading->memory->file);

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

void memory_recall(struct run *run, const struct memory *memory, const bool *wanted)
{
	struct reading reading = { .run = run, .memory = memory, .wanted = wanted };

	if (run->past.kept)
		each_zone(&reading, recall_record);
}

/* --- What this run adds ----------------------------------------------------------------------- */

/* A zone that nobody looks at is only compared. */
static void compare(struct reading *reading, uint32_t zone, struct zone_history *history)
{
	struct run *run = reading->run;

	reading->memory->note(run, zone, history, &reading->scratch);
	run->past.changed[zone] = history->changed;
	arena_reset(&reading->scratch);
}

static void note_record(void *context, const uint8_t *name, const uint8_t *bytes, size_t length)
{
	struct reading *reading = context;
	uint32_t zone = plan_find_zone(&reading->run->plan, name);
	struct zone_history history;

	if (zone == PLAN_NONE)
		return;
	if (is_wanted(reading, zone)) {
		keep(reading, zone, bytes, length);
		return;
	}
	reading->found[zone] = true;
	state_record_parse(bytes, length, &reading->scratch, &history);
	compare(reading, zone, &history);
}

/* Those that nobody looks at and of which there was no record are new. */
static void note_rest(struct reading *reading)
{
	struct run *run = reading->run;
	struct history *past = &run->past;

	for (uint32_t zone = 0; zone < past->zone_count; zone++) {
		struct zone_history nothing = { 0 };

		if (reading->wanted[zone]) {
			struct zone_history *history = history_keep(past, zone);

			reading->memory->note(run, zone, history, &past->arena);
			past->changed[zone] = history->changed;
		} else if (!reading->found[zone]) {
			compare(reading, zone, &nothing);
		}
	}
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

void memory_note(struct run *run, const struct memory *memory)
{
	struct history *past = &run->past;
	struct arena arena = { 0 };
	struct facts facts = run_facts(run);
	bool *needed = arena_array(&arena, past->zone_count, sizeof(*needed));
	struct reading reading = { .run = run, .memory = memory, .wanted = needed };

	reading.found = arena_array(&arena, past->zone_count, sizeof(*reading.found));
	past->changed = arena_array(&past->arena, past->zone_count, sizeof(*past->changed));
	if (everything_is_shown(run))
		memset(needed, 1, past->zone_count);
	else
		memory->choose(&facts, needed);
	if (past->kept)
		each_zone(&reading, note_record);
	note_rest(&reading);
	arena_free(&reading.scratch);
	arena_free(&arena);
}

bool memory_write(struct run *run, const struct memory *memory)
{
	struct fault fault = { { 0 } };
	struct state *state = NULL;
	bool good;

	if (run->past.kept && memchr(run->past.changed, 1, run->past.zone_count))
		state = memory_open(run, memory->file);
	good = !state ||
		state_write(state, &run->plan, run->past.changed, memory->note, run, &fault);
	state_close(state);
	if (!good)
		memory_failed(run, &fault);
	return good || !run->common->state_dir;
}
