/*
 * What the options of check_dns_replication mean: hosts, names, thresholds. Reads files, asks
 * nobody.
 */
#ifndef COMMON_CHECKS_DNS_OPTIONS_H
#define COMMON_CHECKS_DNS_OPTIONS_H

#include "common/checks/dns_replication.h"
#include "common/probe/discover.h"

/* What `prepare` makes and `observe` needs. */
struct dns_setup {
	struct discovery discovery;
	struct tsig_key key;
};

/* Zones into the plan; everything else into the setup and the policy. */
bool dns_options_zones(struct run *run, struct fault *fault);
bool dns_options_setup(struct run *run, struct dns_setup *setup, struct fault *fault);
bool dns_options_policy(struct run *run, struct fault *fault);

#endif
