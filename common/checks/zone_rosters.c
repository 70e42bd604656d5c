/* What earlier runs knew of the lists: which zones are new, which have vanished. */
#include <stdio.h>

#include "common/checks/dns_history.h"
#include "common/checks/zone_sources.h"
#include "common/dns/name.h"
#include "common/model/roster.h"
#include "common/probe/state.h"

struct merging {
	struct zone_sources *sources;
	struct zone_source *source;
	struct roster_policy policy;
	struct text record;   /* as it is to be written */
	struct text *dropped; /* zones that were forgotten */
	bool changed;
	bool is_known; /* an earlier run saw the list */
	uint64_t zones;
};

static const struct dns_replication_values *values_of(const struct merging *merging)
{
	return merging->sources->run->values;
}

static void stays(struct merging *merging, const struct roster_entry *entry, bool is_new)
{
	uint32_t index = zone_sources_keep(merging->sources, entry->zone);
	struct zone *zone = &merging->sources->run->plan.zones[index];

	zone_source_mark(merging->sources, merging->source, index, ZONE_KNOWN);
	zone->gone_since_s = 0;
	zone->new_since_s = is_new ? entry->first_s : 0;
	merging->zones++;
}

static void gone(struct merging *merging, const struct roster_entry *entry)
{
	struct plan *plan = &merging->sources->run->plan;
	uint32_t index;

	if (plan_find_zone(plan, entry->zone) != PLAN_NONE)
		return; /* somebody else names it */
	index = zone_sources_keep(merging->sources, entry->zone);
	plan->zones[index].gone_since_s = entry->gone_s;
}

static bool merge_entry(void *context, const struct roster_entry *known)
{
	struct merging *merging = context;
	struct roster_entry entry = *known;
	uint32_t zone = plan_find_zone(&merging->sources->run->plan, entry.zone);
	unsigned marks = zone == PLAN_NONE ? 0 : zone_source_marks(merging->source, zone);

	switch (roster_update(&merging->policy, marks & ZONE_LISTED, marks & ZONE_MOVING, &entry,
		&merging->changed)) {
	case ROSTER_STAYS:
		stays(merging, &entry, false);
		break;
	case ROSTER_NEW:
		stays(merging, &entry, true);
		break;
	case ROSTER_GONE:
		gone(merging, &entry);
		break;
	case ROSTER_DROPPED:
		if (entry.gone_s && !merging->source->has_failed)
			text_add_bytes(merging->dropped, entry.zone, name_length(entry.zone));
		return true;
	}
	roster_add(&merging->record, &entry);
	return true;
}

/* A damaged record is no record. */
static bool count_entry(void *context, const struct roster_entry *entry)
{
	(void)context;
	(void)entry;
	return true;
}

static void merge_note(void *context, const uint8_t *bytes, size_t length)
{
	struct merging *merging = context;

	merging->is_known = roster_read(bytes, length, count_entry, NULL);
	if (merging->is_known)
		roster_read(bytes, length, merge_entry, merging);
}

/* Zones that the list's first run sees are no news. */
static void add_unknown(struct merging *merging)
{
	struct plan *plan = &merging->sources->run->plan;

	for (uint32_t zone = 0; zone < plan->zone_count; zone++) {
		unsigned marks = zone_source_marks(merging->source, zone);
		struct roster_entry entry = { .zone = plan->zones[zone].name,
			.first_s = merging->is_known ? merging->policy.now_s : 0,
			.is_moving = marks & ZONE_MOVING };

		if (!(marks & ZONE_LISTED) || (marks & ZONE_KNOWN))
			continue;
		if (merging->policy.grace_s > 0)
			plan->zones[zone].new_since_s = entry.first_s;
		roster_add(&merging->record, &entry);
		merging->changed = true;
	}
}

/* A list is told from others by how the user names it, and by what is left of it. */
static char *note_name(const struct merging *merging)
{
	const struct zone_sources *sources = merging->sources;
	const struct zone_filter *filter = &sources->filter;
	const char *host = sources->run->common->hostname;
	struct text name = { 0 };
	char *copy;

	text_addf(&name, "list %s", merging->source->text);
	if (merging->source->kind == ZONE_SOURCE_CATALOG)
		text_addf(&name, " %s %u", host, (unsigned)sources->run->common->port.value);
	text_addf(&name, " %u/%u", filter->shard, filter->shards);
	for (size_t i = 0; i < filter->glob_count; i++)
		text_addf(&name, " %s", filter->globs[i]);
	copy = arena_string(&sources->run->arena, text_string(&name));
	text_free(&name);
	return copy;
}

static void say_failure(struct merging *merging)
{
	struct plan *plan = &merging->sources->run->plan;
	char known[80] = "no earlier run saw its zones";
	uint64_t listed = 0;

	if (!merging->source->has_failed)
		return;
	for (uint32_t zone = 0; zone < plan->zone_count; zone++)
		listed += zone_source_marks(merging->source, zone) & ZONE_LISTED;
	if (listed)
		snprintf(known, sizeof(known), "of its zones %llu could be read",
			(unsigned long long)listed);
	if (merging->is_known)
		snprintf(known, sizeof(known),
			"the %llu zone%s that an earlier run saw there %s asked",
			(unsigned long long)merging->zones, merging->zones == 1 ? "" : "s",
			merging->zones == 1 ? "is" : "are");
	plan->list_failure = arena_printf(&plan->arena, "%s%s%s: %s; %s",
		plan->list_failure ? plan->list_failure : "", plan->list_failure ? "; " : "",
		merging->source->text, merging->source->why.text, known);
}

static void update(struct merging *merging, struct state *state)
{
	const char *name = note_name(merging);
	struct run *run = merging->sources->run;
	struct fault fault = { { 0 } };

	if (!state) { /* nothing is known, and nothing will be */
		say_failure(merging);
		return;
	}
	roster_begin(&merging->record);
	state_read_note(state, name, merge_note, merging);
	add_unknown(merging);
	if (merging->changed && !merging->source->has_failed &&
		!state_write_note(state, name, &merging->record, &fault) && run->common->state_dir)
		run->past.trouble = arena_string(&run->past.arena, fault.text);
	say_failure(merging);
	text_free(&merging->record);
}

/* --- What nobody asks about any more ---------------------------------------------------------- */

struct forgetting {
	const struct text *zones; /* one behind the other */
	struct map offsets;       /* where each of them stands */
	bool *kept;               /* by offset */
};

static bool keep_entry(void *context, const struct roster_entry *entry)
{
	const struct forgetting *forgetting = context;
	const uint32_t *at = map_get(&forgetting->offsets, entry->zone, name_length(entry->zone));

	if (at)
		forgetting->kept[*at] = true;
	return true;
}

static void keep_listed(void *context, const uint8_t *bytes, size_t length)
{
	roster_read(bytes, length, keep_entry, context);
}

/* Those that neither this run nor any other list names. */
static void find_forgotten(const struct plan *plan, const struct state *state,
	struct forgetting *forgetting, struct text *forgotten)
{
	const uint8_t *names = (const uint8_t *)forgetting->zones->bytes;
	size_t length = forgetting->zones->length;

	for (size_t at = 0; at < length; at += name_length(names + at))
		map_put(&forgetting->offsets, names + at, name_length(names + at), (uint32_t)at,
			NULL);
	state_each_note(state, keep_listed, forgetting);
	for (size_t at = 0; at < length; at += name_length(names + at)) {
		if (!forgetting->kept[at] && plan_find_zone(plan, names + at) == PLAN_NONE)
			text_add_bytes(forgotten, names + at, name_length(names + at));
	}
}

/* Else the state would grow for ever. That it can't be written is said where histories are. */
static void forget_zones(struct run *run, const struct text *zones)
{
	struct state *state = zones->length ? memory_open(run, dns_history.file) : NULL;
	struct arena arena = { 0 };
	struct forgetting forgetting = { .zones = zones };
	struct text forgotten = { 0 };
	struct fault fault = { { 0 } };

	forgetting.kept = arena_array(&arena, zones->length, sizeof(*forgetting.kept));
	if (state)
		find_forgotten(&run->plan, state, &forgetting, &forgotten);
	if (forgotten.length)
		state_remove(state, &forgotten, &fault);
	map_free(&forgetting.offsets);
	text_free(&forgotten);
	arena_free(&arena);
	state_close(state);
}

void zone_rosters_update(struct zone_sources *sources)
{
	struct text dropped = { 0 };

	for (size_t i = 0; i < sources->count; i++) {
		struct merging merging = { .sources = sources,
			.source = &sources->items[i],
			.dropped = &dropped };
		struct state *state = memory_open(sources->run, dns_history.file);

		merging.policy = (struct roster_policy){ .now_s = sources->run->started_s,
			.grace_s = (int64_t)values_of(&merging)->new_zone_grace.seconds,
			.forget_s = (int64_t)values_of(&merging)->forget.seconds,
			.has_failed = merging.source->has_failed };
		update(&merging, state);
		state_close(state);
	}
	forget_zones(sources->run, &dropped);
	text_free(&dropped);
}
