/*
 * What the APIs tell of a finding that DNS shows. It names causes, and never makes a state worse.
 */
#ifndef COMMON_JUDGE_API_CAUSE_H
#define COMMON_JUDGE_API_CAUSE_H

#include "common/judge/api_private.h"

/* Servers of the plan; PLAN_NONE: there is none. */
struct api_case api_case_between(const struct facts *facts, struct arena *arena, uint32_t zone,
	uint32_t primary, uint32_t secondary);
/* The server says that it does not have the zone: is that so, and why? */
bool api_explain_absence(struct api_case *self);
bool api_explain_change(struct api_case *self);
/* api_edit.c: the primary signed anew, and the serial stayed: why? */
bool api_explain_signatures(struct api_case *self);
/* The same: the secondary serves another serial than it transferred. */
bool api_explain_own_edit(struct api_case *self);
/* Has the server of this pair a newer serial by its API than it answers with, or the zone that it
 * says it has not? Then `*serial` is that. */
bool api_hides(const struct facts *facts, uint32_t zone, uint32_t pair, uint32_t *serial);
/* Has it primary=yes and the zone as a primary, by its API? */
bool api_notifies(const struct facts *facts, const uint8_t *zone, const struct server *primary);
void api_add_last_check(const struct api_case *self, struct text *evidence);

#endif
