#include "common/net/transfer_client.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/clock.h"
#include "common/net/stream.h"

struct transfer_client {
	struct transfer_client_settings settings;
	struct stream *stream;
	struct loop_timer *timer;
	struct transfer transfer;
	struct tsig_chain chain;
	struct transfer_result result;
	int64_t started_us;
	bool timer_set; /* to the deadline, which stays */
};

static void finish(struct transfer_client *self, enum outcome outcome, enum transfer_state state)
{
	self->result.outcome = outcome;
	self->result.state = state;
	self->result.duration_us = clock_monotonic_us() - self->started_us;
	stream_free(self->stream);
	self->stream = NULL;
	loop_timer_stop(self->timer);
	self->settings.done(self->settings.context, &self->result);
}

static void still_alive(struct transfer_client *self)
{
	const struct transfer_client_settings *settings = &self->settings;
	bool streams = self->result.phase == TRANSFER_STREAMING && settings->pause_timeout_ms;
	int64_t idle_us =
		1000 * (int64_t)(streams ? settings->pause_timeout_ms : settings->idle_timeout_ms);
	int64_t until_us;

	if (!idle_us && self->timer_set)
		return;
	self->timer_set = true;
	until_us = idle_us ? clock_monotonic_us() + idle_us : self->settings.deadline_us;
	if (self->settings.deadline_us && self->settings.deadline_us < until_us)
		until_us = self->settings.deadline_us;
	loop_timer_set(self->timer, until_us);
}

static void expired(void *context)
{
	finish(context, OUTCOME_TIMEOUT, TRANSFER_MORE);
}

static void shaking(void *context)
{
	struct transfer_client *self = context;

	self->result.phase = TRANSFER_SHAKING_HANDS;
	still_alive(self);
}

static void connected(void *context)
{
	struct transfer_client *self = context;

	self->result.phase = TRANSFER_ASKED;
	if (!stream_security(self->stream, &self->result.security))
		self->result.security.version = NULL;
	still_alive(self);
}

static void ended(void *context, const struct stream_end *end)
{
	struct transfer_client *self = context;

	self->result.error = end->error;
	self->result.inside_message = end->inside_message;
	self->result.trouble = end->trouble;
	finish(self, end->outcome, TRANSFER_MORE);
}

/* A refusal needs no signature: who could forge it could as well cut the connection. But what the
 * server says of ours is worth more than its rcode. */
static bool refusal_counts(const struct transfer_client *self, const struct message *message)
{
	return self->result.tsig == TSIG_UNSIGNED && message->rcode;
}

/* The first and the last message of a signed transfer are signed, and no hundred in a row are not
 * (RFC 8945 5.3.1). */
static bool signature_good(struct transfer_client *self, const struct message *message)
{
	struct transfer_result *result = &self->result;
	enum tsig_result tsig =
		tsig_verify(&self->chain, message, (uint64_t)clock_now_s(), &result->tsig_error);
	bool too_many = tsig == TSIG_BAD_MAC && !message->tsig;

	result->tsig = too_many ? TSIG_UNSIGNED : tsig;
	return tsig == TSIG_GOOD || refusal_counts(self, message) ||
		(tsig == TSIG_UNSIGNED && self->transfer.messages);
}

/* False: the transfer is over. Records of a message that is not signed as it should be are not even
 * looked at. */
static bool is_ours(struct transfer_client *self, const uint8_t *bytes, size_t length)
{
	struct message message;

	if (!self->settings.key)
		return true;
	if (!message_parse(bytes, length, &message)) {
		finish(self, OUTCOME_MALFORMED, TRANSFER_BROKEN);
		return false;
	}
	if (!signature_good(self, &message)) {
		finish(self, OUTCOME_TSIG_FAILED, TRANSFER_BROKEN);
		return false;
	}
	return true;
}

static enum transfer_state hand_on(struct transfer_client *self, const uint8_t *bytes,
	size_t length)
{
	const struct transfer_client_settings *settings = &self->settings;

	return settings->item ? transfer_message_items(&self->transfer, bytes, length,
					settings->item, settings->context)
			      : transfer_message(&self->transfer, bytes, length, settings->record,
					settings->context);
}

static void take_message(void *context, const uint8_t *bytes, size_t length)
{
	struct transfer_client *self = context;
	enum transfer_state state;

	if (!self->transfer.messages)
		self->result.first_message_us = clock_monotonic_us() - self->started_us;
	self->result.phase = TRANSFER_STREAMING;
	still_alive(self);
	if (!is_ours(self, bytes, length))
		return;
	state = hand_on(self, bytes, length);
	if ((state == TRANSFER_DONE || state == TRANSFER_CURRENT) && self->settings.key &&
		self->result.tsig != TSIG_GOOD)
		finish(self, OUTCOME_TSIG_FAILED, TRANSFER_BROKEN);
	else if (state != TRANSFER_MORE)
		finish(self, OUTCOME_ANSWERED, state);
}

static void send_question(struct transfer_client *self)
{
	struct question *question = &self->settings.question;
	uint8_t bytes[MESSAGE_QUESTION + TSIG_ROOM];
	size_t length;
	bool fits;

	random_bytes(&question->id, sizeof(question->id));
	length = message_question(question, bytes, sizeof(bytes));
	self->chain.key = self->settings.key;
	fits = length &&
		(!self->settings.key ||
			tsig_sign(&self->chain, bytes, &length, sizeof(bytes),
				(uint64_t)clock_now_s(), 0));
	assert(fits);
	(void)fits;
	transfer_begin(&self->transfer, question);
	stream_send(self->stream, bytes, length);
}

struct transfer_client *transfer_client_new(const struct transfer_client_settings *settings)
{
	struct transfer_client *self = memory_resize(NULL, 1, sizeof(*self));

	*self = (struct transfer_client){ .settings = *settings,
		.started_us = clock_monotonic_us() };
	self->result.transfer = &self->transfer;
	self->timer = loop_timer_new(settings->loop, expired, self);
	self->stream = stream_open(settings->loop,
		&(struct stream_settings){ .to = settings->server,
			.source = settings->source,
			.layer = settings->layer,
			.shaking = shaking,
			.connected = connected,
			.message = take_message,
			.ended = ended,
			.context = self });
	send_question(self);
	still_alive(self);
	return self;
}

void transfer_client_free(struct transfer_client *self)
{
	if (!self)
		return;
	stream_free(self->stream);
	loop_timer_free(self->timer);
	tsig_chain_free(&self->chain);
	free(self);
}

static const char *tsig_trouble(const struct transfer_result *result)
{
	switch (result->tsig) {
	case TSIG_UNSIGNED:
		return "the answer is not signed";
	case TSIG_BAD_KEY:
		return "the answer is signed with another key";
	case TSIG_BAD_MAC:
		return "the answer's signature is wrong";
	case TSIG_BAD_TIME:
		return "the answer's signature is of another time: compare the clocks";
	case TSIG_ERROR:
		return tsig_error_text(result->tsig_error);
	case TSIG_MALFORMED:
	case TSIG_GOOD:
		break;
	}
	return "the answer's signature is malformed";
}

static char *state_text(const struct transfer_result *result, char out[128])
{
	char rcode[16];

	switch (result->state) {
	case TRANSFER_REFUSED:
		snprintf(out, 128, "it answers %s", rcode_text(result->transfer->rcode, rcode));
		return out;
	case TRANSFER_BROKEN:
		snprintf(out, 128, "%s", result->transfer->broken);
		return out;
	case TRANSFER_DONE:
	case TRANSFER_CURRENT:
	case TRANSFER_MORE:
		break;
	}
	snprintf(out, 128, "%s", result->state == TRANSFER_CURRENT ? "up to date" : "complete");
	return out;
}

char *transfer_result_text(const struct transfer_result *result, char out[128])
{
	bool is_shaking = result->phase == TRANSFER_SHAKING_HANDS;
	const char *text = "the message is malformed";

	if (result->outcome == OUTCOME_ANSWERED)
		return state_text(result, out);
	if (result->outcome == OUTCOME_TIMEOUT)
		text = is_shaking
			? "no answer to the TLS handshake: does it speak TLS on this port?"
			: "no answer in time";
	else if (result->outcome == OUTCOME_PORT_CLOSED)
		text = "its TCP port is closed";
	else if (result->outcome == OUTCOME_UNREACHABLE)
		text = "it is unreachable";
	else if (result->outcome == OUTCOME_NO_ROUTE)
		text = "there is no route to it";
	else if (result->outcome == OUTCOME_NOT_ASKED)
		text = "no socket for it";
	else if (result->outcome == OUTCOME_CONNECTION_BROKEN)
		text = "the connection ended early";
	else if (result->outcome == OUTCOME_TSIG_FAILED)
		text = tsig_trouble(result);
	snprintf(out, 128, "%s", text);
	return out;
}
