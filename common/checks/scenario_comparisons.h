/*
 * Comparisons in scenarios, on the line of the pair's transfer:
 *
 *   zone_transfer zone=0 server=1 ... comparison=different compared_serial=7 ... sample0=+%20a...
 */
#ifndef COMMON_CHECKS_SCENARIO_COMPARISONS_H
#define COMMON_CHECKS_SCENARIO_COMPARISONS_H

#include "common/base/text.h"
#include "common/checks/scenario_line.h"
#include "common/model/observation.h"
#include "common/model/plan.h"
#include "common/model/zone_comparison.h"

/* Nothing where nothing was compared. */
void scenario_write_comparison(const struct zone_comparison *comparison, struct text *out);
/* The same of diagnoses, one a line: content zone=0 server=1 comparison=equal ... */
void scenario_write_contents(const struct observations *seen, struct text *out);
bool scenario_read_content(struct scenario_line *line, const struct plan *plan,
	struct observations *seen);
/* NONE where the line tells of none. */
bool scenario_read_comparison(struct scenario_line *line, struct observations *seen,
	struct zone_comparison *comparison);

#endif
