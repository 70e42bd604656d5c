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
static struct address primary_for(const struct discovery *discovery, const struct known_name *known)
{
	const uint8_t *name = known->name;
	uint32_t zone = PLAN_NONE;

	if (!discovery->ns_answers || (has_family(known, 4) && has_family(known, 6)))
		return (struct address){ 0 };
	while (zone == PLAN_NONE || discovery->ns_answers[zone].source != NS_FROM_PRIMARY) {
		zone = plan_find_zone(discovery->plan, name);
		if (!*name)
			break;
		name = name_parent(name);
	}
	return zone != PLAN_NONE && discovery->ns_answers[zone].source == NS_FROM_PRIMARY
		? discovery->ns_answers[zone].from
		: (struct address){ 0 };
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

/* Asks all these at once, and takes what they came to. */
static bool ask_names(struct discovery *discovery, struct known_names *names, const uint32_t *which,
	size_t count, const struct resolve_settings *settings, struct fault *fault)
{
	struct arena *arena = &discovery->plan->arena;
	struct resolve_request *requests = arena_array(arena, count, sizeof(*requests));

	if (count == 0)
		return true;
	for (size_t i = 0; i < count; i++) {
		const struct known_name *known = &names->items[which[i]];

		requests[i] = (struct resolve_request){ .name = known->name,
			.want4 = true,
			.want6 = true,
			.server = known->server };
	}
	if (!resolve_names(discovery->loop, settings, requests, count, arena, &discovery->counts,
		    fault))
		return false;
	for (size_t i = 0; i < count; i++)
		take_result(&names->items[which[i]], &requests[i]);
	return true;
}

static bool ask_resolvers(struct discovery *discovery, struct known_names *names,
	struct fault *fault)
{
	struct address resolvers[3];
	struct resolve_settings settings = { .servers = resolvers,
		.recursion_desired = true,
		.exchange = discover_resolver_settings(discovery) };
	uint32_t *which = arena_array(&discovery->plan->arena, names->count, sizeof(*which));
	size_t count = 0;

	if (!discovery->resolver_failed)
		settings.server_count = discover_resolvers(discovery, resolvers, 3);
	for (uint32_t i = 0; i < names->count; i++) {
		names->items[i].server = 0;
		if (!names->items[i].is_settled)
			which[count++] = i;
	}
	return ask_names(discovery, names, which, count, &settings, fault);
}

/* Every primary about the names in its own zones, all at once; by TCP those that answer by TCP
 * only. */
static bool ask_primaries(struct discovery *discovery, struct known_names *names, bool tcp,
	struct fault *fault)
{
	struct arena *arena = &discovery->plan->arena;
	struct map index = { 0 };
	struct address *servers = arena_array(arena, names->count, sizeof(*servers));
	uint32_t *which = arena_array(arena, names->count, sizeof(*which));
	struct resolve_settings settings = { .servers = servers,
		.own_server = true,
		.tcp = tcp,
		.exchange = discover_resolver_settings(discovery) };
	size_t count = 0;

	for (uint32_t i = 0; i < names->count; i++) {
		struct known_name *known = &names->items[i];
		bool was_new;

		if (known->is_settled || !known->primary.family ||
			discover_needs_tcp(discovery, &known->primary) != tcp)
			continue;
		known->server = *map_put(&index, &known->primary, sizeof(known->primary),
			(uint32_t)settings.server_count, &was_new);
		if (was_new)
			servers[settings.server_count++] = known->primary;
		which[count++] = i;
	}
	map_free(&index);
	return ask_names(discovery, names, which, count, &settings, fault);
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

/* The addresses that the zone's servers of this name had; none: nothing is changed. */
static void recall_name(struct discovery *discovery, const struct zone_history *zone,
	const char *name, struct known_name *known)
{
	for (uint32_t i = 0; i < zone->server_count; i++) {
		if (strcmp(zone->servers[i].name, name) || *zone->servers[i].nsid)
			continue;
		if (known->count == 0)
			known->addresses = arena_array(&discovery->plan->arena, zone->server_count,
				sizeof(*known->addresses));
		known->addresses[known->count] = zone->servers[i].address;
		known->addresses[known->count++].port = 0;
	}
}

static void try_history(struct discovery *discovery, struct known_name *known, bool *recalled)
{
	char text[NAME_TEXT];

	if (known->fate != NAME_FATE_RESOLVER_FAILED || known->count > 0)
		return;
	if (!*recalled)
		discovery->recall(discovery->recall_context, NULL);
	*recalled = true;
	name_to_text(known->name, text);
	for (uint32_t z = 0; z < discovery->past->zone_count && known->count == 0; z++)
		recall_name(discovery, history_of(discovery->past, z), text, known);
}

static void note_trouble(struct discovery *discovery, const struct known_name *known)
{
	if (known->fate == NAME_FATE_RESOLVER_FAILED && !discovery->plan->resolver_trouble)
		discovery->plan->resolver_trouble =
			known->trouble ? known->trouble : "no resolver answers";
}

bool discover_names(struct discovery *discovery, struct known_names *names, struct fault *fault)
{
	bool recalled = false;

	for (size_t i = 0; i < names->count; i++) {
		struct known_name *known = &names->items[i];

		known->primary = primary_for(discovery, known);
		known->is_settled |= known->count > 0 && !known->primary.family;
	}
	if (!ask_primaries(discovery, names, false, fault) ||
		!ask_primaries(discovery, names, true, fault) ||
		!ask_resolvers(discovery, names, fault))
		return false;
	for (size_t i = 0; i < names->count; i++) {
		try_hosts_file(discovery, &names->items[i]);
		try_history(discovery, &names->items[i], &recalled);
		note_trouble(discovery, &names->items[i]);
	}
	return true;
}
