#include "common/model/zone_comparison.h"

#include <assert.h>

const char *comparison_result_name(enum comparison_result result)
{
	static const char *const names[COMPARISON_COUNT] = {
		[COMPARISON_NONE] = "none",
		[COMPARISON_REFERENCE] = "reference",
		[COMPARISON_EQUAL] = "equal",
		[COMPARISON_DIFFERENT] = "different",
		[COMPARISON_SERIAL] = "other_serial",
		[COMPARISON_UNSETTLED] = "unsettled",
	};

	assert(result < COMPARISON_COUNT);
	return names[result];
}

const char *zonemd_result_name(enum zonemd_result result)
{
	switch (result) {
	case ZONEMD_MISSING:
		return "missing";
	case ZONEMD_UNSUPPORTED:
		return "unsupported";
	case ZONEMD_GOOD:
		return "good";
	case ZONEMD_OLD:
		return "other_serial";
	case ZONEMD_DIFFERS:
		return "different";
	case ZONEMD_REPEATED:
		return "repeated";
	}
	return "missing";
}
