#include "common/engine/crowd.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/arena.h"

enum {
	LOOKED_AT = 64,      /* of the least active, for one to make room */
	CLIENTS_FIRST = 64,  /* then twice as many, where half of them are still here */
	IPV6_SITE_BYTES = 8, /* whoever has a /64 has all of its addresses */
};

struct crowd_client {
	struct address address; /* without port; of IPv6 the first half */
	size_t count, bytes;
	struct crowd_list list;
};

static struct address client_of(const struct address *from)
{
	struct address client = { .family = from->family };

	memcpy(client.bytes, from->bytes, from->family == 6 ? IPV6_SITE_BYTES : 4);
	return client;
}

static struct crowd_client *find(const struct crowd *crowd, const struct address *from)
{
	struct address key = client_of(from);
	const uint32_t *index = map_get(&crowd->by_address, &key, sizeof(key));

	return index ? crowd->clients[*index] : NULL;
}

static void add_client(struct crowd *crowd, struct crowd_client *client)
{
	map_put(&crowd->by_address, &client->address, sizeof(client->address),
		(uint32_t)crowd->client_count, NULL);
	crowd->clients[crowd->client_count++] = client;
}

/* Those that have left are forgotten when there is no more room for new ones. */
static void sweep(struct crowd *crowd)
{
	struct crowd_client **known = crowd->clients;
	size_t count = crowd->client_count, left = 0;

	for (size_t i = 0; i < count; i++)
		left += known[i]->count > 0;
	crowd->client_capacity = left < CLIENTS_FIRST / 2 ? CLIENTS_FIRST : 2 * left;
	crowd->clients = memory_resize(NULL, crowd->client_capacity, sizeof(struct crowd_client *));
	crowd->client_count = 0;
	map_free(&crowd->by_address);
	for (size_t i = 0; i < count; i++)
		if (known[i]->count)
			add_client(crowd, known[i]);
		else
			free(known[i]);
	free(known);
}

static struct crowd_client *find_or_add(struct crowd *crowd, const struct address *from)
{
	struct crowd_client *client = find(crowd, from);

	if (client)
		return client;
	if (crowd->client_count == crowd->client_capacity)
		sweep(crowd);
	client = memory_resize(NULL, 1, sizeof(*client));
	*client = (struct crowd_client){ .address = client_of(from) };
	add_client(crowd, client);
	return client;
}

static void list_remove(struct crowd_list *list, struct crowd_member *member, unsigned which)
{
	struct crowd_member *newer = member->newer[which], *older = member->older[which];

	*(newer ? &newer->older[which] : &list->newest) = older;
	*(older ? &older->newer[which] : &list->oldest) = newer;
	member->newer[which] = member->older[which] = NULL;
}

static void list_add(struct crowd_list *list, struct crowd_member *member, unsigned which)
{
	member->older[which] = list->newest;
	*(list->newest ? &list->newest->newer[which] : &list->oldest) = member;
	list->newest = member;
}

void crowd_enter(struct crowd *crowd, struct crowd_member *member, const struct address *from)
{
	*member = (struct crowd_member){ .client = find_or_add(crowd, from) };
	list_add(&crowd->all, member, CROWD_ALL);
	list_add(&member->client->list, member, CROWD_CLIENT);
	member->client->count++;
	crowd->count++;
}

void crowd_leave(struct crowd *crowd, struct crowd_member *member)
{
	list_remove(&crowd->all, member, CROWD_ALL);
	list_remove(&member->client->list, member, CROWD_CLIENT);
	crowd_holds(crowd, member, 0);
	member->client->count--;
	crowd->count--;
}

void crowd_is_active(struct crowd *crowd, struct crowd_member *member)
{
	if (crowd->all.newest == member)
		return;
	list_remove(&crowd->all, member, CROWD_ALL);
	list_add(&crowd->all, member, CROWD_ALL);
	list_remove(&member->client->list, member, CROWD_CLIENT);
	list_add(&member->client->list, member, CROWD_CLIENT);
}

void crowd_holds(struct crowd *crowd, struct crowd_member *member, size_t bytes)
{
	crowd->bytes += bytes - member->bytes;
	member->client->bytes += bytes - member->bytes;
	member->bytes = bytes;
}

typedef bool leaves_before(const struct crowd_member *one, const struct crowd_member *other);

static bool is_less_needed(const struct crowd_member *one, const struct crowd_member *other)
{
	if (one->is_precious != other->is_precious)
		return other->is_precious;
	return one->client->count > other->client->count;
}

static bool is_heavier(const struct crowd_member *one, const struct crowd_member *other)
{
	return one->client->bytes > other->client->bytes;
}

/* Of those that are alike, the least active. */
static struct crowd_member *first_to_leave(const struct crowd_list *list, unsigned which,
	leaves_before *leaves, const struct crowd_member *spared)
{
	struct crowd_member *first = NULL;
	unsigned seen = 0;

	for (struct crowd_member *member = list->oldest; member && seen < LOOKED_AT;
		member = member->newer[which], seen++)
		if (member != spared && (!first || leaves(member, first)))
			first = member;
	return first;
}

struct crowd_member *crowd_least_needed(const struct crowd *crowd)
{
	return first_to_leave(&crowd->all, CROWD_ALL, is_less_needed, NULL);
}

struct crowd_member *crowd_makes_room(const struct crowd *crowd, const struct address *from)
{
	const struct crowd_client *client = find(crowd, from);

	if (client && client->count >= crowd->most_of_client)
		return first_to_leave(&client->list, CROWD_CLIENT, is_less_needed, NULL);
	return crowd->count >= crowd->most ? crowd_least_needed(crowd) : NULL;
}

struct crowd_member *crowd_too_heavy(const struct crowd *crowd, const struct crowd_member *spared)
{
	if (crowd->bytes <= crowd->most_bytes)
		return NULL;
	return first_to_leave(&crowd->all, CROWD_ALL, is_heavier, spared);
}

size_t crowd_of_client(const struct crowd_member *member)
{
	return member->client->count;
}

void crowd_free(struct crowd *crowd)
{
	assert(!crowd->count);
	for (size_t i = 0; i < crowd->client_count; i++)
		free(crowd->clients[i]);
	free(crowd->clients);
	map_free(&crowd->by_address);
	*crowd = (struct crowd){ 0 };
}
