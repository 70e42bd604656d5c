/*
 * The last round, where something is wrong: what would show the why (common/judge/doubts.c says
 * what). Never part of a run in which all is well.
 */
#ifndef COMMON_PROBE_DIAGNOSE_H
#define COMMON_PROBE_DIAGNOSE_H

#include "common/probe/soa.h"

struct diagnose_question {
	enum diagnosis kind;
	uint32_t zone, pair;
};

/* Fills transfers, servers' software and identity, and pairs' NS sets; what stays unanswered
 * changes nothing. A server that throws away what it does not like costs two tries. */
bool probe_diagnose(const struct soa_probe *probe, const struct diagnose_question *questions,
	size_t count, struct fault *fault);

/* The question of class CH, type TXT, for what a server is, and what its answer says. */
extern const uint8_t software_question[];
void software_observe(struct observations *seen, uint32_t server, const struct message *message);

#endif
