/*
 * A master file as logical lines and words (RFC 1035 5.1): comments gone, what stands in
 * parentheses joined to one line. Private to zone_file.c and zone_rdata.c.
 */
#ifndef COMMON_DNS_ZONE_LINE_H
#define COMMON_DNS_ZONE_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/fault.h"
#include "common/base/text.h"

/* {.at, .end, .next_line = 1} to begin; text_free(&text) at the end. */
struct zone_lines {
	const char *at, *end; /* what is left of the content */
	unsigned next_line;
	/* the current line */
	unsigned line;    /* its number; of several: the first one's */
	bool indented;    /* began with a blank: the owner is the one before */
	struct text text; /* never blank */
};

/* The next line that is not blank. False at the end, or with the fault set to what is wrong in
 * lines->line. */
bool zone_lines_next(struct zone_lines *lines, struct fault *fault);

/*
 * Cuts the next word off *rest, in place: to the next blank that is neither quoted nor escaped.
 * Quotes and escapes stay in it. NULL at the end.
 */
char *zone_word(char **rest);

/* "3600", "1h30m" (w d h m s in any case). False where it is none or over `most`. */
bool zone_seconds(const char *text, uint32_t most, uint32_t *seconds);

#endif
