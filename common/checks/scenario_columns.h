/*
 * Structures as KEY=VALUE in a line of a scenario: one table for writing and reading, so that
 * nothing is written that can't be read. What is 0 (an integer: `absent`), and a text that is NULL
 * (or, where it never is that, empty), is left out.
 */
#ifndef COMMON_CHECKS_SCENARIO_COLUMNS_H
#define COMMON_CHECKS_SCENARIO_COLUMNS_H

#include "common/base/arena.h"
#include "common/base/text.h"
#include "common/checks/scenario_line.h"

enum scenario_column_kind {
	COLUMN_TEXT,
	COLUMN_TEXT_CLEANED,
	COLUMN_TEXT_OR_NULL,
	COLUMN_INTEGER,
	COLUMN_NUMBER,
	COLUMN_COUNT,
	COLUMN_SECONDS,
	COLUMN_FLAG,
	COLUMN_PERIOD,
	COLUMN_CHOICE,
	COLUMN_OUTCOME
};

/* COLUMN_INTEGER is of 1, 2, 4 or 8 bytes, COLUMN_OUTCOME (enum outcome) of 1, COLUMN_COUNT of 8
 * bytes, COLUMN_SECONDS (a 32-bit number of them) in 8 that are signed, COLUMN_PERIOD a number with
 * a fraction. */
struct scenario_column {
	const char *name;
	size_t offset;
	const char *(*choice)(unsigned value); /* COLUMN_CHOICE: 4 bytes */
	int64_t absent, most;                  /* COLUMN_INTEGER: where no line names it; bound */
	size_t size;
	enum scenario_column_kind kind;
	unsigned choices;
};

/* A COLUMN_INTEGER. */
#define SCENARIO_INTEGER(structure, field, when_absent, at_most)                                   \
	{                                                                                          \
		.name = #field, .offset = offsetof(struct structure, field),                       \
		.size = sizeof(((struct structure *)0)->field), .absent = (when_absent),           \
		.most = (at_most), .kind = COLUMN_INTEGER                                          \
	}

/* A table ends with a NULL name. */
void scenario_add_columns(struct text *out, const struct scenario_column *items, const void *base);
bool scenario_read_columns(struct scenario_line *line, const struct scenario_column *items,
	void *base, struct arena *arena);
/* The enum's value whose name stands at the key, which must be there. */
bool scenario_choice(struct scenario_line *line, const char *key, unsigned count,
	const char *(*name)(unsigned), unsigned *value);
/* Room for one more in an array of `count`; it doubles at powers of two. */
void *scenario_one_more(struct arena *arena, void *items, size_t count, size_t size);

/* What stands in lines "pair" and "transfer" (scenario.c). */
struct scenario_flag {
	const char *name;
	unsigned bit;
};

extern const struct scenario_column scenario_pair_columns[], scenario_transfer_columns[];
extern const struct scenario_flag scenario_pair_flags[];

#endif
