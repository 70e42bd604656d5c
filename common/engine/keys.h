/*
 * TSIG keys by name: which of those that axfrd has read one must be signed with, and which signs.
 */
#ifndef COMMON_ENGINE_KEYS_H
#define COMMON_ENGINE_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/arena.h"
#include "common/base/fault.h"
#include "common/dns/tsig.h"

/* All keys, each name once; the arena's. */
struct key_ring {
	const struct tsig_key *keys;
	size_t count;
};

/* All keys of a file (tsig_key_parse()); false: one is broken, or was there already. Keys move. */
bool key_ring_add(struct key_ring *ring, const char *content, size_t length, struct arena *arena,
	struct fault *fault);

/* What somebody's messages are signed with. {0}: any key where there are keys. */
struct key_choice {
	bool given;
	const struct tsig_key *key; /* if given; NULL: none is needed */
};

/* A key's name, NOKEY, or NULL: not given. */
bool key_choice_parse(const char *name, const struct key_ring *ring, struct key_choice *choice,
	struct fault *fault);
/* Why a message signed with this key (NULL: with none) does not do, static; NULL: it does. */
const char *key_choice_refusal(const struct key_choice *choice, const struct key_ring *ring,
	const struct tsig_key *key);
/* What signs our own messages: the key given, else the first of the ring; or NULL. */
const struct tsig_key *key_choice_signs(const struct key_choice *choice,
	const struct key_ring *ring);

#endif
