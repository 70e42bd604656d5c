/*
 * The engine's sockets: UDP in batches and TCP on every address, all questions to one responder.
 */
#ifndef COMMON_ENGINE_SERVER_H
#define COMMON_ENGINE_SERVER_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/address.h"
#include "common/base/fault.h"
#include "common/engine/connection.h"
#include "common/engine/responder.h"
#include "common/net/loop.h"

enum {
	SERVER_IDLE_MS = 10000,
	SERVER_CONNECTIONS = 1000,
	SERVER_OF_CLIENT = 10,   /* at least; else a quarter of all */
	SERVER_BYTES = 64 << 20, /* of what all connections hold */
};

struct server;

struct server_settings {
	struct loop *loop;
	const struct responder *responder;
	const struct address *listen; /* port 0: one that is free, the same for UDP and TCP */
	size_t listen_count;
	const struct address *tls_listen; /* TCP with this layer alone, after `listen` */
	size_t tls_listen_count;
	const struct stream_layer *tls;
	uint32_t idle_ms;        /* of a TCP connection; 0: SERVER_IDLE_MS */
	size_t most_connections; /* 0: SERVER_CONNECTIONS */
	size_t most_bytes;       /* 0: SERVER_BYTES */
	bool no_udp, no_tcp;     /* faults: the port stays closed */
	struct server_observer observer;
};

/* NULL with the fault naming address, reason and what to do. */
struct server *server_new(const struct server_settings *settings, struct fault *fault);
/* As listened on, in the settings' order, with the real ports. */
const struct address *server_addresses(const struct server *server);
void server_free(struct server *server);

#endif
