/*
 * The TCP side of a server (RFC 7766), with or without TLS: several questions on one connection,
 * answered one after the other; a transfer goes out as fast as its client reads. Bounded in number
 * and memory, in all and for each client (crowd.h), and in time: one that neither sends a whole
 * question nor takes what was prepared (64 KiB of a transfer) for a while is closed, and so is a
 * transfer after two hours.
 */
#ifndef COMMON_ENGINE_CONNECTION_H
#define COMMON_ENGINE_CONNECTION_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/address.h"
#include "common/engine/crowd.h"
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

struct crowd_report {
	size_t closed;         /* since the last report */
	struct address client; /* of the last of them, */
	size_t of_client;      /* which had so many */
	const struct crowd *crowd;
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
	/* Connections had to make room, once a minute at most; may be NULL. */
	void (*crowded)(void *context, const struct crowd_report *report);
};

/* What all connections of one server share; the server's. */
struct connections {
	struct loop *loop;
	const struct responder *responder;
	struct server_observer observer;
	uint32_t idle_ms;
	struct crowd crowd;
	size_t closed_for_room; /* not reported yet */
	int64_t reported_us;
	size_t most_held; /* bytes, since memory was given back to the system */
};

/* Takes the accepted, non-blocking socket over. `layer`: TLS, or NULL. */
void connection_begin(struct connections *connections, int fd, const struct address *client,
	const struct stream_layer *layer);
/* Closes one, for want of descriptors; false where there is none. */
bool connections_make_room(struct connections *connections);
/* And gives back what the crowd holds. */
void connections_close_all(struct connections *connections);

#endif
