/*
 * Where the DNS services of servers are that were asked by API: what lists of addresses must hold,
 * and what reports show.
 */
#ifndef COMMON_CHECKS_PDNS_PLACES_H
#define COMMON_CHECKS_PDNS_PLACES_H

#include "common/checks/check.h"
#include "common/model/pdns.h"

/* --address=NAME=ADDRESS[,ADDRESS][@PORT] */
struct pdns_mapping {
	const char *name;
	struct address *addresses;
	uint32_t count;
};

bool pdns_parse_mapping(struct run *run, const char *text, struct pdns_mapping *mapping,
	struct fault *fault);

/* What is known without asking anybody: by --address, local-address, and names that are
 * addresses; and where transfers come from. */
void pdns_place(struct run *run, struct pdns_server *server, const struct pdns_mapping *mappings,
	size_t count);
/* By the system's resolver: what the names of those mean that are still nowhere, and NS names that
 * are no server's, of zones that were asked about. */
void pdns_resolve_places(struct run *run);

#endif
