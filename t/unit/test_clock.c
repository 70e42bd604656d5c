/* Dates from seconds, a clock that moves forward, random bytes that differ. */
#include <stdlib.h>
#include <time.h>

#include "common/base/clock.h"
#include "t/unit/tap.h"

static void dates(void)
{
	static const struct {
		int64_t unix_s;
		const char *date;
	} stories[] = {
		{ 0, "1970-01-01T00:00:00Z" },
		{ 1, "1970-01-01T00:00:01Z" },
		{ -1, "1969-12-31T23:59:59Z" },
		{ 951782399, "2000-02-28T23:59:59Z" },
		{ 951782400, "2000-02-29T00:00:00Z" },
		{ 951868800, "2000-03-01T00:00:00Z" },
		{ 1795324740, "2026-11-22T05:19:00Z" },
		{ 4107542399, "2100-02-28T23:59:59Z" },
		{ 4107542400, "2100-03-01T00:00:00Z" },
		{ 4294967295, "2106-02-07T06:28:15Z" },
		{ 253402300799, "9999-12-31T23:59:59Z" },
		{ 253402300800, "10000-01-01T00:00:00Z" },
		{ -62135596800, "0001-01-01T00:00:00Z" },
		{ -62198755200, "-001-01-01T00:00:00Z" },
		{ INT64_MAX, "292277026596-12-04T15:30:07Z" },
	};
	char out[32], name[32];
	size_t at;

	for (at = 0; at < sizeof(stories) / sizeof(*stories); at++) {
		clock_format_utc(stories[at].unix_s, out);
		snprintf(name, sizeof(name), "second %" PRId64, stories[at].unix_s);
		is_string(out, stories[at].date, name);
	}
	clock_format_utc(INT64_MIN, out);
	ok(strlen(out) < 32, "the least number stays inside the buffer: %s", out);
}

/* The C library's calendar is the other opinion. */
static void dates_agree_with_libc(void)
{
	unsigned differ = 0, round;

	srand(11);
	for (round = 0; round < 100000; round++) {
		int64_t unix_s = ((int64_t)rand() << 8) - ((int64_t)rand() << 5);
		char ours[32], theirs[32];
		time_t time = unix_s;
		struct tm date;

		gmtime_r(&time, &date);
		if (date.tm_year < -900)
			continue;
		strftime(theirs, sizeof(theirs), "%Y-%m-%dT%H:%M:%SZ", &date);
		clock_format_utc(unix_s, ours);
		if (strcmp(ours, theirs) && !differ++)
			printf("# %" PRId64 ": %s, libc %s\n", unix_s, ours, theirs);
	}
	is_integer(differ, 0, "100000 dates agree with gmtime_r");
}

int main(void)
{
	int64_t before_us = clock_monotonic_us(), now_s = clock_now_s();
	unsigned char one[64] = { 0 }, other[64] = { 0 };

	dates();
	dates_agree_with_libc();
	ok(clock_monotonic_us() >= before_us, "the monotonic clock goes forward");
	ok(llabs(now_s - (int64_t)time(NULL)) < 100, "the wall clock is the system's");
	random_bytes(one, sizeof(one));
	random_bytes(other, sizeof(other));
	ok(memcmp(one, other, sizeof(one)) != 0, "random bytes differ");
	return done_testing();
}
