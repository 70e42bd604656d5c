/*
 * The exchange when the system calls fail (this program brings its own sendmmsg(2) and
 * recvmmsg(2), which fail by script), and when servers treat connections oddly.
 */
#include <sys/resource.h>
#include <sys/syscall.h>

#include "common/net/socket.h"
#include "t/unit/exchange_world.h"

enum { ALWAYS = 1000 };

/* The next calls fail so often with this errno, or take so few messages. */
static struct {
	int error;
	unsigned times, calls;
	unsigned most; /* 0: all */
} sending, receiving;

int sendmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags)
{
	sending.calls++;
	if (sending.times) {
		sending.times -= sending.times != ALWAYS;
		errno = sending.error;
		return -1;
	}
	if (sending.most && count > sending.most)
		count = sending.most;
	return (int)syscall(SYS_sendmmsg, fd, messages, count, flags);
}

int recvmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags, struct timespec *timeout)
{
	receiving.calls++;
	if (receiving.times) {
		receiving.times--;
		errno = receiving.error;
		return -1;
	}
	if (receiving.most && count > receiving.most)
		count = receiving.most;
	return (int)syscall(SYS_recvmmsg, fd, messages, count, flags, timeout);
}

/* --- System calls --------------------------------------------------------------------------- */

static const struct {
	const char *name;
	fake_tcp *tcp;
	int error;
	unsigned times;
	uint32_t try_ms;
	enum outcome outcome, udp_outcome;
	uint8_t tries;
	bool in_receiving, udp_only;
} stories[] = {
	{ "a signal interrupts sending", NULL, EINTR, 3, LONG_MS, ANSWERED, ANSWERED, 1, false,
		false },
	{ "the socket's buffer is full", NULL, EAGAIN, 2, LONG_MS, ANSWERED, ANSWERED, 1, false,
		false },
	{ "the card's queue is full: lost", NULL, ENOBUFS, 1, 400, ANSWERED, ANSWERED, 2, false,
		true },
	{ "a local firewall", NULL, EPERM, ALWAYS, LONG_MS, OUTCOME_UNREACHABLE,
		OUTCOME_UNREACHABLE, 0, false, true },
	{ "a local firewall, TCP passes", tcp_answer, EPERM, ALWAYS, LONG_MS, ANSWERED,
		OUTCOME_UNREACHABLE, 1, false, false },
	{ "a local firewall, TCP closed", NULL, EPERM, ALWAYS, LONG_MS, CLOSED, OUTCOME_UNREACHABLE,
		1, false, false },
	{ "sending is refused", NULL, ECONNREFUSED, ALWAYS, LONG_MS, CLOSED, CLOSED, 0, false,
		true },
	{ "a signal interrupts receiving", NULL, EINTR, 3, LONG_MS, ANSWERED, ANSWERED, 1, true,
		false },
	{ "woken for nothing", NULL, EAGAIN, 3, LONG_MS, ANSWERED, ANSWERED, 1, true, false },
	{ "one error, nobody knows of what", NULL, EHOSTUNREACH, 1, LONG_MS, ANSWERED, ANSWERED, 2,
		true, true },
	{ "two of them", NULL, EHOSTUNREACH, 2, LONG_MS, OUTCOME_UNREACHABLE, OUTCOME_UNREACHABLE,
		2, true, true },
	{ "too long for the path", NULL, EMSGSIZE, 2, LONG_MS, ANSWERED, ANSWERED, 1, true, false },
};

static void test_story(size_t i)
{
	struct fake fake = { .udp = udp_answer, .tcp = stories[i].tcp };
	struct test test = { .count = { 1 }, .ask.udp_only = stories[i].udp_only };
	const struct exchange_settings settings = { .try_timeout_ms = stories[i].try_ms,
		.tcp_timeout_ms = LONG_MS,
		.retries = 2 };
	const struct seen *seen;

	fake_start(&fake);
	if (stories[i].in_receiving) {
		receiving.error = stories[i].error;
		receiving.times = stories[i].times;
	} else {
		sending.error = stories[i].error;
		sending.times = stories[i].times;
	}
	ok(run(&test, settings, &fake.address, 1, DEADLINE_MS), "%s", stories[i].name);
	seen = &test.seen[0][0];
	if (!ok(seen->outcome == stories[i].outcome &&
			    seen->udp_outcome == stories[i].udp_outcome &&
			    seen->tries == stories[i].tries && seen->answers == 1,
		    "ends as it should"))
		printf("# outcome %d, udp %d, tries %d\n", (int)seen->outcome,
			(int)seen->udp_outcome, seen->tries);
	memset(&sending, 0, sizeof(sending));
	memset(&receiving, 0, sizeof(receiving));
	fake_stop(&fake);
	free_seen(&test);
}

static void test_pieces(void)
{
	struct fake fake = { .udp = udp_answer };
	struct test test = { .count = { 500 } };
	const struct exchange_settings settings = { .try_timeout_ms = LONG_MS };

	fake_start(&fake);
	sending.most = 3;
	receiving.most = 2;
	ok(run(&test, settings, &fake.address, 1, DEADLINE_MS), "the system takes a few at a time");
	is_integer(ended_so(&test, 0, ANSWERED), 500, "all are answered");
	is_integer((int64_t)test.counts.retries, 0, "at the first try");
	ok(sending.calls >= 500 / 3, "in %u calls", sending.calls);
	sending.most = receiving.most = 0;
	fake_stop(&fake);
	free_seen(&test);
}

/* Room for the loop's own descriptors and for one socket. */
static void test_no_descriptors(void)
{
	struct fake fake = { .udp = udp_answer, .tcp = tcp_answer };
	struct test test = { .count = { 2 } };
	const struct exchange_settings settings = { .try_timeout_ms = LONG_MS };
	struct rlimit limit, few;
	struct fault fault = { { 0 } };
	int first;

	fake_start(&fake);
	getrlimit(RLIMIT_NOFILE, &limit);
	first = dup(0);
	close(first);
	few = limit;
	few.rlim_cur = (rlim_t)first;
	setrlimit(RLIMIT_NOFILE, &few);
	ok(!loop_new(&fault) && strstr(fault.text, "event loop"), "no descriptors, no loop: %s",
		fault.text);
	is_integer(socket_connect(SOCK_DGRAM, &fake.address, NULL).outcome, OUTCOME_NOT_ASKED,
		"nor a socket");
	setrlimit(RLIMIT_NOFILE, &limit);
	ok(run(&test, settings, &fake.address, 1, DEADLINE_MS), "later there are some");
	is_integer(ended_so(&test, 0, ANSWERED), 2, "and all is well");
	fake_stop(&fake);
	free_seen(&test);
}

static void test_outcomes(void)
{
	is_integer(socket_outcome(ECONNREFUSED), OUTCOME_PORT_CLOSED, "ECONNREFUSED");
	is_integer(socket_outcome(ETIMEDOUT), OUTCOME_TIMEOUT, "ETIMEDOUT");
	is_integer(socket_outcome(ECONNRESET), OUTCOME_CONNECTION_BROKEN, "ECONNRESET");
	is_integer(socket_outcome(EPIPE), OUTCOME_CONNECTION_BROKEN, "EPIPE");
	is_integer(socket_outcome(EHOSTUNREACH), OUTCOME_UNREACHABLE, "EHOSTUNREACH");
	is_integer(socket_outcome(ENETUNREACH), OUTCOME_UNREACHABLE, "ENETUNREACH");
	is_integer(socket_outcome(EACCES), OUTCOME_UNREACHABLE, "EACCES");
}

/* --- Connections ------------------------------------------------------------------------------ */

static uint8_t kept[FAKE_MESSAGE];
static size_t kept_length;

/* Keeps the second question, and answers it before the third. */
static bool tcp_late(TCP)
{
	if (fake->messages == 2) {
		memcpy(kept, query, length);
		kept_length = length;
		return true;
	}
	if (fake->messages == 3)
		tcp_answer(fake, fd, kept, kept_length);
	return tcp_answer(fake, fd, query, length);
}

/* Answers when TCP has been asked, too. */
static void udp_after_tcp(UDP)
{
	if (fake->messages >= 2)
		udp_answer(fake, query, length, from, from_length);
}

static void test_stray(void)
{
	struct fake fake = { .udp = udp_after_tcp, .tcp = tcp_late };
	struct test test = { .count = { 3 }, .serial = true, .by_tcp = 5 };
	const struct exchange_settings settings = { .try_timeout_ms = SHORT_MS,
		.retries = 7,
		.tcp_timeout_ms = LONG_MS };

	fake_start(&fake);
	ok(run(&test, settings, &fake.address, 1, DEADLINE_MS),
		"TCP answers late what UDP has answered meanwhile");
	is_integer(ended_so(&test, 0, ANSWERED), 3, "all three questions are answered");
	ok(test.seen[0][1].transport == TRANSPORT_UDP, "the second by UDP");
	is_integer(fake.connections, 1, "the connection is kept for the third");
	fake_stop(&fake);
	free_seen(&test);
}

/* As test_stray(), but on a connection that has not said anything yet: it is given up. */
static void test_mute(void)
{
	struct fake fake = { .udp = udp_after_tcp, .tcp = tcp_silent };
	struct test test = { .count = { 2 }, .serial = true, .by_tcp = 2 };
	const struct exchange_settings settings = { .try_timeout_ms = SHORT_MS,
		.retries = 7,
		.tcp_timeout_ms = 5 * SHORT_MS };

	fake.messages = 1;
	fake_start(&fake);
	ok(run(&test, settings, &fake.address, 1, DEADLINE_MS), "UDP answers, TCP stays mute");
	is_integer(test.seen[0][0].transport, TRANSPORT_UDP, "UDP's answer counts");
	is_integer(test.seen[0][1].outcome, TIMEOUT, "the next one by TCP times out");
	is_integer(fake.connections, 2, "on a connection of its own");
	fake_stop(&fake);
	free_seen(&test);
}

static void test_one_connection(fake_tcp *behaviour, const char *name)
{
	struct fake fake = { .udp = udp_answer, .tcp = behaviour, .connections_most = 1 };
	struct test test = { .count = { 100 }, .ask.tcp = true };
	const struct exchange_settings settings = { .tcp_timeout_ms = LONG_MS };

	fake_start(&fake);
	ok(run(&test, settings, &fake.address, 1, DEADLINE_MS),
		"a server that takes one connection at a time, %s", name);
	is_integer(ended_so(&test, 0, ANSWERED), 100, "answers all");
	fake_stop(&fake);
	free_seen(&test);
}

static bool tcp_chokes(TCP)
{
	return fake->messages == 5 ? false : tcp_answer(fake, fd, query, length);
}

static void test_choking(void)
{
	struct fake fake = { .udp = udp_answer, .tcp = tcp_chokes };
	struct test test = { .count = { 50 }, .ask.tcp = true };
	const struct exchange_settings settings = { .tcp_timeout_ms = LONG_MS };

	fake_start(&fake);
	ok(run(&test, settings, &fake.address, 1, DEADLINE_MS),
		"a connection breaks with several in flight");
	is_integer(ended_so(&test, 0, ANSWERED), 50, "they are asked again");
	ok(fake.connections <= 4, "over %u connections", fake.connections);
	fake_stop(&fake);
	free_seen(&test);
}

int main(void)
{
	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++)
		test_story(i);
	test_pieces();
	test_no_descriptors();
	test_outcomes();
	test_stray();
	test_mute();
	test_one_connection(tcp_answer, "kept open");
	test_one_connection(tcp_answer_and_close, "closed after each answer");
	test_choking();
	return done_testing();
}
