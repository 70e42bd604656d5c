/*
 * Is it UTF-8 (RFC 3629)? Texts from servers reach JSON, HTML and terminals only after this
 * question.
 */
#ifndef COMMON_BASE_UTF8_H
#define COMMON_BASE_UTF8_H

#include <stddef.h>

/* The bytes (1 to 4) of the well-formed character at the start of `bytes`, of which `left` are
 * readable; 0 where there is none: a stray or missing continuation, an overlong form, a surrogate,
 * beyond U+10FFFF, or nothing left. */
size_t utf8_length(const void *bytes, size_t left);

#endif
