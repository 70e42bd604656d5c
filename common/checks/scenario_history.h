/*
 * What earlier runs saw, in scenarios:
 *
 *   serial zone=0 7 1795324000
 *   past zone=0 ns2.example.com. 192.0.2.2@53 outcome=answered since=1795324000 listed=1
 */
#ifndef COMMON_CHECKS_SCENARIO_HISTORY_H
#define COMMON_CHECKS_SCENARIO_HISTORY_H

#include "common/checks/scenario_line.h"
#include "common/model/history.h"

/* One line of each kind; the zone must be there. */
bool scenario_read_serial(struct scenario_line *line, struct history *history);
bool scenario_read_past(struct scenario_line *line, struct history *history);

#endif
