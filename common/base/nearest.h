/*
 * "Did you mean ...?": the known word nearest to a mistyped one. Used for options and for names of
 * findings and states.
 */
#ifndef COMMON_BASE_NEAREST_H
#define COMMON_BASE_NEAREST_H

struct nearest {
	const char *word; /* as typed; set by the caller, the rest starts as zero */
	const char *best; /* the nearest candidate that is near enough, or NULL */
	unsigned distance;
};

/* Looks at one more candidate; of equally near ones the first stays. */
void nearest_try(struct nearest *nearest, const char *candidate);
/* Letters inserted, left out, changed, or swapped with their neighbour, to make one of the other.
 * Words of 64 bytes and more are far from everything. */
unsigned word_distance(const char *a, const char *b);

#endif
