/*
 * Server cookies against the vectors of RFC 9018 appendix A.
 */
#include <string.h>

#include "common/engine/cookie.h"
#include "t/unit/tap.h"

static void test_vectors(void)
{
	static const struct {
		const char *what, *client;
		uint8_t secret[COOKIE_SECRET];
		uint32_t now_s;
		uint8_t cookie[COOKIE_WHOLE + 1];
	} stories[] = {
		{ "A.1", "198.51.100.100",
			{ 0xe5, 0xe9, 0x73, 0xe5, 0xa6, 0xb2, 0xa4, 0x3f, 0x48, 0xe7, 0xdc, 0x84,
				0x9e, 0x37, 0xbf, 0xcf },
			1559731985,
			"\x24\x64\xc4\xab\xcf\x10\xc9\x57\x01\x00\x00\x00\x5c\xf7\x9f\x11\x1f\x81\x30\xc3\xee\xe2\x94\x80" },
		{ "A.4, IPv6", "2001:db8:220:1:59de:d0f4:8769:82b8",
			{ 0x44, 0x55, 0x36, 0xbc, 0xd2, 0x51, 0x32, 0x98, 0x07, 0x5a, 0x5d, 0x37,
				0x96, 0x63, 0xc9, 0x62 },
			1559741961,
			"\x22\x68\x1a\xb9\x7d\x52\xc2\x98\x01\x00\x00\x00\x5c\xf7\xc6\x09\xa6\xbb\x79\xd1\x66\x25\x50\x7a" },
	};

	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		struct address client;
		uint8_t cookie[COOKIE_WHOLE];

		address_from_text(stories[i].client, &client);
		cookie_make(stories[i].secret, stories[i].cookie, &client, stories[i].now_s,
			cookie);
		ok(!memcmp(cookie, stories[i].cookie, COOKIE_WHOLE), "%s", stories[i].what);
	}
}

static void test_lengths(void)
{
	static const struct {
		size_t length;
		bool good;
	} stories[] = {
		{ 0, false },
		{ 7, false },
		{ 8, true },
		{ 9, false },
		{ 15, false },
		{ 16, true },
		{ 24, true },
		{ 40, true },
		{ 41, false },
	};

	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++)
		is_integer(cookie_length_good(stories[i].length), stories[i].good, "a length");
}

int main(void)
{
	test_vectors();
	test_lengths();
	return done_testing();
}
