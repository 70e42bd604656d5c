/*
 * The catalog of what an engine serves, as a zone (RFC 9432): consumers add and remove the members
 * by themselves. Pure.
 */
#ifndef COMMON_ENGINE_CATALOG_ZONE_H
#define COMMON_ENGINE_CATALOG_ZONE_H

#include <stddef.h>
#include <stdint.h>

#include "common/engine/zone_store.h"

/* The catalog `name` of all zones of the store but catalogs; one reference, the caller's. NULL with
 * the fault: a name too long to have members below it. */
struct zone_version *catalog_zone_make(const uint8_t *name, const struct zone_store *store,
	uint32_t serial, struct fault *fault);

#endif
