/*
 * --wait: the first round's question is repeated until every server serves what the primary does.
 */
#ifndef COMMON_CHECKS_DNS_WAIT_H
#define COMMON_CHECKS_DNS_WAIT_H

#include "common/checks/check.h"
#include "common/probe/soa.h"

/* Until then nothing happens in the loop. */
void dns_sleep_until(struct loop *loop, int64_t monotonic_us);
/* After the first round: asks again, twice a second, the servers that do not serve the reference's
 * serial, and the reference; until all do, or that time of clock_monotonic_us(). False only for our
 * own troubles. */
bool dns_wait(struct run *run, const struct soa_probe *probe, int64_t until_us,
	struct fault *fault);

#endif
