/*
 * Work that blocks, and may have to be left behind: it runs in a thread of its own, and whoever
 * wants its result waits until the deadline. What is still at work then keeps its context, which
 * nobody else may touch or free any more, and ends with the process.
 */
#ifndef COMMON_PROBE_LEFT_WORK_H
#define COMMON_PROBE_LEFT_WORK_H

#include <stdbool.h>
#include <stdint.h>

typedef void left_work(void *context);

/* True: it is done, and the context is the caller's again. False at the deadline
 * (clock_monotonic_us()): it is left. Where there is no thread to be had it is not begun: then it
 * is done, too. */
bool left_work_until(int64_t deadline_us, left_work *work, void *context);

#endif
