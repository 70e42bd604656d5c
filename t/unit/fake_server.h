/*
 * A DNS server in a thread of its own, on a free port of loopback by UDP and TCP, that does with
 * each question what the test tells it to. One thread serves all its connections with poll(2); it
 * waits for nothing but input.
 */
#ifndef T_UNIT_FAKE_SERVER_H
#define T_UNIT_FAKE_SERVER_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/address.h"
#include "common/dns/message.h"
#include "t/unit/tap.h"

enum { FAKE_CONNECTIONS = 32, FAKE_MESSAGE = 65535 };

struct fake;

/* One datagram; the answer, if any, goes by fake_send() or from wherever the test likes. */
typedef void fake_udp(struct fake *fake, const uint8_t *query, size_t length,
	const struct sockaddr_storage *from, socklen_t from_length);
/* One message of a connection; false closes it. */
typedef bool fake_tcp(struct fake *fake, int fd, const uint8_t *query, size_t length);

struct fake {
	fake_udp *udp; /* NULL: the port is closed */
	fake_tcp *tcp; /* NULL: the port is closed */
	void *context;
	bool ipv6;
	unsigned connections_most; /* at a time: what is more is closed at once; 0: no such limit */
	bool refuse_connections;   /* accepts and closes at once */
	bool deaf; /* its queue of connections is full: the handshake does not succeed */
	/* for the test */
	struct address address;
	atomic_uint datagrams, connections, messages;
	/* private */
	int udp_fd, tcp_fd, stop[2], filler[4];
	pthread_t thread;
	int clients[FAKE_CONNECTIONS];
	unsigned client_count;
};

__attribute__((unused)) static void fake_bail(const char *what)
{
	printf("Bail out! %s: %s\n", what, strerror(errno));
	fflush(stdout);
	_exit(1);
}

__attribute__((unused)) static void fake_send(struct fake *fake, const uint8_t *bytes,
	size_t length, const struct sockaddr_storage *to, socklen_t to_length)
{
	sendto(fake->udp_fd, bytes, length, MSG_NOSIGNAL, (const struct sockaddr *)to, to_length);
}

/* With its length in front. */
__attribute__((unused)) static void fake_write(int fd, const uint8_t *bytes, size_t length)
{
	uint8_t framed[2 + FAKE_MESSAGE];

	framed[0] = (uint8_t)(length >> 8);
	framed[1] = (uint8_t)length;
	memcpy(framed + 2, bytes, length);
	if (send(fd, framed, length + 2, MSG_NOSIGNAL) < 0)
		return; /* the client may be gone */
}

/* Header and question come back as an answer with these flags (QR and the opcode are set); its
 * length. `out` may be longer than the question. */
__attribute__((unused)) static size_t fake_answer(const uint8_t *query, size_t length,
	uint16_t flags, uint8_t *out)
{
	struct message message;
	size_t end;

	if (!message_peek(query, length, &message))
		fake_bail("not a question");
	end = message.first;
	memcpy(out, query, end);
	flags = (uint16_t)(flags | DNS_QR | (message.flags & 0x7900));
	out[2] = (uint8_t)(flags >> 8);
	out[3] = (uint8_t)flags;
	memcpy(out + 4, "\0\1\0\0\0\0\0\0", 8);
	return end;
}

static bool fake_read_whole(int fd, uint8_t *bytes, size_t length)
{
	while (length) {
		ssize_t got = recv(fd, bytes, length, 0);

		if (got <= 0)
			return false;
		bytes += got;
		length -= (size_t)got;
	}
	return true;
}

static bool fake_serve(struct fake *fake, int fd)
{
	uint8_t head[2], message[FAKE_MESSAGE];
	size_t length;

	if (!fake_read_whole(fd, head, 2))
		return false;
	length = (size_t)(head[0] << 8 | head[1]);
	if (!fake_read_whole(fd, message, length))
		return false;
	fake->messages++;
	return fake->tcp(fake, fd, message, length);
}

static void fake_accept(struct fake *fake)
{
	int fd = accept(fake->tcp_fd, NULL, NULL), on = 1;

	if (fd < 0)
		return;
	fake->connections++;
	if (fake->refuse_connections || fake->client_count == FAKE_CONNECTIONS ||
		(fake->connections_most && fake->client_count == fake->connections_most)) {
		close(fd);
		return;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	fake->clients[fake->client_count++] = fd;
}

static void fake_datagram(struct fake *fake)
{
	uint8_t query[FAKE_MESSAGE];
	struct sockaddr_storage from;
	socklen_t length = sizeof(from);
	ssize_t got = recvfrom(fake->udp_fd, query, sizeof(query), MSG_DONTWAIT,
		(struct sockaddr *)&from, &length);

	if (got < 0)
		return;
	fake->datagrams++;
	fake->udp(fake, query, (size_t)got, &from, length);
}

static void fake_round(struct fake *fake, struct pollfd *polled)
{
	if (polled[1].revents)
		fake_datagram(fake);
	for (unsigned i = fake->client_count; i-- > 0;) {
		if (!polled[3 + i].revents || fake_serve(fake, fake->clients[i]))
			continue;
		close(fake->clients[i]);
		fake->clients[i] = fake->clients[--fake->client_count];
	}
	if (polled[2].revents)
		fake_accept(fake);
}

static void *fake_thread(void *context)
{
	struct fake *fake = context;
	struct pollfd polled[3 + FAKE_CONNECTIONS];

	for (;;) {
		polled[0] = (struct pollfd){ .fd = fake->stop[0], .events = POLLIN };
		polled[1] = (struct pollfd){ .fd = fake->udp_fd, .events = POLLIN };
		polled[2] =
			(struct pollfd){ .fd = fake->deaf ? -1 : fake->tcp_fd, .events = POLLIN };
		for (unsigned i = 0; i < fake->client_count; i++)
			polled[3 + i] = (struct pollfd){ .fd = fake->clients[i], .events = POLLIN };
		poll(polled, 3 + fake->client_count, -1);
		if (polled[0].revents)
			return NULL;
		fake_round(fake, polled);
	}
}

/* The same port for TCP and UDP; a closed one is held by a socket that does not listen. */
static bool fake_bind(struct fake *fake)
{
	struct sockaddr_storage at = { 0 };
	struct address any = { .family = fake->ipv6 ? 6 : 4 };
	socklen_t length = sizeof(at);
	int size = 1 << 20;

	if (fake->ipv6)
		any.bytes[15] = 1;
	else
		memcpy(any.bytes, "\177\0\0\1", 4);
	length = address_to_sockaddr(&any, &at);
	fake->tcp_fd = socket(at.ss_family, SOCK_STREAM, 0);
	fake->udp_fd = fake->udp ? socket(at.ss_family, SOCK_DGRAM, 0) : -1;
	if (bind(fake->tcp_fd, (struct sockaddr *)&at, length))
		fake_bail("bind");
	getsockname(fake->tcp_fd, (struct sockaddr *)&at, &length);
	address_from_sockaddr((struct sockaddr *)&at, &fake->address);
	if (fake->udp && bind(fake->udp_fd, (struct sockaddr *)&at, length)) {
		close(fake->tcp_fd);
		close(fake->udp_fd);
		return false;
	}
	if (fake->udp)
		setsockopt(fake->udp_fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	return true;
}

/* Fills the queue of connections: further handshakes get no answer. */
static void fake_deafen(struct fake *fake)
{
	struct sockaddr_storage to;
	socklen_t length = address_to_sockaddr(&fake->address, &to);

	for (unsigned i = 0; i < 4; i++) {
		fake->filler[i] = socket(to.ss_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
		connect(fake->filler[i], (struct sockaddr *)&to, length);
	}
}

__attribute__((unused)) static void fake_start(struct fake *fake)
{
	while (!fake_bind(fake))
		continue;
	fake->client_count = 0;
	if (fake->tcp && listen(fake->tcp_fd, fake->deaf ? 0 : 128))
		fake_bail("listen");
	if (fake->deaf)
		fake_deafen(fake);
	if (pipe(fake->stop) || pthread_create(&fake->thread, NULL, fake_thread, fake))
		fake_bail("thread");
}

__attribute__((unused)) static void fake_stop(struct fake *fake)
{
	close(fake->stop[1]);
	pthread_join(fake->thread, NULL);
	close(fake->stop[0]);
	close(fake->tcp_fd);
	if (fake->udp_fd >= 0)
		close(fake->udp_fd);
	for (unsigned i = 0; i < fake->client_count; i++)
		close(fake->clients[i]);
	for (unsigned i = 0; fake->deaf && i < 4; i++)
		close(fake->filler[i]);
}

#endif
