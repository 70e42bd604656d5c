#include "common/base/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char decimal_digits[] = "0123456789";

bool number_whole(const char *digits, uint64_t least, uint64_t most, uint64_t *value)
{
	uint64_t sum = 0;
	const char *at;

	if (!*digits)
		return false;
	for (at = digits; *at; at++) {
		if (*at < '0' || *at > '9')
			return false;
		if (__builtin_mul_overflow(sum, 10, &sum) ||
			__builtin_add_overflow(sum, (uint64_t)(*at - '0'), &sum))
			return false;
	}
	if (sum < least || sum > most)
		return false;
	*value = sum;
	return true;
}

size_t number_span(const char *string)
{
	size_t whole = strspn(string, decimal_digits), fraction;

	if (string[whole] != '.')
		return whole;
	fraction = strspn(string + whole + 1, decimal_digits);
	return whole + fraction ? whole + 1 + fraction : 0;
}

char *number_format(double value, char out[NUMBER_TEXT])
{
	if (fabs(value) < 1e15 && value == (double)(int64_t)value) {
		snprintf(out, NUMBER_TEXT, "%.0f", value == 0 ? 0.0 : value);
		return out;
	}
	snprintf(out, NUMBER_TEXT, "%.15g", value);
	if (strtod(out, NULL) != value)
		snprintf(out, NUMBER_TEXT, "%.17g", value);
	return out;
}
