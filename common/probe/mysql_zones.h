/*
 * The zones of a PowerDNS's database: serials, kinds and SOA-EDIT, in one statement whose rows are
 * not kept by the library. Never writes.
 */
#ifndef COMMON_PROBE_MYSQL_ZONES_H
#define COMMON_PROBE_MYSQL_ZONES_H

#include "common/model/database_zones.h"
#include "common/probe/mysql_session.h"

struct mysql_zones_wanted {
	const char *schema;       /* PowerDNS's database; NULL: the option file's, else found */
	const char *const *names; /* these only, without the final dot */
	size_t name_count;        /* 0: all */
};

/* What it points at, into `arena`. */
void mysql_zones_copy(struct mysql_zones_wanted *wanted, struct arena *arena);
/* Never NULL; in `arena`. */
struct database_zones *mysql_zones_read(struct mysql_session *session,
	const struct mysql_zones_wanted *wanted, struct arena *arena);

#endif
