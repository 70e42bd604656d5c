/*
 * One AXFR or IXFR over TCP in a running loop (RFC 5936, RFC 1995), record by record to the caller;
 * nothing is kept but the piece of the stream that is being read (stream.h). Several may run in one
 * loop.
 */
#ifndef COMMON_NET_TRANSFER_CLIENT_H
#define COMMON_NET_TRANSFER_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/address.h"
#include "common/dns/transfer.h"
#include "common/dns/tsig.h"
#include "common/model/observation.h"
#include "common/model/zone_transfer.h"
#include "common/net/loop.h"
#include "common/net/stream_layer.h"

struct transfer_client;

/* How it ended. */
struct transfer_result {
	enum outcome outcome; /* ANSWERED: `transfer` tells how; TIMEOUT, PORT_CLOSED, UNREACHABLE,
	                         CONNECTION_BROKEN, MALFORMED, TSIG_FAILED */
	enum transfer_state state;
	const struct transfer *transfer;
	enum transfer_phase phase;
	enum tsig_result tsig; /* of the last message, with a key */
	uint16_t tsig_error;   /* the server's */
	int error;             /* errno of a connection that failed or broke; 0: closed in order */
	bool inside_message;   /* a message had begun, when it broke */
	const char *trouble;   /* why there is no session of the layer; NULL. During the call */
	struct stream_security security;       /* what the layer agreed on; version NULL: nothing */
	int64_t duration_us, first_message_us; /* since the start; 0: none came */
};

/* Exactly once, never from inside transfer_client_new(); the client may be freed in it. */
typedef void transfer_done(void *context, const struct transfer_result *result);

struct transfer_client_settings {
	struct loop *loop;
	struct address server;
	struct address source; /* port 0: any; another family than the server's: any address */
	const struct stream_layer *layer; /* TLS; NULL: plain TCP */
	struct question question;         /* name, AXFR or IXFR, serial; the id is chosen anew */
	const struct tsig_key *key;       /* or NULL */
	uint32_t idle_timeout_ms;  /* to connect, and between messages; 0: only the deadline */
	uint32_t pause_timeout_ms; /* between messages, where that is not the same; 0: it is */
	int64_t deadline_us;       /* clock_monotonic_us(), of all of it; 0: none */
	transfer_take_item *item;  /* records where they stand, or */
	transfer_record *record;   /* in full */
	transfer_done *done;
	void *context; /* of all three */
};

/* What `question` and `key` point at must live as long. */
struct transfer_client *transfer_client_new(const struct transfer_client_settings *settings);
/* At any time; no callback is called any more. NULL is allowed. */
void transfer_client_free(struct transfer_client *client);
/* How it ended, as a sentence's second half: "refused (REFUSED)", "the connection ended early", ...
 * Into `out`; returned. */
char *transfer_result_text(const struct transfer_result *result, char out[128]);

#endif
