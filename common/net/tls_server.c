#include "common/net/tls_server.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/arena.h"
#include "common/net/tls_session.h"

struct tls_server {
	struct stream_layer layer; /* first: begin() gets it */
	SSL_CTX *context;
};

struct session {
	struct tls_session base; /* first */
	bool is_broken;          /* then nothing more may be sent on it */
};

static int choose_protocol(SSL *ssl, const unsigned char **chosen, unsigned char *chosen_length,
	const unsigned char *offered, unsigned offered_length, void *context)
{
	static const unsigned char dot[] = "\3dot";
	unsigned char *match;

	(void)ssl;
	(void)context;
	if (SSL_select_next_proto(&match, chosen_length, dot, sizeof(dot) - 1, offered,
		    offered_length) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*chosen = match;
	return SSL_TLSEXT_ERR_OK;
}

static void failed(struct tls_session *base, bool by_connection, int error)
{
	const char *why = by_connection && error ? strerror(error)
		: by_connection                  ? "the client closed the connection"
						 : tls_library_reason();

	snprintf(base->trouble, sizeof(base->trouble), "%s", why);
	((struct session *)(void *)base)->is_broken = true;
}

static void *begin(const struct stream_layer *layer, int fd)
{
	const struct tls_server *server = (const struct tls_server *)(const void *)layer;
	struct session *session = memory_resize(NULL, 1, sizeof(*session));

	*session = (struct session){ .base.failed = failed };
	tls_session_begin(&session->base, server->context, fd);
	SSL_set_accept_state(session->base.ssl);
	return session;
}

/* The client is told that this is the end and no cut (RFC 8446 6.1), if it can be said at once. */
static void end(void *opaque)
{
	struct session *session = opaque;

	ERR_clear_error();
	if (!session->is_broken && SSL_is_init_finished(session->base.ssl))
		(void)SSL_shutdown(session->base.ssl);
	SSL_free(session->base.ssl);
	free(session);
}

static bool set_up(SSL_CTX *context, const char *certificate_file, const char *key_file,
	struct fault *fault)
{
	SSL_CTX_set_mode(context,
		SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_alpn_select_cb(context, choose_protocol, NULL);
	if (SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) != 1)
		return fault_set(fault, "TLS 1.3 can't be had here: %s", tls_library_reason());
	if (SSL_CTX_use_certificate_chain_file(context, certificate_file) != 1)
		return fault_set(fault, "%s holds no certificate (PEM) that can be read: %s",
			certificate_file, tls_library_reason());
	if (SSL_CTX_use_PrivateKey_file(context, key_file, SSL_FILETYPE_PEM) != 1)
		return fault_set(fault, "%s holds no key (PEM) for the certificate of %s: %s",
			key_file, certificate_file, tls_library_reason());
	return true;
}

struct tls_server *tls_server_new(const char *certificate_file, const char *key_file,
	struct fault *fault)
{
	struct tls_server *server = memory_resize(NULL, 1, sizeof(*server));

	*server = (struct tls_server){
		.layer = { begin, tls_session_shake_hands, tls_session_read, tls_session_write,
			tls_session_holds_more, tls_session_trouble, tls_session_describe, end },
		.context = SSL_CTX_new(TLS_server_method()),
	};
	if (!server->context)
		fault_set(fault, "TLS can't be had here: %s", tls_library_reason());
	if (server->context && set_up(server->context, certificate_file, key_file, fault))
		return server;
	tls_server_free(server);
	return NULL;
}

const struct stream_layer *tls_server_layer(const struct tls_server *server)
{
	return &server->layer;
}

void tls_server_free(struct tls_server *server)
{
	if (!server)
		return;
	SSL_CTX_free(server->context);
	free(server);
}
