/* Faults: always false, never too long, never half a character. */
#include "common/base/fault.h"
#include "t/unit/tap.h"

static void fill(char *out, char byte, size_t count)
{
	memset(out, byte, count);
	out[count] = '\0';
}

int main(void)
{
	struct fault fault = { 0 };
	char line[2048];

	ok(!fault_set(&fault, "cannot read %s: %s", "x", "gone"), "a fault is false");
	is_string(fault.text, "cannot read x: gone", "and says what it is");
	ok(!fault_set(&fault, "line 3: %s", fault.text), "its own text may be wrapped");
	is_string(fault.text, "line 3: cannot read x: gone", "and stays inside");

	fill(line, 'a', 1023);
	fault_set(&fault, "%s", line);
	is_string(fault.text, line, "1023 bytes fit");
	fill(line, 'a', 1500);
	fault_set(&fault, "%s", line);
	is_integer((int64_t)strlen(fault.text), 1023, "more is cut");

	fill(line, 'a', 1022);
	strcat(line, "\xc3\xa4 more");
	fault_set(&fault, "%s", line);
	is_integer((int64_t)strlen(fault.text), 1022,
		"the cut leaves no first half of a character");
	fill(line, 'a', 1021);
	strcat(line, "\xe2\x82\xac more");
	fault_set(&fault, "%s", line);
	is_integer((int64_t)strlen(fault.text), 1021, "nor two thirds of one");
	fill(line, '\x80', 1500);
	fault_set(&fault, "%s", line);
	is_integer((int64_t)strlen(fault.text), 1023, "bytes that are no UTF-8 are cut anywhere");
	return done_testing();
}
