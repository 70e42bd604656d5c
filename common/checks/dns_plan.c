/* --plan: who would be asked what, and from where. */
#include <string.h>

#include "common/checks/dns_apis.h"
#include "common/checks/dns_history.h"
#include "common/checks/zone_sources.h"
#include "common/dns/name.h"

static void show_host(const struct run *run, const char *role, const struct host *host,
	struct text *out)
{
	char address[ADDRESS_TEXT], name[NAME_TEXT];

	text_addf(out, "  %s %s:", role,
		host->name ? name_to_display(host->name, name) : host->text);
	for (size_t i = 0; i < host->address_count; i++)
		text_addf(out, " %s@%u", address_to_text(&host->addresses[i], address),
			host->port ? host->port : (unsigned)run->common->port.value);
	if (host->address_count == 0)
		text_add(out, " every address that the name has");
	text_add_byte(out, '\n');
}

static void show_past(const struct run *run, uint32_t zone, struct text *out)
{
	const struct zone_history *past = history_of(&run->past, zone);

	for (uint32_t i = 0; i < past->server_count; i++) {
		char address[ADDRESS_TEXT];

		if (past->servers[i].listed && !*past->servers[i].nsid)
			text_addf(out, "    last known: %s %s\n", past->servers[i].name,
				address_to_text_port(&past->servers[i].address, address));
	}
}

static void show_from(const struct exchange_settings *settings, struct text *out)
{
	char address[ADDRESS_TEXT];

	text_add(out, "from:");
	if (settings->source4.family)
		text_addf(out, " %s", address_to_text(&settings->source4, address));
	if (settings->source6.family)
		text_addf(out, " %s", address_to_text(&settings->source6, address));
	text_add(out,
		settings->source4.family || settings->source6.family
			? "\n"
			: " whatever address the system chooses\n");
}

enum { ZONES_SHOWN = 20 };

static void show_zone(const struct run *run, uint32_t zone, struct text *out)
{
	const struct discovery *discovery = &((const struct dns_setup *)run->setup)->discovery;
	const struct dns_replication_values *values = run->values;
	uint32_t primary = discovery->primary_of[zone];
	char text[NAME_TEXT];

	text_addf(out, "%s: SOA by %s of every server, once%s\n",
		name_to_display(run->plan.zones[zone].name, text), values->tcp ? "TCP" : "UDP",
		values->tcp || values->no_tcp_probe ? "" : "; one TCP probe of each");
	if (primary != PLAN_NONE)
		show_host(run, "primary", &discovery->primaries[primary], out);
	for (size_t i = 0; i < discovery->added_count; i++)
		show_host(run, "added", &discovery->added[i], out);
	if (!discovery->no_ns)
		text_addf(out, "  every address of the NS names that %s gives, port %u\n",
			primary != PLAN_NONE ? "the primary" : "the resolver", discovery->port);
	show_past(run, zone, out);
}

static void show_source(const struct zone_source *source, const struct discovery *discovery,
	struct text *out)
{
	switch (source->kind) {
	case ZONE_SOURCE_FILE: /* is read already */
		break;
	case ZONE_SOURCE_CATALOG:
		text_addf(out, "the zones of %s (transferred by AXFR from %s)\n", source->text,
			discovery->primaries[0].text);
		break;
	case ZONE_SOURCE_BIND:
		text_addf(out, "the zones of %s (by HTTP)\n", source->text);
		break;
	case ZONE_SOURCE_MYSQL:
		text_addf(out, "the zones of %s's database (--mysql)\n",
			source->text + strlen("mysql:"));
		break;
	case ZONE_SOURCE_PDNS:
		text_addf(out, "the zones of %s, by its API (--pdns-api)\n",
			source->text + strlen("pdns:"));
		break;
	}
}

void dns_replication_show_plan(struct run *run, struct text *out)
{
	const struct dns_setup *setup = run->setup;
	const struct discovery *discovery = &setup->discovery;
	uint32_t zones = (uint32_t)run->plan.zone_count;

	memory_begin(run, &dns_history);
	memory_recall(run, &dns_history, NULL);
	text_add(out, "Nothing was sent. Would ask\n");
	for (size_t i = 0; i < setup->sources->count; i++)
		show_source(&setup->sources->items[i], discovery, out);
	for (uint32_t zone = 0; zone < zones && zone < ZONES_SHOWN; zone++)
		show_zone(run, zone, out);
	if (zones > ZONES_SHOWN)
		text_addf(out, "and the same for %u zones more, of %u\n", zones - ZONES_SHOWN,
			zones);
	dns_apis_show(setup->apis, out);
	show_from(&discovery->exchange, out);
	text_addf(out, "until: %.1f s after the start; %s\n",
		(double)(run->deadline_us - run->started_us) / 1e6,
		discovery->key ? "every question signed by TSIG" : "unsigned");
}
