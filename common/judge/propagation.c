/*
 * The way of a change: each server serves it in time, or stopped at one step, which is the finding.
 * Steps that were seen excuse those before them: who comes by himself needs no NOTIFY.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/text.h"
#include "common/judge/propagation_private.h"

static struct finding *say(const struct judged_way *seen, enum finding_code code,
	const struct text *text)
{
	return judge_say(seen->facts, seen->verdict, code, 0, seen->pair, "%s", text_string(text));
}

static double seconds(int64_t us)
{
	return (double)us / 1e6;
}

/* "0.3 ms", "2.950 s" */
enum { TIME_TEXT = 32 };
static const char *time_text(int64_t us, char out[TIME_TEXT])
{
	if (us < 1000000)
		snprintf(out, TIME_TEXT, "%.1f ms", (double)us / 1e3);
	else
		snprintf(out, TIME_TEXT, "%.3f s", seconds(us));
	return out;
}

/* "; it answers serial 1795324000"; "; its serial is not known: it does not answer" */
static void add_present(const struct judged_way *seen, struct text *out)
{
	enum outcome outcome = (enum outcome)seen->answer->outcome;
	char rcode[16];

	if (outcome == OUTCOME_TSIG_FAILED) {
		text_add(out, "; it answers questions that are signed with the key by an error");
	} else if (outcome_trouble(outcome)) {
		text_addf(out, "; its serial is not known: it %s", outcome_trouble(outcome));
	} else if (outcome == OUTCOME_ANSWERED || outcome == OUTCOME_NOT_AUTHORITATIVE) {
		text_addf(out, "; it answers serial %" PRIu32, seen->answer->serial);
	} else {
		text_addf(out, "; it answers %s%s", rcode_text(seen->answer->rcode, rcode),
			outcome == OUTCOME_NO_SOA ? " without the SOA" : "");
		judge_ede_text(seen->facts, seen->answer, out);
	}
}

static const char *notify_fate(const struct propagation *way)
{
	switch ((enum outcome)way->notify_outcome) {
	case OUTCOME_PORT_CLOSED:
		return "its port is closed";
	case OUTCOME_UNREACHABLE:
	case OUTCOME_NO_ROUTE:
		return "it is unreachable";
	case OUTCOME_TSIG_FAILED:
		return "its answer is not signed as ours is";
	case OUTCOME_NOT_ASKED: /* the run ended before the last try did */
	case OUTCOME_TIMEOUT:
	case OUTCOME_ANSWERED:
	case OUTCOME_CONNECTION_BROKEN:
	case OUTCOME_MALFORMED:
	case OUTCOME_REFUSED:
	case OUTCOME_SERVFAIL:
	case OUTCOME_NOTAUTH:
	case OUTCOME_NXDOMAIN:
	case OUTCOME_NO_SOA:
	case OUTCOME_NOT_AUTHORITATIVE:
	case OUTCOME_RCODE:
	case OUTCOME_COUNT:
		break;
	}
	return "silence";
}

static struct finding *judge_notify(const struct judged_way *seen)
{
	const struct propagation *way = seen->way;
	bool has_answer = way->notify_us != PROPAGATION_NEVER;
	struct text text = { 0 };
	enum finding_code code = FINDING_NOTIFY_UNANSWERED;
	struct finding *finding;
	char rcode[16];

	if (has_answer && way->notify_rcode != DNS_NOERROR) {
		code = way->notify_rcode == DNS_NOTAUTH ? FINDING_NOTIFY_NOTAUTH
							: FINDING_NOTIFY_REFUSED;
		text_addf(&text, "answers %s to the NOTIFY of serial %" PRIu32 " from %s",
			rcode_text(way->notify_rcode, rcode), seen->change->serial,
			seen->change->listen);
	} else {
		text_addf(&text, "does not answer the NOTIFY of serial %" PRIu32 " from %s (%s)",
			seen->change->serial, seen->change->listen, notify_fate(way));
	}
	add_present(seen, &text);
	finding = say(seen, code, &text);
	text_free(&text);
	return finding;
}

static struct finding *judge_silence(const struct judged_way *seen)
{
	struct text text = { 0 };
	struct finding *finding;

	text_addf(&text, "accepts the NOTIFY of serial %" PRIu32 ", but asks %s for nothing",
		seen->change->serial, seen->change->listen);
	add_present(seen, &text);
	finding = say(seen, FINDING_SOA_NOT_QUERIED, &text);
	text_free(&text);
	return finding;
}

static struct finding *judge_request(const struct judged_way *seen)
{
	struct text text = { 0 };
	struct finding *finding;
	char after[TIME_TEXT];

	if (seen->way->soa_us != PROPAGATION_NEVER)
		text_addf(&text,
			"asked %s for the SOA after %s (serial %" PRIu32
			"), but not for the transfer by TCP",
			seen->change->listen, time_text(seen->way->soa_us, after),
			seen->change->serial);
	else
		text_addf(&text,
			"accepts the NOTIFY of serial %" PRIu32
			", but does not ask %s for the transfer by TCP",
			seen->change->serial, seen->change->listen);
	add_present(seen, &text);
	finding = say(seen, FINDING_TRANSFER_NOT_REQUESTED, &text);
	text_free(&text);
	return finding;
}

static struct finding *judge_transfer(const struct judged_way *seen)
{
	const struct propagation *way = seen->way;
	struct text text = { 0 };
	struct finding *finding;
	char after[TIME_TEXT];

	if (way->request_us != PROPAGATION_NEVER)
		text_addf(&text, "asked for the transfer after %s (%s) and did not take it",
			time_text(way->request_us, after),
			way->asked_incremental ? "IXFR" : "AXFR");
	else
		text_add(&text, "asked for the zone and was refused");
	if (*way->trouble)
		text_addf(&text, ": %s", way->trouble);
	if (way->failures > 1)
		text_addf(&text, " (%" PRIu32 " times)", way->failures);
	add_present(seen, &text);
	finding = say(seen, FINDING_TRANSFER_FAILED, &text);
	text_free(&text);
	return finding;
}

static void set_amount(struct finding *finding, int64_t amount)
{
	finding->amount = amount;
	finding->has_amount = true;
}

static struct finding *judge_publication(const struct judged_way *seen, int64_t waited_us)
{
	const struct propagation *way = seen->way;
	struct text text = { 0 };
	struct finding *finding;
	char after[TIME_TEXT];

	if (seen->change->kind == CHANGE_BY_ENGINE)
		text_addf(&text,
			"transferred serial %" PRIu32
			" after %s and does not serve it %.1f s later",
			seen->change->serial, time_text(way->transfer_us, after),
			seconds(waited_us - way->transfer_us));
	else
		text_addf(&text, "does not serve the change %.1f s after %s", seconds(waited_us),
			seen->verdict->pairs[seen->pair].role == ROLE_PRIMARY
				? "it confirmed it"
				: "the primary confirmed it");
	if (*way->token)
		text_addf(&text, "; it has the record of %s", way->token);
	add_present(seen, &text);
	finding = say(seen, FINDING_NOT_PUBLISHED, &text);
	set_amount(finding, waited_us / 1000000);
	text_free(&text);
	return finding;
}

static void judge_slow(const struct judged_way *seen)
{
	const struct policy *policy = seen->facts->policy;
	double took_s = seconds(seen->way->publish_us);
	bool critical = range_alerts(&policy->lag_critical, took_s);
	struct text text = { 0 };
	struct finding *finding;
	char after[TIME_TEXT], had[TIME_TEXT];

	if (!critical && !range_alerts(&policy->lag_warning, took_s))
		return;
	text_addf(&text, "serves the change after %s", time_text(seen->way->publish_us, after));
	if (seen->way->transfer_us != PROPAGATION_NEVER)
		text_addf(&text, " (asked for it after %s, had it after %s)",
			time_text(seen->way->request_us, after),
			time_text(seen->way->transfer_us, had));
	finding = say(seen, FINDING_PROPAGATION_SLOW, &text);
	finding->severity = critical ? SEVERITY_CRITICAL : SEVERITY_WARNING;
	set_amount(finding, seen->way->publish_us / 1000);
	propagation_advise(seen, finding);
	text_free(&text);
}

/* Only where differences could be had: from a serial that we know. */
static void judge_fall_back(const struct judged_way *seen)
{
	const struct propagation *way = seen->way;
	struct text text = { 0 };

	if (way->transfer_us == PROPAGATION_NEVER || way->got_differences)
		return;
	if (way->asked_incremental && way->knows_from)
		text_addf(&text,
			"asked for the differences since %" PRIu32 " and took the whole zone",
			way->asked_from);
	else if (seen->change->is_incremental && way->asked_incremental)
		text_addf(&text,
			"asked for the differences since %" PRIu32
			", which no earlier run is known to have made, and got the whole zone",
			way->asked_from);
	else if (seen->change->is_incremental)
		text_add(&text, "asked for the whole zone (AXFR) instead of differences (IXFR)");
	else
		return;
	say(seen, FINDING_IXFR_FELL_BACK, &text);
	text_free(&text);
}

static struct finding *judge_stop(const struct judged_way *seen, enum propagation_step step,
	int64_t waited_us)
{
	switch (step) {
	case STEP_NOTIFY:
		return judge_notify(seen);
	case STEP_SOA:
		return judge_silence(seen);
	case STEP_REQUEST:
		return judge_request(seen);
	case STEP_TRANSFER:
		return judge_transfer(seen);
	case STEP_PUBLISH:
	case STEP_NONE:
	case STEP_COUNT:
		break;
	}
	return judge_publication(seen, waited_us);
}

static void judge_way(const struct facts *facts, struct verdict *verdict, uint32_t pair)
{
	uint32_t server = facts->plan->assigned[pair];
	struct judged_way seen = {
		.facts = facts,
		.verdict = verdict,
		.pair = pair,
		.server = &facts->plan->servers[server],
		.change = facts->seen->change,
		.way = &facts->seen->propagations[pair],
		.answer = &facts->seen->soa[pair],
		.software = facts->seen->servers[server].software,
	};
	enum propagation_step step =
		propagation_stopped_at(seen.change, seen.way, software_of(seen.software).kind);
	struct finding *finding;

	verdict->zones[0].servers++;
	if (step == STEP_NONE) {
		verdict->zones[0].in_sync++;
		judge_slow(&seen);
		judge_fall_back(&seen);
		return;
	}
	finding = judge_stop(&seen, step, seen.change->waited_us);
	if (*seen.change->strangers && step != STEP_PUBLISH)
		finding->evidence = arena_printf(&verdict->findings.arena,
			"somebody else asked: %s", seen.change->strangers);
	else if (*seen.change->trouble)
		finding->evidence =
			arena_printf(&verdict->findings.arena, "%s", seen.change->trouble);
	propagation_advise(&seen, finding);
}

static void judge_failed_change(const struct facts *facts, struct verdict *verdict)
{
	const struct change *change = facts->seen->change;
	struct finding *finding;
	uint32_t pair = 0;

	while (pair < facts->plan->pair_count && !(facts->plan->pair_flags[pair] & PAIR_PRIMARY))
		pair++;
	if (pair == facts->plan->pair_count)
		pair = 0;
	finding = judge_say(facts, verdict, FINDING_CHANGE_FAILED, 0, pair, "%s",
		*change->trouble ? change->trouble : "the change could not be made");
	propagation_advise_change(facts, verdict, finding);
}

void judge_propagation(const struct facts *facts, struct verdict *verdict)
{
	const struct change *change = facts->seen->change;

	judge_begin(facts, verdict);
	for (uint32_t pair = 0; pair < facts->plan->pair_count; pair++)
		verdict->pairs[pair].role = judge_role(facts, verdict, 0, pair);
	judge_state(facts, verdict);
	if (!change->was_made)
		judge_failed_change(facts, verdict);
	for (uint32_t pair = 0;
		change->was_made && !change->is_cleanup && pair < facts->plan->pair_count; pair++)
		judge_way(facts, verdict, pair);
	judge_conclude(facts, verdict);
}
