/* What a server has and does not show: transfers and the API bypass the caches of PowerDNS. */
#include "common/base/text.h"
#include "common/dns/serial.h"
#include "common/judge/api_cause.h"
#include "common/judge/judge.h"
#include "common/model/software.h"

bool judge_is_cached_away(const struct facts *facts, uint32_t pair)
{
	const char *software = facts->seen->servers[facts->plan->assigned[pair]].software;

	return facts->seen->soa[pair].outcome == OUTCOME_REFUSED &&
		software_of(software).kind == SOFTWARE_POWERDNS;
}

/* By its transfer, begun after that. */
static bool transfers_more(const struct facts *facts, uint32_t zone, uint32_t pair,
	uint32_t *serial)
{
	const struct soa_observation *seen = &facts->seen->soa[pair];

	for (size_t i = 0; i < facts->seen->transfer_count; i++) {
		const struct transfer_observation *each = &facts->seen->transfers[i];

		if (each->zone != zone || each->server != facts->plan->assigned[pair] ||
			each->soa || each->outcome != OUTCOME_ANSWERED)
			continue;
		*serial = each->serial;
		return judge_is_cached_away(facts, pair) ||
			(judge_has_serial(seen) &&
				serial_compare(each->serial, seen->serial) == SERIAL_AHEAD);
	}
	return false;
}

bool judge_is_hidden(const struct facts *facts, const struct verdict *verdict, uint32_t zone,
	uint32_t serial)
{
	uint32_t primary = verdict->zones[zone].reference.pair, inside;

	return (transfers_more(facts, zone, primary, &inside) ||
		       api_hides(facts, zone, primary, &inside)) &&
		(inside == serial || serial_compare(inside, serial) == SERIAL_AHEAD);
}

/* What it holds back at most: PowerDNS's packet cache, its query cache behind it, and of new zones
 * the zone cache before both; by its API, else by default
 * (https://doc.powerdns.com/authoritative/performance.html). */
static int64_t caches_s(const struct pdns_server *pdns)
{
	static const struct {
		enum pdns_setting setting;
		uint32_t default_s;
	} caches[] = { { PDNS_CACHE_TTL, 20 }, { PDNS_QUERY_CACHE_TTL, 20 },
		{ PDNS_ZONE_CACHE_REFRESH_INTERVAL, 300 } };
	int64_t sum_s = 0;

	for (size_t i = 0; i < sizeof(caches) / sizeof(caches[0]); i++) {
		uint32_t seconds = caches[i].default_s;

		/* Who tells his settings and not this one does not have it: 4.4 and the last. */
		if (pdns && pdns->settings_outcome == PDNS_ANSWERED)
			seconds = 0;
		if (pdns)
			pdns_setting_number(pdns, caches[i].setting, &seconds);
		sum_s += seconds;
	}
	return sum_s;
}

static void say_age(const struct facts *facts, struct verdict *verdict, struct finding *finding)
{
	const struct serial_gap *gap = history_gap(facts->past, finding->zone, finding->server);
	int64_t age_s = gap ? facts->now_s - gap->since_s : 0,
		limit_s = caches_s(api_server_at(facts, finding->server));
	struct text text = { 0 };

	if (age_s <= 0)
		return;
	finding->amount = age_s;
	finding->has_amount = true;
	text_add(&text, "it does so for ");
	judge_since_text(&text, age_s, gap->since_s, true);
	if (age_s > limit_s) {
		finding->severity = SEVERITY_WARNING;
		text_addf(&text,
			", which is longer than its caches should hold it (%llds: cache-ttl, query-cache-ttl and zone-cache-refresh-interval)",
			(long long)limit_s);
	}
	finding->detail = arena_string(&verdict->findings.arena, text_string(&text));
	text_free(&text);
}

static void say(const struct facts *facts, struct verdict *verdict, uint32_t zone, uint32_t pair,
	uint32_t serial, const char *evidence)
{
	const struct soa_observation *seen = &facts->seen->soa[pair];

	if (judge_has_serial(seen))
		say_age(facts, verdict,
			judge_say(facts, verdict, FINDING_CACHE_STALE, zone, pair,
				"answers with serial %u from a cache and has %u already (%s)",
				seen->serial, serial, evidence));
	else
		say_age(facts, verdict,
			judge_say(facts, verdict, FINDING_CACHE_STALE, zone, pair,
				"has the zone (serial %u: %s) and does not show it yet", serial,
				evidence));
}

bool judge_is_told_by_api(const struct facts *facts, uint32_t zone, uint32_t pair)
{
	uint32_t serial;

	return api_hides(facts, zone, pair, &serial);
}

static const char *hides(const struct facts *facts, uint32_t zone, uint32_t pair, uint32_t *serial)
{
	if (facts->plan->servers[facts->plan->assigned[pair]].independent)
		return NULL;
	if (transfers_more(facts, zone, pair, serial))
		return "its AXFR begins with that";
	return api_hides(facts, zone, pair, serial) ? "its API says so" : NULL;
}

/* Of how few zones transfers or APIs tell anything, out of a hundred thousand. */
static bool *zones_told(const struct facts *facts, struct arena *arena)
{
	const struct observations *seen = facts->seen;
	bool *told = arena_array(arena, facts->plan->zone_count, sizeof(*told));

	for (size_t i = 0; i < seen->transfer_count; i++)
		told[seen->transfers[i].zone] = true;
	for (size_t i = 0; i < seen->pdns_count; i++) {
		for (uint32_t z = 0; z < seen->pdns[i].zone_count; z++)
			told[seen->pdns[i].zones[z].zone] = true;
	}
	return told;
}

size_t judge_cache_doubts(const struct facts *facts, struct doubt *doubts, size_t most)
{
	struct arena arena = { 0 };
	const bool *told = zones_told(facts, &arena);
	size_t count = 0;
	uint32_t serial;

	for (uint32_t zone = 0; zone < facts->plan->zone_count; zone++) {
		const struct zone *at = &facts->plan->zones[zone];

		for (uint32_t i = 0; told[zone] && i < at->pair_count && count < most; i++) {
			if (hides(facts, zone, at->first_pair + i, &serial))
				doubts[count++] = (struct doubt){ zone, at->first_pair + i };
		}
	}
	arena_free(&arena);
	return count;
}

void judge_caches(const struct facts *facts, struct verdict *verdict)
{
	struct arena arena = { 0 };
	const bool *told = zones_told(facts, &arena);

	for (uint32_t zone = 0; zone < facts->plan->zone_count; zone++) {
		const struct zone *at = &facts->plan->zones[zone];

		for (uint32_t i = 0; told[zone] && i < at->pair_count; i++) {
			uint32_t serial = 0;
			const char *evidence = hides(facts, zone, at->first_pair + i, &serial);

			if (evidence)
				say(facts, verdict, zone, at->first_pair + i, serial, evidence);
		}
	}
	arena_free(&arena);
}
