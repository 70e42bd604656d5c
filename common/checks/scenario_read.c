/* Reading scenarios: strict, every error with its file and line. */
#include <stdlib.h>
#include <string.h>

#include "common/base/map.h"
#include "common/checks/scenario.h"
#include "common/checks/scenario_columns.h"
#include "common/checks/scenario_compared.h"
#include "common/checks/scenario_comparisons.h"
#include "common/checks/scenario_databases.h"
#include "common/checks/scenario_history.h"
#include "common/checks/scenario_informants.h"
#include "common/checks/scenario_line.h"
#include "common/checks/scenario_pdns.h"
#include "common/checks/scenario_steps.h"
#include "common/checks/scenario_transfers.h"

/* A pair waits until the plan is closed, which numbers the pairs. */
struct read_pair {
	uint32_t zone, server;
	unsigned flags;
	struct soa_observation seen;
};

struct reader {
	struct run *run;
	struct scenario_line line;
	struct fault why;
	struct read_pair *pairs;
	size_t pair_count, pair_capacity;
	struct server_observation *servers;
	size_t server_capacity;
	struct transfer_observation *transfers;
	size_t transfer_count, transfer_capacity;
	struct scenario_transfers zone_transfers;
	struct scenario_databases databases;
	struct scenario_steps steps;
	struct scenario_pdns pdns;
	size_t past_capacity; /* of run->past.zones */
	bool has_run;
};

static bool wrong(struct reader *reader, const char *what)
{
	return fault_set(&reader->why, "%s", what);
}

/* Items are numbered in the order of their lines: each must be another one than those before. */
static bool is_next(struct reader *reader, uint32_t index, size_t next)
{
	return index == next || wrong(reader, "the same was said before, or nothing is said");
}

/* What the lists of zones could not tell. */
static bool read_lists(struct reader *reader)
{
	struct plan *plan = &reader->run->plan;
	const char *trouble = scenario_value(&reader->line, "list_trouble"),
		   *failure = scenario_value(&reader->line, "list_failure");
	int64_t broken = 0, elsewhere = 0;

	if ((trouble && !scenario_number(&reader->line, "list_broken", INT64_MAX, &broken)) ||
		(scenario_value(&reader->line, "zones_elsewhere") &&
			!scenario_number(&reader->line, "zones_elsewhere", INT64_MAX, &elsewhere)))
		return false;
	if (trouble)
		plan->list_trouble = arena_string(&plan->arena, trouble);
	if (failure)
		plan->list_failure = arena_string(&plan->arena, failure);
	plan->list_broken = (uint64_t)broken;
	plan->zones_elsewhere = (uint64_t)elsewhere;
	return true;
}

static bool read_run(struct reader *reader)
{
	struct run *run = reader->run;
	const char *resolver = scenario_value(&reader->line, "resolver_trouble"),
		   *state = scenario_value(&reader->line, "state_trouble");
	int64_t now, queries, retries;

	if (!scenario_number(&reader->line, "now", INT64_MAX, &now) ||
		!scenario_number(&reader->line, "queries", INT64_MAX, &queries) ||
		!scenario_number(&reader->line, "retries", INT64_MAX, &retries) ||
		!scenario_bool(&reader->line, "deadline_reached", &run->seen.deadline_reached) ||
		!scenario_bool(&reader->line, "signed", &run->policy.has_key))
		return false;
	if (!history_is_date(now))
		return wrong(reader, "now= is no time that can be");
	run->judged_s = run->started_s = now;
	run->seen.queries = (uint64_t)queries;
	run->seen.retries = (uint64_t)retries;
	if (resolver)
		run->plan.resolver_trouble = arena_string(&run->plan.arena, resolver);
	if (state)
		run->past.trouble = arena_string(&run->past.arena, state);
	reader->has_run = true;
	return read_lists(reader);
}

static bool read_name(struct reader *reader)
{
	struct plan *plan = &reader->run->plan;
	const char *fate = scenario_value(&reader->line, "fate"),
		   *option = scenario_value(&reader->line, "option");
	size_t next = plan->name_count;
	uint8_t name[NAME_WIRE];
	uint32_t index;

	if (!scenario_name(&reader->line, scenario_plain(&reader->line, 0), name))
		return false;
	for (enum name_fate each = 0; fate && each < NAME_FATE_COUNT; each++) {
		if (strcmp(fate, name_fate_name(each)))
			continue;
		index = plan_add_name(plan, name, each);
		if (!is_next(reader, index, next))
			return false;
		if (option)
			plan->names[index].option = arena_string(&plan->arena, option);
		return true;
	}
	return wrong(reader, "fate= is missing or unknown");
}

static bool read_zone_names(struct reader *reader, uint32_t zone)
{
	struct plan *plan = &reader->run->plan;
	char *list = scenario_value(&reader->line, "names"), *each;

	while (list && (each = strsep(&list, ","))) {
		char *end;
		unsigned long index = strtoul(each, &end, 10);

		if (*each < '0' || *each > '9' || *end || index >= plan->name_count)
			return wrong(reader, "names= has a number that no name line has");
		plan_zone_name(plan, zone, (uint32_t)index);
	}
	return true;
}

static bool read_source(struct reader *reader, struct zone *zone)
{
	const char *source = scenario_value(&reader->line, "ns_source");

	for (enum ns_source each = 0; source && each < NS_SOURCE_COUNT; each++) {
		if (!strcmp(source, ns_source_name(each))) {
			zone->ns_source = each;
			return true;
		}
	}
	return wrong(reader, "ns_source= is missing or unknown");
}

/* Zones and their histories stand in parallel arrays. */
static void add_history(struct reader *reader, bool known)
{
	struct history *past = &reader->run->past;

	if (past->zone_count == reader->past_capacity) {
		struct zone_history *old = past->zones;

		reader->past_capacity = reader->past_capacity ? reader->past_capacity * 2 : 16;
		past->zones = arena_array(&past->arena, reader->past_capacity, sizeof(*old));
		if (past->zone_count)
			memcpy(past->zones, old, past->zone_count * sizeof(*old));
	}
	past->zones[past->zone_count++].known = known;
}

static bool read_date(struct reader *reader, const char *key, int64_t *date)
{
	*date = 0;
	return !scenario_value(&reader->line, key) ||
		(scenario_number(&reader->line, key, INT64_MAX, date) &&
			(history_is_date(*date) ||
				fault_set(&reader->why, "%s= is no time that can be", key)));
}

static bool read_zone(struct reader *reader)
{
	struct plan *plan = &reader->run->plan;
	size_t next = plan->zone_count;
	uint8_t name[NAME_WIRE];
	uint32_t zone;
	bool known, primary;

	if (!scenario_name(&reader->line, scenario_plain(&reader->line, 0), name) ||
		!scenario_bool(&reader->line, "known", &known) ||
		!scenario_bool(&reader->line, "primary", &primary))
		return false;
	zone = plan_add_zone(plan, name);
	if (!is_next(reader, zone, next))
		return false;
	if (!read_date(reader, "new_since", &plan->zones[zone].new_since_s) ||
		!read_date(reader, "gone_since", &plan->zones[zone].gone_since_s))
		return false;
	plan->zones[zone].has_primary = primary || reader->run->common->hostname;
	add_history(reader, known);
	return read_source(reader, &plan->zones[zone]) && read_zone_names(reader, zone);
}

/* What a server told of itself, if it did. */
static bool read_said(struct reader *reader, const char *key, const char **said)
{
	const char *value = scenario_value(&reader->line, key);

	*said = value ? observations_string(&reader->run->seen, value, strlen(value)) : NULL;
	return !value || *said || fault_set(&reader->why, "%s= says nothing", key);
}

static bool read_server(struct reader *reader)
{
	struct plan *plan = &reader->run->plan;
	const char *text = scenario_plain(&reader->line, 0);
	bool named = text && strcmp(text, "-"), independent;
	size_t next = plan->server_count;
	struct server_observation seen = { 0 };
	struct address address;
	uint8_t name[NAME_WIRE];
	uint32_t server;

	if ((named && !scenario_name(&reader->line, text, name)) ||
		!scenario_address(&reader->line, scenario_plain(&reader->line, 1), &address) ||
		!scenario_outcome(&reader->line, "tcp_outcome", &seen.tcp_outcome) ||
		!scenario_bool(&reader->line, "independent", &independent))
		return false;
	server = plan_add_server(plan, named ? name : NULL, &address);
	if (!is_next(reader, server, next))
		return false;
	plan->servers[server].independent = independent;
	if (!read_said(reader, "software", &seen.software) ||
		!read_said(reader, "identity", &seen.identity))
		return false;
	MEMORY_ROOM(reader->servers, server, reader->server_capacity);
	reader->servers[server] = seen;
	return true;
}

/* Databases are the plan's first servers. */
static bool read_database(struct reader *reader)
{
	struct plan *plan = &reader->run->plan;
	size_t next = plan->server_count;
	uint32_t server;

	if (reader->run->check->has_databases && next != reader->databases.count)
		return wrong(reader, "a database has no place here");
	if (!scenario_read_database(&reader->line, &reader->databases))
		return false;
	if (!reader->run->check->has_databases) /* of --mysql */
		return true;
	server = scenario_add_database(plan, scenario_plain(&reader->line, 0),
		&reader->databases.items[next].address);
	MEMORY_ROOM(reader->servers, server, reader->server_capacity);
	reader->servers[server] = (struct server_observation){ 0 };
	return is_next(reader, server, next);
}

static bool read_informant(struct reader *reader)
{
	return scenario_read_informant(&reader->line, &reader->run->seen);
}

static bool read_of_database(struct reader *reader)
{
	return scenario_read_of_database(&reader->line, &reader->databases);
}

static bool read_compared(struct reader *reader)
{
	return scenario_read_compared(&reader->line, &reader->databases);
}

/* Those that the plan's servers are have a place among them. */
static bool read_pdns(struct reader *reader)
{
	struct plan *plan = &reader->run->plan;
	size_t before = plan->server_count;

	if (!scenario_read_pdns(&reader->line, &reader->pdns))
		return false;
	for (size_t server = before; server < plan->server_count; server++) {
		MEMORY_ROOM(reader->servers, server, reader->server_capacity);
		reader->servers[server] = (struct server_observation){ 0 };
	}
	return true;
}

static bool read_fields(struct reader *reader)
{
	struct observations *seen = &reader->run->seen;
	size_t next = seen->field_count;
	struct soa_fields fields = { 0 };
	int64_t numbers[4];

	if (!scenario_name(&reader->line, scenario_plain(&reader->line, 0), fields.mname) ||
		!scenario_name(&reader->line, scenario_plain(&reader->line, 1), fields.rname))
		return false;
	for (size_t i = 0; i < 4; i++) {
		if (!scenario_plain_number(&reader->line, 2 + i, UINT32_MAX, &numbers[i]))
			return false;
	}
	fields.refresh = (uint32_t)numbers[0];
	fields.retry = (uint32_t)numbers[1];
	fields.expire = (uint32_t)numbers[2];
	fields.minimum = (uint32_t)numbers[3];
	return is_next(reader, observations_fields(seen, &fields), next);
}

static bool read_text(struct reader *reader)
{
	struct observations *seen = &reader->run->seen;
	const char *text = scenario_plain(&reader->line, 0);
	size_t next = seen->text_count;

	return is_next(reader, text ? observations_text(seen, text, strlen(text)) : 0, next);
}

static bool read_ns_set(struct reader *reader)
{
	struct observations *seen = &reader->run->seen;
	struct arena *arena = &reader->run->arena;
	size_t count = reader->line.count - 1, next = seen->ns_set_count;
	uint8_t(*names)[NAME_WIRE] = arena_array(arena, count, sizeof(*names));
	const uint8_t **pointers = arena_array(arena, count, sizeof(*pointers));

	for (size_t i = 0; i < count; i++) {
		if (!scenario_name(&reader->line, scenario_plain(&reader->line, i), names[i]))
			return false;
		pointers[i] = names[i];
	}
	return is_next(reader, observations_ns_set(seen, pointers, count), next);
}

static bool read_flags(struct reader *reader, unsigned *flags)
{
	char *list = scenario_value(&reader->line, "flags"), *each;

	while (list && (each = strsep(&list, ","))) {
		const struct scenario_flag *flag = scenario_pair_flags;

		while (flag->name && strcmp(flag->name, each))
			flag++;
		if (!flag->name)
			return fault_set(&reader->why, "flags=: there is no flag \"%s\"", each);
		*flags |= flag->bit;
	}
	return true;
}

/* Do all indexes of the pair name lines that are there? */
static bool check_indexes(struct reader *reader, const struct soa_observation *pair)
{
	const struct observations *seen = &reader->run->seen;

	return (pair->fields < seen->field_count && pair->nsid < seen->text_count &&
		       pair->ede_text < seen->text_count && pair->ns_set < seen->ns_set_count) ||
		wrong(reader,
			"fields=, nsid=, ede_text= or ns_set= names a line that is not there");
}

static bool read_pair(struct reader *reader)
{
	struct scenario_line *line = &reader->line;
	const struct plan *plan = &reader->run->plan;
	struct read_pair pair = { 0 };
	int64_t zone, server;

	if (!scenario_number(line, "zone", (int64_t)plan->zone_count - 1, &zone) ||
		!scenario_number(line, "server", (int64_t)plan->server_count - 1, &server) ||
		!read_flags(reader, &pair.flags) ||
		!scenario_outcome(line, "outcome", &pair.seen.outcome) ||
		!scenario_read_columns(line, scenario_pair_columns, &pair.seen, NULL) ||
		!check_indexes(reader, &pair.seen))
		return false;
	pair.zone = (uint32_t)zone;
	pair.server = (uint32_t)server;
	MEMORY_ROOM(reader->pairs, reader->pair_count, reader->pair_capacity);
	reader->pairs[reader->pair_count++] = pair;
	return true;
}

static bool read_transfer(struct reader *reader)
{
	const struct run *run = reader->run;
	struct transfer_observation transfer = { 0 };

	if (!scenario_outcome(&reader->line, "outcome", &transfer.outcome) ||
		!scenario_read_columns(&reader->line, scenario_transfer_columns, &transfer, NULL))
		return false;
	if (transfer.zone >= run->plan.zone_count || transfer.server >= run->plan.server_count ||
		transfer.ede_text >= run->seen.text_count)
		return wrong(reader, "zone=, server= or ede_text= names a line that is not there");
	MEMORY_ROOM(reader->transfers, reader->transfer_count, reader->transfer_capacity);
	reader->transfers[reader->transfer_count++] = transfer;
	return true;
}

static bool read_content(struct reader *reader)
{
	return scenario_read_content(&reader->line, &reader->run->plan, &reader->run->seen);
}

static bool read_zone_transfer(struct reader *reader)
{
	return scenario_read_transfer(&reader->line, &reader->run->plan, &reader->run->seen,
		&reader->zone_transfers);
}

static bool read_change(struct reader *reader)
{
	if (!reader->run->check->has_steps)
		return wrong(reader, "a change has no place here");
	return scenario_read_change(&reader->line, &reader->run->seen);
}

static bool read_steps(struct reader *reader)
{
	return scenario_read_steps(&reader->line, &reader->run->plan, &reader->run->seen,
		&reader->steps);
}

static bool read_serial(struct reader *reader)
{
	return scenario_read_serial(&reader->line, &reader->run->past);
}

static bool read_past(struct reader *reader)
{
	return scenario_read_past(&reader->line, &reader->run->past);
}

static bool read_begun(struct reader *reader)
{
	return scenario_read_begun(&reader->line, &reader->run->past);
}

static bool read_gap(struct reader *reader)
{
	return scenario_read_gap(&reader->line, &reader->run->plan, &reader->run->past);
}

static bool read_line(struct reader *reader)
{
	static const struct {
		const char *keyword;
		bool (*read)(struct reader *reader);
	} lines[] = {
		{ "run", read_run },
		{ "name", read_name },
		{ "zone", read_zone },
		{ "server", read_server },
		{ "informant", read_informant },
		{ "database", read_database },
		{ "channel", read_of_database },
		{ "compared", read_compared },
		{ "differing", read_compared },
		{ "differing_row", read_compared },
		{ "tsig_row", read_compared },
		{ "database_zones", read_of_database },
		{ "database_zone", read_of_database },
		{ "fields", read_fields },
		{ "text", read_text },
		{ "ns_set", read_ns_set },
		{ "pair", read_pair },
		{ "transfer", read_transfer },
		{ "zone_transfer", read_zone_transfer },
		{ "change", read_change },
		{ "steps", read_steps },
		{ "content", read_content },
		{ "serial", read_serial },
		{ "past", read_past },
		{ "begun", read_begun },
		{ "gap", read_gap },
	};
	const char *keyword = reader->line.words[0].text;

	if (reader->line.words[0].value)
		return wrong(reader, "a line begins with a keyword");
	if (!strcmp(keyword, "option") || !strcmp(keyword, "scenario") ||
		!strcmp(keyword, "program"))
		return true; /* scenario_options() took them */
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		if (!strcmp(keyword, lines[i].keyword))
			return lines[i].read(reader);
	}
	if (scenario_is_pdns(keyword))
		return read_pdns(reader);
	return fault_set(&reader->why, "there is no line that begins with \"%s\"", keyword);
}

/* Into the arrays that are parallel to the plan's. */
static void place_pairs(struct reader *reader)
{
	struct run *run = reader->run;
	struct arena *arena = &run->seen.arena;

	for (size_t i = 0; i < reader->pair_count; i++)
		plan_assign(&run->plan, reader->pairs[i].zone, reader->pairs[i].server,
			reader->pairs[i].flags);
	plan_close(&run->plan);
	run->seen.soa = arena_array(arena, run->plan.pair_count, sizeof(*run->seen.soa));
	for (size_t i = 0; i < reader->pair_count; i++)
		run->seen.soa[plan_pair(&run->plan, reader->pairs[i].zone, reader->pairs[i].server)] =
			reader->pairs[i].seen;
}

static bool place(struct reader *reader)
{
	struct run *run = reader->run;
	struct arena *arena = &run->seen.arena;

	place_pairs(reader);
	run->seen.servers = arena_array(arena, run->plan.server_count, sizeof(*run->seen.servers));
	for (size_t s = 0; s < run->plan.server_count; s++)
		run->seen.servers[s] = reader->servers[s];
	run->seen.transfers = reader->transfer_count
		? arena_copy(arena, reader->transfers,
			  reader->transfer_count * sizeof(*run->seen.transfers))
		: NULL;
	run->seen.transfer_count = reader->transfer_count;
	scenario_place_databases(&reader->databases, run->check->has_databases, &run->plan,
		&run->seen);
	if (!scenario_place_steps(&reader->steps, &run->plan, &run->seen))
		return wrong(reader, "a steps line has no pair line, or there is no change line");
	scenario_place_pdns(&reader->pdns, run->plan.zone_count);
	return scenario_place_transfers(&reader->zone_transfers, &run->plan, &run->seen) ||
		wrong(reader, "a zone_transfer line has no pair line");
}

/* Two pair lines for the same zone and server would have no place of their own. */
static bool check_whole(struct reader *reader)
{
	struct map seen = { 0 };
	bool good = true;

	for (size_t i = 0; i < reader->pair_count && good; i++)
		map_put(&seen, &reader->pairs[i], 2 * sizeof(uint32_t), 0, &good);
	map_free(&seen);
	if (!good)
		return wrong(reader, "two pair lines are about the same zone and server");
	if (reader->run->check->has_databases)
		return (reader->has_run && reader->databases.count) ||
			wrong(reader, "a run line and a database line must be there");
	if (reader->run->check->has_steps)
		return (reader->has_run && reader->run->plan.zone_count == 1 &&
			       reader->pair_count && reader->run->seen.change) ||
			wrong(reader,
				"a run line, one zone line, a pair line and a change line must be there");
	if (reader->run->check->has_pdns)
		return (reader->has_run && reader->pdns.count) ||
			wrong(reader, "a run line and a pdns line must be there");
	return (reader->has_run &&
		       (reader->run->plan.zone_count > 0 ||
			       reader->run->plan.zones_elsewhere > 0)) ||
		wrong(reader, "a run line and a zone line must be there");
}

static bool read_lines(struct reader *reader, struct fault *fault)
{
	const char *file = reader->run->common->replay;
	char *rest = reader->run->scenario.bytes, *text;
	unsigned number = 0;

	while ((text = strsep(&rest, "\n"))) {
		number++;
		if (!scenario_split(&reader->line, text) ||
			(reader->line.count && !read_line(reader)))
			return fault_set(fault, "%s:%u: %s", file, number, reader->why.text);
	}
	return check_whole(reader) || fault_set(fault, "%s: %s", file, reader->why.text);
}

bool scenario_read(struct run *run, struct fault *fault)
{
	struct reader *reader = memory_resize(NULL, 1, sizeof(*reader));
	bool good;

	memset(reader, 0, sizeof(*reader));
	reader->run = run;
	reader->line.fault = &reader->why;
	reader->databases.arena = &run->seen.arena;
	reader->pdns = (struct scenario_pdns){ .arena = &run->seen.arena,
		.plan = &run->plan,
		.seen = &run->seen,
		.are_servers = run->check->has_pdns };
	observations_begin(&run->seen, 0, 0);
	plan_free(&run->plan);
	plan_begin(&run->plan);
	good = read_lines(reader, fault) &&
		(place(reader) ||
			fault_set(fault, "%s: %s", run->common->replay, reader->why.text));
	scenario_transfers_free(&reader->zone_transfers);
	scenario_steps_free(&reader->steps);
	free(reader->pairs);
	free(reader->servers);
	free(reader->transfers);
	free(reader);
	return good;
}
