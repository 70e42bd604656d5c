/* The exchange with servers that are dead, come back, or only look dead. */
#include "t/unit/exchange_world.h"

enum { MANY = 2000, TRY_MS = 250 };

static const struct exchange_settings usual = { .try_timeout_ms = TRY_MS,
	.retries = 2,
	.tcp_timeout_ms = 2 * TRY_MS };

static unsigned took_ms(const struct test *test)
{
	return (unsigned)(test->took_us / 1000);
}

static void test_dead(void)
{
	struct fake good = { .udp = udp_answer, .tcp = tcp_answer };
	struct fake dead = { .udp = udp_silent, .tcp = tcp_silent, .deaf = true };
	struct test test = { .count = { MANY, MANY } };
	struct address servers[2];

	fake_start(&good);
	fake_start(&dead);
	servers[0] = good.address;
	servers[1] = dead.address;
	ok(run(&test, usual, servers, 2, DEADLINE_MS), "one of two servers is dead");
	is_integer(ended_so(&test, 0, ANSWERED), MANY, "the other answers everything");
	is_integer(ended_so(&test, 1, TIMEOUT), MANY, "it nothing");
	ok(test.took_us < 2 * TRY_MS * 1000, "known in less than two tries: %u ms", took_ms(&test));
	ok(test.counts.queries < MANY + 100, "and asked only little: %u",
		(unsigned)test.counts.queries);
	fake_stop(&good);
	fake_stop(&dead);
	free_seen(&test);
}

static void test_closed(void)
{
	struct fake closed = { .udp = udp_answer, .tcp = tcp_answer };
	struct test test = { .count = { MANY } };

	fake_start(&closed);
	fake_stop(&closed);
	ok(run(&test, usual, &closed.address, 1, DEADLINE_MS), "a closed port");
	is_integer(ended_so(&test, 0, CLOSED), MANY, "for all questions");
	ok(test.counts.queries < 100, "most of them never sent: %u", (unsigned)test.counts.queries);
	free_seen(&test);
}

/* Silent to whole first windows: what comes after the first try's end is answered. */
static void udp_sleepy(UDP)
{
	if (fake->datagrams > 32)
		udp_answer(fake, query, length, from, from_length);
}

static void test_back(void)
{
	struct fake fake = { .udp = udp_sleepy, .tcp = tcp_silent, .deaf = true };
	struct test test = { .count = { MANY } };

	fake_start(&fake);
	ok(run(&test, usual, &fake.address, 1, DEADLINE_MS), "a server that begins late");
	is_integer(ended_so(&test, 0, ANSWERED), MANY, "is asked everything");
	fake_stop(&fake);
	free_seen(&test);
}

static void test_tcp_only(void)
{
	struct fake fake = { .udp = udp_silent, .tcp = tcp_answer };
	struct test test = { .count = { 300 } };

	fake_start(&fake);
	ok(run(&test, usual, &fake.address, 1, DEADLINE_MS), "a server that answers by TCP only");
	is_integer(ended_so(&test, 0, ANSWERED), 300, "is heard");
	fake_stop(&fake);
	free_seen(&test);
}

static void test_garbage(void)
{
	struct fake fake = { .udp = udp_garbage, .tcp = tcp_garbage };
	struct test test = { .count = { 40 } };
	const struct exchange_settings settings = { .try_timeout_ms = 50 };

	fake_start(&fake);
	ok(run(&test, settings, &fake.address, 1, DEADLINE_MS), "a server that sends rubbish");
	is_integer(ended_so(&test, 0, MALFORMED), 40, "is not dead");
	fake_stop(&fake);
	free_seen(&test);
}

/* Too few to tell loss from death: they get all their tries. */
static void test_few(void)
{
	struct fake fake = { .udp = udp_silent, .tcp = tcp_silent, .deaf = true };
	struct test test = { .count = { 3 } };
	const struct exchange_settings settings = { .try_timeout_ms = SHORT_MS,
		.retries = 2,
		.tcp_timeout_ms = SHORT_MS };

	fake_start(&fake);
	ok(run(&test, settings, &fake.address, 1, DEADLINE_MS), "three questions to a dead server");
	is_integer(ended_so(&test, 0, TIMEOUT), 3, "all unanswered");
	is_integer((int64_t)test.counts.queries, 3, "all sent");
	ok(test.counts.retries >= 6, "with all their tries");
	fake_stop(&fake);
	free_seen(&test);
}

/* Dead for the second half: it was heard, so it is no dead server. */
static void udp_dies(UDP)
{
	if (fake->datagrams <= 60)
		udp_answer(fake, query, length, from, from_length);
}

static void test_dies(void)
{
	struct fake fake = { .udp = udp_dies, .tcp = tcp_silent, .deaf = true };
	struct test test = { .count = { 64 } };
	const struct exchange_settings settings = { .try_timeout_ms = SHORT_MS,
		.retries = 1,
		.tcp_timeout_ms = SHORT_MS };

	fake_start(&fake);
	ok(run(&test, settings, &fake.address, 1, DEADLINE_MS), "a server that dies");
	is_integer((int64_t)test.counts.queries, 64, "is asked to the end");
	is_integer(ended_so(&test, 0, ANSWERED), 60, "answered what it answered");
	fake_stop(&fake);
	free_seen(&test);
}

static void test_deadline(void)
{
	struct fake fake = { .udp = udp_silent, .tcp = tcp_silent, .deaf = true };
	struct test test = { .count = { MANY } };

	fake_start(&fake);
	ok(run(&test, usual, &fake.address, 1, TRY_MS * 3 / 2), "a deadline during the test");
	is_integer(ended_so(&test, 0, TIMEOUT) + ended_so(&test, 0, OUTCOME_NOT_ASKED), MANY,
		"everything ends");
	ok(ended_so(&test, 0, TIMEOUT) >= 16, "what was sent was unanswered");
	fake_stop(&fake);
	free_seen(&test);
}

/* How many source ports do 20,000 questions come from? */
static uint16_t ports_seen[16];
static unsigned port_count;

static void udp_ports(UDP)
{
	uint16_t port = ((const struct sockaddr_in *)from)->sin_port;
	unsigned i = 0;

	while (i < port_count && ports_seen[i] != port)
		i++;
	if (i == port_count && port_count < 16)
		ports_seen[port_count++] = port;
	udp_answer(fake, query, length, from, from_length);
}

static void test_ports(void)
{
	struct fake fake = { .udp = udp_ports, .tcp = tcp_answer };
	struct test test = { .count = { QUESTIONS_MOST } };
	const struct exchange_settings settings = { .try_timeout_ms = 500, .retries = 5 };

	fake_start(&fake);
	ok(run(&test, settings, &fake.address, 1, DEADLINE_MS), "5,000 questions");
	is_integer(ended_so(&test, 0, ANSWERED), QUESTIONS_MOST, "each answered once");
	fake_stop(&fake);
	is_integer(port_count, 2, "the last ones from another source port");
	free_seen(&test);
}

int main(void)
{
	test_dead();
	test_closed();
	test_back();
	test_tcp_only();
	test_garbage();
	test_few();
	test_dies();
	test_deadline();
	test_ports();
	return done_testing();
}
