/*
 * The connections of one server in the order of their last activity, in all and of each client, and
 * who of them makes room where there are too many, or where they hold too much memory. A client is
 * an IPv4 address or an IPv6 /64. Pure: the connections themselves are somebody else's.
 *
 * Room is made by the least active, of them first by those without a transfer, then by those whose
 * client has the most (connections, or memory): who comes with thousands takes them from himself.
 */
#ifndef COMMON_ENGINE_CROWD_H
#define COMMON_ENGINE_CROWD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/address.h"
#include "common/base/map.h"

struct crowd_client;
struct crowd_member;

/* In the order of last activity. */
struct crowd_list {
	struct crowd_member *newest, *oldest;
};

enum { CROWD_ALL, CROWD_CLIENT, CROWD_LISTS };

/* Part of each connection, first in it. */
struct crowd_member {
	bool is_precious; /* a transfer is on its way; the connection's to set */
	/* private from here */
	struct crowd_member *newer[CROWD_LISTS], *older[CROWD_LISTS];
	struct crowd_client *client;
	size_t bytes;
};

struct crowd {
	/* Bounds; the owner's to set. */
	size_t most, most_of_client, most_bytes;
	size_t bytes; /* that all hold; to be read */
	/* private from here */
	size_t count;
	struct crowd_list all;
	struct crowd_client **clients;
	size_t client_count, client_capacity;
	struct map by_address; /* to an index in clients */
};

/* Who must leave before a connection of this client may come, or NULL. */
struct crowd_member *crowd_makes_room(const struct crowd *crowd, const struct address *client);
/* Who leaves first, or NULL. */
struct crowd_member *crowd_least_needed(const struct crowd *crowd);
/* The most active one of all. */
void crowd_enter(struct crowd *crowd, struct crowd_member *member, const struct address *client);
void crowd_leave(struct crowd *crowd, struct crowd_member *member);
/* It is the most active one now. */
void crowd_is_active(struct crowd *crowd, struct crowd_member *member);
/* It holds so much memory now. */
void crowd_holds(struct crowd *crowd, struct crowd_member *member, size_t bytes);
/* Who must leave because all together hold too much, never `spared`; or NULL. */
struct crowd_member *crowd_too_heavy(const struct crowd *crowd, const struct crowd_member *spared);
/* How many connections the client of this one has. */
size_t crowd_of_client(const struct crowd_member *member);
/* Of an empty crowd. */
void crowd_free(struct crowd *crowd);

#endif
