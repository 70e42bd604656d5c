/*
 * What the exchange's tests share: servers that answer, lie, fall silent and close, and a source of
 * questions that keeps how each of them ended.
 */
#ifndef T_UNIT_EXCHANGE_WORLD_H
#define T_UNIT_EXCHANGE_WORLD_H

#include "common/base/clock.h"
#include "common/net/exchange.h"
#include "t/unit/fake_server.h"

#define UNUSED __attribute__((unused))

#define ZONE ((const uint8_t *)"\7example\3com")

/* Short names for the tables. */
#define ANSWERED  OUTCOME_ANSWERED
#define TIMEOUT   OUTCOME_TIMEOUT
#define MALFORMED OUTCOME_MALFORMED
#define BROKEN    OUTCOME_CONNECTION_BROKEN
#define CLOSED    OUTCOME_PORT_CLOSED

enum {
	LONG_MS = 5000,
	SHORT_MS = 40,
	TCP_SHORT_MS = 60,
	DEADLINE_MS = 20000,
	QUESTIONS_MOST = 5000
};

UNUSED static const struct tsig_key good_key = { .name = "\3key",
	.algorithm = "\13hmac-sha256",
	.secret = "0123456789abcdef0123456789abcdef",
	.secret_length = 32 };
UNUSED static const struct tsig_key other_key = { .name = "\3key",
	.algorithm = "\13hmac-sha256",
	.secret = "fedcba9876543210fedcba9876543210",
	.secret_length = 32 };

/* --- Servers ---------------------------------------------------------------------------------- */

UNUSED static void udp_flags(struct fake *fake, const uint8_t *query, size_t length, uint16_t flags,
	const struct sockaddr_storage *from, socklen_t from_length)
{
	uint8_t out[FAKE_MESSAGE];

	fake_send(fake, out, fake_answer(query, length, flags, out), from, from_length);
}

/* What most of them have as arguments. */
#define UDP                                                                                        \
	struct fake *fake, const uint8_t *query, size_t length,                                    \
		const struct sockaddr_storage *from, socklen_t from_length
#define TCP struct fake *fake, int fd, const uint8_t *query, size_t length

UNUSED static void udp_answer(UDP)
{
	udp_flags(fake, query, length, DNS_AA, from, from_length);
}

UNUSED static void udp_silent(UDP)
{
	(void)fake, (void)query, (void)length, (void)from, (void)from_length;
}

UNUSED static void udp_second(UDP)
{
	if (fake->datagrams > 1)
		udp_answer(fake, query, length, from, from_length);
}

/* The second datagram makes it answer the first. */
UNUSED static void udp_late(UDP)
{
	static uint8_t first[FAKE_MESSAGE];
	static size_t first_length;

	if (fake->datagrams == 1) {
		memcpy(first, query, length);
		first_length = length;
	} else if (fake->datagrams == 2) {
		udp_answer(fake, first, first_length, from, from_length);
	}
}

UNUSED static void udp_refused(UDP)
{
	udp_flags(fake, query, length, DNS_REFUSED, from, from_length);
}

UNUSED static void udp_truncated(UDP)
{
	udp_flags(fake, query, length, DNS_TC | DNS_AA, from, from_length);
}

/* FORMERR from those who understand nothing: a header only. */
UNUSED static void udp_formerr(UDP)
{
	uint8_t out[FAKE_MESSAGE];

	fake_answer(query, length, DNS_FORMERR, out);
	memset(out + 4, 0, 8);
	fake_send(fake, out, MESSAGE_HEADER, from, from_length);
}

UNUSED static void udp_headless_good(UDP)
{
	uint8_t out[FAKE_MESSAGE];

	fake_answer(query, length, DNS_AA, out);
	memset(out + 4, 0, 8);
	fake_send(fake, out, MESSAGE_HEADER, from, from_length);
}

UNUSED static void udp_echo(UDP)
{
	fake_send(fake, query, length, from, from_length);
}

UNUSED static void udp_wrong_id(UDP)
{
	uint8_t out[FAKE_MESSAGE];
	size_t end = fake_answer(query, length, DNS_AA, out);

	out[0] ^= 0x55;
	fake_send(fake, out, end, from, from_length);
}

UNUSED static void udp_wrong_question(UDP)
{
	uint8_t out[FAKE_MESSAGE];
	size_t end = fake_answer(query, length, DNS_AA, out);

	out[13] ^= 1;
	fake_send(fake, out, end, from, from_length);
	out[13] ^= 1;
	out[end - 1] = DNS_CH;
	fake_send(fake, out, end, from, from_length);
	out[end - 1] = DNS_IN;
	out[end - 3] = DNS_NS;
	fake_send(fake, out, end, from, from_length);
	out[2] |= 0x20; /* another opcode */
	out[end - 3] = DNS_SOA;
	fake_send(fake, out, end, from, from_length);
}

UNUSED static void udp_wrong_source(UDP)
{
	int other = socket(AF_INET, SOCK_DGRAM, 0), own = fake->udp_fd;
	uint8_t out[FAKE_MESSAGE];

	(void)own;
	sendto(other, out, fake_answer(query, length, DNS_AA, out), 0,
		(const struct sockaddr *)from, from_length);
	close(other);
}

UNUSED static void udp_small(UDP)
{
	(void)length;
	fake_send(fake, query, 0, from, from_length);
	fake_send(fake, query, 1, from, from_length);
}

UNUSED static void udp_garbage(UDP)
{
	uint8_t out[FAKE_MESSAGE];
	size_t end = fake_answer(query, length, DNS_AA, out);

	out[7] = 9; /* nine answers, and none there */
	fake_send(fake, out, end, from, from_length);
	fake_send(fake, out, 2, from, from_length);
	fake_send(fake, out, 12, from, from_length);
}

UNUSED static void udp_too_long(UDP)
{
	uint8_t out[FAKE_MESSAGE] = { 0 };

	fake_answer(query, length, DNS_AA, out);
	fake_send(fake, out, 9000, from, from_length);
}

/* Every forgery there is, then the truth. */
UNUSED static void udp_all_then_answer(UDP)
{
	udp_small(fake, query, length, from, from_length);
	udp_echo(fake, query, length, from, from_length);
	udp_wrong_id(fake, query, length, from, from_length);
	udp_wrong_question(fake, query, length, from, from_length);
	udp_wrong_source(fake, query, length, from, from_length);
	udp_garbage(fake, query, length, from, from_length);
	udp_too_long(fake, query, length, from, from_length);
	udp_headless_good(fake, query, length, from, from_length);
	udp_answer(fake, query, length, from, from_length);
}

UNUSED static size_t signed_answer(const struct tsig_key *key, const uint8_t *query, size_t length,
	uint16_t error, uint8_t *out)
{
	struct tsig_chain chain = { 0 };
	struct message message;
	size_t end;
	enum tsig_result result;

	if (!message_parse(query, length, &message))
		fake_bail("not a question");
	result = tsig_verify_question(&chain, &good_key, 1, &message, (uint64_t)clock_now_s());
	if (result != TSIG_GOOD)
		fake_bail("the question's signature");
	chain.key = key;
	end = fake_answer(query, length, DNS_AA, out);
	if (!tsig_sign(&chain, out, &end, FAKE_MESSAGE, (uint64_t)clock_now_s(), error))
		fake_bail("no room to sign");
	tsig_chain_free(&chain);
	return end;
}

UNUSED static void udp_signed(UDP)
{
	uint8_t out[FAKE_MESSAGE];

	fake_send(fake, out, signed_answer(&good_key, query, length, 0, out), from, from_length);
}

UNUSED static void udp_signed_second(UDP)
{
	if (fake->datagrams > 1)
		udp_signed(fake, query, length, from, from_length);
}

UNUSED static void udp_badly_signed(UDP)
{
	uint8_t out[FAKE_MESSAGE];

	fake_send(fake, out, signed_answer(&other_key, query, length, 0, out), from, from_length);
}

UNUSED static void udp_key_unknown(UDP)
{
	uint8_t out[FAKE_MESSAGE];

	fake_send(fake, out, signed_answer(&good_key, query, length, DNS_BADKEY, out), from,
		from_length);
}

UNUSED static void udp_forged_then_signed(UDP)
{
	udp_answer(fake, query, length, from, from_length);
	udp_badly_signed(fake, query, length, from, from_length);
	udp_signed(fake, query, length, from, from_length);
}

UNUSED static bool tcp_answer(TCP)
{
	uint8_t out[FAKE_MESSAGE];

	(void)fake;
	fake_write(fd, out, fake_answer(query, length, DNS_AA, out));
	return true;
}

UNUSED static bool tcp_answer_and_close(TCP)
{
	tcp_answer(fake, fd, query, length);
	return false;
}

UNUSED static bool tcp_trickle(TCP)
{
	uint8_t out[2 + FAKE_MESSAGE];
	size_t end = fake_answer(query, length, DNS_AA, out + 2);

	(void)fake;
	out[0] = (uint8_t)(end >> 8);
	out[1] = (uint8_t)end;
	for (size_t i = 0; i < end + 2; i++)
		send(fd, out + i, 1, MSG_NOSIGNAL);
	return true;
}

UNUSED static bool tcp_silent(TCP)
{
	(void)fake, (void)fd, (void)query, (void)length;
	return true;
}

UNUSED static bool tcp_close(TCP)
{
	(void)fake, (void)fd, (void)query, (void)length;
	return false;
}

UNUSED static bool tcp_half(TCP)
{
	(void)fake, (void)length;
	send(fd, "\0\x40", 2, MSG_NOSIGNAL);
	send(fd, query, 5, MSG_NOSIGNAL);
	return false;
}

UNUSED static bool tcp_garbage(TCP)
{
	uint8_t out[FAKE_MESSAGE];
	size_t end = fake_answer(query, length, DNS_AA, out);

	(void)fake;
	out[7] = 9;
	fake_write(fd, out, end);
	return true;
}

UNUSED static bool tcp_empty(TCP)
{
	(void)fake, (void)length;
	fake_write(fd, query, 0);
	return true;
}

UNUSED static bool tcp_wrong_id(TCP)
{
	uint8_t out[FAKE_MESSAGE];
	size_t end = fake_answer(query, length, DNS_AA, out);

	(void)fake;
	out[0] ^= 0x55;
	fake_write(fd, out, end);
	return true;
}

UNUSED static bool tcp_wrong_question(TCP)
{
	uint8_t out[FAKE_MESSAGE];
	size_t end = fake_answer(query, length, DNS_AA, out);

	(void)fake;
	out[13] ^= 1;
	fake_write(fd, out, end);
	return true;
}

UNUSED static bool tcp_signed(TCP)
{
	uint8_t out[FAKE_MESSAGE];

	(void)fake;
	fake_write(fd, out, signed_answer(&good_key, query, length, 0, out));
	return true;
}

/* --- The source ------------------------------------------------------------------------------- */

struct seen {
	enum outcome outcome, udp_outcome;
	enum transport transport;
	uint16_t tsig_error, rcode;
	uint8_t tries;
	uint32_t round_trip_us;
	unsigned answers;
	bool has_message;
};

struct test {
	uint64_t count[8]; /* questions per server */
	uint64_t asked[8];
	struct ask ask;
	struct seen *seen[8]; /* by server and question */
	struct exchange *exchange;
	struct loop *loop;
	struct exchange_counts counts;
	struct fault fault;
	int64_t started_us, took_us;
	bool serial;     /* the next question only after the last one's end */
	uint64_t by_tcp; /* bits: these questions are asked by TCP */
	uint64_t done;
	uint64_t chained; /* answers of server 0 that wake server 1 */
	unsigned strange, plain;
};

UNUSED static bool next(void *context, uint32_t server, struct ask *ask)
{
	struct test *test = context;

	if (test->asked[server] == test->count[server])
		return false;
	if (test->serial && test->asked[server] > test->done)
		return false;
	*ask = test->ask;
	if (test->asked[server] < 64 && test->by_tcp >> test->asked[server] & 1)
		ask->tcp = true;
	ask->tag = test->asked[server]++;
	return true;
}

UNUSED static void answered(void *context, uint32_t server, const struct ask *ask,
	const struct reply *reply)
{
	struct test *test = context;
	struct seen *seen = &test->seen[server][ask->tag];

	*seen = (struct seen){ .outcome = reply->outcome,
		.udp_outcome = reply->udp_outcome,
		.transport = reply->transport,
		.tsig_error = reply->tsig_error,
		.tries = reply->tries,
		.round_trip_us = reply->round_trip_us,
		.answers = seen->answers + 1,
		.has_message = reply->message || reply->soa };
	if (reply->message)
		seen->rcode = reply->message->rcode;
	test->plain += reply->soa != NULL;
	test->strange += seen->has_message != (reply->outcome == OUTCOME_ANSWERED);
	test->done++;
	if (test->serial)
		exchange_wake(test->exchange, server);
	if (test->chained && server == 0) {
		test->chained--;
		test->count[1]++;
		exchange_wake(test->exchange, 1);
	}
}

/* Asks test->count[i] questions of servers[i]; false as exchange_run(). */
UNUSED static bool run(struct test *test, struct exchange_settings settings,
	const struct address *servers, size_t count, int64_t most_ms)
{
	const struct exchange_source source = { .next = next,
		.answered = answered,
		.context = test };
	bool fine;

	if (!test->ask.question.name) {
		test->ask.question.name = ZONE;
		test->ask.question.type = DNS_SOA;
		test->ask.question.edns = true;
	}
	for (size_t i = 0; i < count; i++)
		test->seen[i] = calloc(QUESTIONS_MOST, sizeof(*test->seen[i]));
	test->loop = loop_new(&test->fault);
	test->started_us = clock_monotonic_us();
	settings.deadline_us = test->started_us + most_ms * 1000;
	test->exchange = exchange_new(test->loop, &settings, servers, count, &source);
	fine = exchange_run(test->exchange, &test->fault);
	test->took_us = clock_monotonic_us() - test->started_us;
	test->counts = exchange_counts(test->exchange);
	exchange_free(test->exchange);
	loop_free(test->loop);
	return fine;
}

UNUSED static void free_seen(struct test *test)
{
	for (size_t i = 0; i < 8; i++)
		free(test->seen[i]);
}

/* How many of a server's questions were answered exactly once, and ended so. */
UNUSED static unsigned ended_so(const struct test *test, unsigned server, enum outcome outcome)
{
	unsigned count = 0;

	for (uint64_t i = 0; i < test->count[server]; i++)
		count += test->seen[server][i].answers == 1 &&
			test->seen[server][i].outcome == outcome;
	return count;
}

#endif
