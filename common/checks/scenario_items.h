/*
 * KEY=VALUE words of scenarios for structures with fields of any width, as one table for both ways.
 */
#ifndef COMMON_CHECKS_SCENARIO_ITEMS_H
#define COMMON_CHECKS_SCENARIO_ITEMS_H

#include "common/base/text.h"
#include "common/checks/scenario_line.h"
#include "common/model/observation.h"

/* A number of 1 (a flag), 2, 4 or 8 bytes in a structure. */
struct scenario_number {
	const char *key;
	size_t offset, size;
	int64_t absent, most; /* `absent`: where the line does not name it */
};

/* A const char *; "" where the line does not name it. */
struct scenario_text {
	const char *key;
	size_t offset;
};

void scenario_write_numbers(const struct scenario_number *numbers, size_t count, const void *base,
	struct text *out);
bool scenario_read_numbers(struct scenario_line *line, const struct scenario_number *numbers,
	size_t count, void *base);
void scenario_write_texts(const struct scenario_text *texts, size_t count, const void *base,
	struct text *out);
/* Cleaned, and not among the scenario's own texts, which have numbers. */
void scenario_read_texts(struct scenario_line *line, struct observations *seen,
	const struct scenario_text *texts, size_t count, void *base);
/* The enum's value whose name stands at the key, which must be there. */
bool scenario_choice(struct scenario_line *line, const char *key, unsigned count,
	const char *(*name)(unsigned), unsigned *value);

#endif
