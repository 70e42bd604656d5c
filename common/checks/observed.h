/*
 * What another program of this package saw, taken into this run: it runs as a sibling
 * (probe/sibling.h) with --observe, and prints lines as scenarios have them. Nothing of them is
 * trusted: they are split and decoded here, numbers and names are checked by whoever takes the
 * line, lines and the whole are bounded in length. What a line numbers (zones, servers, databases)
 * is numbered as in that program's run: names say what it is in this one.
 *
 *	static const struct observed_kind kinds[] = { { "database", take_database }, ..., { 0 } };
 *
 *	observed_begin(&observed, kinds, context);
 *	sibling = (struct sibling){ .program = "check_mysql_replication",
 *		.arguments = arguments (the first is "--observe"; secrets stay in their files),
 *		.deadline_us = ..., .output = observed_feed, .context = &observed };
 *	siblings = siblings_start(loop, &sibling, 1);     (many at once)
 *	... the loop asks something else ...
 *	siblings_end(siblings);
 *	if (!observed_end(&observed, &sibling, &why))
 *		... an observation: that source tells nothing, or only the lines up to there
 */
#ifndef COMMON_CHECKS_OBSERVED_H
#define COMMON_CHECKS_OBSERVED_H

#include "common/base/text.h"
#include "common/checks/scenario_line.h"
#include "common/probe/sibling.h"

enum { OBSERVED_LINE_MOST = 1024 * 1024, OBSERVED_MOST = 512 * 1024 * 1024 };

struct observed_kind {
	const char *keyword; /* NULL ends the table; lines of others are passed over */
	/* False with line->fault: it can't be. */
	bool (*take)(void *context, struct scenario_line *line);
};

struct observed {
	const struct observed_kind *kinds;
	void *context;
	struct scenario_line *line;
	struct text rest; /* of a line that is not whole yet */
	uint64_t bytes, lines;
	struct fault why;
};

void observed_begin(struct observed *observed, const struct observed_kind *kinds, void *context);
/* A sibling's output; `context` is the struct observed. False: no more of that. */
bool observed_feed(void *context, const char *bytes, size_t length);
/* All of it was heard and made sense; else `why`. Frees what observed_begin() made. */
bool observed_end(struct observed *observed, const struct sibling *sibling, struct fault *why);

#endif
