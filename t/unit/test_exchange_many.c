/*
 * The exchange on real sockets: many questions, several servers, deadlines, rates, our own
 * troubles.
 */
#include "t/unit/exchange_world.h"

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

/* Every fourth answer is another than the common one. */
static void udp_soa(UDP)
{
	static const uint8_t soa[] = { 0xc0, 12, 0, DNS_SOA, 0, DNS_IN, 0, 0, 1, 44, 0, 22, 0, 0, 0,
		0, 0, 10, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0, 5 };
	uint8_t out[FAKE_MESSAGE];
	size_t end = fake_answer(query, length, DNS_AA, out);

	if (fake->datagrams % 4) {
		memcpy(out + end, soa, sizeof(soa));
		end += sizeof(soa);
		out[7] = 1;
	}
	fake_send(fake, out, end, from, from_length);
}

static void test_plain(void)
{
	struct fake fake = { .udp = udp_soa, .tcp = tcp_answer };
	struct test test = { .count = { 1000 }, .ask.plain = true };
	const struct exchange_settings settings = { .try_timeout_ms = 500, .retries = 5 };

	fake_start(&fake);
	ok(run(&test, settings, &fake.address, 1, DEADLINE_MS), "answers that may come unparsed");
	is_integer(ended_so(&test, 0, ANSWERED), 1000, "each answered once");
	ok(test.plain >= 700 && test.plain < 800, "three in four were plain: %u", test.plain);
	is_integer(test.strange, 0, "the others came parsed");
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
	ok(test.took_us < 980000, "TCP is tried meanwhile: %d ms", (int)(test.took_us / 1000));
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
	ok(test.took_us < LONG_MS * 1000, "in %d ms", (int)(test.took_us / 1000));
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
	ok(test.took_us >= 100000 && test.took_us < 2000000, "on time: %d ms",
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

static void test_at_will(void)
{
	struct fake fake = { .udp = udp_answer, .tcp = tcp_answer };
	struct test test = { .count = { 51 } };
	const struct exchange_settings settings = { .try_timeout_ms = LONG_MS,
		.rate = 1,
		.loopback_at_will = true };

	fake_start(&fake);
	ok(run(&test, settings, &fake.address, 1, DEADLINE_MS), "one a second, but not here");
	is_integer(ended_so(&test, 0, ANSWERED), 51, "all answered");
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
	test_many();
	test_plain();
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
	test_at_will();
	test_wake();
	test_wake_at_deadline();
	test_no_route();
	test_source_address();
	test_stopped();
	return done_testing();
}
