#include "common/checks/pdns_memory.h"

#include <string.h>

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
