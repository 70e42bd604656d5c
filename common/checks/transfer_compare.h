/*
 * check_zone_transfer's comparison: --compare, --zonemd and what belongs to them. Options into a
 * probe, and the file of --diff.
 */
#ifndef COMMON_CHECKS_TRANSFER_COMPARE_H
#define COMMON_CHECKS_TRANSFER_COMPARE_H

#include "common/checks/zone_transfer.h"
#include "common/probe/zone_compare.h"

/* What goes with what, and which types are ignored: before anything is asked. `ignored` has room
 * for COMPARE_TYPES. */
bool transfer_compare_check(const struct run *run, bool *ignored, struct fault *fault);
/* Are contents looked at, and not only whether the zone comes? */
bool transfer_compare_wanted(const struct run *run);
/* Transfers by `probe` and compares; `soa` asks for serials again. */
bool transfer_compare_run(struct run *run, const struct zone_transfer_probe *probe,
	const struct soa_probe *soa, const bool *ignored, struct fault *fault);

#endif
