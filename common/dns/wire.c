#include "common/dns/wire.h"

#include <string.h>

#include "common/dns/name.h"

enum {
	LABEL_KIND = 0xc0, /* the two upper bits of a length byte (RFC 1035 4.1.4) */
	LABEL_POINTER = 0xc0,
	POINTERS_MOST = 128, /* a name has at most 127 labels; longer chains only burn our time */
};

uint64_t wire_read_u48(struct wire_reader *reader)
{
	uint64_t upper = wire_read_u16(reader);
	uint32_t lower = wire_read_u32(reader);

	return reader->failed ? 0 : upper << 32 | lower;
}

const uint8_t *wire_read_bytes(struct wire_reader *reader, size_t count)
{
	const uint8_t *from;

	if (!wire_can_read(reader, count))
		return NULL;
	from = reader->bytes + reader->at;
	reader->at += count;
	return from;
}

void wire_skip(struct wire_reader *reader, size_t count)
{
	(void)wire_read_bytes(reader, count);
}

/* Where a name goes on: the walk of wire_read_name(), by offsets. */
struct name_walk {
	size_t at;
	size_t before; /* the next pointer must point before this */
	size_t resume; /* behind the first pointer, where the reader goes on; 0: none met yet */
	unsigned pointers;
};

/* `walk->at` stands behind the first byte of a pointer, whose value is `upper`. */
static bool follow_pointer(const struct wire_reader *reader, struct name_walk *walk, uint8_t upper)
{
	size_t target;

	if (walk->at >= reader->length || ++walk->pointers > POINTERS_MOST)
		return false;
	target = (size_t)(upper & ~LABEL_KIND) << 8 | reader->bytes[walk->at++];
	if (!walk->resume)
		walk->resume = walk->at;
	if (target >= walk->before)
		return false;
	walk->at = walk->before = target;
	return true;
}

/* The name's length, or 0. */
static size_t walk_name(const struct wire_reader *reader, struct name_walk *walk, uint8_t *name)
{
	size_t used = 0;

	for (;;) {
		uint8_t length;

		if (walk->at >= reader->length)
			return 0;
		length = reader->bytes[walk->at++];
		if ((length & LABEL_KIND) == LABEL_POINTER) {
			if (!follow_pointer(reader, walk, length))
				return 0;
			continue;
		}
		if (length & LABEL_KIND || used + length + 1u + (length > 0) > NAME_WIRE ||
			reader->length - walk->at < length)
			return 0;
		name[used++] = length;
		if (!length)
			return used;
		memcpy(name + used, reader->bytes + walk->at, length);
		used += length;
		walk->at += length;
	}
}

size_t wire_read_name(struct wire_reader *reader, uint8_t name[NAME_WIRE])
{
	struct name_walk walk = { .at = reader->at, .before = reader->at };
	size_t length = reader->failed ? 0 : walk_name(reader, &walk, name);

	if (!length) {
		reader->failed = true;
		name[0] = 0;
		return 0;
	}
	reader->at = walk.resume ? walk.resume : walk.at;
	return length;
}

bool wire_match_name(struct wire_reader *reader, const uint8_t *name)
{
	struct name_walk walk = { .at = reader->at, .before = reader->at };
	size_t left = name_length(name); /* bytes still to be compared */

	while (!reader->failed && walk.at < reader->length) {
		uint8_t length;

		/* Where no pointer follows, all of them at once. */
		if (left <= reader->length - walk.at && reader->bytes[walk.at] == *name &&
			!memcmp(reader->bytes + walk.at, name, left)) {
			reader->at = walk.resume ? walk.resume : walk.at + left;
			return true;
		}
		length = reader->bytes[walk.at++];
		if ((length & LABEL_KIND) == LABEL_POINTER) {
			if (!follow_pointer(reader, &walk, length))
				return false;
			continue;
		}
		if (!length || length != *name || reader->length - walk.at < length ||
			memcmp(reader->bytes + walk.at, name + 1, length))
			return false;
		walk.at += length;
		name += length + 1u;
		left -= length + 1u;
	}
	return false;
}

void wire_suffixes_forget(struct wire_suffixes *suffixes)
{
	suffixes->message++;
	if (suffixes->message) /* 2^32 messages later: what is so old looks new */
		return;
	memset(suffixes, 0, sizeof(*suffixes));
	suffixes->message = 1;
}

/* What is behind a pointer to `target`, or NULL. */
static const struct wire_suffix *suffix_at(const struct wire_reader *reader,
	struct wire_suffixes *suffixes, size_t target)
{
	struct wire_suffix *slot = &suffixes->slots[target % WIRE_SUFFIXES];
	struct name_walk walk = { .at = target, .before = target, .pointers = 1 };

	if (slot->message == suffixes->message && slot->target == target)
		return slot;
	slot->message = 0;
	slot->length = (uint8_t)walk_name(reader, &walk, slot->name);
	if (!slot->length)
		return NULL;
	slot->message = suffixes->message;
	slot->target = (uint16_t)target;
	return slot;
}

/* The labels before the first pointer, and what is behind it. */
static size_t join_name(struct wire_reader *reader, struct wire_suffixes *suffixes, size_t at,
	uint8_t name[NAME_WIRE])
{
	size_t own = at - reader->at, target;
	const struct wire_suffix *suffix;

	if (reader->length - at < 2 || reader->bytes[at] < LABEL_POINTER)
		return 0;
	target = (size_t)(reader->bytes[at] & ~LABEL_KIND) << 8 | reader->bytes[at + 1];
	suffix = target < reader->at ? suffix_at(reader, suffixes, target) : NULL;
	if (!suffix || own + suffix->length > NAME_WIRE)
		return 0;
	memcpy(name, reader->bytes + reader->at, own);
	memcpy(name + own, suffix->name, suffix->length);
	reader->at = at + 2;
	return own + suffix->length;
}

size_t wire_read_name_again(struct wire_reader *reader, struct wire_suffixes *suffixes,
	uint8_t name[NAME_WIRE])
{
	size_t at = reader->at, length = 0;

	while (at < reader->length && reader->bytes[at] && !(reader->bytes[at] & LABEL_KIND))
		at += reader->bytes[at] + 1u;
	if (reader->failed || at >= reader->length || !reader->bytes[at])
		return wire_read_name(reader, name);
	length = join_name(reader, suffixes, at, name);
	if (!length) {
		reader->failed = true;
		name[0] = 0;
	}
	return length;
}

void wire_skip_name(struct wire_reader *reader)
{
	size_t used = 0;

	while (!reader->failed) {
		uint8_t length = wire_read_u8(reader);

		if ((length & LABEL_KIND) == LABEL_POINTER)
			wire_skip(reader, 1);
		else if (length & LABEL_KIND || (used += length + 1u) > NAME_WIRE)
			reader->failed = true;
		else if (length)
			wire_skip(reader, length);
		if (!length || length & LABEL_KIND)
			return;
	}
}

struct wire_writer wire_write(void *bytes, size_t capacity)
{
	return (struct wire_writer){ .bytes = bytes, .capacity = capacity };
}

/* Where `count` bytes go, or NULL. */
static uint8_t *claim(struct wire_writer *writer, size_t count)
{
	uint8_t *to = writer->bytes + writer->length;

	if (writer->failed || writer->capacity - writer->length < count) {
		writer->failed = true;
		return NULL;
	}
	writer->length += count;
	return to;
}

/* The lower `count` bytes of `value`, the highest first. */
static void write_integer(struct wire_writer *writer, uint64_t value, unsigned count)
{
	uint8_t *to = claim(writer, count);

	for (unsigned i = 0; to && i < count; i++)
		to[i] = (uint8_t)(value >> 8 * (count - 1 - i));
}

void wire_write_u8(struct wire_writer *writer, uint8_t value)
{
	write_integer(writer, value, 1);
}

void wire_write_u16(struct wire_writer *writer, uint16_t value)
{
	write_integer(writer, value, 2);
}

void wire_write_u32(struct wire_writer *writer, uint32_t value)
{
	write_integer(writer, value, 4);
}

void wire_write_u48(struct wire_writer *writer, uint64_t value)
{
	write_integer(writer, value, 6);
}

void wire_write_bytes(struct wire_writer *writer, const void *bytes, size_t count)
{
	uint8_t *to = claim(writer, count);

	if (to && count)
		memcpy(to, bytes, count);
}

void wire_write_name(struct wire_writer *writer, const uint8_t *name)
{
	wire_write_bytes(writer, name, name_length(name));
}

void wire_patch_u16(struct wire_writer *writer, size_t at, uint16_t value)
{
	if (writer->failed || at + 2 > writer->length) {
		writer->failed = true;
		return;
	}
	writer->bytes[at] = (uint8_t)(value >> 8);
	writer->bytes[at + 1] = (uint8_t)value;
}
