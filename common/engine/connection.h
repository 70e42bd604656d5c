/*
 * The TCP side of a server (RFC 7766), with or without TLS: several questions on one connection,
 * answered one after the other; a transfer goes out as fast as its client reads. Bounded in number
 * and in time: the least active makes room for a new one, and one that neither sends a whole
 * question nor takes 64 KiB for a while is closed.
 */
#ifndef COMMON_ENGINE_CONNECTION_H
#define COMMON_ENGINE_CONNECTION_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/address.h"
#include "common/engine/responder.h"
#include "common/net/loop.h"
#include "common/net/stream_layer.h"

struct connection;

/* A transfer that has ended. */
struct transfer_report {
	const struct zone_version *version;
	bool is_incremental;
	uint32_t from;  /* then: the serial that the client had */
	size_t records; /* of the stream, without the SOA at both ends */
	struct address client;
	uint64_t bytes;
	int64_t duration_us;
	const char *trouble; /* NULL: it is complete */
};

/* What the server does for its owner; see server.h. */
struct server_observer {
	/* Every message that is an event (response->event). */
	void (*heard)(void *context, const struct request *request,
		const struct response *response);
	void (*transferred)(void *context, const struct transfer_report *report);
	void *context;
	/* A client with whom TLS did not come about; may be NULL. */
	void (*no_session)(void *context, const struct address *client, const char *reason);
};

/* What all connections of one server share; the server's. */
struct connections {
	struct loop *loop;
	const struct responder *responder;
	struct server_observer observer;
	uint32_t idle_ms;
	size_t most, count;
	struct connection *newest, *oldest; /* by their last activity */
};

/* Takes the accepted, non-blocking socket over. `layer`: TLS, or NULL. */
void connection_begin(struct connections *connections, int fd, const struct address *client,
	const struct stream_layer *layer);
/* Closes the connection whose last activity is the longest ago, first those without a transfer;
 * there is one. */
void connections_close_oldest(struct connections *connections);
void connections_close_all(struct connections *connections);

#endif
