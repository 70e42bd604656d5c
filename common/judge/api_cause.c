/* What the APIs tell of a finding that DNS shows: for judge/cause.c. */
#include "common/judge/api_cause.h"
#include "common/base/duration.h"
#include "common/dns/serial.h"

struct api_case api_case_between(const struct facts *facts, struct arena *arena, uint32_t zone,
	uint32_t primary, uint32_t secondary)
{
	struct api_case found = { .facts = facts,
		.arena = arena,
		.zone = zone,
		.primary = api_server_at(facts, primary),
		.secondary = api_server_at(facts, secondary),
		.primary_at = primary,
		.secondary_at = secondary,
		.code = FINDING_NONE,
		.culprit = PLAN_NONE };

	api_look_upstream(&found);
	return found;
}

bool api_explain_absence(struct api_case *self)
{
	if (api_lacks(self->secondary, self->zone))
		return api_find_absence(self);
	if (!api_never_transferred(api_row(self->secondary, self->zone)))
		return false;
	if (api_find_barrier(self) || api_find_silence(self))
		return true;
	return api_found(self, FINDING_NEVER_TRANSFERRED, self->secondary_at,
		"by its API it has the zone and never transferred it");
}

/* Zones that are not in the zone cache yet, or that were asked for too early. */
static bool may_hide_zones(const struct pdns_server *pdns)
{
	static const enum pdns_setting caches[] = { PDNS_ZONE_CACHE_REFRESH_INTERVAL,
		PDNS_NEGQUERY_CACHE_TTL, PDNS_QUERY_CACHE_TTL, PDNS_CACHE_TTL };
	uint32_t seconds;

	for (size_t i = 0; i < sizeof(caches) / sizeof(caches[0]); i++) {
		if (pdns_setting_number(pdns, caches[i], &seconds) && seconds)
			return true;
	}
	return false;
}

bool api_hides(const struct facts *facts, uint32_t zone, uint32_t pair, uint32_t *serial)
{
	const struct soa_observation *seen = &facts->seen->soa[pair];
	const struct pdns_server *pdns;

	if (!facts->seen->pdns_count)
		return false;
	pdns = api_server_at(facts, facts->plan->assigned[pair]);
	if (!api_serial(pdns, zone, serial) || api_never_transferred(api_row(pdns, zone)))
		return false;
	if (judge_has_serial(seen))
		return serial_compare(*serial, seen->serial) == SERIAL_AHEAD;
	return seen->outcome == OUTCOME_REFUSED && *serial && may_hide_zones(pdns);
}

bool api_notifies(const struct facts *facts, const uint8_t *zone, const struct server *primary)
{
	const struct pdns_server *pdns =
		api_server_at(facts, (uint32_t)(primary - facts->plan->servers));
	uint32_t index = plan_find_zone(facts->plan, zone);

	return pdns && index != PLAN_NONE && pdns_setting_switch(pdns, PDNS_PRIMARY) == PDNS_ON &&
		api_is_primary_kind(api_row(pdns, index));
}

/* Nothing was found, and its API tells at least when it got through. */
void api_add_last_check(const struct api_case *self, struct text *evidence)
{
	const struct pdns_zone *row = api_row(self->secondary, self->zone);
	int64_t age_s;
	char age[32];

	if (!api_is_secondary_kind(row) || !row->last_check_s)
		return;
	age_s = self->facts->now_s - row->last_check_s;
	text_addf(evidence, "%sby its API it last reached its primary %s ago",
		evidence->length ? "; " : "", duration_format(age_s > 0 ? age_s : 0, age));
}

/* Equal serials, and something changed: SOA-EDIT hides what the database has, or who edits by the
 * API left the serial. */
bool api_explain_change(struct api_case *self)
{
	const struct pdns_detail *detail = api_detail(self);
	struct text advice = { 0 };

	if (api_find_hiding(self))
		return true;
	if (!detail || !detail->has_soa_edit_api || *detail->soa_edit_api ||
		!api_row(self->primary, self->zone))
		return false;
	api_found(self, FINDING_SOA_EDIT_API_UNSET, self->primary_at,
		"soa_edit_api is empty on %s, so changes by the API do not raise the serial",
		api_name(self->facts, self->primary_at));
	api_on(&advice, self, self->primary_at);
	api_task(&advice, self, TASK_SOA_EDIT_API);
	text_add(&advice, " && ");
	api_task(&advice, self, TASK_RAISE);
	api_advise(self, &advice);
	return true;
}

size_t judge_api_doubts(const struct facts *facts, struct doubt *doubts, size_t most)
{
	const struct plan *plan = facts->plan;
	size_t count = 0;
	uint32_t serial;

	if (!facts->seen->pdns_count)
		return 0;
	for (uint32_t z = 0; z < plan->zone_count; z++) {
		const struct zone *zone = &plan->zones[z];

		for (uint32_t i = 0; i < zone->pair_count && count < most; i++) {
			uint32_t pair = zone->first_pair + i;

			if (api_hides(facts, z, pair, &serial))
				doubts[count++] = (struct doubt){ z, pair };
		}
	}
	return count;
}
