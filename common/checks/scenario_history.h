/*
 * What earlier runs saw, in scenarios:
 *
 *   serial zone=0 7 1795324000
 *   past zone=0 ns2.example.com. 192.0.2.2@53 outcome=answered since=1795324000 listed=1
 *   gap zone=0 server=1 7 1795324000
 */
#ifndef COMMON_CHECKS_SCENARIO_HISTORY_H
#define COMMON_CHECKS_SCENARIO_HISTORY_H

#include "common/base/text.h"
#include "common/checks/scenario_line.h"
#include "common/model/history.h"
#include "common/model/observation.h"
#include "common/model/plan.h"

void scenario_write_history(const struct history *history, uint32_t zone, struct text *out);
/* Since when there is a history at all. */
void scenario_write_begun(const struct history *past, struct text *out);
void scenario_write_gaps(const struct history *past, struct text *out);
/* One line of each kind; the zone must be in the history, zone and server of a gap in the plan. */
bool scenario_read_serial(struct scenario_line *line, struct history *history);
bool scenario_read_past(struct scenario_line *line, struct history *history);
bool scenario_read_begun(struct scenario_line *line, struct history *history);
bool scenario_read_gap(struct scenario_line *line, const struct plan *plan, struct history *past);

#endif
