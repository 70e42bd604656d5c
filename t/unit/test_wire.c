/* The cursor: bounds, compression, writing; serial arithmetic beside it. */
#include "common/dns/serial.h"
#include "common/dns/wire.h"
#include "t/unit/tap.h"

/* A name at `at` of a message; `want` in presentation of hexadecimal bytes, NULL: failed. */
static const struct name_story {
	const char *name;
	const char *bytes;
	size_t length, at;
	const char *want;
	size_t want_length, want_at;
} name_stories[] = {
	{ "root", "\0", 1, 0, "\0", 1, 1 },
	{ "two labels", "\3www\2de\0", 8, 0, "\3www\2de\0", 8, 8 },
	{ "pointer to an earlier name", "\2de\0\3www\300\0", 10, 4, "\3www\2de\0", 8, 10 },
	{ "pointer into the middle of a name", "\3www\2de\0\1a\300\4", 12, 8, "\1a\2de\0", 6, 12 },
	{ "pointer to a pointer", "\2de\0\300\0\1a\300\4", 10, 6, "\1a\2de\0", 6, 10 },
	{ "a lone pointer", "\2de\0\300\0", 6, 4, "\2de\0", 4, 6 },
	{ "letters keep their case", "\2dE\0", 4, 0, "\2dE\0", 4, 4 },
	{ "nothing", "", 0, 0, NULL, 0, 0 },
	{ "no root", "\3www", 4, 0, NULL, 0, 0 },
	{ "label over the end", "\3ww", 3, 0, NULL, 0, 0 },
	{ "half a pointer", "\2de\0\300", 5, 4, NULL, 0, 0 },
	{ "pointer to itself", "\300\0", 2, 0, NULL, 0, 0 },
	{ "pointer forward", "\300\2\0", 3, 0, NULL, 0, 0 },
	{ "pointer to the start of its own name", "\1a\300\0", 4, 0, NULL, 0, 0 },
	{ "loop through an earlier pointer", "\1a\1b\300\2\1c\300\2", 10, 6, NULL, 0, 0 },
	{ "pointer into the header's middle and back", "\1a\300\0\1b\300\2", 8, 4, NULL, 0, 0 },
	{ "label type 01", "\100\0", 2, 0, NULL, 0, 0 },
	{ "label type 10", "\200\0", 2, 0, NULL, 0, 0 },
};

/* The name that was read is there; no other is, and where none is there nothing is. */
static void check_match(const struct name_story *story, uint8_t name[255])
{
	struct wire_reader reader = wire_read(story->bytes, story->length);

	reader.at = story->at;
	ok(wire_match_name(&reader, name) == (story->want != NULL) &&
			reader.at == (story->want ? story->want_at : story->at) && !reader.failed,
		"%s: compared in place", story->name);
	reader.at = story->at;
	if (name[0])
		name[1]++;
	else
		memcpy(name, "\1x", 3);
	ok(!wire_match_name(&reader, name) && reader.at == story->at, "%s: is no other",
		story->name);
}

/* By what is remembered of the message: the same, the first time and the second. */
static void check_again(const struct name_story *story)
{
	static struct wire_suffixes suffixes;

	wire_suffixes_forget(&suffixes);
	for (unsigned time = 0; time < 2; time++) {
		struct wire_reader reader = wire_read(story->bytes, story->length);
		uint8_t name[255] = { 9 };

		reader.at = story->at;
		ok(wire_read_name_again(&reader, &suffixes, name) == story->want_length &&
				reader.failed == !story->want &&
				(story->want ? reader.at == story->want_at &&
							!memcmp(name, story->want,
								story->want_length)
					     : !name[0]),
			"%s: read again", story->name);
	}
}

static void test_names(void)
{
	for (size_t i = 0; i < sizeof(name_stories) / sizeof(name_stories[0]); i++) {
		const struct name_story *story = &name_stories[i];
		struct wire_reader reader = wire_read(story->bytes, story->length);
		uint8_t name[255] = { 9 };
		size_t length;

		check_again(story);
		reader.at = story->at;
		length = wire_read_name(&reader, name);
		if (!story->want)
			ok(!length && reader.failed && !name[0] && !wire_left(&reader), "%s: fails",
				story->name);
		else
			ok(length == story->want_length && !memcmp(name, story->want, length) &&
					reader.at == story->want_at && !reader.failed,
				"%s", story->name);
		check_match(story, name);
	}
}

static void test_skipping(void)
{
	static const struct {
		const char *name, *bytes;
		size_t length, want; /* 0: failed */
	} stories[] = {
		{ "root", "\0x", 2, 1 },
		{ "labels", "\3www\2de\0x", 9, 8 },
		{ "pointer, unseen where it leads", "\1a\377\377x", 5, 4 },
		{ "nothing", "", 0, 0 },
		{ "half a pointer", "\1a\300", 3, 0 },
		{ "label over the end", "\3ww", 3, 0 },
		{ "label type 01", "\100", 1, 0 },
	};

	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		struct wire_reader reader = wire_read(stories[i].bytes, stories[i].length);

		wire_skip_name(&reader);
		ok(stories[i].want ? reader.at == stories[i].want && !reader.failed : reader.failed,
			"skip: %s", stories[i].name);
	}
}

/* `count` labels of one byte, then a last one of `last` bytes, root. */
static size_t long_name(uint8_t *out, unsigned count, uint8_t last)
{
	size_t length = 0;

	for (unsigned i = 0; i < count; i++) {
		out[length++] = 1;
		out[length++] = 'a';
	}
	if (last) {
		out[length++] = last;
		memset(out + length, 'b', last);
		length += last;
	}
	out[length++] = 0;
	return length;
}

static void test_longest(void)
{
	static struct wire_suffixes suffixes;
	uint8_t bytes[512], name[255];
	struct wire_reader reader;
	size_t length = long_name(bytes, 127, 0);

	reader = wire_read(bytes, length);
	is_integer((int64_t)wire_read_name(&reader, name), 255, "127 labels, 255 bytes");
	reader = wire_read(bytes, length);
	wire_skip_name(&reader);
	is_integer((int64_t)reader.at, 255, "skipped, too");
	length = long_name(bytes, 126, 2);
	reader = wire_read(bytes, length);
	ok(!wire_read_name(&reader, name) && reader.failed, "256 bytes fail");
	reader = wire_read(bytes, length);
	wire_skip_name(&reader);
	ok(reader.failed, "skipped, too");
	/* 254 bytes and a pointer to a name of 3 */
	memcpy(bytes, "\1x\0", 3);
	length = 3 + long_name(bytes + 3, 127, 0);
	memcpy(bytes + length - 1, "\300\0", 2);
	reader = wire_read(bytes, length + 1);
	reader.at = 3;
	ok(!wire_read_name(&reader, name) && reader.failed, "over 255 bytes by a pointer");
	reader = wire_read(bytes, length + 1);
	reader.at = 3;
	wire_suffixes_forget(&suffixes);
	ok(!wire_read_name_again(&reader, &suffixes, name) && reader.failed, "read again, too");
}

/* A chain of pointers, each to the one before. */
static void test_pointer_chain(void)
{
	static struct wire_suffixes suffixes;
	uint8_t bytes[1024] = { 0, 0 }, name[255];
	struct wire_reader reader;

	for (unsigned i = 1; i < 200; i++) {
		bytes[2 * i] = 0xc0;
		bytes[2 * i + 1] = (uint8_t)(2 * (i - 1));
		if (i > 127)
			bytes[2 * i] |= (uint8_t)(2 * (i - 1) >> 8);
	}
	for (unsigned i = 129; i < 200; i++)
		bytes[2 * i] = 0xc1;
	reader = wire_read(bytes, 400);
	reader.at = 256;
	is_integer((int64_t)wire_read_name(&reader, name), 1, "128 pointers");
	reader.at = 258;
	is_integer((int64_t)wire_read_name(&reader, name), 0, "129 pointers are refused");
	reader = wire_read(bytes, 400);
	reader.at = 256;
	wire_suffixes_forget(&suffixes);
	is_integer((int64_t)wire_read_name_again(&reader, &suffixes, name), 1,
		"128 of what is remembered");
	is_integer((int64_t)wire_read_name_again(&reader, &suffixes, name), 0, "129 are refused");
}

/* What was remembered of one message is not taken for another's, however many come between. */
static void test_forgetting(void)
{
	static const uint8_t one[] = "\2de\0\300", other[] = "\2at\0\300";
	static struct wire_suffixes suffixes;
	uint8_t name[255];
	struct wire_reader reader = wire_read(one, sizeof(one));

	wire_suffixes_forget(&suffixes);
	reader.at = 4;
	ok(wire_read_name_again(&reader, &suffixes, name) == 4 && name[1] == 'd', "one message");
	suffixes.message = UINT32_MAX;
	suffixes.slots[0].message = 1; /* as it comes round */
	wire_suffixes_forget(&suffixes);
	reader = wire_read(other, sizeof(other));
	reader.at = 4;
	ok(wire_read_name_again(&reader, &suffixes, name) == 4 && name[1] == 'a', "another");
}

static void test_integers(void)
{
	static const uint8_t bytes[] = "\1\2\3\4\5\6\7\377\376\375\374\373\372";
	struct wire_reader reader = wire_read(bytes, 13);

	is_integer(wire_read_u8(&reader), 1, "u8");
	is_integer(wire_read_u16(&reader), 0x203, "u16");
	is_integer(wire_read_u32(&reader), 0x4050607, "u32");
	is_integer((int64_t)wire_read_u48(&reader), 0xfffefdfcfbfa, "u48");
	is_integer((int64_t)wire_left(&reader), 0, "at the end");
	ok(!reader.failed, "not failed yet");
	is_integer(wire_read_u8(&reader), 0, "past the end: 0");
	ok(reader.failed, "failed");
	reader.at = 0;
	ok(!wire_read_u16(&reader) && !wire_read_u32(&reader) && !wire_read_u48(&reader) &&
			!wire_read_bytes(&reader, 1) && !wire_left(&reader),
		"and stays failed");
	reader = wire_read(bytes, 5);
	ok(!wire_read_u48(&reader) && reader.failed, "half an u48 is 0");
	reader = wire_read(bytes, 5);
	wire_skip(&reader, 2);
	ok(wire_read_bytes(&reader, 3) == bytes + 2 && !wire_left(&reader), "bytes");
	ok(wire_read_bytes(&reader, 0) && !reader.failed, "no bytes at the end");
	wire_skip(&reader, 1);
	ok(reader.failed, "skip past the end");
	reader = wire_read(bytes, 5);
	wire_skip(&reader, SIZE_MAX);
	ok(reader.failed, "skip by a size that would wrap");
}

static void test_writing(void)
{
	static const uint8_t want[] = "\1\2\3\4\5\6\7\0\1\0\0\0\2ab\2de\0";
	uint8_t bytes[19];
	struct wire_writer writer = wire_write(bytes, sizeof(bytes));

	wire_write_u8(&writer, 1);
	wire_write_u16(&writer, 0x909);
	wire_write_u32(&writer, 0x4050607);
	wire_write_u48(&writer, 0x100000002);
	wire_write_bytes(&writer, "ab", 2);
	wire_write_bytes(&writer, NULL, 0);
	wire_write_name(&writer, (const uint8_t *)"\2de");
	wire_patch_u16(&writer, 1, 0x203);
	ok(!writer.failed && writer.length == sizeof(bytes) && !memcmp(bytes, want, sizeof(bytes)),
		"written");
	wire_write_u8(&writer, 1);
	ok(writer.failed && writer.length == sizeof(bytes), "full");
	wire_patch_u16(&writer, 1, 0);
	ok(bytes[1] == 2, "a failed writer patches nothing");
	writer = wire_write(bytes, 3);
	wire_write_u32(&writer, 1);
	wire_write_u8(&writer, 1);
	ok(writer.failed && !writer.length, "what does not fit is not begun, and stays failed");
	writer = wire_write(bytes, 3);
	wire_write_u16(&writer, 1);
	wire_patch_u16(&writer, 1, 1);
	ok(writer.failed, "a patch past what was written");
}

static void test_serials(void)
{
	static const struct {
		const char *name;
		uint32_t theirs, ours;
		enum serial_order want;
	} stories[] = {
		{ "equal", 7, 7, SERIAL_EQUAL },
		{ "one behind", 6, 7, SERIAL_BEHIND },
		{ "one ahead", 8, 7, SERIAL_AHEAD },
		{ "wrapped serial is behind", 0xffffffff, 1, SERIAL_BEHIND },
		{ "wrapped serial is ahead", 1, 0xffffffff, SERIAL_AHEAD },
		{ "0 follows 4294967295", 0, 0xffffffff, SERIAL_AHEAD },
		{ "2^31 apart", 0, 0x80000000, SERIAL_UNDEFINED },
		{ "2^31 apart, the other way", 0x80000000, 0, SERIAL_UNDEFINED },
		{ "2^31 apart, across the wrap", 0xc0000000, 0x40000000, SERIAL_UNDEFINED },
		{ "2^31 - 1 ahead", 0x7fffffff, 0, SERIAL_AHEAD },
		{ "2^31 + 1 ahead is behind", 0x80000001, 0, SERIAL_BEHIND },
	};
	uint32_t a = 1;

	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++)
		is_integer(serial_compare(stories[i].theirs, stories[i].ours), stories[i].want,
			stories[i].name);
	is_integer(serial_distance(0xfffffffe, 3), 5, "distance over the wrap");
	is_integer(serial_distance(3, 3), 0, "no distance");
	for (unsigned i = 0; i < 100000; i++) { /* opposite orders are opposite */
		uint32_t b = a * 2654435761u + 12345;
		enum serial_order there = serial_compare(a, b), back = serial_compare(b, a);

		if ((there == SERIAL_BEHIND) != (back == SERIAL_AHEAD) ||
			(there == SERIAL_EQUAL) != (a == b) || a + serial_distance(a, b) != b) {
			ok(false, "order of %u and %u", a, b);
			return;
		}
		a = b;
	}
	ok(true, "100000 pairs: opposite orders are opposite, distances lead there");
}

int main(void)
{
	test_names();
	test_skipping();
	test_longest();
	test_pointer_chain();
	test_forgetting();
	test_integers();
	test_writing();
	test_serials();
	return done_testing();
}
