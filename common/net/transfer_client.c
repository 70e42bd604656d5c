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
	enum tsig_result tsig; /* of the last message */
	uint16_t tsig_error;
	int64_t started_us;
};

static void finish(struct transfer_client *self, enum outcome outcome, enum transfer_state state)
{
	struct transfer_result result = {
		.outcome = outcome,
		.state = state,
		.transfer = &self->transfer,
		.tsig = self->tsig,
		.tsig_error = self->tsig_error,
		.duration_us = clock_monotonic_us() - self->started_us,
	};

	stream_free(self->stream);
	self->stream = NULL;
	loop_timer_stop(self->timer);
	self->settings.done(self->settings.context, &result);
}

static void still_alive(struct transfer_client *self)
{
	loop_timer_set(self->timer,
		clock_monotonic_us() + (int64_t)self->settings.idle_timeout_ms * 1000);
}

static void expired(void *context)
{
	finish(context, OUTCOME_TIMEOUT, TRANSFER_MORE);
}

static void connected(void *context)
{
	still_alive(context);
}

static void ended(void *context, const struct stream_end *end)
{
	finish(context, end->outcome, TRANSFER_MORE);
}

/* The first and the last message of a signed transfer are signed, and no hundred in a row are not
 * (RFC 8945 5.3.1). */
static bool signature_good(struct transfer_client *self, const struct message *message)
{
	if (!self->settings.key)
		return true;
	self->tsig = tsig_verify(&self->chain, message, (uint64_t)clock_now_s(), &self->tsig_error);
	return self->tsig == TSIG_GOOD || (self->tsig == TSIG_UNSIGNED && self->transfer.messages);
}

static void take_message(void *context, const uint8_t *bytes, size_t length)
{
	struct transfer_client *self = context;
	struct message message;
	enum transfer_state state;
	bool is_first = !self->transfer.messages;

	still_alive(self);
	if (!message_parse(bytes, length, &message) ||
		(is_first && !message_answers(&message, &self->transfer.question, true))) {
		finish(self, OUTCOME_MALFORMED, TRANSFER_BROKEN);
		return;
	}
	if (!signature_good(self, &message)) {
		finish(self, OUTCOME_TSIG_FAILED, TRANSFER_BROKEN);
		return;
	}
	state = transfer_message(&self->transfer, bytes, length, self->settings.record,
		self->settings.context);
	if (state == TRANSFER_DONE && self->settings.key && self->tsig != TSIG_GOOD)
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
	self->timer = loop_timer_new(settings->loop, expired, self);
	self->stream = stream_open(settings->loop,
		&(struct stream_settings){ settings->server, settings->source, connected,
			take_message, ended, self });
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
	const char *text = "the message is malformed";

	if (result->outcome == OUTCOME_ANSWERED)
		return state_text(result, out);
	if (result->outcome == OUTCOME_TIMEOUT)
		text = "no answer in time";
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
