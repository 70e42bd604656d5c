/*
 * TAP out of C tests: tables of stories. One include per test program; done_testing() is main's
 * result.
 */
#ifndef T_UNIT_TAP_H
#define T_UNIT_TAP_H

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static unsigned tap_run, tap_failed;

__attribute__((format(printf, 2, 3), unused)) static bool ok(bool good, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	printf("%sok %u - ", good ? "" : "not ", ++tap_run);
	vprintf(format, arguments);
	putchar('\n');
	va_end(arguments);
	tap_failed += !good;
	return good;
}

__attribute__((unused)) static bool is_integer(int64_t got, int64_t want, const char *name)
{
	bool good = ok(got == want, "%s", name);

	if (!good)
		printf("#      got: %" PRId64 "\n# expected: %" PRId64 "\n", got, want);
	return good;
}

__attribute__((unused)) static bool is_string(const char *got, const char *want, const char *name)
{
	bool good = ok(got && want ? !strcmp(got, want) : got == want, "%s", name);

	if (!good)
		printf("#      got: %s\n# expected: %s\n", got ? got : "NULL",
			want ? want : "NULL");
	return good;
}

__attribute__((unused)) static int done_testing(void)
{
	printf("1..%u\n", tap_run);
	return tap_failed ? 1 : 0;
}

#endif
