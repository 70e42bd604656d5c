#include "common/base/map.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "common/base/arena.h"
#include "common/base/clock.h"

enum { MAP_FIRST = 16 };

/* Free where `key` is NULL. The capacity is a power of two and one slot in four stays free. */
struct map_slot {
	const void *key;
	uint32_t length, hash, value;
};

static uint32_t hash_of(uint64_t seed, const void *key, size_t length)
{
	return (uint32_t)XXH3_64bits_withSeed(key, length, seed);
}

/* The slot that holds the key, or the free one where it belongs. */
static struct map_slot *slot_of(const struct map *map, const void *key, size_t length,
	uint32_t hash)
{
	size_t mask = map->capacity - 1, at = hash & mask;

	for (;; at = (at + 1) & mask) {
		struct map_slot *slot = &map->slots[at];

		if (!slot->key)
			return slot;
		if (slot->hash == hash && slot->length == length && !memcmp(slot->key, key, length))
			return slot;
	}
}

static void map_grow(struct map *map)
{
	struct map old = *map;
	size_t at;

	if (!old.capacity)
		random_bytes(&map->seed, sizeof(map->seed));
	map->capacity = old.capacity ? old.capacity * 2 : MAP_FIRST;
	map->slots = memory_resize(NULL, map->capacity, sizeof(*map->slots));
	memset(map->slots, 0, map->capacity * sizeof(*map->slots));
	for (at = 0; at < old.capacity; at++) {
		struct map_slot *slot = &old.slots[at];

		if (slot->key)
			*slot_of(map, slot->key, slot->length, slot->hash) = *slot;
	}
	free(old.slots);
}

uint32_t *map_get(const struct map *map, const void *key, size_t key_length)
{
	struct map_slot *slot;

	if (!map->count)
		return NULL;
	slot = slot_of(map, key_length ? key : "", key_length, hash_of(map->seed, key, key_length));
	return slot->key ? &slot->value : NULL;
}

uint32_t *map_put(struct map *map, const void *key, size_t key_length, uint32_t value,
	bool *was_new)
{
	struct map_slot *slot;
	uint32_t hash;
	bool is_new;

	assert(key_length <= UINT32_MAX);
	if (map->count >= map->capacity / 4 * 3)
		map_grow(map);
	if (!key_length)
		key = "";
	hash = hash_of(map->seed, key, key_length);
	slot = slot_of(map, key, key_length, hash);
	is_new = !slot->key;
	if (is_new) {
		*slot = (struct map_slot){ .key = key,
			.length = (uint32_t)key_length,
			.hash = hash,
			.value = value };
		map->count++;
	}
	if (was_new)
		*was_new = is_new;
	return &slot->value;
}

void map_free(struct map *map)
{
	free(map->slots);
	*map = (struct map){ 0 };
}

/* The slot that holds the key, or the free one where it belongs. */
static uint32_t *index_slot(const struct index_map *map, const void *owner, const void *key,
	size_t length)
{
	size_t mask = map->capacity - 1, at = hash_of(map->seed, key, length) & mask;

	for (;; at = (at + 1) & mask) {
		uint32_t *slot = &map->slots[at];
		const void *known;
		size_t known_length;

		if (!*slot)
			return slot;
		known = map->key_of(owner, *slot - 1, &known_length);
		if (known_length == length && !memcmp(known, key, length))
			return slot;
	}
}

/* One that is not there yet needs no comparing. */
static void index_place(struct index_map *map, const void *owner, uint32_t index)
{
	size_t length, mask = map->capacity - 1, at;
	const void *key = map->key_of(owner, index, &length);

	at = hash_of(map->seed, key, length) & mask;
	while (map->slots[at])
		at = (at + 1) & mask;
	map->slots[at] = index + 1;
}

static void index_grow(struct index_map *map, const void *owner)
{
	struct index_map old = *map;

	if (!old.capacity)
		random_bytes(&map->seed, sizeof(map->seed));
	map->capacity = old.capacity ? old.capacity * 2 : MAP_FIRST;
	map->slots = memory_resize(NULL, map->capacity, sizeof(*map->slots));
	memset(map->slots, 0, map->capacity * sizeof(*map->slots));
	for (size_t at = 0; at < old.capacity; at++) {
		if (old.slots[at])
			index_place(map, owner, old.slots[at] - 1);
	}
	free(old.slots);
}

uint32_t index_map_get(const struct index_map *map, const void *owner, const void *key,
	size_t key_length)
{
	return map->count ? *index_slot(map, owner, key, key_length) - 1 : INDEX_NONE;
}

uint32_t index_map_put(struct index_map *map, const void *owner, const void *key, size_t key_length,
	uint32_t index)
{
	uint32_t *slot;

	if (map->count >= map->capacity / 4 * 3)
		index_grow(map, owner);
	slot = index_slot(map, owner, key, key_length);
	if (*slot)
		return *slot - 1;
	*slot = index + 1;
	map->count++;
	return index;
}

void index_map_free(struct index_map *map)
{
	free(map->slots);
	*map = (struct index_map){ 0 };
}
