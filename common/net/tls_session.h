/*
 * What both ends of a TLS connection do alike: the session below a stream (common/net/
 * stream_layer.h). How a failure reads is the end's own.
 */
#ifndef COMMON_NET_TLS_SESSION_H
#define COMMON_NET_TLS_SESSION_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>

#include "common/net/stream_layer.h"

enum { TLS_TROUBLE = 512 };

struct tls_session {
	SSL *ssl;
	/* A call failed: by the connection (`error` is its errno, 0: closed) or in the library
	 * (whose queue of errors says why). Fills `trouble`. */
	void (*failed)(struct tls_session *session, bool by_connection, int error);
	bool shaken; /* OpenSSL's own word for it is taken back by an error */
	char trouble[TLS_TROUBLE];
};

/* The newest of OpenSSL's errors, in its words. */
const char *tls_library_reason(void);
/* On the non-blocking socket, which stays the stream's. Ends with SSL_free(session->ssl). */
void tls_session_begin(struct tls_session *session, SSL_CTX *context, int fd);

/* For struct stream_layer; `session` begins with a struct tls_session. */
enum layer_result tls_session_shake_hands(void *session);
enum layer_result tls_session_read(void *session, void *bytes, size_t most, size_t *count);
enum layer_result tls_session_write(void *session, const void *bytes, size_t length, size_t *count);
bool tls_session_holds_more(void *session);
const char *tls_session_trouble(void *session);
/* Version, cipher and ALPN. */
void tls_session_describe(void *session, struct stream_security *security);

#endif
