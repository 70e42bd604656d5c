/*
 * One question by UDP in a running loop, tried again with doubled time-outs: NOTIFY, and a
 * secondary's SOA check; UPDATE, which may go on by TCP. (For sweeps there is
 * common/net/exchange.h, which runs the loop itself.)
 */
#ifndef COMMON_NET_UDP_QUESTION_H
#define COMMON_NET_UDP_QUESTION_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/address.h"
#include "common/dns/message.h"
#include "common/dns/tsig.h"
#include "common/model/observation.h"
#include "common/net/loop.h"

struct udp_question;

/* How it ended. */
struct udp_answer {
	enum outcome outcome;          /* ANSWERED (any rcode), TIMEOUT, PORT_CLOSED, UNREACHABLE,
	                                  TSIG_FAILED */
	const struct message *message; /* only during the call; NULL where there is none */
	uint32_t tries;
	bool by_tcp;        /* the message came that way */
	bool was_truncated; /* UDP's answer was, so that TCP was tried */
};

/* Exactly once, never from inside udp_question_new(); the question may be freed in it. */
typedef void udp_question_done(void *context, const struct udp_answer *answer);

struct udp_question_settings {
	struct loop *loop;
	struct address server;
	struct address source;    /* port 0: any; another family than the server's: any address */
	struct question question; /* the id is chosen anew */
	const uint8_t *message;   /* UPDATE: the whole of it, instead of what `question` says, which
	                             then is what its answer repeats; copied, the id is set. Or NULL
	                           */
	size_t message_length;    /* at most MESSAGE_QUESTION */
	const struct tsig_key *key;       /* or NULL */
	uint32_t tries, first_timeout_ms; /* datagrams; 0: by TCP at once */
	/* For TCP, which is tried where UDP's answer is truncated, or none came; 0: it is not. */
	uint32_t tcp_timeout_ms;
	bool impatient; /* a closed port ends it; otherwise somebody may open it before the next try
	                 */
	udp_question_done *done;
	void *context;
};

/* Never NULL: whatever is wrong comes by done(). What `question` and `key` point at must live as
 * long. */
struct udp_question *udp_question_new(const struct udp_question_settings *settings);
/* At any time; done() is not called any more. NULL is allowed. */
void udp_question_free(struct udp_question *question);

#endif
