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

enum { CLEAN_MOST = 255 };

/*
 * For one line of plugin output and terminals: control characters and line ends become blanks, '|'
 * (which begins the perfdata) becomes '/', '<' and '>' (which Icinga's web pages take for HTML)
 * become round brackets, what is no UTF-8 becomes \xNN, invisible marks that turn the direction of
 * writing vanish. No blanks at the ends; cut to CLEAN_MOST bytes between characters. Returns the
 * length of `out`, which is NUL-terminated.
 */
size_t utf8_clean(const void *bytes, size_t length, char out[CLEAN_MOST + 1]);

#endif
