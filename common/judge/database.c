/* What is wrong with a database's replication, channel by channel. */
#include "common/judge/database.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/judge/database_private.h"
#include "common/model/database_zones.h"

struct finding *database_say(const struct database_facts *facts, struct findings *findings,
	enum finding_code code, const char *format, ...)
{
	struct finding *finding = finding_add(findings, code);
	va_list arguments;

	finding->server = facts->server;
	finding->role = facts->expected == DATABASE_IS_PRIMARY ? ROLE_PRIMARY : ROLE_SECONDARY;
	va_start(arguments, format);
	finding->text = arena_vprintf(&findings->arena, format, arguments);
	va_end(arguments);
	return finding;
}

/* "" for the only, unnamed channel; else "channel m2: ". */
static const char *prefix(const struct channel *channel, struct findings *findings)
{
	return *channel->name ? arena_printf(&findings->arena, "channel %s: ", channel->name) : "";
}

/* ": error 1062: Could not execute ..." */
static const char *quote(uint32_t number, const char *text, struct findings *findings)
{
	if (!number && !*text)
		return "";
	return arena_printf(&findings->arena, ": error %u: %s", number, text);
}

static void judge_io(const struct database_facts *facts, const struct channel *channel,
	struct findings *findings)
{
	const char *error = quote(channel->io_errno, channel->io_error, findings);

	if (channel->io == THREAD_STOPPED)
		database_say(facts, findings, FINDING_REPLICA_IO_STOPPED,
			"%sthe IO thread does not run, so nothing arrives from %s:%u%s",
			prefix(channel, findings), channel->source_host, channel->source_port,
			*error ? error
			       : " (no error: somebody stopped it, or it was never started)")
			->advice = database_advise_io(facts, channel, findings);
	else if (channel->io == THREAD_CONNECTING)
		database_say(facts, findings, FINDING_REPLICA_IO_CONNECTING,
			"%sthe IO thread can't connect to the primary %s:%u%s",
			prefix(channel, findings), channel->source_host, channel->source_port,
			*error ? error : " (no error yet)")
			->advice = database_advise_io(facts, channel, findings);
}

static void judge_sql(const struct database_facts *facts, const struct channel *channel,
	struct findings *findings)
{
	if (channel->sql != THREAD_STOPPED)
		return;
	if (channel->sql_errno)
		database_say(facts, findings, FINDING_REPLICA_SQL_ERROR,
			"%sthe SQL thread stopped%s", prefix(channel, findings),
			quote(channel->sql_errno, channel->sql_error, findings))
			->advice = database_advise_sql(facts, channel, findings);
	else
		database_say(facts, findings, FINDING_REPLICA_SQL_STOPPED,
			"%sthe SQL thread does not run, so nothing is applied (no error: somebody stopped it, or it was never started)",
			prefix(channel, findings))
			->advice = database_advise_start(facts, channel, findings);
}

static bool runs(const struct channel *channel)
{
	return channel->io == THREAD_RUNNING && channel->sql == THREAD_RUNNING;
}

/* A channel whose threads run and that does not say how far it is behind, or that lacks the columns
 * to say whether they run. */
static void judge_unknown_lag(const struct database_facts *facts, const struct channel *channel,
	struct findings *findings)
{
	bool unseen = channel->io == THREAD_UNSEEN || channel->sql == THREAD_UNSEEN;

	if (unseen || (runs(channel) && !channel->has_behind))
		database_say(facts, findings, FINDING_REPLICA_LAG_UNKNOWN,
			"%sthe server does not say %s (IO thread %s, SQL thread %s)",
			prefix(channel, findings),
			unseen ? "whether replication runs" : "how far it is behind",
			thread_state_name(channel->io), thread_state_name(channel->sql))
			->advice = database_advise_look(facts, findings);
}

static void judge_lag(const struct database_facts *facts, const struct channel *channel,
	struct findings *findings)
{
	int64_t lag_s = channel_lag(channel);
	bool critical = range_alerts(&facts->policy->lag_critical, (double)lag_s),
	     warning = range_alerts(&facts->policy->lag_warning, (double)lag_s);
	struct finding *finding;
	char lag[32], delay[32];

	if (!channel->has_behind || (!critical && !warning))
		return;
	duration_format(lag_s, lag);
	duration_format(channel->delay_s, delay);
	finding = database_say(facts, findings, FINDING_REPLICA_LAG,
		"%s%s behind the primary%s%s%s", prefix(channel, findings), lag,
		channel->delay_s ? ", besides the configured delay of " : "",
		channel->delay_s ? delay : "",
		channel->sql == THREAD_RUNNING ? "" : " when it stopped");
	finding->severity = critical ? SEVERITY_CRITICAL : SEVERITY_WARNING;
	finding->amount = lag_s;
	finding->has_amount = true;
	finding->advice = database_advise_look(facts, findings);
}

/*
 * "Yes/Yes/0" and yet nothing arrives: a primary that has nothing to say sends a heartbeat each
 * period. A replica that has seen none for three of them, and no event, is cut off, whatever it
 * says; its own time-out (slave_net_timeout) notices only later.
 */
static void judge_heartbeats(const struct database_facts *facts, size_t index,
	struct findings *findings)
{
	const struct channel *channel = &facts->seen->channels[index];
	const struct channel_past *past = facts->seen->past ? &facts->seen->past[index] : NULL;
	int64_t silent_s = past && past->known ? facts->now_s - past->seen_s : 0;
	struct finding *finding;
	char silent[32];

	if (channel->io != THREAD_RUNNING || !channel->has_heartbeats ||
		channel->heartbeat_period_s <= 0 || !past || !past->known ||
		channel_moved(channel, past) ||
		(double)silent_s < 3 * channel->heartbeat_period_s + 1)
		return;
	duration_format(silent_s, silent);
	finding = database_say(facts, findings, FINDING_REPLICA_HEARTBEAT_STALLED,
		"%sreplication says that it runs, but neither an event nor a heartbeat came from %s:%u for %s (a heartbeat is due every %g s)",
		prefix(channel, findings), channel->source_host, channel->source_port, silent,
		channel->heartbeat_period_s);
	finding->amount = silent_s;
	finding->has_amount = true;
	finding->advice = database_advise_io(facts, channel, findings);
}

static void judge_filters(const struct database_facts *facts, const struct channel *channel,
	struct findings *findings)
{
	if (database_filters_touch(channel->filters, facts->schema))
		database_say(facts, findings, FINDING_REPLICA_FILTERED,
			"%sfilters keep tables of PowerDNS from being replicated: %s",
			prefix(channel, findings), channel->filters)
			->advice = arena_printf(&findings->arena,
			"on %s: take them out of its configuration, restart it, and build the tables anew from the primary",
			facts->name);
}

static void judge_channels(const struct database_facts *facts, struct findings *findings)
{
	for (size_t i = 0; i < facts->seen->channel_count; i++) {
		const struct channel *channel = &facts->seen->channels[i];

		judge_io(facts, channel, findings);
		judge_sql(facts, channel, findings);
		judge_unknown_lag(facts, channel, findings);
		judge_lag(facts, channel, findings);
		judge_heartbeats(facts, i, findings);
		judge_filters(facts, channel, findings);
	}
	if (facts->seen->channel_count || facts->seen->status_errno || facts->seen->has_group ||
		facts->expected != DATABASE_IS_REPLICA)
		return;
	if (facts->channel)
		database_say(facts, findings, FINDING_REPLICA_NOT_CONFIGURED,
			"there is no replication channel \"%s\" (--channel)", facts->channel)
			->advice = database_advise_look(facts, findings);
	else
		database_say(facts, findings, FINDING_REPLICA_NOT_CONFIGURED,
			"it is no replica: no replication is configured")
			->advice = database_advise_configure(facts, findings);
}

/* A finding of GTIDs whose thread does not run, or that is only busy applying, has its own cause.
 */
static void judge_gtids(const struct database_facts *facts, struct findings *findings)
{
	const struct database *seen = facts->seen;
	struct finding *finding;

	if (seen->missing && *seen->missing) {
		finding = database_say(facts, findings, FINDING_GTID_BEHIND,
			"%" PRIu64 " transaction%s of the primary %s ha%s not arrived: %s",
			seen->missing_count, seen->missing_count == 1 ? "" : "s", facts->other_name,
			seen->missing_count == 1 ? "s" : "ve", seen->missing);
		finding->amount = (int64_t)seen->missing_count;
		finding->has_amount = true;
		finding->advice = seen->channel_count
			? database_advise_io(facts, seen->channels, findings)
			: database_advise_look(facts, findings);
	}
	if (seen->errant && *seen->errant)
		database_say(facts, findings, FINDING_GTID_ERRANT,
			"it has transactions that the primary%s%s does not: %s",
			facts->other_name ? " " : "", facts->other_name ? facts->other_name : "",
			seen->errant)
			->advice = database_advise_errant(facts, findings);
}

static bool is_off(const char *value)
{
	return !strcasecmp(value, "OFF") || !strcmp(value, "0");
}

/* Of a group the primaries write, and a member that is in none is read-only by itself. */
static bool should_be_read_only(const struct database *seen)
{
	return !seen->has_group || !strcasecmp(seen->group_role, "SECONDARY");
}

static void judge_settings(const struct database_facts *facts, struct findings *findings)
{
	const struct database *seen = facts->seen;

	if (facts->expected == DATABASE_IS_PRIMARY || facts->expected == DATABASE_IS_GALERA ||
		(seen->channel_count == 0 && !seen->has_group))
		return;
	if (seen->read_only && is_off(seen->read_only) && should_be_read_only(seen))
		database_say(facts, findings, FINDING_REPLICA_WRITABLE,
			"anybody with the right may write to this replica (read_only is %s)",
			seen->read_only)
			->advice = database_advise_read_only(facts, findings);
	if (seen->query_cache && !is_off(seen->query_cache))
		database_say(facts, findings, FINDING_QUERY_CACHE_ON,
			"the query cache is %s: PowerDNS may be given old rows", seen->query_cache)
			->advice = database_advise_query_cache(facts, findings);
}

static void judge_heartbeat_table(const struct database_facts *facts, struct findings *findings)
{
	const struct database *seen = facts->seen;
	struct finding *finding;
	char age[32];

	if (seen->heartbeat_error)
		database_say(facts, findings, FINDING_REPLICA_LAG_UNKNOWN,
			"the heartbeat table can't be read: %s", seen->heartbeat_error)
			->advice = database_advise_heartbeat(facts, findings);
	if (!seen->has_heartbeat_row ||
		(!range_alerts(&facts->policy->lag_warning, (double)seen->heartbeat_age_s) &&
			!range_alerts(&facts->policy->lag_critical, (double)seen->heartbeat_age_s)))
		return;
	duration_format(seen->heartbeat_age_s, age);
	finding = database_say(facts, findings, FINDING_REPLICA_LAG,
		"the last heartbeat row that arrived is %s old", age);
	finding->severity =
		range_alerts(&facts->policy->lag_critical, (double)seen->heartbeat_age_s)
		? SEVERITY_CRITICAL
		: SEVERITY_WARNING;
	finding->amount = seen->heartbeat_age_s;
	finding->has_amount = true;
	finding->advice = database_advise_heartbeat(facts, findings);
}

/* Says it with its advice. */
static struct finding *say_galera(const struct database_facts *facts, struct findings *findings,
	enum finding_code code, const char *text)
{
	struct finding *finding = database_say(facts, findings, code, "%s", text);

	finding->advice = database_advise_galera(facts, code, findings);
	return finding;
}

static void judge_galera_size(const struct database_facts *facts, struct findings *findings)
{
	const struct database *seen = facts->seen;
	struct finding *finding;

	if (!facts->galera_size || seen->galera_size >= facts->galera_size)
		return;
	finding = say_galera(facts, findings, FINDING_GALERA_SIZE,
		arena_printf(&findings->arena, "the cluster has %u node%s of %u", seen->galera_size,
			seen->galera_size == 1 ? "" : "s", facts->galera_size));
	finding->amount = seen->galera_size;
	finding->has_amount = true;
}

static void judge_galera(const struct database_facts *facts, struct findings *findings)
{
	const struct database *seen = facts->seen;
	struct arena *arena = &findings->arena;

	if (!seen->has_galera) {
		if (facts->expected == DATABASE_IS_GALERA)
			say_galera(facts, findings, FINDING_GALERA_NOT_READY,
				"it is no Galera node (wsrep_on is OFF)");
		return;
	}
	if (strcasecmp(seen->galera_cluster_status, "Primary") != 0)
		say_galera(facts, findings, FINDING_GALERA_NOT_PRIMARY,
			arena_printf(arena,
				"the node is in a part of the cluster without quorum (wsrep_cluster_status %s)",
				seen->galera_cluster_status));
	if (seen->galera_state != 4)
		say_galera(facts, findings, FINDING_GALERA_NOT_SYNCED,
			arena_printf(arena,
				"the node is not in sync: wsrep_local_state %u (%s), 4 is Synced",
				seen->galera_state, seen->galera_state_text));
	if (strcasecmp(seen->galera_ready, "ON") != 0)
		say_galera(facts, findings, FINDING_GALERA_NOT_READY,
			arena_printf(arena,
				"the node takes no statements (wsrep_ready %s): PowerDNS gets error 1047",
				seen->galera_ready));
	judge_galera_size(facts, findings);
}

/* The primary could not be asked: what it would have shown is missing, and that is said. */
static void judge_other(const struct database_facts *facts, struct findings *findings)
{
	struct database_facts primary = *facts;

	if (!facts->other)
		return;
	primary.seen = facts->other;
	primary.server = facts->other_server;
	primary.name = facts->other_name;
	primary.expected = DATABASE_IS_PRIMARY;
	primary.other = NULL;
	database_judge_access(&primary, findings);
}

void judge_database(const struct database_facts *facts, struct findings *findings)
{
	judge_other(facts, findings);
	if (!database_judge_access(facts, findings))
		return;
	if (facts->expected == DATABASE_IS_REPLICA || facts->expected == DATABASE_IS_GALERA)
		judge_galera(facts, findings);
	if (facts->expected != DATABASE_IS_GALERA) {
		database_judge_group(facts, findings);
		judge_channels(facts, findings);
	}
	judge_gtids(facts, findings);
	judge_settings(facts, findings);
	judge_heartbeat_table(facts, findings);
}

/* --dns: the rows of PowerDNS's tables. */
static void judge_rows(const struct facts *all, const struct database_facts *facts,
	struct findings *findings)
{
	const struct database_zones *zones = facts->seen->zones;
	struct finding *finding;

	if (zones && !zones->error && !all->plan->zone_count)
		database_say(facts, findings, FINDING_CONTENT_NOT_COMPARED,
			"PowerDNS's tables in %s hold no zone, so there is nothing to be served",
			zones->schema)
			->advice =
			"is --database the one that its PowerDNS reads? grep gmysql- /etc/powerdns/pdns.conf";
	if (!zones || !zones->error)
		return;
	finding = database_say(facts, findings, FINDING_PRIVILEGE_MISSING,
		"its zones can't be read, so what is served is compared with nothing: %s",
		zones->error);
	finding->advice = arena_printf(&findings->arena,
		"on %s, as an administrator: GRANT SELECT ON `%s`.* TO %s; another database than PowerDNS's is named by --database",
		facts->name, *zones->schema ? zones->schema : "pdns",
		*facts->seen->user ? facts->seen->user : "'USER'@'HOST'");
}

void judge_databases(const struct facts *all, const struct database_facts *facts,
	struct verdict *verdict)
{
	judge_begin(all, verdict);
	judge_database(facts, &verdict->findings);
	judge_database_content(all, facts, &verdict->findings);
	judge_rows(all, facts, &verdict->findings);
	judge_served(all, verdict);
	if (all->past->trouble)
		finding_add(&verdict->findings, FINDING_STATE_UNUSABLE)->text =
			arena_printf(&verdict->findings.arena, "the state can't be kept: %s",
				all->past->trouble);
	judge_conclude(all, verdict);
}
