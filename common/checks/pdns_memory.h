/*
 * What check_pdns_replication remembers of zones (memory.h): the serials that their primary serves,
 * and since when a secondary has one that it never transferred.
 * A file for each primary, the first of --url: two sites may have zones of the same name, whose
 * serials have nothing to do with each other.
 */
#ifndef COMMON_CHECKS_PDNS_MEMORY_H
#define COMMON_CHECKS_PDNS_MEMORY_H

#include "common/checks/memory.h"
#include "common/judge/api.h"

/* `name` is what it is called, `url` where its API is. In the run's arena. */
const struct memory *pdns_memory(struct run *run, const char *name, const char *url);

/* Whose turn it is to be asked about (judge/api.h): a note of names, since zones have other numbers
 * in the next run. */
struct pdns_turns {
	const char *before, *now; /* as it stands there, and as this run leaves it; "": none */
};

/* memory_begin(), since when anything is remembered, and whose turn it is. After run->judged_s is
 * set. */
void pdns_memory_begin(struct run *run, const struct memory *memory, struct pdns_turns *turns,
	struct pdns_turn *turn);
/* After the doubts were asked about. */
void pdns_memory_pass_on(struct run *run, const struct pdns_turn *turn,
	const struct pdns_doubt *doubts, size_t count, struct pdns_turns *turns);
/* memory_write(), and the rest where it changed. */
bool pdns_memory_write(struct run *run, const struct memory *memory,
	const struct pdns_turns *turns);

#endif
