/*
 * Databases in scenarios, and as siblings tell of them. Of check_mysql_replication each is a server
 * of the plan; of others they are those of --mysql, by its NAME. One that is asked by socket has no
 * address.
 *
 *   database db2.example.com. 192.0.2.2@3306 outcome=answered version=10.11.6-MariaDB ...
 *   channel database=0 name=m2 source_host=192.0.2.1 io=yes sql=no sql_errno=1062 ...
 *   database_zones database=0 schema=pdns
 *   database_zone database=0 example.com. kind=NATIVE serial=7 soa_edit=INCREMENT-WEEKS
 *
 * Texts are absent where they are NULL; those of channels never are. A channel's past_... is what
 * an earlier run saw.
 */
#ifndef COMMON_CHECKS_SCENARIO_DATABASES_H
#define COMMON_CHECKS_SCENARIO_DATABASES_H

#include "common/base/outlet.h"
#include "common/checks/scenario_line.h"
#include "common/model/database.h"
#include "common/model/database_content.h"
#include "common/model/observation.h"
#include "common/model/plan.h"

enum { DATABASES_MOST = 64, CHANNELS_MOST = 256 };

/* Databases that were read, one by one. {0} is none; what they point at is in `arena`. */
struct scenario_databases {
	struct arena *arena;
	struct database *items; /* in the arena */
	const char **names;     /* as many: what each line calls it */
	size_t count;
	/* scenario_compared.h: what the next line belongs to; NULL */
	struct database_content *content;
	struct content_difference *differences;
	struct content_sample *samples;
};

/* Databases are the plan's servers, the first one's number is 0. `display` as users name it: a
 * host, an address, or a socket; its index. */
uint32_t scenario_add_database(struct plan *plan, const char *display,
	const struct address *address);

void scenario_write_databases(const struct plan *plan, const struct observations *seen,
	struct outlet *out);
/* One line of each kind. What a line says is believed as far as it can be kept: texts are foreign,
 * to be cleaned where they are shown, and numbers are bounded. */
bool scenario_read_database(struct scenario_line *line, struct scenario_databases *databases);
/* channel, database_zones or database_zone. */
bool scenario_read_of_database(struct scenario_line *line, struct scenario_databases *databases);
/* Into seen, whose plan is closed and whose servers are there: as the program's own, or as those
 * that servers read. */
void scenario_place_databases(struct scenario_databases *read, bool is_own, const struct plan *plan,
	struct observations *seen);

#endif
