#include "common/net/stream.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/arena.h"
#include "common/base/clock.h"
#include "common/net/socket.h"

/* A small answer costs a page; a transfer soon reads in large pieces. The largest message always
 * fits. */
enum {
	BUFFER_FIRST = 4096,
	BUFFER_LARGEST = 128 * 1024,
	MESSAGE_LARGEST = 65535,
	PIECES_AT_ONCE = 8,
};

struct bytes {
	uint8_t *bytes;
	size_t begin, end, capacity; /* what counts is from begin to end */
};

struct stream {
	struct loop *loop;
	struct stream_settings settings;
	int fd;
	struct loop_watch *watch;
	struct loop_timer *soon; /* for what is to be said from the loop; made when needed */
	struct stream_end end;   /* of a stream that never was */
	struct bytes in, out;
	void *session; /* of the layer */
	bool connected, closed;
	bool layer_wants_write;
	bool busy, freed; /* inside a callback; and freed by it */
};

static void make_room(struct bytes *buffer, size_t wanted)
{
	size_t capacity = buffer->capacity ? buffer->capacity : BUFFER_FIRST;

	if (buffer->begin) {
		memmove(buffer->bytes, buffer->bytes + buffer->begin, buffer->end - buffer->begin);
		buffer->end -= buffer->begin;
		buffer->begin = 0;
	}
	while (capacity < buffer->end + wanted)
		capacity *= 2;
	if (capacity == buffer->capacity)
		return;
	buffer->bytes = memory_resize(buffer->bytes, capacity, 1);
	buffer->capacity = capacity;
}

static void want(struct stream *stream)
{
	bool waits = !stream->connected && stream->session; /* for the layer's handshake */
	bool reads = stream->connected || waits;
	bool unsent = stream->connected && stream->out.end > stream->out.begin;

	if (stream->watch)
		loop_watch_want(stream->watch, reads,
			unsent || (!stream->connected && !waits) ||
				(reads && stream->layer_wants_write));
}

static void release(struct stream *stream)
{
	loop_watch_free(stream->watch);
	loop_timer_free(stream->soon);
	if (stream->session)
		stream->settings.layer->end(stream->session);
	stream->session = NULL;
	stream->watch = NULL;
	stream->soon = NULL;
	if (stream->fd >= 0)
		close(stream->fd);
	stream->fd = -1;
}

static void destroy(struct stream *stream)
{
	free(stream->in.bytes);
	free(stream->out.bytes);
	free(stream);
}

static void finish(struct stream *stream, enum outcome outcome, int error)
{
	char trouble[512];

	stream->end = (struct stream_end){ .outcome = outcome,
		.error = error,
		.inside_message = stream->in.end > stream->in.begin };
	if (stream->session) {
		snprintf(trouble, sizeof(trouble), "%s",
			stream->settings.layer->trouble(stream->session));
		stream->end.trouble = *trouble ? trouble : NULL;
	}
	stream->closed = true;
	release(stream);
	stream->settings.ended(stream->settings.context, &stream->end);
	stream->end.trouble = NULL;
}

/* Hands out every whole message, as long as the stream is there. */
static void deliver(struct stream *stream)
{
	struct bytes *in = &stream->in;

	while (!stream->freed && in->end - in->begin >= 2) {
		const uint8_t *head = in->bytes + in->begin;
		size_t length = wire_u16(head);

		if (in->end - in->begin < length + 2)
			return;
		in->begin += length + 2;
		stream->settings.message(stream->settings.context, head + 2, length);
	}
}

static size_t read_room(const struct stream *stream)
{
	const struct bytes *in = &stream->in;
	size_t held = in->end - in->begin, wanted = BUFFER_FIRST;

	if (held >= 2)
		wanted = ((size_t)in->bytes[in->begin] << 8 | in->bytes[in->begin + 1]) + 2 - held;
	if (in->end == in->capacity && in->capacity < BUFFER_LARGEST && wanted < in->capacity)
		wanted = in->capacity; /* the last read filled it: more is to come */
	return wanted;
}

/* One piece; false: no more for now. */
static bool receive_from_layer(struct stream *stream)
{
	struct bytes *in = &stream->in;
	size_t count = 0;
	enum layer_result result;

	make_room(in, read_room(stream));
	result = stream->settings.layer->read(stream->session, in->bytes + in->end,
		in->capacity - in->end, &count);
	stream->layer_wants_write = result == LAYER_WANTS_WRITE;
	switch (result) {
	case LAYER_DONE:
		in->end += count;
		deliver(stream);
		return true;
	case LAYER_CLOSED:
		finish(stream, OUTCOME_CONNECTION_BROKEN, 0);
		return false;
	case LAYER_FAILED:
		finish(stream, OUTCOME_CONNECTION_BROKEN, ECONNRESET);
		return false;
	case LAYER_WANTS_READ:
	case LAYER_WANTS_WRITE:
		break;
	}
	return false;
}

static void call_soon(struct stream *stream);

/* Pieces are small (16 KiB in TLS): many of them, but not for as long as the other side likes. */
static void receive_pieces(struct stream *stream)
{
	for (unsigned i = 0; i < PIECES_AT_ONCE; i++) {
		if (stream->freed || stream->closed || !receive_from_layer(stream))
			return;
	}
	if (!stream->freed && !stream->closed &&
		stream->settings.layer->holds_more(stream->session))
		call_soon(stream);
}

static void receive(struct stream *stream)
{
	struct bytes *in = &stream->in;
	ssize_t got;

	if (stream->session) {
		receive_pieces(stream);
		return;
	}
	make_room(in, read_room(stream));
	got = recv(stream->fd, in->bytes + in->end, in->capacity - in->end, 0);
	if (got > 0) {
		in->end += (size_t)got;
		deliver(stream);
	} else if (got == 0) {
		finish(stream, OUTCOME_CONNECTION_BROKEN, 0);
	} else if (errno != EAGAIN && errno != EINTR) {
		finish(stream, OUTCOME_CONNECTION_BROKEN, errno);
	}
}

/* An error is left to the reading side, so that what the other side sent before is not lost. */
static void send_by_layer(struct stream *stream)
{
	struct bytes *out = &stream->out;
	size_t count = 0;
	enum layer_result result = stream->settings.layer->write(stream->session,
		out->bytes + out->begin, out->end - out->begin, &count);

	out->begin += count;
	if (result == LAYER_FAILED || result == LAYER_CLOSED)
		out->begin = out->end;
}

static void send_out(struct stream *stream)
{
	struct bytes *out = &stream->out;
	ssize_t sent;

	if (stream->session) {
		send_by_layer(stream);
		return;
	}
	sent = send(stream->fd, out->bytes + out->begin, out->end - out->begin, MSG_NOSIGNAL);

	if (sent > 0)
		out->begin += (size_t)sent;
	else if (sent < 0 && errno != EAGAIN && errno != EINTR)
		out->begin = out->end;
}

static void become_connected(struct stream *stream)
{
	stream->connected = true;
	if (stream->settings.connected)
		stream->settings.connected(stream->settings.context);
}

static void shake_hands(struct stream *stream)
{
	enum layer_result result = stream->settings.layer->shake_hands(stream->session);

	stream->layer_wants_write = result == LAYER_WANTS_WRITE;
	switch (result) {
	case LAYER_DONE:
		become_connected(stream);
		break;
	case LAYER_CLOSED:
	case LAYER_FAILED:
		finish(stream, OUTCOME_CONNECTION_BROKEN, 0);
		break;
	case LAYER_WANTS_READ:
	case LAYER_WANTS_WRITE:
		break;
	}
}

static void connect_ended(struct stream *stream)
{
	int error = 0;
	socklen_t length = sizeof(error);

	getsockopt(stream->fd, SOL_SOCKET, SO_ERROR, &error, &length);
	if (error) {
		finish(stream, socket_outcome(error), error);
		return;
	}
	if (stream->settings.layer) {
		stream->session = stream->settings.layer->begin(stream->settings.layer, stream->fd);
		if (stream->settings.shaking)
			stream->settings.shaking(stream->settings.context);
		if (!stream->freed)
			shake_hands(stream);
		return;
	}
	become_connected(stream);
}

static void handle(struct stream *stream, bool readable, bool writable)
{
	if (!stream->connected && stream->session)
		shake_hands(stream);
	else if (!stream->connected)
		connect_ended(stream);
	else if (readable || stream->layer_wants_write)
		receive(stream);
	if (!stream->freed && stream->connected && !stream->closed && writable &&
		stream_unsent(stream))
		send_out(stream);
}

static void stream_ready(void *context, bool readable, bool writable)
{
	struct stream *stream = context;

	stream->busy = true;
	handle(stream, readable, writable);
	stream->busy = false;
	if (stream->freed)
		destroy(stream);
	else
		want(stream);
}

static void stream_soon(void *context)
{
	struct stream *stream = context;

	stream->busy = true;
	if (stream->fd < 0)
		finish(stream, stream->end.outcome, stream->end.error);
	else /* the layer holds more */
		receive(stream);
	stream->busy = false;
	if (stream->freed)
		destroy(stream);
	else
		want(stream);
}

static void call_soon(struct stream *stream)
{
	if (!stream->soon)
		stream->soon = loop_timer_new(stream->loop, stream_soon, stream);
	loop_timer_set(stream->soon, 0);
}

struct stream *stream_open(struct loop *loop, const struct stream_settings *settings)
{
	struct stream *stream = memory_resize(NULL, 1, sizeof(*stream));
	struct socket_result opened = socket_connect(SOCK_STREAM, &settings->to, &settings->source);

	*stream = (struct stream){ .loop = loop, .settings = *settings, .fd = opened.fd };
	if (opened.fd < 0) {
		stream->end =
			(struct stream_end){ .outcome = opened.outcome, .error = opened.error };
		call_soon(stream);
		return stream;
	}
	stream->watch = loop_watch_new(loop, opened.fd, stream_ready, stream);
	want(stream);
	return stream;
}

void stream_send(struct stream *stream, const uint8_t *message, size_t length)
{
	struct bytes *out = &stream->out;
	uint8_t *at;

	assert(length <= MESSAGE_LARGEST);
	if (stream->fd < 0)
		return;
	make_room(out, length + 2);
	at = out->bytes + out->end;
	at[0] = (uint8_t)(length >> 8);
	at[1] = (uint8_t)length;
	memcpy(at + 2, message, length);
	out->end += length + 2;
	if (stream->connected)
		send_out(stream);
	want(stream);
}

size_t stream_unsent(const struct stream *stream)
{
	return stream->out.end - stream->out.begin;
}

bool stream_security(const struct stream *stream, struct stream_security *security)
{
	if (!stream->session || !stream->connected)
		return false;
	stream->settings.layer->describe(stream->session, security);
	return true;
}

void stream_free(struct stream *stream)
{
	if (!stream)
		return;
	release(stream);
	stream->freed = true;
	if (!stream->busy)
		destroy(stream);
}
