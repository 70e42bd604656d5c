#include "common/base/duration.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/number.h"

static const double longest_s = 100 * 365.25 * 86400;

static const struct {
	const char *name;
	double seconds;
} units[] = { { "", 1 }, { "ms", 0.001 }, { "s", 1 }, { "m", 60 }, { "h", 3600 }, { "d", 86400 } };

/* Seconds in the unit, 0 where there is no such unit. */
static double unit_seconds(const char *name)
{
	size_t row;

	for (row = 0; row < sizeof(units) / sizeof(*units); row++)
		if (!strcmp(name, units[row].name))
			return units[row].seconds;
	return 0;
}

bool duration_parse(const char *string, double *seconds, struct fault *fault)
{
	size_t length = number_span(string);
	double unit = unit_seconds(string + length);

	if (!length || unit == 0)
		return fault_set(fault,
			"\"%s\" is no duration; right is a number with ms, s, m, h or d: 90s, 5m, 1.5h",
			string);
	/* The number ends where strtod() ends: no unit begins with a byte that it would take. */
	*seconds = strtod(string, NULL) * unit;
	if (*seconds > longest_s)
		return fault_set(fault, "\"%s\" is longer than 100 years", string);
	return true;
}

char *duration_format(int64_t seconds, char out[32])
{
	uint64_t left = seconds < 0 ? -(uint64_t)seconds : (uint64_t)seconds;
	const char *sign = seconds < 0 ? "-" : "";
	static const struct {
		uint64_t large_s, small_s;
		char large, small;
	} pairs[] = { { 86400, 3600, 'd', 'h' }, { 3600, 60, 'h', 'm' }, { 60, 1, 'm', 's' } };
	size_t row;

	for (row = 0; row < sizeof(pairs) / sizeof(*pairs); row++) {
		uint64_t large = left / pairs[row].large_s;
		uint8_t small = (uint8_t)(left % pairs[row].large_s / pairs[row].small_s);

		if (!large)
			continue;
		if (small)
			snprintf(out, 32, "%s%" PRIu64 "%c %u%c", sign, large, pairs[row].large,
				small, pairs[row].small);
		else
			snprintf(out, 32, "%s%" PRIu64 "%c", sign, large, pairs[row].large);
		return out;
	}
	snprintf(out, 32, "%s%" PRIu64 "s", sign, left);
	return out;
}
