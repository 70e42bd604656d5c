/*
 * PowerDNS's data on a primary and on its replica, compared at a common position without a race:
 * both are asked at the same time, each in a snapshot that only reads, and what differs is looked
 * at again until it is known whether it really does (model/zone_print.h). The number of statements
 * does not depend on the number of zones.
 */
#ifndef COMMON_PROBE_MYSQL_CONTENT_H
#define COMMON_PROBE_MYSQL_CONTENT_H

#include "common/model/database_content.h"
#include "common/probe/mysql_session.h"

struct mysql_content_probe {
	struct mysql_source source, primary;
	const struct database *seen, *primary_seen; /* both answered a moment ago */
	const char *schema;                         /* NULL: the option file's */
	const char *channel;                        /* NULL: the default one */
	int64_t deadline_us;                        /* clock_monotonic_us() */
};

/* Comes back at the deadline at the latest. Texts are `owner`'s. */
void mysql_content_observe(const struct mysql_content_probe *probe, struct arena *owner,
	struct database_content *content);

#endif
