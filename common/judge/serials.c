/* Serials: whose counts, who is behind or ahead of it, and for how long. */
#include <string.h>

#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/dns/name.h"
#include "common/dns/serial.h"
#include "common/judge/judge.h"

bool judge_has_serial(const struct soa_observation *seen)
{
	return seen->outcome == OUTCOME_ANSWERED;
}

bool judge_is_absent(const struct facts *facts, uint32_t pair)
{
	return facts->plan->pair_flags[pair] == PAIR_MNAME &&
		!judge_has_serial(&facts->seen->soa[pair]);
}

bool judge_is_level(const struct facts *facts, uint32_t zone)
{
	const struct zone *at = &facts->plan->zones[zone];
	const struct soa_observation *seen = &facts->seen->soa[at->first_pair];
	const uint32_t *assigned = &facts->plan->assigned[at->first_pair];

	for (uint32_t i = 0; i < at->pair_count; i++) {
		if (!judge_has_serial(&seen[i]) || seen[i].serial != seen[0].serial ||
			facts->plan->servers[assigned[i]].independent)
			return false;
	}
	return at->pair_count > 0;
}

static uint32_t earlier_serial(const struct soa_observation *seen)
{
	return seen->confirmed ? seen->earlier_serial : seen->serial;
}

/* May this pair's serial be the reference, among those that have one of `flags` (0: any)? */
static bool is_candidate(const struct facts *facts, uint32_t pair, unsigned flags)
{
	if (!judge_has_serial(&facts->seen->soa[pair]))
		return false;
	if (flags)
		return facts->plan->pair_flags[pair] & flags;
	return !facts->plan->servers[facts->plan->assigned[pair]].independent;
}

/* RRSIG times are modulo 2^32 (RFC 4034 3.1.5). */
static bool is_signed_later(const struct soa_observation *seen, const struct soa_observation *best)
{
	if (!seen->signature_expiration || !best->signature_expiration)
		return seen->signature_expiration && !best->signature_expiration;
	return (int32_t)(seen->signature_expiration - best->signature_expiration) > 0;
}

/* Of two with the same serial the one that served it earlier (what the others lack, they lack for
 * longer than a moment), then the one with the fresher signature. */
static bool is_better(const struct soa_observation *seen, const struct soa_observation *best)
{
	enum serial_order order = serial_compare(seen->serial, best->serial);

	if (order == SERIAL_EQUAL)
		order = serial_compare(earlier_serial(seen), earlier_serial(best));
	return order == SERIAL_AHEAD || (order == SERIAL_EQUAL && is_signed_later(seen, best));
}

static uint32_t count_serial(const struct facts *facts, const struct zone *zone, unsigned flags,
	uint32_t serial)
{
	uint32_t count = 0;

	for (uint32_t pair = zone->first_pair; pair < zone->first_pair + zone->pair_count; pair++)
		count +=
			is_candidate(facts, pair, flags) && facts->seen->soa[pair].serial == serial;
	return count;
}

/* Half the number space apart, or in a circle: no serial is the newest. The one that most servers
 * serve counts; of several such the largest number, so that it is the same one in every run. */
static uint32_t most_served(const struct facts *facts, const struct zone *zone, unsigned flags)
{
	uint32_t best = PLAN_NONE, most = 0;

	for (uint32_t pair = zone->first_pair; pair < zone->first_pair + zone->pair_count; pair++) {
		const struct soa_observation *seen = &facts->seen->soa[pair];
		uint32_t count;

		if (!is_candidate(facts, pair, flags))
			continue;
		count = count_serial(facts, zone, flags, seen->serial);
		if (count > most ||
			(count == most && seen->serial > facts->seen->soa[best].serial)) {
			best = pair;
			most = count;
		}
	}
	return best;
}

/* The newest serial among the zone's pairs that have one of these flags (0: any); PLAN_NONE where
 * there is none. */
static uint32_t newest_pair(const struct facts *facts, const struct zone *zone, unsigned flags)
{
	const struct soa_observation *seen = facts->seen->soa;
	uint32_t end = zone->first_pair + zone->pair_count, newest = PLAN_NONE;
	bool differ = false;

	for (uint32_t pair = zone->first_pair; pair < end; pair++) {
		if (!is_candidate(facts, pair, flags))
			continue;
		differ |= newest != PLAN_NONE && seen[pair].serial != seen[newest].serial;
		if (newest == PLAN_NONE || is_better(&seen[pair], &seen[newest]))
			newest = pair;
	}
	for (uint32_t pair = zone->first_pair; differ && pair < end; pair++) {
		enum serial_order order;

		if (!is_candidate(facts, pair, flags))
			continue;
		order = serial_compare(seen[pair].serial, seen[newest].serial);
		if (order != SERIAL_EQUAL && order != SERIAL_BEHIND)
			return most_served(facts, zone, flags);
	}
	return newest;
}

/* Is this pair's server the one that the newest SOA's MNAME names? Discovery may not have known it
 * (-n, history). */
static bool is_mname(const struct facts *facts, uint32_t pair, uint32_t newest)
{
	const struct server *server = &facts->plan->servers[facts->plan->assigned[pair]];
	uint32_t fields = facts->seen->soa[newest].fields;
	char name[NAME_TEXT];

	return (facts->plan->pair_flags[pair] & PAIR_MNAME) ||
		(server->named && fields &&
			!strcmp(server->name,
				name_to_text(soa_mname(facts->seen->fields[fields]), name)));
}

/* Of the addresses of the server that the MNAME names the best, where nothing is newer. */
static uint32_t mname_pair(const struct facts *facts, const struct zone *zone, uint32_t newest)
{
	const struct soa_observation *seen = facts->seen->soa;
	uint32_t best = PLAN_NONE;

	for (uint32_t pair = zone->first_pair;
		newest != PLAN_NONE && pair < zone->first_pair + zone->pair_count; pair++) {
		if (is_candidate(facts, pair, 0) &&
			serial_compare(seen[newest].serial, seen[pair].serial) != SERIAL_AHEAD &&
			is_mname(facts, pair, newest) &&
			(best == PLAN_NONE || is_better(&seen[pair], &seen[best])))
			best = pair;
	}
	return best;
}

struct reference judge_reference(const struct facts *facts, uint32_t zone_index)
{
	const struct zone *zone = &facts->plan->zones[zone_index];
	struct reference reference = { .source = REFERENCE_PRIMARY };

	reference.pair = newest_pair(facts, zone, PAIR_PRIMARY);
	if (reference.pair == PLAN_NONE) {
		uint32_t newest = newest_pair(facts, zone, 0);
		uint32_t named = mname_pair(facts, zone, newest);

		reference.source = named == PLAN_NONE ? REFERENCE_NEWEST : REFERENCE_SOA_MNAME;
		reference.pair = named == PLAN_NONE ? newest : named;
		/* The primary was named, and is silent: nobody else is called primary. */
		if (zone->has_primary) {
			reference.source = REFERENCE_NEWEST;
			reference.pair = newest;
		}
	}
	if (reference.pair == PLAN_NONE) {
		reference.source = REFERENCE_NONE;
		return reference;
	}
	reference.serial = facts->seen->soa[reference.pair].serial;
	reference.earlier_serial = earlier_serial(&facts->seen->soa[reference.pair]);
	return reference;
}

/*
 * A server that was asked twice is behind only if its later answer lacks what the reference had
 * already served *before*, and ahead only if its earlier answer has what the reference did not
 * serve *after*: between the two, a change may simply have been on its way.
 */
enum relation judge_relation(const struct facts *facts, const struct reference *reference,
	uint32_t pair)
{
	const struct soa_observation *seen = &facts->seen->soa[pair];

	if (reference->source == REFERENCE_NONE || !judge_has_serial(seen))
		return RELATION_UNKNOWN;
	if (facts->plan->servers[facts->plan->assigned[pair]].independent)
		return RELATION_INDEPENDENT;
	switch (serial_compare(seen->serial, reference->serial)) {
	case SERIAL_EQUAL:
		return RELATION_SAME;
	case SERIAL_BEHIND:
		return serial_compare(seen->serial, reference->earlier_serial) == SERIAL_BEHIND
			? RELATION_BEHIND
			: RELATION_CATCHING_UP;
	case SERIAL_AHEAD:
		return serial_compare(earlier_serial(seen), reference->serial) == SERIAL_AHEAD
			? RELATION_AHEAD
			: RELATION_CATCHING_UP;
	case SERIAL_UNDEFINED:
		return RELATION_UNDEFINED;
	}
	return RELATION_UNKNOWN;
}

/* No earlier run saw the zone, so that nothing can be said about since when. */
static bool has_lag(const struct pair_verdict *verdict)
{
	return verdict->lag_known || !verdict->lag_is_minimum;
}

static enum severity behind_severity(const struct policy *policy,
	const struct pair_verdict *verdict)
{
	if (range_alerts(&policy->serials_critical, verdict->serials_behind) ||
		(has_lag(verdict) && range_alerts(&policy->lag_critical, (double)verdict->lag_s)))
		return SEVERITY_CRITICAL;
	if (!has_lag(verdict) || range_alerts(&policy->lag_warning, (double)verdict->lag_s) ||
		range_alerts(&policy->serials_warning, verdict->serials_behind))
		return SEVERITY_WARNING;
	return SEVERITY_OK;
}

/* Signatures that the primary does not have were made here, and so was the serial. */
static bool signs_by_itself(const struct facts *facts, const struct verdict *verdict, uint32_t zone,
	uint32_t pair)
{
	const struct reference *reference = &verdict->zones[zone].reference;

	return reference->source == REFERENCE_PRIMARY &&
		facts->seen->soa[pair].signature_expiration &&
		!facts->seen->soa[reference->pair].signature_expiration;
}

static void say_signer(const struct facts *facts, struct verdict *verdict, uint32_t pair,
	struct finding *finding)
{
	const char *name = facts->plan->servers[facts->plan->assigned[pair]].display;
	struct arena *arena = &verdict->findings.arena;

	finding->why =
		"it seems to sign the zone by itself (its answer is signed, the primary's is not)";
	finding->advice = arena_printf(arena,
		"if %s is meant to sign: --serials-independent=%s; else compare its zone with the primary's",
		name, name);
}

static const char *not_confirmed(const struct facts *facts, uint32_t pair)
{
	return facts->seen->soa[pair].nsid
		? " (not confirmed: no second answer of this node in time)"
		: " (not confirmed: no second answer in time)";
}

static void say_behind(const struct facts *facts, struct verdict *verdict, uint32_t zone,
	uint32_t pair)
{
	const struct pair_verdict *at = &verdict->pairs[pair];
	struct text text = { 0 };
	struct finding *finding;

	text_addf(&text, "%u serial%s behind", at->serials_behind,
		at->serials_behind == 1 ? "" : "s");
	if (has_lag(at)) {
		text_add(&text, " for ");
		judge_since_text(&text, at->lag_s, at->lag_since_s, at->lag_is_minimum);
	} else {
		text_add(&text, ", since when is not known (no earlier run)");
	}
	finding = judge_say(facts, verdict, FINDING_SECONDARY_BEHIND, zone, pair, "%s",
		text_string(&text));
	finding->detail = arena_printf(&verdict->findings.arena, "serves %u, should be %u%s",
		facts->seen->soa[pair].serial, verdict->zones[zone].reference.serial,
		facts->seen->soa[pair].confirmed ? "" : not_confirmed(facts, pair));
	finding->severity = behind_severity(facts->policy, at);
	finding->amount = at->lag_s;
	finding->has_amount = has_lag(at);
	if (signs_by_itself(facts, verdict, zone, pair))
		say_signer(facts, verdict, pair, finding);
	text_free(&text);
}

static void say_ahead(const struct facts *facts, struct verdict *verdict, uint32_t zone,
	uint32_t pair)
{
	const struct reference *reference = &verdict->zones[zone].reference;
	uint32_t serial = facts->seen->soa[pair].serial;
	uint32_t distance = serial_distance(reference->serial, serial);
	struct finding *finding;

	finding = judge_say(facts, verdict, FINDING_SECONDARY_AHEAD, zone, pair,
		"%u serial%s ahead of the primary", distance, distance == 1 ? "" : "s");
	finding->detail = arena_printf(&verdict->findings.arena, "serves %u, the primary %u",
		serial, reference->serial);
	finding->amount = distance;
	finding->has_amount = true;
	if (signs_by_itself(facts, verdict, zone, pair))
		say_signer(facts, verdict, pair, finding);
	/* The primary has that, too, and only does not show it yet: nothing is wrong with the
	 * server. */
	if (judge_is_hidden(facts, verdict, zone, serial))
		finding->severity = SEVERITY_WARNING;
}

static void say_undefined(const struct facts *facts, struct verdict *verdict, uint32_t zone,
	uint32_t pair)
{
	judge_say(facts, verdict, FINDING_SERIAL_UNDEFINED, zone, pair,
		"serves %u, half the number space apart from %u: no server can tell which is newer",
		facts->seen->soa[pair].serial, verdict->zones[zone].reference.serial);
}

static void measure_lag(const struct facts *facts, struct verdict *verdict, uint32_t zone,
	uint32_t pair)
{
	struct pair_verdict *at = &verdict->pairs[pair];
	uint32_t serial = facts->seen->soa[pair].serial;
	struct lag lag = history_lag(history_of(facts->past, zone), serial, facts->now_s);

	at->lag_s = lag.seconds;
	at->lag_since_s = lag.since_s;
	at->lag_known = lag.known;
	at->lag_is_minimum = lag.is_minimum;
	at->serials_behind = serial_distance(serial, verdict->zones[zone].reference.serial);
}

static void judge_pair(const struct facts *facts, struct verdict *verdict, uint32_t zone,
	uint32_t pair)
{
	struct zone_verdict *whole = &verdict->zones[zone];
	struct pair_verdict *at = &verdict->pairs[pair];

	at->relation = judge_relation(facts, &whole->reference, pair);
	switch (at->relation) {
	case RELATION_UNKNOWN:
		break;
	case RELATION_SAME:
	case RELATION_CATCHING_UP:
	case RELATION_INDEPENDENT:
		at->lag_known = true;
		whole->in_sync++;
		break;
	case RELATION_BEHIND:
		measure_lag(facts, verdict, zone, pair);
		say_behind(facts, verdict, zone, pair);
		break;
	case RELATION_AHEAD:
		/* Without -H the reference is the newest: then only serials in a circle can be
		 * "ahead". */
		if (whole->reference.source == REFERENCE_PRIMARY)
			say_ahead(facts, verdict, zone, pair);
		else
			say_undefined(facts, verdict, zone, pair);
		break;
	case RELATION_UNDEFINED:
		say_undefined(facts, verdict, zone, pair);
		break;
	}
}

bool judge_is_calm(const struct facts *facts, uint32_t zone)
{
	const struct zone *at = &facts->plan->zones[zone];
	const struct soa_observation *seen = &facts->seen->soa[at->first_pair];

	for (uint32_t i = 0; i < at->pair_count; i++) {
		if (seen[i].fields != seen[0].fields || seen[i].expire_s != EXPIRE_NONE ||
			seen[i].signature_expiration || seen[i].signature_inception)
			return false;
	}
	return judge_is_level(facts, zone);
}

void judge_level(const struct facts *facts, struct verdict *verdict, uint32_t zone)
{
	const struct zone *at = &facts->plan->zones[zone];

	verdict->zones[zone].servers = verdict->zones[zone].in_sync = at->pair_count;
	for (uint32_t pair = at->first_pair; pair < at->first_pair + at->pair_count; pair++) {
		verdict->pairs[pair].relation = RELATION_SAME;
		verdict->pairs[pair].lag_known = true;
	}
}

void judge_serials(const struct facts *facts, struct verdict *verdict, uint32_t zone)
{
	const struct zone *at = &facts->plan->zones[zone];

	if (judge_is_level(facts, zone)) {
		judge_level(facts, verdict, zone);
		return;
	}

	for (uint32_t pair = at->first_pair; pair < at->first_pair + at->pair_count; pair++) {
		if (facts->seen->soa[pair].outcome != OUTCOME_NO_ROUTE &&
			!judge_is_absent(facts, pair))
			verdict->zones[zone].servers++;
		judge_pair(facts, verdict, zone, pair);
	}
}
