#include "common/base/nearest.h"

#include <limits.h>
#include <stdint.h>
#include <string.h>

enum { WORD_MOST = 64 };

static uint8_t least(unsigned a, unsigned b)
{
	return (uint8_t)(a < b ? a : b);
}

/* Optimal string alignment; three rows of its table are enough. */
unsigned word_distance(const char *a, const char *b)
{
	uint8_t rows[3][WORD_MOST + 1] = { { 0 } };
	size_t a_length = strlen(a), b_length = strlen(b), i, j;

	if (a_length >= WORD_MOST || b_length >= WORD_MOST)
		return UINT_MAX;
	for (j = 0; j <= b_length; j++)
		rows[0][j] = (uint8_t)j;
	for (i = 1; i <= a_length; i++) {
		uint8_t *row = rows[i % 3], *above = rows[(i + 2) % 3],
			*above_that = rows[(i + 1) % 3];

		row[0] = (uint8_t)i;
		for (j = 1; j <= b_length; j++) {
			row[j] = least(above[j] + 1u, row[j - 1] + 1u);
			row[j] = least(row[j], above[j - 1] + (a[i - 1] == b[j - 1] ? 0u : 1u));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = least(row[j], above_that[j - 2] + 1u);
		}
	}
	return rows[a_length % 3][b_length];
}

void nearest_try(struct nearest *nearest, const char *candidate)
{
	/* One slip, and one more for every four letters. */
	unsigned most = 1 + (unsigned)strlen(nearest->word) / 4;
	unsigned distance = word_distance(nearest->word, candidate);

	if (distance > most || (nearest->best && distance >= nearest->distance))
		return;
	nearest->best = candidate;
	nearest->distance = distance;
}
