/*
 * Since when servers serve what their databases do not have, or less than they have themselves:
 * from earlier runs, at the time of the judgement, and what this one adds.
 */
#ifndef COMMON_CHECKS_DNS_GAPS_H
#define COMMON_CHECKS_DNS_GAPS_H

#include "common/checks/check.h"

void dns_gaps_recall(struct run *run);
void dns_gaps_remember(struct run *run);

#endif
