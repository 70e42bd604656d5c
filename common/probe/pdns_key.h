/*
 * The keys of --api-key-file: one key for all servers, or lines "NAME KEY"; '#' at a line's begin
 * or behind a blank begins a comment. Line ends of other systems and a byte order mark do no harm.
 * They stay in memory that no core file shows, and are wiped at the end. No fault shows any of the
 * file's words: each could be a key.
 */
#ifndef COMMON_PROBE_PDNS_KEY_H
#define COMMON_PROBE_PDNS_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/fault.h"

enum { PDNS_KEY_BYTES = 65536 };

struct pdns_keys {
	char *bytes; /* PDNS_KEY_BYTES of their own; words end in NUL */
	size_t count;
	bool has_names;
};

/* The file of an option that holds a key can't be read (`error` of errno). What is no path and
 * names no file may be the key itself: then it is not repeated. Always false. */
bool key_file_missing(const char *option, const char *path, int error, struct fault *fault);
/* A program that holds keys leaves no core, and nobody may look into it. */
void pdns_keys_guard(void);
/* Reads the file; refuses one that is not a plain file, that others than owner and group may read
 * or write, or that holds no key. */
bool pdns_keys_read(struct pdns_keys *keys, const char *path, struct fault *fault);
/* The key for a server of that name, any case, with or without the final dot. False: the file has
 * none for it, or two. */
bool pdns_keys_find(const struct pdns_keys *keys, const char *path, const char *name,
	const char **key, struct fault *fault);
/* Wipes. */
void pdns_keys_free(struct pdns_keys *keys);

#endif
