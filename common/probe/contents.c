#include "common/probe/contents.h"

#include "common/base/clock.h"
#include "common/probe/zone_compare.h"

enum { BYTES_MOST = 8 << 20, TIME_MOST_US = 2000000, SAMPLE_MOST = 3 };

/* The two servers in a plan of their own; which pair of it is the other one's. */
static uint32_t plan_two(struct plan *plan, const struct plan *whole,
	const struct contents_question *question)
{
	uint32_t pairs[] = { question->reference, question->pair }, other = 0;

	plan_begin(plan);
	plan_add_zone(plan, whole->zones[question->zone].name);
	for (unsigned i = 0; i < 2; i++) {
		const struct server *server = &whole->servers[whole->assigned[pairs[i]]];

		other = plan_add_server(plan, NULL, &server->address);
		plan_assign(plan, 0, other, i ? 0 : PAIR_PRIMARY);
	}
	plan_close(plan);
	return plan_pair(plan, 0, other);
}

/* Kept beyond the observations that it was made in. */
static void keep(struct observations *seen, const struct contents_question *question,
	uint32_t server, const struct zone_comparison *comparison)
{
	struct content_observation *kept = &seen->contents[seen->content_count++];
	const char **sample = arena_array(&seen->arena, comparison->sample_count, sizeof(*sample));

	for (size_t i = 0; i < comparison->sample_count; i++)
		sample[i] = arena_string(&seen->arena, comparison->sample[i]);
	*kept = (struct content_observation){ question->zone, server, *comparison };
	kept->comparison.sample = sample;
}

static bool compare(const struct soa_probe *probe, const struct contents_question *question,
	struct fault *fault)
{
	static const bool ignored[COMPARE_TYPES] = { [DNS_SOA] = true };
	int64_t deadline_us = clock_monotonic_us() + TIME_MOST_US;
	struct observations seen;
	struct plan plan;
	uint32_t other = plan_two(&plan, probe->plan, question);
	struct zone_compare zones = {
		.transfers = {
			.loop = probe->loop,
			.plan = &plan,
			.seen = &seen,
			.source4 = probe->exchange.source4,
			.source6 = probe->exchange.source6,
			.key = probe->key,
			.deadline_us = deadline_us < probe->exchange.deadline_us
				? deadline_us
				: probe->exchange.deadline_us,
		},
		.compares = true,
		.ignored = ignored,
		.sample_most = SAMPLE_MOST,
		.bytes_most = BYTES_MOST,
	};
	bool good;

	observations_begin(&seen, plan.pair_count, plan.server_count);
	seen.zone_transfers =
		arena_array(&seen.arena, plan.pair_count, sizeof(*seen.zone_transfers));
	seen.zone_comparisons =
		arena_array(&seen.arena, plan.pair_count, sizeof(*seen.zone_comparisons));
	good = probe_zone_compare(&zones, fault);
	if (good && seen.zone_comparisons[other].result != COMPARISON_NONE)
		keep(probe->seen, question, probe->plan->assigned[question->pair],
			&seen.zone_comparisons[other]);
	probe->seen->queries += seen.queries;
	observations_free(&seen);
	plan_free(&plan);
	return good;
}

bool probe_contents(const struct soa_probe *probe, const struct contents_question *questions,
	size_t count, struct fault *fault)
{
	probe->seen->contents =
		arena_array(&probe->seen->arena, count, sizeof(*probe->seen->contents));
	for (size_t i = 0; i < count; i++) {
		if (!compare(probe, &questions[i], fault))
			return false;
	}
	return true;
}
