/*
 * Who may: prefixes.
 */
#include "common/engine/access.h"
#include "t/unit/tap.h"

static void test_prefixes(void)
{
	static const struct {
		const char *prefix, *address;
		bool holds;
	} stories[] = {
		{ "192.0.2.0/24", "192.0.2.255", true },
		{ "192.0.2.0/24", "192.0.3.0", false },
		{ "192.0.2.128/25", "192.0.2.127", false },
		{ "192.0.2.128/25", "192.0.2.128", true },
		{ "192.0.2.7", "192.0.2.7", true },
		{ "192.0.2.7", "192.0.2.6", false },
		{ "192.0.2.7/31", "192.0.2.6", true },
		{ "0.0.0.0/0", "203.0.113.9", true },
		{ "0.0.0.0/0", "2001:db8::1", false },
		{ "::/0", "2001:db8::1", true },
		{ "2001:db8::/32", "2001:db8:ffff::1", true },
		{ "2001:db8::/32", "2001:db9::1", false },
		{ "2001:db8::/33", "2001:db8:8000::", false },
		{ "::1", "::1", true },
		{ "::1", "::2", false },
		{ "any", "192.0.2.1", true },
		{ "any", "::1", true },
		{ "none", "127.0.0.1", false },
	};

	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		struct prefix prefix;
		struct address address;
		struct fault fault = { 0 };

		address_from_text(stories[i].address, &address);
		ok(prefix_parse(stories[i].prefix, &prefix, &fault) &&
				prefix_holds(&prefix, &address) == stories[i].holds,
			"%s %s %s", stories[i].prefix, stories[i].holds ? "holds" : "does not hold",
			stories[i].address);
	}
}

static void test_wrong(void)
{
	static const char *const wrong[] = { "", "/", "192.0.2.0/33", "192.0.2.0/", "192.0.2.0/-1",
		"192.0.2.0/2x", "::/129", "example.com", "192.0.2.1@53", "192.0.2.1@53/32", "all",
		("1111111111222222222233333333334444444444555555555566666666667777777777888888888899999999990000000000/1234567890"
		 "1234567890123456789012345678901234567890") };

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct prefix prefix;
		struct fault fault = { 0 };

		ok(!prefix_parse(wrong[i], &prefix, &fault) && fault.text[0], "\"%s\": %s",
			wrong[i], fault.text);
	}
}

static void test_lists(void)
{
	struct prefix prefixes[2] = { 0 };
	struct address here, there;
	struct fault fault = { 0 };

	address_from_text("127.0.0.1", &here);
	address_from_text("192.0.2.1", &there);
	ok(access_allowed(NULL, 0, &here) && !access_allowed(NULL, 0, &there),
		"an empty list is loopback");
	prefix_parse("198.51.100.0/24", &prefixes[0], &fault);
	prefix_parse("192.0.2.0/24", &prefixes[1], &fault);
	ok(access_allowed(prefixes, 2, &there), "any of the list will do");
	ok(!access_allowed(prefixes, 2, &here), "with a list loopback must be in it");
}

int main(void)
{
	test_prefixes();
	test_wrong();
	test_lists();
	return done_testing();
}
