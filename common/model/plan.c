#include "common/model/plan.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/dns/name.h"

struct draft_pair {
	uint32_t zone, server;
	unsigned flags;
};

struct draft_name {
	uint32_t zone, name;
};

/* Everything that grows while discovery runs; plan_close() turns it into the plan's flat arrays. */
struct plan_draft {
	struct map servers, names; /* keys live in the plan's arena */
	struct map zone_names;
	struct draft_pair *pair_list;
	struct draft_name *name_list;
	size_t pair_count, pair_capacity, name_count, name_capacity;
	size_t zone_capacity, server_capacity, plan_name_capacity;
};

static const void *zone_key(const void *owner, uint32_t zone, size_t *length)
{
	const struct plan *plan = owner;

	*length = name_length(plan->zones[zone].name);
	return plan->zones[zone].name;
}

void plan_begin(struct plan *plan)
{
	*plan = (struct plan){ .zone_index.key_of = zone_key };
	plan->draft = arena_alloc(&plan->arena, sizeof(*plan->draft));
}

static const uint8_t *lower_copy(struct plan *plan, const uint8_t *name, size_t *length)
{
	uint8_t *copy;

	*length = name_length(name);
	copy = arena_copy(&plan->arena, name, *length);
	name_lower(copy);
	return copy;
}

uint32_t plan_find_zone(const struct plan *plan, const uint8_t *name)
{
	return index_map_get(&plan->zone_index, plan, name, name_length(name));
}

uint32_t plan_add_zone(struct plan *plan, const uint8_t *name)
{
	struct plan_draft *draft = plan->draft;
	uint8_t lower[NAME_WIRE];
	size_t length = name_length(name);
	uint32_t index;

	memcpy(lower, name, length);
	name_lower_bytes(lower, length);
	index = index_map_put(&plan->zone_index, plan, lower, length, (uint32_t)plan->zone_count);
	if (index < plan->zone_count)
		return index;
	MEMORY_ROOM(plan->zones, plan->zone_count, draft->zone_capacity);
	plan->zones[plan->zone_count++] =
		(struct zone){ .name = arena_pack(&plan->arena, lower, length) };
	return index;
}

static void name_server(struct plan *plan, struct server *server, const uint8_t *name)
{
	char text[NAME_TEXT];
	size_t length;
	const uint8_t *copy = lower_copy(plan, name, &length);

	server->named = true;
	server->name = arena_string(&plan->arena, name_to_text(copy, text));
	server->display = arena_string(&plan->arena, name_to_display(copy, text));
}

uint32_t plan_add_server(struct plan *plan, const uint8_t *name, const struct address *address)
{
	struct plan_draft *draft = plan->draft;
	char text[ADDRESS_TEXT];
	const uint32_t *known = map_get(&draft->servers, address, sizeof(*address));
	uint32_t index = known ? *known : (uint32_t)plan->server_count;

	if (!known) {
		map_put(&draft->servers, arena_copy(&plan->arena, address, sizeof(*address)),
			sizeof(*address), index, NULL);
		MEMORY_ROOM(plan->servers, plan->server_count, draft->server_capacity);
		plan->servers[plan->server_count++] = (struct server){ .address = *address };
		plan->servers[index].name =
			arena_string(&plan->arena, address_to_text(address, text));
		plan->servers[index].display = plan->servers[index].name;
	}
	if (name && !plan->servers[index].named)
		name_server(plan, &plan->servers[index], name);
	return index;
}

uint32_t plan_add_name(struct plan *plan, const uint8_t *name, enum name_fate fate)
{
	struct plan_draft *draft = plan->draft;
	char text[NAME_TEXT];
	size_t length;
	bool was_new;
	const uint8_t *copy = lower_copy(plan, name, &length);
	uint32_t index =
		*map_put(&draft->names, copy, length, (uint32_t)plan->name_count, &was_new);

	if (!was_new)
		return index;
	MEMORY_ROOM(plan->names, plan->name_count, draft->plan_name_capacity);
	plan->names[plan->name_count++] = (struct plan_name){
		.text = arena_string(&plan->arena, name_to_text(copy, text)),
		.fate = fate,
	};
	return index;
}

void plan_assign(struct plan *plan, uint32_t zone, uint32_t server, unsigned flags)
{
	struct plan_draft *draft = plan->draft;
	MEMORY_ROOM(draft->pair_list, draft->pair_count, draft->pair_capacity);
	draft->pair_list[draft->pair_count++] = (struct draft_pair){ zone, server, flags };
}

void plan_zone_name(struct plan *plan, uint32_t zone, uint32_t name)
{
	struct plan_draft *draft = plan->draft;
	uint32_t key[2] = { zone, name };
	bool was_new;

	map_put(&draft->zone_names, arena_copy(&plan->arena, key, sizeof(key)), sizeof(key), 0,
		&was_new);
	if (!was_new)
		return;
	MEMORY_ROOM(draft->name_list, draft->name_count, draft->name_capacity);
	draft->name_list[draft->name_count++] = (struct draft_name){ zone, name };
}

/* A stable counting sort: pairs keep the order in which they were assigned. Some stand there
 * several times still. */
static void sort_pairs(struct plan *plan)
{
	const struct plan_draft *draft = plan->draft;
	uint32_t next = 0;

	for (size_t i = 0; i < draft->pair_count; i++)
		plan->zones[draft->pair_list[i].zone].pair_count++;
	for (size_t z = 0; z < plan->zone_count; z++) {
		plan->zones[z].first_pair = next;
		next += plan->zones[z].pair_count;
		plan->zones[z].pair_count = 0;
	}
	for (size_t i = 0; i < draft->pair_count; i++) {
		struct zone *zone = &plan->zones[draft->pair_list[i].zone];
		uint32_t pair = zone->first_pair + zone->pair_count++;

		plan->assigned[pair] = draft->pair_list[i].server;
		plan->pair_flags[pair] = (uint8_t)draft->pair_list[i].flags;
	}
}

/* The first of several stays and gets the flags of all. */
static void merge_pairs(struct plan *plan)
{
	struct arena arena = { 0 };
	uint32_t *place = arena_array(&arena, plan->server_count, sizeof(*place)); /* + 1 */
	uint32_t next = 0;

	for (size_t z = 0; z < plan->zone_count; z++) {
		struct zone *zone = &plan->zones[z];
		uint32_t from = zone->first_pair, end = from + zone->pair_count;

		zone->first_pair = next;
		for (; from < end; from++) {
			uint32_t server = plan->assigned[from], known = place[server];
			uint8_t flags = plan->pair_flags[from];

			if (known > zone->first_pair) {
				plan->pair_flags[known - 1] |= flags;
				continue;
			}
			plan->assigned[next] = server;
			plan->pair_flags[next] = flags;
			place[server] = ++next;
		}
		zone->pair_count = next - zone->first_pair;
	}
	plan->pair_count = next;
	arena_free(&arena);
}

static void group_pairs(struct plan *plan)
{
	size_t most = plan->draft->pair_count;

	plan->assigned = arena_array(&plan->arena, most, sizeof(*plan->assigned));
	plan->pair_flags = arena_array(&plan->arena, most, sizeof(*plan->pair_flags));
	sort_pairs(plan);
	merge_pairs(plan);
}

static void group_names(struct plan *plan)
{
	const struct plan_draft *draft = plan->draft;
	uint32_t next = 0;

	for (size_t i = 0; i < draft->name_count; i++)
		plan->zones[draft->name_list[i].zone].name_count++;
	for (size_t z = 0; z < plan->zone_count; z++) {
		plan->zones[z].first_name = next;
		next += plan->zones[z].name_count;
		plan->zones[z].name_count = 0;
	}
	plan->zone_name_count = draft->name_count;
	plan->zone_names =
		arena_array(&plan->arena, plan->zone_name_count, sizeof(*plan->zone_names));
	for (size_t i = 0; i < draft->name_count; i++) {
		struct zone *zone = &plan->zones[draft->name_list[i].zone];

		plan->zone_names[zone->first_name + zone->name_count++] = draft->name_list[i].name;
	}
}

static void mark_several(struct plan *plan)
{
	struct map first = { 0 };

	for (uint32_t s = 0; s < plan->server_count; s++) {
		struct server *server = &plan->servers[s];
		bool was_new;
		uint32_t other = *map_put(&first, server->name, strlen(server->name), s, &was_new);

		if (!was_new)
			server->several = plan->servers[other].several = true;
	}
	map_free(&first);
}

static void draft_free(struct plan *plan)
{
	struct plan_draft *draft = plan->draft;

	if (!draft)
		return;
	map_free(&draft->servers);
	map_free(&draft->names);
	map_free(&draft->zone_names);
	free(draft->pair_list);
	free(draft->name_list);
	plan->draft = NULL;
}

void plan_close(struct plan *plan)
{
	group_pairs(plan);
	group_names(plan);
	mark_several(plan);
	draft_free(plan);
}

void plan_free(struct plan *plan)
{
	draft_free(plan);
	index_map_free(&plan->zone_index);
	free(plan->zones);
	free(plan->servers);
	free(plan->names);
	arena_free(&plan->arena);
	*plan = (struct plan){ 0 };
}

void plan_zone_text(const struct plan *plan, uint32_t zone, struct text *out)
{
	char text[NAME_TEXT];

	text_add(out, name_to_display(plan->zones[zone].name, text));
}

void plan_server_text(const struct plan *plan, uint32_t server, struct text *out)
{
	const struct server *at = &plan->servers[server];
	char address[ADDRESS_TEXT];

	if (!at->address.family) { /* a socket, or a name that means nothing */
		text_add(out, at->display);
		return;
	}
	address_to_text_port(&at->address, address);
	if (at->named)
		text_addf(out, "%s (%s)", at->display, address);
	else
		text_add(out, address);
}

const char *name_fate_name(enum name_fate fate)
{
	static const char *const names[NAME_FATE_COUNT] = {
		[NAME_FATE_RESOLVED] = "resolved",
		[NAME_FATE_NXDOMAIN] = "nxdomain",
		[NAME_FATE_NODATA] = "nodata",
		[NAME_FATE_HOSTS_ONLY] = "hosts_only",
		[NAME_FATE_RESOLVER_FAILED] = "resolver_failed",
	};

	return names[fate];
}

const char *ns_source_name(enum ns_source source)
{
	static const char *const names[NS_SOURCE_COUNT] = {
		[NS_FROM_NOBODY] = "nobody",
		[NS_FROM_OPTIONS] = "options",
		[NS_FROM_PRIMARY] = "primary",
		[NS_FROM_SERVER] = "server",
		[NS_FROM_RESOLVER] = "resolver",
		[NS_FROM_HISTORY] = "history",
	};

	return names[source];
}
