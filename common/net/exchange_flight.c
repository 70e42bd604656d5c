/* What becomes of a question: which of UDP and TCP is to go on, and how it ends. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/arena.h"
#include "common/base/clock.h"
#include "common/net/exchange_private.h"

void slot_list_add(struct slot_list *list, uint16_t slot)
{
	assert(list->count < TRACKER_WINDOW);
	list->slots[list->count++] = slot;
}

bool slot_list_remove(struct slot_list *list, uint16_t slot)
{
	for (unsigned i = 0; i < list->count; i++) {
		if (list->slots[i] != slot)
			continue;
		list->count--;
		memmove(&list->slots[i], &list->slots[i + 1],
			(list->count - i) * sizeof(list->slots[0]));
		return true;
	}
	return false;
}

static uint16_t random_id(struct exchange *exchange)
{
	if (!exchange->random_left) {
		random_bytes(exchange->random, sizeof(exchange->random));
		exchange->random_left = RANDOM_POOL;
	}
	return exchange->random[--exchange->random_left];
}

/* The array follows the tracker's. */
static void flights_grow(struct server *server)
{
	unsigned old = server->flight_capacity, now = server->tracker.capacity;

	if (old == now)
		return;
	server->flights = memory_resize(server->flights, now, sizeof(*server->flights));
	memset(&server->flights[old], 0, (now - old) * sizeof(*server->flights));
	server->flight_capacity = now;
}

void flight_begin(struct server *server, const struct ask *ask, int64_t now_us)
{
	struct exchange *exchange = server->exchange;
	uint16_t slot = tracker_add(&server->tracker, random_id(exchange));
	struct flight *flight;

	flights_grow(server);
	flight = &server->flights[slot];
	*flight = (struct flight){ .ask = *ask, .chains = flight->chains }; /* which stay with it */
	exchange->in_flight++;
	breaker_begun(server, slot, now_us);
	if (ask->tcp) {
		flight->udp_over = true;
		flight->udp_outcome = OUTCOME_NOT_ASKED;
		tcp_begin(server, slot, now_us);
		return;
	}
	slot_list_add(&server->unsent, slot);
	if (server->udp_silences && !server->udp_answers && !ask->udp_only)
		tcp_begin(server, slot, now_us);
}

/* Takes the question out and tells its source. */
static void flight_end(struct server *server, uint16_t slot, struct reply *reply)
{
	struct exchange *exchange = server->exchange;
	struct flight *flight = &server->flights[slot];
	struct ask ask = flight->ask;
	uint8_t *held = flight->held;

	reply->tries = flight->tries;
	flight->held = NULL;
	slot_list_remove(&server->unsent, slot);
	slot_list_remove(&server->again, slot);
	slot_list_remove(&server->breaker.held, slot);
	tcp_forget(server, slot);
	tracker_remove(&server->tracker, slot);
	exchange->in_flight--;
	exchange_touch(server);
	exchange->source.answered(exchange->source.context, server->index, &ask, reply);
	free(held);
}

/* How telling an outcome is, where UDP and TCP failed in different ways: silence tells least. */
static unsigned weight(enum outcome outcome)
{
	switch (outcome) {
	case OUTCOME_TSIG_FAILED:
		return 7;
	case OUTCOME_MALFORMED:
		return 6;
	case OUTCOME_CONNECTION_BROKEN:
		return 5;
	case OUTCOME_PORT_CLOSED:
		return 4;
	case OUTCOME_UNREACHABLE:
		return 3;
	case OUTCOME_NO_ROUTE:
		return 2;
	case OUTCOME_TIMEOUT:
		return 1;
	case OUTCOME_NOT_ASKED:
	case OUTCOME_ANSWERED:
	case OUTCOME_REFUSED:
	case OUTCOME_SERVFAIL:
	case OUTCOME_NOTAUTH:
	case OUTCOME_NXDOMAIN:
	case OUTCOME_NO_SOA:
	case OUTCOME_NOT_AUTHORITATIVE:
	case OUTCOME_RCODE:
	case OUTCOME_COUNT:
		break;
	}
	return 0;
}

static void flight_failed(struct server *server, uint16_t slot)
{
	struct flight *flight = &server->flights[slot];
	bool by_tcp = flight->tcp_over && weight(flight->tcp_outcome) > weight(flight->udp_outcome);
	struct reply reply = { .outcome = by_tcp ? flight->tcp_outcome : flight->udp_outcome,
		.udp_outcome = flight->udp_outcome,
		.transport = by_tcp ? TRANSPORT_TCP : TRANSPORT_UDP };

	if (reply.outcome == OUTCOME_TSIG_FAILED)
		reply.tsig_error = flight->tsig_error;
	if (flight->ask.tcp)
		reply.transport = TRANSPORT_TCP;
	breaker_failed(server, slot, &reply);
	flight_end(server, slot, &reply);
}

void flight_give_up(struct server *server, uint16_t slot, const struct reply *verdict)
{
	struct reply reply = *verdict;

	flight_end(server, slot, &reply);
}

static void flight_tcp_wins(struct server *server, uint16_t slot, const struct message *message,
	uint32_t round_trip_us)
{
	struct flight *flight = &server->flights[slot];
	struct reply reply = { .outcome = OUTCOME_ANSWERED,
		.udp_outcome = flight->udp_over ? flight->udp_outcome : OUTCOME_TIMEOUT,
		.transport = TRANSPORT_TCP,
		.round_trip_us = round_trip_us,
		.message = message };

	flight_end(server, slot, &reply);
}

static void flight_give_held(struct server *server, uint16_t slot)
{
	const struct flight *flight = &server->flights[slot];
	struct message message;
	bool parsed = message_parse(flight->held, flight->held_length, &message);

	assert(parsed); /* as it was before */
	(void)parsed;
	flight_tcp_wins(server, slot, &message, flight->held_round_trip_us);
}

/* May TCP still bring, or has it brought, what UDP did not? */
static bool tcp_may_follow(const struct flight *flight, enum outcome udp_outcome)
{
	switch (udp_outcome) {
	case OUTCOME_NO_ROUTE:
	case OUTCOME_NOT_ASKED:
		return false;
	case OUTCOME_MALFORMED:
	case OUTCOME_TSIG_FAILED:
		return flight->tcp_begun && !flight->tcp_over;
	case OUTCOME_ANSWERED: /* truncated */
		return !flight->tcp_over;
	case OUTCOME_TIMEOUT:
	case OUTCOME_PORT_CLOSED:
	case OUTCOME_UNREACHABLE:
	case OUTCOME_CONNECTION_BROKEN:
	case OUTCOME_REFUSED:
	case OUTCOME_SERVFAIL:
	case OUTCOME_NOTAUTH:
	case OUTCOME_NXDOMAIN:
	case OUTCOME_NO_SOA:
	case OUTCOME_NOT_AUTHORITATIVE:
	case OUTCOME_RCODE:
	case OUTCOME_COUNT:
		break;
	}
	return !flight->tcp_over && !flight->ask.udp_only;
}

/* No datagram will be sent any more; a late answer still counts until TCP has ended, too. */
void flight_udp_over(struct server *server, uint16_t slot, enum outcome outcome)
{
	struct flight *flight = &server->flights[slot];

	flight->udp_over = true;
	flight->udp_outcome = outcome;
	tracker_pause(&server->tracker, slot);
	slot_list_remove(&server->unsent, slot);
	slot_list_remove(&server->again, slot);
	server->udp_silences += outcome == OUTCOME_TIMEOUT;
	exchange_touch(server);
	if (flight->held)
		flight_give_held(server, slot);
	else if (!tcp_may_follow(flight, outcome))
		flight_failed(server, slot);
	else if (!flight->tcp_begun)
		tcp_begin(server, slot, clock_monotonic_us());
}

void flight_tcp_over(struct server *server, uint16_t slot, enum outcome outcome)
{
	struct flight *flight = &server->flights[slot];

	flight->tcp_over = true;
	flight->tcp_outcome = outcome;
	if (flight->udp_over)
		flight_failed(server, slot);
	exchange_touch(server);
}

/* Truncated: the same by TCP (RFC 7766 5), and fewer at once, since this is also how servers limit
 * their rates. */
static void flight_truncated(struct server *server, uint16_t slot, unsigned try, int64_t now_us)
{
	tracker_lost(&server->tracker, slot, try, now_us);
	flight_udp_over(server, slot, OUTCOME_ANSWERED);
}

static void flight_udp_wins(struct server *server, uint16_t slot, unsigned try,
	const struct message *message, const struct soa_answer *answer, int64_t now_us)
{
	struct reply reply = { .outcome = OUTCOME_ANSWERED,
		.udp_outcome = OUTCOME_ANSWERED,
		.transport = TRANSPORT_UDP,
		.round_trip_us = tracker_round_trip_us(&server->tracker, slot, try, now_us),
		.message = message,
		.soa = answer };

	server->udp_answers++;
	tracker_heard(&server->tracker, now_us);
	tracker_answered(&server->tracker);
	flight_end(server, slot, &reply);
}

void flight_udp_answered(struct server *server, uint16_t slot, unsigned try,
	const struct message *message, int64_t now_us)
{
	if (!(message->flags & DNS_TC)) {
		flight_udp_wins(server, slot, try, message, NULL, now_us);
		return;
	}
	server->udp_answers++;
	flight_truncated(server, slot, try, now_us);
}

void flight_udp_plain(struct server *server, uint16_t slot, unsigned try,
	const struct soa_answer *answer, int64_t now_us)
{
	flight_udp_wins(server, slot, try, NULL, answer, now_us);
}

/* While UDP has tries left it is not yet known whether UDP works: TCP's answer waits for that,
 * unless other questions have shown it. */
void flight_tcp_answered(struct server *server, uint16_t slot, const struct message *message,
	int64_t now_us)
{
	struct flight *flight = &server->flights[slot];
	uint32_t round_trip_us = (uint32_t)(now_us - flight->tcp_since_us);

	tracker_answered(&server->tracker);
	if (flight->udp_over || (server->udp_silences && !server->udp_answers)) {
		flight_tcp_wins(server, slot, message, round_trip_us);
		return;
	}
	flight->held = memory_resize(NULL, message->length, 1);
	memcpy(flight->held, message->bytes, message->length);
	flight->held_length = message->length;
	flight->held_round_trip_us = round_trip_us;
}

void flight_counted(struct server *server, uint16_t slot)
{
	struct exchange_counts *counts = &server->exchange->counts;
	struct flight *flight = &server->flights[slot];

	if (flight->tries)
		counts->retries++;
	else
		counts->queries++;
	if (flight->tries < UINT8_MAX)
		flight->tries++;
}

static struct tsig_chain *flight_chain(struct server *server, struct flight *flight, unsigned index)
{
	unsigned count = server->exchange->tries + 1;

	if (!flight->chains) {
		flight->chains = memory_resize(NULL, count, sizeof(*flight->chains));
		memset(flight->chains, 0, count * sizeof(*flight->chains));
	}
	tsig_chain_free(&flight->chains[index]);
	flight->chains[index] = (struct tsig_chain){ .key = flight->ask.key, .first = true };
	return &flight->chains[index];
}

size_t flight_question(struct server *server, uint16_t slot, uint16_t id, unsigned chain_index,
	uint8_t out[QUESTION_ROOM])
{
	struct flight *flight = &server->flights[slot];
	struct question *question = &flight->ask.question;
	size_t length;
	bool fits = true;

	question->id = id;
	length = message_question_like(&server->exchange->templates, question, out,
		MESSAGE_QUESTION);
	if (flight->ask.key)
		fits = tsig_sign(flight_chain(server, flight, chain_index), out, &length,
			QUESTION_ROOM, (uint64_t)clock_now_s(), 0);
	assert(length && fits); /* the room is for the largest question there is */
	(void)fits;
	return length;
}

enum outcome flight_verify(struct flight *flight, unsigned chain_index,
	const struct message *message)
{
	struct tsig_chain chain;
	uint16_t error = 0;
	enum tsig_result result;

	if (!flight->ask.key)
		return OUTCOME_ANSWERED;
	chain = flight->chains[chain_index]; /* a copy: a forged answer must not spoil it */
	result = tsig_verify(&chain, message, (uint64_t)clock_now_s(), &error);
	tsig_chain_free(&chain);
	if (result == TSIG_GOOD)
		return OUTCOME_ANSWERED;
	if (result == TSIG_UNSIGNED)
		error = message->rcode;
	flight->tsig_error = (uint16_t)((unsigned)result << 8 | (error & 0xff));
	return OUTCOME_TSIG_FAILED;
}

/* Of a server that answers others as fast as it likes to, a question that is still waiting for its
 * turn was not asked in earnest. */
static bool was_silent(const struct server *server, const struct flight *flight)
{
	return flight->tries && !tracker_is_limited(&server->tracker, clock_monotonic_us());
}

/* What a question is at the deadline. */
void flight_cut(struct server *server, uint16_t slot)
{
	struct flight *flight = &server->flights[slot];

	if (flight->held) {
		flight_give_held(server, slot);
		return;
	}
	if (!flight->udp_over) {
		flight->udp_outcome =
			was_silent(server, flight) ? OUTCOME_TIMEOUT : OUTCOME_NOT_ASKED;
		if (flight->bad != OUTCOME_NOT_ASKED)
			flight->udp_outcome = flight->bad;
	}
	if (flight->tcp_begun && !flight->tcp_over && flight->tries) {
		flight->tcp_over = true;
		flight->tcp_outcome = OUTCOME_TIMEOUT;
	}
	flight_failed(server, slot);
}
