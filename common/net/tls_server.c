#include "common/net/tls_server.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/arena.h"

struct tls_server {
	struct stream_layer layer; /* first: begin() gets it */
	SSL_CTX *context;
};

struct session {
	SSL *ssl;
	bool is_broken; /* then nothing more may be sent on it */
	char trouble[128];
};

static const char *library_reason(void)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	return reason ? reason : "unknown error";
}

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

static void *begin(const struct stream_layer *layer, int fd)
{
	const struct tls_server *server = (const struct tls_server *)(const void *)layer;
	struct session *session = memory_resize(NULL, 1, sizeof(*session));

	*session = (struct session){ .ssl = SSL_new(server->context) };
	if (!session->ssl || SSL_set_fd(session->ssl, fd) != 1)
		out_of_memory();
	SSL_set_accept_state(session->ssl);
	return session;
}

/* What a call that did not succeed means. */
static enum layer_result result_of(struct session *session, int returned)
{
	int error = errno;

	switch (SSL_get_error(session->ssl, returned)) {
	case SSL_ERROR_WANT_READ:
		return LAYER_WANTS_READ;
	case SSL_ERROR_WANT_WRITE:
		return LAYER_WANTS_WRITE;
	case SSL_ERROR_ZERO_RETURN:
		return LAYER_CLOSED;
	case SSL_ERROR_SYSCALL:
		snprintf(session->trouble, sizeof(session->trouble), "%s",
			error ? strerror(error) : "the client closed the connection");
		break;
	default:
		snprintf(session->trouble, sizeof(session->trouble), "%s", library_reason());
	}
	session->is_broken = true;
	ERR_clear_error();
	return LAYER_FAILED;
}

static enum layer_result shake_hands(void *opaque)
{
	struct session *session = opaque;
	int returned;

	ERR_clear_error();
	errno = 0;
	returned = SSL_do_handshake(session->ssl);
	return returned == 1 ? LAYER_DONE : result_of(session, returned);
}

static enum layer_result read_bytes(void *opaque, void *bytes, size_t most, size_t *count)
{
	struct session *session = opaque;

	ERR_clear_error();
	errno = 0;
	return SSL_read_ex(session->ssl, bytes, most, count) == 1 ? LAYER_DONE
								  : result_of(session, 0);
}

static enum layer_result write_bytes(void *opaque, const void *bytes, size_t length, size_t *count)
{
	struct session *session = opaque;

	ERR_clear_error();
	errno = 0;
	return SSL_write_ex(session->ssl, bytes, length, count) == 1 ? LAYER_DONE
								     : result_of(session, 0);
}

static bool holds_more(void *opaque)
{
	const struct session *session = opaque;

	return SSL_pending(session->ssl) > 0;
}

static const char *trouble(void *opaque)
{
	const struct session *session = opaque;

	return session->trouble;
}

static void describe(void *opaque, struct stream_security *security)
{
	const struct session *session = opaque;
	const uint8_t *protocol;
	unsigned length;

	SSL_get0_alpn_selected(session->ssl, &protocol, &length);
	*security = (struct stream_security){ .version = SSL_get_version(session->ssl),
		.cipher = SSL_get_cipher_name(session->ssl),
		.alpn = length == 3 && !memcmp(protocol, "dot", 3) };
}

/* The client is told that this is the end and no cut (RFC 8446 6.1), if it can be said at once. */
static void end(void *opaque)
{
	struct session *session = opaque;

	ERR_clear_error();
	if (!session->is_broken && SSL_is_init_finished(session->ssl))
		(void)SSL_shutdown(session->ssl);
	SSL_free(session->ssl);
	free(session);
}

static bool set_up(SSL_CTX *context, const char *certificate_file, const char *key_file,
	struct fault *fault)
{
	SSL_CTX_set_mode(context,
		SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_alpn_select_cb(context, choose_protocol, NULL);
	if (SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) != 1)
		return fault_set(fault, "TLS 1.3 can't be had here: %s", library_reason());
	if (SSL_CTX_use_certificate_chain_file(context, certificate_file) != 1)
		return fault_set(fault, "%s holds no certificate (PEM) that can be read: %s",
			certificate_file, library_reason());
	if (SSL_CTX_use_PrivateKey_file(context, key_file, SSL_FILETYPE_PEM) != 1)
		return fault_set(fault, "%s holds no key (PEM) for the certificate of %s: %s",
			key_file, certificate_file, library_reason());
	return true;
}

struct tls_server *tls_server_new(const char *certificate_file, const char *key_file,
	struct fault *fault)
{
	struct tls_server *server = memory_resize(NULL, 1, sizeof(*server));

	*server = (struct tls_server){
		.layer = { begin, shake_hands, read_bytes, write_bytes, holds_more, trouble,
			describe, end },
		.context = SSL_CTX_new(TLS_server_method()),
	};
	if (!server->context)
		fault_set(fault, "TLS can't be had here: %s", library_reason());
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
