/*
 * Zone transfers: who may, who may not, and what came of it. Each pair's transfer gives one finding
 * at most about how it ended, and further ones about what it brought.
 */
#include <inttypes.h>
#include <string.h>

#include "common/base/text.h"
#include "common/judge/transfer_private.h"

static void judge_slow(const struct judged_transfer *seen)
{
	const struct transfer_policy *policy = seen->policy;
	double seconds = (double)seen->transfer->duration_us / 1e6;
	bool critical = range_alerts(&policy->slow_critical, seconds);
	struct text text = { 0 }, advice = { 0 };
	struct finding *finding;

	if (!critical && !range_alerts(&policy->slow_warning, seconds))
		return;
	text_addf(&text, "takes %.3f s for the transfer: %" PRIu64 " records, %" PRIu64 " bytes",
		seconds, seen->transfer->records, seen->transfer->bytes);
	finding = transfer_say(seen, FINDING_TRANSFER_SLOW, &text);
	finding->severity = critical ? SEVERITY_CRITICAL : SEVERITY_WARNING;
	finding->amount = seen->transfer->duration_us / 1000;
	finding->has_amount = true;
	transfer_add_dig_transfer(seen, &advice);
	text_add(&advice, " +noall +stats; then the load of the server, and the way to it");
	finding->advice = transfer_kept(seen, &advice);
	text_free(&text);
}

static void judge_short(const struct judged_transfer *seen)
{
	struct text text = { 0 }, advice = { 0 };
	struct finding *finding;

	if (seen->transfer->records >= seen->policy->least_records ||
		seen->transfer->form != TRANSFER_FULL)
		return;
	text_addf(&text,
		"has a zone of %" PRIu64 " records (serial %u), fewer than %" PRIu64
		" (--min-records)",
		seen->transfer->records, seen->transfer->serial, seen->policy->least_records);
	finding = transfer_say(seen, FINDING_TRANSFER_SHORT, &text);
	finding->amount = (int64_t)seen->transfer->records;
	finding->has_amount = true;
	text_addf(&advice, "on %s: look at what filled the zone last; compare with a secondary: ",
		seen->server->display);
	transfer_add_dig_transfer(seen, &advice);
	text_add(&advice, " +noall +stats");
	finding->advice = transfer_kept(seen, &advice);
	text_free(&text);
}

static void judge_fall_back(const struct judged_transfer *seen)
{
	struct text text = { 0 };

	if (!seen->policy->incremental || seen->transfer->form != TRANSFER_FULL)
		return;
	text_addf(&text, "answers IXFR from %u with the whole zone: serial %u, %" PRIu64 " records",
		seen->policy->serial, seen->transfer->serial, seen->transfer->records);
	transfer_say(seen, FINDING_IXFR_FELL_BACK, &text);
	text_free(&text);
}

static void judge_whole(const struct judged_transfer *seen)
{
	judge_short(seen);
	judge_slow(seen);
	judge_fall_back(seen);
}

/* Is there anybody else whom this machine can ask? */
static bool others_are_asked(const struct facts *facts)
{
	for (uint32_t pair = 0; pair < facts->plan->pair_count; pair++) {
		if (facts->seen->zone_transfers[pair].end != TRANSFER_END_NO_ROUTE)
			return true;
	}
	return false;
}

static void judge_no_route(const struct judged_transfer *seen)
{
	bool is_skipped = seen->server->address.family == 6 && others_are_asked(seen->facts);
	struct text text = { 0 }, advice = { 0 };
	char address[ADDRESS_TEXT];
	struct finding *finding;

	text_add(&text,
		is_skipped ? "not asked: this machine has no route for IPv6"
			   : "can't be asked: this machine has no route to it");
	finding = transfer_say(seen, is_skipped ? FINDING_IPV6_SKIPPED : FINDING_SERVER_UNREACHABLE,
		&text);
	text_addf(&advice, "ip route get %s", address_to_text(&seen->server->address, address));
	finding->advice = transfer_kept(seen, &advice);
	text_free(&text);
}

static void judge_unasked(const struct judged_transfer *seen)
{
	struct text text = { 0 };

	text_add(&text, "was not asked before the deadline");
	transfer_say(seen, FINDING_DEADLINE_REACHED, &text)->severity =
		seen->facts->policy->timeout_result;
	text_free(&text);
}

static void judge_open(const struct judged_transfer *seen)
{
	struct text text = { 0 }, advice = { 0 };
	struct finding *finding;

	text_add(&text, "gives the zone to ");
	transfer_add_source(seen, &text);
	text_addf(&text, ", which should be refused: serial %u", seen->transfer->serial);
	finding = transfer_say(seen, FINDING_TRANSFER_OPEN, &text);
	text_addf(&advice,
		"on %s: narrow allow-axfr-ips and ALLOW-AXFR-FROM (PowerDNS), allow-transfer (BIND), provide-xfr (NSD) or acl (Knot); then ",
		seen->server->display);
	transfer_add_dig_transfer(seen, &advice);
	finding->advice = transfer_kept(seen, &advice);
	text_free(&text);
}

/* How it ended, where it should have succeeded; and the same trouble where it should have been
 * refused and was not. */
static void judge_end(const struct judged_transfer *seen)
{
	switch (seen->transfer->end) {
	case TRANSFER_END_COMPLETE:
	case TRANSFER_END_CURRENT:
	case TRANSFER_END_BEGAN:
		judge_whole(seen);
		return;
	case TRANSFER_END_RCODE:
		transfer_judge_rcode(seen);
		return;
	case TRANSFER_END_TIMEOUT:
		transfer_judge_timeout(seen);
		return;
	case TRANSFER_END_PORT_CLOSED:
		transfer_judge_closed(seen);
		return;
	case TRANSFER_END_UNREACHABLE:
		transfer_judge_unreachable(seen);
		return;
	case TRANSFER_END_NO_ROUTE:
		judge_no_route(seen);
		return;
	case TRANSFER_END_CUT:
		transfer_judge_cut(seen);
		return;
	case TRANSFER_END_BROKEN:
		transfer_judge_broken(seen);
		return;
	case TRANSFER_END_UNSIGNED:
	case TRANSFER_END_TSIG:
		transfer_judge_signature(seen);
		return;
	case TRANSFER_END_TLS:
		transfer_judge_tls(seen);
		return;
	case TRANSFER_END_NOT_ASKED:
	case TRANSFER_END_COUNT:
		break;
	}
	judge_unasked(seen);
}

/* A server that says no, whatever else it says of the key. */
static bool is_refusal(const struct zone_transfer *transfer)
{
	return (transfer->end == TRANSFER_END_RCODE &&
		       (transfer->rcode == DNS_REFUSED || transfer->rcode == DNS_NOTAUTH)) ||
		(transfer->end == TRANSFER_END_TSIG &&
			(!strcmp(transfer->trouble, "BADKEY") ||
				!strcmp(transfer->trouble, "BADSIG")));
}

static bool is_transfer(const struct zone_transfer *transfer)
{
	return transfer->end == TRANSFER_END_COMPLETE || transfer->end == TRANSFER_END_CURRENT ||
		transfer->end == TRANSFER_END_BEGAN;
}

/*
 * --expect=refused. Only a refusal is a proof: who is silent, closed or broken today may give the
 * zone to anybody tomorrow, and nothing bad was seen, either. So that is UNKNOWN; a firewall that
 * keeps strangers away for good is said by --severity=transfer_timeout=ok.
 */
static void judge_refusal(const struct judged_transfer *seen)
{
	size_t first = seen->verdict->findings.count;

	if (is_refusal(seen->transfer))
		return;
	if (is_transfer(seen->transfer)) {
		judge_open(seen);
		return;
	}
	judge_end(seen);
	for (size_t i = first; i < seen->verdict->findings.count; i++) {
		struct finding *finding = &seen->verdict->findings.items[i];

		if (finding->severity == SEVERITY_OK || finding->code == FINDING_DEADLINE_REACHED)
			continue;
		finding->severity = SEVERITY_UNKNOWN;
		finding->evidence = "this does not prove that transfers are refused";
	}
}

static void judge_pair(const struct facts *facts, struct verdict *verdict, uint32_t zone,
	uint32_t pair)
{
	struct judged_transfer seen = {
		.facts = facts,
		.verdict = verdict,
		.zone = zone,
		.pair = pair,
		.server = &facts->plan->servers[facts->plan->assigned[pair]],
		.transfer = &facts->seen->zone_transfers[pair],
		.policy = &facts->policy->transfers,
	};

	verdict->pairs[pair].role = judge_role(facts, verdict, zone, pair);
	if (seen.policy->expect_refused)
		judge_refusal(&seen);
	else
		judge_end(&seen);
	transfer_judge_comparison(&seen);
}

void judge_transfers(const struct facts *facts, struct verdict *verdict)
{
	judge_begin(facts, verdict);
	for (uint32_t zone = 0; zone < facts->plan->zone_count; zone++) {
		const struct zone *at = &facts->plan->zones[zone];

		for (uint32_t i = 0; i < at->pair_count; i++)
			judge_pair(facts, verdict, zone, at->first_pair + i);
	}
	judge_conclude(facts, verdict);
}
