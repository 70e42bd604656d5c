#include "common/checks/pdns_memory.h"

#include <stdio.h>
#include <string.h>

#include "common/base/number.h"
#include "common/dns/name.h"
#include "common/dns/serial.h"
#include "common/judge/api.h"

enum { NAME_MOST = 100 };

/* Zones beyond the bound of those that are asked about: what SOA-EDIT made of the serial may be
 * known from an earlier run, and that list goes on. */
static bool is_newer(const struct zone_history *history, uint32_t serial)
{
	return !history->serial_count ||
		serial_compare(serial, history->serials[history->serial_count - 1].serial) ==
		SERIAL_AHEAD;
}

static void note_zone(void *context, uint32_t zone, struct zone_history *history,
	struct arena *arena)
{
	const struct run *run = context;
	struct facts facts = run_facts(run);
	uint32_t serial;

	if (judge_pdns_serial(&facts, zone, &serial) ||
		(judge_pdns_least_serial(&facts, zone, &serial) && is_newer(history, serial)))
		history_see_serial(history, serial, run->judged_s, arena);
	judge_pdns_note(&facts, zone, history, arena);
}

/* FNV-1a: only to tell places apart, the same in every run. */
static uint32_t hash_of(const char *text)
{
	uint32_t hash = 2166136261u;

	for (; *text; text++)
		hash = (hash ^ (uint8_t)*text) * 16777619u;
	return hash;
}

const struct memory *pdns_memory(struct run *run, const char *name, const char *url)
{
	struct memory *memory = arena_alloc(&run->arena, sizeof(*memory));
	char *readable = arena_printf(&run->arena, "%.*s", NAME_MOST, name);

	for (char *at = readable; *at; at++) {
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-",
			    *at))
			*at = '_';
	}
	*memory = (struct memory){
		.file = arena_printf(&run->arena, "check_pdns_replication-%s-%08x.tdb", readable,
			hash_of(url)),
		.choose = judge_pdns_needs_past,
		.note = note_zone,
	};
	return memory;
}

/* --- Beside zones ----------------------------------------------------------------------------- */

static const char begun_note[] = "begun", turn_note[] = "turn";

/* "1795324000"; anything else is no note. */
static void take_begun(void *context, const uint8_t *bytes, size_t length)
{
	int64_t *begun_s = context;
	char copy[NUMBER_TEXT];
	uint64_t value;

	if (length >= sizeof(copy))
		return;
	memcpy(copy, bytes, length);
	copy[length] = '\0';
	if (number_whole(copy, 0, INT64_MAX, &value) && history_is_date((int64_t)value))
		*begun_s = (int64_t)value;
}

struct turn_text {
	struct arena *arena;
	const char *text;
};

static void take_turn(void *context, const uint8_t *bytes, size_t length)
{
	struct turn_text *taken = context;

	taken->text = arena_printf(taken->arena, "%.*s", (int)length, (const char *)bytes);
}

/* PLAN_NONE: it is no zone of this run (any more). */
static uint32_t find_zone(const struct run *run, const char *text)
{
	struct fault why = { { 0 } };
	uint8_t name[NAME_WIRE];

	if (!name_from_text(text, name, &why))
		return PLAN_NONE;
	name_lower(name);
	return plan_find_zone(&run->plan, name);
}

/* A name a line: who is next, then those that were in trouble. */
static void read_turn(struct run *run, const char *text, struct pdns_turn *turn)
{
	bool *again = arena_array(&run->arena, run->plan.zone_count, sizeof(*again));
	char *rest = arena_string(&run->arena, text), *line = strsep(&rest, "\n");
	uint32_t zone = find_zone(run, line);

	*turn = (struct pdns_turn){ .from = zone == PLAN_NONE ? 0 : zone, .again = again };
	while (rest) {
		zone = find_zone(run, strsep(&rest, "\n"));
		if (zone != PLAN_NONE)
			again[zone] = true;
	}
}

void pdns_memory_begin(struct run *run, const struct memory *memory, struct pdns_turns *turns,
	struct pdns_turn *turn)
{
	struct turn_text text = { &run->arena, "" };
	struct state *state;

	memory_begin(run, memory);
	run->past.begun_s = run->judged_s;
	state = run->past.kept ? memory_open(run, memory->file) : NULL;
	if (state) {
		state_read_note(state, begun_note, take_begun, &run->past.begun_s);
		state_read_note(state, turn_note, take_turn, &text);
	}
	state_close(state);
	*turns = (struct pdns_turns){ text.text, text.text };
	read_turn(run, text.text, turn);
}

static void add_zone(const struct run *run, uint32_t zone, struct text *out)
{
	char name[NAME_TEXT];

	text_add(out, name_to_text(run->plan.zones[zone].name, name));
}

void pdns_memory_pass_on(struct run *run, const struct pdns_turn *turn,
	const struct pdns_doubt *doubts, size_t count, struct pdns_turns *turns)
{
	struct facts facts = run_facts(run);
	struct text out = { 0 };

	if (turn->next != PLAN_NONE)
		add_zone(run, turn->next, &out);
	for (size_t i = 0; i < count && turn->next != PLAN_NONE; i++) {
		if (!judge_pdns_is_in_trouble(&facts, doubts[i].zone))
			continue;
		text_add_byte(&out, '\n');
		add_zone(run, doubts[i].zone, &out);
	}
	turns->now = arena_string(&run->arena, text_string(&out));
	text_free(&out);
}

static bool write_note(struct run *run, struct state *state, const char *name, const char *value)
{
	struct fault fault = { { 0 } };
	struct text note = { 0 };
	bool good;

	text_add(&note, value);
	good = state_write_note(state, name, &note, &fault);
	if (!good)
		memory_failed(run, &fault);
	text_free(&note);
	return good;
}

static bool write_notes(struct run *run, const struct memory *memory,
	const struct pdns_turns *turns)
{
	bool is_first = run->past.begun_s == run->judged_s,
	     is_passed_on = strcmp(turns->before, turns->now) != 0;
	char number[NUMBER_TEXT];
	struct state *state;
	bool good = true;

	if (!run->past.kept || (!is_first && !is_passed_on))
		return true;
	state = memory_open(run, memory->file);
	snprintf(number, sizeof(number), "%lld", (long long)run->past.begun_s);
	if (state && is_first)
		good = write_note(run, state, begun_note, number);
	if (state && is_passed_on)
		good &= write_note(run, state, turn_note, turns->now);
	state_close(state);
	return good || !run->common->state_dir;
}

bool pdns_memory_write(struct run *run, const struct memory *memory, const struct pdns_turns *turns)
{
	return memory_write(run, memory) && write_notes(run, memory, turns);
}
