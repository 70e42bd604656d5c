#include "common/base/text.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/arena.h"

enum { TEXT_FIRST = 128, READ_CHUNK = 16 * 1024 };

/* Room for `more` bytes and the NUL. */
static void text_reserve(struct text *text, size_t more)
{
	size_t need, capacity = text->capacity ? text->capacity : TEXT_FIRST;

	if (__builtin_add_overflow(text->length, more, &need) || need > SIZE_MAX / 2 - 1)
		out_of_memory();
	need++;
	if (need <= text->capacity)
		return;
	while (capacity < need)
		capacity *= 2;
	text->bytes = memory_resize(text->bytes, capacity, 1);
	text->capacity = capacity;
}

void text_add_bytes(struct text *text, const void *bytes, size_t length)
{
	text_reserve(text, length);
	if (length)
		memcpy(text->bytes + text->length, bytes, length);
	text->length += length;
	text->bytes[text->length] = '\0';
}

void text_add(struct text *text, const char *string)
{
	text_add_bytes(text, string, strlen(string));
}

void text_add_byte(struct text *text, char byte)
{
	text_add_bytes(text, &byte, 1);
}

void text_vaddf(struct text *text, const char *format, va_list arguments)
{
	va_list again;
	size_t room;
	int length;

	text_reserve(text, 64);
	room = text->capacity - text->length;
	va_copy(again, arguments);
	length = vsnprintf(text->bytes + text->length, room, format, again);
	va_end(again);
	assert(length >= 0);
	if ((size_t)length >= room) {
		text_reserve(text, (size_t)length);
		vsnprintf(text->bytes + text->length, (size_t)length + 1, format, arguments);
	}
	text->length += (size_t)length;
}

void text_addf(struct text *text, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	text_vaddf(text, format, arguments);
	va_end(arguments);
}

void text_add_count(struct text *text, uint64_t count)
{
	if (count < 1000) {
		text_addf(text, "%u", (unsigned)count);
		return;
	}
	text_add_count(text, count / 1000);
	text_addf(text, ",%03u", (unsigned)(count % 1000));
}

void text_cut(struct text *text, size_t length)
{
	if (length >= text->length)
		return;
	text->length = length;
	text->bytes[length] = '\0';
}

const char *text_string(const struct text *text)
{
	return text->bytes ? text->bytes : "";
}

void text_free(struct text *text)
{
	free(text->bytes);
	*text = (struct text){ 0 };
}

/* Reads to the end, or until over `most` bytes are there. Returns 0 or an errno. */
static int read_all(struct text *text, int descriptor, size_t most)
{
	size_t before = text->length;

	for (;;) {
		ssize_t count;

		text_reserve(text, READ_CHUNK);
		count = read(descriptor, text->bytes + text->length, READ_CHUNK);
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return errno;
		text->length += (size_t)count;
		text->bytes[text->length] = '\0';
		if (!count)
			return 0;
		if (text->length - before > most)
			return EFBIG;
	}
}

bool text_read_file(struct text *text, const char *path, size_t most, struct fault *fault)
{
	bool is_input = !strcmp(path, "-");
	int descriptor = is_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	size_t before = text->length;
	int error;

	if (descriptor < 0)
		return fault_set(fault, "cannot read %s: %s", path, strerror(errno));
	error = read_all(text, descriptor, most);
	if (!is_input)
		close(descriptor);
	if (!error)
		return true;
	text_cut(text, before);
	if (error == EFBIG)
		return fault_set(fault, "cannot read %s: it is longer than %zu bytes",
			is_input ? "standard input" : path, most);
	return fault_set(fault, "cannot read %s: %s", is_input ? "standard input" : path,
		strerror(error));
}
