/*
 * What is visible of the why, from outside. Healthy primaries refuse transfers to strangers, so
 * that this host is refused proves nothing about the secondary: it is evidence, and stands behind.
 * Only what must stop every transfer is a cause.
 */
#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/judge/judge.h"

static const struct transfer_observation *transfer_of(const struct facts *facts, uint32_t zone,
	uint32_t server)
{
	for (size_t i = 0; i < facts->seen->transfer_count; i++) {
		const struct transfer_observation *each = &facts->seen->transfers[i];

		if (each->zone == zone && each->server == server && !each->soa)
			return each;
	}
	return NULL;
}

/* How the first message of an AXFR came out here: into `why` where it must stop every secondary,
 * else into `evidence`. */
static void add_transfer(const struct facts *facts, const struct transfer_observation *transfer,
	struct text *why, struct text *evidence)
{
	const char *name = facts->plan->servers[transfer->server].display;
	char rcode[16];

	switch ((enum outcome)transfer->outcome) {
	case OUTCOME_ANSWERED:
		text_addf(evidence, "%s does transfer the zone to this host", name);
		break;
	case OUTCOME_REFUSED:
	case OUTCOME_NOTAUTH:
		text_addf(evidence,
			"%s refuses transfers to this host (%s); whether to the secondary, too, shows only there",
			name, rcode_text(transfer->rcode, rcode));
		break;
	case OUTCOME_TIMEOUT:
	case OUTCOME_PORT_CLOSED:
	case OUTCOME_UNREACHABLE:
	case OUTCOME_NO_ROUTE:
	case OUTCOME_CONNECTION_BROKEN:
		text_addf(why, "%s does not get a transfer under way by TCP", name);
		break;
	case OUTCOME_MALFORMED:
	case OUTCOME_TSIG_FAILED:
		text_addf(why, "%s answers a transfer with something that is none", name);
		break;
	case OUTCOME_NO_SOA:
		text_addf(why, "%s answers a transfer with nothing", name);
		break;
	case OUTCOME_SERVFAIL:
	case OUTCOME_NXDOMAIN:
	case OUTCOME_NOT_AUTHORITATIVE:
	case OUTCOME_RCODE:
		text_addf(why, "%s answers a transfer with %s", name,
			rcode_text(transfer->rcode, rcode));
		break;
	case OUTCOME_NOT_ASKED:
	case OUTCOME_COUNT:
		break;
	}
}

/*
 * EXPIRE counts down from the last time that the server got through to its primary and had, or was
 * given, what that had (RFC 7314 4). So it tells a secondary that can't get the change from one
 * that asks somebody who does not have it.
 */
static void add_refresh(const struct facts *facts, const struct verdict *verdict, uint32_t pair,
	struct text *out)
{
	const struct soa_observation *seen = &facts->seen->soa[pair];
	const struct pair_verdict *at = &verdict->pairs[pair];
	uint32_t whole = facts->seen->fields[seen->fields]->expire;
	int64_t age_s = (int64_t)whole - seen->expire_s;
	char age[32];

	if (seen->expire_s == EXPIRE_NONE || age_s < 0)
		return;
	/* It was asked a second after the reference served the change. */
	if (age_s == 0) {
		text_add(out, "it refreshed just now: it asks another primary, or is one itself");
		return;
	}
	duration_format(age_s, age);
	if (at->lag_known && age_s < at->lag_s)
		text_addf(out, "it refreshed %s ago, after the change: it may ask another primary",
			age);
	else
		text_addf(out, "no successful refresh for %s", age);
}

static bool needs_transfers(enum finding_code code)
{
	return code == FINDING_SECONDARY_BEHIND || code == FINDING_ZONE_NOT_LOADED ||
		code == FINDING_ZONE_EXPIRED || code == FINDING_ZONE_SERVFAIL ||
		code == FINDING_ZONE_REFUSED || code == FINDING_REFRESH_OVERDUE ||
		code == FINDING_EXPIRE_NEAR;
}

/* What stops every transfer: the primary given by -H serves nothing, or nothing by TCP. */
static enum finding_code silence(enum outcome outcome)
{
	switch (outcome) {
	case OUTCOME_TIMEOUT:
	case OUTCOME_CONNECTION_BROKEN:
		return FINDING_SERVER_TIMEOUT;
	case OUTCOME_PORT_CLOSED:
		return FINDING_SERVER_PORT_CLOSED;
	case OUTCOME_UNREACHABLE:
		return FINDING_SERVER_UNREACHABLE;
	case OUTCOME_NOT_ASKED:
	case OUTCOME_ANSWERED:
	case OUTCOME_NO_ROUTE:
	case OUTCOME_MALFORMED:
	case OUTCOME_REFUSED:
	case OUTCOME_SERVFAIL:
	case OUTCOME_NOTAUTH:
	case OUTCOME_NXDOMAIN:
	case OUTCOME_NO_SOA:
	case OUTCOME_NOT_AUTHORITATIVE:
	case OUTCOME_RCODE:
	case OUTCOME_TSIG_FAILED:
	case OUTCOME_COUNT:
		break;
	}
	return FINDING_NONE;
}

static void blame_primary(const struct facts *facts, struct finding *finding, struct text *why)
{
	const struct zone *zone = &facts->plan->zones[finding->zone];

	for (uint32_t pair = zone->first_pair; pair < zone->first_pair + zone->pair_count; pair++) {
		if (!(facts->plan->pair_flags[pair] & PAIR_PRIMARY))
			continue;
		finding->cause = silence((enum outcome)facts->seen->soa[pair].outcome);
		if (finding->cause == FINDING_NONE)
			continue;
		text_addf(why, "the primary %s does not answer here, either",
			facts->plan->servers[facts->plan->assigned[pair]].display);
		return;
	}
}

static void blame_transfers(const struct facts *facts, struct finding *finding, uint32_t from,
	struct text *why, struct text *evidence)
{
	const struct transfer_observation *transfer = transfer_of(facts, finding->zone, from);
	enum outcome tcp = (enum outcome)facts->seen->servers[from].tcp_outcome;

	if (tcp == OUTCOME_TIMEOUT || tcp == OUTCOME_PORT_CLOSED || tcp == OUTCOME_UNREACHABLE ||
		tcp == OUTCOME_CONNECTION_BROKEN) {
		finding->cause = FINDING_TCP_UNREACHABLE;
		text_addf(why, "%s does not answer by TCP, so nothing can be transferred from it",
			facts->plan->servers[from].display);
	} else if (transfer) {
		add_transfer(facts, transfer, why, evidence);
	}
}

void judge_cause(const struct facts *facts, struct verdict *verdict, struct finding *finding)
{
	const struct reference *reference;
	struct text why = { 0 }, evidence = { 0 };

	if (!needs_transfers(finding->code) || finding->zone == PLAN_NONE ||
		finding->role != ROLE_SECONDARY || finding->why) /* the judge knew better */
		return;
	reference = &verdict->zones[finding->zone].reference;
	/* A server that never heard of the zone has not lost it for want of a primary. */
	if (reference->source != REFERENCE_PRIMARY && finding->code != FINDING_ZONE_REFUSED)
		blame_primary(facts, finding, &why);
	/* Who is only the newest of all is nobody's primary. */
	if (reference->source == REFERENCE_PRIMARY || reference->source == REFERENCE_SOA_MNAME)
		blame_transfers(facts, finding, facts->plan->assigned[reference->pair], &why,
			&evidence);
	if (finding->code == FINDING_SECONDARY_BEHIND && !why.length)
		add_refresh(facts, verdict, plan_pair(facts->plan, finding->zone, finding->server),
			&why);
	if (why.length)
		finding->why = arena_string(&verdict->findings.arena, text_string(&why));
	if (evidence.length)
		finding->evidence = arena_string(&verdict->findings.arena, text_string(&evidence));
	text_free(&why);
	text_free(&evidence);
}
