/* The exchange's datagrams: one connected socket per server, sent and received in batches. */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
/* needs the types above */
#include <linux/errqueue.h>
#include <unistd.h>

#include "common/base/arena.h"
#include "common/base/clock.h"
#include "common/net/exchange_private.h"
#include "common/net/socket.h"

enum {
	BATCH = 32,
	DATAGRAM = 4096, /* more than we offer to take; what is longer is cut and so malformed */
	RECEIVE_BUFFER =
		212992, /* Linux's default and its usual limit; the kernel doubles what is set */
	ANSWER_COST = 2304,     /* of it, that an answer of up to about 1,500 bytes takes */
	BUFFER_MATTERS = 16,    /* with fewer in flight the default is enough */
	QUOTED = 64,            /* bytes of our datagram that an ICMP message brings back */
	PORT_QUESTIONS = 4096,  /* from one source port; then another is opened */
	PORT_KEPT_US = 1000000, /* and answers to the old one are still taken */
};

/* One for the whole exchange: only what is in use is ever touched. */
struct udp_batch {
	struct mmsghdr headers[BATCH];
	struct iovec vectors[BATCH];
	uint8_t in[BATCH][DATAGRAM];
	uint8_t out[BATCH][QUESTION_ROOM];
	struct soa_answer answer; /* the last plain one: the next is likely to have its fields */
};

static struct udp_batch *batch_of(struct exchange *exchange)
{
	struct udp_batch *batch = exchange->batch;

	if (batch)
		return batch;
	batch = exchange->batch = memory_resize(NULL, 1, sizeof(*batch));
	memset(batch->headers, 0, sizeof(batch->headers));
	memset(&batch->answer, 0, sizeof(batch->answer));
	for (unsigned i = 0; i < BATCH; i++) {
		batch->headers[i].msg_hdr.msg_iov = &batch->vectors[i];
		batch->headers[i].msg_hdr.msg_iovlen = 1;
	}
	return batch;
}

void udp_batch_free(struct udp_batch *batch)
{
	free(batch);
}

/* --- What came ------------------------------------------------------------------------------ */

/* Comes from the right address with the right id, but is no answer: a forgery, or all there is. */
static void remember(struct flight *flight, enum outcome outcome)
{
	if (!flight->udp_over)
		flight->bad = outcome;
}

/* Until a truncated answer sent the question to TCP, any answer to any try is as good. */
static bool waits_for_udp(const struct flight *flight)
{
	return !flight->udp_over || flight->udp_outcome != OUTCOME_ANSWERED;
}

static void datagram_came(struct server *server, const uint8_t *bytes, size_t length,
	int64_t now_us)
{
	struct flight *flight;
	struct message message;
	struct soa_answer *answer = &server->exchange->batch->answer;
	uint16_t slot;
	unsigned try;

	if (length < 2)
		return;
	slot = tracker_find(&server->tracker, wire_u16(bytes), &try);
	if (slot == TRACKER_NONE || !waits_for_udp(&server->flights[slot]))
		return;
	breaker_heard(server);
	flight = &server->flights[slot];
	flight->ask.question.id = wire_u16(bytes);
	if (flight->ask.plain && !flight->ask.key &&
		message_plain_soa(bytes, length, &flight->ask.question, answer)) {
		flight_udp_plain(server, slot, try, answer, now_us);
		return;
	}
	if (!message_parse(bytes, length, &message)) {
		remember(flight, OUTCOME_MALFORMED);
		return;
	}
	if (!message_answers(&message, &flight->ask.question, true))
		return;
	if (flight_verify(flight, try, &message) == OUTCOME_TSIG_FAILED)
		remember(flight, OUTCOME_TSIG_FAILED);
	else
		flight_udp_answered(server, slot, try, &message, now_us);
}

/* An ICMP message, or a local firewall: one more try, to be sure. */
static void flight_barred(struct server *server, uint16_t slot, enum outcome outcome)
{
	struct flight *flight = &server->flights[slot];

	if (flight->udp_over)
		return;
	if (flight->barred_once || !tracker_tries_left(&server->tracker, slot)) {
		flight_udp_over(server, slot, outcome);
		return;
	}
	flight->barred_once = true;
	tracker_pause(&server->tracker, slot);
	slot_list_remove(&server->unsent, slot);
	slot_list_remove(&server->again, slot);
	slot_list_add(&server->again, slot);
}

/* The extended error of a message from the error queue (ip(7)), or NULL. */
static const struct sock_extended_err *extended_error(struct msghdr *header)
{
	for (struct cmsghdr *part = CMSG_FIRSTHDR(header); part; part = CMSG_NXTHDR(header, part)) {
		bool ipv4 = part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_RECVERR;
		bool ipv6 = part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_RECVERR;

		if (ipv4 || ipv6)
			return (const struct sock_extended_err *)CMSG_DATA(part);
	}
	return NULL;
}

/* Our datagram comes back with it, so we know which question is meant; a router that quotes too
 * little means the oldest. */
static void error_came(struct server *server, const uint8_t *quoted, size_t length, int error)
{
	uint16_t slot = tracker_oldest(&server->tracker);
	unsigned try;

	if (length >= 2)
		slot = tracker_find(&server->tracker, wire_u16(quoted), &try);
	if (slot != TRACKER_NONE && error != EMSGSIZE)
		flight_barred(server, slot, socket_outcome(error));
}

/* Takes one message from the socket's error queue; false: there is none. */
static bool take_error(struct udp_port *port)
{
	uint8_t quoted[QUOTED];
	union {
		struct cmsghdr aligned;
		uint8_t bytes[512];
	} control;
	struct iovec vector = { .iov_base = quoted, .iov_len = sizeof(quoted) };
	struct msghdr header = { .msg_iov = &vector,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes) };
	ssize_t length = recvmsg(port->fd, &header, MSG_ERRQUEUE | MSG_DONTWAIT);
	const struct sock_extended_err *error;

	if (length < 0)
		return false;
	error = extended_error(&header);
	if (error)
		error_came(port->server, quoted, (size_t)length, (int)error->ee_errno);
	return true;
}

/* False: nothing was there. */
static bool take_errors(struct udp_port *port)
{
	bool any = false;

	while (take_error(port))
		any = true;
	return any;
}

/* How many came; -1: errno. */
static int receive_batch(struct udp_port *port)
{
	struct udp_batch *batch = batch_of(port->server->exchange);
	int count;
	int64_t now_us;

	for (unsigned i = 0; i < BATCH; i++)
		batch->vectors[i] = (struct iovec){ batch->in[i], DATAGRAM };
	count = recvmmsg(port->fd, batch->headers, BATCH, MSG_DONTWAIT, NULL);
	now_us = clock_monotonic_us();
	for (int i = 0; i < count; i++)
		datagram_came(port->server, batch->in[i], batch->headers[i].msg_len, now_us);
	return count;
}

static void receive_all(struct udp_port *port)
{
	for (;;) {
		int count = receive_batch(port), error = errno;

		if (count >= 0 && count < BATCH)
			return;
		if (count >= 0 || error == EINTR || take_errors(port))
			continue;
		if (error != EAGAIN)
			error_came(port->server, NULL, 0, error);
		return;
	}
}

static void udp_ready(void *context, bool readable, bool writable)
{
	struct udp_port *port = context;
	struct server *server = port->server;

	if (writable) {
		server->blocked = false;
		loop_watch_want(port->watch, true, false);
	}
	if (readable)
		receive_all(port);
	exchange_touch(server);
	exchange_settle(server->exchange);
}

/* --- What is sent ----------------------------------------------------------------------------- */

/* Errors that routers report for a while only are reported to us, too. */
static void report_errors(int fd, const struct address *address)
{
	int on = 1;

	if (address->family == 6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof(on));
	else
		setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof(on));
}

static struct udp_port *port_in_use(struct server *server)
{
	return &server->ports[server->port];
}

static void port_close(struct udp_port *port)
{
	loop_watch_free(port->watch);
	if (port->fd >= 0)
		close(port->fd);
	*port = (struct udp_port){ .server = port->server, .fd = -1 };
}

/* Who guesses ports gets a new one to guess again and again. Answers to the old one may still be on
 * their way, so it is kept for a while, and no further one is opened meanwhile. */
static void port_change(struct server *server)
{
	struct udp_port *old = port_in_use(server), *older = &server->ports[1 - server->port];
	int64_t now_us;

	if (old->sent < PORT_QUESTIONS || server->blocked)
		return;
	now_us = clock_monotonic_us();
	if (older->fd >= 0 && now_us - older->retired_us < PORT_KEPT_US)
		return;
	port_close(older);
	old->retired_us = now_us;
	server->port = 1 - server->port;
}

static bool udp_open(struct server *server)
{
	const struct exchange_settings *settings = &server->exchange->settings;
	struct udp_port *port = port_in_use(server);
	struct socket_result opened;

	if (port->fd >= 0)
		return true;
	if (server->closed_because != OUTCOME_ANSWERED)
		return false;
	opened = socket_connect(SOCK_DGRAM, &server->address,
		server->address.family == 6 ? &settings->source6 : &settings->source4);
	if (opened.fd < 0) {
		server->closed_because = opened.outcome;
		if (opened.outcome == OUTCOME_NOT_ASKED)
			exchange_trouble(server, opened.error);
		return false;
	}
	port->fd = opened.fd;
	report_errors(opened.fd, &server->address);
	port->watch = loop_watch_new(server->exchange->loop, opened.fd, udp_ready, port);
	loop_watch_want(port->watch, true, false);
	return true;
}

/* As many answers as may come at once must find room (what does not is lost, and costs a time-out).
 */
static void size_buffer(struct server *server)
{
	struct udp_port *port = port_in_use(server);
	int size = RECEIVE_BUFFER;
	socklen_t length = sizeof(size);
	unsigned most;

	port->buffer_known = true;
	setsockopt(port->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (getsockopt(port->fd, SOL_SOCKET, SO_RCVBUF, &size, &length) || size < 0)
		return;
	most = (unsigned)size / 10 * 7 / ANSWER_COST;
	if (most < TRACKER_WINDOW_LEAST)
		most = TRACKER_WINDOW_LEAST;
	if (most < server->tracker.settings.window_most)
		server->tracker.settings.window_most = most;
}

/* How many of the waiting datagrams the system took; -1: errno. */
static int send_batch(struct server *server)
{
	struct udp_batch *batch = batch_of(server->exchange);
	unsigned count = server->unsent.count < BATCH ? server->unsent.count : BATCH;

	for (unsigned i = 0; i < count; i++) {
		uint16_t slot = server->unsent.slots[i];
		unsigned try = tracker_tries(&server->tracker, slot);
		uint16_t id = tracker_id(&server->tracker, slot, try);

		batch->vectors[i] = (struct iovec){ batch->out[i],
			flight_question(server, slot, id, try, batch->out[i]) };
	}
	return sendmmsg(port_in_use(server)->fd, batch->headers, count,
		MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void datagrams_sent(struct server *server, unsigned count)
{
	struct slot_list *unsent = &server->unsent;
	int64_t now_us = clock_monotonic_us();

	for (unsigned i = 0; i < count; i++) {
		uint16_t slot = unsent->slots[i];

		flight_counted(server, slot);
		server->flights[slot].bad = OUTCOME_NOT_ASKED;
		tracker_sent(&server->tracker, slot, now_us);
	}
	port_in_use(server)->sent += count;
	unsent->count -= count;
	memmove(unsent->slots, unsent->slots + count, unsent->count * sizeof(unsent->slots[0]));
}

/* A send fails for what an earlier datagram met, too: then it only has to be repeated. */
static void send_failed(struct server *server, int error)
{
	uint16_t first = server->unsent.slots[0];

	if (error == EINTR)
		return;
	if (error == EAGAIN) {
		server->blocked = true;
		loop_watch_want(port_in_use(server)->watch, true, true);
	} else if (error ==
		ENOBUFS) { /* lost in our own network card's queue: as lost as anywhere */
		datagrams_sent(server, 1);
	} else if (!take_errors(port_in_use(server))) {
		flight_udp_over(server, first, socket_outcome(error));
	}
}

void udp_flush(struct server *server)
{
	while (server->unsent.count && !server->blocked) {
		int sent;

		port_change(server);
		if (!udp_open(server)) {
			flight_udp_over(server, server->unsent.slots[0], server->closed_because);
			continue;
		}
		if (server->tracker.in_flight > BUFFER_MATTERS &&
			!port_in_use(server)->buffer_known)
			size_buffer(server);
		sent = send_batch(server);
		if (sent > 0)
			datagrams_sent(server, (unsigned)sent);
		else
			send_failed(server, errno);
	}
}

/* A try that is over: TCP begins beside the second one where the server was never heard by UDP, so
 * that a dead server is known soon. */
void udp_try_over(struct server *server, uint16_t slot, int64_t now_us)
{
	struct flight *flight = &server->flights[slot];

	if (flight->bad != OUTCOME_NOT_ASKED) {
		flight_udp_over(server, slot, flight->bad);
		return;
	}
	if (breaker_holds(server, slot, now_us))
		return;
	tracker_timed_out(&server->tracker, slot, now_us);
	if (!tracker_tries_left(&server->tracker, slot)) {
		flight_udp_over(server, slot, OUTCOME_TIMEOUT);
		return;
	}
	slot_list_add(&server->again, slot);
	if (!server->udp_answers && !flight->ask.udp_only && !flight->tcp_begun)
		tcp_begin(server, slot, now_us);
}

void udp_expire(struct server *server, int64_t now_us)
{
	uint16_t slot;

	while ((slot = tracker_expired(&server->tracker, now_us)) != TRACKER_NONE)
		udp_try_over(server, slot, now_us);
}

void udp_close(struct server *server)
{
	port_close(&server->ports[0]);
	port_close(&server->ports[1]);
	server->blocked = false;
	server->closed_because = OUTCOME_ANSWERED;
}
