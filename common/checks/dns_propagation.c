#include "common/checks/dns_propagation.h"

#include <string.h>

#include "common/base/clock.h"
#include "common/checks/dns_options.h"
#include "common/checks/propagation_setup.h"
#include "common/dns/serial.h"
#include "common/judge/judge.h"
#include "common/model/propagation.h"
#include "common/probe/soa.h"

enum {
	DNS_PORT = 53,
	LOOK_TRY_MS = 300, /* at what they serve before the change: nobody waits for the dead */
	LOOK_US = 700000,
};

const char *const change_ways[] = { "update", "pdns", NULL };

static bool set_listen(struct propagation_setup *setup, const char *text, struct fault *fault)
{
	setup->has_listen = text != NULL;
	if (!text)
		return true;
	if (!address_from_text(text, &setup->listen))
		return fault_set(fault,
			"--listen: \"%s\" is no ADDRESS[@PORT], e.g. --listen=192.0.2.10 or --listen=192.0.2.10@5300",
			text);
	if (!setup->listen.port)
		setup->listen.port = DNS_PORT;
	return true;
}

/* Questions come from where NOTIFY comes from, unless the user says otherwise: a key may be good
 * for that address only. */
static void set_source(struct propagation_setup *setup)
{
	static const struct address any;
	struct exchange_settings *exchange = &setup->discovery.exchange;
	struct address *slot = setup->listen.family == 4 ? &exchange->source4 : &exchange->source6;

	if (!setup->has_listen || slot->family ||
		!memcmp(setup->listen.bytes, any.bytes, sizeof(any.bytes)))
		return;
	*slot = setup->listen;
	slot->port = 0;
}

static bool set_key(struct run *run, struct propagation_setup *setup, struct fault *fault)
{
	if (!run->common->key_file)
		return true;
	setup->discovery.key = &setup->key;
	return dns_options_key(run, &setup->key, fault);
}

static bool check_way(const struct run *run, struct fault *fault)
{
	const struct dns_propagation_values *values = propagation_values(run);

	if (!values->zone)
		return fault_set(fault, "no zone is given, e.g. --zone=canary.example.com");
	if (!values->change.set && !values->listen)
		return fault_set(fault,
			"nobody is to make the change: --listen=ADDRESS (this check is the primary), or --change=update or --change=pdns with --hostname");
	if (values->change.set && !run->common->hostname)
		return fault_set(fault,
			"--change wants the primary to change the zone on, e.g. --hostname=192.0.2.1");
	if (!values->change.set && (run->common->hostname || values->cleanup))
		return fault_set(fault, "%s means nothing without --change",
			values->cleanup ? "--cleanup" : "--hostname");
	if (!values->secondaries.count && !values->cleanup)
		return fault_set(fault,
			"no secondary is given, e.g. --secondary=ns2.example.com=192.0.2.2");
	if (values->ixfr && values->axfr)
		return fault_set(fault, "--ixfr and --axfr exclude each other");
	if ((values->ixfr || values->axfr) && values->change.set)
		return fault_set(fault,
			"--%s is about what the hidden primary offers (--listen without --change)",
			values->ixfr ? "ixfr" : "axfr");
	return true;
}

static bool is_by_api(const struct run *run)
{
	const struct dns_propagation_values *values = propagation_values(run);

	return values->change.set && values->change.index == CHANGE_WAY_PDNS;
}

static bool set_api(struct run *run, struct propagation_setup *setup, struct fault *fault)
{
	const struct dns_propagation_values *values = propagation_values(run);

	setup->has_api = is_by_api(run);
	if (!setup->has_api)
		return (!values->pdns_api && !values->api_access.key_file &&
			       !values->api_access.tls_ca) ||
			fault_set(fault, "--%s means nothing without --change=pdns",
				values->pdns_api                      ? "pdns-api"
					: values->api_access.key_file ? "api-key-file"
								      : "tls-ca");
	if (run->common->key_file && !values->listen)
		return fault_set(fault,
			"--tsig-key-file means nothing with --change=pdns: the API's key is in --api-key-file");
	return canary_api_read(run, values->pdns_api, &values->api_access, &setup->api, fault);
}

static bool set_hosts(struct run *run, struct propagation_setup *setup, struct fault *fault)
{
	const struct option_list *list = &propagation_values(run)->secondaries;

	setup->secondaries = arena_array(&run->arena, list->count, sizeof(*setup->secondaries));
	for (size_t i = 0; i < list->count; i++) {
		if (!dns_options_named(run, "--secondary", list->items[i], &setup->secondaries[i],
			    fault))
			return false;
	}
	return !run->common->hostname ||
		dns_options_host(run, "--hostname", run->common->hostname, &setup->primary, fault);
}

static bool set_up(struct run *run, struct propagation_setup *setup, struct fault *fault)
{
	struct discovery *discovery = &setup->discovery;

	if (!check_way(run, fault))
		return false;
	setup->zone = dns_options_name(run, "--zone", propagation_values(run)->zone, fault);
	if (!setup->zone || !dns_options_families(run, discovery, fault) ||
		!set_hosts(run, setup, fault) || !set_api(run, setup, fault) ||
		!set_listen(setup, propagation_values(run)->listen, fault) ||
		!common_sources(run->common, &discovery->exchange, fault))
		return false;
	set_source(setup);
	discovery->exchange.try_timeout_ms = LOOK_TRY_MS;
	discovery->exchange.tcp_timeout_ms = LOOK_TRY_MS;
	discovery->exchange.retries = 1;
	discovery->exchange.deadline_us = run->deadline_us;
	discovery->exchange.loopback_at_will = true;
	return set_key(run, setup, fault);
}

bool dns_propagation_prepare(struct run *run, struct fault *fault)
{
	struct propagation_setup *setup = arena_alloc(&run->arena, sizeof(*setup));

	plan_begin(&run->plan);
	run->setup = setup;
	return common_policy(run->common, &run->arena, &run->policy, fault) &&
		(run->common->replay || set_up(run, setup, fault));
}

/* --- What they serve before and after --------------------------------------------------------- */

bool propagation_look(struct run *run, int64_t until_us, struct fault *fault)
{
	const struct propagation_setup *setup = run->setup;
	struct soa_probe probe = { .loop = run->loop,
		.plan = &run->plan,
		.seen = &run->seen,
		.exchange = setup->discovery.exchange };

	/* The key of a real primary's UPDATE is nobody else's. */
	if (!propagation_values(run)->change.set)
		probe.key = setup->discovery.key;
	probe.exchange.deadline_us = until_us;
	return probe_soa(&probe, fault);
}

static bool has_serial(const struct soa_observation *seen)
{
	return seen->outcome == OUTCOME_ANSWERED || seen->outcome == OUTCOME_NOT_AUTHORITATIVE;
}

static void begin(struct run *run)
{
	struct observations *seen = &run->seen;

	observations_begin(seen, run->plan.pair_count, run->plan.server_count);
	seen->propagations =
		arena_array(&seen->arena, run->plan.pair_count, sizeof(*seen->propagations));
	for (size_t pair = 0; pair < run->plan.pair_count; pair++)
		seen->propagations[pair] = propagation_begin();
	seen->change = arena_alloc(&seen->arena, sizeof(*seen->change));
	*seen->change = (struct change){ .notify_us = PROPAGATION_NEVER,
		.token = "",
		.api = "",
		.tls_ca = "",
		.listen = "",
		.trouble = "",
		.strangers = "" };
}

static bool look_before(struct run *run, struct fault *fault)
{
	int64_t until_us = run->started_us + LOOK_US;

	if (!propagation_look(run, until_us < run->deadline_us ? until_us : run->deadline_us,
		    fault))
		return false;
	for (size_t pair = 0; pair < run->plan.pair_count; pair++) {
		struct propagation *way = &run->seen.propagations[pair];

		way->has_before = has_serial(&run->seen.soa[pair]);
		way->before = run->seen.soa[pair].serial;
		way->questions = run->seen.soa[pair].tries;
	}
	return true;
}

/* --- The hidden primary ----------------------------------------------------------------------- */

struct following {
	struct run *run;
	uint32_t serial;
};

static bool shows_serial(void *context, uint32_t pair, const struct message *answer)
{
	const struct following *following = context;
	struct soa_answer soa;

	(void)pair;
	if (!message_soa_answer(answer, following->run->plan.zones[0].name, &soa) || !soa.has_soa ||
		!soa.authoritative)
		return false;
	return serial_compare(soa.serial, following->serial) == SERIAL_EQUAL ||
		serial_compare(soa.serial, following->serial) == SERIAL_AHEAD;
}

static void stop(void *context)
{
	const struct following *following = context;

	loop_stop(following->run->loop);
}

static bool serve(struct run *run, const struct canary_zone *zone, struct fault *fault)
{
	const struct propagation_setup *setup = run->setup;
	struct following following = { run, zone->last };
	struct canary_engine *engine =
		canary_engine_new(&(struct canary_engine_settings){ .run = run,
					  .listen = setup->listen,
					  .key = setup->discovery.key,
					  .sources = setup->sources,
					  .zone = zone,
					  .only_whole = propagation_values(run)->axfr },
			fault);
	int64_t now_us = clock_monotonic_us();
	struct published *published;

	if (!engine)
		return false;
	run->seen.change->was_made = true;
	published = published_new(&(struct published_settings){ .loop = run->loop,
		.plan = &run->plan,
		.seen = &run->seen,
		.key = setup->discovery.key,
		.source4 = setup->discovery.exchange.source4,
		.source6 = setup->discovery.exchange.source6,
		.changed_us = now_us,
		.deadline_us = run->deadline_us,
		.name = run->plan.zones[0].name,
		.type = DNS_SOA,
		.shows = shows_serial,
		.ended = stop,
		.context = &following });
	canary_engine_watch(engine, now_us, published);
	loop_run(run->loop);
	run->seen.change->waited_us = clock_monotonic_us() - now_us;
	canary_engine_free(engine);
	published_free(published);
	return true;
}

static bool be_primary(struct run *run, struct fault *fault)
{
	const struct propagation_setup *setup = run->setup;
	struct change *change = run->seen.change;
	struct canary_zone zone;
	uint32_t *served = arena_array(&run->arena, run->plan.pair_count, sizeof(*served));
	char listen[ADDRESS_TEXT];
	size_t count = 0;
	bool good;

	for (size_t pair = 0; pair < run->plan.pair_count; pair++) {
		if (run->seen.propagations[pair].has_before)
			served[count++] = run->seen.propagations[pair].before;
	}
	canary_zone_begin(&zone, &run->plan);
	canary_zone_recall(run, &zone);
	canary_zone_use(run, &zone,
		canary_zone_next(&zone, (uint32_t)run->started_s, served, count));
	change->kind = CHANGE_BY_ENGINE;
	change->serial = zone.last;
	change->is_incremental = propagation_values(run)->ixfr;
	change->listen =
		arena_string(&run->seen.arena, address_to_text_port(&setup->listen, listen));
	good = serve(run, &zone, fault);
	canary_zone_free(&zone);
	return good;
}

bool dns_propagation_observe(struct run *run, struct fault *fault)
{
	struct propagation_setup *setup = run->setup;
	bool good = propagation_plan(run, fault);

	if (good) {
		begin(run);
		good = look_before(run, fault) &&
			(propagation_values(run)->change.set ? propagation_by_change(run, fault)
							     : be_primary(run, fault));
	}
	explicit_bzero(&setup->key, sizeof(setup->key));
	return good;
}

void dns_propagation_judge(struct run *run)
{
	struct facts facts = run_facts(run);

	judge_propagation(&facts, &run->verdict);
}
