#include "common/engine/connection.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/clock.h"

enum {
	LENGTH_PREFIX = 2,
	READ_AT_ONCE = 4096,
	OUT_AT_ONCE = 65536,    /* how much of a transfer is prepared before it is written */
	STEPS_A_TURN = 16,      /* then the others have theirs */
	BUFFER_KEPT = 1024,     /* what is larger is given back when it is empty */
	TLS_BYTES = 40960,      /* of a session, in OpenSSL */
	TRANSFER_MOST_S = 7200, /* as BIND has it; older versions of a zone live as long */
	REPORT_EVERY_S = 60,
	MANY_BYTES = 4 << 20, /* worth a walk through the heap */
};

struct connection {
	struct crowd_member member; /* first */
	struct connections *all;
	int fd;
	struct address client;
	struct loop_watch *watch;
	struct loop_timer *timer;
	const struct stream_layer *layer; /* TLS; NULL: plain TCP */
	void *session;                    /* of the layer */
	bool is_shaking;
	struct text in, out;
	size_t sent;                  /* of `out` */
	struct transfer_out transfer; /* in progress where its version is set */
	int64_t transfer_started_us;
	bool is_held;   /* a fault delays what is in `out` */
	bool has_ended; /* the client sends no more */
	bool close_when_sent, reset_when_sent;
};

static void end_transfer(struct connection *self, const char *trouble)
{
	struct transfer_report report = {
		.version = self->transfer.version,
		.is_incremental = self->transfer.is_incremental,
		.from = self->transfer.from,
		.records = self->transfer.stream ? self->transfer.stream->records - 2 : 0,
		.client = self->client,
		.bytes = self->transfer.bytes,
		.duration_us = clock_monotonic_us() - self->transfer_started_us,
		.trouble = trouble,
	};

	if (!self->transfer.version)
		return;
	self->all->observer.transferred(self->all->observer.context, &report);
	transfer_out_end(&self->transfer);
	self->member.is_precious = false;
}

/* Most of a crowd have gone. glibc keeps what is freed in small pieces (malloc_trim(3)). */
static void give_memory_back(struct connections *all)
{
	if (all->most_held < MANY_BYTES || all->crowd.bytes > all->most_held / 16)
		return;
	all->most_held = all->crowd.bytes;
	malloc_trim(0);
}

static void close_connection(struct connection *self, const char *why)
{
	struct connections *all = self->all;
	struct linger reset = { .l_onoff = 1 };

	end_transfer(self, why);
	if (self->reset_when_sent)
		setsockopt(self->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	crowd_leave(&self->all->crowd, &self->member);
	loop_watch_free(self->watch);
	loop_timer_free(self->timer);
	if (self->session)
		self->layer->end(self->session);
	close(self->fd);
	text_free(&self->in);
	text_free(&self->out);
	free(self);
	give_memory_back(all);
}

static struct connection *connection_of(struct crowd_member *member)
{
	return (struct connection *)(void *)member;
}

static void close_for_room(struct connections *all, struct crowd_member *member)
{
	struct connection *self = connection_of(member);
	int64_t now_us = clock_monotonic_us();
	struct crowd_report report = { .closed = ++all->closed_for_room,
		.client = self->client,
		.of_client = crowd_of_client(member),
		.crowd = &all->crowd };

	if (!all->reported_us || now_us - all->reported_us >= (int64_t)REPORT_EVERY_S * 1000000) {
		all->reported_us = now_us;
		all->closed_for_room = 0;
		if (all->observer.crowded)
			all->observer.crowded(all->observer.context, &report);
	}
	close_connection(self, "others needed the connection");
}

/* What it holds has changed. */
static void weigh(struct connection *self)
{
	struct crowd *crowd = &self->all->crowd;
	struct crowd_member *heavy;

	crowd_holds(crowd, &self->member,
		sizeof(*self) + self->in.capacity + self->out.capacity +
			(self->session ? TLS_BYTES : 0));
	if (crowd->bytes > self->all->most_held)
		self->all->most_held = crowd->bytes;
	while ((heavy = crowd_too_heavy(crowd, &self->member)))
		close_for_room(self->all, heavy);
}

static void empty(struct text *buffer)
{
	if (buffer->capacity > BUFFER_KEPT)
		text_free(buffer);
	else
		text_cut(buffer, 0);
}

/* A whole question came, or all went that was prepared. Single bytes, either way, are no activity:
 * who dribbles would stay for ever. */
static void is_active(struct connection *self)
{
	int64_t until_us = clock_monotonic_us() + (int64_t)self->all->idle_ms * 1000;
	int64_t most_us = self->transfer_started_us + (int64_t)TRANSFER_MOST_S * 1000000;

	if (self->transfer.version && most_us < until_us)
		until_us = most_us;
	loop_timer_set(self->timer, until_us);
	crowd_is_active(&self->all->crowd, &self->member);
}

/* What a call on the socket came to, in the words of a layer. */
static enum layer_result result_of(ssize_t moved, enum layer_result again, size_t *count)
{
	if (moved < 0)
		return errno == EAGAIN || errno == EINTR ? again : LAYER_FAILED;
	*count = (size_t)moved;
	return LAYER_DONE;
}

static enum layer_result put(struct connection *self, size_t *count)
{
	const char *bytes = self->out.bytes + self->sent;
	size_t length = self->out.length - self->sent;

	if (self->session)
		return self->layer->write(self->session, bytes, length, count);
	return result_of(send(self->fd, bytes, length, MSG_NOSIGNAL), LAYER_WANTS_WRITE, count);
}

static enum layer_result get(struct connection *self, char *bytes, size_t *count)
{
	enum layer_result result;

	if (self->session)
		return self->layer->read(self->session, bytes, READ_AT_ONCE, count);
	result = result_of(recv(self->fd, bytes, READ_AT_ONCE, 0), LAYER_WANTS_READ, count);
	return result == LAYER_DONE && !*count ? LAYER_CLOSED : result;
}

/* False: the client is gone, and so is the connection. */
static bool write_out(struct connection *self)
{
	while (self->sent < self->out.length) {
		size_t count = 0;
		enum layer_result result = put(self, &count);

		if (result == LAYER_WANTS_READ || result == LAYER_WANTS_WRITE)
			return true;
		if (result != LAYER_DONE) {
			close_connection(self, "the client closed the connection");
			return false;
		}
		self->sent += count;
	}
	if (self->sent)
		is_active(self);
	if (self->transfer.version) /* there is more to come */
		text_cut(&self->out, 0);
	else
		empty(&self->out);
	self->sent = 0;
	return true;
}

static void prepare_transfer(struct connection *self)
{
	enum transfer_out_state state = TRANSFER_OUT_MORE;

	while (state == TRANSFER_OUT_MORE && self->out.length < OUT_AT_ONCE)
		state = transfer_out_next(&self->transfer, clock_now_s(), &self->out);
	if (state == TRANSFER_OUT_DONE)
		end_transfer(self, NULL);
	if (state == TRANSFER_OUT_CUT) {
		end_transfer(self,
			self->reset_when_sent ? "reset halfway by a fault"
					      : "cut halfway by a fault");
		self->close_when_sent = true;
	}
	weigh(self);
}

static void hold(struct connection *self, uint32_t delay_ms)
{
	self->is_held = delay_ms > 0;
	if (self->is_held)
		loop_timer_set(self->timer, clock_monotonic_us() + (int64_t)delay_ms * 1000);
}

static void carry_out(struct connection *self, struct response *response, const uint8_t *bytes)
{
	uint8_t prefix[LENGTH_PREFIX] = { (uint8_t)(response->length >> 8),
		(uint8_t)response->length };

	switch (response->kind) {
	case RESPONSE_NOTHING:
		return;
	case RESPONSE_CLOSE:
		self->close_when_sent = true;
		return;
	case RESPONSE_MESSAGE:
		text_add_bytes(&self->out, prefix, sizeof(prefix));
		text_add_bytes(&self->out, bytes, response->length);
		break;
	case RESPONSE_TRANSFER:
		self->transfer = response->transfer;
		self->member.is_precious = true;
		self->transfer_started_us = clock_monotonic_us();
		self->reset_when_sent = response->reset_after;
		break;
	}
	hold(self, response->delay_ms);
}

/* Answers the next whole question; false where there is none. */
static bool answer_next(struct connection *self)
{
	const uint8_t *in = (const uint8_t *)text_string(&self->in);
	size_t length = self->in.length < LENGTH_PREFIX ? 0 : wire_u16(in);
	uint8_t bytes[MESSAGE_MOST];
	struct response response;
	struct request request = {
		.bytes = in + LENGTH_PREFIX,
		.length = length,
		.transport = TRANSPORT_TCP,
		.client = self->client,
		.now_s = clock_now_s(),
		.now_us = clock_monotonic_us(),
	};

	if (self->in.length < LENGTH_PREFIX || self->in.length - LENGTH_PREFIX < length)
		return false;
	is_active(self);
	respond(self->all->responder, &request, bytes, sizeof(bytes), &response);
	carry_out(self, &response, bytes);
	if (response.event != EVENT_NONE)
		self->all->observer.heard(self->all->observer.context, &request, &response);
	length += LENGTH_PREFIX;
	memmove(self->in.bytes, self->in.bytes + length, self->in.length - length);
	text_cut(&self->in, self->in.length - length);
	if (!self->in.length)
		empty(&self->in);
	weigh(self);
	return true;
}

/* One thing after the other, as long as the client takes what it asked for. */
static void serve(struct connection *self)
{
	for (unsigned step = 0; step < STEPS_A_TURN; step++) {
		if (self->is_held) {
			loop_watch_want(self->watch, false, false);
			return;
		}
		if (!write_out(self))
			return;
		if (self->out.length)
			break;
		if (self->close_when_sent) {
			close_connection(self, NULL);
			return;
		}
		if (self->transfer.version) {
			prepare_transfer(self);
		} else if (!answer_next(self)) {
			if (self->has_ended)
				close_connection(self, NULL);
			else
				loop_watch_want(self->watch, true, false);
			return;
		}
	}
	loop_watch_want(self->watch, false, true); /* goes on when the others had their turn, too */
}

/* False: gone. A layer may hold what no readable socket will tell of, so all of that is taken. */
static bool read_in(struct connection *self)
{
	char bytes[READ_AT_ONCE];
	enum layer_result result;

	do {
		size_t count = 0;

		result = get(self, bytes, &count);
		if (result == LAYER_DONE)
			text_add_bytes(&self->in, bytes, count);
	} while (result == LAYER_DONE && self->session && self->layer->holds_more(self->session));
	weigh(self);
	if (result == LAYER_CLOSED)
		self->has_ended = true;
	if (result == LAYER_FAILED)
		close_connection(self, "the client reset the connection");
	return result != LAYER_FAILED;
}

/* True: the session is there, now or since long. */
static bool shake_hands(struct connection *self)
{
	const struct server_observer *observer = &self->all->observer;
	enum layer_result result =
		self->is_shaking ? self->layer->shake_hands(self->session) : LAYER_DONE;

	if (result == LAYER_WANTS_READ || result == LAYER_WANTS_WRITE) {
		loop_watch_want(self->watch, result == LAYER_WANTS_READ,
			result == LAYER_WANTS_WRITE);
		return false;
	}
	if (result != LAYER_DONE) {
		if (observer->no_session)
			observer->no_session(observer->context, &self->client,
				self->layer->trouble(self->session));
		close_connection(self, NULL);
		return false;
	}
	self->is_shaking = false;
	return true;
}

static void ready(void *context, bool readable, bool writable)
{
	struct connection *self = context;

	(void)writable;
	if (!shake_hands(self))
		return;
	if (readable && !self->has_ended && !read_in(self))
		return;
	serve(self);
}

static void expired(void *context)
{
	struct connection *self = context;

	if (!self->is_held) {
		close_connection(self, "the client reads too slowly");
		return;
	}
	self->is_held = false;
	is_active(self);
	serve(self);
}

void connection_begin(struct connections *connections, int fd, const struct address *client,
	const struct stream_layer *layer)
{
	struct connection *self = memory_resize(NULL, 1, sizeof(*self));
	struct crowd_member *leaving = crowd_makes_room(&connections->crowd, client);

	if (leaving)
		close_for_room(connections, leaving);
	*self = (struct connection){ .all = connections,
		.fd = fd,
		.client = *client,
		.layer = layer,
		.session = layer ? layer->begin(layer, fd) : NULL,
		.is_shaking = layer };
	crowd_enter(&connections->crowd, &self->member, client);
	self->timer = loop_timer_new(connections->loop, expired, self);
	self->watch = loop_watch_new(connections->loop, fd, ready, self);
	loop_watch_want(self->watch, true, false);
	is_active(self);
	weigh(self);
}

bool connections_make_room(struct connections *connections)
{
	struct crowd_member *leaving = crowd_least_needed(&connections->crowd);

	if (leaving)
		close_for_room(connections, leaving);
	return leaving;
}

void connections_close_all(struct connections *connections)
{
	while (connections->crowd.all.oldest)
		close_connection(connection_of(connections->crowd.all.oldest), "the server ends");
	crowd_free(&connections->crowd);
}
