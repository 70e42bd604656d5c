/*
 * Zone transfers in scenarios:
 *
 *   zone_transfer zone=0 server=0 end=complete phase=streaming form=full serial=7 records=5 ...
 */
#ifndef COMMON_CHECKS_SCENARIO_TRANSFERS_H
#define COMMON_CHECKS_SCENARIO_TRANSFERS_H

#include "common/base/text.h"
#include "common/checks/scenario_line.h"
#include "common/model/observation.h"
#include "common/model/plan.h"

/* Those that were read, until the plan is closed and their pairs have numbers. {0} is none. */
struct scenario_transfers {
	struct scenario_transfer *items;
	size_t count, capacity;
};

void scenario_write_transfers(const struct plan *plan, const struct observations *seen,
	struct text *out);
/* One line; zone and server must be in the plan. */
bool scenario_read_transfer(struct scenario_line *line, const struct plan *plan,
	struct observations *seen, struct scenario_transfers *transfers);
/* Into seen->zone_transfers, parallel to the pairs. False: one has no pair line. */
bool scenario_place_transfers(const struct scenario_transfers *transfers, const struct plan *plan,
	struct observations *seen);
void scenario_transfers_free(struct scenario_transfers *transfers);

#endif
