/* Before anybody is blamed: what has to be asked again. Where something is wrong all the same: what
 * would show the why. */
#include "common/judge/judge.h"

enum { SOON_S = 14 * 86400 };

static bool is_doubtful(enum relation relation)
{
	return relation == RELATION_BEHIND || relation == RELATION_AHEAD ||
		relation == RELATION_UNDEFINED;
}

static size_t doubt_serials(const struct facts *facts, uint32_t zone,
	const struct reference *reference, struct doubt *doubts)
{
	const struct zone *at = &facts->plan->zones[zone];
	size_t count = 0;

	for (uint32_t pair = at->first_pair; pair < at->first_pair + at->pair_count; pair++) {
		if (is_doubtful(judge_relation(facts, reference, pair)))
			doubts[count++] = (struct doubt){ zone, pair };
	}
	if (count > 0)
		doubts[count++] = (struct doubt){ zone, reference->pair };
	return count;
}

size_t judge_doubts(const struct facts *facts, struct doubt *doubts)
{
	size_t count = 0;

	for (uint32_t z = 0; z < facts->plan->zone_count; z++) {
		struct reference reference;

		if (judge_is_level(facts, z))
			continue;
		reference = judge_reference(facts, z);
		if (reference.source != REFERENCE_NONE && !facts->plan->zones[z].gone_since_s)
			count += doubt_serials(facts, z, &reference, doubts + count);
	}
	return count;
}

/* A server that reads its zones anew, or restarts, loses connections for a moment. */
static bool is_fleeting(enum outcome tcp)
{
	return tcp == OUTCOME_PORT_CLOSED || tcp == OUTCOME_CONNECTION_BROKEN;
}

size_t judge_tcp_doubts(const struct facts *facts, struct doubt *doubts)
{
	const struct plan *plan = facts->plan;
	struct arena arena = { 0 };
	bool *fleeting = arena_array(&arena, plan->server_count, sizeof(*fleeting));
	size_t count = 0, left = 0;

	for (uint32_t s = 0; s < plan->server_count; s++)
		left += fleeting[s] =
			is_fleeting((enum outcome)facts->seen->servers[s].tcp_outcome);
	for (uint32_t z = 0; z < plan->zone_count && left; z++) {
		const struct zone *zone = &plan->zones[z];

		for (uint32_t i = 0; i < zone->pair_count; i++) {
			uint32_t pair = zone->first_pair + i, server = plan->assigned[pair];

			if (!fleeting[server] || !judge_responded(&facts->seen->soa[pair]))
				continue;
			fleeting[server] = false;
			left--;
			doubts[count++] = (struct doubt){ z, pair };
		}
	}
	arena_free(&arena);
	return count;
}

/* Bits of what a finding is diagnosed by; _FROM: of the server whose serial counts. */
enum {
	TRANSFER_FROM = 1,
	TRANSFER = 2, /* from the server itself: it may have more than its DNS shows */
	SOA_BY_TCP = 4,
	NS_SETS = 8, /* of both */
	SOFTWARE = 16,
	SOFTWARE_FROM = 32,
	WORDS = SOFTWARE | SOFTWARE_FROM,
	ABSENT = TRANSFER_FROM | TRANSFER | SOA_BY_TCP | WORDS,
};

/* What would tell more about each finding; a server that is silent can't be asked, and what is
 * about the run needs nobody. */
static const unsigned char diagnosed_by[FINDING_COUNT] = {
	[FINDING_SECONDARY_BEHIND] = ABSENT,
	[FINDING_SECONDARY_AHEAD] = TRANSFER_FROM | WORDS,
	[FINDING_SERIAL_UNDEFINED] = WORDS,
	[FINDING_SOA_DIFFERS] = NS_SETS | WORDS,
	[FINDING_ZONE_TIMEOUT] = SOFTWARE,
	[FINDING_TCP_UNREACHABLE] = SOFTWARE,
	[FINDING_UDP_UNREACHABLE] = SOFTWARE,
	[FINDING_ZONE_REFUSED] = ABSENT,
	[FINDING_ZONE_SERVFAIL] = TRANSFER_FROM | SOA_BY_TCP | WORDS,
	[FINDING_ZONE_NOTAUTH] = ABSENT,
	[FINDING_ZONE_NXDOMAIN] = ABSENT,
	[FINDING_NOT_AUTHORITATIVE] = ABSENT,
	[FINDING_NO_SOA] = ABSENT,
	[FINDING_MALFORMED_ANSWER] = SOA_BY_TCP | SOFTWARE,
	[FINDING_UNEXPECTED_RCODE] = SOA_BY_TCP | SOFTWARE,
	[FINDING_TSIG_FAILED] = SOFTWARE,
	[FINDING_ZONE_EXPIRED] = TRANSFER_FROM | WORDS,
	[FINDING_ZONE_NOT_LOADED] = TRANSFER_FROM | WORDS,
	[FINDING_ORPHAN_ZONE] = SOFTWARE,
	[FINDING_EXPIRE_NEAR] = TRANSFER_FROM | WORDS,
	[FINDING_REFRESH_OVERDUE] = TRANSFER_FROM | WORDS,
	[FINDING_SIGNATURE_EXPIRING] = WORDS,
	[FINDING_SIGNATURE_EXPIRED] = WORDS,
	[FINDING_SIGNATURE_STALE] = WORDS,
};

struct list {
	const struct facts *facts;
	struct diagnosis_doubt *items; /* DIAGNOSIS_MOST */
	size_t count;
};

static uint32_t server_of(const struct list *list, uint32_t pair)
{
	return list->facts->plan->assigned[pair];
}

/* What a server tells of itself is asked once, the rest once a zone. */
static bool is_listed(const struct list *list, const struct diagnosis_doubt *wanted)
{
	bool of_server = wanted->kind == DIAGNOSIS_SOFTWARE || wanted->kind == DIAGNOSIS_IDENTITY;

	for (size_t i = 0; i < list->count; i++) {
		const struct diagnosis_doubt *each = &list->items[i];

		if (each->kind == wanted->kind &&
			(of_server ? server_of(list, each->pair) == server_of(list, wanted->pair)
				   : each->pair == wanted->pair))
			return true;
	}
	return false;
}

/* Transfers need TCP, and that does not work is known already. */
static bool has_no_tcp(const struct facts *facts, uint32_t server)
{
	enum outcome tcp = (enum outcome)facts->seen->servers[server].tcp_outcome;

	return tcp == OUTCOME_TIMEOUT || tcp == OUTCOME_PORT_CLOSED || tcp == OUTCOME_UNREACHABLE ||
		tcp == OUTCOME_NO_ROUTE || tcp == OUTCOME_CONNECTION_BROKEN;
}

/* What may be about to end: the zone there (by EXPIRE) or its signatures. */
static bool may_end_soon(const struct facts *facts, const struct soa_observation *seen)
{
	const struct soa_content *fields = facts->seen->fields[seen->fields];
	bool is_signed = seen->signature_expiration || seen->signature_inception;

	if (is_signed && (int32_t)(seen->signature_expiration - (uint32_t)facts->now_s) < SOON_S)
		return true;
	return seen->expire_s != EXPIRE_NONE &&
		(seen->expire_s / 3 * 4 < fields->expire || /* later thresholds are unusual */
			(int64_t)fields->expire - seen->expire_s > fields->refresh);
}

/* Everybody must say what the first says. */
static bool is_zone_troubled(const struct facts *facts, const struct zone *zone)
{
	const struct soa_observation *first = &facts->seen->soa[zone->first_pair];

	for (uint32_t i = 0; i < zone->pair_count; i++) {
		const struct soa_observation *seen = &first[i];

		if (!judge_responded(seen)) /* nobody to ask */
			continue;
		if (seen->outcome != OUTCOME_ANSWERED || zone->gone_since_s ||
			seen->serial != first->serial || seen->fields != first->fields ||
			may_end_soon(facts, seen))
			return true;
	}
	return false;
}

bool judge_is_troubled(const struct facts *facts)
{
	for (uint32_t server = 0; server < facts->plan->server_count; server++) {
		if (has_no_tcp(facts, server) ||
			facts->seen->servers[server].udp_outcome != OUTCOME_NOT_ASKED)
			return true;
	}
	for (uint32_t z = 0; z < facts->plan->zone_count; z++) {
		if (is_zone_troubled(facts, &facts->plan->zones[z]))
			return true;
	}
	return false;
}

static bool is_pointless(const struct list *list, const struct diagnosis_doubt *wanted)
{
	const struct facts *facts = list->facts;
	const struct soa_observation *seen = &facts->seen->soa[wanted->pair];

	switch (wanted->kind) {
	case DIAGNOSIS_TRANSFER:
		return has_no_tcp(facts, server_of(list, wanted->pair));
	case DIAGNOSIS_SOA_BY_TCP:
		return has_no_tcp(facts, server_of(list, wanted->pair)) ||
			seen->transport == TRANSPORT_TCP;
	case DIAGNOSIS_NS:
		return seen->ns_outcome == OUTCOME_ANSWERED;
	case DIAGNOSIS_IDENTITY:
		return seen->nsid != 0;
	case DIAGNOSIS_SOFTWARE:
	case DIAGNOSIS_COUNT:
		break;
	}
	return false;
}

static void want(struct list *list, enum diagnosis kind, uint32_t zone, uint32_t pair)
{
	struct diagnosis_doubt wanted = { kind, zone, pair };

	if (!is_listed(list, &wanted) && !is_pointless(list, &wanted))
		list->items[list->count++] = wanted;
}

static void want_words(struct list *list, uint32_t zone, uint32_t pair)
{
	if (!judge_responded(&list->facts->seen->soa[pair]))
		return;
	want(list, DIAGNOSIS_SOFTWARE, zone, pair);
	want(list, DIAGNOSIS_IDENTITY, zone, pair);
}

/* At most DIAGNOSIS_OF_PAIR questions. */
static void diagnose(struct list *list, unsigned by, uint32_t zone, uint32_t pair,
	const struct reference *reference)
{
	/* Who is only the newest of all is nobody's primary. */
	bool has_from = reference->pair != PLAN_NONE && reference->pair != pair;
	bool has_primary = has_from && reference->source != REFERENCE_NEWEST;

	if (by & SOA_BY_TCP)
		want(list, DIAGNOSIS_SOA_BY_TCP, zone, pair);
	if (by & TRANSFER)
		want(list, DIAGNOSIS_TRANSFER, zone, pair);
	if (by & TRANSFER_FROM && has_primary)
		want(list, DIAGNOSIS_TRANSFER, zone, reference->pair);
	if (by & NS_SETS)
		want(list, DIAGNOSIS_NS, zone, pair);
	if (by & NS_SETS && has_from)
		want(list, DIAGNOSIS_NS, zone, reference->pair);
	if (by & SOFTWARE)
		want_words(list, zone, pair);
	if (by & SOFTWARE_FROM && has_primary)
		want_words(list, zone, reference->pair);
}

/* The pair that stands for a finding: of a server as a whole, its first zone. */
static uint32_t pair_of(const struct facts *facts, const struct verdict *verdict,
	const struct finding *finding, uint32_t *zone)
{
	*zone = finding->zone == PLAN_NONE ? verdict->first_zone[finding->server] : finding->zone;
	return plan_pair(facts->plan, *zone, finding->server);
}

size_t judge_diagnosis(const struct facts *facts, const struct verdict *verdict,
	struct diagnosis_doubt doubts[DIAGNOSIS_MOST])
{
	struct list list = { facts, doubts, 0 };
	struct arena arena = { 0 };
	uint8_t *sampled = arena_array(&arena, facts->plan->server_count, sizeof(*sampled));
	uint32_t total = 0;

	for (size_t i = 0; i < verdict->findings.count && total < DIAGNOSED_FINDINGS; i++) {
		const struct finding *finding = &verdict->findings.items[i];
		uint32_t zone, pair;

		if (finding->severity == SEVERITY_OK || finding->server == PLAN_NONE ||
			!diagnosed_by[finding->code] || judge_is_told_by_database(facts, finding) ||
			sampled[finding->server] == DIAGNOSED_OF_SERVER)
			continue;
		sampled[finding->server]++;
		total++;
		pair = pair_of(facts, verdict, finding, &zone);
		diagnose(&list, diagnosed_by[finding->code], zone, pair,
			&verdict->zones[zone].reference);
	}
	arena_free(&arena);
	return list.count;
}

size_t judge_transfer_doubts(const struct facts *facts, struct doubt doubts[DIAGNOSIS_MOST])
{
	size_t count = 0;

	for (size_t i = 0; i < facts->seen->transfer_count && count < DIAGNOSIS_MOST; i++) {
		const struct transfer_observation *each = &facts->seen->transfers[i];
		uint32_t pair = plan_pair(facts->plan, each->zone, each->server);

		if (!each->soa && each->outcome == OUTCOME_ANSWERED && pair != PLAN_NONE &&
			(facts->seen->soa[pair].outcome != OUTCOME_ANSWERED ||
				facts->seen->soa[pair].serial != each->serial))
			doubts[count++] = (struct doubt){ each->zone, pair };
	}
	return count + judge_api_doubts(facts, doubts + count, DIAGNOSIS_MOST - count);
}

size_t judge_troubled_zones(const struct verdict *verdict, uint32_t zones[DIAGNOSED_FINDINGS])
{
	size_t count = 0;

	for (size_t i = 0; i < verdict->findings.count && count < DIAGNOSED_FINDINGS; i++) {
		const struct finding *finding = &verdict->findings.items[i];
		size_t same = 0;

		if (finding->zone == PLAN_NONE || finding->severity == SEVERITY_OK)
			continue;
		while (same < count && zones[same] != finding->zone)
			same++;
		if (same == count)
			zones[count++] = finding->zone;
	}
	return count;
}
