/*
 * A database under PowerDNS's native mode, as one run saw it: its replication channels, its GTID
 * variables, its place in a Galera cluster. Filled by probe/mysql_status.c, read by
 * judge/database.c.
 */
#ifndef COMMON_MODEL_DATABASE_H
#define COMMON_MODEL_DATABASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/address.h"
#include "common/base/arena.h"

struct database_content;

enum database_outcome {
	DATABASE_NOT_ASKED,
	DATABASE_ANSWERED,
	DATABASE_UNREACHABLE,      /* nobody listens, no route, no such socket: 2002, 2003, 2005 */
	DATABASE_TIMEOUT,          /* connected, or not even that, and then silence */
	DATABASE_LOGIN_FAILED,     /* 1045 and its kin: user, password or "TLS required" */
	DATABASE_TOO_MANY_CLIENTS, /* 1040 */
	DATABASE_NO_TLS,           /* --tls-required, and it is plain text; or TLS failed: 2026 */
	DATABASE_FAILED,           /* any other error of the server or of the library */
	DATABASE_OUTCOME_COUNT
};

struct database_zones;

enum database_flavour { DATABASE_MYSQL, DATABASE_MARIADB };

/* How a replica's thread is. */
enum thread_state {
	THREAD_UNSEEN, /* the column is missing or NULL */
	THREAD_STOPPED,
	THREAD_CONNECTING,
	THREAD_RUNNING
};

/* One row of SHOW REPLICA STATUS, whatever the server's version calls its columns. Texts are never
 * NULL. */
struct channel {
	const char *name; /* "" is the default one */
	const char *source_host;
	uint32_t source_port;
	enum thread_state io, sql;
	bool has_behind; /* false: NULL, which is not 0 */
	int64_t behind_s;
	int64_t delay_s; /* configured (SQL_Delay) */
	uint32_t io_errno, sql_errno;
	const char *io_error, *sql_error;
	const char *gtid_received; /* Gtid_IO_Pos, or Retrieved_Gtid_Set */
	const char *gtid_applied;  /* Gtid_Slave_Pos, or Executed_Gtid_Set */
	bool has_heartbeats;
	uint64_t heartbeats;
	double heartbeat_period_s; /* 0: none are sent, or not known */
	const char *source_file;   /* what the IO thread has read: file and position */
	uint64_t source_position;
	const char *filters; /* "replicate_ignore_table=pdns.records", several after "; " */
};

/* What one earlier run saw of a channel. */
struct channel_past {
	bool known;
	int64_t seen_s; /* Unix time since when nothing moved */
	uint64_t heartbeats;
	const char *source_file;
	uint64_t source_position;
	const char *gtid_received;
};

struct database {
	struct address address; /* that was asked; family 0: a socket, or none is known */
	enum database_outcome outcome;
	uint32_t error_number; /* errno of the client library or the server; 0: none */
	const char *error;
	enum database_flavour flavour;
	const char *version; /* "10.11.6-MariaDB-0+deb12u1" */
	uint32_t version_number;
	const char *user;       /* CURRENT_USER(): 'mon'@'%' without quotes: mon@% */
	const char *tls_cipher; /* NULL: plain text */
	bool over_socket;
	uint32_t server_id;
	const char *read_only;      /* as @@read_only says; NULL: not known */
	const char *query_cache;    /* @@query_cache_type; NULL: there is none */
	const char *gtid_applied;   /* gtid_current_pos, or gtid_executed */
	const char *gtid_slave_pos; /* MariaDB only */
	const char *gtid_binlog;    /* gtid_binlog_pos, or gtid_executed: what it has written */
	const char *gtid_state;     /* MariaDB's gtid_binlog_state */
	uint32_t status_errno;      /* of SHOW REPLICA STATUS; 0: it worked */
	const char *status_error;
	struct channel *channels;
	struct channel_past *past; /* as the channels; NULL: nothing is remembered */
	size_t channel_count;
	bool has_galera;    /* wsrep_on */
	bool has_group;     /* it is a member of MySQL's group replication, or is meant to be one */
	bool has_group_lag; /* false: not known, which is not 0 */
	bool has_heartbeat_row; /* --heartbeat-table */
	const char *galera_cluster_status, *galera_state_text, *galera_ready;
	uint32_t galera_state, galera_size;
	/* MySQL's group replication, as this member sees it. */
	const char *uuid, *group_name; /* variables; NULL: not known */
	const char *group_state;       /* its own: "ONLINE"; NULL: the server does not tell */
	const char *group_role;        /* "PRIMARY", "SECONDARY"; "": not told, as by 5.7 */
	const char *group_others;      /* the others that are not ONLINE: "db3:3306 UNREACHABLE" */
	uint32_t group_size, group_online, group_unreachable; /* members */
	uint32_t group_errno; /* what it failed by, and without a state why that is not told */
	const char *group_error;
	int64_t group_lag_s;
	/* Compared with --primary. */
	const char *missing; /* GTIDs that the primary had and this one has not even received; ""
	                        none, NULL: not compared */
	uint64_t missing_count;
	const char *errant; /* GTIDs that only this one has; "" none, NULL: not compared */
	const struct database_content *content; /* NULL: not wanted */
	int64_t heartbeat_age_s;
	const char *heartbeat_error;  /* why it could not be read; NULL */
	struct database_zones *zones; /* PowerDNS's; NULL: not asked */
};

/* A row of text, as client libraries give it; a value is NULL where the server says NULL. */
struct sql_row {
	const char *const *names;
	const char *const *values;
	size_t count;
};

/* The value of a column or variable, in whichever of both spellings (master/source, slave/replica)
 * and cases the server names it; NULL where it is NULL or absent. `name` is in the new spelling and
 * in lower case: "seconds_behind_source". */
const char *sql_value(const struct sql_row *row, const char *name);
/* One channel out of its row; texts are copied into `arena`. */
void channel_from_row(const struct sql_row *row, struct arena *arena, struct channel *channel);
/* Its heartbeats out of a row that has them (MySQL: another one). */
void channel_heartbeats_from_row(const struct sql_row *row, struct channel *channel);

/* One of group replication's own, whose threads rest where all is well. */
bool channel_is_of_group(const struct channel *channel);

/* Seconds behind the primary, less the configured delay; of a channel that says how far
 * (has_behind). */
int64_t channel_lag(const struct channel *channel);
/* The largest of its channels; false: none is known. */
bool database_lag(const struct database *database, int64_t *lag_s);
/* Did anything of the channel move since? */
bool channel_moved(const struct channel *channel, const struct channel_past *past);

/*
 * MariaDB's GTIDs: lists of DOMAIN-SERVER-SEQUENCE (https://mariadb.com/kb/en/gtid/). A position
 * holds one a domain, a state one a domain and server.
 */
enum { GTID_TEXT = 512 };
/* What of position `wanted` the lists `have` (NULL-terminated) lack; how many transactions that is.
 * `out` gets the GTIDs, cut to GTID_TEXT. */
uint64_t gtid_lacking(const char *wanted, const char *const *have, char out[GTID_TEXT]);
/* What state `ours` has that `theirs` does not know: by domain and server. How many. */
uint64_t gtid_only_in(const char *ours, const char *theirs, char out[GTID_TEXT]);
/* How many transactions a MySQL set (UUID:1-5:7, ...) holds. */
uint64_t gtid_set_size(const char *set);

const char *database_outcome_name(enum database_outcome outcome);
const char *thread_state_name(enum thread_state state);

#endif
