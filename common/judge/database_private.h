/* What the files of a database's judgement share. */
#ifndef COMMON_JUDGE_DATABASE_PRIVATE_H
#define COMMON_JUDGE_DATABASE_PRIVATE_H

#include "common/judge/database.h"

struct finding *database_say(const struct database_facts *facts, struct findings *findings,
	enum finding_code code, const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Says why the database tells nothing, or not all; false where there is nothing to judge. */
bool database_judge_access(const struct database_facts *facts, struct findings *findings);

/* MySQL's group replication. */
void database_judge_group(const struct database_facts *facts, struct findings *findings);

/* Do the filters keep any of PowerDNS's tables (in `schema`; NULL: in any) from being replicated?
 */
bool database_filters_touch(const char *filters, const char *schema);

/* The next command to type, in the words of the server's flavour and version. */
const char *database_advise_io(const struct database_facts *facts, const struct channel *channel,
	struct findings *findings);
const char *database_advise_sql(const struct database_facts *facts, const struct channel *channel,
	struct findings *findings);
const char *database_advise_start(const struct database_facts *facts, const struct channel *channel,
	struct findings *findings);
const char *database_advise_look(const struct database_facts *facts, struct findings *findings);
const char *database_advise_configure(const struct database_facts *facts,
	struct findings *findings);
const char *database_advise_errant(const struct database_facts *facts, struct findings *findings);
const char *database_advise_read_only(const struct database_facts *facts,
	struct findings *findings);
const char *database_advise_query_cache(const struct database_facts *facts,
	struct findings *findings);
const char *database_advise_galera(const struct database_facts *facts, enum finding_code code,
	struct findings *findings);
const char *database_advise_heartbeat(const struct database_facts *facts,
	struct findings *findings);
/* The privilege that SHOW REPLICA STATUS needs on this server. */
const char *database_privilege(const struct database *seen);

#endif
