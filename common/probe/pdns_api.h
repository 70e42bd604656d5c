/*
 * Asks PowerDNS servers by their HTTP API, all at once. Where all is well a server is asked twice:
 * for its zones and for its settings. Only of zones that somebody doubts more is asked, and only as
 * much as the caller lists.
 */
#ifndef COMMON_PROBE_PDNS_API_H
#define COMMON_PROBE_PDNS_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/model/observation.h"
#include "common/model/pdns.h"
#include "common/model/plan.h"
#include "common/probe/http.h"

struct pdns_source {
	const char *name;   /* what reports call it */
	const char *shown;  /* its URL as the user wrote it */
	const char *base;   /* of its URLs; see http_base() */
	const char *socket; /* NULL */
	const char *key;    /* NULL: none. Stays the caller's */
};

struct pdns_api_settings {
	struct http_settings http;
	const struct pdns_source *sources;
	size_t count;
	bool adds_zones;          /* whatever zones there are; else only those of the plan count */
	const uint8_t *only_zone; /* wire form: ask for this one alone, if its name is plain; NULL
	                           */
};

struct pdns_api;

struct pdns_api *pdns_api_new(const struct pdns_api_settings *settings);
/* Round 1: zones and settings into servers[settings->count], which begin as zeros. Zones are
 * numbered as the open plan does it; pdns_index_zones() is for whoever closes it. */
void pdns_api_survey(struct pdns_api *api, struct plan *plan, struct observations *seen,
	struct pdns_server *servers);
/* Once more the zones of those servers that are `wanted` (parallel), now with the serials that they
 * serve (edited_serial, since 4.2). The first list leaves them out, since PowerDNS has to look for
 * SOA-EDIT of each zone. The plan is closed, the zones are indexed. */
void pdns_api_ask_served(struct pdns_api *api, struct plan *plan, struct observations *seen,
	struct pdns_server *servers, const bool *wanted);
/* Round 2: of each server that is named its version, autoprimaries and log; of each zone with it,
 * its details. The plan is closed. */
struct pdns_question {
	uint32_t index; /* of the server */
	uint32_t zone;  /* of the plan; PLAN_NONE: about the server alone */
};
void pdns_api_inspect(struct pdns_api *api, struct plan *plan, struct observations *seen,
	struct pdns_server *servers, const struct pdns_question *questions, size_t count);
/* Where the API of a server was found to be; family 0: a socket, or nobody answered. */
struct address pdns_api_peer(const struct pdns_api *api, size_t index);
void pdns_api_free(struct pdns_api *api);

#endif
