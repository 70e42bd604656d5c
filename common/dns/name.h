/*
 * Domain names in uncompressed wire form (RFC 1035 3.1): labels with their lengths, ending in the
 * root's zero byte; at most 255 bytes. A `const uint8_t *` here always points at a valid one, which
 * carries its own length. Comparison is without regard to ASCII case (RFC 4343).
 */
#ifndef COMMON_DNS_NAME_H
#define COMMON_DNS_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/fault.h"

enum {
	NAME_WIRE = 255,  /* bytes at most */
	NAME_TEXT = 1024, /* a buffer for the longest text form (every byte as \DDD), with NUL */
};

/*
 * From what a user types: "example.com", "example.com.", "." is the root, \DDD and \X escapes (RFC
 * 1035 5.1), UTF-8 labels by IDNA2008 (libidn2, loaded by dlopen only when a byte over 127 is met).
 * Keeps the case of ASCII letters. Returns the length, or 0 with the fault naming what is wrong
 * ("label over 63 bytes", "empty label", ...).
 */
size_t name_from_text(const char *text, uint8_t name[NAME_WIRE], struct fault *fault);
/*
 * From a master file (RFC 1035 5.1): relative to `origin` unless it ends in a dot; "@" is the
 * origin; bytes over 127 stand for themselves.
 */
size_t name_from_master(const char *text, const uint8_t *origin, uint8_t name[NAME_WIRE],
	struct fault *fault);
/* With the final dot; special bytes escaped as RFC 1035 5.1 and RFC 4343 2.1 say. Returns `out`. */
char *name_to_text(const uint8_t *name, char out[NAME_TEXT]);
/* The same in lower case, and without the final dot but for the root: as people write names in
 * sentences. */
char *name_to_display(const uint8_t *name, char out[NAME_TEXT]);

static inline size_t name_length(const uint8_t *name)
{
	const uint8_t *at = name;

	while (*at)
		at += *at + 1;
	return (size_t)(at - name) + 1;
}

/* Labels without the root: 0 for ".", 2 for example.com. */
unsigned name_labels(const uint8_t *name);
bool name_equal(const uint8_t *a, const uint8_t *b);
/* The same of names as people write them: any case, with or without the final dot. */
bool name_texts_equal(const char *a, const char *b);
/* Is `name` the same as `zone` or below it? */
bool name_within(const uint8_t *name, const uint8_t *zone);
/* The name without its first label; of the root: the root. Points into `name`. */
const uint8_t *name_parent(const uint8_t *name);
/* Canonical DNS name order (RFC 4034 6.1): <0, 0, >0. */
int name_compare(const uint8_t *a, const uint8_t *b);
/* In place. */
void name_lower(uint8_t *name);
/* The same where the length is known. */
void name_lower_bytes(uint8_t *name, size_t length);
/* Is there one whole valid uncompressed name in `length` bytes? Its length, or 0. */
size_t name_check(const uint8_t *bytes, size_t length);

#endif
