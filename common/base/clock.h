/*
 * The only reader of the clock. Pure rooms get the time as an argument.
 */
#ifndef COMMON_BASE_CLOCK_H
#define COMMON_BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

/* Unix time in seconds. */
int64_t clock_now_s(void);
/* Microseconds of CLOCK_MONOTONIC: for differences only. */
int64_t clock_monotonic_us(void);
/* "2026-11-22T05:19:00Z" into `out` (of at least 21 bytes). Pure. */
void clock_format_utc(int64_t unix_s, char out[32]);
/* `length` bytes from getrandom(2). */
void random_bytes(void *out, size_t length);

#endif
