/*
 * What changed from one serial of a zone to the next (RFC 1995 4): records that went and records
 * that came, both with the SOA first. Pure. Its owner is who made it, until a journal takes it.
 */
#ifndef COMMON_ENGINE_DIFFERENCE_H
#define COMMON_ENGINE_DIFFERENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/text.h"
#include "common/engine/zone_version.h"

struct difference {
	struct difference *next; /* the step behind it */
	uint32_t from, to;       /* serials */
	size_t records;          /* of both lists */
	struct text gone, come;  /* read by difference_next() */
};

/* For a step of which the records are to follow: the first that goes and the first that comes are
 * SOAs and set the serials. */
struct difference *difference_new(void);
void difference_record(struct difference *difference, const struct zone_record *record,
	bool deleting);
/* Of two finished versions of one zone. */
struct difference *difference_between(const struct zone_version *older,
	const struct zone_version *newer);
/* With the steps behind it. NULL is allowed. */
void difference_free(struct difference *difference);

/* Records of `gone` or `come`, one after the other from *at = 0 on; what it points to is the
 * list's. False at the end. */
bool difference_next(const struct text *list, size_t *at, struct zone_record *record);

#endif
