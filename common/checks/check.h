/*
 * The road that every check program walks: options → plan → observations → findings → report. A
 * program is one struct check and nothing else; check_main() is its main(). Only here do faults
 * become UNKNOWN and verdicts exit codes.
 */
#ifndef COMMON_CHECKS_CHECK_H
#define COMMON_CHECKS_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/fault.h"
#include "common/base/options.h"
#include "common/checks/common_options.h"
#include "common/judge/judge.h"
#include "common/model/history.h"
#include "common/model/observation.h"
#include "common/model/plan.h"
#include "common/model/policy.h"
#include "common/model/verdict.h"
#include "common/net/loop.h"
#include "common/report/report.h"

/* One run of a program. */
struct run {
	const struct check *check;
	const void *values; /* the program's; begins with struct common_values */
	const struct common_values *common;
	struct loop *loop;
	struct arena arena;              /* lives as long as the run */
	int64_t started_s;               /* Unix time */
	int64_t started_us, deadline_us; /* clock_monotonic_us(); the deadline of all questions */
	uint32_t try_timeout_ms;         /* of one question by UDP */
	struct plan plan;
	struct observations seen;
	struct history past;
	struct policy policy;
	struct verdict verdict;
	int64_t judged_s;         /* Unix time of the judgement */
	void *setup;              /* what prepare() made for observe(); in the arena */
	struct text option_lines; /* as a scenario has them; no secrets */
	struct text scenario;     /* the file of --replay; scenario_read() takes it apart */
};

struct check {
	struct option_table options;
	const char *title; /* "DNS REPLICATION" */
	size_t values_size;
	bool has_steps;     /* they tell of a change on its way */
	bool has_databases; /* what it asks are databases; see scenario_databases.h */
	bool has_pdns;      /* what it asks are PowerDNS's APIs; see scenario_pdns.h */
	/* The run's --timeout is at least that; NULL: whatever it is. */
	double (*least_timeout_s)(const void *values);
	/* Everything that needs no I/O but files: options into policy and plan. */
	bool (*prepare)(struct run *run, struct fault *fault);
	/* All rounds of questions. */
	bool (*observe)(struct run *run, struct fault *fault);
	/* Who would be asked what; sends nothing. */
	void (*show_plan)(struct run *run, struct text *out);
	/* Into run->verdict. */
	void (*judge)(struct run *run);
	/* What is to be remembered; may be NULL. */
	void (*remember)(struct run *run);
};

/* What a run knows, for the judges. */
struct facts run_facts(const struct run *run);
/* Prints, and gives the exit code. */
int check_main(const struct check *check, int argc, char **argv);

#endif
