#include "common/checks/pdns_memory.h"

#include <string.h>

#include "common/base/number.h"
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

static const char begun[] = "begun";

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

void pdns_memory_begin(struct run *run, const struct memory *memory)
{
	struct state *state;

	memory_begin(run, memory);
	run->past.begun_s = run->judged_s;
	state = run->past.kept ? memory_open(run, memory->file) : NULL;
	if (state)
		state_read_note(state, begun, take_begun, &run->past.begun_s);
	state_close(state);
}

static bool write_begun(struct run *run, const struct memory *memory)
{
	struct state *state = memory_open(run, memory->file);
	struct fault fault = { { 0 } };
	struct text note = { 0 };
	bool good = true;

	text_addf(&note, "%lld", (long long)run->past.begun_s);
	if (state)
		good = state_write_note(state, begun, &note, &fault);
	if (!good)
		memory_failed(run, &fault);
	text_free(&note);
	state_close(state);
	return good || !run->common->state_dir;
}

bool pdns_memory_write(struct run *run, const struct memory *memory)
{
	bool is_first = run->past.kept && run->past.begun_s == run->judged_s;

	return memory_write(run, memory) && (!is_first || write_begun(run, memory));
}
