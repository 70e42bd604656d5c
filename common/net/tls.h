/*
 * TLS for DNS, a client's side: XFR over TLS (RFC 9103). TLS 1.3 or later, ALPN "dot", and a
 * certificate that must be good for the server's name or address; nothing is tried without.
 */
#ifndef COMMON_NET_TLS_H
#define COMMON_NET_TLS_H

#include <stdint.h>

#include "common/base/address.h"
#include "common/base/fault.h"
#include "common/net/stream_layer.h"

struct tls;

struct tls_settings {
	const char *ca_file;  /* PEM: whom to trust; NULL: the system's store */
	const char *hostname; /* whose the certificate must be; NULL: the address's */
	struct address address;
	int64_t now_s; /* Unix time, for the certificates' dates; 0: when a session begins */
};

/* NULL with the fault: our own troubles. `settings` is copied but for hostname. */
struct tls *tls_new(const struct tls_settings *settings, struct fault *fault);
/* For stream_settings; lives as long as `tls`. */
const struct stream_layer *tls_layer(const struct tls *tls);
void tls_free(struct tls *tls);

#endif
