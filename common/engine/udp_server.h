/*
 * The UDP side of a server: batches in, batches out (recvmmsg(2), sendmmsg(2)).
 */
#ifndef COMMON_ENGINE_UDP_SERVER_H
#define COMMON_ENGINE_UDP_SERVER_H

#include "common/engine/connection.h"
#include "common/engine/responder.h"
#include "common/net/loop.h"

struct udp_server;

/* What all UDP sockets of one server share; the server's. */
struct udp_settings {
	struct loop *loop;
	const struct responder *responder;
	const struct server_observer *observer;
};

/* Serves on this bound, non-blocking socket; it stays the caller's. */
struct udp_server *udp_server_new(const struct udp_settings *settings, int fd);
void udp_server_free(struct udp_server *server);

#endif
