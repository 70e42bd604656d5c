#include "common/engine/listen.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PORT_TRIES = 32, UNSENT_MOST = 131072 };

static const char *remedy(int error)
{
	switch (error) {
	case EADDRINUSE:
		return "; another program has this port: `ss -lntup` shows which, or choose another with "
		       "--listen=ADDRESS@PORT";
	case EACCES:
		return "; ports below 1024 want root or CAP_NET_BIND_SERVICE: choose a higher one";
	case EADDRNOTAVAIL:
		return "; this machine does not have that address: `ip address` shows which it has";
	}
	return "";
}

static int failed(int fd, const struct address *address, const char *protocol, struct fault *fault)
{
	int error = errno;
	char text[ADDRESS_TEXT];

	fault_set(fault, "cannot listen on %s@%u (%s): %s%s", address_to_text(address, text),
		address->port, protocol, strerror(error), remedy(error));
	if (fd >= 0)
		close(fd);
	errno = error;
	return -1;
}

/* Without an address the kernel would answer from any: it is to tell us which was asked. */
static bool want_destination(int fd, const struct address *address)
{
	static const struct address any;
	int on = 1;

	if (memcmp(address->bytes, any.bytes, sizeof(any.bytes)))
		return true;
	return address->family == 4
		? !setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on))
		: !setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on));
}

/* Accepted sockets inherit both. What a slow client does not read yet stays with us, where it is
 * counted, and not in the kernel, which would take megabytes; several answers in a row do not wait
 * for acknowledgements. */
static bool set_stream(int fd)
{
	int on = 1, unsent = UNSENT_MOST;

	return !setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) &&
		!setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) &&
		!setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof(unsent));
}

static int open_socket(const struct address *address, int kind, struct fault *fault)
{
	struct sockaddr_storage to;
	const char *protocol = kind == SOCK_DGRAM ? "UDP" : "TCP";
	int on = 1,
	    fd = socket(address->family == 4 ? AF_INET : AF_INET6,
		    kind | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return failed(fd, address, protocol, fault);
	if (address->family == 6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)))
		return failed(fd, address, protocol, fault);
	if (kind == SOCK_STREAM && !set_stream(fd))
		return failed(fd, address, protocol, fault);
	if (kind == SOCK_DGRAM && !want_destination(fd, address))
		return failed(fd, address, protocol, fault);
	if (bind(fd, (struct sockaddr *)&to, address_to_sockaddr(address, &to)))
		return failed(fd, address, protocol, fault);
	if (kind == SOCK_STREAM && listen(fd, SOMAXCONN))
		return failed(fd, address, protocol, fault);
	return fd;
}

static void read_port(int fd, struct address *address)
{
	struct sockaddr_storage bound;
	socklen_t length = sizeof(bound);

	if (!getsockname(fd, (struct sockaddr *)&bound, &length))
		address_from_sockaddr((struct sockaddr *)&bound, address);
}

void listen_close(struct listening *listening)
{
	if (listening->udp >= 0)
		close(listening->udp);
	if (listening->tcp >= 0)
		close(listening->tcp);
	listening->udp = listening->tcp = -1;
}

static bool try_once(bool want_udp, bool want_tcp, struct listening *listening, struct fault *fault)
{
	if (want_tcp) {
		listening->tcp = open_socket(&listening->address, SOCK_STREAM, fault);
		if (listening->tcp < 0)
			return false;
		read_port(listening->tcp, &listening->address);
	}
	if (want_udp) {
		listening->udp = open_socket(&listening->address, SOCK_DGRAM, fault);
		if (listening->udp < 0)
			return false;
		read_port(listening->udp, &listening->address);
	}
	return true;
}

bool listen_on(const struct address *address, bool want_udp, bool want_tcp,
	struct listening *listening, struct fault *fault)
{
	for (unsigned tries = 0; tries < PORT_TRIES; tries++) {
		int error;

		*listening = (struct listening){ .address = *address, .udp = -1, .tcp = -1 };
		if (try_once(want_udp, want_tcp, listening, fault))
			return true;
		error = errno;
		listen_close(listening);
		if (address->port || error != EADDRINUSE)
			return false;
	}
	return false;
}
