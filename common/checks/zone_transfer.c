#include "common/checks/zone_transfer.h"

#include <string.h>

#include "common/checks/api_options.h"
#include "common/checks/dns_options.h"
#include "common/checks/transfer_compare.h"
#include "common/dns/name.h"
#include "common/judge/judge.h"
#include "common/net/socket.h"
#include "common/probe/soa.h"
#include "common/probe/zone_transfer.h"

enum { MOST_ADDRESSES = 16, DNS_PORT = 53, TLS_PORT = 853 };

/* What `prepare` makes and `observe` needs. */
struct transfer_setup {
	struct discovery discovery; /* only names to addresses */
	const uint8_t *zone;
	struct host hostname;
	struct host *compared; /* as many as values->compare.count */
	struct tsig_key key;
	struct zone_transfer_tls tls;
	bool ignored[COMPARE_TYPES];
};

const char *const transfer_expectations[] = { "allowed", "refused", NULL };

static const struct zone_transfer_values *values_of(const struct run *run)
{
	return run->values;
}

static bool set_policy(struct run *run, struct fault *fault)
{
	const struct zone_transfer_values *values = values_of(run);
	struct transfer_policy *policy = &run->policy.transfers;
	struct exchange_settings sources = { 0 };

	if (!common_policy(run->common, &run->arena, &run->policy, fault) ||
		!common_sources(run->common, &sources, fault))
		return false;
	policy->source4 = sources.source4;
	policy->source6 = sources.source6;
	policy->slow_warning = run->common->warning;
	policy->slow_critical = run->common->critical;
	policy->expect_refused = values->expect.index == EXPECT_REFUSED;
	policy->tls = values->tls;
	policy->incremental = values->ixfr.set;
	policy->serial = (uint32_t)values->ixfr.value;
	policy->least_records = values->min_records.value;
	return true;
}

static bool set_tls(const struct run *run, struct transfer_setup *setup, struct fault *fault)
{
	const struct zone_transfer_values *values = values_of(run);

	if (!values->tls && (values->tls_ca || values->tls_hostname))
		return fault_set(fault, "%s means nothing without --tls",
			values->tls_ca ? "--tls-ca" : "--tls-hostname");
	if (!api_check_ca(values->tls_ca, fault))
		return false;
	setup->tls = (struct zone_transfer_tls){
		.ca_file = values->tls_ca,
		.hostname = values->tls_hostname,
		.now_s = run->started_s,
		.begin = tls_new,
		.layer = tls_layer,
		.end = tls_free,
	};
	return true;
}

static bool set_up_compared(struct run *run, struct transfer_setup *setup, struct fault *fault)
{
	const struct option_list *compare = &values_of(run)->compare;

	setup->compared = arena_array(&run->arena, compare->count, sizeof(*setup->compared));
	for (size_t i = 0; i < compare->count; i++) {
		if (!dns_options_host(run, "--compare", compare->items[i], &setup->compared[i],
			    fault))
			return false;
	}
	return transfer_compare_check(run, setup->ignored, fault);
}

static bool set_up(struct run *run, struct transfer_setup *setup, struct fault *fault)
{
	struct discovery *discovery = &setup->discovery;

	if (!values_of(run)->zone)
		return fault_set(fault, "no zone is given, e.g. --zone=example.com");
	if (!run->common->hostname)
		return fault_set(fault, "no server is given, e.g. --hostname=192.0.2.1");
	if (!set_tls(run, setup, fault))
		return false;
	setup->zone = dns_options_name(run, "--zone", values_of(run)->zone, fault);
	if (!setup->zone || !dns_options_families(run, discovery, fault) ||
		!dns_options_host(run, "--hostname", run->common->hostname, &setup->hostname,
			fault) ||
		!set_up_compared(run, setup, fault) ||
		!common_sources(run->common, &discovery->exchange, fault))
		return false;
	if (!run->common->port.set)
		discovery->port = values_of(run)->tls ? TLS_PORT : DNS_PORT;
	discovery->exchange.try_timeout_ms = run->try_timeout_ms;
	discovery->exchange.tcp_timeout_ms = 2 * run->try_timeout_ms;
	discovery->exchange.retries = 2;
	discovery->exchange.deadline_us = run->deadline_us;
	discovery->exchange.loopback_at_will = true;
	if (!run->common->key_file)
		return true;
	discovery->key = &setup->key;
	return dns_options_key(run, &setup->key, fault);
}

bool zone_transfer_prepare(struct run *run, struct fault *fault)
{
	struct transfer_setup *setup = arena_alloc(&run->arena, sizeof(*setup));

	plan_begin(&run->plan);
	run->setup = setup;
	return set_policy(run, fault) && (run->common->replay || set_up(run, setup, fault));
}

/* Every address of the server is asked: each has its own lists of who may. */
static bool add_servers(struct run *run, struct host *host, unsigned flags, struct fault *fault)
{
	struct transfer_setup *setup = run->setup;
	struct address addresses[MOST_ADDRESSES];
	char name[NAME_TEXT];
	size_t count;

	if (!discover_host(&setup->discovery, host, addresses, MOST_ADDRESSES, &count, fault))
		return false;
	if (count == 0)
		return fault_set(fault, "%s: %s has no address%s; is the name right?", host->option,
			host->name ? name_to_display(host->name, name) : host->text,
			run->common->ipv4           ? " of IPv4"
				: run->common->ipv6 ? " of IPv6"
						    : "");
	for (size_t i = 0; i < count; i++) {
		uint32_t server = plan_add_server(&run->plan, host->name, &addresses[i]);

		plan_assign(&run->plan, 0, server, flags);
	}
	return true;
}

static bool make_plan(struct run *run, struct fault *fault)
{
	struct transfer_setup *setup = run->setup;
	uint32_t zone = plan_add_zone(&run->plan, setup->zone);

	setup->discovery.loop = run->loop;
	setup->discovery.plan = &run->plan;
	run->plan.zones[zone].has_primary = true;
	run->plan.zones[zone].ns_source = NS_FROM_OPTIONS;
	if (!add_servers(run, &setup->hostname, PAIR_PRIMARY, fault))
		return false;
	for (size_t i = 0; i < values_of(run)->compare.count; i++) {
		if (!add_servers(run, &setup->compared[i], 0, fault))
			return false;
	}
	plan_close(&run->plan);
	for (size_t i = 0; i < run->plan.server_count; i++)
		run->plan.servers[i].no_route = !socket_has_route(&run->plan.servers[i].address);
	run->past.zone_count = run->plan.zone_count;
	run->past.zones =
		arena_array(&run->past.arena, run->past.zone_count, sizeof(*run->past.zones));
	return true;
}

/* What the transfer tells of the SOA, so that it need not be asked for. */
static void note_soa(const struct zone_transfer *transfer, struct soa_observation *seen)
{
	static const struct {
		uint16_t rcode;
		enum outcome outcome;
	} rcodes[] = { { DNS_REFUSED, OUTCOME_REFUSED }, { DNS_NOTAUTH, OUTCOME_NOTAUTH },
		{ DNS_SERVFAIL, OUTCOME_SERVFAIL }, { DNS_NXDOMAIN, OUTCOME_NXDOMAIN } };
	static const enum outcome outcomes[TRANSFER_END_COUNT] = {
		[TRANSFER_END_NOT_ASKED] = OUTCOME_NOT_ASKED,
		[TRANSFER_END_COMPLETE] = OUTCOME_ANSWERED,
		[TRANSFER_END_CURRENT] = OUTCOME_ANSWERED,
		[TRANSFER_END_BEGAN] = OUTCOME_ANSWERED,
		[TRANSFER_END_RCODE] = OUTCOME_RCODE,
		[TRANSFER_END_TIMEOUT] = OUTCOME_TIMEOUT,
		[TRANSFER_END_PORT_CLOSED] = OUTCOME_PORT_CLOSED,
		[TRANSFER_END_UNREACHABLE] = OUTCOME_UNREACHABLE,
		[TRANSFER_END_NO_ROUTE] = OUTCOME_NO_ROUTE,
		[TRANSFER_END_CUT] = OUTCOME_CONNECTION_BROKEN,
		[TRANSFER_END_BROKEN] = OUTCOME_MALFORMED,
		[TRANSFER_END_UNSIGNED] = OUTCOME_TSIG_FAILED,
		[TRANSFER_END_TSIG] = OUTCOME_TSIG_FAILED,
		[TRANSFER_END_TLS] = OUTCOME_CONNECTION_BROKEN,
	};
	enum outcome outcome = outcomes[transfer->end];

	for (size_t i = 0; outcome == OUTCOME_RCODE && i < sizeof(rcodes) / sizeof(rcodes[0]);
		i++) {
		if (rcodes[i].rcode == transfer->rcode)
			outcome = rcodes[i].outcome;
	}
	seen->outcome = (uint8_t)outcome;
	seen->rcode = transfer->rcode;
	seen->serial = transfer->serial;
	seen->transport = TRANSPORT_TCP;
	seen->tries = 1;
	seen->round_trip_us = (uint32_t)transfer->first_message_us;
}

static bool is_denial(const struct zone_transfer *transfer)
{
	return transfer->end == TRANSFER_END_RCODE &&
		(transfer->rcode == DNS_REFUSED || transfer->rcode == DNS_NOTAUTH);
}

static struct soa_probe soa_probe_of(struct run *run)
{
	const struct transfer_setup *setup = run->setup;

	return (struct soa_probe){
		.loop = run->loop,
		.plan = &run->plan,
		.seen = &run->seen,
		.exchange = setup->discovery.exchange,
		.key = setup->discovery.key,
	};
}

/* Who refuses the transfer is asked for the SOA, too: NOTAUTH may mean that it does not serve the
 * zone at all. By TLS nobody is: the port of transfers need not answer questions. */
static bool ask_deniers(struct run *run, struct fault *fault)
{
	struct soa_probe probe = soa_probe_of(run);
	bool any = false;

	for (uint32_t pair = 0; pair < run->plan.pair_count; pair++) {
		const struct zone_transfer *transfer = &run->seen.zone_transfers[pair];

		if (is_denial(transfer) && !run->policy.transfers.tls)
			any = true;
		else
			note_soa(transfer, &run->seen.soa[pair]);
	}
	return !any || probe_soa(&probe, fault);
}

static void begin_transfers(struct run *run)
{
	const struct zone_transfer none = { .ede_code = EDE_NONE,
		.ede_text = "",
		.trouble = "",
		.tls_version = "",
		.tls_cipher = "" };
	size_t count = run->plan.pair_count;

	run->seen.zone_transfers =
		arena_array(&run->seen.arena, count, sizeof(*run->seen.zone_transfers));
	for (size_t pair = 0; pair < count; pair++)
		run->seen.zone_transfers[pair] = none;
}

static bool transfer_all(struct run *run, struct fault *fault)
{
	const struct transfer_setup *setup = run->setup;
	const struct transfer_policy *policy = &run->policy.transfers;
	const struct soa_probe soa = soa_probe_of(run);
	struct zone_transfer_probe probe = {
		.loop = run->loop,
		.plan = &run->plan,
		.seen = &run->seen,
		.source4 = policy->source4,
		.source6 = policy->source6,
		.key = setup->discovery.key,
		.tls = policy->tls ? &setup->tls : NULL,
		.deadline_us = run->deadline_us,
		.incremental = policy->incremental,
		.serial = policy->serial,
		.only_begin = policy->expect_refused,
	};

	observations_begin(&run->seen, run->plan.pair_count, run->plan.server_count);
	begin_transfers(run);
	if (transfer_compare_wanted(run))
		return transfer_compare_run(run, &probe, &soa, setup->ignored, fault);
	return probe_zone_transfers(&probe, fault);
}

bool zone_transfer_observe(struct run *run, struct fault *fault)
{
	struct transfer_setup *setup = run->setup;
	bool good = make_plan(run, fault) && transfer_all(run, fault) && ask_deniers(run, fault);

	explicit_bzero(&setup->key, sizeof(setup->key));
	return good;
}

static void show_host(const struct transfer_setup *setup, const struct host *host, struct text *out)
{
	char address[ADDRESS_TEXT];

	text_add(out, host->text);
	for (size_t i = 0; host->name && i < host->address_count; i++)
		text_addf(out, " %s", address_to_text(&host->addresses[i], address));
	text_addf(out, ", port %u\n", host->port ? host->port : setup->discovery.port);
}

void zone_transfer_show_plan(struct run *run, struct text *out)
{
	const struct transfer_setup *setup = run->setup;
	const struct transfer_policy *policy = &run->policy.transfers;
	char zone[NAME_TEXT], address[ADDRESS_TEXT];

	text_add(out, "Nothing was sent. Would ask\n");
	text_addf(out, "%s: %s by TCP%s%s, which should be %s\n",
		name_to_display(setup->zone, zone), policy->incremental ? "IXFR" : "AXFR",
		policy->tls ? " and TLS" : "", setup->discovery.key ? ", signed" : "",
		transfer_expectations[policy->expect_refused]);
	text_add(out, "  server ");
	show_host(setup, &setup->hostname, out);
	for (size_t i = 0; i < values_of(run)->compare.count; i++) {
		text_add(out, "  compared with ");
		show_host(setup, &setup->compared[i], out);
	}
	text_add(out, "from:");
	if (policy->source4.family)
		text_addf(out, " %s", address_to_text(&policy->source4, address));
	if (policy->source6.family)
		text_addf(out, " %s", address_to_text(&policy->source6, address));
	text_add(out,
		policy->source4.family || policy->source6.family
			? "\n"
			: " whatever address the system chooses\n");
}

void zone_transfer_judge(struct run *run)
{
	struct facts facts = { .plan = &run->plan,
		.seen = &run->seen,
		.past = &run->past,
		.policy = &run->policy,
		.now_s = run->judged_s };

	if (!run->seen.zone_transfers) /* a scenario may tell of none */
		begin_transfers(run);
	judge_transfers(&facts, &run->verdict);
}
