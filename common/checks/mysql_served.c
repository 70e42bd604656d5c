#include "common/checks/mysql_served.h"

#include <string.h>

#include "common/base/clock.h"
#include "common/checks/dns_history.h"
#include "common/checks/dns_options.h"
#include "common/model/database.h"
#include "common/model/database_zones.h"
#include "common/probe/soa.h"

enum { DNS_PORT = 53, RETRIES = 2, QUERIES_PER_S = 1000 };

struct mysql_served {
	struct host host;
	const uint8_t **zones; /* -z */
	size_t zone_count;
	struct discovery discovery; /* of the one server */
	struct tsig_key key;
};

static void set_exchange(const struct run *run, struct exchange_settings *settings)
{
	settings->try_timeout_ms = run->try_timeout_ms;
	settings->tcp_timeout_ms = 2 * run->try_timeout_ms;
	settings->retries = RETRIES;
	settings->rate = QUERIES_PER_S;
	settings->deadline_us = run->deadline_us;
	settings->loopback_at_will = true;
}

static bool read_zones(struct run *run, struct mysql_served *self, const struct option_list *zones,
	struct fault *fault)
{
	self->zones = arena_array(&run->arena, zones->count, sizeof(*self->zones));
	for (; self->zone_count < zones->count; self->zone_count++) {
		const uint8_t *name =
			dns_options_name(run, "--zone", zones->items[self->zone_count], fault);

		if (!name)
			return false;
		self->zones[self->zone_count] = name;
	}
	return true;
}

bool mysql_served_read(struct run *run, const char *text, const struct option_list *zones,
	struct mysql_served **served, struct fault *fault)
{
	struct mysql_served *self;
	struct discovery *discovery;

	*served = NULL;
	if (!text)
		return true;
	self = arena_alloc(&run->arena, sizeof(*self));
	discovery = &self->discovery;
	set_exchange(run, &discovery->exchange);
	if (!dns_options_families(run, discovery, fault) ||
		!dns_options_host(run, "--dns", text, &self->host, fault) ||
		!read_zones(run, self, zones, fault) ||
		!common_sources(run->common, &discovery->exchange, fault))
		return false;
	discovery->port = DNS_PORT; /* --port is the databases' */
	discovery->added = &self->host;
	discovery->added_count = 1;
	discovery->no_ns = discovery->unlimited_loopback = true;
	*served = self;
	if (!run->common->key_file)
		return true;
	discovery->key = &self->key;
	return dns_options_key(run, &self->key, fault);
}

int64_t mysql_served_databases_until(const struct run *run, const struct mysql_served *served)
{
	int64_t now_us = clock_monotonic_us();

	return served ? now_us + (run->deadline_us - now_us) / 2 : run->deadline_us;
}

/* Those of -z, also where the database does not have them; else all of the database. */
static void add_zones(struct run *run, const struct mysql_served *self)
{
	const struct database_zones *zones = run->seen.databases[0].zones;

	for (size_t i = 0; i < self->zone_count; i++)
		plan_add_zone(&run->plan, self->zones[i]);
	for (size_t i = 0; zones && !self->zone_count && i < zones->count; i++)
		plan_add_zone(&run->plan, zones->items[i].name);
}

/* Assigns the server's addresses to all zones and closes the plan. */
static bool find_server(struct run *run, struct mysql_served *self, struct fault *fault)
{
	struct plan *plan = &run->plan;
	uint32_t *primary_of = arena_array(&run->arena, plan->zone_count, sizeof(*primary_of));

	for (size_t zone = 0; zone < plan->zone_count; zone++)
		primary_of[zone] = PLAN_NONE;
	self->discovery.primary_of = primary_of;
	self->discovery.loop = run->loop;
	self->discovery.plan = plan;
	self->discovery.past = &run->past;
	return discover(&self->discovery, fault);
}

static bool ask(struct run *run, struct mysql_served *self, struct fault *fault)
{
	struct soa_probe probe = {
		.loop = run->loop,
		.plan = &run->plan,
		.seen = &run->seen,
		.exchange = self->discovery.exchange,
		.key = self->discovery.key,
	};

	if (!find_server(run, self, fault))
		return false;
	observations_room(&run->seen, run->plan.pair_count, run->plan.server_count);
	database_place(&run->plan, &run->seen);
	memory_begin(run, &dns_history);
	return probe_soa(&probe, fault);
}

bool mysql_served_observe(struct run *run, struct mysql_served *served, struct fault *fault)
{
	bool good = true;

	if (served)
		add_zones(run, served);
	if (served && run->plan.zone_count)
		good = ask(run, served, fault);
	else
		plan_close(&run->plan);
	if (served)
		explicit_bzero(&served->key, sizeof(served->key));
	return good;
}

void mysql_served_show(const struct mysql_served *served, struct text *out)
{
	if (!served)
		return;
	text_addf(out, "  %s by DNS: the SOA record of ", served->host.text);
	if (served->zone_count)
		text_addf(out, "%zu zone%s\n", served->zone_count,
			served->zone_count == 1 ? "" : "s");
	else
		text_add(out, "every zone in PowerDNS's tables\n");
}
