/* check_mysql_replication: its options, and the road that it walks. */
#include "config.h"

#include "common/checks/mysql_replication.h"

#define ROW(field) .offset = offsetof(struct mysql_replication_values, field)

/* clang-format off */
static const struct option_row rows[] = {
	COMMON_OPTION_ROWS_FOR("The database to ask, name or address; localhost is asked by TCP, too. Default: what the option file says, else the local socket.",
		'P', NULL, "TCP port of the database. Default: what the option file says, else 3306.",
		"60s", "10m", "the lag (a configured delay is subtracted)"),
	{ .letter = 'S', .name = "socket", .kind = OPTION_TEXT, ROW(socket), .argument = "FILE", .example = "--socket=/run/mysqld/mysqld.sock",
		.heading = "How to reach it", .help = "Unix socket of the database." },
	{ .name = "defaults-file", .kind = OPTION_TEXT, ROW(defaults_file), .argument = "FILE", .example = "--defaults-file=/etc/icinga2/mysql.cnf",
		.help = "Option file with user and password, as the mysql client reads it; nobody else may read it." },
	{ .name = "defaults-group", .kind = OPTION_TEXT, ROW(defaults_group), .argument = "GROUP", .preset = NULL, .example = "--defaults-group=monitoring",
		.help = "Group of the option file, besides [client]." },
	{ .letter = 'u', .name = "user", .kind = OPTION_TEXT, ROW(user), .argument = "USER", .example = "--user=monitoring",
		.help = "User; the password is in the option file." },
	{ .name = "database", .kind = OPTION_TEXT, ROW(database), .argument = "NAME", .example = "--database=pdns",
		.help = "PowerDNS's database; filters that touch it are found." },
	{ .letter = 'z', .name = "zone", .kind = OPTION_LIST, ROW(zone), .argument = "ZONE", .example = "--zone=example.com",
		.help = "With --dns (or --observe): this zone only. Default: all zones of the database. Repeatable." },
	{ .name = "tls-required", .kind = OPTION_FLAG, ROW(tls_required),
		.help = "CRITICAL where the connection is not encrypted." },
	{ .letter = 'C', .name = "channel", .kind = OPTION_TEXT, ROW(channel), .argument = "NAME", .heading = "What should be", .example = "--channel=m2",
		.help = "Judge this replication channel (MariaDB: connection) only. Default: all." },
	{ .name = "expect", .kind = OPTION_CHOICE, ROW(expect), .argument = "ROLE", .preset = "replica", .choices = database_roles,
		.example = "--expect=galera", .help = "What the database is meant to be: replica, primary, galera or group. A member of a MySQL group is known as one by replica, too." },
	{ .name = "galera-size", .kind = OPTION_NUMBER, ROW(galera_size), .argument = "N", .least = 1, .most = 1000, .example = "--galera-size=3",
		.help = "CRITICAL where the Galera cluster has fewer nodes." },
	{ .name = "group-size", .kind = OPTION_NUMBER, ROW(group_size), .argument = "N", .least = 1, .most = 9, .example = "--group-size=3",
		.help = "CRITICAL where fewer members of the MySQL group are ONLINE." },
	{ .name = "primary", .kind = OPTION_TEXT, ROW(primary), .argument = "HOST[:PORT]", .example = "--primary=db1.example.com",
		.help = "Ask the primary, too, with the same user, and compare GTIDs: what has not arrived, and what only the replica has." },
	{ .name = "content", .kind = OPTION_FLAG, ROW(content),
		.help = "Compare PowerDNS's data with the primary's, zone by zone, at a common position; CRITICAL where they differ. The user needs SELECT on its tables." },
	{ .name = "dns", .kind = OPTION_TEXT, ROW(dns), .argument = "HOST[@PORT]", .example = "--dns=ns2.example.com",
		.help = "Ask the PowerDNS that reads this database, too, for the SOA of its zones: does it serve the serials that the database has? Caches and SOA-EDIT are taken into account. "
		"The user needs SELECT on PowerDNS's tables; -k signs these questions." },
	{ .name = "heartbeat-table", .kind = OPTION_TEXT, ROW(heartbeat_table), .argument = "DB.TABLE", .example = "--heartbeat-table=percona.heartbeat",
		.help = "Judge the age of the newest row of this table (pt-heartbeat's layout) as lag, too." },
	{ .name = "heartbeat-utc", .kind = OPTION_FLAG, ROW(heartbeat_utc), .help = "Its times are UTC (pt-heartbeat --utc)." },
	{ .name = NULL },
};
/* clang-format on */

static const struct check check = {
	.options = {
		.program = "check_mysql_replication",
		.version = PACKAGE_VERSION,
		.purpose = "check the MySQL or MariaDB replication under PowerDNS's native mode",
		.description =
			"In native mode PowerDNS replicates nothing: MySQL or MariaDB does. Asks a replica for all its replication channels and says which thread stopped, "
			"since when nothing arrives, and what to type. NULL, Connecting and a missing row are what they are, never 0 and never OK.\n\n"
			"A network that freezes shows \"Yes, Yes, 0\" for a while: with --primary that is seen by the GTIDs that did not arrive, "
			"without it by heartbeats that stand still between two runs.\n\n"
			"Works with MySQL 5.7 to 9 and MariaDB 10.5 to 12. The user needs REPLICATION CLIENT (MySQL), or REPLICA MONITOR (MariaDB from 10.5.9); "
			"for group replication also SELECT on performance_schema.*.",
		.examples =
			"check_mysql_replication --hostname=192.0.2.2 --defaults-file=/etc/icinga2/mysql.cnf\n"
			"\tIs this replica well?\n"
			"check_mysql_replication -H db2.example.com --defaults-file=/etc/icinga2/mysql.cnf --primary=db1.example.com\n"
			"\tDoes all that the primary has arrive here, and nothing else?\n"
			"check_mysql_replication -H db2.example.com --defaults-file=/etc/icinga2/mysql.cnf --primary=db1.example.com --database=pdns --content\n"
			"\tDo both hold the same zones, metadata and keys?\n"
			"check_mysql_replication -H db2.example.com --defaults-file=/etc/icinga2/mysql.cnf --dns=ns2.example.com\n"
			"\tDoes all arrive here, and does its PowerDNS serve it?\n"
			"check_mysql_replication -S /run/mysqld/mysqld.sock --expect=galera --galera-size=3\n"
			"\tIs this node in sync with a cluster of three?\n"
			"check_mysql_replication -H db2.example.com --defaults-file=/etc/icinga2/mysql.cnf --expect=group --group-size=3\n"
			"\tIs this member of MySQL's group replication ONLINE, and are three?\n",
		.see_also = "check_dns_replication(1), mariadb(1), mysql(1)",
		.section = 1,
		.rows = rows,
	},
	.title = "MYSQL REPLICATION",
	.values_size = sizeof(struct mysql_replication_values),
	.has_databases = true,
	.prepare = mysql_replication_prepare,
	.observe = mysql_replication_observe,
	.show_plan = mysql_replication_show_plan,
	.judge = mysql_replication_judge,
	.remember = mysql_replication_remember,
};

int main(int argc, char **argv)
{
	return check_main(&check, argc, argv);
}
