#include "common/model/verdict.h"

#include <string.h>

const char *reference_source_name(enum reference_source source)
{
	switch (source) {
	case REFERENCE_NONE:
		return "none";
	case REFERENCE_PRIMARY:
		return "primary";
	case REFERENCE_SOA_MNAME:
		return "soa_mname";
	case REFERENCE_NEWEST:
		return "newest";
	}
	return "none";
}

void verdict_add_lag(struct verdict *verdict, const struct api_lag *lag)
{
	if (verdict->lag_count == verdict->lag_capacity) {
		struct api_lag *old = verdict->lags;

		verdict->lag_capacity = verdict->lag_capacity ? verdict->lag_capacity * 2 : 16;
		verdict->lags =
			arena_array(&verdict->findings.arena, verdict->lag_capacity, sizeof(*old));
		if (verdict->lag_count)
			memcpy(verdict->lags, old, verdict->lag_count * sizeof(*old));
	}
	verdict->lags[verdict->lag_count++] = *lag;
}

const struct api_lag *verdict_find_lag(const struct verdict *verdict, uint32_t zone,
	uint32_t server)
{
	size_t low = 0, high = verdict->lag_count;

	while (low < high) { /* to the zone's first */
		size_t middle = low + (high - low) / 2;

		if (verdict->lags[middle].zone < zone)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < verdict->lag_count && verdict->lags[low].zone == zone; low++) {
		if (verdict->lags[low].server == server)
			return &verdict->lags[low];
	}
	return NULL;
}

void verdict_free(struct verdict *verdict)
{
	findings_free(&verdict->findings);
	*verdict = (struct verdict){ 0 };
}
