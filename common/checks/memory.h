/*
 * What a program remembers between runs: a file of its own in the state's directory. Of zones,
 * which may be a hundred thousand, only those histories are held that somebody looks at. The others
 * are compared with what this run saw, one by one, in one pass over the file.
 */
#ifndef COMMON_CHECKS_MEMORY_H
#define COMMON_CHECKS_MEMORY_H

#include "common/checks/check.h"
#include "common/judge/judge.h"
#include "common/probe/state.h"

/* What is remembered of zones. */
struct memory {
	const char *file; /* "check_dns_replication.tdb" */
	/* Whose histories does the judgement look at? `needed` is all false before. */
	void (*choose)(const struct facts *facts, bool *needed);
	/* What this run adds to a zone; the context is the run. The same for the judgement's copy
	 * and for the one on disk. */
	state_change *note;
};

/* The file, or NULL: nothing is kept, or it can't be used (then past.trouble says why, where the
 * user named its place). The caller closes it. */
struct state *memory_open(struct run *run, const char *file);
/* What of it could not be written: past.trouble, where the user named its place. */
void memory_failed(struct run *run, const struct fault *fault);
/* Before anything is recalled, with all zones in the plan: nothing is known yet. */
void memory_begin(struct run *run, const struct memory *memory);
/* What is known of the zones for which `wanted[zone]`; NULL: of all. */
void memory_recall(struct run *run, const struct memory *memory, const bool *wanted);
/* After the last question: what the judgement looks at, with what this run saw, and which zones are
 * to be written. Once a run; before that past.changed is NULL. */
void memory_note(struct run *run, const struct memory *memory);
/* Writes them. False: past.trouble says why. */
bool memory_write(struct run *run, const struct memory *memory);

#endif
