/*
 * Questions to many servers at once: connected UDP sockets (random source ports and ids), then TCP.
 * The caller is a *source*: for each server the exchange pulls the next question when that server's
 * window has room, and hands back how it ended, exactly once. Questions in flight are all that is
 * held, so 100,000 zones cost no more memory here than one.
 *
 * An answer counts only from the address that was asked, with the right id and question, and where
 * a key is given with a right signature; anything else on UDP is ignored and waited past (a spoofed
 * packet must not end a question), with one exception: a packet with the right id from the right
 * address that does not parse is remembered, and if nothing better comes within the try it is
 * MALFORMED. An answer that is not signed as it should be is treated likewise (TSIG_FAILED).
 *
 * A truncated answer is asked again by TCP. Of a server that was never heard by UDP, TCP is asked
 * beside the second try, so that a dead one is known after try_timeout * (1 + retries), or one try
 * and tcp_timeout, whichever is later. UDP's answer wins; TCP's is handed back when UDP's tries are
 * over, so that udp_outcome is no guess, and at once where another question has shown that UDP is
 * silent. ICMP errors end UDP after one more try. Where both fail, the outcome is the one that
 * tells more (a closed port more than silence), and transport says whose it is.
 *
 * A server that many questions were asked of and that was never heard is tested by one of them; if
 * that fails, too, the others end as it did, within two tries in all, and those to come are not
 * sent. One that was heard is never given up: truncated answers shrink its window, losses slow its
 * questions down to what it answers (pace.h), and are asked again without being counted as tries as
 * long as it answers others. What still waits for its turn at the deadline was not asked.
 *
 * TCP connections are used again (RFC 7766), at most two to a server. A closed one costs only the
 * question that it closed upon: what else was in flight is asked again. An AXFR has one of its own,
 * which is closed after the first message.
 */
#ifndef COMMON_NET_EXCHANGE_H
#define COMMON_NET_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/address.h"
#include "common/base/fault.h"
#include "common/dns/message.h"
#include "common/dns/tsig.h"
#include "common/model/observation.h"
#include "common/net/loop.h"

struct exchange;

/* One question as the source wants it asked. The exchange sets question.id. What `question` points
 * at must live until it is answered. */
struct ask {
	struct question question;
	uint64_t tag;  /* the source's own */
	bool tcp;      /* by TCP only */
	bool udp_only; /* no fall-back to TCP when UDP is silent (TC is still followed) */
	bool plain;    /* a plain answer to this SOA question may come as reply.soa, unparsed */
	const struct tsig_key *key; /* or NULL */
};

/* How it ended. */
struct reply {
	enum outcome outcome;     /* ANSWERED (any rcode: `message` tells), TIMEOUT, PORT_CLOSED,
	                             UNREACHABLE, NO_ROUTE, CONNECTION_BROKEN, MALFORMED,     TSIG_FAILED,
	                             NOT_ASKED (the deadline came before anything was sent) */
	enum outcome udp_outcome; /* where the answer came by TCP after UDP failed: how UDP ended;
	                             ANSWERED: by TC */
	enum transport transport;
	uint16_t tsig_error; /* enum tsig_result in the upper, the server's TSIG error (where there
	                        is no TSIG record: the rcode) in the lower byte */
	uint8_t tries;       /* datagrams, and questions by TCP */
	uint32_t round_trip_us;        /* of the try that was answered */
	const struct message *message; /* parsed whole; only during the call. NULL where there is
	                                  none */
	const struct soa_answer *soa;  /* in its place for ask.plain, only during the call; or NULL
	                                */
};

struct exchange_source {
	/* The next question for this server, or false: none now (exchange_wake() asks again). */
	bool (*next)(void *context, uint32_t server, struct ask *ask);
	void (*answered)(void *context, uint32_t server, const struct ask *ask,
		const struct reply *reply);
	void *context;
};

struct exchange_settings {
	struct address source4, source6; /* family 0: any */
	uint32_t try_timeout_ms;         /* of one UDP try; 0: 1000 */
	uint32_t retries;                /* further UDP tries; 7 at most */
	uint32_t tcp_timeout_ms;         /* of one TCP question including connect; 0: 2000 */
	double rate;                     /* questions per second and server; 0: no limit */
	bool loopback_at_will;           /* the rate is not meant for servers on this machine */
	int64_t deadline_us;             /* clock_monotonic_us(): everything has ended by then */
};

struct exchange_counts {
	uint64_t queries, retries; /* sent for the first time; again */
};

/* Servers are `addresses[0..count-1]`, each with a port. Nothing is sent before exchange_run(). */
struct exchange *exchange_new(struct loop *loop, const struct exchange_settings *settings,
	const struct address *addresses, size_t count, const struct exchange_source *source);
/* Asks until every server's source has no more and nothing is in flight, or the deadline. False
 * only for our own troubles: a socket could not be had (no descriptors, a source address that is
 * not ours); the questions concerned are NOT_ASKED, the others are asked all the same. A
 * loop_stop() by somebody else ends the run as the deadline does. */
bool exchange_run(struct exchange *exchange, struct fault *fault);
/* From inside answered(): this server has new questions. */
void exchange_wake(struct exchange *exchange, uint32_t server);
struct exchange_counts exchange_counts(const struct exchange *exchange);
void exchange_free(struct exchange *exchange);

/* Has this machine a route to the address (UDP connect(2), sends nothing)? */
bool exchange_has_route(const struct address *address);

#endif
