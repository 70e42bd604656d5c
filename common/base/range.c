#include "common/base/range.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/duration.h"
#include "common/base/number.h"

/* Long enough for any number that means something; what is longer is rubbish. */
enum { BOUND_TEXT = 64 };

static bool bound_parse(const char *text, enum range_unit unit, double *bound)
{
	const char *digits = text + (*text == '-');
	struct fault unused;
	size_t length;

	switch (unit) {
	case RANGE_SECONDS:
		if (!duration_parse(digits, bound, &unused))
			return false;
		break;
	case RANGE_PLAIN:
		length = number_span(digits);
		if (!length || digits[length])
			return false;
		*bound = strtod(digits, NULL);
		break;
	}
	if (*text == '-')
		*bound = -*bound;
	return true;
}

/* What stands before the colon; nothing there is 0. */
static bool start_parse(const char *text, size_t length, enum range_unit unit, double *start)
{
	char bound[BOUND_TEXT];

	*start = 0;
	if (!length)
		return true;
	if (length == 1 && *text == '~') {
		*start = -INFINITY;
		return true;
	}
	if (length >= sizeof(bound))
		return false;
	memcpy(bound, text, length);
	bound[length] = '\0';
	return bound_parse(bound, unit, start);
}

static const char *right_form(enum range_unit unit)
{
	switch (unit) {
	case RANGE_SECONDS:
		return "right is [@]START:END with numbers or durations: 5m, 1m:1h, ~:300, @10s:20s";
	case RANGE_PLAIN:
		break;
	}
	return "right is [@]START:END with numbers: 10, 5:10, ~:10, @10:20";
}

bool range_parse(const char *string, enum range_unit unit, struct range *range, struct fault *fault)
{
	struct range parsed = { .end = INFINITY, .inside = *string == '@', .set = true };
	const char *start = string + parsed.inside, *colon = strchr(start, ':');
	const char *end = colon ? colon + 1 : start;
	bool good = !colon || colon > start || *end; /* ":" alone says nothing */

	if (colon)
		good = good && start_parse(start, (size_t)(colon - start), unit, &parsed.start);
	if (!colon || *end)
		good = good && bound_parse(end, unit, &parsed.end);
	if (!good)
		return fault_set(fault, "\"%s\" is no range; %s", string, right_form(unit));
	if (parsed.start > parsed.end)
		return fault_set(fault, "the range \"%s\" ends before it starts; %s", string,
			right_form(unit));
	*range = parsed;
	return true;
}

bool range_alerts(const struct range *range, double value)
{
	if (!range->set)
		return false;
	if (range->inside)
		return value >= range->start && value <= range->end;
	return value < range->start || value > range->end;
}

char *range_format(const struct range *range, char out[80])
{
	char start[NUMBER_TEXT] = "~", end[NUMBER_TEXT] = "";

	*out = '\0';
	if (!range->set)
		return out;
	if (isfinite(range->start))
		number_format(range->start, start);
	if (isfinite(range->end))
		number_format(range->end, end);
	if (range->start == 0 && isfinite(range->end) && !range->inside)
		snprintf(out, 80, "%s", end);
	else
		snprintf(out, 80, "%s%s:%s", range->inside ? "@" : "", start, end);
	return out;
}
