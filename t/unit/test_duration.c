/* Durations in and out. */
#include <stdlib.h>

#include "common/base/duration.h"
#include "t/unit/tap.h"

static void parsing(void)
{
	static const struct {
		const char *text;
		int64_t milliseconds; /* -1: refused */
		const char *fault;
	} table[] = {
		{ "0", 0, NULL },
		{ "90", 90000, NULL },
		{ "90s", 90000, NULL },
		{ "5m", 300000, NULL },
		{ "2h", 7200000, NULL },
		{ "3d", 259200000, NULL },
		{ "1.5h", 5400000, NULL },
		{ ".5s", 500, NULL },
		{ "250ms", 250, NULL },
		{ "36525d", 3155760000000, NULL },
		{ "36526d", -1, "longer than 100 years" },
		{ "99999999999999999999999999999999999999999999999999d", -1,
			"longer than 100 years" },
		{ "", -1, "is no duration" },
		{ "s", -1, "is no duration" },
		{ ".", -1, "is no duration" },
		{ "-5m", -1, "is no duration" },
		{ "+5m", -1, "is no duration" },
		{ " 5m", -1, "is no duration" },
		{ "5 m", -1, "is no duration" },
		{ "5m ", -1, "is no duration" },
		{ "5M", -1, "is no duration" },
		{ "5mm", -1, "is no duration" },
		{ "5w", -1, "is no duration" },
		{ "1h30m", -1, "is no duration" },
		{ "1e3", -1, "is no duration" },
		{ "0x10", -1, "is no duration" },
		{ "inf", -1, "is no duration" },
		{ "nan", -1, "is no duration" },
	};
	size_t at;

	for (at = 0; at < sizeof(table) / sizeof(*table); at++) {
		struct fault fault = { 0 };
		double seconds = -1;
		bool good = duration_parse(table[at].text, &seconds, &fault);

		ok(good == !table[at].fault, "\"%s\" is %s", table[at].text,
			good ? "a duration" : "refused");
		if (good)
			is_integer((int64_t)(seconds * 1000 + 0.5), table[at].milliseconds,
				"... in milliseconds");
		else
			ok(table[at].fault && strstr(fault.text, table[at].fault), "... says: %s",
				fault.text);
	}
}

static void formatting(void)
{
	static const struct {
		int64_t seconds;
		const char *text;
	} table[] = {
		{ 0, "0s" },
		{ 1, "1s" },
		{ 45, "45s" },
		{ 59, "59s" },
		{ 60, "1m" },
		{ 125, "2m 5s" },
		{ 3599, "59m 59s" },
		{ 3600, "1h" },
		{ 3659, "1h" },
		{ 7800, "2h 10m" },
		{ 86399, "23h 59m" },
		{ 86400, "1d" },
		{ 273600, "3d 4h" },
		{ 86400 + 3599, "1d" },
		{ -125, "-2m 5s" },
		{ -1, "-1s" },
		{ INT64_MAX, "106751991167300d 15h" },
		{ INT64_MIN, "-106751991167300d 15h" },
	};
	char out[32], name[64];
	size_t at;

	for (at = 0; at < sizeof(table) / sizeof(*table); at++) {
		snprintf(name, sizeof(name), "%" PRId64 " seconds", table[at].seconds);
		is_string(duration_format(table[at].seconds, out), table[at].text, name);
	}
}

int main(void)
{
	parsing();
	formatting();
	return done_testing();
}
