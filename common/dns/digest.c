#include "common/dns/digest.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "common/base/arena.h"

enum { WORD_BITS = 64 };

_Static_assert(DIGEST_KEY >= XXH3_SECRET_SIZE_MIN, "XXH3 takes that many random bytes");

static XXH128_hash_t hash_of(const uint8_t *key, const uint8_t *record, size_t length)
{
	return XXH3_128bits_withSecret(record, length, key, DIGEST_KEY);
}

/* The upper bits: the sums live on all of them, too. */
static size_t bucket_of(XXH128_hash_t hash, unsigned bits)
{
	return (size_t)(hash.high64 >> (WORD_BITS - bits));
}

void digest_begin(struct digest *self, const uint8_t *key, unsigned bits)
{
	assert(bits && bits <= DIGEST_BITS_MOST);
	*self = (struct digest){ .key = key, .bits = bits };
	self->sums = memory_resize(NULL, (size_t)1 << bits, sizeof(self->sums[0]));
	memset(self->sums, 0, sizeof(self->sums[0]) << bits);
}

void digest_free(struct digest *self)
{
	free(self->sums);
	self->sums = NULL;
}

void digest_add(struct digest *self, const uint8_t *record, size_t length)
{
	XXH128_hash_t hash = hash_of(self->key, record, length);
	struct digest_sum *sum = &self->sums[bucket_of(hash, self->bits)];

	sum->low += hash.low64;
	sum->high += hash.high64 + (sum->low < hash.low64);
	self->records++;
	self->bytes += length;
}

void digest_take_away(struct digest *self, const uint8_t *record, size_t length)
{
	XXH128_hash_t hash = hash_of(self->key, record, length);
	struct digest_sum *sum = &self->sums[bucket_of(hash, self->bits)];

	sum->high -= hash.high64 + (sum->low < hash.low64);
	sum->low -= hash.low64;
	self->records--;
	self->bytes -= length;
}

static bool is_in(const struct digest_buckets *self, size_t bucket)
{
	return self->words[bucket / WORD_BITS] >> bucket % WORD_BITS & 1;
}

static size_t word_count(unsigned bits)
{
	return bits > 6 ? (size_t)1 << (bits - 6) : 1;
}

void digest_differences(const struct digest *a, const struct digest *b,
	struct digest_buckets *differing)
{
	static const struct digest_sum nothing;

	assert(!b || a->bits == b->bits);
	*differing = (struct digest_buckets){ .key = a->key, .bits = a->bits };
	differing->words = memory_resize(NULL, word_count(a->bits), sizeof(differing->words[0]));
	memset(differing->words, 0, word_count(a->bits) * sizeof(differing->words[0]));
	for (size_t bucket = 0; bucket < (size_t)1 << a->bits; bucket++) {
		const struct digest_sum *one = &a->sums[bucket];
		const struct digest_sum *other = b ? &b->sums[bucket] : &nothing;

		if (one->low == other->low && one->high == other->high)
			continue;
		differing->words[bucket / WORD_BITS] |= UINT64_C(1) << bucket % WORD_BITS;
		differing->count++;
	}
}

void digest_buckets_thin(struct digest_buckets *self, uint32_t wanted)
{
	uint32_t before = self->count, seen = 0;

	if (before <= wanted)
		return;
	self->count = 0;
	for (size_t bucket = 0; bucket < (size_t)1 << self->bits; bucket++) {
		if (!is_in(self, bucket))
			continue;
		/* Every before/wanted-th, in whole numbers. */
		if ((uint64_t)seen * wanted % before < wanted)
			self->count++;
		else
			self->words[bucket / WORD_BITS] &= ~(UINT64_C(1) << bucket % WORD_BITS);
		seen++;
	}
}

bool digest_buckets_hold(const struct digest_buckets *self, const uint8_t *record, size_t length)
{
	return is_in(self, bucket_of(hash_of(self->key, record, length), self->bits));
}

void digest_buckets_free(struct digest_buckets *self)
{
	free(self->words);
	self->words = NULL;
}
