/*
 * What a stream speaks below its messages where that is not plain TCP: TLS (common/net/tls.h). Seen
 * from the stream only, so that programs without TLS do not link it.
 */
#ifndef COMMON_NET_STREAM_LAYER_H
#define COMMON_NET_STREAM_LAYER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum layer_result {
	LAYER_DONE,
	LAYER_WANTS_READ, /* again when the socket is readable */
	LAYER_WANTS_WRITE,
	LAYER_CLOSED, /* in order, by the other side */
	LAYER_FAILED, /* trouble() says why */
};

/* What was agreed on. Strings are static. */
struct stream_security {
	const char *version, *cipher; /* "TLSv1.3"; NULL: no session came about */
	bool alpn;                    /* the server agreed to "dot", too */
	int64_t certificate_ends_s;   /* Unix time; 0: not known */
};

struct stream_layer {
	/* A session on this non-blocking, connected socket, which stays the stream's. */
	void *(*begin)(const struct stream_layer *layer, int fd);
	enum layer_result (*shake_hands)(void *session);
	/* LAYER_DONE: *count bytes, at least one. */
	enum layer_result (*read)(void *session, void *bytes, size_t most, size_t *count);
	enum layer_result (*write)(void *session, const void *bytes, size_t length, size_t *count);
	/* Are there bytes that no readable socket will tell of? */
	bool (*holds_more)(void *session);
	/* Why it failed, as a sentence's second half; good until end(). */
	const char *(*trouble)(void *session);
	void (*describe)(void *session, struct stream_security *security);
	void (*end)(void *session);
};

#endif
