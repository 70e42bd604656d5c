/*
 * check_mysql_replication --dns: what the PowerDNS that reads the database serves, zone by zone.
 */
#ifndef COMMON_CHECKS_MYSQL_SERVED_H
#define COMMON_CHECKS_MYSQL_SERVED_H

#include "common/checks/check.h"

struct mysql_served;

/* HOST[@PORT]; NULL in *served where `text` is. `zones`: these only (-z). In the run's arena. */
bool mysql_served_read(struct run *run, const char *text, const struct option_list *zones,
	struct mysql_served **served, struct fault *fault);
/* Until when databases may take their time, so that some is left to ask the server. */
int64_t mysql_served_databases_until(const struct run *run, const struct mysql_served *served);
/* After the databases: completes and closes the plan, and asks for the SOA of all zones. NULL only
 * closes it. False only for our own troubles. */
bool mysql_served_observe(struct run *run, struct mysql_served *served, struct fault *fault);
/* "  ns2.example.com by DNS: ...", for --plan. NULL is nothing. */
void mysql_served_show(const struct mysql_served *served, struct text *out);

#endif
