/*
 * The judgement of a database's replication: what was seen of a replica (and, where it was asked,
 * of its primary) → findings. Pure, as all of this room.
 */
#ifndef COMMON_JUDGE_DATABASE_H
#define COMMON_JUDGE_DATABASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/judge/judge.h"
#include "common/model/database.h"
#include "common/model/finding.h"
#include "common/model/policy.h"

enum database_role {
	DATABASE_IS_REPLICA, /* or a member of a group: which, it says itself */
	DATABASE_IS_PRIMARY,
	DATABASE_IS_GALERA,
	DATABASE_IS_GROUP
};

struct database_facts {
	const struct database *seen;
	uint32_t server;              /* its index in the plan */
	const char *name;             /* for advice: "db2.example.com" */
	enum database_role expected;  /* --expect */
	const struct database *other; /* --primary's; NULL: not asked */
	uint32_t other_server;
	const char *other_name;
	const char *schema;          /* PowerDNS's database, "pdns"; NULL: not known */
	const char *channel;         /* -C; NULL: all */
	const char *heartbeat_table; /* --heartbeat-table; NULL: none */
	uint32_t galera_size;        /* at least so many nodes; 0: not judged */
	uint32_t group_size;         /* at least so many members ONLINE; 0: not judged */
	const struct policy *policy; /* lag_warning, lag_critical */
	int64_t now_s;               /* Unix time */
};

/* The whole judgement of check_mysql_replication; `all` for what every verdict has. */
void judge_databases(const struct facts *all, const struct database_facts *facts,
	struct verdict *verdict);
/* What became of the comparison of contents, if there was one. */
void judge_database_content(const struct facts *all, const struct database_facts *facts,
	struct findings *findings);
/* Adds what is to be said of the one database (and of its primary, where that can't be asked). */
void judge_database(const struct database_facts *facts, struct findings *findings);

#endif
