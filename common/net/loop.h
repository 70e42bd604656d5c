/*
 * Thin over libuv: readiness of our own sockets, timers, signals. Everything of one program runs in
 * one loop and one thread. Callbacks may free the very object they are called for.
 */
#ifndef COMMON_NET_LOOP_H
#define COMMON_NET_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/fault.h"

struct loop;
struct loop_watch;
struct loop_timer;
struct loop_signal;

struct loop *loop_new(struct fault *fault);
/* All watches, timers and signals must have been freed (assert). */
void loop_free(struct loop *loop);
/* Until loop_stop(), or until nothing is watched and no timer is set (signals do not count). */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

typedef void loop_ready(void *context, bool readable, bool writable);
/* `fd` is non-blocking and stays the caller's: closed after loop_watch_free(). An error on it shows
 * as readable. Wants nothing at first. */
struct loop_watch *loop_watch_new(struct loop *loop, int fd, loop_ready *ready, void *context);
void loop_watch_want(struct loop_watch *watch, bool readable, bool writable);
void loop_watch_free(struct loop_watch *watch);

typedef void loop_expired(void *context);
struct loop_timer *loop_timer_new(struct loop *loop, loop_expired *expired, void *context);
/* Once, at this time of clock_monotonic_us() (or as soon as possible after it); setting it again
 * replaces it. libuv counts milliseconds: rounded up. */
void loop_timer_set(struct loop_timer *timer, int64_t monotonic_us);
void loop_timer_stop(struct loop_timer *timer);
void loop_timer_free(struct loop_timer *timer);

typedef void loop_signalled(void *context, int number);
struct loop_signal *loop_signal_new(struct loop *loop, int number, loop_signalled *signalled,
	void *context);
void loop_signal_free(struct loop_signal *signal);

#endif
