/*
 * Of servers with one serial and different SOAs: do their other records differ, too? A diagnosis:
 * small zones, little time, and nothing comes of it where one of them can't be transferred here.
 */
#ifndef COMMON_PROBE_CONTENTS_H
#define COMMON_PROBE_CONTENTS_H

#include "common/probe/soa.h"

enum { CONTENTS_MOST = 3 /* pairs a run */ };

struct contents_question {
	uint32_t zone, reference, pair; /* pairs */
};

/* Fills seen->contents. False only for our own troubles. */
bool probe_contents(const struct soa_probe *probe, const struct contents_question *questions,
	size_t count, struct fault *fault);

#endif
