/*
 * Structures as KEY=VALUE in a line of a scenario: one table for writing and reading, so that
 * nothing is written that can't be read. What is 0, and a text that is NULL (or, where it never is
 * that, empty), is left out.
 */
#ifndef COMMON_CHECKS_SCENARIO_COLUMNS_H
#define COMMON_CHECKS_SCENARIO_COLUMNS_H

#include "common/base/arena.h"
#include "common/base/text.h"
#include "common/checks/scenario_line.h"

enum scenario_column_kind {
	COLUMN_TEXT,
	COLUMN_TEXT_OR_NULL,
	COLUMN_NUMBER,
	COLUMN_COUNT,
	COLUMN_SECONDS,
	COLUMN_FLAG,
	COLUMN_PERIOD,
	COLUMN_CHOICE
};

/* COLUMN_COUNT is of 8 bytes, COLUMN_SECONDS (a 32-bit number of them) in 8 that are signed,
 * COLUMN_PERIOD a number with a fraction. */
struct scenario_column {
	const char *name;
	size_t offset;
	const char *(*choice)(unsigned value); /* COLUMN_CHOICE: 4 bytes */
	enum scenario_column_kind kind;
	unsigned choices;
};

/* A table ends with a NULL name. */
void scenario_add_columns(struct text *out, const struct scenario_column *items, const void *base);
bool scenario_read_columns(struct scenario_line *line, const struct scenario_column *items,
	void *base, struct arena *arena);
/* Room for one more in an array of `count`; it doubles at powers of two. */
void *scenario_one_more(struct arena *arena, void *items, size_t count, size_t size);

#endif
