/* Threshold ranges: the table of the guidelines, durations, rubbish. */
#include <math.h>
#include <stdlib.h>

#include "common/base/range.h"
#include "t/unit/tap.h"

static void good_ranges(void)
{
	static const struct {
		const char *text;
		enum range_unit unit;
		const char *written;
		const char *alerts; /* at -11 -10 -1 0 5 9.9 10 10.1 20 21 3600: one letter each */
	} table[] = {
		{ "10", RANGE_PLAIN, "10", "AAA....AAAA" },
		{ "10:", RANGE_PLAIN, "10:", "AAAAAA....." },
		{ "~:10", RANGE_PLAIN, "~:10", ".......AAAA" },
		{ "10:20", RANGE_PLAIN, "10:20", "AAAAAA...AA" },
		{ "@10:20", RANGE_PLAIN, "@10:20", "......AAA.." },
		{ "0:10", RANGE_PLAIN, "10", "AAA....AAAA" },
		{ ":10", RANGE_PLAIN, "10", "AAA....AAAA" },
		{ "@10", RANGE_PLAIN, "@0:10", "...AAAA...." },
		{ "-10:10", RANGE_PLAIN, "-10:10", "A......AAAA" },
		{ "-10:-1", RANGE_PLAIN, "-10:-1", "A..AAAAAAAA" },
		{ "~:", RANGE_PLAIN, "~:", "..........." },
		{ "@~:", RANGE_PLAIN, "@~:", "AAAAAAAAAAA" },
		{ "0:", RANGE_PLAIN, "0:", "AAA........" },
		{ "0", RANGE_PLAIN, "0", "AAA.AAAAAAA" },
		{ "@0:0", RANGE_PLAIN, "@0:0", "...A......." },
		{ "9.95:10.05", RANGE_PLAIN, "9.95:10.05", "AAAAAA.AAAA" },
		{ "5m", RANGE_SECONDS, "300", "AAA.......A" },
		{ "10s:1h", RANGE_SECONDS, "10:3600", "AAAAAA....." },
		{ "1h:", RANGE_SECONDS, "3600:", "AAAAAAAAAA." },
		{ "~:500ms", RANGE_SECONDS, "~:0.5", "....AAAAAAA" },
		{ "-1m:1m", RANGE_SECONDS, "-60:60", "..........A" },
		{ "1.5h", RANGE_SECONDS, "5400", "AAA........" },
	};
	static const double values[] = { -11, -10, -1, 0, 5, 9.9, 10, 10.1, 20, 21, 3600 };
	size_t at, value;

	for (at = 0; at < sizeof(table) / sizeof(*table); at++) {
		struct range range = { 0 }, again = { 0 };
		struct fault fault = { 0 };
		char out[80], alerts[12] = "";

		ok(range_parse(table[at].text, table[at].unit, &range, &fault) && range.set,
			"\"%s\" is a range", table[at].text);
		for (value = 0; value < 11; value++)
			alerts[value] = range_alerts(&range, values[value]) ? 'A' : '.';
		is_string(alerts, table[at].alerts, "... alerts");
		is_string(range_format(&range, out), table[at].written, "... written");
		ok(range_parse(out, table[at].unit, &again, &fault) && again.start == range.start &&
				again.end == range.end && again.inside == range.inside,
			"... reads back");
	}
}

static void bad_ranges(void)
{
	static const struct {
		const char *text, *fault;
	} table[] = { { "", "no range" }, { "@", "no range" }, { "~", "no range" },
		{ "x", "no range" }, { "10:5", "ends before it starts" }, { "1:2:3", "no range" },
		{ "10:~", "no range" }, { "-5", "ends before it starts" }, { "--5:", "no range" },
		{ "1,5", "no range" }, { "+1", "no range" }, { "@@1", "no range" },
		{ " 1", "no range" }, { "1 ", "no range" }, { "1:x", "no range" },
		{ "x:1", "no range" }, { "nan", "no range" }, { "inf:", "no range" },
		{ "-", "no range" },
		{ "1111111111111111111111111111111111111111111111111111111111111111:",
			"no range" } };
	static const char *const plain_only[] = { "5m", "1s:", "10ms" };
	struct range range = { 0 };
	struct fault fault;
	size_t at;

	for (at = 0; at < sizeof(table) / sizeof(*table); at++) {
		ok(!range_parse(table[at].text, RANGE_PLAIN, &range, &fault), "\"%s\" is refused",
			table[at].text);
		ok(strstr(fault.text, table[at].fault) && strstr(fault.text, "right is"),
			"... says: %s", fault.text);
		ok(!range_parse(table[at].text, RANGE_SECONDS, &range, &fault),
			"... with durations too");
		ok(strstr(fault.text, table[at].fault) && strstr(fault.text, "right is"),
			"... says: %s", fault.text);
	}
	for (at = 0; at < 3; at++)
		ok(!range_parse(plain_only[at], RANGE_PLAIN, &range, &fault),
			"\"%s\" is no plain range", plain_only[at]);
	ok(!range.set, "a refused range sets nothing");
}

static void no_range(void)
{
	struct range range = { 0 };
	char out[80];

	ok(!range_alerts(&range, -1) && !range_alerts(&range, INFINITY), "no range never alerts");
	is_string(range_format(&range, out), "", "and is written as nothing");
	range.set = true;
	ok(!range_alerts(&range, NAN), "what is no number never alerts");
}

int main(void)
{
	good_ranges();
	bad_ranges();
	no_range();
	return done_testing();
}
