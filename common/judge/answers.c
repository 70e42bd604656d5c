/* What a server said instead of an SOA with authority. */
#include <stdio.h>

#include "common/base/text.h"
#include "common/dns/message.h"
#include "common/judge/judge.h"

enum { EDE_NOT_READY = 14, EDE_INVALID_DATA = 24 };

void judge_ede_text(const struct facts *facts, const struct soa_observation *seen, struct text *out)
{
	const char *purpose, *said;

	if (seen->ede_code == EDE_NONE)
		return;
	purpose = ede_purpose(seen->ede_code);
	said = facts->seen->texts[seen->ede_text];
	text_addf(out, ", EDE %u", seen->ede_code);
	if (purpose)
		text_addf(out, " %s", purpose);
	if (*said)
		text_addf(out, " (%s)", said);
}

static bool says_absent(enum finding_code code)
{
	return code == FINDING_ZONE_REFUSED || code == FINDING_ZONE_SERVFAIL ||
		code == FINDING_ZONE_NOTAUTH || code == FINDING_ZONE_NXDOMAIN ||
		code == FINDING_NO_SOA || code == FINDING_NOT_AUTHORITATIVE ||
		code == FINDING_ZONE_EXPIRED || code == FINDING_ZONE_NOT_LOADED;
}

/* CONTRACT, "New zones": a secondary may not have it yet. */
static void spare_new_zone(const struct facts *facts, struct finding *finding, uint32_t zone,
	struct text *detail)
{
	int64_t since_s = facts->plan->zones[zone].new_since_s;

	if (!since_s || finding->role != ROLE_SECONDARY || !says_absent(finding->code))
		return;
	finding->severity = SEVERITY_WARNING;
	text_addf(detail, "%snew in its list for ", detail->length ? "; " : "");
	judge_since_text(detail, facts->now_s - since_s, since_s, false);
}

/* What it said, its EDE, and for how long it has been saying so. */
static void say(const struct facts *facts, struct verdict *verdict, enum finding_code code,
	uint32_t zone, uint32_t pair, const char *what)
{
	struct text text = { 0 }, since = { 0 };
	struct finding *finding;
	int64_t since_s;

	text_add(&text, what);
	judge_ede_text(facts, &facts->seen->soa[pair], &text);
	finding = judge_say(facts, verdict, code, zone, pair, "%s", text_string(&text));
	if (judge_outcome_since(facts, zone, pair, &since_s)) {
		text_add(&since, "for ");
		judge_since_text(&since, facts->now_s - since_s, since_s, false);
		finding->amount = facts->now_s - since_s;
		finding->has_amount = true;
	}
	spare_new_zone(facts, finding, zone, &since);
	if (since.length)
		finding->detail = arena_string(&verdict->findings.arena, text_string(&since));
	text_free(&text);
	text_free(&since);
}

static void say_servfail(const struct facts *facts, struct verdict *verdict, uint32_t zone,
	uint32_t pair)
{
	switch (facts->seen->soa[pair].ede_code) {
	case EDE_INVALID_DATA:
		say(facts, verdict, FINDING_ZONE_EXPIRED, zone, pair,
			"answers SERVFAIL: the zone has expired there, or was never transferred");
		break;
	case EDE_NOT_READY:
		say(facts, verdict, FINDING_ZONE_NOT_LOADED, zone, pair,
			"answers SERVFAIL: the zone is configured there, but not loaded");
		break;
	default: /* an open set of numbers */
		say(facts, verdict, FINDING_ZONE_SERVFAIL, zone, pair, "answers SERVFAIL");
	}
}

static void say_rcode(const struct facts *facts, struct verdict *verdict, uint32_t zone,
	uint32_t pair)
{
	char rcode[16], what[64];

	snprintf(what, sizeof(what), "answers %s", rcode_text(facts->seen->soa[pair].rcode, rcode));
	say(facts, verdict, FINDING_UNEXPECTED_RCODE, zone, pair, what);
}

bool judge_is_other_time(const struct facts *facts, uint32_t pair)
{
	return pair != PLAN_NONE && facts->seen->soa[pair].outcome == OUTCOME_TSIG_FAILED &&
		facts->seen->soa[pair].tsig_error == DNS_BADTIME;
}

static void say_tsig(const struct facts *facts, struct verdict *verdict, uint32_t zone,
	uint32_t pair)
{
	uint16_t error = facts->seen->soa[pair].tsig_error;
	const char *what = "the answer's TSIG signature is wrong";

	if (error == DNS_BADKEY)
		what = "rejects our TSIG key (BADKEY: it does not know it)";
	else if (error == DNS_BADVERS) /* the same number: BADSIG */
		what = "rejects our TSIG signature (BADSIG: the secrets differ)";
	else if (error == DNS_BADTIME)
		what = "rejects our TSIG signature (BADTIME: the clocks differ by more than 5 minutes)";
	else if (error == TSIG_ERROR_NOTAUTH)
		what = "answers NOTAUTH, unsigned: it does not accept our TSIG key";
	else if (error == TSIG_ERROR_UNSIGNED)
		what = "answers without a TSIG signature, though the question had one";
	say(facts, verdict, FINDING_TSIG_FAILED, zone, pair, what);
}

static void judge_answer(const struct facts *facts, struct verdict *verdict, uint32_t zone,
	uint32_t pair)
{
	switch ((enum outcome)facts->seen->soa[pair].outcome) {
	case OUTCOME_NOT_ASKED:
	case OUTCOME_ANSWERED:
	case OUTCOME_NO_ROUTE:
	case OUTCOME_COUNT:
		break;
	case OUTCOME_TIMEOUT:
	case OUTCOME_PORT_CLOSED:
	case OUTCOME_UNREACHABLE:
	case OUTCOME_CONNECTION_BROKEN: /* a server that is silent as a whole is
	                                   judge_reachability()'s */
		if (verdict->responded[facts->plan->assigned[pair]] &&
			facts->seen->soa[pair].udp_outcome != OUTCOME_ANSWERED)
			say(facts, verdict, FINDING_ZONE_TIMEOUT, zone, pair,
				"is silent for this zone, though it answers for others");
		break;
	case OUTCOME_MALFORMED:
		say(facts, verdict, FINDING_MALFORMED_ANSWER, zone, pair,
			"sends something that is no DNS answer to the question");
		break;
	case OUTCOME_REFUSED:
		say(facts, verdict, FINDING_ZONE_REFUSED, zone, pair,
			"answers REFUSED: it does not serve the zone");
		break;
	case OUTCOME_SERVFAIL:
		say_servfail(facts, verdict, zone, pair);
		break;
	case OUTCOME_NOTAUTH:
		say(facts, verdict, FINDING_ZONE_NOTAUTH, zone, pair,
			"answers NOTAUTH: it is no authority for the zone");
		break;
	case OUTCOME_NXDOMAIN:
		say(facts, verdict, FINDING_ZONE_NXDOMAIN, zone, pair,
			"answers NXDOMAIN: for it the zone does not exist");
		break;
	case OUTCOME_NO_SOA:
		say(facts, verdict, FINDING_NO_SOA, zone, pair,
			"answers without an SOA record of the zone");
		break;
	case OUTCOME_NOT_AUTHORITATIVE:
		say(facts, verdict, FINDING_NOT_AUTHORITATIVE, zone, pair,
			"answers without authority (no AA flag)");
		break;
	case OUTCOME_RCODE:
		say_rcode(facts, verdict, zone, pair);
		break;
	case OUTCOME_TSIG_FAILED:
		say_tsig(facts, verdict, zone, pair);
		break;
	}
}

enum finding_code judge_finding_of(const struct soa_observation *seen)
{
	switch ((enum outcome)seen->outcome) {
	case OUTCOME_TIMEOUT:
	case OUTCOME_CONNECTION_BROKEN:
		return FINDING_SERVER_TIMEOUT;
	case OUTCOME_PORT_CLOSED:
		return FINDING_SERVER_PORT_CLOSED;
	case OUTCOME_UNREACHABLE:
		return FINDING_SERVER_UNREACHABLE;
	case OUTCOME_REFUSED:
		return FINDING_ZONE_REFUSED;
	case OUTCOME_NOTAUTH:
		return FINDING_ZONE_NOTAUTH;
	case OUTCOME_NXDOMAIN:
		return FINDING_ZONE_NXDOMAIN;
	case OUTCOME_NO_SOA:
		return FINDING_NO_SOA;
	case OUTCOME_NOT_AUTHORITATIVE:
		return FINDING_NOT_AUTHORITATIVE;
	case OUTCOME_SERVFAIL:
		return seen->ede_code == EDE_INVALID_DATA ? FINDING_ZONE_EXPIRED
			: seen->ede_code == EDE_NOT_READY ? FINDING_ZONE_NOT_LOADED
							  : FINDING_ZONE_SERVFAIL;
	case OUTCOME_TSIG_FAILED:
		return FINDING_TSIG_FAILED;
	case OUTCOME_MALFORMED:
		return FINDING_MALFORMED_ANSWER;
	case OUTCOME_RCODE:
		return FINDING_UNEXPECTED_RCODE;
	case OUTCOME_NOT_ASKED:
	case OUTCOME_ANSWERED:
	case OUTCOME_NO_ROUTE:
	case OUTCOME_COUNT:
		break;
	}
	return FINDING_NONE;
}

static bool says_gone(const struct soa_observation *seen)
{
	return seen->outcome == OUTCOME_REFUSED || seen->outcome == OUTCOME_NOTAUTH ||
		seen->outcome == OUTCOME_NXDOMAIN || seen->outcome == OUTCOME_NO_SOA;
}

/* The primary no longer has the zone; who still serves it? Only where the primary was named (-H):
 * an MNAME proves nothing. */
static void judge_orphan(const struct facts *facts, struct verdict *verdict, uint32_t zone)
{
	const struct zone *at = &facts->plan->zones[zone];
	bool gone = false, served = false;

	for (uint32_t pair = at->first_pair; pair < at->first_pair + at->pair_count; pair++) {
		if (!(facts->plan->pair_flags[pair] & PAIR_PRIMARY))
			continue;
		gone |= says_gone(&facts->seen->soa[pair]);
		served |= judge_has_serial(&facts->seen->soa[pair]);
	}
	if (!gone || served)
		return;
	for (uint32_t pair = at->first_pair; pair < at->first_pair + at->pair_count; pair++) {
		if (!(facts->plan->pair_flags[pair] & PAIR_PRIMARY) &&
			judge_has_serial(&facts->seen->soa[pair]))
			judge_say(facts, verdict, FINDING_ORPHAN_ZONE, zone, pair,
				"still serves the zone (serial %u), which the primary no longer has",
				facts->seen->soa[pair].serial);
	}
}

void judge_answers(const struct facts *facts, struct verdict *verdict, uint32_t zone)
{
	const struct zone *at = &facts->plan->zones[zone];

	if (judge_is_level(facts, zone))
		return;
	for (uint32_t pair = at->first_pair; pair < at->first_pair + at->pair_count; pair++) {
		if (!judge_is_absent(facts, pair))
			judge_answer(facts, verdict, zone, pair);
	}
	judge_orphan(facts, verdict, zone);
}
