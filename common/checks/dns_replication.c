#include "common/checks/dns_replication.h"

#include <string.h>

#include "common/base/clock.h"
#include "common/checks/dns_apis.h"
#include "common/checks/dns_backends.h"
#include "common/checks/dns_gaps.h"
#include "common/checks/dns_history.h"
#include "common/checks/dns_informants.h"
#include "common/checks/dns_options.h"
#include "common/checks/dns_wait.h"
#include "common/checks/zone_sources.h"
#include "common/dns/name.h"
#include "common/judge/judge.h"
#include "common/probe/contents.h"
#include "common/probe/diagnose.h"
#include "common/probe/soa.h"

enum { CONFIRM_AFTER_US = 1000000, ROUND_NEEDS_US = 100000, HOUR_S = 3600 };

static const struct dns_replication_values *values_of(const struct run *run)
{
	return run->values;
}

/* CONTRACT: --wait raises --timeout to that + 2s. */
double dns_replication_least_timeout_s(const void *values)
{
	const struct option_duration *wait = &((const struct dns_replication_values *)values)->wait;

	return wait->set ? wait->seconds + 2 : 0;
}

bool dns_replication_prepare(struct run *run, struct fault *fault)
{
	plan_begin(&run->plan);
	run->setup = arena_alloc(&run->arena, sizeof(struct dns_setup));
	return dns_options_policy(run, fault) &&
		(run->common->replay ||
			(dns_options_setup(run, run->setup, fault) &&
				dns_backends_read(run, &values_of(run)->mysql,
					&((struct dns_setup *)run->setup)->backends, fault) &&
				dns_apis_read(run, &values_of(run)->pdns_api,
					&values_of(run)->api_access, &values_of(run)->address,
					&((struct dns_setup *)run->setup)->apis, fault) &&
				zone_sources_read(run, run->setup, fault) &&
				dns_informants_want(run, run->setup)));
}

/* What discovery saw already is not asked again. */
static void use_way(struct run *run, uint32_t pair, const struct discovered_way *way)
{
	struct soa_observation *seen = &run->seen.soa[pair];

	if (way->outcome == OUTCOME_ANSWERED) {
		run->seen.servers[run->plan.assigned[pair]].udp_outcome = (uint8_t)way->udp_outcome;
		return;
	}
	seen->outcome = (uint8_t)way->outcome;
	seen->udp_outcome = (uint8_t)way->udp_outcome;
	seen->tries = way->tries;
}

/* What discovery found out of each server the slow way, or NULL. */
static const struct discovered_way **ways_of(const struct run *run,
	const struct discovery *discovery, struct arena *arena)
{
	const struct discovered_way **ways =
		arena_array(arena, run->plan.server_count, sizeof(*ways));

	for (size_t s = 0; s < run->plan.server_count; s++) {
		for (size_t i = 0; i < discovery->way_count; i++) {
			if (address_equal(&discovery->ways[i].address,
				    &run->plan.servers[s].address))
				ways[s] = &discovery->ways[i];
		}
	}
	return ways;
}

static void use_discovery(struct run *run, const struct discovery *discovery)
{
	struct arena arena = { 0 };
	const struct discovered_way **ways = ways_of(run, discovery, &arena);

	for (uint32_t z = 0; z < run->plan.zone_count; z++) {
		const struct discovered_ns *found = &discovery->ns_answers[z];
		const struct zone *zone = &run->plan.zones[z];

		for (uint32_t pair = zone->first_pair; pair < zone->first_pair + zone->pair_count;
			pair++) {
			uint32_t server = run->plan.assigned[pair];
			struct soa_observation *seen = &run->seen.soa[pair];

			if (ways[server])
				use_way(run, pair, ways[server]);
			if (found->from.family &&
				address_equal(&found->from, &run->plan.servers[server].address)) {
				seen->ns_outcome = OUTCOME_ANSWERED;
				seen->ns_set =
					observations_ns_set(&run->seen, found->names, found->count);
			}
		}
	}
	run->seen.queries += discovery->counts.queries;
	run->seen.retries += discovery->counts.retries;
	arena_free(&arena);
}

static struct soa_probe make_probe(struct run *run, const struct dns_setup *setup)
{
	const struct dns_replication_values *values = values_of(run);
	struct soa_probe probe = {
		.loop = run->loop,
		.plan = &run->plan,
		.seen = &run->seen,
		.exchange = setup->discovery.exchange,
		.key = setup->discovery.key,
		.tcp_only = values->tcp,
		.tcp_probe = !values->no_tcp_probe,
		.ask_ns = !values->no_ns && (run->plan.zone_count == 1 || values->compare_ns),
	};

	if (!values->no_ns && run->plan.zone_count > NS_SLICES)
		probe.ns_slice = 1 + (uint32_t)(run->started_s / HOUR_S % NS_SLICES);
	return probe;
}

/* Is there time for another answer? */
static bool has_time(const struct run *run, int64_t from_us)
{
	return from_us + ROUND_NEEDS_US < run->deadline_us;
}

/* Some serials once more, and behind them some TCP probes. */
static bool ask_again(const struct soa_probe *probe, const struct doubt *doubts, size_t serials,
	size_t probes, struct fault *fault)
{
	size_t count = serials + probes;
	struct arena arena = { 0 };
	struct soa_again *again = arena_array(&arena, count, sizeof(*again));
	bool good;

	for (size_t i = 0; i < count; i++)
		again[i] = (struct soa_again){ doubts[i].zone, doubts[i].pair, i >= serials };
	good = !count || probe_again(probe, again, count, fault);
	arena_free(&arena);
	return good;
}

/* Asks what is in doubt once more, a second after it was first asked. */
static bool confirm(struct run *run, const struct soa_probe *probe, int64_t again_us,
	struct fault *fault)
{
	struct facts facts = run_facts(run);
	struct arena arena = { 0 };
	struct doubt *doubts = arena_array(&arena,
		2 * run->plan.pair_count + run->plan.server_count, sizeof(*doubts));
	size_t serials = judge_doubts(&facts, doubts),
	       probes = judge_tcp_doubts(&facts, doubts + serials);
	bool good = true;

	if (serials + probes && has_time(run, again_us)) {
		dns_sleep_until(run->loop, again_us);
		good = ask_again(probe, doubts, serials, probes, fault);
	}
	arena_free(&arena);
	return good;
}

/* What would show the why of the findings that stand so far. */
static size_t choose_diagnosis(struct run *run, struct dns_apis *apis,
	struct diagnose_question *questions)
{
	uint32_t zones[DIAGNOSED_FINDINGS];
	struct diagnosis_doubt doubts[DIAGNOSIS_MOST];
	struct facts facts = run_facts(run);
	struct arena arena = { 0 };
	bool *needed = arena_array(&arena, run->plan.zone_count, sizeof(*needed));
	struct verdict verdict;
	size_t count;

	judge_needs_past(&facts, needed);
	memory_recall(run, &dns_history, needed);
	judge(&facts, &verdict);
	count = judge_diagnosis(&facts, &verdict, doubts);
	dns_apis_start(run, apis, zones, judge_troubled_zones(&verdict, zones));
	verdict_free(&verdict);
	arena_free(&arena);
	for (size_t i = 0; i < count; i++)
		questions[i] = (struct diagnose_question){ doubts[i].kind, doubts[i].zone,
			doubts[i].pair };
	return count;
}

/* Equal serials, different SOAs: is it the SOA alone? */
static bool compare_contents(struct run *run, const struct soa_probe *probe, struct fault *fault)
{
	struct contents_question questions[CONTENTS_MOST];
	struct doubt doubts[CONTENTS_MOST];
	struct facts facts = run_facts(run);
	struct verdict verdict;
	size_t count;

	if (!has_time(run, clock_monotonic_us()))
		return true;
	judge(&facts, &verdict);
	count = judge_content_doubts(&facts, &verdict, doubts, CONTENTS_MOST);
	for (size_t i = 0; i < count; i++)
		questions[i] = (struct contents_question){ doubts[i].zone,
			verdict.zones[doubts[i].zone].reference.pair, doubts[i].pair };
	verdict_free(&verdict);
	return !count || probe_contents(probe, questions, count, fault);
}

/* Those that need not wait for the APIs to the front; their number. Transfers refresh PowerDNS's
 * query cache, so that whose API tells of more than its answers is not asked for one. */
static size_t put_first(struct diagnose_question *questions, size_t count)
{
	size_t first = 0;

	for (size_t i = 0; i < count; i++) {
		struct diagnose_question each = questions[i];

		if (each.kind == DIAGNOSIS_TRANSFER)
			continue;
		questions[i] = questions[first];
		questions[first++] = each;
	}
	return first;
}

/* The transfers that the APIs leave to be asked for. */
static bool ask_transfers(struct run *run, const struct soa_probe *probe,
	struct diagnose_question *questions, size_t count, struct fault *fault)
{
	struct facts facts = run_facts(run);
	size_t left = 0;

	for (size_t i = 0; i < count; i++) {
		if (!judge_is_told_by_api(&facts, questions[i].zone, questions[i].pair))
			questions[left++] = questions[i];
	}
	return !left || probe_diagnose(probe, questions, left, fault);
}

/* DNS and the APIs at once, then transfers; whoever has by one what he does not show by the other
 * is asked again. */
static bool ask_why(struct run *run, const struct soa_probe *probe, struct dns_apis *apis,
	struct fault *fault)
{
	struct diagnose_question questions[DIAGNOSIS_MOST];
	struct doubt doubts[DIAGNOSIS_MOST];
	struct facts facts = run_facts(run);
	size_t count = choose_diagnosis(run, apis, questions);
	size_t first = apis ? put_first(questions, count) : count;
	bool good = !first || probe_diagnose(probe, questions, first, fault);

	dns_apis_end(run, apis);
	if (good && first < count && has_time(run, clock_monotonic_us()))
		good = ask_transfers(run, probe, questions + first, count - first, fault);
	if (!good || !has_time(run, clock_monotonic_us()))
		return good;
	count = judge_transfer_doubts(&facts, doubts);
	return ask_again(probe, doubts, count, 0, fault);
}

static bool diagnose(struct run *run, const struct soa_probe *probe, struct fault *fault)
{
	struct dns_setup *setup = run->setup;
	struct facts facts;

	if (!values_of(run)->diagnose || !has_time(run, clock_monotonic_us()))
		return true;
	run->judged_s = clock_now_s();
	facts = run_facts(run);
	if (!judge_is_troubled(&facts)) {
		dns_apis_locate(run, setup->apis);
		return true;
	}
	if (!ask_why(run, probe, setup->apis, fault))
		return false;
	dns_apis_locate(run, setup->apis);
	return compare_contents(run, probe, fault);
}

static bool ask_rounds(struct run *run, const struct dns_setup *setup, struct fault *fault)
{
	const struct option_duration *wait = &values_of(run)->wait;
	struct soa_probe probe = make_probe(run, setup);
	int64_t again_us;

	observations_begin(&run->seen, run->plan.pair_count, run->plan.server_count);
	use_discovery(run, &setup->discovery);
	dns_informants_note(run, setup);
	if (!probe_soa(&probe, fault))
		return false;
	dns_backends_place(run, setup->backends);
	if (wait->set &&
		!dns_wait(run, &probe, run->started_us + (int64_t)(wait->seconds * 1e6), fault))
		return false;
	again_us = clock_monotonic_us() + CONFIRM_AFTER_US;
	return confirm(run, &probe, again_us, fault) && diagnose(run, &probe, fault);
}

static void recall(void *context, const bool *wanted)
{
	memory_recall(context, &dns_history, wanted);
}

bool dns_replication_observe(struct run *run, struct fault *fault)
{
	struct dns_setup *setup = run->setup;
	bool good;

	setup->discovery.loop = run->loop;
	setup->discovery.exchange.loopback_at_will = !values_of(run)->rate.set;
	setup->discovery.plan = &run->plan;
	setup->discovery.past = &run->past;
	setup->discovery.recall = recall;
	setup->discovery.recall_context = run;
	dns_backends_start(run, setup->backends, values_of(run)->zones_from.count == 0);
	good = zone_sources_fetch(setup->sources, fault);
	if (good)
		memory_begin(run, &dns_history);
	good = good && discover(&setup->discovery, fault) && ask_rounds(run, setup, fault);
	dns_backends_wait(setup->backends);
	explicit_bzero(&setup->key, sizeof(setup->key));
	return good;
}

void dns_replication_judge(struct run *run)
{
	struct facts facts;

	if (!run->common->replay && !run->past.changed) {
		memory_note(run, &dns_history);
		dns_gaps_recall(run);
	}
	facts = run_facts(run);
	judge(&facts, &run->verdict);
}

void dns_replication_remember(struct run *run)
{
	dns_gaps_remember(run);
	if (memory_write(run, &dns_history))
		return;
	verdict_free(&run->verdict);
	dns_replication_judge(run);
}
