/*
 * What is visible of the why, from outside. A transfer that is refused to this host proves nothing
 * about the secondary's address, so it is evidence (`why`) and no cause; only what must stop every
 * transfer is a cause.
 */
#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/judge/judge.h"

static const struct transfer_observation *transfer_of(const struct facts *facts, uint32_t zone,
	uint32_t server)
{
	for (size_t i = 0; i < facts->seen->transfer_count; i++) {
		const struct transfer_observation *each = &facts->seen->transfers[i];

		if (each->zone == zone && each->server == server)
			return each;
	}
	return NULL;
}

static void add_transfer(const struct facts *facts, const struct transfer_observation *transfer,
	struct text *out)
{
	const char *name = facts->plan->servers[transfer->server].display;
	char rcode[16];

	switch ((enum outcome)transfer->outcome) {
	case OUTCOME_ANSWERED:
		text_addf(out, "%s does transfer the zone to this host", name);
		break;
	case OUTCOME_REFUSED:
	case OUTCOME_NOTAUTH:
		text_addf(out, "%s refuses transfers to this host (%s)", name,
			rcode_text(transfer->rcode, rcode));
		break;
	case OUTCOME_TIMEOUT:
	case OUTCOME_PORT_CLOSED:
	case OUTCOME_UNREACHABLE:
	case OUTCOME_NO_ROUTE:
	case OUTCOME_CONNECTION_BROKEN:
		text_addf(out, "%s does not get a transfer under way by TCP", name);
		break;
	case OUTCOME_MALFORMED:
	case OUTCOME_TSIG_FAILED:
		text_addf(out, "%s answers a transfer with something that is none", name);
		break;
	case OUTCOME_SERVFAIL:
	case OUTCOME_NXDOMAIN:
	case OUTCOME_NO_SOA:
	case OUTCOME_NOT_AUTHORITATIVE:
	case OUTCOME_RCODE:
		text_addf(out, "%s answers a transfer with %s", name,
			rcode_text(transfer->rcode, rcode));
		break;
	case OUTCOME_NOT_ASKED:
	case OUTCOME_COUNT:
		break;
	}
}

/* EXPIRE counts down from the last time that the server reached its primary. */
static void add_refresh(const struct facts *facts, uint32_t pair, struct text *out)
{
	const struct soa_observation *seen = &facts->seen->soa[pair];
	uint32_t whole = facts->seen->fields[seen->fields].expire;
	char age[32];

	if (!judge_has_serial(seen) || seen->expire_s == EXPIRE_NONE || seen->expire_s > whole)
		return;
	text_addf(out, "%sthe secondary's last successful refresh was %s ago",
		out->length ? "; " : "", duration_format((int64_t)whole - seen->expire_s, age));
}

/* Which of the zone's pairs is this server? */
static uint32_t pair_of(const struct facts *facts, uint32_t zone, uint32_t server)
{
	const struct zone *at = &facts->plan->zones[zone];

	for (uint32_t pair = at->first_pair; pair < at->first_pair + at->pair_count; pair++) {
		if (facts->plan->assigned[pair] == server)
			return pair;
	}
	return PLAN_NONE;
}

static bool needs_transfers(enum finding_code code)
{
	return code == FINDING_SECONDARY_BEHIND || code == FINDING_ZONE_NOT_LOADED ||
		code == FINDING_ZONE_EXPIRED || code == FINDING_ZONE_SERVFAIL ||
		code == FINDING_ZONE_REFUSED || code == FINDING_REFRESH_OVERDUE ||
		code == FINDING_EXPIRE_NEAR;
}

void judge_cause(const struct facts *facts, struct verdict *verdict, struct finding *finding)
{
	const struct reference *reference;
	const struct transfer_observation *transfer;
	enum outcome tcp;
	uint32_t from;
	struct text why = { 0 };

	if (!needs_transfers(finding->code) || finding->zone == PLAN_NONE ||
		finding->server == PLAN_NONE)
		return;
	reference = &verdict->zones[finding->zone].reference;
	if (reference->source == REFERENCE_NONE ||
		facts->plan->assigned[reference->pair] == finding->server)
		return;
	from = facts->plan->assigned[reference->pair];
	tcp = (enum outcome)facts->seen->servers[from].tcp_outcome;
	transfer = transfer_of(facts, finding->zone, from);
	if (tcp == OUTCOME_TIMEOUT || tcp == OUTCOME_PORT_CLOSED) {
		finding->cause = FINDING_TCP_UNREACHABLE;
		text_addf(&why, "%s does not answer by TCP, so nothing can be transferred from it",
			facts->plan->servers[from].display);
	} else if (transfer) {
		add_transfer(facts, transfer, &why);
	}
	if (finding->code == FINDING_SECONDARY_BEHIND)
		add_refresh(facts, pair_of(facts, finding->zone, finding->server), &why);
	if (why.length)
		finding->why = arena_string(&verdict->findings.arena, text_string(&why));
	text_free(&why);
}
