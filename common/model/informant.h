/*
 * Whom the user named to tell of a server besides its own answers: the API of its PowerDNS
 * (--pdns-api) or the database behind it (--mysql); and which server of the plan that is. One
 * matching for both: who fits no server here is used for none.
 */
#ifndef COMMON_MODEL_INFORMANT_H
#define COMMON_MODEL_INFORMANT_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/address.h"
#include "common/model/observation.h"
#include "common/model/plan.h"

enum informant_kind { INFORMANT_API, INFORMANT_DATABASE, INFORMANT_KIND_COUNT };

struct informant {
	enum informant_kind kind;
	const char *name;                /* of the server, as the option has it; clean */
	const struct address *addresses; /* what the name means, as far as that is known */
	const struct address *hosts;     /* where it is asked itself: for want of anything better */
	uint32_t address_count, host_count;
	const char *trouble; /* why it could not tell where its server is; NULL */
	bool gives_zones;    /* --zones-from has the list of zones from it */
	bool could_tell;     /* where its server is, if it were asked, or a resolver answered */
};

const char *informant_option(enum informant_kind kind); /* "--pdns-api" */
/* Is it about this server, by name or address? */
bool informant_fits(const struct informant *informant, const struct server *server);
/* The first server that it is about; PLAN_NONE: none. Where it is asked counts only if one server
 * alone is there, and no other informant of its kind is named like that one. */
uint32_t informant_server(const struct plan *plan, const struct observations *seen,
	const struct informant *informant);
/* By what the option calls it; NULL. */
struct informant *informant_find(const struct observations *seen, enum informant_kind kind,
	const char *name);

#endif
