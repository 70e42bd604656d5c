/*
 * What the formats and the parts of reports share among themselves. Not for other rooms.
 */
#ifndef COMMON_REPORT_REPORT_PRIVATE_H
#define COMMON_REPORT_REPORT_PRIVATE_H

#include "common/base/json_write.h"
#include "common/report/report.h"

void measures_add(struct measures *measures, struct measure measure);
/* A name of JSON's for people: "port closed". */
void report_add_words(struct text *out, const char *name);
/* "49 zones behind, the longest for 25s": and well all the same; -1: since when is not known. */
void report_add_late(struct text *out, size_t zones, int64_t longest_s);
/* How long the run took. */
void measures_add_time(const struct report *report, struct measures *measures);
/* In seconds, with the thresholds of -w and -c. */
struct measure measures_lag(const struct report *report, const char *label, int64_t lag_s);

/* name="value", escaped, after a comma unless it is the first. */
void prometheus_add_label(struct text *out, const char *name, const char *value, bool first);
/* {zone="...",server="...",address="...",port="..."} */
void prometheus_add_pair(const struct report *report, struct text *out, uint32_t zone,
	uint32_t pair);

/* What one program shows besides findings. */
struct report_kind {
	void (*summary)(const struct report *report, struct text *out); /* where all is well */
	void (*measures)(const struct report *report, struct measures *measures);
	void (*details)(const struct report *report, struct text *out);      /* -v */
	void (*json)(const struct report *report, struct json_writer *json); /* NULL: nothing */
	/* What stands in a zone's "servers"; NULL: what DNS said. */
	void (*json_zone)(const struct report *report, uint32_t zone, struct json_writer *json);
	void (*prometheus)(const struct report *report, struct text *out); /* NULL: nothing */
};

extern const struct report_kind report_zones_kind;     /* serials of zones, from all servers */
extern const struct report_kind report_transfers_kind; /* seen->zone_transfers */
extern const struct report_kind report_steps_kind;     /* seen->propagations */
extern const struct report_kind report_databases_kind; /* seen->databases */
extern const struct report_kind report_servers_kind;   /* seen->pdns, where DNS asked nobody */

/* database_content.c; not without a comparison, but for JSON. */
struct database_content;
void report_content_summary(const struct database_content *content, struct text *out);
void report_content_measures(const struct database_content *content, struct measures *measures);
void report_content_details(const struct database_content *content, struct text *out);
void report_content_json(const struct database_content *content, struct json_writer *json);

/* By what was observed. */
const struct report_kind *report_kind_of(const struct report *report);

/* For report_zones_kind, whose parts stand in several files. */
void report_zones_summary(const struct report *report, struct text *out);
void report_zones_measures(const struct report *report, struct measures *measures);
void report_zones_details(const struct report *report, struct text *out);

/* Comparisons: comparisons.c. */
uint32_t report_comparisons_equal(const struct report *report);
void report_comparisons_lines(const struct report *report, struct text *out);
void report_comparison_details(const struct report *report, uint32_t pair, struct text *line);
void report_comparison_json(const struct report *report, uint32_t pair, struct json_writer *json);

#endif
