/*
 * Findings → bytes. Each format is one function from a report to a text; none of them judges, reads
 * the clock or does I/O. The exit code is the verdict's severity in every format.
 */
#ifndef COMMON_REPORT_REPORT_H
#define COMMON_REPORT_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/outlet.h"
#include "common/base/text.h"
#include "common/model/history.h"
#include "common/model/observation.h"
#include "common/model/plan.h"
#include "common/model/policy.h"
#include "common/model/verdict.h"

enum {
	REPORT_TOP = 10,              /* findings shown by default */
	REPORT_TEXT_BYTES = 8 * 1024, /* of the text without -v and a larger --top */
	REPORT_TEXT_MOST = 60 * 1024, /* at most; Icinga's and NRPE's limits are above this */
};

struct report {
	const char *plugin; /* "check_dns_replication" */
	const char *title;  /* "DNS REPLICATION" */
	const char *version;
	const struct plan *plan;
	const struct observations *seen;
	const struct history *past;
	const struct policy *policy;
	const struct verdict *verdict;
	int64_t started_s; /* Unix time */
	int64_t duration_us;
	uint32_t top;     /* findings shown as text at most */
	uint32_t verbose; /* how many -v */
};

/* Bounded. */
void report_text(const struct report *report, struct text *out);
/* Complete, and streamed: the outlet never holds much. */
void report_json(const struct report *report, struct outlet *out);
void report_prometheus(const struct report *report, struct outlet *out);
/* A page, cut to the worst like the text. */
void report_html(const struct report *report, struct outlet *out);

/* A run that could not be: UNKNOWN, and why. The same frame, with nothing in it. `report` needs
 * plugin, title, version, started_s and duration_us only. */
void report_fault_text(const struct report *report, const char *why, struct text *out);
void report_fault_json(const struct report *report, const char *why, struct text *out);
void report_fault_prometheus(const struct report *report, const char *why, struct text *out);
void report_fault_html(const struct report *report, const char *why, struct text *out);

/* Without the state: "example.com serial 2026112201 on 4 of 4 servers". One line. */
void report_summary(const struct report *report, struct text *out);
/* "example.com ns3.example.com (192.0.2.3)": what a finding is about; empty where it is about the
 * run. */
void report_subject(const struct report *report, const struct finding *finding, struct text *out);
/* The NSID of the answer that a finding is about (RFC 5001); NULL where none came. */
const char *report_node(const struct report *report, const struct finding *finding);

/* What -v, -vv and -vvv add to the text. */
void report_details(const struct report *report, struct text *out);
/* Without the bytes that monitoring systems and terminals give a meaning: | < > and control bytes.
 */
void report_clean(struct text *out, const char *text);

/* One item of perfdata. Strings are the report's arena's or static; "" where there is none. */
struct measure {
	const char *label;
	const char *unit; /* s, or "" */
	double value;
	unsigned decimals;
	char warning[80], critical[80];
	const char *minimum;
};

struct measures {
	struct measure *items;
	size_t count, capacity;
	struct arena arena;
};

/* As CONTRACT.md has it for one zone and for many. Free with measures_free(). */
void report_measures(const struct report *report, struct measures *measures);
void measures_free(struct measures *measures);
/* A label's part for each server: lower case, only a-z 0-9 and _, no two alike. In `arena`. */
const char **report_server_labels(const struct plan *plan, struct arena *arena);

#endif
