/*
 * APIs and databases (--pdns-api, --mysql) that are named like no server of the run: nobody would
 * look at them, and whoever named them trusts the silence. Said only where all servers are known.
 */
#include "common/model/informant.h"

#include <string.h>

#include "common/base/nearest.h"
#include "common/base/text.h"
#include "common/dns/name.h"
#include "common/judge/commands.h"
#include "common/judge/judge.h"
#include "common/model/database_zones.h"

enum { SERVERS_NAMED = 5 };

/* --- Is that known? --------------------------------------------------------------------------- */

static bool knows_ns_sets(const struct plan *plan)
{
	for (size_t z = 0; z < plan->zone_count; z++) {
		if (plan->zones[z].ns_source == NS_FROM_NOBODY ||
			plan->zones[z].ns_source == NS_FROM_HISTORY)
			return false;
	}
	return true;
}

/* All servers of all zones: no other shard, no zone that could not be read, no name that nobody
 * could resolve. */
static bool knows_servers(const struct facts *facts)
{
	const struct plan *plan = facts->plan;

	if (!plan->zone_count || plan->zones_elsewhere || plan->list_trouble ||
		plan->list_failure || plan->resolver_trouble || facts->seen->deadline_reached)
		return false;
	for (size_t i = 0; i < plan->name_count; i++) {
		if (plan->names[i].fate == NAME_FATE_RESOLVER_FAILED)
			return false;
	}
	return knows_ns_sets(plan);
}

/* Of a server that has no address: that is said already. */
static bool is_name_of_plan(const struct plan *plan, const struct informant *informant)
{
	for (size_t i = 0; i < plan->name_count; i++) {
		if (name_texts_equal(plan->names[i].text, informant->name))
			return true;
	}
	return false;
}

bool judge_is_lost(const struct facts *facts, const struct informant *informant)
{
	return informant_server(facts->plan, facts->seen, informant) == PLAN_NONE &&
		!is_name_of_plan(facts->plan, informant) && knows_servers(facts);
}

/* --- Is that meant? --------------------------------------------------------------------------- */

/* Does each server that is known as a primary have a database of its own? One that is known by its
 * address alone may have the name in question. */
static bool have_primaries_databases(const struct facts *facts)
{
	const struct plan *plan = facts->plan;

	for (uint32_t pair = 0; pair < plan->pair_count; pair++) {
		if ((plan->pair_flags[pair] & (PAIR_PRIMARY | PAIR_MNAME)) &&
			!judge_is_absent(facts, pair) &&
			plan->servers[plan->assigned[pair]].named &&
			!backend_of(facts->seen, plan->assigned[pair]))
			return false;
	}
	return true;
}

/* The first --mysql is the primary's, also of one that is hidden: others are compared with it. */
static bool is_of_primary(const struct facts *facts, const struct informant *informant)
{
	const struct observations *seen = facts->seen;
	bool is_compared = false;

	if (informant->kind != INFORMANT_DATABASE || !seen->backend_count ||
		!name_texts_equal(seen->backends[0].name, informant->name))
		return false;
	for (size_t i = 1; i < seen->backend_count; i++)
		is_compared |= seen->backends[i].server != PLAN_NONE;
	return is_compared && have_primaries_databases(facts);
}

/* --- What to say ------------------------------------------------------------------------------ */

static bool is_first_of_name(const struct plan *plan, uint32_t server)
{
	for (uint32_t s = 0; s < server && plan->servers[server].several; s++) {
		if (!strcmp(plan->servers[s].name, plan->servers[server].name))
			return false;
	}
	return true;
}

static void add_servers(const struct plan *plan, struct text *out)
{
	uint32_t named = 0;

	for (uint32_t s = 0; s < plan->server_count; s++) {
		if (!is_first_of_name(plan, s))
			continue;
		if (named == SERVERS_NAMED) {
			text_add(out, " and others");
			return;
		}
		text_addf(out, "%s%s", named++ ? ", " : "there are ", plan->servers[s].display);
	}
	if (!named)
		text_add(out, "there is none");
}

static bool has_own(const struct facts *facts, enum informant_kind kind,
	const struct server *server)
{
	for (size_t i = 0; i < facts->seen->informant_count; i++) {
		if (facts->seen->informants[i].kind == kind &&
			informant_fits(&facts->seen->informants[i], server))
			return true;
	}
	return false;
}

/* "ns2" of ns2.example.com. */
static bool is_beginning(const char *name, const char *display)
{
	size_t length = strlen(name);

	return !strncmp(display, name, length) && display[length] == '.';
}

/* The server that is meant, of those that have none of this kind; NULL. */
static const char *guess(const struct facts *facts, const struct informant *informant)
{
	struct nearest nearest = { .word = informant->name };

	for (uint32_t s = 0; s < facts->plan->server_count; s++) {
		const struct server *server = &facts->plan->servers[s];

		if (!server->named || has_own(facts, informant->kind, server))
			continue;
		if (is_beginning(informant->name, server->display))
			return server->display;
		nearest_try(&nearest, server->display);
	}
	return nearest.best;
}

/* "dig @192.0.2.1 example.com NS +short": of the first zone, by its primary where that is known. */
static void add_dig(const struct plan *plan, struct text *out)
{
	const struct zone *zone = &plan->zones[0];
	char name[NAME_TEXT], address[ADDRESS_TEXT];

	text_add(out, "dig ");
	for (uint32_t pair = zone->first_pair; pair < zone->first_pair + zone->pair_count; pair++) {
		const struct server *server = &plan->servers[plan->assigned[pair]];

		if (!(plan->pair_flags[pair] & PAIR_PRIMARY))
			continue;
		text_addf(out, "@%s ", address_to_text(&server->address, address));
		if (server->address.port != 53)
			text_addf(out, "-p %u ", server->address.port);
		break;
	}
	command_word(out, name_to_display(zone->name, name));
	text_add(out, " NS +short");
}

static const char *advise(const struct facts *facts, const struct informant *informant,
	struct arena *arena)
{
	const char *option = informant_option(informant->kind), *meant = guess(facts, informant);
	const char *rest = informant->kind == INFORMANT_API ? "URL" : "OPTION-FILE", *advice;
	struct text line = { 0 };

	if (meant) {
		text_addf(&line, "if %s is meant: %s=", meant, option);
		command_word(&line, meant);
		text_addf(&line, "=%s; else", rest);
	} else {
		add_dig(facts->plan, &line);
		text_addf(&line, ", and %s=NAME=%s by one of these names; or", option, rest);
	}
	text_add(&line, " have its server asked, too: --add-server=");
	command_word(&line, informant->name);
	text_add(&line, "=ADDRESS");
	advice = arena_string(arena, text_string(&line));
	text_free(&line);
	return advice;
}

static const char *consequence(const struct informant *informant, bool is_primarys)
{
	if (is_primarys)
		return "so it counts as the primary's, whose answers are not compared with it";
	if (informant->gives_zones)
		return "so only the list of zones comes from there";
	return informant->kind == INFORMANT_API ? "so that API explains nothing"
						: "so no answer is compared with that database";
}

static void say(const struct facts *facts, struct verdict *verdict,
	const struct informant *informant)
{
	bool is_primarys = is_of_primary(facts, informant);
	struct finding *finding = finding_add(&verdict->findings, FINDING_SOURCE_UNMATCHED);
	struct text text = { 0 };

	text_addf(&text, "%s=%s is no server's name or address, %s; ",
		informant_option(informant->kind), informant->name,
		consequence(informant, is_primarys));
	add_servers(facts->plan, &text);
	if (informant->trouble)
		text_addf(&text, "; the API does not tell whose it is, either: %s",
			informant->trouble);
	if (is_primarys || informant->gives_zones)
		finding->severity = SEVERITY_OK;
	finding->text = arena_string(&verdict->findings.arena, text_string(&text));
	finding->advice = advise(facts, informant, &verdict->findings.arena);
	text_free(&text);
}

void judge_informants(const struct facts *facts, struct verdict *verdict)
{
	for (size_t i = 0; i < facts->seen->informant_count; i++) {
		const struct informant *informant = &facts->seen->informants[i];

		if ((!informant->could_tell || informant->gives_zones) &&
			judge_is_lost(facts, informant))
			say(facts, verdict, informant);
	}
}
