/* UTF-8: every sequence of up to three bytes and a sample of four, against a decoder that works by
 * arithmetic. */
#include <stdint.h>
#include <stdlib.h>

#include "common/base/utf8.h"
#include "t/unit/tap.h"

/* RFC 3629 read the other way round: decode, then ask whether encoding needs as many bytes. */
static size_t length_by_arithmetic(const uint8_t *bytes, size_t left)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t length, at;
	uint32_t point;

	if (!left)
		return 0;
	length = *bytes < 0x80      ? 1
		: *bytes >> 5 == 6  ? 2
		: *bytes >> 4 == 14 ? 3
		: *bytes >> 3 == 30 ? 4
				    : 0;
	if (!length || length > left)
		return 0;
	point = length == 1 ? *bytes : *bytes & (0xffu >> (length + 1));
	for (at = 1; at < length; at++) {
		if (bytes[at] >> 6 != 2)
			return 0;
		point = point << 6 | (bytes[at] & 0x3fu);
	}
	if (point < least[length] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
		return 0;
	return length;
}

static void agree(const uint8_t *bytes, size_t left, unsigned *differ)
{
	size_t ours = utf8_length(bytes, left), theirs = length_by_arithmetic(bytes, left);

	if (ours != theirs && !(*differ)++)
		printf("# %02x %02x %02x %02x (%zu): %zu, by arithmetic %zu\n", bytes[0], bytes[1],
			bytes[2], bytes[3], left, ours, theirs);
}

int main(void)
{
	unsigned differ = 0, a, b, c;
	size_t left;

	for (a = 0; a < 256; a++)
		for (b = 0; b < 256; b++)
			for (c = 0; c < 256; c += 1 + (c & 7)) {
				uint8_t bytes[4] = { (uint8_t)a, (uint8_t)b, (uint8_t)c,
					(uint8_t)rand() };

				for (left = 0; left <= 4; left++)
					agree(bytes, left, &differ);
				bytes[3] = 0x80;
				agree(bytes, 4, &differ);
				bytes[3] = 0xbf;
				agree(bytes, 4, &differ);
			}
	is_integer(differ, 0, "every lead, second and many third bytes");
	is_integer((int64_t)utf8_length("\xf0\x9f\x98\x80", 4), 4, "a face is four bytes");
	is_integer((int64_t)utf8_length("\xed\xa0\x80", 3), 0, "a surrogate is none");
	is_integer((int64_t)utf8_length("\xc0\x80", 2), 0, "an overlong zero is none");
	return done_testing();
}
