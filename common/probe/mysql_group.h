/*
 * MySQL's group replication: what a member says of itself and of the others
 * (https://dev.mysql.com/doc/refman/8.4/en/group-replication-monitoring.html).
 */
#ifndef COMMON_PROBE_MYSQL_GROUP_H
#define COMMON_PROBE_MYSQL_GROUP_H

#include "common/probe/mysql_session.h"

/* After variables and channels: asks only a MySQL that is told to be a member, or has no channel.
 * Texts are in `arena`. */
void mysql_group_read(struct mysql_session *session, struct arena *arena, struct database *seen);

#endif
