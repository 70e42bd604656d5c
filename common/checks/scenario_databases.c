#include "common/checks/scenario_databases.h"

#include <stddef.h>
#include <string.h>

#include "common/checks/scenario_columns.h"
#include "common/checks/scenario_compared.h"

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

void scenario_write_databases(const struct plan *plan, const struct observations *seen,
	struct text *out)
{
	for (size_t i = 0; i < seen->database_count; i++) {
		const struct database *database = &seen->databases[i];
		const struct server *server = &plan->servers[i];
		char text[ADDRESS_TEXT];

		text_add(out, "database ");
		scenario_add_word(out, server->display);
		if (database->address.family)
			text_addf(out, " %s@%u", address_to_text(&database->address, text),
				database->address.port);
		scenario_add_columns(out, database_items, database);
		text_add_byte(out, '\n');
		write_channels(database, i, out);
		if (database->content)
			scenario_write_compared(database->content, i, out);
	}
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
	struct address numbered = *address; /* two databases, even at one address */
	uint8_t name[NAME_WIRE];
	uint32_t index;

	numbered.padding = (uint8_t)plan->server_count;
	index = plan_add_server(plan, is_host(display, name) ? name : NULL, &numbered);
	if (!address->family)
		plan->servers[index].display = plan->servers[index].name =
			arena_string(&plan->arena, display);
	return index;
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
	databases->items[databases->count++] = database;
	return true;
}

bool scenario_read_channel(struct scenario_line *line, struct scenario_databases *databases)
{
	struct channel channel = { 0 };
	struct channel_past past = { 0 };
	struct database *database;
	int64_t index;

	if (!scenario_number(line, "database", (int64_t)databases->count - 1, &index) ||
		!scenario_read_columns(line, channel_items, &channel, databases->arena) ||
		!scenario_read_columns(line, past_items, &past, databases->arena))
		return false;
	database = &databases->items[index];
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
