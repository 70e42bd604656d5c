/*
 * TLS for DNS, a server's side (RFC 7858, RFC 9103): TLS 1.3 or later, with one certificate; the
 * ALPN "dot" for who offers any.
 */
#ifndef COMMON_NET_TLS_SERVER_H
#define COMMON_NET_TLS_SERVER_H

#include "common/base/fault.h"
#include "common/net/stream_layer.h"

struct tls_server;

/* Both files are PEM, the certificate's with its chain. NULL with the fault that names the file. */
struct tls_server *tls_server_new(const char *certificate_file, const char *key_file,
	struct fault *fault);
/* For accepted sockets; lives as long as `server`. */
const struct stream_layer *tls_server_layer(const struct tls_server *server);
void tls_server_free(struct tls_server *server);

#endif
