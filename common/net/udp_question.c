#include "common/net/udp_question.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/net/socket.h"
#include "common/net/stream.h"

struct udp_question {
	struct udp_question_settings settings;
	int fd;
	struct loop_watch *watch;
	struct loop_timer *timer;
	struct tsig_chain chain;
	uint8_t bytes[MESSAGE_QUESTION + TSIG_ROOM];
	size_t length;
	uint32_t tries;
	enum outcome trouble;  /* what the network said meanwhile; TIMEOUT: nothing */
	struct stream *stream; /* NULL: not by TCP, or not yet */
	bool was_truncated;
	bool came_by_tcp;
};

static bool take_answer(struct udp_question *self, const uint8_t *bytes, size_t length,
	bool by_tcp);

static void finish(struct udp_question *self, enum outcome outcome, const struct message *message)
{
	struct udp_answer answer = { .outcome = outcome,
		.message = message,
		.tries = self->tries,
		.by_tcp = self->came_by_tcp,
		.was_truncated = self->was_truncated };

	loop_timer_stop(self->timer);
	if (self->watch)
		loop_watch_want(self->watch, false, false);
	stream_free(self->stream); /* nothing comes twice */
	self->stream = NULL;
	self->settings.done(self->settings.context, &answer);
}

static void try_once(struct udp_question *self)
{
	int64_t timeout_us = (int64_t)self->settings.first_timeout_ms * 1000 << self->tries;

	self->tries++;
	if (send(self->fd, self->bytes, self->length, 0) <
		0) /* an earlier ICMP may stand in the way: once more */
		(void)!send(self->fd, self->bytes, self->length, 0);
	loop_timer_set(self->timer, clock_monotonic_us() + timeout_us);
}

static void take_by_tcp(void *context, const uint8_t *bytes, size_t length)
{
	take_answer(context, bytes, length, true);
}

/* Where UDP's silence brought us here, that tells more. */
static void stream_ended(void *context, const struct stream_end *end)
{
	struct udp_question *self = context;

	finish(self, self->was_truncated || !self->settings.tries ? end->outcome : self->trouble,
		NULL);
}

/* The same message. An answer by UDP that comes late counts as well. */
static void go_by_tcp(struct udp_question *self)
{
	const struct udp_question_settings *settings = &self->settings;

	self->stream = stream_open(settings->loop,
		&(struct stream_settings){ .to = settings->server,
			.source = settings->source,
			.message = take_by_tcp,
			.ended = stream_ended,
			.context = self });
	stream_send(self->stream, self->bytes, self->length);
	loop_timer_set(self->timer,
		clock_monotonic_us() + (int64_t)settings->tcp_timeout_ms * 1000);
}

static bool may_go_by_tcp(const struct udp_question *self)
{
	return self->settings.tcp_timeout_ms && !self->stream && self->fd >= 0;
}

static void give_up_udp(struct udp_question *self)
{
	if (may_go_by_tcp(self))
		go_by_tcp(self);
	else
		finish(self, self->trouble, NULL);
}

static void expired(void *context)
{
	struct udp_question *self = context;

	if (self->tries == self->settings.tries || self->stream)
		give_up_udp(self);
	else
		try_once(self);
}

/* Anything that is not the answer is waited past. */
static bool take_answer(struct udp_question *self, const uint8_t *bytes, size_t length, bool by_tcp)
{
	struct message message;
	uint16_t error;
	enum tsig_result tsig;

	if (!message_parse(bytes, length, &message) ||
		!message_answers(&message, &self->settings.question, true))
		return false;
	if (!by_tcp && self->settings.tcp_timeout_ms && message.flags & DNS_TC) {
		self->was_truncated = true;
		if (!self->stream)
			go_by_tcp(self);
		return false;
	}
	self->came_by_tcp = by_tcp;
	if (!self->settings.key) {
		finish(self, OUTCOME_ANSWERED, &message);
		return true;
	}
	tsig = tsig_verify(&self->chain, &message, (uint64_t)clock_now_s(), &error);
	if (tsig != TSIG_GOOD && tsig != TSIG_ERROR && tsig != TSIG_UNSIGNED)
		return false;
	finish(self, tsig == TSIG_GOOD ? OUTCOME_ANSWERED : OUTCOME_TSIG_FAILED, &message);
	return true;
}

static void ready(void *context, bool readable, bool writable)
{
	struct udp_question *self = context;
	uint8_t bytes[MESSAGE_MOST];

	(void)writable;
	while (readable) {
		ssize_t got = recv(self->fd, bytes, sizeof(bytes), 0);

		if (got >= 0 && take_answer(self, bytes, (size_t)got, false))
			return;
		if (got < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (got < 0)
			self->trouble = socket_outcome(errno);
		if (got < 0 && self->settings.impatient && !self->stream &&
			self->trouble == OUTCOME_PORT_CLOSED) {
			give_up_udp(self);
			return;
		}
	}
}

static void write_question(struct udp_question *self)
{
	struct question *question = &self->settings.question;
	bool fits;

	random_bytes(&question->id, sizeof(question->id));
	if (self->settings.message) {
		assert(self->settings.message_length <= MESSAGE_QUESTION);
		self->length = self->settings.message_length;
		memcpy(self->bytes, self->settings.message, self->length);
		self->bytes[0] = (uint8_t)(question->id >> 8);
		self->bytes[1] = (uint8_t)question->id;
	} else {
		self->length = message_question(question, self->bytes, sizeof(self->bytes));
	}
	self->chain.key = self->settings.key;
	fits = self->length &&
		(!self->settings.key ||
			tsig_sign(&self->chain, self->bytes, &self->length, sizeof(self->bytes),
				(uint64_t)clock_now_s(), 0));
	assert(fits);
	(void)fits;
}

struct udp_question *udp_question_new(const struct udp_question_settings *settings)
{
	struct udp_question *self = memory_resize(NULL, 1, sizeof(*self));
	struct socket_result socket =
		socket_connect(SOCK_DGRAM, &settings->server, &settings->source);

	*self = (struct udp_question){ .settings = *settings,
		.fd = socket.fd,
		.trouble = OUTCOME_TIMEOUT };
	self->timer = loop_timer_new(settings->loop, expired, self);
	if (socket.fd < 0) {
		self->trouble = socket.outcome;
		self->tries = settings->tries; /* the loop says so at once */
		loop_timer_set(self->timer, 0);
		return self;
	}
	self->watch = loop_watch_new(settings->loop, socket.fd, ready, self);
	write_question(self);
	loop_watch_want(self->watch, true, false);
	if (settings->tries)
		try_once(self);
	else
		go_by_tcp(self);
	return self;
}

void udp_question_free(struct udp_question *self)
{
	if (!self)
		return;
	loop_watch_free(self->watch);
	loop_timer_free(self->timer);
	stream_free(self->stream);
	if (self->fd >= 0)
		close(self->fd);
	tsig_chain_free(&self->chain);
	free(self);
}
