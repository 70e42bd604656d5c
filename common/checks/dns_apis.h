/*
 * --pdns-api: PowerDNS servers that are asked by their API why zones in trouble are in trouble. A
 * sibling, check_pdns_replication --observe, asks all of them while the diagnosis runs; where all
 * is well nobody is asked. The key stays in its file.
 */
#ifndef COMMON_CHECKS_DNS_APIS_H
#define COMMON_CHECKS_DNS_APIS_H

#include "common/checks/api_options.h"
#include "common/checks/check.h"

struct dns_apis;

/* NAME=URL, each; NULL in *apis where there is none. In the run's arena. `addresses` are
 * --address's. */
bool dns_apis_read(struct run *run, const struct option_list *list, const struct api_access *access,
	const struct option_list *addresses, struct dns_apis **apis, struct fault *fault);
/* Begins to ask about these zones of the plan. NULL is none. */
void dns_apis_start(struct run *run, struct dns_apis *apis, const uint32_t *zones, size_t count);
/* Waits for the answers and puts them into run->seen. */
void dns_apis_end(struct run *run, struct dns_apis *apis);
/* Then, where names fit no server and these APIs were not asked: they are asked where their servers
 * are (local-address), before anybody says that a name is wrong. */
void dns_apis_locate(struct run *run, struct dns_apis *apis);
/* As they were named, for --plan. */
void dns_apis_show(const struct dns_apis *apis, struct text *out);

#endif
