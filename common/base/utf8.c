#include "common/base/utf8.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

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

/* U+0080 to U+009F: control characters of ISO 8859. */
static bool is_control(const uint8_t *at, size_t length)
{
	return (length == 1 && (*at < 0x20 || *at == 0x7f)) ||
		(length == 2 && at[0] == 0xc2 && at[1] < 0xa0);
}

/* U+2028 to U+202E and U+2066 to U+2069: line ends and embeddings that reorder what follows them.
 */
static bool is_invisible_mark(const uint8_t *at, size_t length)
{
	if (length != 3 || at[0] != 0xe2)
		return false;
	return (at[1] == 0x80 && at[2] >= 0xa8 && at[2] <= 0xae) ||
		(at[1] == 0x81 && at[2] >= 0xa6 && at[2] <= 0xa9);
}

/* What one character, or one byte that is none, becomes: at most four bytes. */
static size_t clean_character(const uint8_t *at, size_t length, char piece[5])
{
	static const char replaced[] = "|/<(>)";
	const char *pair;

	if (!length)
		return (size_t)snprintf(piece, 5, "\\x%02x", *at);
	if (is_invisible_mark(at, length))
		return 0;
	memcpy(piece, at, length);
	if (is_control(at, length)) {
		*piece = ' ';
		return 1;
	}
	for (pair = replaced; *pair; pair += 2)
		if (*piece == *pair)
			*piece = pair[1];
	return length;
}

size_t utf8_clean(const void *bytes, size_t length, char out[CLEAN_MOST + 1])
{
	const uint8_t *at = bytes, *end = length ? at + length : at; /* nothing may be at NULL */
	size_t filled = 0;

	while (at < end) {
		size_t taken = utf8_length(at, (size_t)(end - at));
		char piece[5];
		size_t piece_length = clean_character(at, taken, piece);

		at += taken ? taken : 1;
		if (piece_length == 1 && *piece == ' ' && !filled)
			continue;
		if (filled + piece_length > CLEAN_MOST)
			break;
		memcpy(out + filled, piece, piece_length);
		filled += piece_length;
	}
	while (filled && out[filled - 1] == ' ')
		filled--;
	out[filled] = '\0';
	return filled;
}
