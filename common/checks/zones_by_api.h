/*
 * --zones-from=pdns: the zones that the first --pdns-api has, whatever their kind. A sibling,
 * check_pdns_replication --observe, asks its API.
 */
#ifndef COMMON_CHECKS_ZONES_BY_API_H
#define COMMON_CHECKS_ZONES_BY_API_H

#include "common/checks/zone_sources.h"

/* Into the plan; source->has_failed and ->why where not all of them could be read. */
void zones_by_api_fetch(struct zone_sources *sources, struct zone_source *source);

#endif
