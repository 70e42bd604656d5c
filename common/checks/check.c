#include "common/checks/check.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/checks/scenario.h"

enum {
	SECOND_US = 1000000,
	MOST_TRY_MS = 1000,
};

/* Everything goes to stdout: NRPE drops stderr, and Icinga would put it first. */
static void print(const struct text *text)
{
	size_t done = 0;

	while (done < text->length) {
		ssize_t count = write(STDOUT_FILENO, text->bytes + done, text->length - done);

		if (count <= 0)
			return; /* nobody listens any more */
		done += (size_t)count;
	}
}

/* In the format that was asked for: what reads JSON must not meet a sentence. */
static int print_fault(const struct run *run, const struct fault *fault)
{
	struct report report = { .plugin = run->check->options.program,
		.version = run->check->options.version,
		.started_s = run->started_s ? run->started_s : clock_now_s() };
	struct text text = { 0 };

	switch ((enum output_format)run->common->output_format.index) {
	case OUTPUT_TEXT:
		text_addf(&text, "%s UNKNOWN - ", run->check->title);
		report_clean(&text, fault->text);
		text_add_byte(&text, '\n');
		break;
	case OUTPUT_JSON:
		report_fault_json(&report, fault->text, &text);
		break;
	case OUTPUT_PROMETHEUS:
		report_fault_prometheus(&report, fault->text, &text);
		break;
	}
	print(&text);
	text_free(&text);
	return SEVERITY_UNKNOWN;
}

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

static struct report make_report(const struct run *run)
{
	return (struct report){
		.plugin = run->check->options.program,
		.title = run->check->title,
		.version = run->check->options.version,
		.plan = &run->plan,
		.seen = &run->seen,
		.past = &run->past,
		.policy = &run->policy,
		.verdict = &run->verdict,
		.started_s = run->started_s,
		.duration_us = clock_monotonic_us() - run->started_us,
		.top = (uint32_t)run->common->top.value,
		.verbose = run->common->verbose,
	};
}

static void render(const struct report *report, enum output_format format, struct text *out)
{
	switch (format) {
	case OUTPUT_TEXT:
		report_text(report, out);
		break;
	case OUTPUT_JSON:
		report_json(report, out);
		break;
	case OUTPUT_PROMETHEUS:
		report_prometheus(report, out);
		break;
	}
}

/* Checked before anything is sent, so that a typing error does not cost a run. */
static bool check_files(const struct run *run, struct fault *fault)
{
	struct output_file file;

	for (size_t i = 0; i < run->common->write.count; i++) {
		if (!common_output_file(run->common->write.items[i], &file, fault))
			return false;
	}
	return true;
}

static bool write_files(const struct run *run, const struct report *report, struct fault *fault)
{
	for (size_t i = 0; i < run->common->write.count; i++) {
		struct output_file file;
		struct text out = { 0 };
		bool good;

		common_output_file(run->common->write.items[i], &file, fault);
		if (file.is_scenario)
			scenario_write(run, &out);
		else
			render(report, file.format, &out);
		good = text_write_file(&out, file.path, fault);
		text_free(&out);
		if (!good)
			return false;
	}
	return true;
}

/* A file that can't be written is our trouble, but no reason to keep the verdict back. */
static int print_report(const struct run *run)
{
	struct report report = make_report(run);
	struct fault fault = { { 0 } };
	struct text out = { 0 };
	int code = (int)run->verdict.severity;

	render(&report, (enum output_format)run->common->output_format.index, &out);
	if (!write_files(run, &report, &fault)) {
		if (run->common->output_format.index == OUTPUT_TEXT)
			text_addf(&out, "[UNKNOWN] --write: %s\n", fault.text);
		code = (int)severity_worse(run->verdict.severity, SEVERITY_UNKNOWN);
	}
	print(&out);
	text_free(&out);
	return code;
}

static int print_plan(struct run *run)
{
	struct text out = { 0 };

	run->check->show_plan(run, &out);
	print(&out);
	text_free(&out);
	return SEVERITY_OK;
}

static bool observe(struct run *run, struct fault *fault)
{
	if (run->common->replay)
		return scenario_read(run, fault);
	run->loop = loop_new(fault);
	if (!run->loop || !run->check->observe(run, fault))
		return false;
	run->judged_s = clock_now_s();
	return true;
}

static int walk(struct run *run)
{
	struct fault fault = { { 0 } };

	if (!set_times(run, &fault) || !check_files(run, &fault) ||
		!run->check->prepare(run, &fault))
		return print_fault(run, &fault);
	if (run->common->plan)
		return print_plan(run);
	if (!observe(run, &fault))
		return print_fault(run, &fault);
	run->check->judge(run);
	if (run->check->remember && !run->common->replay)
		run->check->remember(run);
	return print_report(run);
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
static int print_findings(void)
{
	struct text out = { 0 };

	for (size_t i = 0; i < FINDING_COUNT; i++) {
		const struct finding_kind *kind = &finding_kinds[i];

		text_addf(&out, "%s\t%s\t%s\t%s\n", kind->code, kind->severity_text,
			*kind->unit ? kind->unit : "-", kind->sentence);
	}
	print(&out);
	text_free(&out);
	return 0;
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

	signal(SIGPIPE, SIG_IGN);
	if (argc == 2 && !strcmp(argv[1], "--finding-table"))
		return print_findings();
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
		print(&shown);
		code = SEVERITY_UNKNOWN;
		break;
	case OPTIONS_WRONG:
		code = print_fault(&run, &fault);
		break;
	}
	text_free(&shown);
	run_free(&run);
	return code;
}
