#include "common/engine/inbound.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/dns/serial.h"

enum {
	IDLE_MS = 10000,
	PAUSE_MS = 120000, /* PowerDNS reads a large zone from its database behind the first SOA */
	MOST_S = 7200,     /* as BIND's max-transfer-time-in */
};

struct inbound {
	struct inbound_settings settings;
	struct transfer_client *client;
	struct zone_patch *patch;      /* differences so far, or */
	struct zone_version *incoming; /* the whole so far */
	bool is_current;               /* it began with a serial that is not newer */
	struct fault fault;            /* why a record of it cannot be */
	struct fault fell_back;
};

static void begin(struct inbound *self, uint16_t type);

/* A full transfer opens with its SOA: is that worth the rest? */
static bool take_opening(struct inbound *self, const struct zone_record *record)
{
	struct message none = { .bytes = record->rdata, .length = record->rdata_length };
	struct record soa = { .type = record->type, .rdata_length = record->rdata_length };
	struct soa_fields fields;
	uint32_t serial;
	const struct zone_version *base = self->settings.base;

	self->is_current = base && record->type == DNS_SOA &&
		record_soa(&none, &soa, &serial, &fields) &&
		serial_compare(serial, base->serial) != SERIAL_AHEAD;
	if (!self->is_current)
		self->incoming = zone_version_new(self->settings.zone);
	return !self->is_current;
}

static bool take_record(void *context, const struct zone_record *record, bool deleting)
{
	struct inbound *self = context;

	if (!self->patch && deleting)
		self->patch = zone_patch_new(self->settings.base);
	if (self->patch)
		return zone_patch_record(self->patch, record, deleting, &self->fault);
	if (!self->incoming && !take_opening(self, record))
		return false;
	return zone_version_add(self->incoming, record, &self->fault);
}

static void clear(struct inbound *self)
{
	zone_patch_free(self->patch);
	self->patch = NULL;
	zone_version_release(self->incoming);
	self->incoming = NULL;
	transfer_client_free(self->client);
	self->client = NULL;
}

/* What came, finished; NULL with the fault, or without one where nothing whole came. */
static struct zone_version *finished(struct inbound *self, struct difference **steps)
{
	struct zone_version *version = self->incoming;

	if (self->patch)
		return zone_patch_finish(self->patch, steps, &self->fault);
	if (!version || !zone_version_finish(version, &self->fault))
		return NULL;
	self->incoming = NULL;
	return version;
}

/* Did the primary answer, but with no differences that we can use? */
static bool is_to_fall_back(const struct inbound *self, const struct transfer_result *result)
{
	return result->transfer->question.type == DNS_IXFR && !self->is_current &&
		(result->outcome == OUTCOME_ANSWERED || result->outcome == OUTCOME_MALFORMED);
}

static void ended(void *context, const struct transfer_result *result)
{
	struct inbound *self = context;
	struct inbound_result out = { .transfer = result };
	char reason[128];
	bool answered = result->outcome == OUTCOME_ANSWERED;

	if (answered && result->state == TRANSFER_DONE)
		out.version = finished(self, &out.steps);
	out.is_current = self->is_current || (answered && result->state == TRANSFER_CURRENT);
	out.reason = self->fault.text[0] ? self->fault.text
		: result->trouble        ? result->trouble
					 : transfer_result_text(result, reason);
	if (!out.version && !out.is_current && is_to_fall_back(self, result)) {
		fault_set(&self->fell_back, "%s", out.reason);
		clear(self);
		begin(self, DNS_AXFR);
		return;
	}
	if (self->fell_back.text[0])
		out.fell_back = self->fell_back.text;
	self->settings.done(self->settings.context, &out);
}

static void begin(struct inbound *self, uint16_t type)
{
	struct transfer_client_settings settings = {
		.loop = self->settings.loop,
		.server = self->settings.server,
		.source = self->settings.source,
		.question = { .name = self->settings.zone, .type = type },
		.layer = self->settings.layer,
		.key = self->settings.key,
		.idle_timeout_ms = IDLE_MS,
		.pause_timeout_ms = PAUSE_MS,
		.deadline_us = clock_monotonic_us() + (int64_t)MOST_S * 1000000,
		.record = take_record,
		.done = ended,
		.context = self,
	};

	if (type == DNS_IXFR) {
		settings.question.has_serial = true;
		settings.question.serial = self->settings.base->serial;
	}
	self->fault = (struct fault){ 0 };
	self->is_current = false;
	self->client = transfer_client_new(&settings);
}

struct inbound *inbound_new(const struct inbound_settings *settings)
{
	struct inbound *self = memory_resize(NULL, 1, sizeof(*self));

	*self = (struct inbound){ .settings = *settings };
	if (settings->base)
		zone_version_hold(settings->base);
	begin(self, settings->base ? DNS_IXFR : DNS_AXFR);
	return self;
}

void inbound_free(struct inbound *self)
{
	if (!self)
		return;
	clear(self);
	zone_version_release(self->settings.base);
	free(self);
}
