/* The next command to type on a database, in the words of its flavour and version. */
#include <string.h>

#include "common/judge/database_private.h"

enum {
	MARIADB_REPLICA = 100501, /* from here on MariaDB says REPLICA, too */
	MARIADB_MONITOR = 100509, /* and has REPLICA MONITOR */
	MYSQL_REPLICA = 80022,    /* from here on MySQL says REPLICA */
	ERROR_ACCESS_DENIED = 1045,
	ERROR_PURGED = 1236,
	ERROR_DUPLICATE = 1062,
	ERROR_NO_SUCH_ROW = 1032,
	ERROR_OUT_OF_ORDER = 1950,
	GALERA_DESYNCED = 2 /* wsrep_local_state */
};

static bool is_mariadb(const struct database_facts *facts)
{
	return facts->seen->flavour == DATABASE_MARIADB;
}

static const char *word(const struct database_facts *facts)
{
	uint32_t since = is_mariadb(facts) ? MARIADB_REPLICA : MYSQL_REPLICA;

	return facts->seen->version_number >= since ? "REPLICA" : "SLAVE";
}

static const char *client(const struct database_facts *facts)
{
	return is_mariadb(facts) ? "mariadb" : "mysql";
}

/* "" for the default channel; " 'm2'" for MariaDB, " FOR CHANNEL 'm2'" for MySQL. */
static const char *of_channel(const struct database_facts *facts, const struct channel *channel,
	struct findings *findings)
{
	if (!*channel->name)
		return "";
	return arena_printf(&findings->arena, is_mariadb(facts) ? " '%s'" : " FOR CHANNEL '%s'",
		channel->name);
}

/* SHOW REPLICA STATUS, as this server has it. */
static const char *status(const struct database_facts *facts, struct findings *findings)
{
	return is_mariadb(facts)
		? arena_printf(&findings->arena, "SHOW ALL %sS STATUS", word(facts))
		: arena_printf(&findings->arena, "SHOW %s STATUS", word(facts));
}

const char *database_privilege(const struct database *seen)
{
	if (seen->flavour == DATABASE_MYSQL || seen->version_number < 100502)
		return "REPLICATION CLIENT";
	return seen->version_number < MARIADB_MONITOR ? "REPLICATION SLAVE ADMIN"
						      : "REPLICA MONITOR";
}

const char *database_advise_look(const struct database_facts *facts, struct findings *findings)
{
	return arena_printf(&findings->arena, "on %s: %s -e '%s\\G'", facts->name, client(facts),
		status(facts, findings));
}

const char *database_advise_start(const struct database_facts *facts, const struct channel *channel,
	struct findings *findings)
{
	return arena_printf(&findings->arena, "on %s: %s -e \"START %s%s\"", facts->name,
		client(facts), word(facts), of_channel(facts, channel, findings));
}

/* What keeps the IO thread from its primary, by error where there is one. */
const char *database_advise_io(const struct database_facts *facts, const struct channel *channel,
	struct findings *findings)
{
	struct arena *arena = &findings->arena;
	const char *of = of_channel(facts, channel, findings);

	if (channel->io_errno == ERROR_ACCESS_DENIED)
		return arena_printf(arena,
			"on %s: set the password of the replication user as %s knows it: STOP %s%s; CHANGE %s%s TO %s_PASSWORD='...'; START %s%s",
			facts->name, channel->source_host, word(facts), of,
			is_mariadb(facts) ? "MASTER" : "REPLICATION SOURCE",
			is_mariadb(facts) ? of : "", is_mariadb(facts) ? "MASTER" : "SOURCE",
			word(facts), of);
	if (channel->io_errno == ERROR_PURGED)
		return arena_printf(arena,
			"the primary no longer has the binary logs that this replica needs: build %s anew from a dump of %s (%s)",
			facts->name, channel->source_host,
			is_mariadb(facts) ? "mariadb-dump --gtid --master-data --single-transaction"
					  : "mysqldump --source-data --single-transaction");
	if (channel->io == THREAD_STOPPED && !channel->io_errno)
		return database_advise_start(facts, channel, findings);
	return arena_printf(arena,
		"on %s: %s -h %s -P %u -e 'SELECT 1'; if the network is well: %s -e \"STOP %s%s; START %s%s\"",
		facts->name, client(facts), channel->source_host, channel->source_port,
		client(facts), word(facts), of, word(facts), of);
}

/* The data differ: what was written here, and by whom, comes before any skipping. */
const char *database_advise_sql(const struct database_facts *facts, const struct channel *channel,
	struct findings *findings)
{
	struct arena *arena = &findings->arena;
	const char *why = "then";

	if (channel->sql_errno == ERROR_DUPLICATE)
		why = "a row that the primary adds is here already: remove it here, then";
	else if (channel->sql_errno == ERROR_NO_SUCH_ROW)
		why = "a row that the primary changes is missing here: copy it from the primary, then";
	else if (channel->sql_errno == ERROR_OUT_OF_ORDER)
		why = "somebody wrote to this replica: undo that, take over the primary's position (gtid_slave_pos), then";
	return arena_printf(arena, "on %s: %s -e '%s\\G'; %s %s -e \"START %s%s\"", facts->name,
		client(facts), status(facts, findings), why, client(facts), word(facts),
		of_channel(facts, channel, findings));
}

const char *database_advise_configure(const struct database_facts *facts, struct findings *findings)
{
	return arena_printf(&findings->arena,
		"on %s: %s -e '%s\\G'; if it is meant to be the primary: --expect=primary",
		facts->name, client(facts), status(facts, findings));
}

const char *database_advise_errant(const struct database_facts *facts, struct findings *findings)
{
	return arena_printf(&findings->arena,
		"on %s: find them with %s, undo them here, and set read_only=ON", facts->name,
		is_mariadb(facts) ? "mariadb-binlog" : "mysqlbinlog");
}

const char *database_advise_read_only(const struct database_facts *facts, struct findings *findings)
{
	return arena_printf(&findings->arena,
		"on %s: %s -e 'SET GLOBAL %s=ON', and the same in its configuration", facts->name,
		client(facts), is_mariadb(facts) ? "read_only" : "super_read_only");
}

const char *database_advise_query_cache(const struct database_facts *facts,
	struct findings *findings)
{
	return arena_printf(&findings->arena,
		"on %s: %s -e 'SET GLOBAL query_cache_type=OFF', and the same in its configuration",
		facts->name, client(facts));
}

/* An old row may be a lag, or a pt-heartbeat that runs no more. */
const char *database_advise_heartbeat(const struct database_facts *facts, struct findings *findings)
{
	const char *table = facts->heartbeat_table ? facts->heartbeat_table : "percona.heartbeat";

	if (facts->seen->heartbeat_error)
		return arena_printf(&findings->arena,
			"on %s, as an administrator: %s -e 'SELECT * FROM %s'; GRANT SELECT ON %s TO %s",
			facts->name, client(facts), table, table,
			facts->seen->user && *facts->seen->user ? facts->seen->user : "this user");
	return arena_printf(&findings->arena,
		"on the primary: does pt-heartbeat --update run (%s -e 'SELECT * FROM %s')? If it does: on %s: %s -e '%s\\G'",
		client(facts), table, facts->name, client(facts), status(facts, findings));
}

/* What a node lacks, worst first: quorum, then being in sync, then its fellows. */
const char *database_advise_galera(const struct database_facts *facts, enum finding_code code,
	struct findings *findings)
{
	struct arena *arena = &findings->arena;

	if (code == FINDING_GALERA_NOT_PRIMARY)
		return arena_printf(arena,
			"on %s: mariadb -e \"SHOW GLOBAL STATUS LIKE 'wsrep_%%'\"; mend the network between the nodes (TCP port 4567). Only where the others are gone for good, and on one node: mariadb -e \"SET GLOBAL wsrep_provider_options='pc.bootstrap=YES'\"",
			facts->name);
	if (code == FINDING_GALERA_NOT_SYNCED && facts->seen->galera_state == GALERA_DESYNCED)
		return arena_printf(arena,
			"on %s: mariadb -e \"SHOW GLOBAL VARIABLES LIKE 'wsrep_desync'\"; it is copied by another node, or somebody left it so: mariadb -e \"SET GLOBAL wsrep_desync=OFF\"",
			facts->name);
	if (code == FINDING_GALERA_SIZE)
		return arena_printf(arena,
			"on %s: mariadb -e \"SHOW GLOBAL STATUS LIKE 'wsrep_incoming_addresses'\"; start the node that is missing there: systemctl start mariadb",
			facts->name);
	return arena_printf(arena, "on %s: mariadb -e \"SHOW GLOBAL STATUS LIKE 'wsrep_%%'\"",
		facts->name);
}
