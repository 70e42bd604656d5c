/*
 * Cuts a long JSON document into the objects of its lists, without holding more than one of them:
 * a hundred thousand zones as one document are many megabytes. Pure and streaming. Only brackets
 * and strings are understood here; each object is for a real parser to read.
 */
#ifndef COMMON_BASE_JSON_SPLIT_H
#define COMMON_BASE_JSON_SPLIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/text.h"

enum { JSON_SPLIT_DEPTH = 64, JSON_SPLIT_KEY = 64, JSON_SPLIT_OBJECT = 65536 };

struct json_split {
	/* The key whose lists are cut, wherever it stands; NULL: the document is the list. */
	const char *list;
	/* False ends the reading. The bytes are the object, from { to }. */
	bool (*object)(void *context, const char *bytes, size_t length);
	void *context;
	/* private from here */
	const char *broken;
	char closing[JSON_SPLIT_DEPTH]; /* the bracket that ends each level */
	size_t depth, list_depth;       /* of the list that is being cut; 0: none */
	char key[JSON_SPLIT_KEY];       /* the last string of the level, cut */
	size_t key_length;
	bool has_begun, has_ended, in_string, escaped, is_value; /* behind a colon */
	struct text held;                                        /* of the object */
};

/* `split` begins with its callback and zeros. False: it is broken, or the callback said so. */
bool json_split_feed(struct json_split *split, const char *bytes, size_t length);
/* Was it a whole document? NULL; else what is wrong, as a sentence's second half. Frees. */
const char *json_split_end(struct json_split *split);

#endif
