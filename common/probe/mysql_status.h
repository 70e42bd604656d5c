/*
 * How a database's replication is: one thread asks replica and primary in the order that makes
 * their answers comparable, and is left behind where the deadline comes first.
 */
#ifndef COMMON_PROBE_MYSQL_STATUS_H
#define COMMON_PROBE_MYSQL_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/probe/mysql_session.h"
#include "common/probe/mysql_zones.h"

struct mysql_status_probe {
	struct mysql_source source;
	bool compare;                /* with `primary` */
	struct mysql_source primary; /* --primary */
	const char *channel;         /* one channel only; NULL: all */
	const char *heartbeat_table; /* "percona.heartbeat"; NULL: none */
	bool heartbeat_utc;
	bool ask_zones; /* PowerDNS's, too */
	struct mysql_zones_wanted zones;
	int64_t deadline_us; /* clock_monotonic_us() */
};

struct mysql_status;

/* Comes back at the deadline at the latest: a database that is silent until then is
 * DATABASE_TIMEOUT. The caller ends it. */
struct mysql_status *mysql_status_observe(const struct mysql_status_probe *probe);
const struct database *mysql_status_replica(const struct mysql_status *status);
/* NULL: not compared. */
const struct database *mysql_status_primary(const struct mysql_status *status);
/* The texts of both are `owner`'s from now on. */
void mysql_status_end(struct mysql_status *status, struct arena *owner);

#endif
