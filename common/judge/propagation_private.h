/*
 * What the judges of a change's way share among themselves. Not for other rooms.
 */
#ifndef COMMON_JUDGE_PROPAGATION_PRIVATE_H
#define COMMON_JUDGE_PROPAGATION_PRIVATE_H

#include "common/judge/judge.h"
#include "common/model/propagation.h"

/* One server's way, and whose it is. */
struct judged_way {
	const struct facts *facts;
	struct verdict *verdict;
	uint32_t pair;
	const struct server *server;
	const struct change *change;
	const struct propagation *way;
	const struct soa_observation *answer; /* its last one of its own */
	const char *software;                 /* NULL: not known */
};

/* What to do about a finding of this way, in the server's words. */
void propagation_advise(const struct judged_way *seen, struct finding *finding);
/* The same where the change itself failed. */
void propagation_advise_change(const struct facts *facts, struct verdict *verdict,
	struct finding *finding);

#endif
