/*
 * What scenario.c writes and scenario_read.c reads: one table for both, so that nothing is written
 * that can't be read.
 */
#ifndef COMMON_CHECKS_SCENARIO_FIELDS_H
#define COMMON_CHECKS_SCENARIO_FIELDS_H

#include <stddef.h>
#include <stdint.h>

/* An unsigned number of 1, 2 or 4 bytes in a structure. `absent`: its value where the line does not
 * name it. */
struct scenario_field {
	const char *name;
	size_t offset;
	unsigned size;
	uint32_t absent;
};

struct scenario_flag {
	const char *name;
	unsigned bit;
};

extern const struct scenario_field scenario_pair_fields[], scenario_transfer_fields[];
extern const struct scenario_flag scenario_pair_flags[];

uint32_t scenario_get(const struct scenario_field *field, const void *base);
void scenario_set(const struct scenario_field *field, void *base, uint32_t value);

#endif
