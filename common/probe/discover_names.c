/* Names to addresses: the user's word, glue, the primary, a resolver, the hosts file, and last what
 * earlier runs knew. */
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/dns/name.h"
#include "common/probe/discover.h"

enum { RESOLVER_TIME_US = 2500000 }; /* at most, for all of them */

#define HOSTS_FILE  "/etc/hosts"
#define RESOLV_CONF "/etc/resolv.conf"

size_t discover_resolvers(const struct discovery *discovery, struct address *resolvers, size_t most)
{
	size_t count = discovery->resolver_count < most ? discovery->resolver_count : most;

	if (discovery->resolver_count == 0)
		return resolve_system_servers(RESOLV_CONF, resolvers, most);
	memcpy(resolvers, discovery->resolvers, count * sizeof(*resolvers));
	return count;
}

struct exchange_settings discover_resolver_settings(const struct discovery *discovery)
{
	struct exchange_settings settings = discovery->exchange;
	int64_t latest = clock_monotonic_us() + RESOLVER_TIME_US;

	settings.retries = 1;
	settings.rate = 0;
	if (settings.deadline_us > latest)
		settings.deadline_us = latest;
	return settings;
}

bool discover_needs_tcp(const struct discovery *discovery, const struct address *address)
{
	if (discovery->tcp_only)
		return true;
	for (size_t i = 0; i < discovery->way_count; i++) {
		if (discovery->ways[i].outcome == OUTCOME_ANSWERED &&
			address_equal(&discovery->ways[i].address, address))
			return true;
	}
	return false;
}

static void take_mapping(const struct discovery *discovery, struct known_name *known)
{
	for (size_t i = 0; i < discovery->mapping_count; i++) {
		const struct name_mapping *mapping = &discovery->mappings[i];

		if (!name_equal(mapping->name, known->name))
			continue;
		known->addresses = mapping->addresses;
		known->count = mapping->count;
		known->port = mapping->port;
		known->is_settled = true;
	}
}

struct known_name *known_name_add(struct discovery *discovery, struct known_names *names,
	const uint8_t *name)
{
	uint8_t lower[NAME_WIRE];
	size_t length = name_length(name);
	const uint8_t *copy;
	uint32_t *index;

	memcpy(lower, name, length);
	name_lower(lower);
	index = map_get(&names->index, lower, length);
	if (index)
		return &names->items[*index];
	copy = arena_copy(&discovery->plan->arena, lower, length);
	map_put(&names->index, copy, length, (uint32_t)names->count, NULL);
	if (names->count == names->capacity) {
		names->capacity = names->capacity ? names->capacity * 2 : 16;
		names->items = memory_resize(names->items, names->capacity, sizeof(*names->items));
	}
	names->items[names->count] = (struct known_name){ .name = copy };
	take_mapping(discovery, &names->items[names->count]);
	return &names->items[names->count++];
}

void known_name_address(struct discovery *discovery, struct known_name *known,
	const struct address *address)
{
	struct address *longer;

	if (known->is_settled)
		return;
	for (size_t i = 0; i < known->count; i++) {
		if (address_equal(&known->addresses[i], address))
			return;
	}
	longer = arena_array(&discovery->plan->arena, known->count + 1, sizeof(*longer));
	if (known->count)
		memcpy(longer, known->addresses, known->count * sizeof(*longer));
	longer[known->count++] = *address;
	known->addresses = longer;
}

static bool has_family(const struct known_name *known, uint8_t family)
{
	for (size_t i = 0; i < known->count; i++) {
		if (known->addresses[i].family == family)
			return true;
	}
	return false;
}

/* Glue may leave out a family; the primary knows for sure about names in its own zones. */
static bool wants_primary(const struct discovery *discovery, const struct known_name *known)
{
	for (size_t z = 0; z < discovery->plan->zone_count; z++) {
		if (name_within(known->name, discovery->plan->zones[z].name))
			return !has_family(known, 4) || !has_family(known, 6);
	}
	return false;
}

static void take_result(struct known_name *known, const struct resolve_request *request)
{
	switch (request->status) {
	case NAME_RESOLVED:
		known->fate = NAME_FATE_RESOLVED;
		known->addresses = request->addresses;
		known->count = request->count;
		known->is_settled = true;
		break;
	case NAME_NXDOMAIN:
		known->fate = NAME_FATE_NXDOMAIN;
		known->is_settled = true;
		break;
	case NAME_NODATA:
		known->fate = NAME_FATE_NODATA;
		known->is_settled = true;
		break;
	case NAME_UNKNOWN:
	case NAME_RESOLVER_FAILED:
		known->fate = NAME_FATE_RESOLVER_FAILED;
		known->trouble = request->trouble;
		break;
	}
	if (known->count > 0 &&
		known->fate != NAME_FATE_RESOLVED) { /* glue was there before: it serves */
		known->fate = NAME_FATE_RESOLVED;
		known->is_settled = true;
	}
}

/* Asks `servers` for every unsettled name (only those for the primary, where that is asked). */
static bool ask_names(struct discovery *discovery, struct known_names *names,
	const struct address *servers, size_t server_count, bool is_primary, struct fault *fault)
{
	struct arena *arena = &discovery->plan->arena;
	struct resolve_request *requests = arena_array(arena, names->count, sizeof(*requests));
	struct resolve_settings settings = { .servers = servers,
		.server_count = server_count,
		.recursion_desired = !is_primary,
		.tcp = is_primary && discover_needs_tcp(discovery, servers),
		.exchange = discover_resolver_settings(discovery) };
	uint32_t *which = arena_array(arena, names->count, sizeof(*which));
	size_t count = 0;

	for (uint32_t i = 0; i < names->count; i++) {
		if (names->items[i].is_settled || (is_primary && !names->items[i].from_primary))
			continue;
		which[count] = i;
		requests[count++] = (struct resolve_request){ .name = names->items[i].name,
			.want4 = true,
			.want6 = true };
	}
	if (count == 0)
		return true;
	if (!resolve_names(discovery->loop, &settings, requests, count, arena, &discovery->counts,
		    fault))
		return false;
	for (size_t i = 0; i < count; i++)
		take_result(&names->items[which[i]], &requests[i]);
	return true;
}

/* A hosts file helps to ask, but no primary reads ours. */
static void try_hosts_file(struct discovery *discovery, struct known_name *known)
{
	struct address addresses[16];
	size_t count;

	if (known->fate == NAME_FATE_RESOLVED)
		return;
	count = resolve_hosts_file(HOSTS_FILE, known->name, addresses, 16);
	if (count == 0)
		return;
	known->addresses =
		arena_copy(&discovery->plan->arena, addresses, count * sizeof(*addresses));
	known->count = count;
	if (known->fate != NAME_FATE_RESOLVER_FAILED)
		known->fate = NAME_FATE_HOSTS_ONLY;
}

static void try_history(struct discovery *discovery, struct known_name *known)
{
	struct arena *arena = &discovery->plan->arena;
	char text[NAME_TEXT];

	if (known->fate != NAME_FATE_RESOLVER_FAILED || known->count > 0)
		return;
	name_to_text(known->name, text);
	for (size_t z = 0; z < discovery->past->zone_count && known->count == 0; z++) {
		const struct zone_history *zone = &discovery->past->zones[z];

		known->addresses =
			arena_array(arena, zone->server_count, sizeof(*known->addresses));
		for (uint32_t i = 0; i < zone->server_count; i++) {
			if (strcmp(zone->servers[i].name, text) || *zone->servers[i].nsid)
				continue;
			known->addresses[known->count] = zone->servers[i].address;
			known->addresses[known->count++].port = 0;
		}
	}
}

static void note_trouble(struct discovery *discovery, const struct known_name *known)
{
	if (known->fate == NAME_FATE_RESOLVER_FAILED && !discovery->plan->resolver_trouble)
		discovery->plan->resolver_trouble =
			known->trouble ? known->trouble : "no resolver answers";
}

bool discover_names(struct discovery *discovery, struct known_names *names,
	const struct address *primary, struct fault *fault)
{
	struct address resolvers[3];
	size_t resolver_count;

	for (size_t i = 0; i < names->count; i++) {
		struct known_name *known = &names->items[i];

		known->from_primary = primary && wants_primary(discovery, known);
		known->is_settled |= known->count > 0 && !known->from_primary;
	}
	if (primary && !ask_names(discovery, names, primary, 1, true, fault))
		return false;
	resolver_count =
		discovery->resolver_failed ? 0 : discover_resolvers(discovery, resolvers, 3);
	if (!ask_names(discovery, names, resolvers, resolver_count, false, fault))
		return false;
	for (size_t i = 0; i < names->count; i++) {
		try_hosts_file(discovery, &names->items[i]);
		try_history(discovery, &names->items[i]);
		note_trouble(discovery, &names->items[i]);
	}
	return true;
}
