/*
 * The one bounds-checked cursor over wire bytes, for reading and for writing. Ours on purpose: the
 * sweep, the digest and the responder all live on it, where a library's allocation per record would
 * cost ten times as much.
 *
 * Reading past the end (or writing past the capacity) sets `failed`, yields zeros and stays failed,
 * so a caller reads a whole structure and checks once. All integers are in network order on the
 * wire (RFC 1035 2.3.2).
 */
#ifndef COMMON_DNS_WIRE_H
#define COMMON_DNS_WIRE_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A number where it stands, for whoever has looked at the bounds. */
static inline uint16_t wire_u16(const uint8_t *at)
{
	uint16_t value;

	memcpy(&value, at, sizeof(value));
	return be16toh(value);
}

static inline uint32_t wire_u32(const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return be32toh(value);
}

/* Owns nothing. `at` <= `length` always. */
struct wire_reader {
	const uint8_t *bytes; /* the whole message, so that compression pointers can be followed */
	size_t length, at;
	bool failed;
};

static inline struct wire_reader wire_read(const void *bytes, size_t length)
{
	return (struct wire_reader){ .bytes = (const uint8_t *)bytes, .length = length };
}

/* May so many bytes be read? Else it fails. */
static inline bool wire_can_read(struct wire_reader *reader, size_t count)
{
	if (reader->failed || reader->length - reader->at < count)
		reader->failed = true;
	return !reader->failed;
}

static inline uint8_t wire_read_u8(struct wire_reader *reader)
{
	return wire_can_read(reader, 1) ? reader->bytes[reader->at++] : 0;
}

static inline uint16_t wire_read_u16(struct wire_reader *reader)
{
	const uint8_t *from;

	if (!wire_can_read(reader, 2))
		return 0;
	from = reader->bytes + reader->at;
	reader->at += 2;
	return wire_u16(from);
}

static inline uint32_t wire_read_u32(struct wire_reader *reader)
{
	const uint8_t *from;

	if (!wire_can_read(reader, 4))
		return 0;
	from = reader->bytes + reader->at;
	reader->at += 4;
	return wire_u32(from);
}

uint64_t wire_read_u48(struct wire_reader *reader);
/* A pointer to `count` bytes inside the message, or NULL (failed). */
const uint8_t *wire_read_bytes(struct wire_reader *reader, size_t count);
void wire_skip(struct wire_reader *reader, size_t count);
static inline size_t wire_left(const struct wire_reader *reader)
{
	return reader->failed ? 0 : reader->length - reader->at;
}

/*
 * A domain name, decompressed into `name` (uncompressed wire form, letters as they came; RFC
 * 1035 4.1.4). A pointer must point before the name's own start and each further one before the
 * last, so loops can't be. Returns its length (1 to 255), or 0 with `failed` set and the root in
 * `name`: a label type other than 00 and 11, over 255 bytes, over 128 pointers, past the end.
 */
size_t wire_read_name(struct wire_reader *reader, uint8_t name[255]);
/* Skips a name that is this one to the letter (wire form); false: it is another or none, and the
 * reader is where it was. */
bool wire_match_name(struct wire_reader *reader, const uint8_t *name);
/* What stands behind the pointers of the message that is read: suffixes repeat in every record. */
enum { WIRE_SUFFIXES = 64 };
struct wire_suffix {
	uint32_t message; /* the number of the message that it is of */
	uint16_t target;
	uint8_t length, name[255];
};
/* {0} before the first message; then wire_suffixes_forget() before each. */
struct wire_suffixes {
	uint32_t message;
	struct wire_suffix slots[WIRE_SUFFIXES];
};
void wire_suffixes_forget(struct wire_suffixes *suffixes);
/* The same as wire_read_name(), sooner. */
size_t wire_read_name_again(struct wire_reader *reader, struct wire_suffixes *suffixes,
	uint8_t name[255]);
/* Skips a name without looking behind pointers. */
void wire_skip_name(struct wire_reader *reader);

/* Writes into the caller's buffer. */
struct wire_writer {
	uint8_t *bytes;
	size_t capacity, length;
	bool failed;
};

struct wire_writer wire_write(void *bytes, size_t capacity);
void wire_write_u8(struct wire_writer *writer, uint8_t value);
void wire_write_u16(struct wire_writer *writer, uint16_t value);
void wire_write_u32(struct wire_writer *writer, uint32_t value);
void wire_write_u48(struct wire_writer *writer, uint64_t value);
void wire_write_bytes(struct wire_writer *writer, const void *bytes, size_t count);
/* An uncompressed wire-form name. */
void wire_write_name(struct wire_writer *writer, const uint8_t *name);
/* Overwrites two bytes written before (an RDLENGTH, a count). */
void wire_patch_u16(struct wire_writer *writer, size_t at, uint16_t value);

#endif
