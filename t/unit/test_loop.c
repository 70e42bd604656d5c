/*
 * The loop: timers, readiness, signals, and callbacks that free what they are called for.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/net/loop.h"
#include "t/unit/tap.h"

struct seen {
	struct loop *loop;
	struct loop_timer *timer;
	struct loop_watch *watch;
	struct loop_signal *signal;
	int fd, calls, stop_at, error;
	bool readable, writable, free_it;
	int64_t at_us;
};

static struct loop *new_loop(void)
{
	struct fault fault = { 0 };
	struct loop *loop = loop_new(&fault);

	if (!loop)
		printf("Bail out! %s\n", fault.text);
	return loop;
}

static void expired(void *context)
{
	struct seen *seen = context;

	seen->calls++;
	seen->at_us = clock_monotonic_us();
	if (seen->free_it) {
		loop_timer_free(seen->timer);
		seen->timer = NULL;
	}
	if (seen->stop_at == seen->calls)
		loop_stop(seen->loop);
}

static void test_timers(void)
{
	struct seen first = { .loop = new_loop() }, second = first;
	int64_t start_us = clock_monotonic_us();

	loop_run(first.loop);
	ok(true, "an empty loop returns");
	first.timer = loop_timer_new(first.loop, expired, &first);
	second.timer = loop_timer_new(first.loop, expired, &second);
	loop_run(first.loop);
	ok(first.calls == 0, "a timer that is not set keeps nothing alive");
	loop_timer_set(first.timer, start_us + 1000000000);
	loop_timer_set(first.timer, start_us + 12345);
	loop_timer_set(second.timer, start_us - 5);
	loop_run(first.loop);
	is_integer(first.calls, 1, "setting a timer again replaces it; it expires once");
	ok(first.at_us >= start_us + 12345, "and never early");
	ok(first.at_us < start_us + 1000000, "nor seconds late");
	is_integer(second.calls, 1, "a time in the past expires at once");
	ok(second.at_us <= first.at_us, "and first");
	loop_timer_set(second.timer, 0);
	loop_timer_stop(second.timer);
	loop_run(first.loop);
	is_integer(second.calls, 1, "a stopped timer does not expire");
	second.free_it = true;
	loop_timer_set(second.timer, clock_monotonic_us());
	loop_run(first.loop);
	is_integer(second.calls, 2, "a timer may be freed by its own callback");
	loop_timer_free(first.timer);
	loop_timer_free(NULL);
	loop_free(first.loop);
}

static void test_stop(void)
{
	struct seen first = { .loop = new_loop(), .stop_at = 1 }, second = { .loop = first.loop };

	first.timer = loop_timer_new(first.loop, expired, &first);
	second.timer = loop_timer_new(first.loop, expired, &second);
	loop_timer_set(first.timer, 0);
	loop_timer_set(second.timer, clock_monotonic_us() + 20000);
	loop_run(first.loop);
	ok(first.calls == 1 && second.calls == 0, "loop_stop() ends the run before later timers");
	loop_run(first.loop);
	is_integer(second.calls, 1, "the next run goes on");
	loop_timer_free(first.timer);
	loop_timer_free(second.timer);
	loop_stop(first.loop);
	loop_free(first.loop);
	ok(true, "a loop that was stopped for nothing is freed, too");
}

static void ready(void *context, bool readable, bool writable)
{
	struct seen *seen = context;
	char byte;

	seen->calls++;
	seen->readable = readable;
	seen->writable = writable;
	if (readable && recv(seen->fd, &byte, 1, MSG_DONTWAIT) < 0)
		seen->error = errno;
	if (seen->free_it) {
		loop_watch_free(seen->watch);
		seen->watch = NULL;
	} else {
		loop_watch_want(seen->watch, false, false);
	}
}

static void test_watches(void)
{
	struct seen seen = { .loop = new_loop() };
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) < 0)
		printf("Bail out! no socket pair\n");
	seen.fd = pair[0];
	seen.watch = loop_watch_new(seen.loop, pair[0], ready, &seen);
	loop_run(seen.loop);
	is_integer(seen.calls, 0, "a watch wants nothing at first");
	loop_watch_want(seen.watch, true, true);
	loop_run(seen.loop);
	ok(seen.calls == 1 && seen.writable && !seen.readable, "writable");
	ok(write(pair[1], "x", 1) == 1, "a byte is sent");
	loop_watch_want(seen.watch, true, false);
	loop_watch_want(seen.watch, true, false);
	loop_run(seen.loop);
	ok(seen.calls == 2 && seen.readable && !seen.writable && !seen.error, "readable");
	seen.free_it = true;
	close(pair[1]);
	loop_watch_want(seen.watch, true, false);
	loop_run(seen.loop);
	ok(seen.calls == 3 && seen.readable,
		"an end is readable, and the watch may be freed by its callback");
	close(pair[0]);
	loop_watch_free(NULL);
	loop_free(seen.loop);
}

/* A UDP socket connected to a port where nobody listens. */
static int closed_port(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t length = sizeof(to);
	int holder = socket(AF_INET, SOCK_DGRAM, 0),
	    fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	bind(holder, (struct sockaddr *)&to, sizeof(to));
	getsockname(holder, (struct sockaddr *)&to, &length);
	close(holder);
	connect(fd, (struct sockaddr *)&to, sizeof(to));
	return fd;
}

static void test_socket_errors(void)
{
	struct seen seen = { .loop = new_loop(), .fd = closed_port() };

	seen.watch = loop_watch_new(seen.loop, seen.fd, ready, &seen);
	for (int i = 0; i < 3; i++) {
		seen.error = 0;
		ok(send(seen.fd, "x", 1, 0) == 1, "a datagram to a closed port");
		loop_watch_want(seen.watch, true, false);
		loop_run(seen.loop);
		ok(seen.readable && seen.error == ECONNREFUSED,
			"its error shows as readable, every time");
	}
	loop_watch_free(seen.watch);
	close(seen.fd);
	loop_free(seen.loop);
}

static void signalled(void *context, int number)
{
	struct seen *seen = context;

	seen->calls = number;
	if (seen->free_it)
		loop_signal_free(seen->signal);
	loop_stop(seen->loop);
}

static void test_signals(void)
{
	struct seen seen = { .loop = new_loop(), .free_it = true }, timed = seen;

	seen.signal = loop_signal_new(seen.loop, SIGUSR1, signalled, &seen);
	loop_run(seen.loop);
	is_integer(seen.calls, 0, "waiting for a signal keeps no loop running");
	timed.timer = loop_timer_new(seen.loop, expired, &timed);
	loop_timer_set(timed.timer, clock_monotonic_us() + 10000000);
	kill(getpid(), SIGUSR1);
	loop_run(seen.loop);
	is_integer(seen.calls, SIGUSR1, "a signal arrives in the loop, and may free its watcher");
	loop_timer_free(timed.timer);
	loop_signal_free(NULL);
	loop_free(seen.loop);
	loop_free(NULL);
}

int main(void)
{
	test_timers();
	test_stop();
	test_watches();
	test_socket_errors();
	test_signals();
	return done_testing();
}
