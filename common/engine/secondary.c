#include "common/engine/secondary.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/dns/serial.h"
#include "common/net/transfer_client.h"
#include "common/net/udp_question.h"

enum {
	SOA_TRIES = 3,
	SOA_TIMEOUT_MS = 500, /* then TCP's turn: the transfer's first SOA tells, too */
	TRANSFER_IDLE_MS = 10000,
	FIRST_RETRY_S = 1,
	MOST_FIRST_RETRY_S = 60, /* without a version, so without its timers */
	SECOND_US = 1000000,
};

struct secondary {
	struct secondary_settings settings;
	struct zone *zone;
	struct loop_timer *check_timer, *expire_timer;
	struct udp_question *soa;         /* running, or NULL */
	struct transfer_client *transfer; /* running, or NULL */
	struct zone_version *incoming;    /* what it has brought so far */
	struct fault incoming_fault;      /* why a record of it cannot be */
	bool is_current;                  /* the transfer began with the serial we have */
	bool again;                       /* asked to refresh meanwhile */
	bool has_expired;                 /* it is said */
	uint32_t failures;
};

__attribute__((format(printf, 2, 3))) static void say(struct secondary *self, const char *format,
	...)
{
	struct text line = { 0 };
	char name[NAME_TEXT];
	va_list arguments;

	text_addf(&line, "%s: ", name_to_text(self->zone->name, name));
	va_start(arguments, format);
	text_vaddf(&line, format, arguments);
	va_end(arguments);
	self->settings.log(self->settings.context, text_string(&line));
	text_free(&line);
}

static const char *primary_text(const struct secondary *self, char out[ADDRESS_TEXT])
{
	return address_to_text_port(&self->zone->primary, out);
}

static void check(struct secondary *self);

static void set_check(struct secondary *self, uint32_t seconds)
{
	if (self->again) {
		self->again = false;
		seconds = 0;
	} else if (!seconds) {
		seconds = 1;
	}
	loop_timer_set(self->check_timer, clock_monotonic_us() + (int64_t)seconds * SECOND_US);
}

/* Up to date: all timers begin anew (RFC 1035 3.3.13). */
static void succeed(struct secondary *self)
{
	const struct soa_fields *soa = &self->zone->version->soa;

	self->failures = 0;
	self->has_expired = false;
	self->zone->expires_us = clock_monotonic_us() + (int64_t)soa->expire * SECOND_US;
	loop_timer_set(self->expire_timer, self->zone->expires_us);
	set_check(self, soa->refresh);
}

static void fail(struct secondary *self, const char *what, const char *reason)
{
	char primary[ADDRESS_TEXT];
	uint32_t wait_s = FIRST_RETRY_S;

	for (uint32_t i = 0; i < self->failures && wait_s < MOST_FIRST_RETRY_S; i++)
		wait_s *= 2;
	if (wait_s > MOST_FIRST_RETRY_S)
		wait_s = MOST_FIRST_RETRY_S;
	if (self->zone->version)
		wait_s = self->zone->version->soa.retry ? self->zone->version->soa.retry : 1;
	self->failures++;
	say(self, "%s %s failed: %s; next try in %" PRIu32 " s", what, primary_text(self, primary),
		reason, wait_s);
	set_check(self, wait_s);
}

static void expired(void *context)
{
	struct secondary *self = context;

	if (self->has_expired || !zone_has_expired(self->zone, clock_monotonic_us()))
		return;
	self->has_expired = true;
	say(self,
		"expired: no word from its primary for %" PRIu32 " s; answers SERVFAIL from now on",
		self->zone->version->soa.expire);
}

/* Do we want the version with this serial? */
static bool is_wanted(const struct secondary *self, uint32_t serial)
{
	return !self->zone->version ||
		serial_compare(serial, self->zone->version->serial) == SERIAL_AHEAD;
}

static bool take_record(void *context, const struct zone_record *record, bool deleting)
{
	struct secondary *self = context;

	(void)deleting;
	if (!self->incoming) { /* the opening SOA */
		struct message none = { .bytes = record->rdata, .length = record->rdata_length };
		struct record soa = { .type = DNS_SOA, .rdata_length = record->rdata_length };
		struct soa_fields fields;
		uint32_t serial;

		self->is_current = record->type == DNS_SOA &&
			record_soa(&none, &soa, &serial, &fields) && !is_wanted(self, serial);
		if (self->is_current)
			return false;
		self->incoming = zone_version_new(self->zone->name);
	}
	return zone_version_add(self->incoming, record, &self->incoming_fault);
}

static void install(struct secondary *self, const struct transfer_result *result)
{
	struct zone_version *version = self->incoming;
	char primary[ADDRESS_TEXT];

	self->incoming = NULL;
	zone_put_version(self->zone, version);
	say(self,
		"transfer in from %s: serial %" PRIu32 ", %zu records, %" PRIu64
		" message%s, %" PRIu64 " bytes, %.1f ms",
		primary_text(self, primary), version->serial, version->record_count,
		result->transfer->messages, result->transfer->messages == 1 ? "" : "s",
		result->transfer->bytes, (double)result->duration_us / 1000);
	succeed(self);
	self->settings.changed(self->settings.context, self->zone);
}

static void transferred(void *context, const struct transfer_result *result)
{
	struct secondary *self = context;
	char reason[128];
	bool complete = result->outcome == OUTCOME_ANSWERED && result->state == TRANSFER_DONE &&
		self->incoming;

	transfer_result_text(result, reason);
	if (complete && zone_version_finish(self->incoming, &self->incoming_fault))
		install(self, result);
	else if (self->is_current)
		succeed(self);
	else if (self->incoming_fault.text[0])
		fail(self, "transfer in from", self->incoming_fault.text);
	else
		fail(self, "transfer in from", reason);
	zone_version_release(self->incoming);
	self->incoming = NULL;
	transfer_client_free(self->transfer);
	self->transfer = NULL;
}

static void begin_transfer(struct secondary *self)
{
	struct transfer_client_settings settings = {
		.loop = self->settings.loop,
		.server = self->zone->primary,
		.source = self->settings.source,
		.question = { .name = self->zone->name, .type = DNS_AXFR },
		.key = self->settings.key,
		.idle_timeout_ms = TRANSFER_IDLE_MS,
		.record = take_record,
		.done = transferred,
		.context = self,
	};

	self->incoming_fault = (struct fault){ 0 };
	self->is_current = false;
	self->transfer = transfer_client_new(&settings);
}

/* Why this answer to the SOA question is of no use, or NULL. */
static const char *soa_trouble(const struct message *message, const struct soa_answer *answer,
	char room[64])
{
	char rcode[16];

	if (message->rcode != DNS_NOERROR) {
		snprintf(room, 64, "it answers %s", rcode_text(message->rcode, rcode));
		return room;
	}
	if (!answer->has_soa)
		return "it answers without an SOA";
	return answer->authoritative ? NULL : "its answer is not authoritative";
}

static void compare(struct secondary *self, uint32_t serial)
{
	char primary[ADDRESS_TEXT];

	if (!is_wanted(self, serial)) {
		if (serial != self->zone->version->serial)
			say(self,
				"%s has serial %" PRIu32 ", not newer than ours, %" PRIu32
				"; ours stays",
				primary_text(self, primary), serial, self->zone->version->serial);
		succeed(self);
		return;
	}
	if (self->zone->version && fault_set_has(&self->zone->faults, FAULT_STALE_SERIAL)) {
		say(self, "%s has serial %" PRIu32 "; a fault keeps %" PRIu32,
			primary_text(self, primary), serial, self->zone->version->serial);
		set_check(self, self->zone->version->soa.retry);
		return;
	}
	begin_transfer(self);
}

static void soa_answered(void *context, const struct udp_answer *answer)
{
	struct secondary *self = context;
	struct soa_answer soa = { 0 };
	const char *trouble = NULL;
	char room[64];
	bool silent = answer->outcome != OUTCOME_ANSWERED && answer->outcome != OUTCOME_TSIG_FAILED;

	if (answer->outcome == OUTCOME_TSIG_FAILED)
		trouble = "its answer's signature is wrong, or ours for it";
	else if (!silent && !message_soa_answer(answer->message, self->zone->name, &soa))
		trouble = "its answer is malformed";
	else if (!silent && !soa.truncated)
		trouble = soa_trouble(answer->message, &soa, room);
	if (trouble)
		fail(self, "SOA question to", trouble);
	else if (silent || soa.truncated)
		begin_transfer(self);
	else
		compare(self, soa.serial);
	udp_question_free(self->soa);
	self->soa = NULL;
}

static void check(struct secondary *self)
{
	struct udp_question_settings settings = {
		.loop = self->settings.loop,
		.server = self->zone->primary,
		.source = self->settings.source,
		.question = { .name = self->zone->name, .type = DNS_SOA },
		.key = self->settings.key,
		.tries = SOA_TRIES,
		.first_timeout_ms = SOA_TIMEOUT_MS,
		.impatient = true,
		.done = soa_answered,
		.context = self,
	};

	self->soa = udp_question_new(&settings);
}

static void check_due(void *context)
{
	check(context);
}

void secondary_refresh(struct secondary *self)
{
	if (self->soa || self->transfer) {
		self->again = true;
		return;
	}
	loop_timer_stop(self->check_timer);
	check(self);
}

struct secondary *secondary_new(const struct secondary_settings *settings)
{
	struct secondary *self = memory_resize(NULL, 1, sizeof(*self));

	*self = (struct secondary){ .settings = *settings, .zone = settings->zone };
	self->check_timer = loop_timer_new(settings->loop, check_due, self);
	self->expire_timer = loop_timer_new(settings->loop, expired, self);
	check(self);
	return self;
}

void secondary_free(struct secondary *self)
{
	if (!self)
		return;
	udp_question_free(self->soa);
	transfer_client_free(self->transfer);
	zone_version_release(self->incoming);
	loop_timer_free(self->check_timer);
	loop_timer_free(self->expire_timer);
	free(self);
}
