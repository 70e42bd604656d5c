/*
 * Numbers in and out, the same in every locale: whole ones from options and ports, decimal ones as
 * perfdata and JSON want them.
 */
#ifndef COMMON_BASE_NUMBER_H
#define COMMON_BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NUMBER_TEXT = 32 };

/* Decimal digits and nothing else, from `least` to `most`. */
bool number_whole(const char *digits, uint64_t least, uint64_t most, uint64_t *value);
/* The length of "12", "1.5", ".5" or "5." at the start of `string`; 0 where there is none. No sign,
 * no exponent. */
size_t number_span(const char *string);
/* The shortest form that reads back the same; no exponent for whole numbers below 10^15. Finite
 * ones only. Returns `out`. */
char *number_format(double value, char out[NUMBER_TEXT]);

#endif
