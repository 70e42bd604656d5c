/*
 * Who may: lists of address prefixes ("192.0.2.0/24", "2001:db8::/32", a plain address for one
 * host, "any", "none"), for one zone or for all, with the key that it takes.
 */
#ifndef COMMON_ENGINE_ACCESS_H
#define COMMON_ENGINE_ACCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/address.h"
#include "common/base/fault.h"
#include "common/engine/keys.h"

enum { ZONE_PRIMARIES = 8 }; /* of one secondary zone */

struct prefix {
	struct address address; /* family 0: every address ("any") */
	uint8_t bits;
	bool never; /* "none" */
};

bool prefix_parse(const char *text, struct prefix *prefix, struct fault *fault);
bool prefix_holds(const struct prefix *prefix, const struct address *address);
/* Whatever the ports are. */
bool same_host(const struct address *a, const struct address *b);

/* "192.0.2.0/24", "192.0.2.0/24=KEY", "example.com=192.0.2.0/24=KEY". */
struct access_rule {
	uint8_t zone[NAME_WIRE];
	bool everywhere; /* for every zone that has no rule of its own */
	struct prefix prefix;
	struct key_choice key;
};

bool access_rule_parse(const char *text, const struct key_ring *keys, struct access_rule *rule,
	struct fault *fault);

struct access_list {
	const struct access_rule *rules;
	size_t count;
};

/* Is there a rule for this zone, its own or one for all? */
bool access_speaks_of(const struct access_list *list, const uint8_t *zone);
/* Why this client, whose message is signed with this key (NULL: with none), may not; static. NULL:
 * it may. The zone's own rules take the place of those for all, and any that fits will do; where
 * there is none, loopback may. */
const char *access_refusal(const struct access_list *list, const struct key_ring *keys,
	const uint8_t *zone, const struct address *client, const struct tsig_key *key);

#endif
