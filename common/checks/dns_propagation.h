/*
 * check_dns_propagation: makes a change now; how long until every secondary serves it, and at which
 * step does it stop?
 */
#ifndef COMMON_CHECKS_DNS_PROPAGATION_H
#define COMMON_CHECKS_DNS_PROPAGATION_H

#include "common/checks/api_options.h"
#include "common/checks/check.h"

struct dns_propagation_values {
	struct common_values common; /* first */
	const char *zone;
	struct option_list secondaries;
	const char *listen;
	struct option_choice change; /* enum change_way */
	const char *pdns_api;
	struct api_access api_access;
	bool cleanup, ixfr, axfr;
};

enum change_way { CHANGE_WAY_UPDATE, CHANGE_WAY_PDNS };
extern const char *const change_ways[];

/* For the table in plugins/check_dns_propagation.c. */
bool dns_propagation_prepare(struct run *run, struct fault *fault);
bool dns_propagation_observe(struct run *run, struct fault *fault);
void dns_propagation_show_plan(struct run *run, struct text *out);
void dns_propagation_judge(struct run *run);

#endif
