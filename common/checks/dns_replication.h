/*
 * check_dns_replication: do all servers of these zones serve what the primary serves?
 */
#ifndef COMMON_CHECKS_DNS_REPLICATION_H
#define COMMON_CHECKS_DNS_REPLICATION_H

#include "common/checks/api_options.h"
#include "common/checks/check.h"

struct dns_replication_values {
	struct common_values common; /* first */
	struct option_list zone, exclude, zones_from, mysql;
	struct option_duration new_zone_grace, forget;
	const char *zones_file, *shard;
	struct option_list add_server, exclude_server, address, expect_ns, serials_independent,
		pdns_api;
	bool no_ns, compare_ns, tcp, no_tcp_probe, diagnose;
	const char *resolver;
	struct api_access api_access;
	struct option_number retries, rate, quorum;
	struct range serial_warning, serial_critical;
	const char *expire_warning, *expire_critical;
	struct option_duration signature_warning, signature_critical, wait;
};

/* For the table in plugins/check_dns_replication.c. */
double dns_replication_least_timeout_s(const void *values);
bool dns_replication_prepare(struct run *run, struct fault *fault);
bool dns_replication_observe(struct run *run, struct fault *fault);
void dns_replication_show_plan(struct run *run, struct text *out);
void dns_replication_judge(struct run *run);
void dns_replication_remember(struct run *run);

#endif
