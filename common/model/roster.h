/*
 * Which zones a list named in earlier runs: since when, and until when. One record a list; its
 * bytes are read entry by entry, so that a hundred thousand zones need no room of their own.
 */
#ifndef COMMON_MODEL_ROSTER_H
#define COMMON_MODEL_ROSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/text.h"

struct roster_entry {
	const uint8_t *zone; /* wire form, lower case */
	int64_t first_s; /* Unix time of the first run that saw it; 0: the list's first run did */
	int64_t gone_s;  /* of the first run that missed it; 0: it was there */
	bool is_moving;  /* it was leaving for another list */
};

/* False ends the reading. */
typedef bool roster_each(void *context, const struct roster_entry *entry);

/* Calls `each` for every entry. False: the record is damaged, or `each` said so. */
bool roster_read(const uint8_t *bytes, size_t length, roster_each *each, void *context);
void roster_begin(struct text *out);
void roster_add(struct text *out, const struct roster_entry *entry);

/* What becomes of an entry. */
enum roster_fate {
	ROSTER_STAYS,   /* listed as before */
	ROSTER_NEW,     /* listed, and still new */
	ROSTER_GONE,    /* not listed; it goes on being asked */
	ROSTER_DROPPED, /* forgotten, or moved away */
};

struct roster_policy {
	int64_t now_s, grace_s, forget_s;
	bool has_failed; /* the list could not be read: nothing changes */
};

/* Changes the entry to what it is now; *changed where that is to be written. `moving`: of a zone
 * that is listed. */
enum roster_fate roster_update(const struct roster_policy *policy, bool listed, bool moving,
	struct roster_entry *entry, bool *changed);

#endif
