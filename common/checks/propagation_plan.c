/* Who is to serve the change, and whence he asks for it. */
#include "common/checks/propagation_setup.h"

#include "common/base/text.h"
#include "common/dns/name.h"
#include "common/net/socket.h"

enum { MOST_ADDRESSES = 16 };

/* Of an address that the user gave all are sources, and the first is who is asked. */
static bool find_addresses(struct run *run, struct host *host, struct address *addresses,
	size_t *count, struct fault *fault)
{
	struct propagation_setup *setup = run->setup;
	bool is_given = host->address_count > 0;
	char name[NAME_TEXT];

	if (!discover_host(&setup->discovery, host, addresses, MOST_ADDRESSES, count, fault))
		return false;
	if (!*count)
		return fault_set(fault, "%s: %s has no address%s; is the name right?", host->option,
			host->name ? name_to_display(host->name, name) : host->text,
			run->common->ipv4           ? " of IPv4"
				: run->common->ipv6 ? " of IPv6"
						    : "");
	if (is_given)
		*count = 1;
	return true;
}

static void note_sources(struct run *run, const struct host *host, uint32_t server)
{
	struct propagation_setup *setup = run->setup;
	struct canary_sources *sources = &setup->sources[server];

	*sources = (struct canary_sources){ .name = host->name,
		.addresses = host->addresses,
		.count = host->address_count };
}

static bool add_host(struct run *run, struct host *host, unsigned flags, struct fault *fault)
{
	struct address addresses[MOST_ADDRESSES];
	size_t count;

	if (!find_addresses(run, host, addresses, &count, fault))
		return false;
	for (size_t i = 0; i < count; i++) {
		uint32_t server = plan_add_server(&run->plan, host->name, &addresses[i]);

		plan_assign(&run->plan, 0, server, flags);
		note_sources(run, host, server);
	}
	return true;
}

static bool add_hosts(struct run *run, struct fault *fault)
{
	struct propagation_setup *setup = run->setup;
	size_t count = propagation_values(run)->secondaries.count;

	if (setup->primary.option && !add_host(run, &setup->primary, PAIR_PRIMARY, fault))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!add_host(run, &setup->secondaries[i], PAIR_ADDED, fault))
			return false;
	}
	return true;
}

bool propagation_plan(struct run *run, struct fault *fault)
{
	struct propagation_setup *setup = run->setup;
	size_t most = (propagation_values(run)->secondaries.count + 1) * MOST_ADDRESSES;
	uint32_t zone = plan_add_zone(&run->plan, setup->zone);

	setup->discovery.loop = run->loop;
	setup->discovery.plan = &run->plan;
	setup->sources = arena_array(&run->arena, most, sizeof(*setup->sources));
	run->plan.zones[zone].has_primary = setup->primary.option != NULL;
	run->plan.zones[zone].ns_source = NS_FROM_OPTIONS;
	if (!add_hosts(run, fault))
		return false;
	plan_close(&run->plan);
	for (size_t i = 0; i < run->plan.server_count; i++)
		run->plan.servers[i].no_route = !socket_has_route(&run->plan.servers[i].address);
	history_begin(&run->past, run->plan.zone_count);
	return true;
}

/* --- --plan ----------------------------------------------------------------------------------- */

static void show_host(const struct propagation_setup *setup, const struct host *host,
	struct text *out)
{
	char address[ADDRESS_TEXT];

	text_add(out, host->text);
	if (host->name)
		for (size_t i = 0; i < host->address_count; i++)
			text_addf(out, "%s%s", i ? ", which also asks from " : " ",
				address_to_text(&host->addresses[i], address));
	text_addf(out, ", port %u\n", host->port ? host->port : setup->discovery.port);
}

void dns_propagation_show_plan(struct run *run, struct text *out)
{
	const struct propagation_setup *setup = run->setup;
	const struct dns_propagation_values *values = propagation_values(run);
	char zone[NAME_TEXT], address[ADDRESS_TEXT];

	text_add(out, "Nothing was sent. Would ");
	name_to_display(setup->zone, zone);
	if (!values->change.set)
		text_addf(out,
			"serve %s with a new serial on %s by %s%s, send NOTIFY, and ask until all have it:\n",
			zone, address_to_text_port(&setup->listen, address),
			values->axfr ? "AXFR" : "AXFR and IXFR",
			setup->discovery.key ? ", signed" : "");
	else
		text_addf(out, "%s the TXT record _replication-canary.%s on %s by %s%s%s%s\n",
			values->cleanup ? "remove" : "replace", zone, setup->primary.text,
			change_ways[values->change.index], setup->has_api ? " at " : "",
			setup->has_api                 ? setup->api.place.url
				: setup->discovery.key ? ", signed"
						       : "",
			values->cleanup ? "" : ", and ask until all have it:");
	for (size_t i = 0; i < values->secondaries.count && !values->cleanup; i++) {
		text_add(out, "  secondary ");
		show_host(setup, &setup->secondaries[i], out);
	}
}
