#include "common/probe/mysql_status.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/base/clock.h"
#include "common/base/number.h"
#include "common/base/text.h"
#include "common/probe/mysql_group.h"

enum {
	SYNTAX_ERROR = 1064,
	AGAIN_MS = 200, /* between looks at what has arrived */
	AGAIN_MOST_US = 2000000,
	SECOND_US = 1000000,
};

/* All that the thread touches is its own: it may outlive the run. */
struct mysql_status {
	struct mysql_status_probe probe;
	struct arena arena;
	struct database seen, primary;                  /* the thread's */
	struct database replica_result, primary_result; /* the run's */
	bool primary_known;
	struct mysql_session *replica_session, *primary_session;
	pthread_mutex_t lock;
	pthread_cond_t ended;
	bool done;
};

/* --- Variables -----------------------------------------------------------------------------------
 */

struct variables {
	struct arena *arena;
	struct database *seen;
};

/* A row of SHOW VARIABLES or SHOW STATUS: name and value. */
static void take_variable(void *context, const struct sql_row *row)
{
	struct variables *variables = context;
	struct database *seen = variables->seen;
	const struct {
		const char *name;
		const char **text;
	} texts[] = {
		{ "read_only", &seen->read_only },
		{ "query_cache_type", &seen->query_cache },
		{ "gtid_current_pos", &seen->gtid_applied },
		{ "gtid_slave_pos", &seen->gtid_slave_pos },
		{ "gtid_binlog_pos", &seen->gtid_binlog },
		{ "gtid_binlog_state", &seen->gtid_state },
		{ "gtid_executed", &seen->gtid_applied },
		{ "server_uuid", &seen->uuid },
		{ "group_replication_group_name", &seen->group_name },
		{ "wsrep_cluster_status", &seen->galera_cluster_status },
		{ "wsrep_local_state_comment", &seen->galera_state_text },
		{ "wsrep_ready", &seen->galera_ready },
	};
	const struct {
		const char *name;
		uint32_t *number;
	} numbers[] = {
		{ "server_id", &seen->server_id },
		{ "wsrep_local_state", &seen->galera_state },
		{ "wsrep_cluster_size", &seen->galera_size },
	};
	uint64_t number;

	if (row->count < 2 || !row->values[0] || !row->values[1])
		return;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		if (!strcasecmp(row->values[0], texts[i].name))
			*texts[i].text = arena_string(variables->arena, row->values[1]);
	}
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		if (!strcasecmp(row->values[0], numbers[i].name) &&
			number_whole(row->values[1], 0, UINT32_MAX, &number))
			*numbers[i].number = (uint32_t)number;
	}
	if (!strcasecmp(row->values[0], "wsrep_on"))
		seen->has_galera = !strcasecmp(row->values[1], "ON");
}

static void read_variables(struct mysql_session *session, struct arena *arena,
	struct database *seen)
{
	struct variables variables = { arena, seen };

	mysql_ask(session,
		"SHOW GLOBAL VARIABLES WHERE Variable_name IN ('server_id', 'read_only', 'query_cache_type', "
		"'gtid_current_pos', 'gtid_slave_pos', 'gtid_binlog_pos', 'gtid_binlog_state', 'gtid_executed', 'wsrep_on', "
		"'server_uuid', 'group_replication_group_name')",
		take_variable, &variables);
	if (seen->flavour == DATABASE_MYSQL)
		seen->gtid_binlog = seen->gtid_applied;
	if (!seen->has_galera)
		return;
	seen->galera_cluster_status = seen->galera_state_text = seen->galera_ready = "?";
	mysql_ask(session,
		"SHOW GLOBAL STATUS WHERE Variable_name IN ('wsrep_cluster_status', 'wsrep_local_state', "
		"'wsrep_local_state_comment', 'wsrep_ready', 'wsrep_cluster_size')",
		take_variable, &variables);
}

/* --- Channels ------------------------------------------------------------------------------------
 */

struct channels {
	struct arena *arena;
	const char *only; /* NULL: all */
	struct channel *items;
	size_t count, capacity;
};

static void take_channel(void *context, const struct sql_row *row)
{
	struct channels *channels = context;
	struct channel channel;

	channel_from_row(row, channels->arena, &channel);
	if (channels->only ? strcmp(channel.name, channels->only) != 0
			   : channel_is_of_group(&channel))
		return;
	if (channels->count == channels->capacity) {
		size_t capacity = channels->capacity ? 2 * channels->capacity : 4;
		struct channel *items = arena_array(channels->arena, capacity, sizeof(*items));

		if (channels->count)
			memcpy(items, channels->items, channels->count * sizeof(*items));
		channels->items = items;
		channels->capacity = capacity;
	}
	channels->items[channels->count++] = channel;
}

static void take_text(void *context, const struct sql_row *row)
{
	struct text *text = context;

	text_cut(text, 0);
	if (row->count && row->values[0])
		text_add(text, row->values[0]);
}

static const char *ask_text(struct mysql_session *session, const char *statement,
	struct arena *arena)
{
	struct text text = { 0 };
	const char *copy = NULL;

	if (!mysql_ask(session, statement, take_text, &text) && text.length)
		copy = arena_string(arena, text_string(&text));
	text_free(&text);
	return copy;
}

static void take_heartbeats(void *context, const struct sql_row *row)
{
	struct channels *channels = context;
	const char *name = sql_value(row, "channel_name");

	for (size_t i = 0; name && i < channels->count; i++) {
		if (!strcmp(channels->items[i].name, name))
			channel_heartbeats_from_row(row, &channels->items[i]);
	}
}

/* MySQL keeps them apart (5.7 and later), and a user may be without the right to see them: then
 * they are not known. */
static void read_heartbeats(struct mysql_session *session, struct channels *channels)
{
	if (channels->count)
		mysql_ask(session,
			"SELECT s.CHANNEL_NAME AS channel_name, s.COUNT_RECEIVED_HEARTBEATS AS replica_received_heartbeats, "
			"c.HEARTBEAT_INTERVAL AS replica_heartbeat_period FROM performance_schema.replication_connection_status s "
			"JOIN performance_schema.replication_connection_configuration c ON c.CHANNEL_NAME = s.CHANNEL_NAME",
			take_heartbeats, channels);
}

/*
 * Every version by one path: what the server does not know is a syntax error, and then the next
 * form is tried. Only SHOW ALL has MariaDB's named channels and heartbeats.
 */
static void read_channels(struct mysql_session *session, const char *only, struct arena *arena,
	struct database *seen)
{
	static const char *const statements[] = { "SHOW ALL REPLICAS STATUS",
		"SHOW ALL SLAVES STATUS", "SHOW REPLICA STATUS", "SHOW SLAVE STATUS" };
	struct channels channels = { .arena = arena, .only = only };

	/* No MySQL has ever known SHOW ALL. */
	for (size_t i = seen->flavour == DATABASE_MYSQL ? 2 : 0;
		i < sizeof(statements) / sizeof(*statements); i++) {
		channels.count = 0;
		seen->status_errno = mysql_ask(session, statements[i], take_channel, &channels);
		if (seen->status_errno != SYNTAX_ERROR)
			break;
	}
	if (!seen->status_errno && seen->flavour == DATABASE_MYSQL)
		read_heartbeats(session, &channels);
	seen->channels = channels.items;
	seen->channel_count = seen->status_errno ? 0 : channels.count;
	if (!seen->status_errno)
		return;
	seen->status_error = arena_string(arena, mysql_session_error(session));
	seen->user = mysql_session_user(session, arena);
}

/* --- Compared with the primary -------------------------------------------------------------------
 */

/* What the server itself computes, since its sets have a grammar of their own. NULL: it can't. */
static const char *subtract(struct mysql_session *session, const char *all, const char *without,
	struct arena *arena)
{
	struct text statement = { 0 };
	const char *result;

	text_addf(&statement, "SELECT REPLACE(GTID_SUBTRACT('%s', '%s'), '\\n', '')",
		mysql_quote(session, all, arena), mysql_quote(session, without, arena));
	result = ask_text(session, text_string(&statement), arena);
	text_free(&statement);
	return result ? result : "";
}

/* What has arrived, by channel, and what was applied. */
static const char *const *received_lists(const struct database *seen, struct arena *arena)
{
	const char **lists = arena_array(arena, seen->channel_count + 2, sizeof(*lists));
	size_t count = 0;

	for (size_t i = 0; i < seen->channel_count; i++)
		lists[count++] = seen->channels[i].gtid_received;
	lists[count] = seen->gtid_slave_pos ? seen->gtid_slave_pos : seen->gtid_applied;
	if (!lists[count])
		lists[count] = "";
	return lists;
}

static void find_missing(struct mysql_status *job, const char *wanted)
{
	struct database *seen = &job->seen;
	const char *const *lists = received_lists(seen, &job->arena);

	if (seen->flavour == DATABASE_MARIADB) {
		char out[GTID_TEXT];

		seen->missing_count = gtid_lacking(wanted, lists, out);
		seen->missing = arena_string(&job->arena, out);
		return;
	}
	for (; *lists && *wanted; lists++)
		wanted = subtract(job->replica_session, wanted, *lists, &job->arena);
	seen->missing = wanted;
	seen->missing_count = gtid_set_size(wanted);
}

/* Is it known why transactions are missing: a thread that does not run? */
static bool is_broken(const struct database *seen)
{
	for (size_t i = 0; i < seen->channel_count; i++) {
		if (seen->channels[i].io != THREAD_RUNNING)
			return true;
	}
	return seen->channel_count == 0;
}

/* Transactions that the primary had a moment ago may be on their way: they get two seconds. */
static void wait_for_missing(struct mysql_status *job, const char *wanted)
{
	int64_t until_us = clock_monotonic_us() + AGAIN_MOST_US;
	const struct timespec pause = { .tv_nsec = AGAIN_MS * 1000000L };

	if (until_us > job->probe.deadline_us - SECOND_US / 2)
		until_us = job->probe.deadline_us - SECOND_US / 2;
	find_missing(job, wanted);
	while (*job->seen.missing && !is_broken(&job->seen) && clock_monotonic_us() < until_us) {
		nanosleep(&pause, NULL);
		read_channels(job->replica_session, job->probe.channel, &job->arena, &job->seen);
		find_missing(job, wanted);
	}
	if (is_broken(&job->seen))
		job->seen.missing = NULL;
}

/* The replica's state was read before the primary's is read again: nothing that came from there can
 * look as if it had not. */
static void find_errant(struct mysql_status *job)
{
	struct database *seen = &job->seen, *primary = &job->primary;
	char out[GTID_TEXT];

	/* Members of a group write on their own; one that strays is not let in. Nodes of Galera
	 * number each other's transactions anew, unless wsrep_gtid_mode says otherwise. */
	if (seen->has_group || (seen->has_galera && !seen->channel_count))
		return;
	read_variables(job->primary_session, &job->arena, primary);
	if (seen->flavour == DATABASE_MYSQL) {
		if (seen->gtid_applied && primary->gtid_applied)
			seen->errant = subtract(job->replica_session, seen->gtid_applied,
				primary->gtid_applied, &job->arena);
	} else if (seen->gtid_state && primary->gtid_state) {
		gtid_only_in(seen->gtid_state, primary->gtid_state, out);
		seen->errant = arena_string(&job->arena, out);
	}
}

/* Without a primary to compare with: the last transaction is this server's own. */
static void find_own_writes(struct mysql_status *job)
{
	struct database *seen = &job->seen;
	char out[GTID_TEXT];

	if (seen->flavour != DATABASE_MARIADB || !seen->gtid_applied || !seen->gtid_slave_pos ||
		seen->channel_count == 0)
		return;
	gtid_only_in(seen->gtid_applied, seen->gtid_slave_pos, out);
	seen->errant = arena_string(&job->arena, out);
}

/* --- pt-heartbeat's table ------------------------------------------------------------------------
 */

/* A name that needs no more than backticks: letters, digits, _ and $, one dot. */
static void read_heartbeat_table(struct mysql_status *job)
{
	const char *table = job->probe.heartbeat_table, *dot = strchr(table, '.'), *age;
	struct text statement = { 0 };
	uint64_t seconds;

	text_addf(&statement,
		"SELECT GREATEST(0, TIMESTAMPDIFF(SECOND, MAX(ts), %s(6))) FROM `%.*s`.`%s`",
		job->probe.heartbeat_utc ? "UTC_TIMESTAMP" : "NOW", (int)(dot - table), table,
		dot + 1);
	age = ask_text(job->replica_session, text_string(&statement), &job->arena);
	if (age && number_whole(age, 0, UINT32_MAX, &seconds)) {
		job->seen.has_heartbeat_row = true;
		job->seen.heartbeat_age_s = (int64_t)seconds;
	} else {
		job->seen.heartbeat_error = *mysql_session_error(job->replica_session)
			? arena_string(&job->arena, mysql_session_error(job->replica_session))
			: "it holds no row with a time (ts)";
		job->seen.user = mysql_session_user(job->replica_session, &job->arena);
	}
	text_free(&statement);
}

/* --- The thread ----------------------------------------------------------------------------------
 */

static struct mysql_session *begin(struct arena *arena, const struct mysql_source *source,
	int64_t deadline_us, struct database *seen)
{
	struct mysql_session *session = mysql_session_open(source, deadline_us, arena, seen);

	if (seen->outcome == DATABASE_ANSWERED)
		read_variables(session, arena, seen);
	return session;
}

/* First, so that what it has now must be known to the replica soon; a silent one leaves more than
 * half of the time to the replica. */
static void look_at_primary(struct mysql_status *job)
{
	int64_t now_us = clock_monotonic_us();

	job->primary_session = begin(&job->arena, &job->probe.primary,
		now_us + (job->probe.deadline_us - now_us) * 2 / 5, &job->primary);
	pthread_mutex_lock(&job->lock);
	job->primary_result = job->primary;
	job->primary_known = true;
	pthread_mutex_unlock(&job->lock);
}

static void look(struct mysql_status *job)
{
	const struct mysql_status_probe *probe = &job->probe;
	bool compare;

	if (probe->compare)
		look_at_primary(job);
	job->replica_session = begin(&job->arena, &probe->source, probe->deadline_us, &job->seen);
	if (job->seen.outcome != DATABASE_ANSWERED)
		return;
	read_channels(job->replica_session, probe->channel, &job->arena, &job->seen);
	if (!probe->channel)
		mysql_group_read(job->replica_session, &job->arena, &job->seen);
	compare = probe->compare && job->primary.outcome == DATABASE_ANSWERED;
	if (compare && job->primary.gtid_binlog)
		wait_for_missing(job, job->primary.gtid_binlog);
	if (compare)
		find_errant(job);
	else
		find_own_writes(job);
	if (probe->heartbeat_table)
		read_heartbeat_table(job);
	if (probe->ask_zones)
		job->seen.zones =
			mysql_zones_read(job->replica_session, &probe->zones, &job->arena);
}

static void *run_job(void *context)
{
	struct mysql_status *job = context;

	look(job);
	if (job->primary_session)
		mysql_session_close(job->primary_session);
	if (job->replica_session)
		mysql_session_close(job->replica_session);
	mysql_session_thread_end();
	pthread_mutex_lock(&job->lock);
	job->done = true;
	pthread_cond_signal(&job->ended);
	pthread_mutex_unlock(&job->lock);
	return NULL;
}

/* --- The run's side ------------------------------------------------------------------------------
 */

static void copy_source(struct mysql_source *source, struct arena *arena)
{
	const char **texts[] = { &source->host, &source->socket, &source->user,
		&source->defaults_file, &source->defaults_group, &source->from };

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		if (*texts[i])
			*texts[i] = arena_string(arena, *texts[i]);
	}
}

static struct mysql_status *make_job(const struct mysql_status_probe *probe)
{
	struct mysql_status *job = calloc(1, sizeof(*job));
	pthread_condattr_t monotonic;

	if (!job)
		out_of_memory();
	job->probe = *probe;
	copy_source(&job->probe.source, &job->arena);
	copy_source(&job->probe.primary, &job->arena);
	if (probe->channel)
		job->probe.channel = arena_string(&job->arena, probe->channel);
	if (probe->heartbeat_table)
		job->probe.heartbeat_table = arena_string(&job->arena, probe->heartbeat_table);
	mysql_zones_copy(&job->probe.zones, &job->arena);
	pthread_mutex_init(&job->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&job->ended, &monotonic);
	pthread_condattr_destroy(&monotonic);
	return job;
}

/* False at the deadline. */
static bool wait_for(struct mysql_status *job)
{
	struct timespec until = { .tv_sec = job->probe.deadline_us / SECOND_US,
		.tv_nsec = job->probe.deadline_us % SECOND_US * 1000 };
	bool done;

	pthread_mutex_lock(&job->lock);
	while (!job->done && pthread_cond_timedwait(&job->ended, &job->lock, &until) != ETIMEDOUT)
		;
	done = job->done;
	pthread_mutex_unlock(&job->lock);
	return done;
}

static struct database silent(void)
{
	return (struct database){ .outcome = DATABASE_TIMEOUT,
		.error = "no answer before the deadline" };
}

struct mysql_status *mysql_status_observe(const struct mysql_status_probe *probe)
{
	struct mysql_status *job = make_job(probe);
	pthread_t thread;
	bool done = false;

	mysql_session_prepare();
	if (pthread_create(&thread, NULL, run_job, job))
		out_of_memory();
	done = wait_for(job);
	if (done)
		pthread_join(thread, NULL);
	else
		pthread_detach(thread);
	pthread_mutex_lock(&job->lock);
	job->replica_result = done ? job->seen : silent();
	if (!job->primary_known)
		job->primary_result = silent();
	else if (done)
		job->primary_result = job->primary;
	pthread_mutex_unlock(&job->lock);
	return job;
}

const struct database *mysql_status_replica(const struct mysql_status *job)
{
	return &job->replica_result;
}

const struct database *mysql_status_primary(const struct mysql_status *job)
{
	return job->probe.compare ? &job->primary_result : NULL;
}

/* What a thread still works on is left to it. */
void mysql_status_end(struct mysql_status *job, struct arena *owner)
{
	bool done;

	pthread_mutex_lock(&job->lock);
	done = job->done;
	pthread_mutex_unlock(&job->lock);
	if (!done)
		return;
	pthread_cond_destroy(&job->ended);
	pthread_mutex_destroy(&job->lock);
	arena_join(owner, &job->arena);
	free(job);
}
