/*
 * The TLS layers of primaries that are asked over TLS (RFC 9103): one for each address, with the
 * name that its certificate must be for.
 */
#ifndef COMMON_ENGINE_TLS_PEERS_H
#define COMMON_ENGINE_TLS_PEERS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/fault.h"
#include "common/engine/peer.h"

/* "NAME" or "ADDRESS=NAME". */
struct tls_hostname {
	struct address address; /* family 0: every address without its own */
	const char *name;       /* within the text that was parsed */
};

bool tls_hostname_parse(const char *text, struct tls_hostname *hostname, struct fault *fault);

struct tls_peers;

/* What it points at must live as long. */
struct tls_peers_settings {
	const char *ca_file; /* PEM; NULL: the system's store */
	const struct tls_hostname *hostnames;
	size_t hostname_count;
};

struct tls_peers *tls_peers_new(const struct tls_peers_settings *settings);
/* The layer of a peer that is asked over TLS; good until tls_peers_free(). NULL with the fault. */
const struct stream_layer *tls_peers_layer(struct tls_peers *peers, const struct peer *peer,
	struct fault *fault);
/* NULL is allowed. */
void tls_peers_free(struct tls_peers *peers);

#endif
