#include "common/net/tls_session.h"

#include <errno.h>
#include <openssl/err.h>
#include <string.h>

#include "common/base/arena.h"

const char *tls_library_reason(void)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	return reason ? reason : "unknown error";
}

void tls_session_begin(struct tls_session *session, SSL_CTX *context, int fd)
{
	session->ssl = SSL_new(context);
	if (!session->ssl || SSL_set_fd(session->ssl, fd) != 1)
		out_of_memory();
}

/* What a call that did not succeed means. */
static enum layer_result result_of(struct tls_session *session, int returned)
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
		session->failed(session, true, error);
		break;
	default:
		session->failed(session, false, error);
	}
	ERR_clear_error();
	return LAYER_FAILED;
}

static void before_call(void)
{
	ERR_clear_error();
	errno = 0;
}

enum layer_result tls_session_shake_hands(void *opaque)
{
	struct tls_session *session = opaque;
	int returned;

	before_call();
	returned = SSL_do_handshake(session->ssl);
	session->shaken = returned == 1;
	return session->shaken ? LAYER_DONE : result_of(session, returned);
}

enum layer_result tls_session_read(void *opaque, void *bytes, size_t most, size_t *count)
{
	struct tls_session *session = opaque;

	before_call();
	return SSL_read_ex(session->ssl, bytes, most, count) == 1 ? LAYER_DONE
								  : result_of(session, 0);
}

enum layer_result tls_session_write(void *opaque, const void *bytes, size_t length, size_t *count)
{
	struct tls_session *session = opaque;

	before_call();
	return SSL_write_ex(session->ssl, bytes, length, count) == 1 ? LAYER_DONE
								     : result_of(session, 0);
}

bool tls_session_holds_more(void *opaque)
{
	const struct tls_session *session = opaque;

	return SSL_pending(session->ssl) > 0;
}

const char *tls_session_trouble(void *opaque)
{
	const struct tls_session *session = opaque;

	return session->trouble;
}

void tls_session_describe(void *opaque, struct stream_security *security)
{
	const struct tls_session *session = opaque;
	const uint8_t *protocol;
	unsigned length;

	SSL_get0_alpn_selected(session->ssl, &protocol, &length);
	*security = (struct stream_security){ .version = SSL_get_version(session->ssl),
		.cipher = SSL_get_cipher_name(session->ssl),
		.alpn = length == 3 && !memcmp(protocol, "dot", 3) };
}
