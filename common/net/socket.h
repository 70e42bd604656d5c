/*
 * Sockets of ours towards a server, and what an errno of theirs says about it.
 */
#ifndef COMMON_NET_SOCKET_H
#define COMMON_NET_SOCKET_H

#include <stdbool.h>
#include <sys/socket.h>

#include "common/base/address.h"
#include "common/model/observation.h"

struct socket_result {
	int fd;               /* non-blocking, close-on-exec, the caller's; -1: see the rest */
	enum outcome outcome; /* why there is none; NOT_ASKED: our own trouble */
	int error;            /* errno */
};

/*
 * A socket of `type` (SOCK_DGRAM, SOCK_STREAM) connected to the server; of a stream the connection
 * may only have begun. `source` is bound first where it is of the server's family; the port is the
 * system's random choice. Does not block.
 */
struct socket_result socket_connect(int type, const struct address *to,
	const struct address *source);
/* What the errno says that a connected socket met later (SO_ERROR, recv, send, an ICMP message). */
enum outcome socket_outcome(int error);
/* Has this machine a route to the address? Sends nothing. */
bool socket_has_route(const struct address *to);

#endif
