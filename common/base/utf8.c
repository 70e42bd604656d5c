#include "common/base/utf8.h"

#include <stdint.h>

/* Well-formed byte sequences: the Unicode Standard's table 3-7. Only the second byte's range
 * depends on the first. */
static const struct {
	uint8_t first_least, first_most, second_least, second_most, length;
} sequences[] = {
	{ 0xc2, 0xdf, 0x80, 0xbf, 2 },
	{ 0xe0, 0xe0, 0xa0, 0xbf, 3 },
	{ 0xe1, 0xec, 0x80, 0xbf, 3 },
	{ 0xed, 0xed, 0x80, 0x9f, 3 },
	{ 0xee, 0xef, 0x80, 0xbf, 3 },
	{ 0xf0, 0xf0, 0x90, 0xbf, 4 },
	{ 0xf1, 0xf3, 0x80, 0xbf, 4 },
	{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
};

static size_t sequence_length(const uint8_t *at, size_t left, size_t row)
{
	size_t length = sequences[row].length, more;

	if (left < length || at[1] < sequences[row].second_least ||
		at[1] > sequences[row].second_most)
		return 0;
	for (more = 2; more < length; more++)
		if ((at[more] & 0xc0) != 0x80)
			return 0;
	return length;
}

size_t utf8_length(const void *bytes, size_t left)
{
	const uint8_t *at = bytes;
	size_t row;

	if (!left)
		return 0;
	if (*at < 0x80)
		return 1;
	for (row = 0; row < sizeof(sequences) / sizeof(*sequences); row++)
		if (*at >= sequences[row].first_least && *at <= sequences[row].first_most)
			return sequence_length(at, left, row);
	return 0;
}
