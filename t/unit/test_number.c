/* Whole and decimal numbers. */
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "common/base/number.h"
#include "t/unit/tap.h"

static void whole_numbers(void)
{
	static const struct {
		const char *text;
		uint64_t least, most;
		bool good;
		uint64_t value;
	} table[] = {
		{ "0", 0, 9, true, 0 },
		{ "007", 0, 9, true, 7 },
		{ "9", 0, 9, true, 9 },
		{ "10", 0, 9, false, 0 },
		{ "0", 1, 9, false, 0 },
		{ "18446744073709551615", 0, UINT64_MAX, true, UINT64_MAX },
		{ "18446744073709551616", 0, UINT64_MAX, false, 0 },
		{ "18446744073709551620", 0, UINT64_MAX, false, 0 },
		{ "99999999999999999999999", 0, UINT64_MAX, false, 0 },
		{ "", 0, 9, false, 0 },
		{ "+1", 0, 9, false, 0 },
		{ "-1", 0, 9, false, 0 },
		{ " 1", 0, 9, false, 0 },
		{ "1 ", 0, 9, false, 0 },
		{ "0x1", 0, 9, false, 0 },
	};
	size_t at;

	for (at = 0; at < sizeof(table) / sizeof(*table); at++) {
		uint64_t value = 0;

		ok(number_whole(table[at].text, table[at].least, table[at].most, &value) ==
					table[at].good &&
				value == table[at].value,
			"\"%s\" is %s", table[at].text, table[at].good ? "a number" : "refused");
	}
}

static void spans(void)
{
	static const struct {
		const char *text;
		size_t length;
	} table[] = { { "", 0 }, { ".", 0 }, { "x", 0 }, { "-1", 0 }, { "1", 1 }, { "12s", 2 },
		{ "1.5h", 3 }, { ".5", 2 }, { "5.", 2 }, { "1.2.3", 3 }, { "1e5", 1 },
		{ "0x1", 1 } };
	size_t at;

	for (at = 0; at < sizeof(table) / sizeof(*table); at++)
		is_integer((int64_t)number_span(table[at].text), (int64_t)table[at].length,
			table[at].text);
}

static void formats(void)
{
	static const struct {
		double value;
		const char *text;
	} table[] = { { 0, "0" }, { -0.0, "0" }, { 1, "1" }, { -1, "-1" }, { 300, "300" },
		{ 0.012, "0.012" }, { 0.1, "0.1" }, { 2026112201, "2026112201" },
		{ 999999999999999, "999999999999999" }, { 1e15, "1e+15" }, { 0.5, "0.5" },
		{ 1.0 / 3, "0.33333333333333331" }, { -2.25, "-2.25" },
		{ 4294967295, "4294967295" }, { DBL_MAX, "1.7976931348623157e+308" },
		{ 0.00001, "1e-05" } };
	char out[NUMBER_TEXT], name[64];
	unsigned differ = 0, round;
	size_t at;

	for (at = 0; at < sizeof(table) / sizeof(*table); at++) {
		snprintf(name, sizeof(name), "%a", table[at].value);
		is_string(number_format(table[at].value, out), table[at].text, name);
	}
	srand(3);
	for (round = 0; round < 100000; round++) {
		double value = ldexp((double)rand() - RAND_MAX / 2, rand() % 200 - 100) /
			(1 + rand() % 1000);

		if (strtod(number_format(value, out), NULL) != value && !differ++)
			printf("# %a is written as %s\n", value, out);
	}
	is_integer(differ, 0, "100000 numbers read back the same");
}

int main(void)
{
	whole_numbers();
	spans();
	formats();
	return done_testing();
}
