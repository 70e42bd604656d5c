#include "common/engine/secondary.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/dns/serial.h"
#include "common/engine/access.h"
#include "common/engine/inbound.h"
#include "common/net/udp_question.h"

enum {
	SOA_TRIES = 3,
	SOA_TIMEOUT_MS = 500, /* then TCP's turn: the transfer's first SOA tells, too */
	FIRST_RETRY_S = 1,
	MOST_FIRST_RETRY_S = 60, /* without a version, so without its timers */
	SECOND_US = 1000000,
};

struct secondary {
	struct secondary_settings settings;
	struct zone *zone;
	struct loop_timer *check_timer, *expire_timer;
	struct udp_question *soa; /* running, or NULL */
	struct inbound *transfer; /* running, or NULL */
	unsigned first, asked;    /* of this round: whom it began with, how many it asked */
	bool has_answer;          /* one of them did */
	bool again;               /* asked to refresh meanwhile */
	bool has_expired;         /* it is said */
	bool without_edns;        /* the primary that is asked does not know it */
	bool has_upstream_expire; /* of the primary that answered, itself a secondary (RFC 7314) */
	uint32_t upstream_expire_s;
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

/* Whom the round asks now. */
static const struct peer *primary_of(const struct secondary *self)
{
	return &self->zone->primaries[(self->first + self->asked) % self->zone->primary_count];
}

static const char *primary_text(const struct secondary *self, char out[PEER_TEXT])
{
	return peer_to_text(primary_of(self), out);
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

/* How long the zone may be served without word from a primary: what the SOA says, or less where
 * the primary's own time runs out earlier (RFC 7314 4). */
static uint32_t expire_of(const struct secondary *self)
{
	uint32_t own_s = self->zone->version->soa.expire;

	return self->has_upstream_expire && self->upstream_expire_s < own_s
		? self->upstream_expire_s
		: own_s;
}

/* Up to date: all timers begin anew (RFC 1035 3.3.13). */
static void succeed(struct secondary *self)
{
	int64_t expires_us = clock_monotonic_us() + (int64_t)expire_of(self) * SECOND_US;

	self->failures = 0;
	self->has_expired = false;
	if (!self->has_upstream_expire || expires_us > self->zone->expires_us)
		self->zone->expires_us = expires_us;
	loop_timer_set(self->expire_timer, self->zone->expires_us);
	set_check(self, self->zone->version->soa.refresh);
}

static uint32_t retry_of(const struct secondary *self)
{
	uint32_t wait_s = FIRST_RETRY_S;

	if (self->zone->version)
		return self->zone->version->soa.retry ? self->zone->version->soa.retry : 1;
	for (uint32_t i = 0; i < self->failures && wait_s < MOST_FIRST_RETRY_S; i++)
		wait_s *= 2;
	return wait_s > MOST_FIRST_RETRY_S ? MOST_FIRST_RETRY_S : wait_s;
}

/* On to the next primary; false: the round is over. */
static bool go_on(struct secondary *self)
{
	if (self->asked + 1 >= self->zone->primary_count)
		return false;
	self->asked++;
	self->without_edns = false;
	check(self);
	return true;
}

static void fail(struct secondary *self, const char *what, const char *reason)
{
	char primary[PEER_TEXT];
	uint32_t wait_s = retry_of(self);

	primary_text(self, primary);
	if (self->asked + 1 < self->zone->primary_count) {
		say(self, "%s %s failed: %s; next primary", what, primary, reason);
		go_on(self);
		return;
	}
	if (self->has_answer) {
		say(self, "%s %s failed: %s; another primary has nothing newer", what, primary,
			reason);
		succeed(self);
		return;
	}
	self->failures++;
	say(self, "%s %s failed: %s; next try in %" PRIu32 " s", what, primary, reason, wait_s);
	set_check(self, wait_s);
}

/* This primary has nothing newer. */
static void is_current(struct secondary *self)
{
	self->has_answer = true;
	if (!go_on(self))
		succeed(self);
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

static void install(struct secondary *self, const struct inbound_result *result)
{
	struct zone_version *version = result->version;
	uint32_t before = self->zone->version ? self->zone->version->serial : 0;
	const struct transfer *transfer = result->transfer->transfer;
	char primary[PEER_TEXT], from[32] = "";

	if (result->steps) {
		snprintf(from, sizeof(from), " from %" PRIu32 " by IXFR", before);
		zone_put_steps(self->zone, version, result->steps);
	} else {
		zone_put_version(self->zone, version);
	}
	say(self,
		"transfer in from %s: serial %" PRIu32 "%s, %zu records, %" PRIu64
		" message%s, %" PRIu64 " bytes, %.1f ms",
		primary_text(self, primary), version->serial, from,
		result->steps ? (size_t)transfer->records : version->record_count,
		transfer->messages, transfer->messages == 1 ? "" : "s", transfer->bytes,
		(double)result->transfer->duration_us / 1000);
	self->zone->expires_us = 0; /* the old version's */
	succeed(self);
	self->settings.changed(self->settings.context, self->zone);
}

static void transferred(void *context, const struct inbound_result *result)
{
	struct secondary *self = context;
	struct inbound *transfer = self->transfer;
	char primary[PEER_TEXT];

	self->transfer = NULL;
	if (result->fell_back)
		say(self, "no IXFR from %s: %s; it was asked for the whole zone",
			primary_text(self, primary), result->fell_back);
	if (result->version)
		install(self, result);
	else if (result->is_current)
		is_current(self);
	else
		fail(self, "transfer in from", result->reason);
	inbound_free(transfer);
}

static struct address source_for(const struct secondary *self)
{
	return primary_of(self)->address.family == 4 ? self->settings.source4
						     : self->settings.source6;
}

static void begin_transfer(struct secondary *self)
{
	self->transfer = inbound_new(&(struct inbound_settings){ .loop = self->settings.loop,
		.zone = self->zone->name,
		.base = self->zone->version,
		.server = primary_of(self)->address,
		.source = source_for(self),
		.key = primary_of(self)->key,
		.layer = primary_of(self)->layer,
		.done = transferred,
		.context = self });
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

static bool is_kept(const struct secondary *self)
{
	return self->zone->version && fault_set_has(&self->zone->faults, FAULT_STALE_SERIAL);
}

static void transfer_or_keep(struct secondary *self)
{
	char primary[PEER_TEXT];

	if (!is_kept(self)) {
		begin_transfer(self);
		return;
	}
	say(self, "nothing is taken from %s: a fault keeps serial %" PRIu32,
		primary_text(self, primary), self->zone->version->serial);
	set_check(self, self->zone->version->soa.retry);
}

static void compare(struct secondary *self, uint32_t serial)
{
	char primary[PEER_TEXT];

	if (!is_wanted(self, serial)) {
		if (serial != self->zone->version->serial)
			say(self,
				"%s has serial %" PRIu32 ", not newer than ours, %" PRIu32
				"; ours stays",
				primary_text(self, primary), serial, self->zone->version->serial);
		is_current(self);
		return;
	}
	transfer_or_keep(self);
}

/* RFC 6891 7: whom EDNS is unknown to is asked without. */
static bool is_without_edns(const struct secondary *self, const struct udp_answer *answer)
{
	return answer->outcome == OUTCOME_ANSWERED && !self->without_edns &&
		(answer->message->rcode == DNS_FORMERR || answer->message->rcode == DNS_NOTIMP);
}

static void soa_answered(void *context, const struct udp_answer *answer)
{
	struct secondary *self = context;
	struct udp_question *question = self->soa;
	struct soa_answer soa = { 0 };
	const char *trouble = NULL;
	char room[64];
	bool silent = answer->outcome != OUTCOME_ANSWERED && answer->outcome != OUTCOME_TSIG_FAILED;

	self->soa = NULL;
	if (is_without_edns(self, answer)) {
		self->without_edns = true;
		check(self);
		udp_question_free(question);
		return;
	}
	if (answer->outcome == OUTCOME_TSIG_FAILED)
		trouble = "its answer's signature is wrong, or ours for it";
	else if (!silent && !message_soa_answer(answer->message, self->zone->name, &soa))
		trouble = "its answer is malformed";
	else if (!silent && !soa.truncated)
		trouble = soa_trouble(answer->message, &soa, room);
	self->has_upstream_expire = soa.has_expire;
	self->upstream_expire_s = soa.expire_s;
	if (trouble)
		fail(self, "SOA question to", trouble);
	else if (silent || soa.truncated)
		transfer_or_keep(self);
	else
		compare(self, soa.serial);
	udp_question_free(question);
}

static void ask_soa(struct secondary *self)
{
	struct udp_question_settings settings = {
		.loop = self->settings.loop,
		.server = primary_of(self)->address,
		.source = source_for(self),
		.question = { .name = self->zone->name,
			.type = DNS_SOA,
			.edns = !self->without_edns,
			.want_expire = !self->without_edns },
		.key = primary_of(self)->key,
		.tries = SOA_TRIES,
		.first_timeout_ms = SOA_TIMEOUT_MS,
		.impatient = true,
		.done = soa_answered,
		.context = self,
	};

	self->soa = udp_question_new(&settings);
}

/* Over TLS nothing is asked beside it: the transfer's first SOA tells (RFC 9103 6.1). */
static void check(struct secondary *self)
{
	if (primary_of(self)->layer)
		transfer_or_keep(self);
	else
		ask_soa(self);
}

static void begin_round(struct secondary *self)
{
	self->asked = 0;
	self->has_answer = self->without_edns = false;
	check(self);
}

static void check_due(void *context)
{
	struct secondary *self = context;

	self->first = 0;
	begin_round(self);
}

/* The one that notified knows something; without a hint, the first of the list. */
static unsigned index_of(const struct secondary *self, const struct address *notifier)
{
	for (unsigned i = 0; notifier && i < self->zone->primary_count; i++)
		if (same_host(&self->zone->primaries[i].address, notifier))
			return i;
	return 0;
}

void secondary_refresh(struct secondary *self, const struct address *notifier)
{
	if (self->soa || self->transfer) {
		self->again = true;
		return;
	}
	self->first = index_of(self, notifier);
	loop_timer_stop(self->check_timer);
	begin_round(self);
}

struct secondary *secondary_new(const struct secondary_settings *settings)
{
	struct secondary *self = memory_resize(NULL, 1, sizeof(*self));

	*self = (struct secondary){ .settings = *settings, .zone = settings->zone };
	self->check_timer = loop_timer_new(settings->loop, check_due, self);
	self->expire_timer = loop_timer_new(settings->loop, expired, self);
	begin_round(self);
	return self;
}

void secondary_free(struct secondary *self)
{
	if (!self)
		return;
	udp_question_free(self->soa);
	inbound_free(self->transfer);
	loop_timer_free(self->check_timer);
	loop_timer_free(self->expire_timer);
	free(self);
}
