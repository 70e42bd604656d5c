#include "common/net/tls.h"

#include <assert.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/base/arena.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/net/tls_session.h"

enum { NAMES_SHOWN = 4 };

struct tls {
	struct stream_layer layer; /* first: begin() gets it */
	SSL_CTX *context;
	struct tls_settings settings;
};

struct session {
	struct tls_session base; /* first */
	const struct tls *tls;
};

static void add_name(struct text *out, const GENERAL_NAME *name)
{
	struct address address = { 0 };
	char text[ADDRESS_TEXT];
	int length;

	if (name->type == GEN_DNS) {
		length = ASN1_STRING_length(name->d.dNSName);
		text_addf(out, "%s%.*s", out->length ? ", " : "", length,
			(const char *)ASN1_STRING_get0_data(name->d.dNSName));
	} else if (name->type == GEN_IPADD) {
		length = ASN1_STRING_length(name->d.iPAddress);
		if (length != 4 && length != 16)
			return;
		address.family = length == 4 ? 4 : 6;
		memcpy(address.bytes, ASN1_STRING_get0_data(name->d.iPAddress), (size_t)length);
		text_addf(out, "%s%s", out->length ? ", " : "", address_to_text(&address, text));
	}
}

/* The names and addresses that a certificate is for; without any its subject, so that one sees
 * whose it is. */
static void add_names(struct text *out, const X509 *certificate)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
	struct text found = { 0 };
	char subject[128];

	for (int i = 0; names && i < sk_GENERAL_NAME_num(names) && i < NAMES_SHOWN; i++)
		add_name(&found, sk_GENERAL_NAME_value(names, i));
	if (found.length)
		text_add(out, text_string(&found));
	else if (X509_NAME_oneline(X509_get_subject_name(certificate), subject, sizeof(subject)))
		text_add(out, subject);
	GENERAL_NAMES_free(names);
	text_free(&found);
}

static void add_time(struct text *out, const ASN1_TIME *time)
{
	struct tm date;
	char utc[32];

	if (ASN1_TIME_to_tm(time, &date) != 1)
		return;
	clock_format_utc(timegm(&date), utc);
	text_add(out, utc);
}

static void add_issuer(struct text *out, const X509 *certificate)
{
	char issuer[128];

	if (X509_NAME_oneline(X509_get_issuer_name(certificate), issuer, sizeof(issuer)))
		text_add(out, issuer);
}

static void add_reason(struct text *out, const struct session *session, int error,
	const X509 *certificate)
{
	const struct tls_settings *settings = &session->tls->settings;
	char address[ADDRESS_TEXT];

	switch (error) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
		text_add(out, " has expired, on ");
		add_time(out, X509_get0_notAfter(certificate));
		return;
	case X509_V_ERR_CERT_NOT_YET_VALID:
		text_add(out, " is not yet valid, but from ");
		add_time(out, X509_get0_notBefore(certificate));
		return;
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
		text_addf(out, " is self-signed, and not in %s",
			settings->ca_file ? "the file of --tls-ca"
					  : "the system's store; see --tls-ca");
		return;
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
		text_add(out, " is of an unknown CA (");
		add_issuer(out, certificate);
		text_addf(out, "), not in %s",
			settings->ca_file ? "the file of --tls-ca"
					  : "the system's store; see --tls-ca");
		return;
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		text_addf(out, " is not for %s; see --tls-hostname",
			settings->hostname ? settings->hostname
					   : address_to_text(&settings->address, address));
		return;
	default: /* OpenSSL's further 60 */
		text_addf(out, " is not good: %s", X509_verify_cert_error_string(error));
	}
}

/* While the certificate is at hand: OpenSSL forgets it when the handshake fails. */
static int verified(int good, X509_STORE_CTX *store)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct session *session = SSL_get_app_data(ssl);
	const X509 *certificate = X509_STORE_CTX_get_current_cert(store);
	struct text text = { 0 };

	if (good || !certificate || *session->base.trouble)
		return good;
	text_add(&text, "its certificate (");
	add_names(&text, certificate);
	text_add(&text, ")");
	add_reason(&text, session, X509_STORE_CTX_get_error(store), certificate);
	snprintf(session->base.trouble, sizeof(session->base.trouble), "%s", text_string(&text));
	text_free(&text);
	return good;
}

static bool set_trust(SSL_CTX *context, const char *ca_file, struct fault *fault)
{
	if (!ca_file)
		return SSL_CTX_set_default_verify_paths(context) == 1 ||
			fault_set(fault, "the system's certificates can't be read: %s",
				tls_library_reason());
	return SSL_CTX_load_verify_file(context, ca_file) == 1 ||
		fault_set(fault, "%s holds no certificates (PEM) that can be read: %s", ca_file,
			tls_library_reason());
}

/* Whose certificate it must be. */
static bool set_peer(SSL_CTX *context, const struct tls_settings *settings, struct fault *fault)
{
	X509_VERIFY_PARAM *parameters = SSL_CTX_get0_param(context);
	const struct address *address = &settings->address;
	bool good;

	X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	if (settings->hostname)
		good = X509_VERIFY_PARAM_set1_host(parameters, settings->hostname, 0) == 1;
	else
		good = X509_VERIFY_PARAM_set1_ip(parameters, address->bytes,
			       address->family == 4 ? 4 : 16) == 1;
	return good || fault_set(fault, "TLS: no name to verify: %s", tls_library_reason());
}

static bool set_up(SSL_CTX *context, const struct tls_settings *settings, struct fault *fault)
{
	static const uint8_t dot[] = "\3dot"; /* RFC 7858, for transfers RFC 9103 7 */

	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, verified);
	SSL_CTX_set_mode(context,
		SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	if (SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) != 1 ||
		SSL_CTX_set_alpn_protos(context, dot, sizeof(dot) - 1) != 0)
		return fault_set(fault, "TLS 1.3 can't be had here: %s", tls_library_reason());
	return set_trust(context, settings->ca_file, fault) && set_peer(context, settings, fault);
}

/* Why no handshake came about, other than by the certificate. */
static const char *handshake_reason(int reason)
{
	switch (reason) {
	case SSL_R_UNSUPPORTED_PROTOCOL:
	case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
		return "it has no TLS 1.3, which RFC 9103 wants";
	case SSL_R_WRONG_VERSION_NUMBER:
	case SSL_R_PACKET_LENGTH_TOO_LONG:
	case SSL_R_HTTP_REQUEST:
		return "it does not speak TLS on this port";
	case SSL_R_TLSV1_ALERT_NO_APPLICATION_PROTOCOL:
		return "it speaks TLS, but not DNS: it refuses the ALPN \"dot\"";
	case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
		return "it wants a certificate of ours";
	case SSL_R_UNEXPECTED_EOF_WHILE_READING:
		return "it closes the connection in the handshake: does it speak TLS on this port?";
	}
	return NULL;
}

/* In a session that was there already, an end is an end; only what the other side then says of the
 * handshake counts (TLS 1.3 wants a certificate of ours after it, RFC 8446 4.4.2.4). */
static void failed(struct tls_session *session, bool by_connection, int error)
{
	int reason = ERR_GET_REASON(ERR_peek_last_error());
	const char *words = handshake_reason(reason);

	if (by_connection) {
		if (!session->shaken)
			snprintf(session->trouble, sizeof(session->trouble),
				"it resets the connection in the handshake: %s", strerror(error));
		return;
	}
	if (*session->trouble || (session->shaken && reason == SSL_R_UNEXPECTED_EOF_WHILE_READING))
		return; /* the certificate's trouble; none */
	snprintf(session->trouble, sizeof(session->trouble), "%s",
		words ? words : tls_library_reason());
}

static void *begin(const struct stream_layer *layer, int fd)
{
	const struct tls *tls = (const struct tls *)(const void *)layer;
	struct session *session = memory_resize(NULL, 1, sizeof(*session));

	*session = (struct session){ .tls = tls, .base.failed = failed };
	tls_session_begin(&session->base, tls->context, fd);
	SSL_set_app_data(session->base.ssl, session);
	SSL_set_connect_state(session->base.ssl);
	X509_VERIFY_PARAM_set_time(SSL_get0_param(session->base.ssl),
		tls->settings.now_s ? tls->settings.now_s : clock_now_s());
	if (tls->settings.hostname)
		SSL_set_tlsext_host_name(session->base.ssl, tls->settings.hostname);
	return session;
}

static void describe(void *opaque, struct stream_security *security)
{
	const struct session *session = opaque;
	X509 *certificate = SSL_get0_peer_certificate(session->base.ssl);
	struct tm date;

	tls_session_describe(opaque, security);
	if (certificate && ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &date) == 1)
		security->certificate_ends_s = timegm(&date);
}

static void end(void *opaque)
{
	struct session *session = opaque;

	SSL_free(session->base.ssl);
	free(session);
}

struct tls *tls_new(const struct tls_settings *settings, struct fault *fault)
{
	struct tls *tls = memory_resize(NULL, 1, sizeof(*tls));

	*tls = (struct tls){
		.layer = { begin, tls_session_shake_hands, tls_session_read, tls_session_write,
			tls_session_holds_more, tls_session_trouble, describe, end },
		.context = SSL_CTX_new(TLS_client_method()),
		.settings = *settings,
	};
	if (!tls->context)
		fault_set(fault, "TLS can't be had here: %s", tls_library_reason());
	if (tls->context && set_up(tls->context, settings, fault))
		return tls;
	tls_free(tls);
	return NULL;
}

const struct stream_layer *tls_layer(const struct tls *tls)
{
	return &tls->layer;
}

void tls_free(struct tls *tls)
{
	if (!tls)
		return;
	SSL_CTX_free(tls->context);
	free(tls);
}
