/*
 * A hash table from bytes to a number (mostly an index into an array of the caller's). Open
 * addressing; the hash is XXH3 with a seed from getrandom(2), so nobody can choose names that
 * collide. The map copies no keys: they must outlive it. {0} is an empty map.
 *
 * An index map is the same for numbers whose keys their owner can tell: a fifth of the memory.
 */
#ifndef COMMON_BASE_MAP_H
#define COMMON_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct map_slot;

struct map {
	struct map_slot *slots;
	size_t count, capacity;
	uint64_t seed;
};

/* The value of KEY, or NULL. The pointer is good until the next map_put(). */
uint32_t *map_get(const struct map *map, const void *key, size_t key_length);
/* The slot of KEY, made with `value` where it was absent; *was_new (may be NULL) tells which. */
uint32_t *map_put(struct map *map, const void *key, size_t key_length, uint32_t value,
	bool *was_new);
void map_free(struct map *map);

enum { INDEX_NONE = 0xffffffff };

/* The key of the owner's item `index`. */
typedef const void *index_key(const void *owner, uint32_t index, size_t *key_length);

struct index_map {
	index_key *key_of;
	uint32_t *slots; /* index + 1; 0: free */
	size_t count, capacity;
	uint64_t seed;
};

/* The index with this key, or INDEX_NONE. */
uint32_t index_map_get(const struct index_map *map, const void *owner, const void *key,
	size_t key_length);
/* The same, or, where there is none, `index` (below INDEX_NONE), which has the key from then on. */
uint32_t index_map_put(struct index_map *map, const void *owner, const void *key, size_t key_length,
	uint32_t index);
void index_map_free(struct index_map *map);

#endif
