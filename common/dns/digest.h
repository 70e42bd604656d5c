/*
 * What a zone holds, in constant memory: the sum of a keyed 128-bit hash of each record, in buckets
 * by that hash. Sums depend neither on the order of the records nor on how a server frames and
 * compresses them; a record that stands twice counts twice. Where two zones differ in a few
 * records, a few buckets differ, and only what falls into these has to be looked at again.
 *
 * The key is random for every run: who serves a zone can't choose records whose sums collide.
 */
#ifndef COMMON_DNS_DIGEST_H
#define COMMON_DNS_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DIGEST_KEY = 192, DIGEST_BITS = 12, DIGEST_BITS_MOST = 24 };

struct digest_sum {
	uint64_t low, high;
};

/* Owns its sums. */
struct digest {
	const uint8_t *key; /* DIGEST_KEY random bytes, the caller's; the same for all that are
	                       compared */
	unsigned bits;      /* 2^bits buckets */
	struct digest_sum *sums;
	uint64_t records, bytes; /* in canonical form */
};

void digest_begin(struct digest *self, const uint8_t *key, unsigned bits);
void digest_free(struct digest *self);
/* A record as canonical.h has it. */
void digest_add(struct digest *self, const uint8_t *record, size_t length);
/* As if the record had been added once less. */
void digest_take_away(struct digest *self, const uint8_t *record, size_t length);

/* Buckets of one digest, as a set. Owns its words. */
struct digest_buckets {
	const uint8_t *key;
	unsigned bits;
	uint64_t *words;
	uint32_t count; /* in the set */
};

/* Those whose sums differ: none, and the zones are equal. Same key, same bits; NULL: an empty one.
 */
void digest_differences(const struct digest *a, const struct digest *b,
	struct digest_buckets *differing);
/* Keeps about `wanted` of them, evenly; fewer are kept all. */
void digest_buckets_thin(struct digest_buckets *self, uint32_t wanted);
bool digest_buckets_hold(const struct digest_buckets *self, const uint8_t *record, size_t length);
void digest_buckets_free(struct digest_buckets *self);

#endif
