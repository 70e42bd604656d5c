#include "common/checks/scenario_databases.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/number.h"

enum kind { TEXT, TEXT_OR_NULL, NUMBER, COUNT, SECONDS, FLAG, PERIOD, CHOICE };

/* COUNT is of 8 bytes, SECONDS (a 32-bit number of them) in 8 that are signed, PERIOD a number with
 * a fraction. */
struct item {
	const char *name;
	size_t offset;
	enum kind kind;
	const char *(*choice)(unsigned value); /* CHOICE: 4 bytes */
	unsigned choices;
};

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
static const struct item database_items[] = {
	{ OF_DATABASE(outcome), .kind = CHOICE, .choice = outcome_text, .choices = DATABASE_OUTCOME_COUNT },
	{ OF_DATABASE(error_number), .kind = NUMBER },
	{ OF_DATABASE(error), .kind = TEXT_OR_NULL },
	{ OF_DATABASE(flavour), .kind = CHOICE, .choice = flavour_text, .choices = DATABASE_MARIADB + 1 },
	{ OF_DATABASE(version), .kind = TEXT_OR_NULL },
	{ OF_DATABASE(version_number), .kind = NUMBER },
	{ OF_DATABASE(user), .kind = TEXT_OR_NULL },
	{ OF_DATABASE(tls_cipher), .kind = TEXT_OR_NULL },
	{ OF_DATABASE(over_socket), .kind = FLAG },
	{ OF_DATABASE(server_id), .kind = NUMBER },
	{ OF_DATABASE(read_only), .kind = TEXT_OR_NULL },
	{ OF_DATABASE(query_cache), .kind = TEXT_OR_NULL },
	{ OF_DATABASE(gtid_applied), .kind = TEXT_OR_NULL },
	{ OF_DATABASE(gtid_slave_pos), .kind = TEXT_OR_NULL },
	{ OF_DATABASE(gtid_binlog), .kind = TEXT_OR_NULL },
	{ OF_DATABASE(gtid_state), .kind = TEXT_OR_NULL },
	{ OF_DATABASE(status_errno), .kind = NUMBER },
	{ OF_DATABASE(status_error), .kind = TEXT_OR_NULL },
	{ OF_DATABASE(has_galera), .kind = FLAG },
	{ OF_DATABASE(galera_cluster_status), .kind = TEXT_OR_NULL },
	{ OF_DATABASE(galera_state_text), .kind = TEXT_OR_NULL },
	{ OF_DATABASE(galera_ready), .kind = TEXT_OR_NULL },
	{ OF_DATABASE(galera_state), .kind = NUMBER },
	{ OF_DATABASE(galera_size), .kind = NUMBER },
	{ OF_DATABASE(missing), .kind = TEXT_OR_NULL },
	{ OF_DATABASE(missing_count), .kind = COUNT },
	{ OF_DATABASE(errant), .kind = TEXT_OR_NULL },
	{ OF_DATABASE(has_heartbeat_row), .kind = FLAG },
	{ OF_DATABASE(heartbeat_age_s), .kind = SECONDS },
	{ OF_DATABASE(heartbeat_error), .kind = TEXT_OR_NULL },
	{ .name = NULL },
};

static const struct item channel_items[] = {
	{ OF_CHANNEL(name), .kind = TEXT },
	{ OF_CHANNEL(source_host), .kind = TEXT },
	{ OF_CHANNEL(source_port), .kind = NUMBER },
	{ OF_CHANNEL(io), .kind = CHOICE, .choice = thread_text, .choices = THREAD_RUNNING + 1 },
	{ OF_CHANNEL(sql), .kind = CHOICE, .choice = thread_text, .choices = THREAD_RUNNING + 1 },
	{ OF_CHANNEL(has_behind), .kind = FLAG },
	{ OF_CHANNEL(behind_s), .kind = SECONDS },
	{ OF_CHANNEL(delay_s), .kind = SECONDS },
	{ OF_CHANNEL(io_errno), .kind = NUMBER },
	{ OF_CHANNEL(sql_errno), .kind = NUMBER },
	{ OF_CHANNEL(io_error), .kind = TEXT },
	{ OF_CHANNEL(sql_error), .kind = TEXT },
	{ OF_CHANNEL(gtid_received), .kind = TEXT },
	{ OF_CHANNEL(gtid_applied), .kind = TEXT },
	{ OF_CHANNEL(has_heartbeats), .kind = FLAG },
	{ OF_CHANNEL(heartbeats), .kind = COUNT },
	{ OF_CHANNEL(heartbeat_period_s), .kind = PERIOD },
	{ OF_CHANNEL(source_file), .kind = TEXT },
	{ OF_CHANNEL(source_position), .kind = COUNT },
	{ OF_CHANNEL(filters), .kind = TEXT },
	{ .name = NULL },
};

static const struct item past_items[] = {
	{ OF_PAST(known), .kind = FLAG },
	{ OF_PAST(seen_s), .kind = SECONDS },
	{ OF_PAST(heartbeats), .kind = COUNT },
	{ OF_PAST(source_file), .kind = TEXT },
	{ OF_PAST(source_position), .kind = COUNT },
	{ OF_PAST(gtid_received), .kind = TEXT },
	{ .name = NULL },
};
/* clang-format on */

/* --- Writing --------------------------------------------------------------------------------- */

static void add_key(struct text *out, const struct item *item)
{
	text_addf(out, " %s=", item->name);
}

static void add_text(struct text *out, const struct item *item, const char *value)
{
	if (!value || (item->kind == TEXT && !*value))
		return;
	add_key(out, item);
	scenario_add_word(out, value);
}

static void add_count(struct text *out, const struct item *item, uint64_t value)
{
	if (!value)
		return;
	add_key(out, item);
	text_addf(out, "%" PRIu64, value);
}

static void add_choice(struct text *out, const struct item *item, unsigned value)
{
	if (!value)
		return;
	add_key(out, item);
	text_add(out, item->choice(value));
}

static void add_item(struct text *out, const struct item *item, const void *at)
{
	char number[NUMBER_TEXT];

	switch (item->kind) {
	case TEXT:
	case TEXT_OR_NULL:
		add_text(out, item, *(const char *const *)at);
		break;
	case NUMBER:
		add_count(out, item, *(const uint32_t *)at);
		break;
	case COUNT:
		add_count(out, item, *(const uint64_t *)at);
		break;
	case SECONDS:
		if (*(const int64_t *)at > 0)
			add_count(out, item, (uint64_t) * (const int64_t *)at);
		break;
	case FLAG:
		add_count(out, item, *(const bool *)at);
		break;
	case PERIOD:
		if (*(const double *)at > 0)
			text_addf(out, " %s=%s", item->name,
				number_format(*(const double *)at, number));
		break;
	case CHOICE:
		add_choice(out, item, *(const unsigned *)at);
		break;
	}
}

static void add_items(struct text *out, const struct item *items, const void *base)
{
	for (; items->name; items++)
		add_item(out, items, (const char *)base + items->offset);
}

static void write_channels(const struct database *seen, size_t index, struct text *out)
{
	for (size_t i = 0; i < seen->channel_count; i++) {
		text_addf(out, "channel database=%zu", index);
		add_items(out, channel_items, &seen->channels[i]);
		if (seen->past && seen->past[i].known)
			add_items(out, past_items, &seen->past[i]);
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
		add_items(out, database_items, database);
		text_add_byte(out, '\n');
		write_channels(database, i, out);
	}
}

/* --- Reading --------------------------------------------------------------------------------- */

static bool wrong(struct scenario_line *line, const struct item *item)
{
	return fault_set(line->fault, "%s=%s: that can't be", item->name,
		scenario_value(line, item->name));
}

static bool read_choice(const struct item *item, const char *value, unsigned *choice)
{
	for (*choice = 0; *choice < item->choices; (*choice)++) {
		if (!strcmp(item->choice(*choice), value))
			return true;
	}
	return false;
}

static bool read_period(const char *value, double *period)
{
	size_t length = number_span(value);

	*period = length ? strtod(value, NULL) : 0;
	return length && !value[length] && *period < UINT32_MAX;
}

static bool read_item(const struct item *item, const char *value, void *at, struct arena *arena)
{
	uint64_t number;

	switch (item->kind) {
	case TEXT:
	case TEXT_OR_NULL:
		*(const char **)at = arena_string(arena, value);
		return true;
	case NUMBER:
		if (!number_whole(value, 0, UINT32_MAX, &number))
			return false;
		*(uint32_t *)at = (uint32_t)number;
		return true;
	case COUNT:
		return number_whole(value, 0, UINT64_MAX, at);
	case SECONDS:
		if (!number_whole(value, 0, UINT32_MAX, &number))
			return false;
		*(int64_t *)at = (int64_t)number;
		return true;
	case FLAG:
		if (!number_whole(value, 0, 1, &number))
			return false;
		*(bool *)at = number == 1;
		return true;
	case PERIOD:
		return read_period(value, at);
	case CHOICE:
		return read_choice(item, value, at);
	}
	return false;
}

static bool read_items(struct scenario_line *line, const struct item *items, void *base,
	struct arena *arena)
{
	for (; items->name; items++) {
		const char *value = scenario_value(line, items->name);
		void *at = (char *)base + items->offset;

		if (value && !read_item(items, value, at, arena))
			return wrong(line, items);
		if (!value && items->kind == TEXT)
			*(const char **)at = "";
	}
	return true;
}

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

/* Room for one more; it doubles at powers of two. */
static void *one_more(struct arena *arena, void *items, size_t count, size_t size)
{
	char *more;

	if (count & (count - 1))
		return items;
	more = arena_alloc(arena, (count ? 2 * count : 1) * size);
	if (count)
		memcpy(more, items, count * size);
	return more;
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
		!read_items(line, database_items, &database, databases->arena) ||
		!complete(line, &database))
		return false;
	databases->items =
		one_more(databases->arena, databases->items, databases->count, sizeof(database));
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
		!read_items(line, channel_items, &channel, databases->arena) ||
		!read_items(line, past_items, &past, databases->arena))
		return false;
	database = &databases->items[index];
	if (database->channel_count == CHANNELS_MOST)
		return fault_set(line->fault, "more than %d channels", CHANNELS_MOST);
	database->channels = one_more(databases->arena, database->channels, database->channel_count,
		sizeof(channel));
	database->past =
		one_more(databases->arena, database->past, database->channel_count, sizeof(past));
	database->channels[database->channel_count] = channel;
	database->past[database->channel_count++] = past;
	return true;
}
