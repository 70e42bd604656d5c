/* The hash table, against a plain array as the other opinion. */
#include <stdlib.h>

#include "common/base/map.h"
#include "t/unit/tap.h"

static void empty_map(void)
{
	struct map map = { 0 };
	bool was_new = false;

	ok(!map_get(&map, "a", 1), "nothing is in an empty map");
	ok(*map_put(&map, "a", 1, 5, &was_new) == 5 && was_new, "a first key is new");
	ok(*map_put(&map, "a", 1, 6, &was_new) == 5 && !was_new, "a known key keeps its value");
	ok(*map_put(&map, "a", 1, 6, NULL) == 5, "nobody must want to know");
	*map_get(&map, "a", 1) = 9;
	is_integer(*map_get(&map, "a", 1), 9, "a value can be changed in place");
	ok(!map_get(&map, "ab", 2) && !map_get(&map, "b", 1), "others are not there");
	ok(*map_put(&map, NULL, 0, 7, &was_new) == 7 && was_new, "the empty key is a key");
	ok(map_get(&map, "", 0) && *map_get(&map, NULL, 0) == 7, "and is found");
	is_integer((int64_t)map.count, 2, "two keys");
	map_free(&map);
	ok(!map.slots && !map.count && !map_get(&map, "a", 1), "a freed map is empty");
}

/* Numbers whose keys their owner tells. */
static const void *key_of(const void *owner, uint32_t index, size_t *length)
{
	const char(*keys)[16] = owner;

	*length = strlen(keys[index]);
	return keys[index];
}

static void numbers_alone(void)
{
	enum { KEYS = 20000 };
	static char keys[KEYS][16];
	struct index_map map = { .key_of = key_of };
	unsigned wrong = 0, strange = 0;

	is_integer(index_map_get(&map, keys, "a", 1), INDEX_NONE, "nothing is in an empty one");
	for (uint32_t at = 0; at < KEYS; at++) {
		snprintf(keys[at], sizeof(keys[at]), "k%u.example", at);
		strange += index_map_get(&map, keys, keys[at], strlen(keys[at])) != INDEX_NONE;
		wrong += index_map_put(&map, keys, keys[at], strlen(keys[at]), at) != at;
	}
	wrong += index_map_put(&map, keys, keys[7], strlen(keys[7]), KEYS) != 7;
	for (uint32_t at = 0; at < KEYS; at++) {
		char other[16];

		wrong += index_map_get(&map, keys, keys[at], strlen(keys[at])) != at;
		memcpy(other, keys[at], sizeof(other));
		other[0] = 'x';
		strange += index_map_get(&map, keys, other, strlen(other)) != INDEX_NONE;
	}
	is_integer(wrong, 0, "every key has its number");
	is_integer(strange, 0, "others have none");
	ok(map.count == KEYS && map.capacity < 2 * KEYS, "in four to eight bytes a key");
	index_map_free(&map);
	ok(!map.slots && !map.count, "a freed one is empty");
}

/* Keys of 1 to 12 bytes, most of them with a common beginning, each put twice. */
static void many_keys(void)
{
	enum { KEYS = 50000 };
	static char keys[KEYS][16];
	struct map map = { 0 };
	unsigned at, wrong = 0, strange = 0;
	bool was_new;

	for (at = 0; at < KEYS; at++) {
		snprintf(keys[at], sizeof(keys[at]), "k%u.example", at);
		was_new = false;
		if (*map_put(&map, keys[at], strlen(keys[at]), at, &was_new) != at || !was_new)
			wrong++;
	}
	for (at = 0; at < KEYS; at++) {
		char copy[16];
		uint32_t *value;

		memcpy(copy, keys[at], sizeof(copy));
		value = map_get(&map, copy, strlen(copy));
		if (!value || *value != at)
			wrong++;
		if (*map_put(&map, copy, strlen(copy), 0, &was_new) != at || was_new)
			wrong++;
		copy[0] = 'x';
		strange += map_get(&map, copy, strlen(copy)) != NULL;
	}
	is_integer(wrong, 0, "every key is found with its value");
	is_integer(strange, 0, "no other key is found");
	is_integer((int64_t)map.count, KEYS, "the map counts its keys");
	ok(map.count <= map.capacity / 4 * 3, "one slot in four stays free");
	map_free(&map);
}

static void seeds_differ(void)
{
	struct map one = { 0 }, other = { 0 };

	map_put(&one, "a", 1, 0, NULL);
	map_put(&other, "a", 1, 0, NULL);
	ok(one.seed != other.seed, "every map has a seed of its own");
	map_free(&one);
	map_free(&other);
}

int main(void)
{
	empty_map();
	many_keys();
	numbers_alone();
	seeds_differ();
	return done_testing();
}
