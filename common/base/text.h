/*
 * A growable string. Owner: whoever declared it; text_free() at the end. `bytes` is NUL-terminated
 * and never NULL after the first add; {0} is an empty text. Length and capacity are in bytes.
 */
#ifndef COMMON_BASE_TEXT_H
#define COMMON_BASE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/fault.h"

struct text {
	char *bytes;
	size_t length, capacity;
};

void text_add(struct text *text, const char *string);
void text_add_bytes(struct text *text, const void *bytes, size_t length);
void text_add_byte(struct text *text, char byte);
void text_addf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_vaddf(struct text *text, const char *format, va_list arguments)
	__attribute__((format(printf, 2, 0)));
/* "50,000" */
void text_add_count(struct text *text, uint64_t count);
/* Shortens to `length` bytes; longer than it is: nothing. Keeps the capacity. */
void text_cut(struct text *text, size_t length);
/* Never NULL: "" where nothing was added yet. */
const char *text_string(const struct text *text);
void text_free(struct text *text);

/* Appends the whole file; "-" is standard input. Fails over `most` bytes, naming path and reason.
 */
bool text_read_file(struct text *text, const char *path, size_t most, struct fault *fault);

#endif
