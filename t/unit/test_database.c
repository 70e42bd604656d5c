/* Replicas as real servers showed them, and what is to be said of each. */
#include <stdlib.h>

#include "common/judge/database.h"
#include "t/unit/tap.h"

enum { NOW = 1000000, MOST_COLUMNS = 80, MOST_ROWS = 4, FILE_MOST = 16384 };

struct capture {
	char bytes[FILE_MOST];
	const char *names[MOST_ROWS][MOST_COLUMNS], *values[MOST_ROWS][MOST_COLUMNS];
	struct sql_row rows[MOST_ROWS];
	size_t row_count;
};

static void take_line(struct capture *capture, char *line)
{
	char *colon = strstr(line, ": ");
	struct sql_row *row;
	size_t at;

	if (!strncmp(line, "*****", 5)) {
		row = &capture->rows[capture->row_count];
		row->names = capture->names[capture->row_count];
		row->values = capture->values[capture->row_count++];
		return;
	}
	if (!colon || *line == '#' || !capture->row_count)
		return;
	*colon = '\0';
	row = &capture->rows[capture->row_count - 1];
	at = row->count++;
	capture->names[capture->row_count - 1][at] = line + strspn(line, " ");
	capture->values[capture->row_count - 1][at] = strcmp(colon + 2, "NULL") ? colon + 2 : NULL;
}

/* The \G form, of a file in t/data. */
static bool read_capture(const char *name, struct capture *capture)
{
	const char *top = getenv("SRCDIR");
	char path[512];
	FILE *file;
	size_t length;

	*capture = (struct capture){ .row_count = 0 };
	snprintf(path, sizeof(path), "%s/t/data/mariadb-10.11/%s.txt", top ? top : ".", name);
	file = fopen(path, "r");
	if (!file)
		return false;
	length = fread(capture->bytes, 1, sizeof(capture->bytes) - 1, file);
	fclose(file);
	capture->bytes[length] = '\0';
	for (char *line = strtok(capture->bytes, "\n"); line; line = strtok(NULL, "\n"))
		take_line(capture, line);
	return capture->row_count > 0;
}

static const struct {
	const char *file, *codes, *text; /* codes in the order said; text: part of the first */
	int64_t lag_s;                   /* -1: not known */
} stories[] = {
	{ "00-healthy", "", "", 0 },
	{ "01-dupkey-1062", "replica_sql_error", "error 1062: ", -1 },
	{ "01b-missing-row-1032", "replica_sql_error", "error 1032: ", -1 },
	{ "02-io-1045", "replica_io_connecting", "error 1045: ", -1 },
	{ "03-io-2003", "replica_io_connecting", "error 2003: ", -1 },
	{ "04-stop-slave", "replica_io_stopped replica_sql_stopped",
		"nothing arrives from 127.0.0.1:13306 (no error", -1 },
	{ "05-sql-thread-stopped", "replica_sql_stopped", "nothing is applied (no error", -1 },
	{ "06-io-thread-stopped", "replica_io_stopped", "(no error", -1 },
	{ "07a-prefreeze", "", "", 0 },
	{ "07c-freeze-45s", "replica_io_connecting",
		"can't connect to the primary 127.0.0.1:", -1 },
	{ "08a-delay30-idle", "", "", 0 },
	{ "08b-delay30-pending", "", "", 0 },
	{ "09b-errant-then-primary-write", "replica_sql_error", "error 1950: ", -1 },
	{ "12-filtered", "replica_filtered", "replicate_ignore_table=pdns.records", 0 },
	{ "13-skip-slave-start", "replica_io_stopped replica_sql_stopped", "(no error", -1 },
	{ "20-multisource", "replica_io_connecting", "channel m2: the IO thread can't connect", 0 },
	{ "21-purged-1236", "replica_io_stopped", "error 1236: ", -1 },
};

static const struct policy policy = {
	.lag_warning = { .end = 60, .set = true },
	.lag_critical = { .end = 600, .set = true },
	.timeout_result = SEVERITY_UNKNOWN,
};

static struct database_facts facts_of(const struct database *seen)
{
	return (struct database_facts){ .seen = seen,
		.name = "db2.example.com",
		.schema = "pdns",
		.policy = &policy,
		.now_s = NOW };
}

static void codes_of(const struct findings *findings, char *out, size_t size)
{
	*out = '\0';
	for (size_t i = 0; i < findings->count; i++)
		snprintf(out + strlen(out), size - strlen(out), "%s%s", i ? " " : "",
			finding_kinds[findings->items[i].code].code);
}

static void judged(const struct database_facts *facts, struct findings *findings, const char *codes,
	const char *name)
{
	char said[512];

	judge_database(facts, findings);
	codes_of(findings, said, sizeof(said));
	is_string(said, codes, name);
}

static void read_database(const char *name, struct arena *arena, struct database *database)
{
	struct capture capture;

	ok(read_capture(name, &capture), "%s: is there", name);
	*database = (struct database){ .outcome = DATABASE_ANSWERED,
		.flavour = DATABASE_MARIADB,
		.version = "10.11.6-MariaDB",
		.version_number = 101106,
		.user = "mon@%" };
	database->channel_count = capture.row_count;
	database->channels = arena_array(arena, capture.row_count, sizeof(struct channel));
	for (size_t i = 0; i < capture.row_count; i++)
		channel_from_row(&capture.rows[i], arena, &database->channels[i]);
}

static void tell(size_t index)
{
	struct arena arena = { 0 };
	struct database database;
	struct findings findings = { 0 };
	struct database_facts facts = facts_of(&database);
	int64_t lag_s;

	read_database(stories[index].file, &arena, &database);
	judged(&facts, &findings, stories[index].codes, stories[index].file);
	if (findings.count)
		ok(strstr(findings.items[0].text, stories[index].text), "%s: %s",
			stories[index].file, findings.items[0].text);
	for (size_t i = 0; i < findings.count; i++)
		ok(findings.items[i].advice, "%s: advice: %s", stories[index].file,
			findings.items[i].advice ? findings.items[i].advice : "none");
	if (!database_lag(&database, &lag_s))
		lag_s = -1;
	is_integer(lag_s, stories[index].lag_s, stories[index].file);
	database.channels->has_behind = true;
	database.channels->behind_s = 99;
	database.channels->delay_s = 0;
	ok(database_lag(&database, &lag_s) && lag_s == 99, "%s: the largest lag",
		stories[index].file);
	findings_free(&findings);
	arena_free(&arena);
}

/* Seconds after the network froze, the replica still says Yes/Yes/0. */
static void tell_freeze(void)
{
	struct arena arena = { 0 };
	struct database before, after;
	struct channel_past past;
	struct findings findings = { 0 };
	struct database_facts facts = facts_of(&after);
	static const struct {
		int64_t ago_s;
		const char *codes;
	} ages[] = { { 5, "" }, { 30, "" }, { 32, "replica_heartbeat_stalled" } };

	read_database("07a-prefreeze", &arena, &before);
	read_database("07b-freeze-12s", &arena, &after);
	past = (struct channel_past){ .known = true,
		.heartbeats = before.channels->heartbeats,
		.source_file = before.channels->source_file,
		.source_position = before.channels->source_position,
		.gtid_received = before.channels->gtid_received };
	after.past = &past;
	for (size_t i = 0; i < sizeof(ages) / sizeof(*ages); i++) {
		past.seen_s = NOW - ages[i].ago_s;
		judged(&facts, &findings, ages[i].codes, "frozen: nothing came for a while");
		findings_free(&findings);
	}
	past.heartbeats--;
	judge_database(&facts, &findings);
	is_integer((int64_t)findings.count, 0, "a heartbeat came: not frozen");
	findings_free(&findings);
	arena_free(&arena);
}

/* The same row by the names of MySQL 8.4. */
static void tell_spellings(void)
{
	static const char *const names[] = { "Channel_Name", "Source_Host", "Source_Port",
		"Replica_IO_Running", "Replica_SQL_Running", "Seconds_Behind_Source", "SQL_Delay",
		"Retrieved_Gtid_Set", "Executed_Gtid_Set" };
	static const char *const values[] = { "x", "db1", "3306", "Yes", "Yes", "700", "30",
		"3E11FA47-71CA-11E1-9E33-C80AA9429562:1-5,\n4E11FA47-71CA-11E1-9E33-C80AA9429562:7",
		"" };
	struct sql_row row = { names, values, sizeof(names) / sizeof(*names) };
	struct arena arena = { 0 };
	struct channel channel;
	struct database database = { .outcome = DATABASE_ANSWERED,
		.channels = &channel,
		.channel_count = 1 };
	struct database_facts facts = facts_of(&database);
	struct findings findings = { 0 };

	channel_from_row(&row, &arena, &channel);
	is_string(channel.name, "x", "channel");
	is_integer(channel.source_port, 3306, "port");
	ok(channel.io == THREAD_RUNNING && channel.sql == THREAD_RUNNING, "both run");
	is_string(channel.gtid_received,
		"3E11FA47-71CA-11E1-9E33-C80AA9429562:1-5,4E11FA47-71CA-11E1-9E33-C80AA9429562:7",
		"received, in one line");
	judge_database(&facts, &findings);
	is_integer((int64_t)findings.count, 1, "behind");
	is_string(findings.items[0].text,
		"channel x: 11m 10s behind the primary, besides the configured delay of 30s",
		"the delay is subtracted");
	is_integer(findings.items[0].severity, SEVERITY_CRITICAL, "critical");
	findings_free(&findings);
	arena_free(&arena);
}

static void tell_gtids(void)
{
	char out[GTID_TEXT];
	const char *received[] = { "0-1-30", "1-5-7", NULL };

	is_integer((int64_t)gtid_lacking("0-1-30", received, out), 0, "all is there");
	is_integer((int64_t)gtid_lacking("0-1-34,1-5-8,2-1-1", received, out), 6, "three lack");
	is_string(out, "0-1-34,1-5-8,2-1-1", "which");
	is_integer((int64_t)gtid_only_in("0-2-42,0-1-43", "0-1-43", out), 1, "an errant one");
	is_string(out, "0-2-42", "that of the replica");
	is_integer((int64_t)gtid_only_in("0-2-9,0-1-43", "0-1-99,0-2-9", out), 0,
		"an old primary's own are no errant ones");
	is_integer((int64_t)gtid_only_in("rubbish", "", out), 0, "rubbish is nothing");
	is_integer((int64_t)gtid_set_size("3E11FA47-71CA-11E1-9E33-C80AA9429562:1-5:7,\n"
					  "4E11FA47-71CA-11E1-9E33-C80AA9429562:tag:3"),
		7, "the size of a set");
	is_integer((int64_t)gtid_set_size(""), 0, "of none");
}

static void tell_filters(void)
{
	static const struct {
		const char *column, *value;
		bool touches, unknown; /* the schema: then a table's name is all there is */
	} filters[] = {
		{ "Replicate_Ignore_Table", "any.records", true, true },
		{ "Replicate_Ignore_Table", "any.shops", false, true },
		{ "Replicate_Wild_Ignore_Table", "any.rec%", true, true },
		{ "Replicate_Wild_Ignore_Table", "any.%x", false, true },
		{ "Replicate_Do_DB", "any", false, true },
		{ "Replicate_Ignore_Table", "mysql.user", false, false },
		{ "Replicate_Ignore_Table", "other.records", false, false },
		{ "Replicate_Do_DB", "shop,pdns", false, false },
		{ "Replicate_Do_DB", "shop", true, false },
		{ "Replicate_Ignore_DB", "shop,pdns", true, false },
		{ "Replicate_Ignore_DB", "pdns2", false, false },
		{ "Replicate_Wild_Ignore_Table", "pdns.rec%", true, false },
		{ "Replicate_Wild_Ignore_Table", "mysql.%", false, false },
		{ "Replicate_Wild_Do_Table", "pdns.%", false, false },
		{ "Replicate_Wild_Do_Table", "pdns.records", true, false },
		{ "Replicate_Wild_Do_Table", "p_ns.%", false, false },
		{ "Replicate_Wild_Ignore_Table", "p\\_ns.%", false, false },
		{ "Replicate_Do_Table", "pdns.domains,pdns.records", true, false },
	};

	for (size_t i = 0; i < sizeof(filters) / sizeof(*filters); i++) {
		const char *names[] = { filters[i].column, "Slave_IO_Running", "Slave_SQL_Running",
			"Seconds_Behind_Master" };
		const char *values[] = { filters[i].value, "Yes", "Yes", "0" };
		struct sql_row row = { names, values, 4 };
		struct arena arena = { 0 };
		struct channel channel;
		struct database database = { .outcome = DATABASE_ANSWERED,
			.channels = &channel,
			.channel_count = 1 };
		struct database_facts facts = facts_of(&database);
		struct findings findings = { 0 };

		if (filters[i].unknown)
			facts.schema = NULL;
		channel_from_row(&row, &arena, &channel);
		judge_database(&facts, &findings);
		ok(findings.count == filters[i].touches, "%s=%s", filters[i].column,
			filters[i].value);
		findings_free(&findings);
		arena_free(&arena);
	}
}

#define GROUP(state, role, others)                                                                 \
	.has_group = true, .group_state = (state), .group_role = (role), .group_others = (others)

/* Databases that do not tell, or not well. */
static const struct {
	struct database seen;
	enum database_role expected;
	const char *codes, *text, *advice;
} accesses[] = {
	{ { .outcome = DATABASE_UNREACHABLE, .error_number = 2003, .error = "refused" },
		DATABASE_IS_REPLICA, "database_unreachable",
		"can't be reached: error 2003: refused", "systemctl status" },
	{ { .outcome = DATABASE_TIMEOUT, .error = "no answer" }, DATABASE_IS_REPLICA,
		"database_unreachable", "does not answer: no answer", "ss -lntp" },
	{ { .outcome = DATABASE_TOO_MANY_CLIENTS, .error_number = 1040, .error = "many" },
		DATABASE_IS_REPLICA, "database_unreachable", "takes no more connections", "ss" },
	{ { .outcome = DATABASE_FAILED, .error_number = 2013, .error = "lost" },
		DATABASE_IS_PRIMARY, "database_unreachable", "can't be asked", "ss" },
	{ { .outcome = DATABASE_LOGIN_FAILED, .error_number = 1045, .error = "denied" },
		DATABASE_IS_REPLICA, "database_login_failed", "error 1045", "--tls-required" },
	{ { .outcome = DATABASE_NO_TLS, .error = "" }, DATABASE_IS_REPLICA, "database_no_tls",
		"not encrypted", "ssl_cert" },
	{ { .outcome = DATABASE_NO_TLS,
		  .error_number = 2026,
		  .error = "certificate",
		  .address.port = 3307 },
		DATABASE_IS_REPLICA, "database_no_tls", "can't be encrypted: error 2026",
		"s_client -starttls mysql -connect db2.example.com:3307" },
	{ { .outcome = DATABASE_NOT_ASKED, .error = "" }, DATABASE_IS_REPLICA, "deadline_reached",
		"not asked", NULL },
	{ { .outcome = DATABASE_ANSWERED,
		  .status_errno = 1227,
		  .status_error = "denied",
		  .user = "'mon'@'%'",
		  .flavour = DATABASE_MYSQL,
		  .version_number = 80400 },
		DATABASE_IS_REPLICA, "privilege_missing", "error 1227",
		"GRANT REPLICATION CLIENT ON *.* TO 'mon'@'%'" },
	{ { .outcome = DATABASE_ANSWERED,
		  .status_errno = 1227,
		  .status_error = "denied",
		  .user = "'mon'@'%'",
		  .flavour = DATABASE_MARIADB,
		  .version_number = 100505 },
		DATABASE_IS_REPLICA, "privilege_missing", "error 1227",
		"GRANT REPLICATION SLAVE ADMIN" },
	{ { .outcome = DATABASE_ANSWERED, .status_errno = 1047, .status_error = "WSREP" },
		DATABASE_IS_REPLICA, "replica_lag_unknown", "error 1047: WSREP",
		"SHOW SLAVE STATUS" },
	{ { .outcome = DATABASE_ANSWERED }, DATABASE_IS_REPLICA, "replica_not_configured",
		"it is no replica", "--expect=primary" },
	{ { .outcome = DATABASE_ANSWERED }, DATABASE_IS_PRIMARY, "", "", NULL },
	{ { .outcome = DATABASE_ANSWERED, .status_errno = 1227, .status_error = "denied" },
		DATABASE_IS_PRIMARY, "", "", NULL },
	{ { .outcome = DATABASE_ANSWERED }, DATABASE_IS_GALERA, "galera_not_ready",
		"no Galera node", "wsrep_%" },
	{ { .outcome = DATABASE_ANSWERED,
		  .has_galera = true,
		  .galera_cluster_status = "Primary",
		  .galera_state = 4,
		  .galera_state_text = "Synced",
		  .galera_ready = "ON",
		  .galera_size = 3 },
		DATABASE_IS_GALERA, "", "", NULL },
	{ { .outcome = DATABASE_ANSWERED,
		  .has_galera = true,
		  .galera_cluster_status = "non-Primary",
		  .galera_state = 0,
		  .galera_state_text = "Initialized",
		  .galera_ready = "OFF",
		  .galera_size = 1 },
		DATABASE_IS_GALERA,
		"galera_not_primary galera_not_synced galera_not_ready galera_size",
		"without quorum", "pc.bootstrap=YES" },
	{ { .outcome = DATABASE_ANSWERED,
		  .has_galera = true,
		  .galera_cluster_status = "Primary",
		  .galera_state = 2,
		  .galera_state_text = "Donor/Desynced",
		  .galera_ready = "ON",
		  .galera_size = 3 },
		DATABASE_IS_GALERA, "galera_not_synced", "Donor/Desynced", "wsrep_desync=OFF" },
	{ { .outcome = DATABASE_ANSWERED }, DATABASE_IS_GROUP, "group_member_not_online",
		"no member of a group", "replication_group_members" },
	{ { .outcome = DATABASE_ANSWERED,
		  GROUP("ONLINE", "SECONDARY", ""),
		  .group_size = 3,
		  .group_online = 3 },
		DATABASE_IS_REPLICA, "", "", NULL },
	{ { .outcome = DATABASE_ANSWERED,
		  GROUP("ONLINE", "PRIMARY", ""),
		  .read_only = "OFF",
		  .group_size = 3,
		  .group_online = 3 },
		DATABASE_IS_GROUP, "", "", NULL },
	{ { .outcome = DATABASE_ANSWERED,
		  GROUP("ONLINE", "SECONDARY", ""),
		  .read_only = "OFF",
		  .group_size = 3,
		  .group_online = 3 },
		DATABASE_IS_REPLICA, "replica_writable", "may write", "read_only=ON" },
	{ { .outcome = DATABASE_ANSWERED,
		  GROUP("RECOVERING", "SECONDARY", ""),
		  .group_size = 3,
		  .group_online = 2 },
		DATABASE_IS_PRIMARY, "group_member_not_online group_size", "RECOVERING",
		"group_replication_recovery" },
	{ { .outcome = DATABASE_ANSWERED,
		  GROUP("", "", "db2:3306 ERROR"),
		  .group_size = 3,
		  .group_online = 3 },
		DATABASE_IS_REPLICA, "group_member_not_online",
		"not ONLINE but in no state (db2:3306 ERROR)", "replication_group_members" },
	{ { .outcome = DATABASE_ANSWERED,
		  GROUP("ONLINE", "PRIMARY", "db2:3306 UNREACHABLE, db3:3306 UNREACHABLE"),
		  .group_size = 4,
		  .group_online = 2,
		  .group_unreachable = 2,
		  .has_group_lag = true,
		  .group_lag_s = 700 },
		DATABASE_IS_GROUP, "group_no_majority group_size replica_lag",
		"2 of 4 members are UNREACHABLE (db2:3306", "force_members" },
	{ { .outcome = DATABASE_ANSWERED,
		  GROUP("ONLINE", "PRIMARY", "db3:3306 UNREACHABLE"),
		  .group_size = 4,
		  .group_online = 3,
		  .group_unreachable = 1 },
		DATABASE_IS_GROUP, "", "", NULL },
	{ { .outcome = DATABASE_ANSWERED,
		  GROUP(NULL, "", ""),
		  .user = "'mon'@'%'",
		  .group_errno = 1142,
		  .group_error = "denied" },
		DATABASE_IS_REPLICA, "privilege_missing", "error 1142: denied",
		"GRANT SELECT ON performance_schema.* TO 'mon'@'%'" },
	{ { .outcome = DATABASE_ANSWERED,
		  GROUP(NULL, "", ""),
		  .group_errno = 3168,
		  .group_error = "broken" },
		DATABASE_IS_REPLICA, "replica_lag_unknown", "error 3168: broken", "mysql -e" },
};

static void tell_access(void)
{
	for (size_t i = 0; i < sizeof(accesses) / sizeof(*accesses); i++) {
		struct database_facts facts = facts_of(&accesses[i].seen);
		struct findings findings = { 0 };

		facts.expected = accesses[i].expected;
		facts.galera_size = facts.group_size = 3;
		judged(&facts, &findings, accesses[i].codes, "access");
		if (findings.count)
			ok(strstr(findings.items[0].text, accesses[i].text), "%s",
				findings.items[0].text);
		if (findings.count && accesses[i].advice)
			ok(strstr(findings.items[0].advice, accesses[i].advice), "%s",
				findings.items[0].advice);
		findings_free(&findings);
	}
}

/* What stands beside the channels: GTIDs, settings, pt-heartbeat's table, the primary itself. */
static void tell_settings(void)
{
	struct arena arena = { 0 };
	struct database seen, primary = { .outcome = DATABASE_UNREACHABLE, .error = "refused" };
	struct findings findings = { 0 };
	struct database_facts facts = facts_of(&seen);
	char codes[256];

	read_database("00-healthy", &arena, &seen);
	seen.flavour = DATABASE_MYSQL;
	seen.version_number = 50744;
	seen.channels->name = "x";
	seen.channels->delay_s = 0;
	seen.channels->behind_s = 61;
	seen.channels->sql = THREAD_UNSEEN;
	seen.missing = "3E11FA47:5-6";
	seen.missing_count = 2;
	seen.errant = "4E11FA47:1";
	seen.read_only = "OFF";
	seen.query_cache = "ON";
	seen.has_heartbeat_row = true;
	seen.heartbeat_age_s = 700;
	facts.other = &primary;
	facts.other_name = "db1.example.com";
	judged(&facts, &findings,
		"database_unreachable replica_lag_unknown replica_lag gtid_behind gtid_errant replica_writable query_cache_on replica_lag",
		"all at once");
	ok(strstr(findings.items[0].advice, "on db1.example.com"), "the primary is named");
	ok(strstr(findings.items[1].advice, "mysql -e 'SHOW SLAVE STATUS"),
		"old words for old servers");
	is_string(findings.items[2].text, "channel x: 1m 1s behind the primary when it stopped",
		"a lag");
	ok(strstr(findings.items[5].advice, "super_read_only"), "MySQL's stronger lock");
	is_integer(findings.items[7].severity, SEVERITY_CRITICAL, "an old row");
	ok(strstr(findings.items[7].advice, "does pt-heartbeat --update run (mysql -e"),
		"which may be pt-heartbeat's own");
	seen.heartbeat_age_s = 60;
	findings_free(&findings);
	judge_database(&facts, &findings);
	is_integer((int64_t)findings.count, 7, "a row that is young enough");
	findings_free(&findings);
	seen.heartbeat_error = "no such table";
	seen.user = "";
	facts.heartbeat_table = "percona.beat";
	seen.has_heartbeat_row = false;
	seen.channels->io = THREAD_STOPPED;
	facts.other = NULL;
	judge_database(&facts, &findings);
	ok(strstr(findings.items[0].advice, "START SLAVE FOR CHANNEL 'x'"), "MySQL's channel");
	codes_of(&findings, codes, sizeof(codes));
	ok(strstr(codes, "query_cache_on replica_lag_unknown"), "no row");
	ok(strstr(findings.items[findings.count - 1].advice,
		   "GRANT SELECT ON percona.beat TO this user"),
		"and who may see none");
	findings_free(&findings);
	seen.channel_count = 0;
	facts.channel = "m9";
	judge_database(&facts, &findings);
	ok(strstr(findings.items[0].text, "no replication channel \"m9\""), "no such channel");
	findings_free(&findings);
	arena_free(&arena);
}

static void tell_names(void)
{
	for (int i = 0; i < DATABASE_OUTCOME_COUNT; i++)
		ok(strcmp(database_outcome_name((enum database_outcome)i), "unknown"), "outcome %d",
			i);
	is_string(database_outcome_name(DATABASE_OUTCOME_COUNT), "unknown", "none");
	is_string(thread_state_name(THREAD_CONNECTING), "connecting", "a thread's state");
}

int main(void)
{
	tell_access();
	tell_settings();
	tell_names();
	for (size_t i = 0; i < sizeof(stories) / sizeof(*stories); i++)
		tell(i);
	tell_freeze();
	tell_spellings();
	tell_gtids();
	tell_filters();
	return done_testing();
}
