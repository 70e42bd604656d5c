#include "common/checks/dns_apis.h"

#include <string.h>
#include <strings.h>

#include "common/base/clock.h"
#include "common/checks/observed.h"
#include "common/checks/scenario_pdns.h"
#include "common/dns/name.h"
#include "common/judge/judge.h"
#include "common/model/informant.h"
#include "common/probe/sibling.h"

enum {
	KILL_BEFORE_US = 50000,
	ENDS_BEFORE_US = 150000,
	TRANSFERS_NEED_US = 1000000,
	LOCATING_MOST_US = 3000000
};

struct dns_apis {
	struct api_place *items;
	size_t count;
	struct api_access access;
	const struct option_list *addresses;
	const char **arguments;
	size_t argument_count;
	struct sibling sibling;
	struct siblings *running; /* NULL: nobody is asked */
	/* What it says, numbered as it does. */
	struct observed observed;
	struct plan plan;
	struct observations seen;
	struct scenario_pdns pdns;
};

/* --- The option ------------------------------------------------------------------------------- */

static bool is_new(const struct dns_apis *self, const struct api_place *place, struct fault *fault)
{
	for (size_t i = 0; i < self->count; i++) {
		if (name_texts_equal(self->items[i].name, place->name))
			return fault_set(fault, "--pdns-api: %s is named twice", place->name);
	}
	return true;
}

/* Nobody would read the file, and nobody be asked. */
static bool check_unused(const struct api_access *access, struct fault *fault)
{
	return (!access->key_file && !access->tls_ca) ||
		fault_set(fault,
			"--%s means nothing without --pdns-api, e.g. --pdns-api=ns1.example.com=http://192.0.2.1:8081",
			access->key_file ? "api-key-file" : "tls-ca");
}

bool dns_apis_read(struct run *run, const struct option_list *list, const struct api_access *access,
	const struct option_list *addresses, struct dns_apis **apis, struct fault *fault)
{
	struct dns_apis *self = arena_alloc(&run->arena, sizeof(*self));

	*apis = NULL;
	if (!list->count)
		return check_unused(access, fault);
	if (list->count >= PDNS_SERVERS_MOST)
		return fault_set(fault, "--pdns-api: more than %d", PDNS_SERVERS_MOST - 1);
	*self = (struct dns_apis){ .access = *access, .addresses = addresses };
	self->items = arena_array(&run->arena, list->count, sizeof(*self->items));
	for (; self->count < list->count; self->count++) {
		struct api_place *place = &self->items[self->count];

		if (!api_place_read(run, "--pdns-api", list->items[self->count], place, fault) ||
			!is_new(self, place, fault))
			return false;
	}
	*apis = self;
	return api_access_check(access, self->items, self->count, fault);
}

void dns_apis_show(const struct dns_apis *self, struct text *out)
{
	for (size_t i = 0; self && i < self->count; i++)
		text_addf(out,
			"  %s by its API at %s, where something is wrong: about the zones in trouble\n",
			self->items[i].name, self->items[i].url);
}

/* --- Asking ----------------------------------------------------------------------------------- */

static void add(struct dns_apis *self, const char *argument)
{
	self->arguments[self->argument_count++] = argument;
}

static void add_url(struct run *run, struct dns_apis *self, const struct api_place *place)
{
	add(self, arena_printf(&run->arena, "--url=%s=%s", place->name, place->url));
}

static void begin_arguments(struct run *run, struct dns_apis *self, size_t zones)
{
	self->argument_count = 0;
	self->arguments = arena_array(&run->arena,
		self->count + self->addresses->count + 2 * zones + API_ARGUMENTS + 5,
		sizeof(*self->arguments));
	add(self, "--observe");
	add(self, "--no-state"); /* lags are judged by the history of this run */
}

/* Behind whom to ask. */
static void end_arguments(struct run *run, struct dns_apis *self, const uint32_t *zones,
	size_t count, bool inspect, int64_t budget_us)
{
	char name[NAME_TEXT];

	for (size_t i = 0; i < self->addresses->count; i++)
		add(self, arena_printf(&run->arena, "--address=%s", self->addresses->items[i]));
	for (size_t i = 0; i < count; i++) {
		name_to_text(run->plan.zones[zones[i]].name, name);
		add(self, arena_printf(&run->arena, "--zone=%s", name));
		if (inspect)
			add(self, arena_printf(&run->arena, "--inspect=%s", name));
	}
	self->argument_count +=
		api_access_arguments(run, &self->access, self->arguments + self->argument_count);
	/* Its questions end a second earlier. */
	add(self, arena_printf(&run->arena, "--timeout=%.3fs", (double)budget_us / 1e6 + 1));
}

static bool take_zone(void *context, struct scenario_line *line)
{
	struct dns_apis *self = context;
	const char *text = scenario_plain(line, 0);
	uint8_t name[NAME_WIRE];

	if (!text || !scenario_name(line, text, name))
		return text || fault_set(line->fault, "a zone without a name");
	plan_add_zone(&self->plan, name);
	return true;
}

static bool take_text(void *context, struct scenario_line *line)
{
	struct dns_apis *self = context;
	const char *text = scenario_plain(line, 0);

	if (text)
		observations_text(&self->seen, text, strlen(text));
	return true;
}

static bool take_pdns(void *context, struct scenario_line *line)
{
	struct dns_apis *self = context;

	return scenario_read_pdns(line, &self->pdns);
}

static const struct observed_kind kinds[] = {
	{ "zone", take_zone },
	{ "text", take_text },
	{ "pdns", take_pdns },
	{ "pdns_settings", take_pdns },
	{ "pdns_masters", take_pdns },
	{ "pdns_zone", take_pdns },
	{ "pdns_autoprimary", take_pdns },
	{ "pdns_detail", take_pdns },
	{ "pdns_log", take_pdns },
	{ NULL, NULL },
};

static void begin(struct run *run, struct dns_apis *self, int64_t killed_us)
{
	plan_begin(&self->plan);
	observations_begin(&self->seen, 0, 0);
	self->pdns = (struct scenario_pdns){ .arena = &run->seen.arena,
		.plan = &self->plan,
		.seen = &self->seen };
	observed_begin(&self->observed, kinds, self);
	self->sibling = (struct sibling){ .program = "check_pdns_replication",
		.arguments = self->arguments,
		.deadline_us = killed_us,
		.output = observed_feed,
		.context = &self->observed };
	self->running = siblings_start(run->loop, &self->sibling, 1);
}

/* Did it tell of anybody? */
static bool finish(struct dns_apis *self, struct fault *why)
{
	siblings_end(self->running);
	self->running = NULL;
	plan_close(&self->plan);
	return observed_end(&self->observed, &self->sibling, why) && self->pdns.count;
}

static void forget(struct dns_apis *self)
{
	observations_free(&self->seen);
	plan_free(&self->plan);
}

void dns_apis_start(struct run *run, struct dns_apis *self, const uint32_t *zones, size_t count)
{
	int64_t left_us = run->deadline_us - clock_monotonic_us();
	/* DNS has something to ask behind it. */
	int64_t behind_us = left_us / 4 < TRANSFERS_NEED_US ? left_us / 4 : TRANSFERS_NEED_US;
	int64_t budget_us = left_us - behind_us - ENDS_BEFORE_US;

	if (!self || !count || budget_us <= 0)
		return;
	begin_arguments(run, self, count);
	for (size_t i = 0; i < self->count; i++)
		add_url(run, self, &self->items[i]);
	end_arguments(run, self, zones, count, true, budget_us);
	begin(run, self, run->deadline_us - behind_us - KILL_BEFORE_US);
}

/* --- Into this run ---------------------------------------------------------------------------- */

static uint32_t zone_here(const struct run *run, const struct dns_apis *self, uint32_t zone)
{
	uint8_t name[NAME_WIRE];

	memcpy(name, self->plan.zones[zone].name, name_length(self->plan.zones[zone].name));
	name_lower(name);
	return plan_find_zone(&run->plan, name);
}

static uint32_t text_here(struct run *run, const struct dns_apis *self, uint32_t text)
{
	const char *there = self->seen.texts[text];

	return observations_text(&run->seen, there, strlen(there));
}

/* Zones that this run does not ask about are dropped. */
static void renumber_zones(struct run *run, const struct dns_apis *self, struct pdns_server *server)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < server->zone_count; i++) {
		struct pdns_zone row = server->zones[i];

		row.zone = zone_here(run, self, row.zone);
		if (row.zone == PLAN_NONE)
			continue;
		row.account = text_here(run, self, row.account);
		row.catalog = text_here(run, self, row.catalog);
		server->zones[kept++] = row;
	}
	server->zone_count = kept;
	kept = 0;
	for (uint32_t i = 0; i < server->detail_count; i++) {
		struct pdns_detail detail = server->details[i];

		detail.zone = zone_here(run, self, detail.zone);
		if (detail.zone != PLAN_NONE)
			server->details[kept++] = detail;
	}
	server->detail_count = kept;
}

/* What its API tells counts beside what is known of the name. */
static void tell_addresses(struct run *run, struct informant *informant,
	const struct pdns_server *server)
{
	uint32_t count = server->address_count + informant->address_count;
	struct address *all = arena_array(&run->seen.arena, count, sizeof(*all));

	for (uint32_t i = 0; i < count; i++)
		all[i] = i < server->address_count
			? server->addresses[i]
			: informant->addresses[i - server->address_count];
	informant->addresses = all;
	informant->address_count = count;
	informant->could_tell = server->place_unknown;
	if (server->outcome != PDNS_ANSWERED)
		informant->trouble = server->trouble ? server->trouble : "no answer in time";
}

static uint32_t server_here(struct run *run, const struct pdns_server *server)
{
	const struct informant named = { .kind = INFORMANT_API,
		.name = server->name,
		.addresses = server->addresses,
		.address_count = server->address_count };
	struct informant *known = informant_find(&run->seen, INFORMANT_API, server->name);

	if (known)
		tell_addresses(run, known, server);
	return informant_server(&run->plan, &run->seen, known ? known : &named);
}

static void place(struct run *run, struct dns_apis *self, struct pdns_server *server)
{
	renumber_zones(run, self, server);
	server->server = server_here(run, server);
	server->api_elsewhere = false; /* the plan's address is where DNS was asked */
	for (uint32_t i = 0; i < server->log_count; i++)
		server->logs[i].text = arena_string(&run->seen.arena, server->logs[i].text);
	if (server->zones_outcome == PDNS_ANSWERED)
		pdns_index_zones(server, run->plan.zone_count, &run->seen.arena);
	else
		server->zone_count = 0;
}

/* It told nothing of any of them. */
static void place_silence(struct run *run, struct dns_apis *self, const char *why)
{
	self->pdns.items = arena_array(&run->seen.arena, self->count, sizeof(*self->pdns.items));
	self->pdns.count = self->count;
	for (size_t i = 0; i < self->count; i++) {
		struct pdns_server *server = &self->pdns.items[i];

		server->name = self->items[i].name;
		server->url = self->items[i].url;
		server->outcome = server->zones_outcome = server->settings_outcome =
			PDNS_UNREACHABLE;
		server->trouble = observations_string(&run->seen, why, strlen(why));
	}
}

void dns_apis_end(struct run *run, struct dns_apis *self)
{
	struct fault why = { { 0 } };

	if (!self || !self->running)
		return;
	if (!finish(self, &why))
		place_silence(run, self, *why.text ? why.text : "nothing is said of it");
	for (size_t i = 0; i < self->pdns.count; i++)
		place(run, self, &self->pdns.items[i]);
	run->seen.pdns = self->pdns.items;
	run->seen.pdns_count = self->pdns.count;
	forget(self);
}

/* --- Whose are they? -------------------------------------------------------------------------- */

/* Those that nobody can place, and that were not asked yet; false: none. */
static bool add_lost(struct run *run, struct dns_apis *self)
{
	struct facts facts = run_facts(run);
	bool any = false;

	for (size_t i = 0; i < self->count; i++) {
		const struct informant *informant =
			informant_find(&run->seen, INFORMANT_API, self->items[i].name);

		if (!informant || !informant->could_tell || informant->gives_zones ||
			!judge_is_lost(&facts, informant))
			continue;
		add_url(run, self, &self->items[i]);
		any = true;
	}
	return any;
}

void dns_apis_locate(struct run *run, struct dns_apis *self)
{
	static const uint32_t first_zone[] = { 0 };
	int64_t now_us = clock_monotonic_us(), left_us = (run->deadline_us - now_us) / 2;
	int64_t budget_us = left_us < LOCATING_MOST_US ? left_us : LOCATING_MOST_US;
	struct fault why = { { 0 } };

	if (!self || budget_us <= ENDS_BEFORE_US)
		return;
	begin_arguments(run, self, 1);
	if (!add_lost(run, self))
		return;
	end_arguments(run, self, first_zone, 1, false, budget_us - ENDS_BEFORE_US);
	begin(run, self, now_us + budget_us);
	if (finish(self, &why)) {
		for (size_t i = 0; i < self->pdns.count; i++)
			(void)server_here(run, &self->pdns.items[i]);
	}
	forget(self);
}
