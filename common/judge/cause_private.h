/* Shared by the files that look for causes: one finding, and what is found out about it. */
#ifndef COMMON_JUDGE_CAUSE_PRIVATE_H
#define COMMON_JUDGE_CAUSE_PRIVATE_H

#include "common/base/text.h"
#include "common/judge/judge.h"

/* What a finding says of the server's copy of the zone. */
enum trouble {
	TROUBLE_OTHER,
	TROUBLE_STALE,  /* it serves an older one, or has not refreshed it */
	TROUBLE_LOST,   /* it knows the zone, and has none to serve */
	TROUBLE_ABSENT, /* it says that it does not have the zone */
	TROUBLE_AHEAD,
	TROUBLE_ORPHAN,
	TROUBLE_CHANGED, /* something else at the same serial */
	TROUBLE_SIGNATURE,
};

/* One finding, and what is found out about it. */
struct inquest {
	const struct facts *facts;
	const struct verdict *verdict;
	struct arena *arena; /* of the verdict's texts */
	struct finding *finding;
	const struct zone *zone;
	uint32_t pair;    /* of the finding */
	uint32_t primary; /* the pair whose serial counts; PLAN_NONE: nobody's */
	enum trouble trouble;
	struct text why, evidence;
};

uint32_t inquest_server(const struct inquest *self, uint32_t pair);
const char *inquest_name(const struct inquest *self, uint32_t pair);
const struct soa_observation *inquest_seen(const struct inquest *self, uint32_t pair);
/* The one clause of the first line, and the finding that it is due to. */
void inquest_explain(struct inquest *self, enum finding_code cause, uint32_t pair,
	const char *format, ...) __attribute__((format(printf, 4, 5)));
void inquest_add(struct inquest *self, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* What the diagnosis asked of a server about this zone, or NULL. */
const struct transfer_observation *inquest_asked(const struct inquest *self, uint32_t pair,
	bool soa);
bool inquest_is_silence(enum outcome outcome);

/* cause_ways.c: what must stop every transfer from the primary. */
bool inquest_is_way_barred(struct inquest *self);
bool inquest_is_transfer_broken(struct inquest *self);

#endif
