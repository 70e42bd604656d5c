/*
 * The exchange on real sockets: how one question ends, by what its server does.
 *
 * Where an answer is expected the try's time-out is long, so that a slow machine changes nothing;
 * where silence is, it is short. A rejected answer that comes after its try (TCP is asked then, and
 * closed) is as good.
 */
#include "t/unit/exchange_world.h"

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

#define BY_UDP                 OUTCOME_ANSWERED, OUTCOME_ANSWERED, TRANSPORT_UDP
#define TIMES(try, tcp, again) .try_ms = (try), .tcp_ms = (tcp), .retries = (again)
#define SILENT(again)          TIMES(SHORT_MS, TCP_SHORT_MS, again)
#define PATIENT                TIMES(LONG_MS, LONG_MS, 2)

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
	{ "garbage with the right id", udp_garbage, tcp_answer, TIMES(400, LONG_MS, 2), MALFORMED,
		MALFORMED, TRANSPORT_UDP, 1 },
	{ "longer than any answer may be", udp_too_long, NULL, TIMES(SHORT_MS, LONG_MS, 7),
		MALFORMED, MALFORMED, TRANSPORT_UDP },
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
	{ "unsigned", udp_answer, NULL, TIMES(SHORT_MS, LONG_MS, 7), OUTCOME_TSIG_FAILED,
		OUTCOME_TSIG_FAILED, TRANSPORT_UDP, .key = &good_key,
		.tsig_error = TSIG_UNSIGNED << 8 },
	{ "signed with another secret", udp_badly_signed, NULL, TIMES(SHORT_MS, LONG_MS, 7),
		OUTCOME_TSIG_FAILED, OUTCOME_TSIG_FAILED, TRANSPORT_UDP, .key = &good_key,
		.tsig_error = TSIG_BAD_MAC << 8 },
	{ "the server does not know our key", udp_key_unknown, NULL, TIMES(SHORT_MS, LONG_MS, 7),
		OUTCOME_TSIG_FAILED, OUTCOME_TSIG_FAILED, TRANSPORT_UDP, .key = &good_key,
		.tsig_error = TSIG_ERROR << 8 | DNS_BADKEY },
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

int main(void)
{
	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++)
		test_story(&stories[i], false);
	test_ipv6();
	return done_testing();
}
