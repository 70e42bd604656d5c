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

static void cleaning(void)
{
	static const struct {
		const char *name, *in, *out;
	} table[] = {
		{ "plain", "zone transfer refused", "zone transfer refused" },
		{ "nothing", "", "" },
		{ "blanks only", " \t\r\n ", "" },
		{ "blanks at the ends", "  a b \n", "a b" },
		{ "perfdata and HTML", "a|b=1 <b>x</b>", "a/b=1 (b)x(/b)" },
		{ "control bytes",
			"a\x01"
			"b\x1b[31mc\x7f"
			"d",
			"a b [31mc d" },
		{ "controls of ISO 8859",
			"a\xc2\x9b"
			"b\xc2\xa0"
			"c",
			"a b\xc2\xa0"
			"c" },
		{ "umlauts and faces", "M\xc3\xbcnchen \xf0\x9f\x98\x80",
			"M\xc3\xbcnchen \xf0\x9f\x98\x80" },
		{ "Latin 1", "M\xfcnchen", "M\\xfcnchen" },
		{ "half a character", "a\xe2\x82", "a\\xe2\\x82" },
		{ "a turned direction",
			"a\xe2\x80\xae"
			"b\xe2\x81\xa6"
			"c\xe2\x80\xa8"
			"d\xe2\x82\xac\xe2\x80\xa7",
			"abcd\xe2\x82\xac\xe2\x80\xa7" },
	};
	char out[CLEAN_MOST + 1], in[300];
	size_t at;

	for (at = 0; at < sizeof(table) / sizeof(*table); at++) {
		is_integer((int64_t)utf8_clean(table[at].in, strlen(table[at].in), out),
			(int64_t)strlen(table[at].out), table[at].name);
		is_string(out, table[at].out, "... is clean");
	}
	memset(in, 'a', sizeof(in));
	is_integer((int64_t)utf8_clean(in, 255, out), 255, "255 bytes fit");
	is_integer((int64_t)utf8_clean(in, 300, out), 255, "more is cut");
	memcpy(in + 253, "\xe2\x82\xac", 3);
	is_integer((int64_t)utf8_clean(in, 300, out), 253, "between characters");
	is_integer((int64_t)utf8_clean("a\0b", 3, out), 3, "a zero byte is a blank");
	is_string(out, "a b", "... and the rest is kept");
	is_integer((int64_t)utf8_clean(NULL, 0, out), 0, "nothing is nothing");
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
	cleaning();
	return done_testing();
}
