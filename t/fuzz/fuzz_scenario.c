/*
 * Scenarios, since users mail them in: whatever the bytes are, they are refused with a reason, or
 * they can be judged, reported in every format, and written back to the same bytes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/checks/scenario.h"
#include "common/judge/api.h"
#include "common/judge/database.h"
#include "common/judge/judge.h"
#include "common/model/database.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);

static void must(bool good)
{
	if (!good)
		abort();
}

/* As check_main() walks it, without files and options. */
struct walk {
	struct common_values values;
	struct run run;
};

static const struct check zones = { .options = { .program = "check_dns_replication" } };
static const struct check databases = { .options = { .program = "check_mysql_replication" },
	.has_databases = true };
static const struct check apis = { .options = { .program = "check_pdns_replication" },
	.has_pdns = true };
static const struct check changes = { .options = { .program = "check_dns_propagation" },
	.has_steps = true };

static bool is_of(const void *bytes, size_t length, const struct check *check)
{
	char line[64];

	snprintf(line, sizeof(line), "\nprogram %s", check->options.program);
	return memmem(bytes, length, line, strlen(line)) != NULL;
}

/* Whose it is says the second line, as scenario_options() has it. */
static const struct check *check_of(const void *bytes, size_t length)
{
	if (is_of(bytes, length, &databases))
		return &databases;
	return is_of(bytes, length, &changes) ? &changes : &zones;
}

static bool walk_begin(struct walk *walk, const void *bytes, size_t length)
{
	struct fault fault = { { 0 } };
	bool good;

	memset(walk, 0, sizeof(*walk));
	walk->run.check = check_of(bytes, length);
	walk->values.replay = "fuzz";
	walk->run.common = walk->run.values = &walk->values;
	walk->run.policy.lag_warning = (struct range){ .end = 300, .set = true };
	walk->run.policy.lag_critical = (struct range){ .end = 3600, .set = true };
	walk->run.policy.expire_warning = (struct limit){ 50, true, true };
	walk->run.policy.expire_critical = (struct limit){ 25, true, true };
	walk->run.policy.timeout_result = SEVERITY_UNKNOWN;
	text_add_bytes(&walk->run.scenario, bytes, length);
	good = scenario_read(&walk->run, &fault);
	must(good || *fault.text);
	return good;
}

static void walk_end(struct walk *walk)
{
	verdict_free(&walk->run.verdict);
	observations_free(&walk->run.seen);
	arena_free(&walk->run.past.arena);
	plan_free(&walk->run.plan);
	text_free(&walk->run.scenario);
	arena_free(&walk->run.arena);
}

static void judge_databases_of(struct walk *walk, const struct facts *facts)
{
	const struct observations *seen = &walk->run.seen;
	struct database_facts database = { .seen = &seen->databases[0],
		.name = walk->run.plan.servers[0].display,
		.schema = "pdns",
		.policy = &walk->run.policy,
		.now_s = walk->run.judged_s };

	if (seen->database_count > 1) {
		database.other = &seen->databases[1];
		database.other_server = 1;
		database.other_name = walk->run.plan.servers[1].display;
	}
	judge_databases(facts, &database, &walk->run.verdict);
}

static void judge_apis(const struct facts *facts, struct verdict *verdict)
{
	struct pdns_doubt doubts[PDNS_DOUBTS_MOST];
	struct pdns_turn turn = { .from = 1 };
	size_t count = judge_pdns_doubts(facts, &turn, doubts);

	must(turn.next == PLAN_NONE || turn.next < facts->plan->zone_count);

	must(count <= PDNS_DOUBTS_MOST);
	for (size_t i = 0; i < count; i++)
		must(doubts[i].index < facts->seen->pdns_count &&
			doubts[i].zone < facts->plan->zone_count);
	judge_pdns(facts, verdict);
}

static void judge_all(struct walk *walk)
{
	struct run *run = &walk->run;
	struct facts facts = { &run->plan, &run->seen, &run->past, &run->policy, run->judged_s };
	struct doubt *doubts = calloc(2 * run->plan.pair_count + 1, sizeof(*doubts));
	struct diagnosis_doubt diagnosis[DIAGNOSIS_MOST];

	must(doubts && judge_doubts(&facts, doubts) <= 2 * run->plan.pair_count);
	free(doubts);
	if (run->check == &apis)
		judge_apis(&facts, &run->verdict);
	else if (run->seen.databases)
		judge_databases_of(walk, &facts);
	else if (run->seen.propagations)
		judge_propagation(&facts, &run->verdict);
	else if (run->seen.zone_transfers)
		judge_transfers(&facts, &run->verdict);
	else
		judge(&facts, &run->verdict);
	must(judge_diagnosis(&facts, &run->verdict, diagnosis) <= DIAGNOSIS_MOST);
	for (size_t i = 0; i < run->verdict.findings.count; i++)
		must(*run->verdict.findings.items[i].text != '\0');
}

static void report_all(struct walk *walk)
{
	struct report report = { .plugin = "check_dns_replication",
		.title = "DNS REPLICATION",
		.version = "0",
		.plan = &walk->run.plan,
		.seen = &walk->run.seen,
		.past = &walk->run.past,
		.policy = &walk->run.policy,
		.verdict = &walk->run.verdict,
		.started_s = walk->run.started_s,
		.top = REPORT_TOP };
	struct outlet complete = { 0 };
	struct text out = { 0 };
	const char *bar;

	for (report.verbose = 0; report.verbose < 4; report.verbose++) {
		text_cut(&out, 0);
		report_text(&report, &out);
		bar = strchr(out.bytes, '|');
		must(out.length <= REPORT_TEXT_MOST && (!bar || !strchr(bar + 1, '|')) &&
			!strpbrk(out.bytes, "<>\r\x1b"));
	}
	text_free(&out);
	report_json(&report, &complete);
	report_prometheus(&report, &complete);
	report_html(&report, &complete);
	outlet_end(&complete);
}

static void write_back(const struct walk *walk)
{
	struct walk *second = malloc(sizeof(*second));
	struct outlet first = { 0 }, again = { 0 };

	must(second != NULL);
	scenario_write(&walk->run, &first);
	must(walk_begin(second, first.text.bytes, first.text.length));
	scenario_write(&second->run, &again);
	must(first.text.length == again.text.length &&
		!memcmp(first.text.bytes, again.text.bytes, first.text.length));
	outlet_end(&first);
	outlet_end(&again);
	walk_end(second);
	free(second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
	struct walk *walk = malloc(sizeof(*walk));

	must(walk != NULL);
	/* A NUL byte is refused before anything is read. */
	if (!memchr(data, '\0', length) && walk_begin(walk, data, length)) {
		judge_all(walk);
		report_all(walk);
		write_back(walk);
	}
	if (!memchr(data, '\0', length))
		walk_end(walk);
	free(walk);
	return 0;
}
