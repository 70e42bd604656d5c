/*
 * --mysql: the databases that the PowerDNS of servers read. Each is asked by a sibling,
 * check_mysql_replication --observe, while the servers are.
 */
#ifndef COMMON_CHECKS_DNS_BACKENDS_H
#define COMMON_CHECKS_DNS_BACKENDS_H

#include "common/checks/check.h"
#include "common/checks/observed.h"
#include "common/model/database_zones.h"

struct dns_backends;

/* The lines of siblings, each read into a struct scenario_databases. */
extern const struct observed_kind dns_backends_kinds[];

/* NAME=OPTION-FILE[:GROUP], each; NULL in *backends where there is none. In the run's arena. */
bool dns_backends_read(struct run *run, const struct option_list *list,
	struct dns_backends **backends, struct fault *fault);
/* Begins to ask all of them: about the plan's zones, where these are known by now and few, else
 * about all. NULL is none. */
void dns_backends_start(struct run *run, struct dns_backends *backends, bool zones_are_known);
/* Waits until they ended, which they do halfway to the deadline at the latest. Once is enough. */
void dns_backends_wait(struct dns_backends *backends);
/* The first one's name, and its zones; or why they are not known. After dns_backends_wait(). */
const char *dns_backends_first(const struct dns_backends *backends);
const struct database_zones *dns_backends_zones(const struct dns_backends *backends,
	struct fault *why);
/* Into run->seen, whose plan is closed. */
void dns_backends_place(struct run *run, struct dns_backends *backends);

#endif
