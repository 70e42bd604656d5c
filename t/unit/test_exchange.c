/*
 * The exchange on real sockets, against servers in threads that answer, lie, fall silent and close.
 *
 * Where an answer is expected the try's time-out is long, so that a slow machine changes nothing;
 * where silence is, it is short.
 */
#include "common/base/clock.h"
#include "common/net/exchange.h"
#include "t/unit/fake_server.h"

#define ZONE ((const uint8_t *)"\7example\3com")

enum {
	LONG_MS = 5000,
	SHORT_MS = 40,
	TCP_SHORT_MS = 60,
	DEADLINE_MS = 20000,
	QUESTIONS_MOST = 5000
};

static const struct tsig_key good_key = { .name = "\3key",
	.algorithm = "\13hmac-sha256",
	.secret = "0123456789abcdef0123456789abcdef",
	.secret_length = 32 };
static const struct tsig_key other_key = { .name = "\3key",
	.algorithm = "\13hmac-sha256",
	.secret = "fedcba9876543210fedcba9876543210",
	.secret_length = 32 };

/* --- Servers ---------------------------------------------------------------------------------- */

static void udp_flags(struct fake *fake, const uint8_t *query, size_t length, uint16_t flags,
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

static void udp_answer(UDP)
{
	udp_flags(fake, query, length, DNS_AA, from, from_length);
}

static void udp_silent(UDP)
{
	(void)fake, (void)query, (void)length, (void)from, (void)from_length;
}

static void udp_second(UDP)
{
	if (fake->datagrams > 1)
		udp_answer(fake, query, length, from, from_length);
}

/* The second datagram makes it answer the first. */
static void udp_late(UDP)
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

static void udp_refused(UDP)
{
	udp_flags(fake, query, length, DNS_REFUSED, from, from_length);
}

static void udp_truncated(UDP)
{
	udp_flags(fake, query, length, DNS_TC | DNS_AA, from, from_length);
}

/* FORMERR from those who understand nothing: a header only. */
static void udp_formerr(UDP)
{
	uint8_t out[FAKE_MESSAGE];

	fake_answer(query, length, DNS_FORMERR, out);
	memset(out + 4, 0, 8);
	fake_send(fake, out, MESSAGE_HEADER, from, from_length);
}

static void udp_headless_good(UDP)
{
	uint8_t out[FAKE_MESSAGE];

	fake_answer(query, length, DNS_AA, out);
	memset(out + 4, 0, 8);
	fake_send(fake, out, MESSAGE_HEADER, from, from_length);
}

static void udp_echo(UDP)
{
	fake_send(fake, query, length, from, from_length);
}

static void udp_wrong_id(UDP)
{
	uint8_t out[FAKE_MESSAGE];
	size_t end = fake_answer(query, length, DNS_AA, out);

	out[0] ^= 0x55;
	fake_send(fake, out, end, from, from_length);
}

static void udp_wrong_question(UDP)
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

static void udp_wrong_source(UDP)
{
	int other = socket(AF_INET, SOCK_DGRAM, 0), own = fake->udp_fd;
	uint8_t out[FAKE_MESSAGE];

	(void)own;
	sendto(other, out, fake_answer(query, length, DNS_AA, out), 0,
		(const struct sockaddr *)from, from_length);
	close(other);
}

static void udp_small(UDP)
{
	(void)length;
	fake_send(fake, query, 0, from, from_length);
	fake_send(fake, query, 1, from, from_length);
}

static void udp_garbage(UDP)
{
	uint8_t out[FAKE_MESSAGE];
	size_t end = fake_answer(query, length, DNS_AA, out);

	out[7] = 9; /* nine answers, and none there */
	fake_send(fake, out, end, from, from_length);
	fake_send(fake, out, 2, from, from_length);
	fake_send(fake, out, 12, from, from_length);
}

static void udp_too_long(UDP)
{
	uint8_t out[FAKE_MESSAGE] = { 0 };

	fake_answer(query, length, DNS_AA, out);
	fake_send(fake, out, 9000, from, from_length);
}

/* Every forgery there is, then the truth. */
static void udp_all_then_answer(UDP)
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

static size_t signed_answer(const struct tsig_key *key, const uint8_t *query, size_t length,
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

static void udp_signed(UDP)
{
	uint8_t out[FAKE_MESSAGE];

	fake_send(fake, out, signed_answer(&good_key, query, length, 0, out), from, from_length);
}

static void udp_signed_second(UDP)
{
	if (fake->datagrams > 1)
		udp_signed(fake, query, length, from, from_length);
}

static void udp_badly_signed(UDP)
{
	uint8_t out[FAKE_MESSAGE];

	fake_send(fake, out, signed_answer(&other_key, query, length, 0, out), from, from_length);
}

static void udp_forged_then_signed(UDP)
{
	udp_answer(fake, query, length, from, from_length);
	udp_badly_signed(fake, query, length, from, from_length);
	udp_signed(fake, query, length, from, from_length);
}

static bool tcp_answer(TCP)
{
	uint8_t out[FAKE_MESSAGE];

	(void)fake;
	fake_write(fd, out, fake_answer(query, length, DNS_AA, out));
	return true;
}

static bool tcp_answer_and_close(TCP)
{
	tcp_answer(fake, fd, query, length);
	return false;
}

static bool tcp_trickle(TCP)
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

static bool tcp_silent(TCP)
{
	(void)fake, (void)fd, (void)query, (void)length;
	return true;
}

static bool tcp_close(TCP)
{
	(void)fake, (void)fd, (void)query, (void)length;
	return false;
}

static bool tcp_half(TCP)
{
	(void)fake, (void)length;
	send(fd, "\0\x40", 2, MSG_NOSIGNAL);
	send(fd, query, 5, MSG_NOSIGNAL);
	return false;
}

static bool tcp_garbage(TCP)
{
	uint8_t out[FAKE_MESSAGE];
	size_t end = fake_answer(query, length, DNS_AA, out);

	(void)fake;
	out[7] = 9;
	fake_write(fd, out, end);
	return true;
}

static bool tcp_empty(TCP)
{
	(void)fake, (void)length;
	fake_write(fd, query, 0);
	return true;
}

static bool tcp_wrong_id(TCP)
{
	uint8_t out[FAKE_MESSAGE];
	size_t end = fake_answer(query, length, DNS_AA, out);

	(void)fake;
	out[0] ^= 0x55;
	fake_write(fd, out, end);
	return true;
}

static bool tcp_wrong_question(TCP)
{
	uint8_t out[FAKE_MESSAGE];
	size_t end = fake_answer(query, length, DNS_AA, out);

	(void)fake;
	out[13] ^= 1;
	fake_write(fd, out, end);
	return true;
}

static bool tcp_signed(TCP)
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
	uint64_t chained; /* answers of server 0 that wake server 1 */
	unsigned strange;
};

static bool next(void *context, uint32_t server, struct ask *ask)
{
	struct test *test = context;

	if (test->asked[server] == test->count[server])
		return false;
	*ask = test->ask;
	ask->tag = test->asked[server]++;
	return true;
}

static void answered(void *context, uint32_t server, const struct ask *ask,
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
		.has_message = reply->message != NULL };
	if (reply->message)
		seen->rcode = reply->message->rcode;
	test->strange += seen->has_message != (reply->outcome == OUTCOME_ANSWERED);
	if (test->chained && server == 0) {
		test->chained--;
		test->count[1]++;
		exchange_wake(test->exchange, 1);
	}
}

/* Asks test->count[i] questions of servers[i]; false as exchange_run(). */
static bool run(struct test *test, struct exchange_settings settings, const struct address *servers,
	size_t count, int64_t most_ms)
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

static void free_seen(struct test *test)
{
	for (size_t i = 0; i < 8; i++)
		free(test->seen[i]);
}

/* How many of a server's questions were answered exactly once, and ended so. */
static unsigned ended_so(const struct test *test, unsigned server, enum outcome outcome)
{
	unsigned count = 0;

	for (uint64_t i = 0; i < test->count[server]; i++)
		count += test->seen[server][i].answers == 1 &&
			test->seen[server][i].outcome == outcome;
	return count;
}

/* --- One question -------------------------------------------------------------------------------
 */

struct story {
	const char *name;
	fake_udp *udp;
	fake_tcp *tcp;
	uint32_t try_ms, tcp_ms, retries;
	enum outcome outcome, udp_outcome;
	enum transport transport;
	uint8_t tries; /* 0: any */
	bool by_tcp, udp_only, deaf, refuse;
	const struct tsig_key *key;
	uint16_t tsig_error, rcode;
};

#define ANSWERED               OUTCOME_ANSWERED
#define BY_UDP                 OUTCOME_ANSWERED, OUTCOME_ANSWERED, TRANSPORT_UDP
#define TIMES(try, tcp, again) .try_ms = (try), .tcp_ms = (tcp), .retries = (again)
#define SILENT(again)          TIMES(SHORT_MS, TCP_SHORT_MS, again)
#define PATIENT                TIMES(LONG_MS, LONG_MS, 2)
#define TIMEOUT                OUTCOME_TIMEOUT
#define MALFORMED              OUTCOME_MALFORMED
#define BROKEN                 OUTCOME_CONNECTION_BROKEN
#define CLOSED                 OUTCOME_PORT_CLOSED

static const struct story stories[] = {
	{ "answer", udp_answer, tcp_answer, PATIENT, BY_UDP, 1 },
	{ "answer, and no TCP", udp_answer, NULL, PATIENT, BY_UDP, 1 },
	{ "refused is an answer", udp_refused, tcp_answer, PATIENT, BY_UDP, 1,
		.rcode = DNS_REFUSED },
	{ "FORMERR without a question is an answer", udp_formerr, NULL, PATIENT, BY_UDP, 1,
		.rcode = DNS_FORMERR },
	{ "forgeries of all kinds, then the answer", udp_all_then_answer, NULL, PATIENT, BY_UDP,
		1 },
	{ "silence, then an answer", udp_second, tcp_silent, TIMES(SHORT_MS, LONG_MS, 7), BY_UDP },
	{ "an answer to the first try after the second", udp_late, tcp_silent,
		TIMES(SHORT_MS, LONG_MS, 7), BY_UDP },
	{ "silence, then an answer, by UDP only", udp_second, NULL, SILENT(7), BY_UDP,
		.udp_only = true },
	/* silence */
	{ "dead by UDP and TCP", udp_silent, tcp_silent, SILENT(2), TIMEOUT, TIMEOUT, TRANSPORT_UDP,
		4 },
	{ "dead, no handshake either", udp_silent, tcp_silent, SILENT(2), TIMEOUT, TIMEOUT,
		TRANSPORT_UDP, 4, .deaf = true },
	{ "dead, one try", udp_silent, tcp_silent, SILENT(0), TIMEOUT, TIMEOUT, TRANSPORT_UDP, 2 },
	{ "dead by UDP only", udp_silent, tcp_answer, SILENT(1), TIMEOUT, TIMEOUT, TRANSPORT_UDP, 2,
		.udp_only = true },
	{ "UDP is silent, TCP works", udp_silent, tcp_answer, TIMES(SHORT_MS, LONG_MS, 2), ANSWERED,
		TIMEOUT, TRANSPORT_TCP, 4 },
	{ "UDP is silent, TCP works, one try", udp_silent, tcp_answer, TIMES(SHORT_MS, LONG_MS, 0),
		ANSWERED, TIMEOUT, TRANSPORT_TCP, 2 },
	{ "UDP is silent, TCP closed", udp_silent, NULL, SILENT(1), CLOSED, TIMEOUT, TRANSPORT_TCP,
		3 },
	{ "UDP is silent, TCP accepts and closes", udp_silent, tcp_close,
		TIMES(SHORT_MS, LONG_MS, 1), BROKEN, TIMEOUT, TRANSPORT_TCP, 3 },
	/* on UDP what is not the answer is not even noticed */
	{ "wrong id", udp_wrong_id, tcp_silent, SILENT(1), TIMEOUT, TIMEOUT, TRANSPORT_UDP, 3 },
	{ "wrong question", udp_wrong_question, tcp_silent, SILENT(1), TIMEOUT, TIMEOUT,
		TRANSPORT_UDP, 3 },
	{ "wrong source", udp_wrong_source, tcp_silent, SILENT(1), TIMEOUT, TIMEOUT, TRANSPORT_UDP,
		3 },
	{ "the question comes back", udp_echo, tcp_silent, SILENT(1), TIMEOUT, TIMEOUT,
		TRANSPORT_UDP, 3 },
	{ "nothing but a byte", udp_small, tcp_silent, SILENT(1), TIMEOUT, TIMEOUT, TRANSPORT_UDP,
		3 },
	{ "NOERROR without a question", udp_headless_good, tcp_silent, SILENT(1), TIMEOUT, TIMEOUT,
		TRANSPORT_UDP, 3 },
	{ "garbage with the right id", udp_garbage, tcp_answer, SILENT(2), MALFORMED, MALFORMED,
		TRANSPORT_UDP, 1 },
	{ "longer than any answer may be", udp_too_long, tcp_answer, SILENT(2), MALFORMED,
		MALFORMED, TRANSPORT_UDP, 1 },
	/* closed */
	{ "closed by UDP and TCP", NULL, NULL, PATIENT, CLOSED, CLOSED, TRANSPORT_UDP, 3 },
	{ "closed by UDP, one try", NULL, NULL, TIMES(LONG_MS, LONG_MS, 0), CLOSED, CLOSED,
		TRANSPORT_UDP, 2 },
	{ "closed by UDP, asked by UDP only", NULL, NULL, PATIENT, CLOSED, CLOSED, TRANSPORT_UDP, 2,
		.udp_only = true },
	{ "closed by UDP, TCP works", NULL, tcp_answer, PATIENT, ANSWERED, CLOSED, TRANSPORT_TCP,
		3 },
	{ "closed by UDP, TCP silent", NULL, tcp_silent, TIMES(LONG_MS, TCP_SHORT_MS, 2), CLOSED,
		CLOSED, TRANSPORT_UDP, 3 },
	/* truncated */
	{ "truncated, then TCP", udp_truncated, tcp_answer, PATIENT, ANSWERED, ANSWERED,
		TRANSPORT_TCP, 2 },
	{ "truncated and UDP only: TCP all the same", udp_truncated, tcp_answer, PATIENT, ANSWERED,
		ANSWERED, TRANSPORT_TCP, 2, .udp_only = true },
	{ "truncated, TCP trickles", udp_truncated, tcp_trickle, PATIENT, ANSWERED, ANSWERED,
		TRANSPORT_TCP, 2 },
	{ "truncated, TCP closed", udp_truncated, NULL, PATIENT, CLOSED, ANSWERED, TRANSPORT_TCP,
		2 },
	{ "truncated, TCP silent", udp_truncated, tcp_silent, TIMES(LONG_MS, TCP_SHORT_MS, 0),
		TIMEOUT, ANSWERED, TRANSPORT_TCP, 2 },
	{ "truncated, TCP accepts and closes", udp_truncated, tcp_close, PATIENT, BROKEN, ANSWERED,
		TRANSPORT_TCP, 2 },
	{ "truncated, TCP breaks inside the answer", udp_truncated, tcp_half, PATIENT, BROKEN,
		ANSWERED, TRANSPORT_TCP, 2 },
	/* by TCP */
	{ "by TCP", udp_silent, tcp_answer, PATIENT, ANSWERED, OUTCOME_NOT_ASKED, TRANSPORT_TCP, 1,
		.by_tcp = true },
	{ "by TCP, closed", udp_answer, NULL, PATIENT, CLOSED, OUTCOME_NOT_ASKED, TRANSPORT_TCP, 1,
		.by_tcp = true },
	{ "by TCP, closed before it is read", udp_answer, tcp_answer, PATIENT, BROKEN,
		OUTCOME_NOT_ASKED, TRANSPORT_TCP, 1, .by_tcp = true, .refuse = true },
	{ "by TCP, silent", udp_answer, tcp_silent, SILENT(2), TIMEOUT, OUTCOME_NOT_ASKED,
		TRANSPORT_TCP, 1, .by_tcp = true },
	{ "by TCP, garbage", udp_answer, tcp_garbage, PATIENT, MALFORMED, OUTCOME_NOT_ASKED,
		TRANSPORT_TCP, 1, .by_tcp = true },
	{ "by TCP, an empty message", udp_answer, tcp_empty, PATIENT, MALFORMED, OUTCOME_NOT_ASKED,
		TRANSPORT_TCP, 1, .by_tcp = true },
	{ "by TCP, wrong id", udp_answer, tcp_wrong_id, PATIENT, MALFORMED, OUTCOME_NOT_ASKED,
		TRANSPORT_TCP, 1, .by_tcp = true },
	{ "by TCP, wrong question", udp_answer, tcp_wrong_question, PATIENT, MALFORMED,
		OUTCOME_NOT_ASKED, TRANSPORT_TCP, 1, .by_tcp = true },
	/* signed */
	{ "signed", udp_signed, NULL, PATIENT, BY_UDP, 1, .key = &good_key },
	{ "signed, the second try is answered", udp_signed_second, tcp_silent,
		TIMES(SHORT_MS, LONG_MS, 7), BY_UDP, .key = &good_key },
	{ "forgeries, then the signed answer", udp_forged_then_signed, NULL, PATIENT, BY_UDP, 1,
		.key = &good_key },
	{ "unsigned", udp_answer, tcp_signed, SILENT(2), OUTCOME_TSIG_FAILED, OUTCOME_TSIG_FAILED,
		TRANSPORT_UDP, 1, .key = &good_key, .tsig_error = TSIG_UNSIGNED << 8 },
	{ "signed with another secret", udp_badly_signed, tcp_signed, SILENT(2),
		OUTCOME_TSIG_FAILED, OUTCOME_TSIG_FAILED, TRANSPORT_UDP, 1, .key = &good_key,
		.tsig_error = TSIG_BAD_MAC << 8 },
	{ "signed by TCP", udp_answer, tcp_signed, PATIENT, ANSWERED, OUTCOME_NOT_ASKED,
		TRANSPORT_TCP, 1, .by_tcp = true, .key = &good_key },
	{ "unsigned by TCP", udp_answer, tcp_answer, PATIENT, OUTCOME_TSIG_FAILED,
		OUTCOME_NOT_ASKED, TRANSPORT_TCP, 1, .by_tcp = true, .key = &good_key,
		.tsig_error = TSIG_UNSIGNED << 8 },
};

static void check_story(const struct story *story, const struct test *test, bool ipv6)
{
	const struct seen *seen = &test->seen[0][0];
	const char *name = story->name;
	int64_t most_ms = (int64_t)story->try_ms * (story->retries + 1) + story->tcp_ms + 1000;
	bool good = seen->outcome == story->outcome && seen->udp_outcome == story->udp_outcome &&
		seen->transport == story->transport && seen->rcode == story->rcode &&
		seen->tsig_error == story->tsig_error &&
		(!story->tries || seen->tries == story->tries);

	if (!ok(good, "%s%s", name, ipv6 ? " (IPv6)" : ""))
		printf("# outcome %d, udp %d, transport %d, rcode %d, tsig %#x, tries %d\n",
			(int)seen->outcome, (int)seen->udp_outcome, (int)seen->transport,
			seen->rcode, seen->tsig_error, seen->tries);
	ok(seen->answers == 1 && !test->strange, "%s: said once, with a message if answered", name);
	ok(test->took_us <= most_ms * 1000, "%s: in time (%d ms)", name,
		(int)(test->took_us / 1000));
	ok(test->counts.queries == 1 && test->counts.retries + 1 == seen->tries, "%s: counted",
		name);
}

static void test_story(const struct story *story, bool ipv6)
{
	struct fake fake = { .udp = story->udp,
		.tcp = story->tcp,
		.deaf = story->deaf,
		.refuse_connections = story->refuse,
		.ipv6 = ipv6 };
	struct test test = { .count = { 1 },
		.ask = { .tcp = story->by_tcp, .udp_only = story->udp_only, .key = story->key } };
	const struct exchange_settings settings = { .try_timeout_ms = story->try_ms,
		.retries = story->retries,
		.tcp_timeout_ms = story->tcp_ms };

	fake_start(&fake);
	ok(run(&test, settings, &fake.address, 1, DEADLINE_MS), "%s: no fault", story->name);
	fake_stop(&fake);
	check_story(story, &test, ipv6);
	free_seen(&test);
}

/* --- Many questions, several servers ------------------------------------------------------------
 */

static bool have_ipv6(void)
{
	struct address loopback = { .family = 6, .bytes = { [15] = 1 } };
	struct sockaddr_storage at;
	socklen_t length = address_to_sockaddr(&loopback, &at);
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);
	bool have = fd >= 0 && !bind(fd, (struct sockaddr *)&at, length);

	close(fd);
	return have;
}

static void test_ipv6(void)
{
	if (!have_ipv6()) {
		ok(true, "# SKIP no IPv6 here");
		return;
	}
	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++)
		if (stories[i].udp != udp_wrong_source && stories[i].udp != udp_all_then_answer &&
			stories[i].try_ms == LONG_MS)
			test_story(&stories[i], true);
}

static void test_many(void)
{
	struct fake fake = { .udp = udp_answer, .tcp = tcp_answer };
	struct test test = { .count = { QUESTIONS_MOST } };
	const struct exchange_settings settings = { .try_timeout_ms = 500, .retries = 5 };
	uint64_t tries = 0;

	fake_start(&fake);
	ok(run(&test, settings, &fake.address, 1, DEADLINE_MS), "5,000 questions");
	is_integer(ended_so(&test, 0, ANSWERED), QUESTIONS_MOST, "each answered once");
	for (unsigned i = 0; i < QUESTIONS_MOST; i++)
		tries += test.seen[0][i].tries;
	is_integer((int64_t)test.counts.queries, QUESTIONS_MOST, "each counted once");
	is_integer((int64_t)(test.counts.queries + test.counts.retries), (int64_t)tries,
		"as are the tries");
	is_integer(fake.connections, 0, "none needed TCP");
	fake_stop(&fake);
	free_seen(&test);
}

/* Every third datagram is lost. */
static void udp_lossy(UDP)
{
	if (fake->datagrams % 3)
		udp_answer(fake, query, length, from, from_length);
}

static void test_lossy(void)
{
	struct fake fake = { .udp = udp_lossy, .tcp = tcp_answer };
	struct test test = { .count = { 300 } };
	const struct exchange_settings settings = { .try_timeout_ms = 20, .retries = 7 };

	fake_start(&fake);
	ok(run(&test, settings, &fake.address, 1, DEADLINE_MS),
		"300 questions, every third datagram lost");
	is_integer(ended_so(&test, 0, ANSWERED), 300, "each answered once");
	ok(test.counts.retries >= 100, "after retries: %u", (unsigned)test.counts.retries);
	fake_stop(&fake);
	free_seen(&test);
}

static void test_one_dead(void)
{
	struct fake good[2] = { { .udp = udp_answer, .tcp = tcp_answer },
		{ .udp = udp_answer, .tcp = tcp_answer } };
	struct fake dead = { .udp = udp_silent, .tcp = tcp_silent, .deaf = true };
	struct test test = { .count = { 500, 3, 500 } };
	const struct exchange_settings settings = { .try_timeout_ms = 200,
		.retries = 2,
		.tcp_timeout_ms = 400 };
	struct address servers[3];

	fake_start(&good[0]);
	fake_start(&good[1]);
	fake_start(&dead);
	servers[0] = good[0].address;
	servers[1] = dead.address;
	servers[2] = good[1].address;
	ok(run(&test, settings, servers, 3, DEADLINE_MS), "three servers, the second one dead");
	is_integer(ended_so(&test, 0, ANSWERED), 500, "the first answers all");
	is_integer(ended_so(&test, 1, TIMEOUT), 3, "the second none");
	is_integer(ended_so(&test, 2, ANSWERED), 500, "the third all");
	ok(test.took_us >= 600000, "three tries of 200 ms");
	ok(test.took_us < 900000, "TCP is tried meanwhile: %d ms", (int)(test.took_us / 1000));
	fake_stop(&good[0]);
	fake_stop(&good[1]);
	fake_stop(&dead);
	free_seen(&test);
}

/* The first three tries and TCP are silent; by then others have said that UDP is dead: TCP's
 * answers need not wait. */
static void test_udp_blocked(void)
{
	struct fake fake = { .udp = udp_silent, .tcp = tcp_answer };
	struct test test = { .count = { 200 } };
	const struct exchange_settings settings = { .try_timeout_ms = 50,
		.retries = 2,
		.tcp_timeout_ms = LONG_MS };

	fake_start(&fake);
	ok(run(&test, settings, &fake.address, 1, DEADLINE_MS), "200 questions, UDP is silent");
	is_integer(ended_so(&test, 0, ANSWERED), 200, "TCP answers all");
	for (unsigned i = 0; i < 200; i++)
		test.strange += test.seen[0][i].udp_outcome != TIMEOUT ||
			test.seen[0][i].transport != TRANSPORT_TCP;
	is_integer(test.strange, 0, "and UDP's silence is told");
	ok(fake.connections <= 4, "over few connections: %u", fake.connections);
	ok(test.took_us < 1000000, "in %d ms", (int)(test.took_us / 1000));
	fake_stop(&fake);
	free_seen(&test);
}

static void test_tcp_many(fake_tcp *behaviour, const char *name, unsigned connections_most)
{
	struct fake fake = { .udp = udp_truncated, .tcp = behaviour };
	struct test test = { .count = { 300 } };
	const struct exchange_settings settings = { .try_timeout_ms = LONG_MS,
		.tcp_timeout_ms = LONG_MS };

	fake_start(&fake);
	ok(run(&test, settings, &fake.address, 1, DEADLINE_MS), "%s: 300 truncated answers", name);
	is_integer(ended_so(&test, 0, ANSWERED), 300, "all answered by TCP");
	ok(fake.connections <= connections_most, "%s: %u connections", name, fake.connections);
	fake_stop(&fake);
	free_seen(&test);
}

/* Answers all but every tenth question of TCP. */
static bool tcp_skips(TCP)
{
	if (fake->messages % 10)
		tcp_answer(fake, fd, query, length);
	return true;
}

static void test_tcp_skips(void)
{
	struct fake fake = { .udp = udp_answer, .tcp = tcp_skips };
	struct test test = { .count = { 30 }, .ask.tcp = true };
	const struct exchange_settings settings = { .tcp_timeout_ms = 200 };
	unsigned good;

	fake_start(&fake);
	ok(run(&test, settings, &fake.address, 1, DEADLINE_MS), "TCP leaves questions unanswered");
	good = ended_so(&test, 0, ANSWERED);
	ok(good >= 25 && good + ended_so(&test, 0, TIMEOUT) == 30,
		"those time out, %u others do not", good);
	fake_stop(&fake);
	free_seen(&test);
}

static bool tcp_rubbish_third(TCP)
{
	return fake->messages % 3 ? tcp_answer(fake, fd, query, length)
				  : tcp_wrong_id(fake, fd, query, length);
}

static void test_tcp_rubbish(void)
{
	struct fake fake = { .udp = udp_answer, .tcp = tcp_rubbish_third };
	struct test test = { .count = { 30 }, .ask.tcp = true };
	const struct exchange_settings settings = { .tcp_timeout_ms = LONG_MS };
	unsigned good;

	fake_start(&fake);
	ok(run(&test, settings, &fake.address, 1, DEADLINE_MS), "TCP answers what nobody asked");
	good = ended_so(&test, 0, ANSWERED);
	ok(good >= 10 && good + ended_so(&test, 0, MALFORMED) == 30, "every question ends: %u well",
		good);
	fake_stop(&fake);
	free_seen(&test);
}

/* --- Deadlines, rates, our own troubles
 * ----------------------------------------------------------- */

static void test_deadline(void)
{
	struct fake fake = { .udp = udp_silent, .tcp = tcp_silent };
	struct fake good = { .udp = udp_answer, .tcp = tcp_answer };
	struct test test = { .count = { 100, 100 } };
	const struct exchange_settings settings = { .try_timeout_ms = LONG_MS, .rate = 0 };
	struct address servers[2];
	unsigned timeouts, unasked;

	fake_start(&fake);
	fake_start(&good);
	servers[0] = fake.address;
	servers[1] = good.address;
	ok(run(&test, settings, servers, 2, 100), "a deadline in the midst of it");
	timeouts = ended_so(&test, 0, TIMEOUT);
	unasked = ended_so(&test, 0, OUTCOME_NOT_ASKED);
	ok(timeouts >= 16 && timeouts + unasked == 100, "%u sent time out, %u were not asked",
		timeouts, unasked);
	is_integer(ended_so(&test, 1, ANSWERED), 100, "the other server is not concerned");
	ok(test.took_us >= 100000 && test.took_us < 400000, "on time: %d ms",
		(int)(test.took_us / 1000));
	is_integer(fake.datagrams, timeouts, "what is called sent was sent");
	fake_stop(&fake);
	fake_stop(&good);
	free_seen(&test);
}

/* What had come by the deadline counts, even if it was held back in hope of better. */
static void test_deadline_keeps(void)
{
	struct fake fake = { .udp = udp_garbage, .tcp = tcp_silent };
	struct fake blocked = { .udp = udp_silent, .tcp = tcp_answer };
	struct fake slow = { .udp = udp_truncated, .tcp = tcp_silent };
	struct test test = { .count = { 1, 1, 1 } };
	const struct exchange_settings settings = { .try_timeout_ms = 100, .retries = 7 };
	struct address servers[3];

	fake_start(&fake);
	fake_start(&blocked);
	fake_start(&slow);
	servers[0] = fake.address;
	servers[1] = blocked.address;
	servers[2] = slow.address;
	ok(run(&test, settings, servers, 3, 400), "a deadline while tries are left");
	is_integer(test.seen[0][0].outcome, MALFORMED, "garbage is garbage");
	is_integer(test.seen[1][0].outcome, ANSWERED, "TCP's answer, which waited for UDP");
	is_integer(test.seen[1][0].udp_outcome, TIMEOUT, "which was silent");
	is_integer(test.seen[2][0].outcome, TIMEOUT,
		"TCP that was silent after a truncated answer");
	is_integer(test.seen[2][0].udp_outcome, ANSWERED, "which did come");
	is_integer(test.strange, 0, "all with their messages");
	fake_stop(&fake);
	fake_stop(&blocked);
	fake_stop(&slow);
	free_seen(&test);
}

static void test_deadline_past(void)
{
	struct fake fake = { .udp = udp_answer, .tcp = tcp_answer };
	struct test test = { .count = { 10 } };
	const struct exchange_settings settings = { 0 };

	fake_start(&fake);
	ok(run(&test, settings, &fake.address, 1, 0), "a deadline that has been");
	is_integer(ended_so(&test, 0, OUTCOME_NOT_ASKED), 10, "nothing is asked");
	is_integer((int64_t)test.counts.queries, 0, "nor counted");
	is_integer(fake.datagrams, 0, "nor sent");
	fake_stop(&fake);
	free_seen(&test);
}

static void test_rate(void)
{
	struct fake fake = { .udp = udp_answer, .tcp = tcp_answer };
	struct test test = { .count = { 51 } };
	const struct exchange_settings settings = { .try_timeout_ms = LONG_MS, .rate = 200 };

	fake_start(&fake);
	ok(run(&test, settings, &fake.address, 1, DEADLINE_MS), "200 a second");
	is_integer(ended_so(&test, 0, ANSWERED), 51, "all answered");
	ok(test.took_us > 220000, "51 take a quarter of a second: %d ms",
		(int)(test.took_us / 1000));
	fake_stop(&fake);
	free_seen(&test);
}

static void test_wake(void)
{
	struct fake fake[2] = { { .udp = udp_answer }, { .udp = udp_answer } };
	struct test test = { .count = { 40, 0 }, .chained = 40 };
	const struct exchange_settings settings = { .try_timeout_ms = LONG_MS };
	struct address servers[2];

	for (unsigned i = 0; i < 2; i++) {
		fake_start(&fake[i]);
		servers[i] = fake[i].address;
	}
	ok(run(&test, settings, servers, 2, DEADLINE_MS),
		"answers of one server bring questions to another");
	is_integer((int64_t)test.count[1], 40, "forty");
	is_integer(ended_so(&test, 1, ANSWERED), 40, "all of them answered");
	fake_stop(&fake[0]);
	fake_stop(&fake[1]);
	free_seen(&test);
}

/* The source wakes servers at the deadline, too. */
static void test_wake_at_deadline(void)
{
	struct fake fake[2] = { { .udp = udp_silent }, { .udp = udp_silent } };
	struct test test = { .count = { 5, 0 }, .chained = 5, .ask.udp_only = true };
	const struct exchange_settings settings = { .try_timeout_ms = LONG_MS };
	struct address servers[2];

	for (unsigned i = 0; i < 2; i++) {
		fake_start(&fake[i]);
		servers[i] = fake[i].address;
	}
	ok(run(&test, settings, servers, 2, 30), "questions that come with the deadline");
	is_integer(ended_so(&test, 0, TIMEOUT), 5, "the first server was asked");
	is_integer(ended_so(&test, 1, OUTCOME_NOT_ASKED), 5, "the second was not");
	fake_stop(&fake[0]);
	fake_stop(&fake[1]);
	free_seen(&test);
}

static void test_no_route(void)
{
	const struct address servers[2] = {
		{ .family = 6, .port = 53, .bytes = { 0xfe, 0x80, [15] = 1 } }, /* without its link
		                                                                 */
		{ .family = 4, .port = 53, .bytes = { 255, 255, 255, 255 } },   /* broadcast: EACCES
		                                                                 */
	};
	struct test test = { .count = { 200, 2 } };
	const struct exchange_settings settings = { .try_timeout_ms = LONG_MS };

	ok(run(&test, settings, servers, 2, DEADLINE_MS), "no route is no trouble of ours");
	is_integer(ended_so(&test, 0, OUTCOME_NO_ROUTE), 200, "but the outcome of every question");
	is_integer(test.seen[0][0].tries, 0, "nothing was sent");
	is_integer(ended_so(&test, 1, OUTCOME_UNREACHABLE), 2,
		"what we may not send to is unreachable");
	ok(!exchange_has_route(&servers[0]), "exchange_has_route() knows it, too");
	ok(exchange_has_route(&(struct address){ .family = 4, .bytes = { 127, 0, 0, 1 } }),
		"loopback has a route");
	free_seen(&test);
}

static void test_source_address(void)
{
	struct fake fake = { .udp = udp_answer, .tcp = tcp_answer };
	struct test test = { .count = { 3 } }, bad = { .count = { 3 } },
		    bad_tcp = { .count = { 3 }, .ask.tcp = true };
	struct exchange_settings settings = { .try_timeout_ms = LONG_MS,
		.source4 = { .family = 4, .bytes = { 127, 0, 0, 5 } } };

	fake_start(&fake);
	ok(run(&test, settings, &fake.address, 1, DEADLINE_MS), "from an address of ours");
	is_integer(ended_so(&test, 0, ANSWERED), 3, "questions are answered");
	settings.source4 = (struct address){ .family = 4, .bytes = { 192, 0, 2, 1 } };
	ok(!run(&bad, settings, &fake.address, 1, DEADLINE_MS),
		"from somebody else's: our own trouble");
	ok(strstr(bad.fault.text, "192.0.2.1") != NULL, "named: %s", bad.fault.text);
	is_integer(ended_so(&bad, 0, OUTCOME_NOT_ASKED), 3, "and nothing was asked");
	ok(!run(&bad_tcp, settings, &fake.address, 1, DEADLINE_MS), "by TCP, too");
	is_integer(ended_so(&bad_tcp, 0, OUTCOME_NOT_ASKED), 3, "nothing was asked");
	fake_stop(&fake);
	free_seen(&test);
	free_seen(&bad);
	free_seen(&bad_tcp);
}

static void stop_loop(void *context)
{
	loop_stop(context);
}

/* A signal handler, say, ends the loop: then everything ends as at the deadline. */
static void test_stopped(void)
{
	struct fake fake = { .udp = udp_silent };
	struct test test = { .count = { 3 }, .ask.udp_only = true };
	const struct exchange_settings settings = { .try_timeout_ms = LONG_MS,
		.deadline_us = clock_monotonic_us() + 1000 * DEADLINE_MS };
	const struct exchange_source source = { .next = next,
		.answered = answered,
		.context = &test };
	struct fault fault;
	struct loop_timer *timer;

	fake_start(&fake);
	test.ask.question = (struct question){ .name = ZONE, .type = DNS_SOA };
	test.seen[0] = calloc(3, sizeof(*test.seen[0]));
	test.loop = loop_new(&fault);
	timer = loop_timer_new(test.loop, stop_loop, test.loop);
	loop_timer_set(timer, clock_monotonic_us() + 10000);
	test.exchange = exchange_new(test.loop, &settings, &fake.address, 1, &source);
	ok(exchange_run(test.exchange, &fault), "the loop is stopped by somebody else");
	is_integer(ended_so(&test, 0, TIMEOUT), 3, "every question ends");
	exchange_free(test.exchange);
	exchange_free(NULL);
	loop_timer_free(timer);
	loop_free(test.loop);
	fake_stop(&fake);
	free_seen(&test);
}

int main(void)
{
	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++)
		test_story(&stories[i], false);
	test_ipv6();
	test_many();
	test_lossy();
	test_one_dead();
	test_udp_blocked();
	test_tcp_many(tcp_answer, "kept open", 2);
	test_tcp_many(tcp_answer_and_close, "closed after each answer", 700);
	test_tcp_skips();
	test_tcp_rubbish();
	test_deadline();
	test_deadline_keeps();
	test_deadline_past();
	test_rate();
	test_wake();
	test_wake_at_deadline();
	test_no_route();
	test_source_address();
	test_stopped();
	return done_testing();
}
