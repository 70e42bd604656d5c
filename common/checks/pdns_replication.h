/*
 * check_pdns_replication: are the PowerDNS servers configured so that replication works?
 */
#ifndef COMMON_CHECKS_PDNS_REPLICATION_H
#define COMMON_CHECKS_PDNS_REPLICATION_H

#include "common/checks/api_options.h"
#include "common/checks/check.h"

struct pdns_replication_values {
	struct common_values common; /* first */
	struct option_list urls, zones, addresses, inspect;
	const char *catalog;
	struct api_access api_access;
	struct option_duration new_zone_grace;
};

/* For the table in plugins/check_pdns_replication.c. */
bool pdns_replication_prepare(struct run *run, struct fault *fault);
bool pdns_replication_observe(struct run *run, struct fault *fault);
void pdns_replication_show_plan(struct run *run, struct text *out);
void pdns_replication_judge(struct run *run);
void pdns_replication_remember(struct run *run);

#endif
