#include "common/base/clock.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

int64_t clock_now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec;
}

int64_t clock_monotonic_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

struct date {
	int64_t year;
	uint8_t month, day;
};

/*
 * The Gregorian date of a day counted from 1970-01-01. Counts in years that begin in March, so that
 * the leap day is the last one, and in cycles of 400 years = 146097 days. gmtime_r() would read the
 * time zone file first.
 */
static struct date date_of_day(int64_t day)
{
	int64_t shifted = day + 719468; /* from 0000-03-01 */
	int64_t cycle = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
	int in_cycle = (int)(shifted - cycle * 146097);
	int year = (in_cycle - in_cycle / 1460 + in_cycle / 36524 - in_cycle / 146096) / 365;
	int in_year = in_cycle - (365 * year + year / 4 - year / 100);
	int march_month = (5 * in_year + 2) / 153;
	struct date date;

	date.day = (uint8_t)(in_year - (153 * march_month + 2) / 5 + 1);
	date.month = (uint8_t)(march_month < 10 ? march_month + 3 : march_month - 9);
	date.year = cycle * 400 + year + (date.month <= 2);
	return date;
}

void clock_format_utc(int64_t unix_s, char out[32])
{
	int64_t day = unix_s / 86400;
	int second = (int)(unix_s % 86400);
	struct date date;

	if (second < 0) {
		second += 86400;
		day--;
	}
	date = date_of_day(day);
	snprintf(out, 32, "%04" PRId64 "-%02d-%02dT%02d:%02d:%02dZ", date.year, date.month,
		date.day, second / 3600, second / 60 % 60, second % 60);
}

void random_bytes(void *out, size_t length)
{
	unsigned char *at = out;

	while (length) {
		ssize_t count = getrandom(at, length, 0);

		if (count < 0 && errno == EINTR)
			continue;
		/* A kernel without getrandom(2) is none that we run on, and guessable ids would be
		 * worse. */
		if (count < 0)
			abort();
		at += count;
		length -= (size_t)count;
	}
}
