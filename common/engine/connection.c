#include "common/engine/connection.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/clock.h"

enum {
	LENGTH_PREFIX = 2,
	READ_AT_ONCE = 4096,
	OUT_AT_ONCE = 65536, /* how much of a transfer is prepared before it is written */
	STEPS_A_TURN = 16,   /* then the others have theirs */
};

struct connection {
	struct connection *newer, *older;
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

static void unlink_connection(struct connection *self)
{
	*(self->newer ? &self->newer->older : &self->all->newest) = self->older;
	*(self->older ? &self->older->newer : &self->all->oldest) = self->newer;
	self->newer = self->older = NULL;
}

static void link_newest(struct connection *self)
{
	self->older = self->all->newest;
	*(self->older ? &self->older->newer : &self->all->oldest) = self;
	self->all->newest = self;
}

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
}

static void close_connection(struct connection *self, const char *why)
{
	struct linger reset = { .l_onoff = 1 };

	end_transfer(self, why);
	if (self->reset_when_sent)
		setsockopt(self->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	unlink_connection(self);
	self->all->count--;
	loop_watch_free(self->watch);
	loop_timer_free(self->timer);
	if (self->session)
		self->layer->end(self->session);
	close(self->fd);
	text_free(&self->in);
	text_free(&self->out);
	free(self);
}

/* A whole question came, or all went that was prepared. Single bytes, either way, are no activity:
 * who dribbles would stay for ever. */
static void is_active(struct connection *self)
{
	loop_timer_set(self->timer, clock_monotonic_us() + (int64_t)self->all->idle_ms * 1000);
	if (self->all->newest == self)
		return;
	unlink_connection(self);
	link_newest(self);
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
	text_cut(&self->out, 0);
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
	size_t length = self->in.length < LENGTH_PREFIX ? 0 : (size_t)in[0] << 8 | in[1];
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

	if (connections->count >= connections->most)
		connections_close_oldest(connections);
	*self = (struct connection){ .all = connections,
		.fd = fd,
		.client = *client,
		.layer = layer,
		.session = layer ? layer->begin(layer, fd) : NULL,
		.is_shaking = layer };
	connections->count++;
	link_newest(self);
	self->timer = loop_timer_new(connections->loop, expired, self);
	self->watch = loop_watch_new(connections->loop, fd, ready, self);
	loop_watch_want(self->watch, true, false);
	is_active(self);
}

void connections_close_oldest(struct connections *connections)
{
	struct connection *self = connections->oldest;

	while (self && self->transfer.version)
		self = self->newer;
	close_connection(self ? self : connections->oldest, "others needed the connection");
}

void connections_close_all(struct connections *connections)
{
	while (connections->oldest)
		close_connection(connections->oldest, "the server ends");
}
