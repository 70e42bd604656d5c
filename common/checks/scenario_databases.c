#include "common/checks/scenario_databases.h"

#include <stddef.h>
#include <string.h>

#include "common/checks/scenario_columns.h"
#include "common/checks/scenario_compared.h"
#include "common/model/database_zones.h"

static const char *outcome_text(unsigned value)
{
	return database_outcome_name((enum database_outcome)value);
}

static const char *thread_text(unsigned value)
{
	return thread_state_name((enum thread_state)value);
}

static const char *flavour_text(unsigned value)
{
	return value == DATABASE_MARIADB ? "mariadb" : "mysql";
}

#define OF_DATABASE(field) .name = #field, .offset = offsetof(struct database, field)
#define OF_CHANNEL(field)  .name = #field, .offset = offsetof(struct channel, field)
#define OF_PAST(field)     .name = "past_" #field, .offset = offsetof(struct channel_past, field)

/* clang-format off */
static const struct scenario_column database_items[] = {
	{ OF_DATABASE(outcome), .kind = COLUMN_CHOICE, .choice = outcome_text, .choices = DATABASE_OUTCOME_COUNT },
	{ OF_DATABASE(error_number), .kind = COLUMN_NUMBER },
	{ OF_DATABASE(error), .kind = COLUMN_TEXT_OR_NULL },
	{ OF_DATABASE(flavour), .kind = COLUMN_CHOICE, .choice = flavour_text, .choices = DATABASE_MARIADB + 1 },
	{ OF_DATABASE(version), .kind = COLUMN_TEXT_OR_NULL },
	{ OF_DATABASE(version_number), .kind = COLUMN_NUMBER },
	{ OF_DATABASE(user), .kind = COLUMN_TEXT_OR_NULL },
	{ OF_DATABASE(tls_cipher), .kind = COLUMN_TEXT_OR_NULL },
	{ OF_DATABASE(over_socket), .kind = COLUMN_FLAG },
	{ OF_DATABASE(server_id), .kind = COLUMN_NUMBER },
	{ OF_DATABASE(read_only), .kind = COLUMN_TEXT_OR_NULL },
	{ OF_DATABASE(query_cache), .kind = COLUMN_TEXT_OR_NULL },
	{ OF_DATABASE(gtid_applied), .kind = COLUMN_TEXT_OR_NULL },
	{ OF_DATABASE(gtid_slave_pos), .kind = COLUMN_TEXT_OR_NULL },
	{ OF_DATABASE(gtid_binlog), .kind = COLUMN_TEXT_OR_NULL },
	{ OF_DATABASE(gtid_state), .kind = COLUMN_TEXT_OR_NULL },
	{ OF_DATABASE(status_errno), .kind = COLUMN_NUMBER },
	{ OF_DATABASE(status_error), .kind = COLUMN_TEXT_OR_NULL },
	{ OF_DATABASE(has_galera), .kind = COLUMN_FLAG },
	{ OF_DATABASE(galera_cluster_status), .kind = COLUMN_TEXT_OR_NULL },
	{ OF_DATABASE(galera_state_text), .kind = COLUMN_TEXT_OR_NULL },
	{ OF_DATABASE(galera_ready), .kind = COLUMN_TEXT_OR_NULL },
	{ OF_DATABASE(galera_state), .kind = COLUMN_NUMBER },
	{ OF_DATABASE(galera_size), .kind = COLUMN_NUMBER },
	{ OF_DATABASE(has_group), .kind = COLUMN_FLAG },
	{ OF_DATABASE(group_state), .kind = COLUMN_TEXT_OR_NULL },
	{ OF_DATABASE(group_role), .kind = COLUMN_TEXT_OR_NULL },
	{ OF_DATABASE(group_others), .kind = COLUMN_TEXT_OR_NULL },
	{ OF_DATABASE(group_size), .kind = COLUMN_NUMBER },
	{ OF_DATABASE(group_online), .kind = COLUMN_NUMBER },
	{ OF_DATABASE(group_unreachable), .kind = COLUMN_NUMBER },
	{ OF_DATABASE(group_errno), .kind = COLUMN_NUMBER },
	{ OF_DATABASE(group_error), .kind = COLUMN_TEXT_OR_NULL },
	{ OF_DATABASE(has_group_lag), .kind = COLUMN_FLAG },
	{ OF_DATABASE(group_lag_s), .kind = COLUMN_SECONDS },
	{ OF_DATABASE(missing), .kind = COLUMN_TEXT_OR_NULL },
	{ OF_DATABASE(missing_count), .kind = COLUMN_COUNT },
	{ OF_DATABASE(errant), .kind = COLUMN_TEXT_OR_NULL },
	{ OF_DATABASE(has_heartbeat_row), .kind = COLUMN_FLAG },
	{ OF_DATABASE(heartbeat_age_s), .kind = COLUMN_SECONDS },
	{ OF_DATABASE(heartbeat_error), .kind = COLUMN_TEXT_OR_NULL },
	{ .name = NULL },
};

static const struct scenario_column channel_items[] = {
	{ OF_CHANNEL(name), .kind = COLUMN_TEXT },
	{ OF_CHANNEL(source_host), .kind = COLUMN_TEXT },
	{ OF_CHANNEL(source_port), .kind = COLUMN_NUMBER },
	{ OF_CHANNEL(io), .kind = COLUMN_CHOICE, .choice = thread_text, .choices = THREAD_RUNNING + 1 },
	{ OF_CHANNEL(sql), .kind = COLUMN_CHOICE, .choice = thread_text, .choices = THREAD_RUNNING + 1 },
	{ OF_CHANNEL(has_behind), .kind = COLUMN_FLAG },
	{ OF_CHANNEL(behind_s), .kind = COLUMN_SECONDS },
	{ OF_CHANNEL(delay_s), .kind = COLUMN_SECONDS },
	{ OF_CHANNEL(io_errno), .kind = COLUMN_NUMBER },
	{ OF_CHANNEL(sql_errno), .kind = COLUMN_NUMBER },
	{ OF_CHANNEL(io_error), .kind = COLUMN_TEXT },
	{ OF_CHANNEL(sql_error), .kind = COLUMN_TEXT },
	{ OF_CHANNEL(gtid_received), .kind = COLUMN_TEXT },
	{ OF_CHANNEL(gtid_applied), .kind = COLUMN_TEXT },
	{ OF_CHANNEL(has_heartbeats), .kind = COLUMN_FLAG },
	{ OF_CHANNEL(heartbeats), .kind = COLUMN_COUNT },
	{ OF_CHANNEL(heartbeat_period_s), .kind = COLUMN_PERIOD },
	{ OF_CHANNEL(source_file), .kind = COLUMN_TEXT },
	{ OF_CHANNEL(source_position), .kind = COLUMN_COUNT },
	{ OF_CHANNEL(filters), .kind = COLUMN_TEXT },
	{ .name = NULL },
};

static const struct scenario_column past_items[] = {
	{ OF_PAST(known), .kind = COLUMN_FLAG },
	{ OF_PAST(seen_s), .kind = COLUMN_SECONDS },
	{ OF_PAST(heartbeats), .kind = COLUMN_COUNT },
	{ OF_PAST(source_file), .kind = COLUMN_TEXT },
	{ OF_PAST(source_position), .kind = COLUMN_COUNT },
	{ OF_PAST(gtid_received), .kind = COLUMN_TEXT },
	{ .name = NULL },
};
/* clang-format on */

/* --- Writing --------------------------------------------------------------------------------- */

static void write_channels(const struct database *seen, size_t index, struct text *out)
{
	for (size_t i = 0; i < seen->channel_count; i++) {
		text_addf(out, "channel database=%zu", index);
		scenario_add_columns(out, channel_items, &seen->channels[i]);
		if (seen->past && seen->past[i].known)
			scenario_add_columns(out, past_items, &seen->past[i]);
		text_add_byte(out, '\n');
	}
}

static void write_zone(const struct database_zone *zone, size_t index, struct text *out)
{
	char text[NAME_TEXT];

	text_addf(out, "database_zone database=%zu ", index);
	scenario_add_word(out, name_to_text(zone->name, text));
	text_addf(out, " kind=%s", zone_kind_name((enum zone_kind)zone->kind));
	if (zone->has_serial)
		text_addf(out, " serial=%u", zone->serial);
	if (zone->soa_edit != SOA_EDIT_UNSET)
		text_addf(out, " soa_edit=%s", soa_edit_name((enum soa_edit)zone->soa_edit));
	text_add_byte(out, '\n');
}

static void write_zones(const struct database_zones *zones, size_t index, struct outlet *out)
{
	if (!zones)
		return;
	text_addf(&out->text, "database_zones database=%zu schema=", index);
	scenario_add_word(&out->text, zones->schema);
	if (zones->error) {
		text_add(&out->text, " error=");
		scenario_add_word(&out->text, zones->error);
	}
	text_add_byte(&out->text, '\n');
	for (size_t i = 0; i < zones->count && outlet_flow(out); i++)
		write_zone(&zones->items[i], index, &out->text);
}

static void write_database(const char *name, const struct database *database, size_t index,
	struct outlet *out)
{
	char text[ADDRESS_TEXT];

	text_add(&out->text, "database ");
	scenario_add_word(&out->text, name);
	if (database->address.family)
		text_addf(&out->text, " %s@%u", address_to_text(&database->address, text),
			database->address.port);
	scenario_add_columns(&out->text, database_items, database);
	text_add_byte(&out->text, '\n');
	write_channels(database, index, &out->text);
	if (database->content)
		scenario_write_compared(database->content, index, &out->text);
	write_zones(database->zones, index, out);
}

void scenario_write_databases(const struct plan *plan, const struct observations *seen,
	struct outlet *out)
{
	for (size_t i = 0; i < seen->database_count; i++)
		write_database(plan->servers[i].display, &seen->databases[i], i, out);
	for (size_t i = 0; i < seen->backend_count && !seen->databases; i++)
		write_database(seen->backends[i].name, seen->backends[i].database, i, out);
}

/* --- Reading --------------------------------------------------------------------------------- */

/* A name that DNS could know, not a socket. */
static bool is_host(const char *display, uint8_t name[NAME_WIRE])
{
	struct fault fault = { { 0 } };
	struct address address;

	return !strchr(display, '/') && !address_from_text(display, &address) &&
		name_from_text(display, name, &fault);
}

uint32_t scenario_add_database(struct plan *plan, const char *display,
	const struct address *address)
{
	struct address numbered = *address; /* two databases, even at one address; and no server of
	                                       DNS */
	uint8_t name[NAME_WIRE];
	uint32_t index;

	numbered.padding = (uint8_t)(plan->server_count + 1);
	index = plan_add_server(plan, is_host(display, name) ? name : NULL, &numbered);
	if (!address->family)
		plan->servers[index].display = plan->servers[index].name =
			arena_string(&plan->arena, display);
	return index;
}

static void complete_group(struct database *database)
{
	const char **texts[] = { &database->group_role, &database->group_others,
		&database->group_error };

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		if (!*texts[i])
			*texts[i] = "";
	}
}

/* What every judge and report may take for granted. */
static bool complete(struct scenario_line *line, struct database *database)
{
	bool has_server =
		database->outcome == DATABASE_ANSWERED || database->outcome == DATABASE_NO_TLS;

	if (has_server && !database->version)
		return fault_set(line->fault, "version= is missing");
	if (!database->error)
		database->error = "";
	if (!database->status_error)
		database->status_error = "";
	if (!database->user)
		database->user = "";
	complete_group(database);
	if (database->has_galera &&
		(!database->galera_cluster_status || !database->galera_state_text ||
			!database->galera_ready))
		return fault_set(line->fault, "of Galera only a part is said");
	return true;
}

bool scenario_read_database(struct scenario_line *line, struct scenario_databases *databases)
{
	struct database database = { 0 };

	if (databases->count == DATABASES_MOST)
		return fault_set(line->fault, "more than %d databases", DATABASES_MOST);
	if (!scenario_plain(line, 0) || !*scenario_plain(line, 0))
		return fault_set(line->fault, "the database has no name");
	if ((scenario_plain(line, 1) &&
		    !scenario_address(line, scenario_plain(line, 1), &database.address)) ||
		!scenario_read_columns(line, database_items, &database, databases->arena) ||
		!complete(line, &database))
		return false;
	databases->items = scenario_one_more(databases->arena, databases->items, databases->count,
		sizeof(database));
	databases->names = scenario_one_more(databases->arena, databases->names, databases->count,
		sizeof(*databases->names));
	databases->names[databases->count] =
		arena_string(databases->arena, scenario_plain(line, 0));
	databases->items[databases->count++] = database;
	return true;
}

static struct database *database_of(struct scenario_line *line,
	const struct scenario_databases *databases)
{
	int64_t index;

	return scenario_number(line, "database", (int64_t)databases->count - 1, &index)
		? &databases->items[index]
		: NULL;
}

static bool read_channel(struct scenario_line *line, struct scenario_databases *databases)
{
	struct channel channel = { 0 };
	struct channel_past past = { 0 };
	struct database *database = database_of(line, databases);

	if (!database || !scenario_read_columns(line, channel_items, &channel, databases->arena) ||
		!scenario_read_columns(line, past_items, &past, databases->arena))
		return false;
	if (database->channel_count == CHANNELS_MOST)
		return fault_set(line->fault, "more than %d channels", CHANNELS_MOST);
	database->channels = scenario_one_more(databases->arena, database->channels,
		database->channel_count, sizeof(channel));
	database->past = scenario_one_more(databases->arena, database->past,
		database->channel_count, sizeof(past));
	database->channels[database->channel_count] = channel;
	database->past[database->channel_count++] = past;
	return true;
}

static bool read_zones(struct scenario_line *line, struct scenario_databases *databases)
{
	struct database *database = database_of(line, databases);
	const char *schema = scenario_value(line, "schema"), *error = scenario_value(line, "error");

	if (!database)
		return false;
	if (database->zones)
		return fault_set(line->fault, "its zones were said before");
	database->zones = arena_alloc(databases->arena, sizeof(*database->zones));
	database->zones->schema = schema ? arena_string(databases->arena, schema) : "";
	database->zones->error = error ? arena_string(databases->arena, error) : NULL;
	return true;
}

static bool read_zone(struct scenario_line *line, struct scenario_databases *databases)
{
	struct database *database = database_of(line, databases);
	struct database_zone zone = { .name = NULL };
	uint8_t name[NAME_WIRE];
	struct database_zones *zones;
	int64_t serial = 0;

	if (!database)
		return false;
	if (!database->zones)
		return fault_set(line->fault, "a database_zones line must come first");
	zone.has_serial = scenario_value(line, "serial");
	if (!scenario_name(line, scenario_plain(line, 0), name) ||
		(zone.has_serial && !scenario_number(line, "serial", UINT32_MAX, &serial)))
		return false;
	name_lower(name);
	zone.name = arena_copy(databases->arena, name, name_length(name));
	zone.serial = (uint32_t)serial;
	zone.kind = (uint8_t)zone_kind_from_text(scenario_value(line, "kind"));
	zone.soa_edit = (uint8_t)soa_edit_from_text(scenario_value(line, "soa_edit"));
	zones = database->zones;
	zones->items =
		scenario_one_more(databases->arena, zones->items, zones->count, sizeof(zone));
	zones->items[zones->count++] = zone;
	return true;
}

bool scenario_read_of_database(struct scenario_line *line, struct scenario_databases *databases)
{
	const char *keyword = line->words[0].text;

	if (!strcmp(keyword, "channel"))
		return read_channel(line, databases);
	return strcmp(keyword, "database_zone") ? read_zones(line, databases)
						: read_zone(line, databases);
}

void scenario_place_databases(struct scenario_databases *read, bool is_own, const struct plan *plan,
	struct observations *seen)
{
	if (is_own) {
		seen->databases = read->items;
		seen->database_count = read->count;
		database_place(plan, seen);
		return;
	}
	seen->backends = arena_array(read->arena, read->count, sizeof(*seen->backends));
	seen->backend_count = read->count;
	for (size_t i = 0; i < read->count; i++)
		seen->backends[i] =
			(struct backend){ .name = read->names[i], .database = &read->items[i] };
	backends_place(plan, seen);
}
