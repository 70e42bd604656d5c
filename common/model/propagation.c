#include "common/model/propagation.h"

#include <assert.h>

#include "common/model/observation.h"

enum {
	FIRST_WAIT_US = 2500,
	FIRST_US = 100000,
	DENSE_WAIT_US = 5000,
	DENSE_US = 500000,
	SPARSE_SHARE = 16, /* later: a sixteenth of the time that passed */
	IDLE_WAIT_US = 100000,
	IDLE_SHARE = 4,
};

struct propagation propagation_begin(void)
{
	return (struct propagation){
		.notify_us = PROPAGATION_NEVER,
		.soa_us = PROPAGATION_NEVER,
		.request_us = PROPAGATION_NEVER,
		.transfer_us = PROPAGATION_NEVER,
		.publish_us = PROPAGATION_NEVER,
		.lacked_us = PROPAGATION_NEVER,
		.trouble = "",
		.token = "",
	};
}

static bool happened(int64_t at_us)
{
	return at_us != PROPAGATION_NEVER;
}

enum propagation_step propagation_stopped_at(const struct change *change,
	const struct propagation *seen, enum software_kind software)
{
	if (happened(seen->publish_us))
		return STEP_NONE;
	if (change->kind != CHANGE_BY_ENGINE || happened(seen->transfer_us))
		return STEP_PUBLISH;
	if (happened(seen->request_us) || seen->failures)
		return STEP_TRANSFER;
	if (happened(seen->soa_us))
		return STEP_REQUEST;
	if (seen->notify_outcome != OUTCOME_ANSWERED || seen->notify_rcode != DNS_NOERROR)
		return STEP_NOTIFY;
	/* NSD transfers upon NOTIFY without a question for the SOA. */
	return software == SOFTWARE_NSD ? STEP_REQUEST : STEP_SOA;
}

int64_t propagation_doubt_us(const struct propagation *seen)
{
	int64_t since = seen->transfer_us > 0 ? seen->transfer_us : 0;

	if (seen->lacked_us > since)
		since = seen->lacked_us;
	return seen->publish_us > since ? seen->publish_us - since : 0;
}

int64_t propagation_wait_us(int64_t since_us, bool is_expected)
{
	if (!is_expected)
		return since_us / IDLE_SHARE > IDLE_WAIT_US ? since_us / IDLE_SHARE : IDLE_WAIT_US;
	if (since_us < FIRST_US)
		return FIRST_WAIT_US;
	if (since_us < DENSE_US)
		return DENSE_WAIT_US;
	return since_us / SPARSE_SHARE;
}

const char *change_obstacle_name(enum change_obstacle obstacle)
{
	static const char *const names[OBSTACLE_COUNT] = {
		[OBSTACLE_NONE] = "none",
		[OBSTACLE_KEY] = "key",
		[OBSTACLE_ZONE] = "zone",
		[OBSTACLE_SECONDARY] = "secondary",
		[OBSTACLE_SERIAL] = "serial",
		[OBSTACLE_RECORD] = "record",
		[OBSTACLE_TLS] = "tls",
	};

	assert(obstacle < OBSTACLE_COUNT);
	return names[obstacle];
}

const char *change_kind_name(enum change_kind kind)
{
	static const char *const names[CHANGE_KIND_COUNT] = {
		[CHANGE_BY_ENGINE] = "engine",
		[CHANGE_BY_UPDATE] = "update",
		[CHANGE_BY_PDNS] = "pdns",
	};

	assert(kind < CHANGE_KIND_COUNT);
	return names[kind];
}
