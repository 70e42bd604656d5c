/*
 * check_zone_transfer: can the zone be transferred by those who may, and not by others?
 */
#ifndef COMMON_CHECKS_ZONE_TRANSFER_H
#define COMMON_CHECKS_ZONE_TRANSFER_H

#include "common/checks/check.h"

struct zone_transfer_values {
	struct common_values common; /* first */
	const char *zone;
	struct option_choice expect; /* enum transfer_expectation */
	struct option_number ixfr, min_records;
	bool tls;
	const char *tls_ca, *tls_hostname;
	struct option_list compare;
	const char *ignore, *diff;
	bool zonemd, with_ttl;
};

enum transfer_expectation { EXPECT_ALLOWED, EXPECT_REFUSED };
extern const char *const transfer_expectations[];

/* For the table in plugins/check_zone_transfer.c. */
bool zone_transfer_prepare(struct run *run, struct fault *fault);
bool zone_transfer_observe(struct run *run, struct fault *fault);
void zone_transfer_show_plan(struct run *run, struct text *out);
void zone_transfer_judge(struct run *run);

#endif
