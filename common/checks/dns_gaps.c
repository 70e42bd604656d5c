#include "common/checks/dns_gaps.h"

#include <string.h>

#include "common/base/number.h"
#include "common/checks/dns_history.h"
#include "common/dns/name.h"
#include "common/judge/judge.h"

/* A note a zone and server: the serial served, and the time of the run that first saw it. Another
 * serial begins anew, so nothing has to be deleted. */
static void add_key(const struct run *run, const struct serial_gap *gap, struct text *out)
{
	char text[NAME_TEXT];

	text_addf(out, "gap %s %s", run->plan.servers[gap->server].name,
		name_to_text(run->plan.zones[gap->zone].name, text));
}

/* "7 1795324000"; anything else is no note. */
static void take_gap(void *context, const uint8_t *bytes, size_t length)
{
	struct serial_gap *gap = context;
	char copy[2 * NUMBER_TEXT], *blank;
	uint64_t served, since;

	if (length >= sizeof(copy))
		return;
	memcpy(copy, bytes, length);
	copy[length] = '\0';
	blank = strchr(copy, ' ');
	if (!blank)
		return;
	*blank = '\0';
	if (number_whole(copy, 0, UINT32_MAX, &served) && served == gap->served &&
		number_whole(blank + 1, 0, INT64_MAX, &since) && history_is_date((int64_t)since) &&
		(int64_t)since < gap->since_s)
		gap->since_s = (int64_t)since;
}

static void add_gap(struct run *run, struct state *state, const struct doubt *doubt)
{
	struct serial_gap *gap = &run->past.gaps[run->past.gap_count++];
	struct text key = { 0 };

	*gap = (struct serial_gap){ .zone = doubt->zone,
		.server = run->plan.assigned[doubt->pair],
		.served = run->seen.soa[doubt->pair].serial,
		.since_s = run->judged_s };
	add_key(run, gap, &key);
	if (state)
		state_read_note(state, text_string(&key), take_gap, gap);
	text_free(&key);
}

void dns_gaps_recall(struct run *run)
{
	struct doubt doubts[GAPS_MOST];
	struct facts facts = run_facts(run);
	size_t count = judge_database_doubts(&facts, doubts, GAPS_MOST);
	struct state *state;

	count += judge_cache_doubts(&facts, doubts + count, GAPS_MOST - count);
	run->past.gaps = arena_array(&run->past.arena, count, sizeof(*run->past.gaps));
	run->past.gap_count = 0;
	state = count && run->past.kept ? memory_open(run, dns_history.file) : NULL;
	for (size_t i = 0; i < count; i++) {
		if (!history_gap(&run->past, doubts[i].zone, run->plan.assigned[doubts[i].pair]))
			add_gap(run, state, &doubts[i]);
	}
	state_close(state);
}

static void write_gap(struct run *run, struct state *state, const struct serial_gap *gap)
{
	struct text key = { 0 }, note = { 0 };
	struct fault fault = { { 0 } };

	add_key(run, gap, &key);
	text_addf(&note, "%u %lld", gap->served, (long long)gap->since_s);
	if (!state_write_note(state, text_string(&key), &note, &fault))
		memory_failed(run, &fault);
	text_free(&key);
	text_free(&note);
}

/* Only those that this run saw first. */
void dns_gaps_remember(struct run *run)
{
	struct state *state = NULL;

	for (size_t i = 0; i < run->past.gap_count && run->past.kept; i++) {
		if (run->past.gaps[i].since_s < run->judged_s)
			continue;
		if (!state)
			state = memory_open(run, dns_history.file);
		if (state)
			write_gap(run, state, &run->past.gaps[i]);
	}
	state_close(state);
}
