/* Rows of SHOW REPLICA STATUS: columns by name, in both spellings, whatever the flavour. */
#include <stdlib.h>
#include <string.h>

#include "common/base/number.h"
#include "common/base/text.h"
#include "common/model/database.h"

static int lower(int byte)
{
	return byte >= 'A' && byte <= 'Z' ? byte + ('a' - 'A') : byte;
}

static bool begins(const char *text, const char *word)
{
	for (; *word; text++, word++) {
		if (lower((unsigned char)*text) != *word)
			return false;
	}
	return true;
}

/* Is `seen` the column `wanted`? Old words are read as the new ones. */
static bool same_name(const char *seen, const char *wanted)
{
	while (*seen && *wanted) {
		if (begins(seen, "master") && begins(wanted, "source")) {
			seen += 6;
			wanted += 6;
		} else if (begins(seen, "slave") && begins(wanted, "replica")) {
			seen += 5;
			wanted += 7;
		} else if (lower((unsigned char)*seen++) != *wanted++) {
			return false;
		}
	}
	return !*seen && !*wanted;
}

const char *sql_value(const struct sql_row *row, const char *name)
{
	for (size_t i = 0; i < row->count; i++) {
		if (same_name(row->names[i], name))
			return row->values[i];
	}
	return NULL;
}

static const char *text_of(const struct sql_row *row, const char *name, struct arena *arena)
{
	const char *value = sql_value(row, name);

	return value ? arena_string(arena, value) : "";
}

static bool number_of(const struct sql_row *row, const char *name, uint64_t *number)
{
	const char *value = sql_value(row, name);

	*number = 0;
	return value && number_whole(value, 0, UINT64_MAX, number);
}

static uint32_t small_number_of(const struct sql_row *row, const char *name)
{
	uint64_t number;

	return number_of(row, name, &number) && number <= UINT32_MAX ? (uint32_t)number : 0;
}

static enum thread_state thread_of(const struct sql_row *row, const char *name)
{
	const char *value = sql_value(row, name);

	if (!value)
		return THREAD_UNSEEN;
	if (begins(value, "yes"))
		return THREAD_RUNNING;
	/* MariaDB says "Preparing" before "Connecting". */
	return begins(value, "no") ? THREAD_STOPPED : THREAD_CONNECTING;
}

/* Seconds; what no server can mean (negative, beyond 64 bits) is not known. */
static bool seconds_of(const struct sql_row *row, const char *name, int64_t *seconds)
{
	uint64_t number;
	bool known = number_of(row, name, &number) && number <= INT64_MAX;

	*seconds = known ? (int64_t)number : 0;
	return known;
}

/* The columns that keep something from being replicated, where they are not empty. */
static const char *filters_of(const struct sql_row *row, struct arena *arena)
{
	static const char *const columns[] = { "replicate_do_db", "replicate_ignore_db",
		"replicate_do_table", "replicate_ignore_table", "replicate_wild_do_table",
		"replicate_wild_ignore_table" };
	struct text out = { 0 };
	const char *copy;

	for (size_t i = 0; i < sizeof(columns) / sizeof(*columns); i++) {
		const char *value = sql_value(row, columns[i]);

		if (value && *value)
			text_addf(&out, "%s%s=%s", out.length ? "; " : "", columns[i], value);
	}
	copy = arena_string(arena, text_string(&out));
	text_free(&out);
	return copy;
}

/* MySQL: Channel_Name; MariaDB: Connection_name, in SHOW ALL only. */
static const char *name_of(const struct sql_row *row, struct arena *arena)
{
	return sql_value(row, "channel_name") ? text_of(row, "channel_name", arena)
					      : text_of(row, "connection_name", arena);
}

/* MySQL breaks the lines of its sets. */
static const char *set_of(const struct sql_row *row, const char *name, struct arena *arena)
{
	const char *value = sql_value(row, name);
	char *copy = arena_string(arena, value ? value : ""), *end = copy;

	for (const char *at = copy; *at; at++) {
		if (*at != '\n')
			*end++ = *at;
	}
	*end = '\0';
	return copy;
}

bool channel_is_of_group(const struct channel *channel)
{
	return !strcmp(channel->name, "group_replication_applier") ||
		!strcmp(channel->name, "group_replication_recovery");
}

static void read_gtids(const struct sql_row *row, struct arena *arena, struct channel *channel)
{
	bool mysql = sql_value(row, "retrieved_gtid_set");

	channel->gtid_received = set_of(row, mysql ? "retrieved_gtid_set" : "gtid_io_pos", arena);
	channel->gtid_applied =
		set_of(row, mysql ? "executed_gtid_set" : "gtid_replica_pos", arena);
}

void channel_heartbeats_from_row(const struct sql_row *row, struct channel *channel)
{
	const char *period = sql_value(row, "replica_heartbeat_period");

	channel->has_heartbeats =
		number_of(row, "replica_received_heartbeats", &channel->heartbeats);
	channel->heartbeat_period_s = period ? strtod(period, NULL) : 0;
}

void channel_from_row(const struct sql_row *row, struct arena *arena, struct channel *channel)
{
	*channel = (struct channel){
		.name = name_of(row, arena),
		.source_host = text_of(row, "source_host", arena),
		.source_port = small_number_of(row, "source_port"),
		.io = thread_of(row, "replica_io_running"),
		.sql = thread_of(row, "replica_sql_running"),
		.io_errno = small_number_of(row, "last_io_errno"),
		.sql_errno = small_number_of(row, "last_sql_errno"),
		.io_error = text_of(row, "last_io_error", arena),
		.sql_error = text_of(row, "last_sql_error", arena),
		.source_file = text_of(row, "source_log_file", arena),
		.filters = filters_of(row, arena),
	};
	channel->has_behind = seconds_of(row, "seconds_behind_source", &channel->behind_s);
	seconds_of(row, "sql_delay", &channel->delay_s);
	channel_heartbeats_from_row(row, channel);
	number_of(row, "read_source_log_pos", &channel->source_position);
	read_gtids(row, arena, channel);
}

int64_t channel_lag(const struct channel *channel)
{
	return channel->behind_s > channel->delay_s ? channel->behind_s - channel->delay_s : 0;
}

bool database_lag(const struct database *database, int64_t *lag_s)
{
	bool known = false;

	*lag_s = 0;
	for (size_t i = 0; i < database->channel_count; i++) {
		const struct channel *channel = &database->channels[i];

		if (!channel->has_behind)
			continue;
		known = true;
		if (channel_lag(channel) > *lag_s)
			*lag_s = channel_lag(channel);
	}
	return known;
}

/* A counter that is lower than before was begun anew, which is a sign of life, too. */
bool channel_moved(const struct channel *channel, const struct channel_past *past)
{
	return channel->heartbeats != past->heartbeats ||
		channel->source_position != past->source_position ||
		strcmp(channel->source_file, past->source_file) != 0 ||
		strcmp(channel->gtid_received, past->gtid_received) != 0;
}

const char *thread_state_name(enum thread_state state)
{
	switch (state) {
	case THREAD_UNSEEN:
		return "unknown";
	case THREAD_STOPPED:
		return "no";
	case THREAD_CONNECTING:
		return "connecting";
	case THREAD_RUNNING:
		return "yes";
	}
	return "unknown";
}

const char *database_outcome_name(enum database_outcome outcome)
{
	switch (outcome) {
	case DATABASE_NOT_ASKED:
		return "not_asked";
	case DATABASE_ANSWERED:
		return "answered";
	case DATABASE_UNREACHABLE:
		return "unreachable";
	case DATABASE_TIMEOUT:
		return "timeout";
	case DATABASE_LOGIN_FAILED:
		return "login_failed";
	case DATABASE_TOO_MANY_CLIENTS:
		return "too_many_clients";
	case DATABASE_NO_TLS:
		return "no_tls";
	case DATABASE_FAILED:
		return "failed";
	case DATABASE_OUTCOME_COUNT:
		break;
	}
	return "unknown";
}
