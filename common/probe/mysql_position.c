#include "common/probe/mysql_position.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "common/base/number.h"
#include "common/base/text.h"

enum {
	SYNTAX_ERROR = 1064,
	MOST_VALUES = 3,
	GTID_CUT = GTID_TEXT - 64 /* a list that is longer may have been cut */
};

/* The first values of the last row; NULL where there is none. */
struct values {
	struct arena *arena;
	const char *items[MOST_VALUES];
};

static void take_values(void *context, const struct sql_row *row)
{
	struct values *values = context;

	for (size_t i = 0; i < MOST_VALUES; i++)
		values->items[i] = i < row->count && row->values[i]
			? arena_string(values->arena, row->values[i])
			: NULL;
}

static bool is_on(const char *value)
{
	return value && (!strcasecmp(value, "1") || !strncasecmp(value, "ON", 2));
}

static void fail(struct mysql_position *position, struct mysql_session *session, uint32_t number,
	struct arena *arena)
{
	position->kind = POSITION_UNKNOWN;
	position->error_number = number;
	position->error = arena_string(arena, mysql_session_error(session));
}

/* File and position, by whichever statement the server's version has. */
static void read_file(struct mysql_session *primary, struct arena *arena,
	struct mysql_position *position)
{
	static const char *const statements[] = { "SHOW BINARY LOG STATUS", "SHOW MASTER STATUS" };
	struct values values = { .arena = arena };
	uint32_t number = 0;

	for (size_t i = 0; i < sizeof(statements) / sizeof(*statements); i++) {
		number = mysql_ask(primary, statements[i], take_values, &values);
		if (number != SYNTAX_ERROR)
			break;
	}
	if (number) {
		fail(position, primary, number, arena);
		return;
	}
	if (!values.items[0] || !values.items[1] ||
		!number_whole(values.items[1], 0, UINT64_MAX, &position->offset)) {
		position->error = "it tells no position in its binary log";
		return;
	}
	position->kind = POSITION_FILE;
	position->file = values.items[0];
	position->text = arena_printf(arena, "%s:%s", values.items[0], values.items[1]);
}

/* A server without a binary log has no position; an empty list of GTIDs is one: nothing was written
 * yet. */
static void read_gtids(struct mysql_session *primary, const char *statement,
	enum position_kind kind, struct arena *arena, struct mysql_position *position)
{
	struct values values = { .arena = arena };
	uint32_t number = mysql_ask(primary, statement, take_values, &values);

	if (number) {
		fail(position, primary, number, arena);
		return;
	}
	if (!is_on(values.items[0])) {
		position->error = "it writes no binary log (log_bin is OFF)";
		return;
	}
	if (!is_on(values.items[1])) {
		read_file(primary, arena, position);
		return;
	}
	position->kind = kind;
	position->text = values.items[2] ? values.items[2] : "";
}

void mysql_position_read(struct mysql_session *primary, const struct database *primary_seen,
	const struct database *replica_seen, struct arena *arena, struct mysql_position *position)
{
	*position = (struct mysql_position){ .text = "", .error = "" };
	if (primary_seen->has_galera && replica_seen->has_galera && !replica_seen->channel_count)
		position->kind = POSITION_GALERA;
	else if (primary_seen->flavour != replica_seen->flavour)
		read_file(primary, arena, position);
	else if (primary_seen->flavour == DATABASE_MARIADB)
		read_gtids(primary, "SELECT @@GLOBAL.log_bin, 1, @@GLOBAL.gtid_binlog_pos",
			POSITION_MARIADB_GTID, arena, position);
	else
		read_gtids(primary,
			"SELECT @@GLOBAL.log_bin, @@GLOBAL.gtid_mode, REPLACE(@@GLOBAL.gtid_executed, '\\n', '')",
			POSITION_MYSQL_GTID, arena, position);
}

/* One number, 0 or more: reached; -1 (or, of MySQL's GTIDs, 1): not. NULL: replication does not
 * run.
 */
static enum position_wait ask_wait(struct mysql_session *replica, const char *statement,
	const char *reached, struct arena *arena)
{
	struct values values = { .arena = arena };

	if (mysql_ask(replica, statement, take_values, &values))
		return POSITION_WAIT_FAILED;
	if (!values.items[0])
		return POSITION_NOT_REACHED;
	if (reached)
		return strcmp(values.items[0], reached) ? POSITION_NOT_REACHED : POSITION_REACHED;
	return *values.items[0] == '-' ? POSITION_NOT_REACHED : POSITION_REACHED;
}

/*
 * What it wrote itself when it was the primary is not in gtid_slave_pos, and MASTER_GTID_WAIT()
 * would wait for it for ever: only for what it really lacks. By domain and server, since a write of
 * its own in the same domain hides nothing that is still to come.
 */
static enum position_wait wait_for_mariadb(struct mysql_session *replica,
	const struct mysql_position *position, double seconds, struct arena *arena)
{
	struct values values = { .arena = arena };
	char lacking[GTID_TEXT], unknown[GTID_TEXT];
	const char *have[] = { "", NULL };

	if (mysql_ask(replica, "SELECT @@GLOBAL.gtid_slave_pos, @@GLOBAL.gtid_binlog_state",
		    take_values, &values))
		return POSITION_WAIT_FAILED;
	if (values.items[0])
		have[0] = values.items[0];
	if (!gtid_lacking(position->text, have, lacking) ||
		!gtid_only_in(lacking, values.items[1] ? values.items[1] : "", unknown))
		return POSITION_REACHED;
	return ask_wait(replica,
		arena_printf(arena, "SELECT MASTER_GTID_WAIT('%s', %.3f)",
			mysql_quote(replica, strlen(lacking) < GTID_CUT ? unknown : position->text,
				arena),
			seconds),
		"0", arena);
}

static enum position_wait wait_for_file(struct mysql_session *replica,
	const struct mysql_position *position, const char *channel, double seconds,
	struct arena *arena)
{
	static const char *const functions[] = { "SOURCE_POS_WAIT", "MASTER_POS_WAIT" };
	const char *of =
		channel ? arena_printf(arena, ", '%s'", mysql_quote(replica, channel, arena)) : "";
	enum position_wait result = POSITION_WAIT_FAILED;

	/* 0 would mean: without end. */
	if (seconds < 1)
		seconds = 1;
	for (size_t i = 0; i < sizeof(functions) / sizeof(*functions); i++) {
		result = ask_wait(replica,
			arena_printf(arena, "SELECT %s('%s', %" PRIu64 ", %.0f%s)", functions[i],
				mysql_quote(replica, position->file, arena), position->offset,
				seconds, of),
			NULL, arena);
		if (result != POSITION_WAIT_FAILED)
			break;
	}
	return result;
}

enum position_wait mysql_position_wait(struct mysql_session *replica,
	const struct mysql_position *position, const char *channel, uint32_t timeout_ms,
	struct arena *arena)
{
	double seconds = timeout_ms / 1e3;

	switch (position->kind) {
	case POSITION_MARIADB_GTID:
		return wait_for_mariadb(replica, position, seconds, arena);
	case POSITION_MYSQL_GTID:
		/* 0 would mean: without end. */
		return ask_wait(replica,
			arena_printf(arena, "SELECT WAIT_FOR_EXECUTED_GTID_SET('%s', %.3f)",
				mysql_quote(replica, position->text, arena),
				timeout_ms ? seconds : 0.001),
			"0", arena);
	case POSITION_FILE:
		return wait_for_file(replica, position, channel, seconds, arena);
	case POSITION_GALERA: /* every statement of the session waits for what the cluster knows */
		return mysql_ask(replica, "SET SESSION wsrep_sync_wait=1", take_values,
			       &(struct values){ .arena = arena })
			? POSITION_WAIT_FAILED
			: POSITION_REACHED;
	case POSITION_UNKNOWN:
		break;
	}
	return POSITION_WAIT_FAILED;
}
