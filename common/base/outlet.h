/*
 * A text on its way out: gathered, and handed on by the piece, so that a report of any length needs
 * little memory. Pure: what takes the bytes (a pipe, a file) is the owner's; without it the text is
 * kept whole.
 */
#ifndef COMMON_BASE_OUTLET_H
#define COMMON_BASE_OUTLET_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/text.h"

enum { OUTLET_BYTES = 64 * 1024 }; /* from so much on a piece is handed on */

/* False: it takes no more. */
typedef bool outlet_take(void *context, const char *bytes, size_t length);

struct outlet {
	struct text text; /* what was not handed on yet */
	outlet_take *take;
	void *context;
	bool is_closed; /* nobody takes any more: whatever comes is dropped */
};

/* Between two items: hands on what has gathered, if it is much. False: no more is wanted. */
bool outlet_flow(struct outlet *outlet);
/* Hands on the rest and frees it. False: not everything was taken. */
bool outlet_end(struct outlet *outlet);

#endif
