/*
 * The servers that we talk to, and what options say of them: "192.0.2.1@5300", with the key that
 * signs "192.0.2.1=KEY", over TLS "tls:192.0.2.1", for one zone "example.com=192.0.2.1".
 */
#ifndef COMMON_ENGINE_PEER_H
#define COMMON_ENGINE_PEER_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/address.h"
#include "common/base/fault.h"
#include "common/engine/keys.h"
#include "common/net/stream_layer.h"

struct peer {
	struct address address; /* with its port */
	struct key_choice choice;
	const struct tsig_key *key; /* that signs what we send it, or NULL */
	bool is_tls;                /* then transfers take place over `layer` and never without */
	const struct stream_layer *layer;
};

/* "[tls:]ADDRESS[@PORT][=KEY]"; port 53, with TLS 853. The layer is the caller's to set. */
bool peer_parse(const char *text, const struct key_ring *keys, struct peer *peer,
	struct fault *fault);

enum { SCOPED_TEXT = 2304, PEER_TEXT = ADDRESS_TEXT + 8 };

/* "192.0.2.1@5300", "tls:192.0.2.1@853" */
char *peer_to_text(const struct peer *peer, char out[PEER_TEXT]);

/* "[ZONE=]WHAT[=KEY]" in pieces, NULL where absent. */
struct scoped_text {
	char text[SCOPED_TEXT];
	const char *zone, *what, *key;
};

/* `is_what` tells a WHAT from a ZONE where there are two pieces. False: there are more. */
bool scoped_text_split(const char *text, bool (*is_what)(const char *piece),
	struct scoped_text *scoped, struct fault *fault);

/* Whom to tell of changes: a peer for one zone, or for every one without its own. */
struct peer_at {
	uint8_t zone[NAME_WIRE];
	bool everywhere;
	struct peer peer;
};

/* "[ZONE=]ADDRESS[@PORT][=KEY]" */
bool peer_at_parse(const char *text, const struct key_ring *keys, struct peer_at *at,
	struct fault *fault);

#endif
