/*
 * DNS over TCP, a client's side (RFC 1035 4.2.2, RFC 7766): connects, sends and receives messages
 * with their length in front, whatever pieces they come in. Knows nothing of questions: ids,
 * time-outs and TSIG are the owner's. A layer (TLS, RFC 9103) may be in between.
 *
 * Callbacks come out of the loop only, never out of a function called here; they may free the
 * stream.
 */
#ifndef COMMON_NET_STREAM_H
#define COMMON_NET_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/address.h"
#include "common/model/observation.h"
#include "common/net/loop.h"
#include "common/net/stream_layer.h"

struct stream;

/* How it ended, other than by stream_free(). */
struct stream_end {
	enum outcome outcome; /* never connected: PORT_CLOSED, UNREACHABLE, NO_ROUTE, TIMEOUT (the
	                         system's, minutes), NOT_ASKED (our own trouble: no socket); then:
	                         CONNECTION_BROKEN */
	int error;            /* errno; 0: closed in order by the other side */
	bool inside_message;  /* a message had begun */
	const char *trouble;  /* why there is no session of the layer; NULL. During the call only */
};

struct stream_settings {
	struct address to, source;        /* source.family 0: any; its port is ignored */
	const struct stream_layer *layer; /* TLS; NULL: plain TCP */
	void (*shaking)(void *context);   /* TCP is connected, the layer not yet; may be NULL */
	void (*connected)(void *context); /* may be NULL */
	/* One message; `bytes` (0 to 65,535) only during the call. */
	void (*message)(void *context, const uint8_t *bytes, size_t length);
	/* Nothing comes after it; the stream still has to be freed. */
	void (*ended)(void *context, const struct stream_end *end);
	void *context;
};

/* Begins to connect. Never NULL: whatever is wrong comes by ended(). */
struct stream *stream_open(struct loop *loop, const struct stream_settings *settings);
/* Sends the message, or keeps a copy until it can be sent. A failure shows by ended(), after what
 * the other side said before. `length` at most 65,535. */
void stream_send(struct stream *stream, const uint8_t *message, size_t length);
/* Bytes not yet taken by the system. */
size_t stream_unsent(const struct stream *stream);
/* What the layer agreed on, once it is connected; false without one. */
bool stream_security(const struct stream *stream, struct stream_security *security);
void stream_free(struct stream *stream);

#endif
