/*
 * check_mysql_replication: is the replication under PowerDNS's native mode healthy?
 */
#ifndef COMMON_CHECKS_MYSQL_REPLICATION_H
#define COMMON_CHECKS_MYSQL_REPLICATION_H

#include "common/checks/check.h"

struct mysql_replication_values {
	struct common_values common; /* first */
	const char *socket, *defaults_file, *defaults_group, *user, *database, *channel;
	struct option_choice expect; /* enum database_role */
	struct option_number galera_size, group_size;
	const char *primary;
	const char *heartbeat_table, *dns;
	bool heartbeat_utc, tls_required, content;
	struct option_list zone;
};

extern const char *const database_roles[];

/* For the table in plugins/check_mysql_replication.c. */
bool mysql_replication_prepare(struct run *run, struct fault *fault);
bool mysql_replication_observe(struct run *run, struct fault *fault);
void mysql_replication_show_plan(struct run *run, struct text *out);
void mysql_replication_judge(struct run *run);
void mysql_replication_remember(struct run *run);

#endif
