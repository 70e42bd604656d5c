/*
 * How long a transfer's client waits: little for a primary that says nothing, longer for one that
 * has begun and pauses. Server and client live in one loop.
 */
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/net/transfer_client.h"
#include "t/unit/tap.h"

static const uint8_t zone[] = "\7example\3com";

/* A whole zone is its SOA twice: one in each message. */
static const uint8_t rest[] =
	"\7example\3com\0\0\xfc\0\1\xc0\x0c\0\6\0\1\0\0\1\x2c\0\x16\0\0\0\0\0\x0a\0\0\0\1\0\0\0\1"
	"\0\0\0\1\0\0\0\1";

struct scene {
	struct loop *loop;
	int listening, client;
	struct loop_watch *accepting;
	struct loop_timer *later;
	uint32_t first_after_ms, second_after_ms; /* 0: never */
	unsigned sent;
	uint8_t id[2];
	struct transfer_result result;
};

static void send_message(struct scene *scene)
{
	uint8_t bytes[2 + 12 + sizeof(rest) - 1] = { 0,
		sizeof(bytes) - 2, [4] = 0x84, [7] = 1, [9] = 1 };

	memcpy(bytes + 2, scene->id, 2);
	memcpy(bytes + 14, rest, sizeof(rest) - 1);
	ok(send(scene->client, bytes, sizeof(bytes), MSG_NOSIGNAL) == (ssize_t)sizeof(bytes),
		"a message goes out");
	scene->sent++;
}

static void set(struct scene *scene, uint32_t after_ms)
{
	if (after_ms)
		loop_timer_set(scene->later, clock_monotonic_us() + (int64_t)after_ms * 1000);
}

static void due(void *context)
{
	struct scene *scene = context;
	uint8_t question[512];

	if (!scene->sent) {
		(void)!recv(scene->client, question, sizeof(question), MSG_DONTWAIT);
		memcpy(scene->id, question + 2, 2);
	}
	send_message(scene);
	if (scene->sent == 1)
		set(scene, scene->second_after_ms);
}

static void accept_ready(void *context, bool readable, bool writable)
{
	struct scene *scene = context;

	(void)readable;
	(void)writable;
	scene->client = accept(scene->listening, NULL, NULL);
	set(scene, scene->first_after_ms);
}

static bool record(void *context, const struct zone_record *seen, bool deleting)
{
	(void)context;
	(void)seen;
	(void)deleting;
	return true;
}

static void done(void *context, const struct transfer_result *result)
{
	struct scene *scene = context;

	scene->result = *result;
	loop_stop(scene->loop);
}

static void play(struct scene *scene, uint32_t idle_ms, uint32_t pause_ms, int64_t deadline_us)
{
	struct fault fault = { 0 };
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t length = sizeof(at);
	struct transfer_client *client;
	struct address server = { 0 };

	scene->loop = loop_new(&fault);
	scene->listening = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	ok(!bind(scene->listening, (struct sockaddr *)&at, length) &&
			!listen(scene->listening, 1) &&
			!getsockname(scene->listening, (struct sockaddr *)&at, &length) &&
			address_from_sockaddr((struct sockaddr *)&at, &server),
		"a server listens");
	scene->accepting = loop_watch_new(scene->loop, scene->listening, accept_ready, scene);
	loop_watch_want(scene->accepting, true, false);
	scene->later = loop_timer_new(scene->loop, due, scene);
	client = transfer_client_new(&(struct transfer_client_settings){ .loop = scene->loop,
		.server = server,
		.question = { .name = zone, .type = DNS_AXFR },
		.idle_timeout_ms = idle_ms,
		.pause_timeout_ms = pause_ms,
		.deadline_us = deadline_us,
		.record = record,
		.done = done,
		.context = scene });
	loop_run(scene->loop);
	transfer_client_free(client);
	loop_watch_free(scene->accepting);
	loop_timer_free(scene->later);
	loop_free(scene->loop);
	close(scene->listening);
	if (scene->client)
		close(scene->client);
}

int main(void)
{
	struct scene silent = { 0 }, pausing = { .first_after_ms = 1, .second_after_ms = 2000 },
		     stuck = { .first_after_ms = 1 }, endless = { .first_after_ms = 1 };

	play(&silent, 50, 60000, 0);
	ok(silent.result.outcome == OUTCOME_TIMEOUT && !silent.sent, "a silent server is left");
	play(&pausing, 1500, 60000, 0);
	ok(pausing.result.outcome == OUTCOME_ANSWERED && pausing.result.state == TRANSFER_DONE,
		"one that pauses within a transfer is waited for");
	play(&stuck, 60000, 50, 0);
	ok(stuck.result.outcome == OUTCOME_TIMEOUT && stuck.sent == 1, "but not for ever");
	play(&endless, 60000, 60000, clock_monotonic_us() + 300000);
	ok(endless.result.outcome == OUTCOME_TIMEOUT, "and not beyond the deadline");
	return done_testing();
}
