/*
 * One transfer of a zone to us: differences (IXFR) where we have a version, and the whole zone
 * where the primary does not give them or they do not fit (RFC 1995 4).
 */
#ifndef COMMON_ENGINE_INBOUND_H
#define COMMON_ENGINE_INBOUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/engine/zone_patch.h"
#include "common/net/transfer_client.h"

struct inbound;

struct inbound_result {
	struct zone_version *version; /* newer than the base, the receiver's; NULL: */
	bool is_current;              /* there is nothing newer */
	const char *reason;           /* else: why there is none */
	struct difference *steps;     /* how it came to be, the receiver's; NULL: it is whole */
	const char *fell_back;        /* why there was no IXFR, or NULL */
	const struct transfer_result *transfer;
};

struct inbound_settings {
	struct loop *loop;
	const uint8_t *zone;
	struct zone_version *base; /* what we have, or NULL; held */
	struct address server, source;
	const struct tsig_key *key;       /* or NULL */
	const struct stream_layer *layer; /* TLS, or NULL */
	/* Once; the inbound may be freed in it. */
	void (*done)(void *context, const struct inbound_result *result);
	void *context;
};

struct inbound *inbound_new(const struct inbound_settings *settings);
/* At any time; NULL is allowed. */
void inbound_free(struct inbound *inbound);

#endif
