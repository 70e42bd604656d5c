#include "common/checks/check.h"

#include <malloc.h>
#include <signal.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/checks/output.h"
#include "common/checks/progress.h"
#include "common/checks/scenario.h"

enum {
	LARGE_PIECE = 128 * 1024,
	SECOND_US = 1000000,
	MOST_TRY_MS = 1000,
};

/*
 * All tries to one server end a second before the run does (a run of under two seconds: half of
 * it), and a try is short enough that silence in discovery leaves time for everybody else.
 */
static bool set_times(struct run *run, struct fault *fault)
{
	double timeout_s = run->common->timeout.seconds, budget_s;

	if (run->check->least_timeout_s && run->check->least_timeout_s(run->values) > timeout_s)
		timeout_s = run->check->least_timeout_s(run->values);
	budget_s = timeout_s - 1;
	if (timeout_s < 0.1)
		return fault_set(fault,
			"--timeout: %g s is too short for any answer, e.g. --timeout=9s",
			timeout_s);
	if (budget_s < timeout_s / 2)
		budget_s = timeout_s / 2;
	run->started_s = clock_now_s();
	run->started_us = clock_monotonic_us();
	run->deadline_us = run->started_us + (int64_t)(budget_s * SECOND_US);
	run->try_timeout_ms =
		budget_s * 1000 / 6 < MOST_TRY_MS ? (uint32_t)(budget_s * 1000 / 6) : MOST_TRY_MS;
	return true;
}

struct facts run_facts(const struct run *run)
{
	return (struct facts){ .plan = &run->plan,
		.seen = &run->seen,
		.past = &run->past,
		.policy = &run->policy,
		.now_s = run->judged_s };
}

static int print_plan(struct run *run)
{
	struct text out = { 0 };
	int code;

	run->check->show_plan(run, &out);
	code = output_text(run, &out, SEVERITY_OK);
	text_free(&out);
	return code;
}

static bool observe(struct run *run, struct fault *fault)
{
	struct progress *progress;
	bool good;

	if (run->common->replay)
		return scenario_read(run, fault);
	run->loop = loop_new(fault);
	if (!run->loop)
		return false;
	progress = progress_begin(run);
	good = run->check->observe(run, fault);
	progress_end(progress);
	run->judged_s = clock_now_s();
	return good;
}

static int walk(struct run *run)
{
	struct fault fault = { { 0 } };

	if (!set_times(run, &fault) || !output_check_files(run, &fault) ||
		!run->check->prepare(run, &fault))
		return output_fault(run, &fault);
	if (run->common->plan)
		return print_plan(run);
	if (!observe(run, &fault))
		return output_fault(run, &fault);
	run->check->judge(run);
	if (run->check->remember && !run->common->replay)
		run->check->remember(run);
	return output_report(run);
}

static void run_free(struct run *run)
{
	verdict_free(&run->verdict);
	observations_free(&run->seen);
	arena_free(&run->past.arena);
	plan_free(&run->plan);
	text_free(&run->option_lines);
	text_free(&run->scenario);
	if (run->loop)
		loop_free(run->loop);
	arena_free(&run->arena);
}

/* For the documentation and its test: code, default severity, unit, sentence. */
static int print_findings(const struct run *run)
{
	struct text out = { 0 };
	int code;

	for (size_t i = 0; i < FINDING_COUNT; i++) {
		const struct finding_kind *kind = &finding_kinds[i];

		text_addf(&out, "%s\t%s\t%s\t%s\n", kind->code, kind->severity_text,
			*kind->unit ? kind->unit : "-", kind->sentence);
	}
	code = output_text(run, &out, SEVERITY_OK);
	text_free(&out);
	return code;
}

/* For the manual page: every finding with its severity and when it is said. */
static const char *describe_findings(struct arena *arena)
{
	struct text out = { 0 };
	const char *copy;

	for (size_t i = 0; i < FINDING_COUNT; i++)
		text_addf(&out, "%s (%s)\n\t%s\n", finding_kinds[i].code,
			finding_kinds[i].severity_text, finding_kinds[i].sentence);
	copy = arena_string(arena, text_string(&out));
	text_free(&out);
	return copy;
}

int check_main(const struct check *check, int argc, char **argv)
{
	struct run run = { .check = check };
	struct option_table table = check->options;
	struct fault fault = { { 0 } };
	struct text shown = { 0 };
	enum options_result result;
	void *values;
	int code = SEVERITY_UNKNOWN;

	output_guard();
	signal(SIGPIPE, SIG_IGN);
	/* Large pieces go back to the system as soon as they are freed: glibc would keep ever more.
	 */
	mallopt(M_MMAP_THRESHOLD, LARGE_PIECE);
	if (argc == 2 && !strcmp(argv[1], "--finding-table"))
		return print_findings(&run);
	if (argc == 2 && !strcmp(argv[1], "--manual-page"))
		table.findings = describe_findings(&run.arena);
	values = arena_alloc(&run.arena, check->values_size);
	run.values = run.common = values;
	result = options_parse(&table, argc, argv, values, &run.arena, &shown, &fault);
	if (result == OPTIONS_RUN && run.common->replay &&
		!scenario_options(&run, values, argc, argv, &fault))
		result = OPTIONS_WRONG;
	switch (result) {
	case OPTIONS_RUN:
		scenario_note_options(&run, argc, argv);
		code = walk(&run);
		break;
	case OPTIONS_SHOWN:
		code = output_text(&run, &shown, SEVERITY_UNKNOWN);
		break;
	case OPTIONS_WRONG:
		code = output_fault(&run, &fault);
		break;
	}
	text_free(&shown);
	run_free(&run);
	return code;
}
