/*
 * Changes on their way in scenarios; of one zone:
 *
 *   change by=engine made=1 serial=1795324740 waited_us=8000000 listen=192.0.2.10
 *   steps server=0 notify_us=120 notify_outcome=answered soa_us=300 request_us=900 transfer_us=1000
 * publish_us=2400 questions=4
 */
#ifndef COMMON_CHECKS_SCENARIO_STEPS_H
#define COMMON_CHECKS_SCENARIO_STEPS_H

#include "common/base/text.h"
#include "common/checks/scenario_line.h"
#include "common/model/observation.h"
#include "common/model/plan.h"

/* Those that were read, until the plan is closed and their pairs have numbers. {0} is none. */
struct scenario_steps {
	struct scenario_step *items;
	size_t count, capacity;
};

void scenario_write_steps(const struct plan *plan, const struct observations *seen,
	struct text *out);
bool scenario_read_change(struct scenario_line *line, struct observations *seen);
/* One line; the server must be in the plan. */
bool scenario_read_steps(struct scenario_line *line, const struct plan *plan,
	struct observations *seen, struct scenario_steps *steps);
/* Into seen->propagations, parallel to the pairs. False: one has no pair line. */
bool scenario_place_steps(const struct scenario_steps *steps, const struct plan *plan,
	struct observations *seen);
void scenario_steps_free(struct scenario_steps *steps);

#endif
