/*
 * A signed zone's chain of NSEC or NSEC3 records (RFC 4034 4, RFC 5155), in order: which record
 * speaks of a name. Pure; part of a zone version, made when that is finished.
 */
#ifndef COMMON_ENGINE_ZONE_CHAIN_H
#define COMMON_ENGINE_ZONE_CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/dns/nsec3.h"

struct zone_node;
struct zone_version;

/* {0}: there is none, the zone is not signed. */
struct zone_chain {
	const struct zone_node **nodes; /* those with a record of the chain, in canonical order */
	size_t count;
	bool hashed; /* NSEC3, by: */
	struct nsec3_parameters parameters;
};

/* NSEC3 where the zone has NSEC3PARAM, else NSEC. */
void zone_chain_make(struct zone_version *version);
/* The node whose record matches the name, or NULL. */
const struct zone_node *zone_chain_match(const struct zone_version *version, const uint8_t *name);
/* The node whose record matches the name or covers it; NULL without a chain. */
const struct zone_node *zone_chain_cover(const struct zone_version *version, const uint8_t *name);

#endif
