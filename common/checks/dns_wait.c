#include "common/checks/dns_wait.h"

#include "common/base/clock.h"
#include "common/judge/judge.h"

enum { POLL_US = 500000 };

static void stop_waiting(void *context)
{
	loop_stop(context);
}

void dns_sleep_until(struct loop *loop, int64_t monotonic_us)
{
	struct loop_timer *timer = loop_timer_new(loop, stop_waiting, loop);

	loop_timer_set(timer, monotonic_us);
	loop_run(loop);
	loop_timer_free(timer);
}

/* Does the server still lack what the reference serves? */
static bool lacks(const struct facts *facts, const struct reference *reference, uint32_t pair)
{
	const struct soa_observation *seen = &facts->seen->soa[pair];

	if (seen->outcome == OUTCOME_NO_ROUTE || judge_is_absent(facts, pair) ||
		facts->plan->servers[facts->plan->assigned[pair]].independent)
		return false;
	return !judge_has_serial(seen) || seen->serial != reference->serial;
}

/* Who is to be asked again about this zone, into `again`; how many. */
static size_t missing_of_zone(const struct facts *facts, uint32_t zone, struct soa_again *again)
{
	const struct zone *at = &facts->plan->zones[zone];
	struct reference reference = judge_reference(facts, zone);
	size_t count = 0;

	for (uint32_t pair = at->first_pair; pair < at->first_pair + at->pair_count; pair++) {
		if (lacks(facts, &reference, pair))
			again[count++] = (struct soa_again){ .zone = zone, .pair = pair };
	}
	if (count && reference.source != REFERENCE_NONE)
		again[count++] = (struct soa_again){ .zone = zone, .pair = reference.pair };
	return count;
}

/* `again` has room for two questions a pair: the reference's comes beside those of the others. */
static size_t missing(const struct run *run, struct soa_again *again)
{
	const struct facts facts = run_facts(run);
	size_t count = 0;

	for (uint32_t zone = 0; zone < run->plan.zone_count; zone++)
		count += missing_of_zone(&facts, zone, again + count);
	return count;
}

bool dns_wait(struct run *run, const struct soa_probe *probe, int64_t until_us, struct fault *fault)
{
	struct arena arena = { 0 };
	struct soa_again *again = arena_array(&arena, 2 * run->plan.pair_count, sizeof(*again));
	bool good = true;
	size_t count;

	while (good && (count = missing(run, again)) > 0) {
		int64_t next_us = clock_monotonic_us() + POLL_US;

		if (next_us > until_us)
			break;
		dns_sleep_until(run->loop, next_us);
		good = probe_again(probe, again, count, fault);
	}
	arena_free(&arena);
	return good;
}
