#include "common/net/loop.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "common/base/arena.h"

/*
 * libuv closes a handle only in its next round. So each of our objects holds its handle as its
 * first member, and is given back to the heap by the close callback; the owner's pointer is dead as
 * soon as it called *_free().
 */
struct loop {
	uv_loop_t uv;
};

struct loop_watch {
	uv_poll_t uv;
	loop_ready *ready;
	void *context;
	int wanted; /* UV_READABLE, UV_WRITABLE */
};

struct loop_timer {
	uv_timer_t uv;
	loop_expired *expired;
	void *context;
};

struct loop_signal {
	uv_signal_t uv;
	loop_signalled *signalled;
	void *context;
};

static void *object_new(size_t size)
{
	void *object = memory_resize(NULL, 1, size);

	memset(object, 0, size);
	return object;
}

static void object_closed(uv_handle_t *handle)
{
	free(handle);
}

/* libuv refuses only what is a bug of ours, or for want of (kernel) memory. */
static void must(int status)
{
	if (status == UV_ENOMEM || status == UV_ENOSPC)
		out_of_memory();
	assert(status == 0);
	(void)status;
}

struct loop *loop_new(struct fault *fault)
{
	struct loop *loop = object_new(sizeof(*loop));
	int status = uv_loop_init(&loop->uv);

	if (status) {
		free(loop);
		fault_set(fault, "cannot make an event loop: %s", uv_strerror(status));
		return NULL;
	}
	return loop;
}

void loop_free(struct loop *loop)
{
	int status;

	if (!loop)
		return;
	uv_run(&loop->uv, UV_RUN_NOWAIT); /* the close callbacks; */
	uv_run(&loop->uv, UV_RUN_NOWAIT); /* and again, where a loop_stop() ended the first */
	status = uv_loop_close(&loop->uv);
	assert(status == 0);
	(void)status;
	free(loop);
}

void loop_run(struct loop *loop)
{
	uv_run(&loop->uv, UV_RUN_DEFAULT);
}

void loop_stop(struct loop *loop)
{
	uv_stop(&loop->uv);
}

static void watch_start(struct loop_watch *watch);

/* libuv stops a handle for good when the socket has an error pending (an ICMP message on a UDP
 * socket, say): we go on, the reader takes the error. */
static void watch_ready(uv_poll_t *handle, int status, int events)
{
	struct loop_watch *watch = (struct loop_watch *)handle;
	bool readable = status < 0 || (events & UV_READABLE);
	bool writable = status == 0 && (events & UV_WRITABLE);

	if (status < 0)
		watch_start(watch);
	watch->ready(watch->context, readable, writable);
}

static void watch_start(struct loop_watch *watch)
{
	must(uv_poll_start(&watch->uv, watch->wanted, watch_ready));
}

struct loop_watch *loop_watch_new(struct loop *loop, int fd, loop_ready *ready, void *context)
{
	struct loop_watch *watch = object_new(sizeof(*watch));

	watch->ready = ready;
	watch->context = context;
	must(uv_poll_init(&loop->uv, &watch->uv, fd));
	return watch;
}

void loop_watch_want(struct loop_watch *watch, bool readable, bool writable)
{
	int wanted = (readable ? UV_READABLE : 0) | (writable ? UV_WRITABLE : 0);

	if (wanted == watch->wanted)
		return;
	watch->wanted = wanted;
	if (wanted)
		watch_start(watch);
	else
		must(uv_poll_stop(&watch->uv));
}

void loop_watch_free(struct loop_watch *watch)
{
	if (watch)
		uv_close((uv_handle_t *)&watch->uv, object_closed);
}

static void timer_expired(uv_timer_t *handle)
{
	struct loop_timer *timer = (struct loop_timer *)handle;

	timer->expired(timer->context);
}

struct loop_timer *loop_timer_new(struct loop *loop, loop_expired *expired, void *context)
{
	struct loop_timer *timer = object_new(sizeof(*timer));

	timer->expired = expired;
	timer->context = context;
	must(uv_timer_init(&loop->uv, &timer->uv));
	return timer;
}

/* libuv counts from its own idea of now, milliseconds of the same clock, taken at the start of the
 * round: adding to that gives the very millisecond we mean. */
void loop_timer_set(struct loop_timer *timer, int64_t monotonic_us)
{
	uint64_t due_ms = monotonic_us > 0 ? ((uint64_t)monotonic_us + 999) / 1000 : 0;
	uint64_t now_ms = uv_now(uv_handle_get_loop((uv_handle_t *)&timer->uv));

	must(uv_timer_start(&timer->uv, timer_expired, due_ms > now_ms ? due_ms - now_ms : 0, 0));
}

void loop_timer_stop(struct loop_timer *timer)
{
	must(uv_timer_stop(&timer->uv));
}

void loop_timer_free(struct loop_timer *timer)
{
	if (timer)
		uv_close((uv_handle_t *)&timer->uv, object_closed);
}

static void signal_arrived(uv_signal_t *handle, int number)
{
	struct loop_signal *signal = (struct loop_signal *)handle;

	signal->signalled(signal->context, number);
}

struct loop_signal *loop_signal_new(struct loop *loop, int number, loop_signalled *signalled,
	void *context)
{
	struct loop_signal *signal = object_new(sizeof(*signal));

	signal->signalled = signalled;
	signal->context = context;
	must(uv_signal_init(&loop->uv, &signal->uv));
	must(uv_signal_start(&signal->uv, signal_arrived, number));
	uv_unref((uv_handle_t *)&signal->uv);
	return signal;
}

void loop_signal_free(struct loop_signal *signal)
{
	if (signal)
		uv_close((uv_handle_t *)&signal->uv, object_closed);
}
