#include "common/checks/output.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/file_writer.h"
#include "common/base/outlet.h"
#include "common/checks/scenario.h"
#include "common/judge/judge.h"

void output_guard(void)
{
	for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; descriptor++) {
		/* open(2) takes the lowest that is free: this one. */
		if (fcntl(descriptor, F_GETFD) < 0 &&
			open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0)
			_exit(SEVERITY_UNKNOWN);
	}
}

/* --- Standard output ------------------------------------------------------------------------- */

/* An outlet's; `context` is the errno, 0 at first. */
static bool take_stdout(void *context, const char *bytes, size_t length)
{
	int *error = context;

	*error = write_whole(STDOUT_FILENO, bytes, length);
	return !*error;
}

/* Our own trouble: it can't turn CRITICAL into anything better. */
static int exit_code(const struct run *run, enum severity code, int error)
{
	if (!error)
		return (int)code;
	fprintf(stderr, "%s: cannot write to standard output: %s\n", run->check->options.program,
		strerror(error));
	return (int)severity_worse(code, SEVERITY_UNKNOWN);
}

int output_text(const struct run *run, const struct text *text, enum severity code)
{
	return exit_code(run, code, write_whole(STDOUT_FILENO, text_string(text), text->length));
}

int output_fault(const struct run *run, const struct fault *fault)
{
	struct report report = { .plugin = run->check->options.program,
		.version = run->check->options.version,
		.title = run->check->title,
		.started_s = run->started_s ? run->started_s : clock_now_s() };
	struct text text = { 0 };
	int code;

	if (run->common->observe) {
		fprintf(stderr, "%s\n", fault->text);
		return SEVERITY_UNKNOWN;
	}
	switch ((enum output_format)run->common->output_format.index) {
	case OUTPUT_TEXT:
		report_fault_text(&report, fault->text, &text);
		break;
	case OUTPUT_JSON:
		report_fault_json(&report, fault->text, &text);
		break;
	case OUTPUT_PROMETHEUS:
		report_fault_prometheus(&report, fault->text, &text);
		break;
	case OUTPUT_HTML:
		report_fault_html(&report, fault->text, &text);
		break;
	}
	code = output_text(run, &text, SEVERITY_UNKNOWN);
	text_free(&text);
	return code;
}

/* --- Reports --------------------------------------------------------------------------------- */

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

static void render(const struct report *report, enum output_format format, struct outlet *out)
{
	switch (format) {
	case OUTPUT_TEXT:
		report_text(report, &out->text);
		break;
	case OUTPUT_JSON:
		report_json(report, out);
		break;
	case OUTPUT_PROMETHEUS:
		report_prometheus(report, out);
		break;
	case OUTPUT_HTML:
		report_html(report, out);
		break;
	}
}

bool output_check_files(const struct run *run, struct fault *fault)
{
	struct output_file file;

	for (size_t i = 0; i < run->common->write.count; i++) {
		if (!common_output_file(run->common->write.items[i], &file, fault))
			return false;
	}
	return true;
}

static bool write_file(const struct run *run, const struct report *report,
	const struct output_file *file, struct fault *fault)
{
	struct file_writer writer;
	struct outlet out = { .take = file_writer_take, .context = &writer };

	if (!file_writer_begin(&writer, file->path, fault))
		return false;
	if (file->is_scenario)
		scenario_write(run, &out);
	else
		render(report, file->format, &out);
	outlet_end(&out);
	return file_writer_end(&writer, fault);
}

/* A file that can't be written is our trouble, but no reason to keep the verdict back. */
static void write_files(struct run *run, const struct report *report)
{
	const struct option_list *list = &run->common->write;

	for (size_t i = 0; i < list->count; i++) {
		struct output_file file;
		struct fault fault = { { 0 } };

		common_output_file(list->items[i], &file, &fault);
		if (!write_file(run, report, &file, &fault))
			judge_unwritten(&run->policy, &run->verdict, fault.text);
	}
}

int output_report(struct run *run)
{
	struct report report = make_report(run);
	int error = 0;
	struct outlet out = { .take = take_stdout, .context = &error };

	write_files(run, &report);
	if (run->common->observe)
		scenario_write(run, &out);
	else
		render(&report, (enum output_format)run->common->output_format.index, &out);
	outlet_end(&out);
	return exit_code(run, run->common->observe ? SEVERITY_OK : run->verdict.severity, error);
}
