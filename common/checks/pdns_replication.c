#include "common/checks/pdns_replication.h"

#include <string.h>

#include "common/checks/dns_options.h"
#include "common/checks/pdns_memory.h"
#include "common/checks/pdns_places.h"
#include "common/checks/scenario_pdns.h"
#include "common/dns/name.h"
#include "common/judge/api.h"
#include "common/probe/pdns_api.h"
#include "common/probe/pdns_key.h"

enum { API_PORT = 8081, ZONES_SHOWN = 20 };

/* What `prepare` makes and `observe` needs. */
struct pdns_setup {
	struct pdns_api_settings api;
	struct pdns_source *sources;
	struct pdns_keys keys;
	struct pdns_mapping *mappings;
	uint32_t *inspect; /* zones of the plan */
	uint32_t named;    /* the plan's first zones are what options name */
	const struct memory *memory;
	struct pdns_turns turns;
};

static const struct pdns_replication_values *values_of(const struct run *run)
{
	return run->values;
}

/* --- Options --------------------------------------------------------------------------------- */

static bool add_source(struct run *run, struct pdns_setup *setup, const struct api_place *place,
	struct fault *fault)
{
	struct pdns_source *source = &setup->sources[setup->api.count];
	struct fault why = { { 0 } };

	for (size_t i = 0; i < setup->api.count; i++) {
		if (name_texts_equal(setup->sources[i].name, place->name))
			return fault_set(fault,
				"--url: %s is named twice; each server has one URL, and each URL a name of its own",
				place->name);
	}
	*source = (struct pdns_source){ .name = place->name, .shown = place->url };
	if (!http_base(place->url, &run->arena, &source->base, &source->socket, &why))
		return fault_set(fault, "--url: %s: %s", place->name, why.text);
	setup->api.count++;
	return true;
}

static bool wrong_hostname(const char *why, struct fault *fault)
{
	return fault_set(fault,
		"--hostname: %s; e.g. --hostname=192.0.2.1, --hostname=2001:db8::1@8081, or as a URL --url=ns1.example.com=http://192.0.2.1:8081",
		why);
}

/* -H is the primary, at the port where its API is by default. */
static bool add_hostname(struct run *run, struct pdns_setup *setup, struct fault *fault)
{
	char host[NAME_TEXT];
	struct address address;
	struct api_place place;
	struct fault why = { { 0 } };
	uint16_t port = 0;
	bool is6;

	if (!run->common->hostname)
		return true;
	if (!address_split(run->common->hostname, host, sizeof(host), &port, &why))
		return wrong_hostname(why.text, fault);
	is6 = address_from_text(host, &address) && address.family == 6;
	if (!is6 && strpbrk(host, ":/[]"))
		return wrong_hostname("it is neither an IP address nor a host name", fault);
	port = port ? port : run->common->port.set ? (uint16_t)run->common->port.value : API_PORT;
	place.name = arena_string(&run->arena, host);
	place.url = arena_printf(&run->arena, is6 ? "http://[%s]:%u" : "http://%s:%u", host, port);
	return add_source(run, setup, &place, fault);
}

static bool parse_urls(struct run *run, struct pdns_setup *setup, struct fault *fault)
{
	const struct option_list *urls = &values_of(run)->urls;
	struct api_place place;

	if (urls->count >= PDNS_SERVERS_MOST)
		return fault_set(fault, "--url: more than %d servers", PDNS_SERVERS_MOST - 1);
	setup->sources = arena_array(&run->arena, urls->count + 1, sizeof(*setup->sources));
	setup->api.sources = setup->sources;
	if (!add_hostname(run, setup, fault))
		return false;
	for (size_t i = 0; i < urls->count; i++) {
		if (!api_place_read(run, "--url", urls->items[i], &place, fault) ||
			!add_source(run, setup, &place, fault))
			return false;
	}
	if (!setup->api.count)
		return fault_set(fault,
			"no server is named, e.g. --url=ns1.example.com=http://192.0.2.1:8081");
	setup->memory = pdns_memory(run, setup->sources[0].name, setup->sources[0].shown);
	return true;
}

static bool add_zone(struct run *run, const char *option, const char *text, uint32_t *zone,
	struct fault *fault)
{
	const uint8_t *name = dns_options_name(run, option, text, fault);

	*zone = name ? plan_add_zone(&run->plan, name) : PLAN_NONE;
	return name != NULL;
}

static bool parse_zones(struct run *run, struct pdns_setup *setup, struct fault *fault)
{
	const struct pdns_replication_values *values = values_of(run);
	uint32_t zone;

	for (size_t i = 0; i < values->zones.count; i++) {
		if (!add_zone(run, "--zone", values->zones.items[i], &zone, fault))
			return false;
	}
	setup->inspect = arena_array(&run->arena, values->inspect.count, sizeof(*setup->inspect));
	for (size_t i = 0; i < values->inspect.count; i++) {
		if (!add_zone(run, "--inspect", values->inspect.items[i], &setup->inspect[i],
			    fault))
			return false;
	}
	if (values->catalog && !add_zone(run, "--catalog", values->catalog, &zone, fault))
		return false;
	setup->api.adds_zones = !values->zones.count;
	if (values->zones.count && run->plan.zone_count == 1)
		setup->api.only_zone = run->plan.zones[0].name;
	setup->named = (uint32_t)run->plan.zone_count;
	if (values->catalog) { /* members are known by the whole list alone */
		setup->api.adds_zones = true;
		setup->api.only_zone = NULL;
	}
	return true;
}

static bool find_keys(struct run *run, struct pdns_setup *setup, struct fault *fault)
{
	const char *path = values_of(run)->api_access.key_file;

	if (!path)
		return true;
	pdns_keys_guard();
	if (!pdns_keys_read(&setup->keys, path, fault))
		return false;
	for (size_t i = 0; i < setup->api.count; i++) {
		if (!pdns_keys_find(&setup->keys, path, setup->sources[i].name,
			    &setup->sources[i].key, fault))
			return false;
	}
	return true;
}

static bool parse_rest(struct run *run, struct pdns_setup *setup, struct fault *fault)
{
	const struct pdns_replication_values *values = values_of(run);
	const struct common_values *common = run->common;

	if (common->ipv4 && common->ipv6)
		return fault_set(fault, "-4 and -6 exclude each other");
	if (common->source.count > 1)
		return fault_set(fault, "--source: only one address is taken here");
	setup->api.http = (struct http_settings){ .deadline_us = run->deadline_us,
		.family = common->ipv4 ? 4
			: common->ipv6 ? 6
				       : 0,
		.ca_file = values->api_access.tls_ca,
		.source = common->source.count ? common->source.items[0] : NULL };
	setup->mappings =
		arena_array(&run->arena, values->addresses.count, sizeof(*setup->mappings));
	for (size_t i = 0; i < values->addresses.count; i++) {
		if (!pdns_parse_mapping(run, values->addresses.items[i], &setup->mappings[i],
			    fault))
			return false;
	}
	return true;
}

bool pdns_replication_prepare(struct run *run, struct fault *fault)
{
	struct pdns_setup *setup = arena_alloc(&run->arena, sizeof(*setup));

	plan_begin(&run->plan);
	run->setup = setup;
	if (!common_policy(run->common, &run->arena, &run->policy, fault))
		return false;
	run->policy.new_zone_grace_s = (int64_t)values_of(run)->new_zone_grace.seconds;
	return run->common->replay ||
		(parse_urls(run, setup, fault) && parse_zones(run, setup, fault) &&
			parse_rest(run, setup, fault) && find_keys(run, setup, fault) &&
			api_check_ca(values_of(run)->api_access.tls_ca, fault));
}

/* --- Observing ------------------------------------------------------------------------------- */

/* The first address that is known, else where the API is. */
static void show_at(struct run *run, size_t index, const struct pdns_api *api)
{
	struct pdns_server *server = &run->seen.pdns[index];
	struct address address = pdns_api_peer(api, index);

	if (server->address_count)
		address = server->addresses[0];
	else if (address.family)
		address.port = 53;
	server->server = scenario_add_pdns(&run->plan, server->name, &address);
}

static bool is_member(const struct run *run, const struct pdns_zone *row, const uint8_t *catalog)
{
	struct fault why = { { 0 } };
	uint8_t name[NAME_WIRE];

	return row->catalog && name_from_text(run->seen.texts[row->catalog], name, &why) &&
		name_equal(name, catalog);
}

static const uint8_t *find_catalog(const struct run *run)
{
	struct fault why = { { 0 } };
	uint8_t name[NAME_WIRE];

	name_from_text(values_of(run)->catalog, name, &why);
	name_lower(name);
	return run->plan.zones[plan_find_zone(&run->plan, name)].name;
}

/* Which zones are named, or members of the catalog on any server? NULL: no server tells of members,
 * as versions before 4.9 do not. */
static bool *choose_zones(struct run *run, const struct pdns_setup *setup)
{
	bool *chosen = arena_array(&run->arena, run->plan.zone_count, sizeof(*chosen));
	const uint8_t *catalog = find_catalog(run);
	bool has_members = false;

	memset(chosen, true, setup->named);
	for (size_t i = 0; i < run->seen.pdns_count; i++) {
		const struct pdns_server *server = &run->seen.pdns[i];

		for (uint32_t z = 0; z < server->zone_count; z++) {
			bool member = is_member(run, &server->zones[z], catalog);

			chosen[server->zones[z].zone] |= member;
			has_members |= member;
		}
	}
	return has_members ? chosen : NULL;
}

/* --catalog: a plan of those zones alone; what stands in no list any more is left out. */
static void keep_catalog(struct run *run, const struct pdns_setup *setup)
{
	bool *chosen = choose_zones(run, setup);
	uint32_t *moved = arena_array(&run->arena, run->plan.zone_count, sizeof(*moved));
	struct plan all = run->plan;

	if (!chosen)
		return;
	plan_begin(&run->plan);
	for (uint32_t zone = 0; zone < all.zone_count; zone++)
		moved[zone] =
			chosen[zone] ? plan_add_zone(&run->plan, all.zones[zone].name) : PLAN_NONE;
	plan_free(&all);
	for (size_t i = 0; i < run->seen.pdns_count; i++) {
		struct pdns_server *server = &run->seen.pdns[i];
		uint32_t kept = 0;

		for (uint32_t z = 0; z < server->zone_count; z++) {
			server->zones[kept] = server->zones[z];
			server->zones[kept].zone = moved[server->zones[z].zone];
			kept += server->zones[kept].zone != PLAN_NONE;
		}
		server->zone_count = kept;
	}
}

static void complete_plan(struct run *run, const struct pdns_setup *setup,
	const struct pdns_api *api)
{
	for (size_t i = 0; i < setup->api.count; i++) {
		pdns_place(run, &run->seen.pdns[i], setup->mappings,
			values_of(run)->addresses.count);
		show_at(run, i, api);
	}
	plan_close(&run->plan);
	for (size_t i = 0; i < setup->api.count; i++) {
		if (run->seen.pdns[i].zones_outcome == PDNS_ANSWERED)
			pdns_index_zones(&run->seen.pdns[i], run->plan.zone_count,
				&run->seen.arena);
	}
}

/* The zones that --inspect names on all servers, and those that the judgement doubts; with any of
 * them each server's version, autoprimaries and log. */
static size_t list_questions(struct run *run, const struct pdns_setup *setup,
	const struct pdns_doubt *doubts, size_t doubtful, struct pdns_question **questions)
{
	size_t named = values_of(run)->inspect.count, count = 0;

	*questions = arena_array(&run->arena, (named + 1) * setup->api.count + doubtful,
		sizeof(**questions));
	for (uint32_t i = 0; named + doubtful && i < setup->api.count; i++) {
		if (run->seen.pdns[i].outcome != PDNS_ANSWERED)
			continue;
		(*questions)[count++] = (struct pdns_question){ i, PLAN_NONE };
		for (size_t z = 0; z < named; z++)
			(*questions)[count++] = (struct pdns_question){ i, setup->inspect[z] };
	}
	for (size_t i = 0; i < doubtful; i++)
		(*questions)[count++] = (struct pdns_question){ doubts[i].index, doubts[i].zone };
	return count;
}

/* Where SOA-EDIT makes other serials of many zones, one list more tells them all. */
static void ask_served(struct run *run, const struct pdns_setup *setup, struct pdns_api *api)
{
	struct facts facts = run_facts(run);
	bool *wanted = arena_array(&run->arena, setup->api.count, sizeof(*wanted));

	if (judge_pdns_wants_served(&facts, wanted))
		pdns_api_ask_served(api, &run->plan, &run->seen, run->seen.pdns, wanted);
}

static void inspect(struct run *run, struct pdns_setup *setup, struct pdns_api *api)
{
	struct facts facts = run_facts(run);
	struct pdns_doubt doubts[PDNS_DOUBTS_MOST];
	struct pdns_question *questions;
	struct pdns_turn turn;
	size_t doubtful, count;

	pdns_memory_begin(run, setup->memory, &setup->turns, &turn);
	doubtful = judge_pdns_doubts(&facts, &turn, doubts);
	count = list_questions(run, setup, doubts, doubtful, &questions);
	if (count) {
		pdns_api_inspect(api, &run->plan, &run->seen, run->seen.pdns, questions, count);
		pdns_resolve_places(run);
	}
	pdns_memory_pass_on(run, &turn, doubts, doubtful, &setup->turns);
}

bool pdns_replication_observe(struct run *run, struct fault *fault)
{
	struct pdns_setup *setup = run->setup;
	struct pdns_api *api = pdns_api_new(&setup->api);
	struct facts facts;

	(void)fault; /* whatever a server does is an observation */
	observations_begin(&run->seen, 0, 0);
	run->seen.pdns = arena_array(&run->arena, setup->api.count, sizeof(*run->seen.pdns));
	run->seen.pdns_count = setup->api.count;
	pdns_api_survey(api, &run->plan, &run->seen, run->seen.pdns);
	run->judged_s = run->started_s;
	if (values_of(run)->catalog)
		keep_catalog(run, setup);
	complete_plan(run, setup, api);
	facts = run_facts(run);
	judge_pdns_places(&facts, run->seen.pdns);
	ask_served(run, setup, api);
	inspect(run, setup, api);
	pdns_api_free(api);
	pdns_keys_free(&setup->keys);
	return true;
}

void pdns_replication_show_plan(struct run *run, struct text *out)
{
	struct pdns_setup *setup = run->setup;
	char name[NAME_TEXT];

	text_add(out, "Nothing was sent. Would ask, all at once\n");
	for (size_t i = 0; i < setup->api.count; i++)
		text_addf(out, "  %s %s at %s: its zones and settings%s\n",
			i ? "server" : "primary", setup->sources[i].name, setup->sources[i].shown,
			setup->sources[i].key ? ", with a key" : ", without a key");
	if (!values_of(run)->zones.count)
		text_add(out, "of all zones; in full of those in trouble only\n");
	for (size_t z = 0; values_of(run)->zones.count && z < run->plan.zone_count; z++) {
		if (z == ZONES_SHOWN) {
			text_addf(out, "  … and %zu more\n", run->plan.zone_count - z);
			break;
		}
		text_addf(out, "of %s\n", name_to_display(run->plan.zones[z].name, name));
	}
	pdns_keys_free(&setup->keys);
}

static const struct memory *memory_of(const struct run *run)
{
	return ((const struct pdns_setup *)run->setup)->memory;
}

void pdns_replication_judge(struct run *run)
{
	struct facts facts;

	if (!run->common->replay && !run->past.changed)
		memory_note(run, memory_of(run));
	facts = run_facts(run);
	judge_pdns(&facts, &run->verdict);
}

/* What is observed for somebody else is his to remember. */
void pdns_replication_remember(struct run *run)
{
	const struct pdns_setup *setup = run->setup;

	if (run->common->observe || pdns_memory_write(run, setup->memory, &setup->turns))
		return;
	verdict_free(&run->verdict);
	pdns_replication_judge(run);
}
