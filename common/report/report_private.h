/*
 * What the formats and the parts of reports share among themselves. Not for other rooms.
 */
#ifndef COMMON_REPORT_REPORT_PRIVATE_H
#define COMMON_REPORT_REPORT_PRIVATE_H

#include "common/base/json_write.h"
#include "common/report/report.h"

void measures_add(struct measures *measures, struct measure measure);

/* {zone="...",server="...",address="...",port="..."} */
void prometheus_add_pair(const struct report *report, struct text *out, uint32_t zone,
	uint32_t pair);

/* Of check_zone_transfer (report->seen->zone_transfers): transfers.c. */
void report_transfers_summary(const struct report *report, struct text *out);
void report_transfers_measures(const struct report *report, struct measures *measures);
void report_transfers_json(const struct report *report, struct json_writer *json);
void report_transfers_details(const struct report *report, struct text *out);
/* Comparisons: comparisons.c. */
uint32_t report_comparisons_equal(const struct report *report);
void report_comparisons_lines(const struct report *report, struct text *out);
void report_comparison_details(const struct report *report, uint32_t pair, struct text *line);
void report_comparison_json(const struct report *report, uint32_t pair, struct json_writer *json);
void report_transfers_prometheus(const struct report *report, struct text *out);

#endif
