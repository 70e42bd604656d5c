#include "common/engine/keys.h"

#include <string.h>

static const struct tsig_key *find(const struct key_ring *ring, const uint8_t *name)
{
	for (size_t i = 0; i < ring->count; i++)
		if (name_equal(ring->keys[i].name, name))
			return &ring->keys[i];
	return NULL;
}

bool key_ring_add(struct key_ring *ring, const char *content, size_t length, struct arena *arena,
	struct fault *fault)
{
	char name[NAME_TEXT];
	size_t at = 0;

	do {
		struct tsig_key *keys = arena_array(arena, ring->count + 1, sizeof(*keys));

		if (ring->count)
			memcpy(keys, ring->keys, ring->count * sizeof(*keys));
		if (!tsig_key_parse_next(content, length, &at, &keys[ring->count], fault))
			return false;
		if (find(ring, keys[ring->count].name))
			return fault_set(fault, "the key %s is there already",
				name_to_text(keys[ring->count].name, name));
		ring->keys = keys;
		ring->count++;
	} while (at < length);
	return true;
}

bool key_choice_parse(const char *name, const struct key_ring *ring, struct key_choice *choice,
	struct fault *fault)
{
	uint8_t wire[NAME_WIRE];

	*choice = (struct key_choice){ .given = name != NULL };
	if (!name || !strcmp(name, "NOKEY"))
		return true;
	if (!name_from_text(name, wire, fault))
		return fault_set(fault, "the key's name \"%s\": %s", name, fault->text);
	choice->key = find(ring, wire);
	return choice->key ||
		fault_set(fault, "there is no key %s in the files of --tsig-key-file", name);
}

const char *key_choice_refusal(const struct key_choice *choice, const struct key_ring *ring,
	const struct tsig_key *key)
{
	if (choice->given && (!choice->key || choice->key == key))
		return NULL;
	if (!choice->given && (!ring->count || key))
		return NULL;
	return key ? "signed with another key" : "not signed";
}

const struct tsig_key *key_choice_signs(const struct key_choice *choice,
	const struct key_ring *ring)
{
	if (choice->given)
		return choice->key;
	return ring->count ? ring->keys : NULL;
}
