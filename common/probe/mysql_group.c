#include "common/probe/mysql_group.h"

#include <string.h>
#include <strings.h>

#include "common/base/number.h"
#include "common/base/text.h"

struct members {
	struct arena *arena;
	struct database *seen;
	struct text others;
	bool is_one; /* there is a member with an id: one that was never started has none */
};

static const char *value_of(const struct sql_row *row, const char *name)
{
	const char *value = sql_value(row, name);

	return value ? value : "";
}

static void add_other(const struct sql_row *row, struct text *out)
{
	text_addf(out, "%s%s:%s %s", out->length ? ", " : "", value_of(row, "member_host"),
		value_of(row, "member_port"), value_of(row, "member_state"));
}

static void take_member(void *context, const struct sql_row *row)
{
	struct members *members = context;
	struct database *seen = members->seen;
	const char *id = value_of(row, "member_id"), *state = value_of(row, "member_state");
	bool online = !strcasecmp(state, "ONLINE");

	if (*id)
		members->is_one = true;
	seen->group_size++;
	seen->group_online += online;
	seen->group_unreachable += !strcasecmp(state, "UNREACHABLE");
	if (!*id || (seen->uuid && !strcasecmp(id, seen->uuid))) {
		seen->group_state = arena_string(members->arena, state);
		seen->group_role = arena_string(members->arena, value_of(row, "member_role"));
	} else if (!online) {
		add_other(row, &members->others);
	}
}

static void take_error(void *context, const struct sql_row *row)
{
	struct members *members = context;
	uint64_t number;

	if (!number_whole(value_of(row, "number"), 1, UINT32_MAX, &number))
		return;
	members->seen->group_errno = (uint32_t)number;
	members->seen->group_error = arena_string(members->arena, value_of(row, "message"));
}

/* What it failed by: while it copied from another member, or while it applied. */
static void read_errors(struct mysql_session *session, struct members *members)
{
	mysql_ask(session,
		"SELECT LAST_ERROR_NUMBER AS number, LAST_ERROR_MESSAGE AS message "
		"FROM performance_schema.replication_connection_status "
		"WHERE CHANNEL_NAME LIKE 'group_replication%' AND LAST_ERROR_NUMBER <> 0 UNION ALL "
		"SELECT LAST_ERROR_NUMBER, LAST_ERROR_MESSAGE "
		"FROM performance_schema.replication_applier_status_by_worker "
		"WHERE CHANNEL_NAME LIKE 'group_replication%' AND LAST_ERROR_NUMBER <> 0",
		take_error, members);
}

static void take_lag(void *context, const struct sql_row *row)
{
	struct members *members = context;
	uint64_t seconds;

	if (!row->count || !row->values[0] ||
		!number_whole(row->values[0], 0, UINT32_MAX, &seconds))
		return;
	members->seen->has_group_lag = true;
	members->seen->group_lag_s = (int64_t)seconds;
}

/* Since when the oldest transaction that is being applied was committed elsewhere; 5.7 does not
 * know. */
static void read_lag(struct mysql_session *session, struct members *members)
{
	mysql_ask(session,
		"SELECT IFNULL(MAX(GREATEST(0, TIMESTAMPDIFF(SECOND, "
		"APPLYING_TRANSACTION_ORIGINAL_COMMIT_TIMESTAMP, NOW(6)))), 0) AS lag "
		"FROM performance_schema.replication_applier_status_by_worker "
		"WHERE CHANNEL_NAME = 'group_replication_applier' AND APPLYING_TRANSACTION <> ''",
		take_lag, members);
}

static void note_refusal(struct mysql_session *session, struct members *members, uint32_t number)
{
	members->seen->group_errno = number;
	members->seen->group_error = arena_string(members->arena, mysql_session_error(session));
	members->seen->user = mysql_session_user(session, members->arena);
}

static void read_members(struct mysql_session *session, struct members *members)
{
	struct database *seen = members->seen;
	uint32_t number = mysql_ask(session,
		"SELECT * FROM performance_schema.replication_group_members", take_member, members);

	if (members->is_one)
		seen->has_group = true;
	if (!seen->has_group)
		return;
	if (number) {
		note_refusal(session, members, number);
		return;
	}
	if (!seen->group_state) /* which one it is is not known */
		seen->group_state = seen->group_online == seen->group_size ? "ONLINE" : "unknown";
	seen->group_others = arena_string(members->arena, text_string(&members->others));
	if (strcasecmp(seen->group_state, "ONLINE") != 0)
		read_errors(session, members);
	else
		read_lag(session, members);
}

void mysql_group_read(struct mysql_session *session, struct arena *arena, struct database *seen)
{
	struct members members = { .arena = arena, .seen = seen };

	seen->group_role = seen->group_others = seen->group_error = "";
	seen->has_group = seen->group_name && *seen->group_name;
	if (seen->flavour != DATABASE_MYSQL || (!seen->has_group && seen->channel_count))
		return;
	read_members(session, &members);
	text_free(&members.others);
}
