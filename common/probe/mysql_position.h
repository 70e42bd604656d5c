/*
 * A moment that two databases have in common: where the primary is, and waiting until the replica
 * is there, too. By GTIDs where both have them, else by file and position of the primary's binary
 * log; nodes of a Galera cluster wait for each other.
 */
#ifndef COMMON_PROBE_MYSQL_POSITION_H
#define COMMON_PROBE_MYSQL_POSITION_H

#include "common/probe/mysql_session.h"

enum position_kind {
	POSITION_UNKNOWN,
	POSITION_MARIADB_GTID,
	POSITION_MYSQL_GTID,
	POSITION_FILE,
	POSITION_GALERA
};

struct mysql_position {
	enum position_kind kind;
	const char *text; /* "0-1-17", "UUID:1-17", "bin.000003:4711"; "" */
	const char *file;
	uint64_t offset;
	uint32_t error_number; /* why it is unknown */
	const char *error;
};

/* Texts are in `arena`. */
void mysql_position_read(struct mysql_session *primary, const struct database *primary_seen,
	const struct database *replica_seen, struct arena *arena, struct mysql_position *position);

enum position_wait { POSITION_REACHED, POSITION_NOT_REACHED, POSITION_WAIT_FAILED };
/* Not longer than `timeout_ms`; 0: has it been there? `channel`: as MASTER_POS_WAIT() wants it,
 * NULL the default one. */
enum position_wait mysql_position_wait(struct mysql_session *replica,
	const struct mysql_position *position, const char *channel, uint32_t timeout_ms,
	struct arena *arena);

#endif
