/* What a server has and does not show: transfers bypass the caches of PowerDNS. */
#include "common/dns/serial.h"
#include "common/judge/judge.h"
#include "common/model/software.h"

bool judge_is_cached_away(const struct facts *facts, uint32_t pair)
{
	const char *software = facts->seen->servers[facts->plan->assigned[pair]].software;

	return facts->seen->soa[pair].outcome == OUTCOME_REFUSED &&
		software_of(software).kind == SOFTWARE_POWERDNS;
}

bool judge_is_hidden(const struct facts *facts, const struct verdict *verdict, uint32_t zone,
	uint32_t serial)
{
	uint32_t primary = verdict->zones[zone].reference.pair;

	for (size_t i = 0; i < facts->seen->transfer_count; i++) {
		const struct transfer_observation *each = &facts->seen->transfers[i];

		if (each->zone == zone && !each->soa && each->outcome == OUTCOME_ANSWERED &&
			each->server == facts->plan->assigned[primary] &&
			(each->serial == serial ||
				serial_compare(each->serial, serial) == SERIAL_AHEAD))
			return true;
	}
	return false;
}

/* A server whose AXFR is newer than its answers after that: what it has is hidden by its caches. */
void judge_caches(const struct facts *facts, struct verdict *verdict)
{
	for (size_t i = 0; i < facts->seen->transfer_count; i++) {
		const struct transfer_observation *each = &facts->seen->transfers[i];
		uint32_t pair = plan_pair(facts->plan, each->zone, each->server);
		const struct soa_observation *seen;

		if (each->soa || each->outcome != OUTCOME_ANSWERED || pair == PLAN_NONE ||
			facts->plan->servers[each->server].independent)
			continue;
		seen = &facts->seen->soa[pair];
		if (judge_is_cached_away(facts, pair))
			judge_say(facts, verdict, FINDING_CACHE_STALE, each->zone, pair,
				"has the zone (its AXFR begins with serial %u) and does not show it yet",
				each->serial);
		else if (judge_has_serial(seen) &&
			serial_compare(each->serial, seen->serial) == SERIAL_AHEAD)
			judge_say(facts, verdict, FINDING_CACHE_STALE, each->zone, pair,
				"answers with serial %u from a cache and has %u already (its AXFR begins with that)",
				seen->serial, each->serial);
	}
}
