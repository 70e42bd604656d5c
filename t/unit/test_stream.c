/*
 * DNS over TCP against servers in threads: pieces of every size, ends of every kind.
 */
#include "common/base/clock.h"
#include "common/net/stream.h"
#include "t/unit/fake_server.h"

enum { HUGE_MESSAGE = 65535, MANY = 300 };

/* What a client saw. */
struct seen {
	struct loop *loop;
	struct stream *stream;
	struct loop_timer *timer;
	const struct stream_layer *layer;
	unsigned shaking, connected, messages, wanted;
	size_t bytes, last_length, wrong;
	bool free_at_message, free_at_end, free_at_connect, timed_out;
	bool ended;
	struct stream_end end;
	char trouble[32];
};

static void stop(struct seen *seen)
{
	loop_stop(seen->loop);
}

static void free_stream(struct seen *seen)
{
	stream_free(seen->stream);
	seen->stream = NULL;
}

static void connected(void *context)
{
	struct seen *seen = context;

	seen->connected++;
	if (seen->free_at_connect) {
		free_stream(seen);
		stop(seen);
	}
}

static void shaking(void *context)
{
	((struct seen *)context)->shaking++;
}

static void message(void *context, const uint8_t *bytes, size_t length)
{
	struct seen *seen = context;

	seen->messages++;
	seen->bytes += length;
	seen->last_length = length;
	for (size_t i = 0; i < length; i++)
		seen->wrong += bytes[i] != (uint8_t)(i * 7 + length);
	if (seen->free_at_message)
		free_stream(seen);
	if (seen->messages == seen->wanted)
		stop(seen);
}

static void ended(void *context, const struct stream_end *end)
{
	struct seen *seen = context;

	seen->ended = true;
	seen->end = *end;
	snprintf(seen->trouble, sizeof(seen->trouble), "%s", end->trouble ? end->trouble : "");
	if (seen->free_at_end)
		free_stream(seen);
	stop(seen);
}

static void timed_out(void *context)
{
	struct seen *seen = context;

	seen->timed_out = true;
	stop(seen);
}

static void open_stream(struct seen *seen, const struct address *to)
{
	const struct stream_settings settings = { .to = *to,
		.layer = seen->layer,
		.shaking = shaking,
		.connected = connected,
		.message = message,
		.ended = ended,
		.context = seen };
	struct fault fault;

	seen->loop = loop_new(&fault);
	seen->stream = stream_open(seen->loop, &settings);
	seen->timer = loop_timer_new(seen->loop, timed_out, seen);
	ok(!seen->ended && !seen->connected, "nothing is said before the loop runs");
}

/* At most this long; the timer is only there so that a bug fails instead of hanging. */
static void run(struct seen *seen, int64_t most_ms)
{
	loop_timer_set(seen->timer, clock_monotonic_us() + most_ms * 1000);
	loop_run(seen->loop);
	loop_timer_stop(seen->timer);
}

static void close_stream(struct seen *seen)
{
	stream_free(seen->stream);
	loop_timer_free(seen->timer);
	loop_free(seen->loop);
}

/* --- A layer that changes nothing, but gives and takes in pieces, and asks for the socket as TLS
 * may.
 */

enum { PIECE = 100, HELD = 1000 };

struct layer_session {
	int fd;
	unsigned shakes, reads;
	uint8_t held[HELD];
	size_t begin, end;
};

static void *layer_begin(const struct stream_layer *layer, int fd)
{
	struct layer_session *session = calloc(1, sizeof(*session));

	(void)layer;
	if (!session)
		fake_bail("calloc");
	session->fd = fd;
	return session;
}

static enum layer_result layer_shake(void *opaque)
{
	struct layer_session *session = opaque;

	return session->shakes++ < 2 ? LAYER_WANTS_WRITE : LAYER_DONE;
}

static enum layer_result layer_fail(void *opaque)
{
	(void)opaque;
	return LAYER_FAILED;
}

static enum layer_result layer_read(void *opaque, void *bytes, size_t most, size_t *count)
{
	struct layer_session *session = opaque;
	ssize_t got;

	if (++session->reads % 7 == 0)
		return LAYER_WANTS_WRITE;
	if (session->begin == session->end) {
		got = recv(session->fd, session->held, HELD, 0);
		if (got == 0)
			return LAYER_CLOSED;
		if (got < 0)
			return errno == EAGAIN ? LAYER_WANTS_READ : LAYER_FAILED;
		session->begin = 0;
		session->end = (size_t)got;
	}
	*count = session->end - session->begin;
	if (*count > PIECE)
		*count = PIECE;
	if (*count > most)
		*count = most;
	memcpy(bytes, session->held + session->begin, *count);
	session->begin += *count;
	return LAYER_DONE;
}

static enum layer_result layer_write(void *opaque, const void *bytes, size_t length, size_t *count)
{
	struct layer_session *session = opaque;
	ssize_t sent =
		send(session->fd, bytes, length > 30 * PIECE ? 30 * PIECE : length, MSG_NOSIGNAL);

	if (sent < 0)
		return errno == EAGAIN ? LAYER_WANTS_WRITE : LAYER_FAILED;
	*count = (size_t)sent;
	return LAYER_DONE;
}

static bool layer_holds(void *opaque)
{
	struct layer_session *session = opaque;

	return session->begin < session->end;
}

static const char *layer_trouble(void *opaque)
{
	(void)opaque;
	return "no hands";
}

static void layer_describe(void *opaque, struct stream_security *security)
{
	(void)opaque;
	*security = (struct stream_security){ .version = "none", .cipher = "none" };
}

static const struct stream_layer pieces = { layer_begin, layer_shake, layer_read, layer_write,
	layer_holds, layer_trouble, layer_describe, free };
static const struct stream_layer failing = { layer_begin, layer_fail, layer_read, layer_write,
	layer_holds, layer_trouble, layer_describe, free };

/* A message of this length; its bytes tell where they stand. */
static void make(uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		bytes[i] = (uint8_t)(i * 7 + length);
}

static bool echo(struct fake *fake, int fd, const uint8_t *query, size_t length)
{
	(void)fake;
	fake_write(fd, query, length);
	return true;
}

/* Byte by byte, with the length in pieces, too. */
static bool trickle(struct fake *fake, int fd, const uint8_t *query, size_t length)
{
	uint8_t head[2] = { (uint8_t)(length >> 8), (uint8_t)length };

	(void)fake;
	send(fd, head, 1, MSG_NOSIGNAL);
	send(fd, head + 1, 1, MSG_NOSIGNAL);
	for (size_t i = 0; i < length; i++)
		send(fd, query + i, 1, MSG_NOSIGNAL);
	return true;
}

static bool half(struct fake *fake, int fd, const uint8_t *query, size_t length)
{
	uint8_t head[2] = { (uint8_t)(length >> 8), (uint8_t)length };

	(void)fake;
	send(fd, head, 2, MSG_NOSIGNAL);
	send(fd, query, length / 2, MSG_NOSIGNAL);
	return false;
}

static bool answer_and_close(struct fake *fake, int fd, const uint8_t *query, size_t length)
{
	echo(fake, fd, query, length);
	return false;
}

static bool silent(struct fake *fake, int fd, const uint8_t *query, size_t length)
{
	(void)fake, (void)fd, (void)query, (void)length;
	return true;
}

static bool reset(struct fake *fake, int fd, const uint8_t *query, size_t length)
{
	struct linger at_once = { .l_onoff = 1 };

	(void)fake, (void)query, (void)length;
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	return false;
}

/* --- Messages --------------------------------------------------------------------------------- */

static void test_sizes(fake_tcp *behaviour, const char *name, const struct stream_layer *layer)
{
	static const size_t lengths[] = { 0, 1, 2, 12, 511, 4093, 4094, 4095, 4096, 65534, 65535 };
	struct fake fake = { .tcp = behaviour };
	struct seen seen = { .layer = layer, .wanted = sizeof(lengths) / sizeof(lengths[0]) };
	uint8_t bytes[HUGE_MESSAGE];
	size_t total = 0;

	fake_start(&fake);
	open_stream(&seen, &fake.address);
	for (unsigned i = 0; i < seen.wanted; i++) {
		make(bytes, lengths[i]);
		stream_send(seen.stream, bytes, lengths[i]);
		total += lengths[i];
	}
	ok(stream_unsent(seen.stream) == total + 2 * seen.wanted, "kept until it is connected");
	run(&seen, 60000);
	ok(seen.messages == seen.wanted && seen.bytes == total,
		"%s: messages of all sizes come back", name);
	is_integer((int64_t)seen.wrong, 0, "byte by byte the same");
	is_integer((int64_t)seen.connected, 1, "connected is said once");
	is_integer((int64_t)stream_unsent(seen.stream), 0, "nothing is left unsent");
	close_stream(&seen);
	fake_stop(&fake);
}

/* More than both sides' buffers hold: neither may lose a byte or lock up. */
static void test_flood(const struct stream_layer *layer)
{
	struct fake fake = { .tcp = echo };
	struct seen seen = { .layer = layer, .wanted = MANY };
	uint8_t bytes[40000];

	fake_start(&fake);
	open_stream(&seen, &fake.address);
	make(bytes, sizeof(bytes));
	for (unsigned i = 0; i < MANY; i++)
		stream_send(seen.stream, bytes, sizeof(bytes));
	run(&seen, 60000);
	ok(seen.messages == MANY && !seen.wrong, "12 MB there and back");
	close_stream(&seen);
	fake_stop(&fake);
}

static void test_freed_by_callback(const struct stream_layer *layer)
{
	struct fake fake = { .tcp = echo };
	struct seen seen = { .layer = layer, .wanted = 1, .free_at_message = true };
	struct seen early = { .layer = layer, .free_at_connect = true }, none = { .layer = layer };

	fake_start(&fake);
	open_stream(&seen, &fake.address);
	stream_send(seen.stream, (const uint8_t *)"\1\10", 1);
	stream_send(seen.stream, (const uint8_t *)"\1\10", 1);
	run(&seen, 60000);
	ok(seen.messages == 1 && !seen.stream, "a stream may be freed by its message");
	close_stream(&seen);
	open_stream(&early, &fake.address);
	stream_send(early.stream, (const uint8_t *)"\1", 1);
	run(&early, 60000);
	ok(early.connected && !early.stream && !early.timed_out, "or while it connects");
	close_stream(&early);
	open_stream(&none, &fake.address);
	close_stream(&none);
	ok(true, "or before anything");
	fake_stop(&fake);
}

/* --- Ends ---------------------------------------------------------------------------------------
 */

struct end_story {
	const char *name;
	fake_tcp *tcp;
	bool refuse;
	unsigned messages;
	enum outcome outcome;
	int error;
	bool inside_message;
};

static const struct end_story end_stories[] = {
	{ "closed port", NULL, false, 0, OUTCOME_PORT_CLOSED, ECONNREFUSED, false },
	{ "accepted and closed", silent, true, 0, OUTCOME_CONNECTION_BROKEN, -1, false },
	{ "closed inside a message", half, false, 0, OUTCOME_CONNECTION_BROKEN, 0, true },
	{ "closed after an answer", answer_and_close, false, 1, OUTCOME_CONNECTION_BROKEN, 0,
		false },
	{ "reset", reset, false, 0, OUTCOME_CONNECTION_BROKEN, ECONNRESET, false },
};

static void test_end(const struct end_story *story, bool free_it, const struct stream_layer *layer)
{
	struct fake fake = { .tcp = story->tcp, .refuse_connections = story->refuse };
	struct seen seen = { .layer = layer, .free_at_end = free_it };
	uint8_t bytes[100];

	fake_start(&fake);
	open_stream(&seen, &fake.address);
	make(bytes, sizeof(bytes));
	stream_send(seen.stream, bytes, sizeof(bytes));
	run(&seen, 60000);
	ok(seen.ended && seen.end.outcome == story->outcome, "%s: %d", story->name,
		(int)seen.end.outcome);
	ok(story->error < 0 || seen.end.error == story->error || (layer && seen.end.error),
		"%s: errno %d", story->name, seen.end.error);
	is_integer(seen.messages, story->messages, "messages before the end");
	is_integer(seen.end.inside_message, story->inside_message, "inside a message or not");
	if (!free_it) {
		stream_send(seen.stream, bytes, sizeof(bytes));
		ok(stream_unsent(seen.stream) <= sizeof(bytes) + 2,
			"what is sent after the end is nothing");
	}
	close_stream(&seen);
	fake_stop(&fake);
}

static void test_unreachable(void)
{
	struct address nowhere = { .family = 4, .port = 53, .bytes = { 255, 255, 255, 255 } };
	struct address link_local = { .family = 6, .port = 53, .bytes = { 0xfe, 0x80 } };
	struct address wrong_source = { .family = 4, .bytes = { 192, 0, 2, 1 } };
	struct stream_settings settings = { .to = nowhere,
		.connected = connected,
		.message = message,
		.ended = ended };
	struct seen seen = { 0 }, no_route = { 0 }, no_bind = { 0 };
	struct fault fault;

	open_stream(&seen, &nowhere);
	run(&seen, 60000);
	ok(seen.ended &&
			(seen.end.outcome == OUTCOME_UNREACHABLE ||
				seen.end.outcome == OUTCOME_NO_ROUTE),
		"broadcast can't be connected to: %d", (int)seen.end.outcome);
	close_stream(&seen);
	open_stream(&no_route, &link_local);
	run(&no_route, 60000);
	is_integer(no_route.end.outcome, OUTCOME_NO_ROUTE,
		"a link-local address without its link: no route");
	close_stream(&no_route);
	settings.to = (struct address){ .family = 4, .port = 9, .bytes = { 127, 0, 0, 1 } };
	settings.source = wrong_source;
	settings.context = &no_bind;
	no_bind.loop = loop_new(&fault);
	no_bind.timer = loop_timer_new(no_bind.loop, timed_out, &no_bind);
	no_bind.stream = stream_open(no_bind.loop, &settings);
	run(&no_bind, 60000);
	ok(no_bind.end.outcome == OUTCOME_NOT_ASKED && no_bind.end.error == EADDRNOTAVAIL,
		"a source address that is not ours is our own trouble");
	close_stream(&no_bind);
}

static void test_layer(void)
{
	struct fake fake = { .tcp = echo };
	struct seen seen = { .layer = &failing }, good = { .layer = &pieces, .wanted = 1 };
	struct stream_security security = { 0 };

	fake_start(&fake);
	open_stream(&seen, &fake.address);
	stream_send(seen.stream, (const uint8_t *)"\1", 1);
	run(&seen, 60000);
	ok(seen.ended && seen.shaking == 1 && !seen.connected, "a layer that fails is the end");
	ok(seen.end.outcome == OUTCOME_CONNECTION_BROKEN, "of the connection");
	is_string(seen.trouble, "no hands", "and says why");
	ok(!stream_security(seen.stream, &security), "nothing was agreed on");
	close_stream(&seen);
	open_stream(&good, &fake.address);
	stream_send(good.stream, (const uint8_t *)"\1\10", 1);
	ok(!stream_security(good.stream, &security), "nor before it is connected");
	run(&good, 60000);
	ok(good.shaking == 1 && good.connected == 1, "hands are shaken, then it is connected");
	ok(stream_security(good.stream, &security), "and what was agreed on");
	is_string(security.version, "none", "is told");
	close_stream(&good);
	fake_stop(&fake);
}

static void test_all(const struct stream_layer *layer)
{
	test_sizes(echo, "echo", layer);
	test_sizes(trickle, "trickle", layer);
	test_flood(layer);
	test_freed_by_callback(layer);
	for (unsigned i = 0; i < sizeof(end_stories) / sizeof(end_stories[0]); i++) {
		test_end(&end_stories[i], false, layer);
		test_end(&end_stories[i], true, layer);
	}
}

static void test_silence(void)
{
	struct fake fake = { .tcp = silent, .deaf = true };
	struct seen seen = { 0 };

	fake_start(&fake);
	open_stream(&seen, &fake.address);
	run(&seen, 20);
	ok(seen.timed_out && !seen.connected,
		"a server that answers no handshake: still connecting");
	close_stream(&seen);
	fake_stop(&fake);
}

int main(void)
{
	test_all(NULL);
	test_all(&pieces);
	test_layer();
	test_unreachable();
	test_silence();
	stream_free(NULL);
	return done_testing();
}
