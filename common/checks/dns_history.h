/*
 * What check_dns_replication remembers of zones (memory.h): the reference's serials, and how each
 * server came out.
 */
#ifndef COMMON_CHECKS_DNS_HISTORY_H
#define COMMON_CHECKS_DNS_HISTORY_H

#include "common/checks/memory.h"

extern const struct memory dns_history;

#endif
