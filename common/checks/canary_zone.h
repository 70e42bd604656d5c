/*
 * The zone that the hidden primary serves: an SOA, the NS set, and one TXT record that says the
 * serial again. Its text follows from the NS set and the serial alone, so that older versions need
 * not be kept to be told by IXFR: their serials do. Those stand in the state, and keep serials
 * rising where the clock is set back.
 */
#ifndef COMMON_CHECKS_CANARY_ZONE_H
#define COMMON_CHECKS_CANARY_ZONE_H

#include "common/base/text.h"
#include "common/checks/check.h"

enum { CANARY_SERIALS = 8 }; /* that are remembered, and told by IXFR */

struct canary_zone {
	struct text base; /* what all versions share; another one begins the serials anew */
	uint32_t serials[CANARY_SERIALS]; /* oldest first */
	size_t count;
	uint32_t last; /* the newest that was ever used; valid where `has_last` */
	bool has_last;
};

/* `base`, from the plan's servers. */
void canary_zone_begin(struct canary_zone *zone, const struct plan *plan);
/* What the state knows of it. */
void canary_zone_recall(struct run *run, struct canary_zone *zone);
/* The next serial: the Unix time, and in any case newer than all others (RFC 1982). */
uint32_t canary_zone_next(const struct canary_zone *zone, uint32_t now_s, const uint32_t *served,
	size_t count);
/* It is used from now on: into the list and the state. */
void canary_zone_use(struct run *run, struct canary_zone *zone, uint32_t serial);
/* The master file of one version. */
void canary_zone_text(const struct canary_zone *zone, uint32_t serial, struct text *out);
void canary_zone_free(struct canary_zone *zone);

#endif
