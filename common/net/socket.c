#include "common/net/socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

static struct socket_result no_socket(int fd, enum outcome outcome, int error)
{
	if (fd >= 0)
		close(fd);
	return (struct socket_result){ .fd = -1, .outcome = outcome, .error = error };
}

/* What connect(2) of a datagram socket says comes from the routing table: nothing is sent. */
static enum outcome route_outcome(int error)
{
	switch (error) {
	case ENETUNREACH:
	case EHOSTUNREACH:  /* an "unreachable" route */
	case EADDRNOTAVAIL: /* no address of our own that could be the source */
	case EAFNOSUPPORT:  /* a kernel without IPv6 */
	case EINVAL:        /* a "blackhole" route; a link-local address without its interface */
	case ENODEV:        /* an interface that is not there */
		return OUTCOME_NO_ROUTE;
	case EACCES: /* a "prohibit" route */
	case EPERM:
		return OUTCOME_UNREACHABLE;
	default: /* not an enum */
		return OUTCOME_NOT_ASKED;
	}
}

enum outcome socket_outcome(int error)
{
	switch (error) {
	case ECONNREFUSED:
		return OUTCOME_PORT_CLOSED;
	case ETIMEDOUT:
		return OUTCOME_TIMEOUT;
	case ECONNRESET:
	case EPIPE:
	case ECONNABORTED:
		return OUTCOME_CONNECTION_BROKEN;
	default: /* EHOSTUNREACH, ENETUNREACH, EACCES, EPERM, EPROTO, ... : all say that the way is
	            barred */
		return OUTCOME_UNREACHABLE;
	}
}

/* A local firewall answers a SYN before connect(2) returns, with the errors of a missing route. */
static enum outcome connect_outcome(int type, const struct address *to, int error)
{
	if (error == ECONNREFUSED || error == ETIMEDOUT || error == ECONNRESET)
		return socket_outcome(error);
	if (type == SOCK_STREAM && route_outcome(error) == OUTCOME_NO_ROUTE && socket_has_route(to))
		return OUTCOME_UNREACHABLE;
	return route_outcome(error);
}

/* Only the address: the port is chosen at connect(2), when more of them are free. */
static bool bind_source(int fd, const struct address *source)
{
	struct sockaddr_storage from;
	struct address any_port = *source;
	socklen_t length;
	int on = 1;

	any_port.port = 0;
	length = address_to_sockaddr(&any_port, &from);
	setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
	return !bind(fd, (struct sockaddr *)&from, length);
}

struct socket_result socket_connect(int type, const struct address *to,
	const struct address *source)
{
	struct sockaddr_storage remote;
	socklen_t length = address_to_sockaddr(to, &remote);
	int fd = socket(remote.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;

	if (fd < 0)
		return no_socket(fd, errno == EAFNOSUPPORT ? OUTCOME_NO_ROUTE : OUTCOME_NOT_ASKED,
			errno);
	if (source && source->family == to->family && !bind_source(fd, source))
		return no_socket(fd, OUTCOME_NOT_ASKED, errno);
	if (connect(fd, (struct sockaddr *)&remote, length) && errno != EINPROGRESS) {
		int error = errno;

		return no_socket(fd, connect_outcome(type, to, error), error);
	}
	if (type == SOCK_STREAM) /* several questions in a row must not wait for acknowledgements */
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return (struct socket_result){ .fd = fd, .outcome = OUTCOME_ANSWERED };
}

bool socket_has_route(const struct address *to)
{
	struct socket_result route = socket_connect(SOCK_DGRAM, to, NULL);

	if (route.fd >= 0)
		close(route.fd);
	return route.outcome != OUTCOME_NO_ROUTE;
}
