/*
 * What the options of check_dns_replication mean: hosts, names, thresholds; and those of them that
 * other programs have, too. Reads files, asks nobody.
 */
#ifndef COMMON_CHECKS_DNS_OPTIONS_H
#define COMMON_CHECKS_DNS_OPTIONS_H

#include "common/checks/dns_replication.h"
#include "common/probe/discover.h"

struct dns_backends;
struct zone_sources;

/* What `prepare` makes and `observe` needs. */
struct dns_setup {
	struct dns_apis *apis; /* NULL: none */
	struct discovery discovery;
	struct host *hostname; /* -H; NULL */
	struct zone_sources *sources;
	struct dns_backends *backends; /* --mysql; NULL */
	struct tsig_key key;
};

/* HOST[@PORT]: an address, or a name still to be resolved; of a family that -4 and -6 allow. The
 * fault begins with `option`. */
bool dns_options_host(struct run *run, const char *option, const char *text, struct host *host,
	struct fault *fault);
/* The same, or NAME=ADDRESS[,ADDRESS][@PORT]. */
bool dns_options_named(struct run *run, const char *option, const char *text, struct host *host,
	struct fault *fault);
/* A domain name in lower-case wire form, in the run's arena; NULL with the fault. */
const uint8_t *dns_options_name(struct run *run, const char *option, const char *text,
	struct fault *fault);
/* -4, -6 and -p. */
bool dns_options_families(const struct run *run, struct discovery *discovery, struct fault *fault);
/* The key of -k, which must be given. Wiped by its user. */
bool dns_options_key(const struct run *run, struct tsig_key *key, struct fault *fault);
/* Everything but zones into the setup and the policy. */
bool dns_options_setup(struct run *run, struct dns_setup *setup, struct fault *fault);
bool dns_options_policy(struct run *run, struct fault *fault);

#endif
