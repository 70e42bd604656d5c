/*
 * NOTIFY to a list of secondaries (RFC 1996): each is told of a zone's new serial, again and again
 * until it answers anything at all (3.6), five times after the first with doubled time-outs (1 s to
 * 32 s). A newer serial of the zone takes the older one's place.
 */
#ifndef COMMON_NET_NOTIFY_SENDER_H
#define COMMON_NET_NOTIFY_SENDER_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/address.h"
#include "common/dns/tsig.h"
#include "common/net/loop.h"
#include "common/net/udp_question.h"

enum { NOTIFY_TRIES = 6, NOTIFY_FIRST_TIMEOUT_MS = 1000 };

struct notify_sender;

struct notify_target {
	const uint8_t *zone; /* NULL: of every zone that has no target of its own */
	struct address address;
	const struct tsig_key *key; /* or NULL */
};

/* What became of one. */
struct notify_result {
	const uint8_t *zone;
	uint32_t serial;
	const struct address *target;
	const struct udp_answer *answer;
};

struct notify_sender_settings {
	struct loop *loop;
	const struct notify_target *targets; /* copied */
	size_t target_count;
	struct address source4, source6; /* family 0: any */
	void (*ended)(void *context, const struct notify_result *result);
	void *context;
};

struct notify_sender *notify_sender_new(const struct notify_sender_settings *settings);
/* The zone's name in wire form; copied. */
void notify_sender_send(struct notify_sender *sender, const uint8_t *zone, uint32_t serial);
void notify_sender_free(struct notify_sender *sender);

#endif
