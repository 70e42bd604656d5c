/*
 * A zone version with differences applied (RFC 1995 4), of one step or of many: what an IXFR brings
 * to a secondary. Pure. The old version stays as it is; the whole is one pass over it, however many
 * steps there are.
 */
#ifndef COMMON_ENGINE_ZONE_PATCH_H
#define COMMON_ENGINE_ZONE_PATCH_H

#include <stdbool.h>

#include "common/base/fault.h"
#include "common/engine/difference.h"
#include "common/engine/zone_version.h"

struct zone_patch;

/* Holds the version. */
struct zone_patch *zone_patch_new(struct zone_version *base);
/* In the stream's order: for each step its old SOA and what else goes, its new SOA and what else
 * comes. False with the reason: a step that does not begin where the last one ended, a record that
 * goes and is not there, or what zone_version_add() refuses. */
bool zone_patch_record(struct zone_patch *patch, const struct zone_record *record, bool deleting,
	struct fault *fault);
/* The new version (the caller's reference), or NULL with the reason. *steps: what changed, the
 * caller's. */
struct zone_version *zone_patch_finish(struct zone_patch *patch, struct difference **steps,
	struct fault *fault);
/* NULL is allowed. */
void zone_patch_free(struct zone_patch *patch);

#endif
