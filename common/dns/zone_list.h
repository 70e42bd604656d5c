/*
 * Lists of zones as text: a line is `ZONE [PRIMARY[@PORT]]`, the rest of a line behind '#' is a
 * comment ("\#" stands for itself). Lines end in LF or CRLF; a byte order mark at the start is
 * nothing. Pure and streaming: the caller brings the bytes in pieces of any size, and nothing but
 * one unfinished line is kept.
 *
 * A line that says no zone is no reason to stop: it is handed to `broken`, and the next one is
 * read.
 */
#ifndef COMMON_DNS_ZONE_LIST_H
#define COMMON_DNS_ZONE_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/fault.h"

enum { ZONE_LIST_LINE = 4096 }; /* bytes of a line at most, its comment aside */

/* One zone; all of it only during the call. */
struct zone_list_entry {
	uint64_t line;       /* from 1 */
	const uint8_t *zone; /* wire form, lower case */
	const char *primary; /* as it was written; NULL where the line has none */
};

struct zone_list {
	/* False: the line is broken, and the fault says why. */
	bool (*zone)(void *context, const struct zone_list_entry *entry, struct fault *why);
	void (*broken)(void *context, uint64_t line, const char *why);
	void *context;
	/* private from here */
	uint64_t line; /* lines that have begun */
	size_t length; /* of `bytes` */
	bool is_open;  /* the line has begun, and has not ended */
	bool too_long, in_comment;
	bool escaped; /* the byte before was a backslash that counts */
	char bytes[ZONE_LIST_LINE + 1];
};

/* `list` begins with its callbacks and zeros. */
void zone_list_feed(struct zone_list *list, const char *bytes, size_t length);
/* The last line may lack its end. */
void zone_list_end(struct zone_list *list);

#endif
