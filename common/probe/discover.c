#include "common/probe/discover.h"

#include <stdlib.h>
#include <string.h>

#include "common/dns/name.h"

#define HOSTS_FILE "/etc/hosts"

static bool is_named_in(const struct host *hosts, size_t count, const uint8_t *name,
	const struct address *address)
{
	for (size_t i = 0; i < count; i++) {
		if (name && hosts[i].name && name_equal(hosts[i].name, name))
			return true;
		for (size_t a = 0; address && !hosts[i].name && a < hosts[i].address_count; a++) {
			const struct address *each = &hosts[i].addresses[a];

			if (each->family == address->family &&
				!memcmp(each->bytes, address->bytes, sizeof(each->bytes)) &&
				(hosts[i].port == 0 || hosts[i].port == address->port))
				return true;
		}
	}
	return false;
}

/* The server of an address, or PLAN_NONE: it is not wanted. */
static uint32_t server_at(struct discovery *discovery, const uint8_t *name,
	const struct address *at, uint16_t port)
{
	struct address address = *at;
	uint32_t server;

	if (address.port == 0)
		address.port = port ? port : discovery->port;
	if ((address.family == 4 && !discovery->want4) ||
		(address.family == 6 && !discovery->want6) ||
		is_named_in(discovery->excluded, discovery->excluded_count, name, &address))
		return PLAN_NONE;
	server = plan_add_server(discovery->plan, name, &address);
	discovery->plan->servers[server].independent |=
		is_named_in(discovery->independent, discovery->independent_count, name, &address);
	return server;
}

/* Of the addresses of one name or host the servers, which are the same for all its zones. */
static const uint32_t *servers_at(struct discovery *discovery, const uint8_t *name,
	const struct address *addresses, size_t count, uint16_t port)
{
	struct placed *placed =
		&discovery->placed[(uintptr_t)addresses / sizeof(*addresses) % PLACED_HOSTS];

	if (placed->addresses == addresses && placed->name == name && placed->count == count &&
		placed->port == port)
		return placed->servers;
	*placed = (struct placed){ .addresses = addresses,
		.name = name,
		.count = count,
		.port = port,
		.servers = arena_array(&discovery->plan->arena, count, sizeof(uint32_t)) };
	for (size_t i = 0; i < count; i++)
		placed->servers[i] = server_at(discovery, name, &addresses[i], port);
	return placed->servers;
}

/* Every address of a name becomes a server of the zone; without flags it is only given its name. */
static void assign_addresses(struct discovery *discovery, uint32_t zone, const uint8_t *name,
	const struct address *addresses, size_t count, uint16_t port, unsigned flags)
{
	const uint32_t *servers = servers_at(discovery, name, addresses, count, port);

	for (size_t i = 0; flags && i < count; i++) {
		if (servers[i] != PLAN_NONE)
			plan_assign(discovery->plan, zone, servers[i], flags);
	}
}

static void assign_host(struct discovery *discovery, uint32_t zone, const struct host *host,
	unsigned flags)
{
	assign_addresses(discovery, zone, host->name, host->addresses, host->address_count,
		host->port, flags);
}

/* A name that the user gave: mapping, hosts file, then DNS with all other names. */
static void add_host_name(struct discovery *discovery, struct known_names *names, struct host *host)
{
	struct known_name *known;
	struct address addresses[16];

	if (!host->name || host->address_count > 0)
		return;
	known = known_name_add(discovery, names, host->name);
	if (known->is_settled)
		return;
	known->count = resolve_hosts_file(HOSTS_FILE, host->name, addresses, 16);
	known->addresses =
		arena_copy(&discovery->plan->arena, addresses, known->count * sizeof(*addresses));
	known->is_settled = known->count > 0;
}

static bool is_primary_of(const struct discovery *discovery, const struct host *host, uint32_t zone)
{
	uint32_t primary = discovery->primary_of[zone];

	return primary != PLAN_NONE && host == &discovery->primaries[primary];
}

/* A name of the user's that nobody can resolve is said for every zone that it is about: there is no
 * server to say it of. */
static void note_unknown(struct discovery *discovery, const struct host *host,
	const struct known_name *known)
{
	bool is_added =
		host >= discovery->added && host < discovery->added + discovery->added_count;
	uint32_t index = plan_add_name(discovery->plan, known->name, known->fate);

	discovery->plan->names[index].option = host->option;
	for (uint32_t zone = 0; zone < discovery->plan->zone_count; zone++) {
		if (is_added || is_primary_of(discovery, host, zone))
			plan_zone_name(discovery->plan, zone, index);
	}
}

static void settle_host(struct discovery *discovery, struct known_names *names, struct host *host)
{
	const struct known_name *known;

	if (!host->name || host->address_count > 0)
		return;
	known = known_name_add(discovery, names, host->name);
	host->addresses = known->addresses;
	host->address_count = known->count;
	if (host->port == 0)
		host->port = known->port;
	if (known->count == 0)
		note_unknown(discovery, host, known);
}

/* The user's own hosts, before anybody can be asked for NS sets. */
static bool resolve_hosts(struct discovery *discovery, struct fault *fault)
{
	struct known_names names = { 0 };
	bool good;

	for (size_t i = 0; i < discovery->primary_count; i++)
		add_host_name(discovery, &names, &discovery->primaries[i]);
	for (size_t i = 0; i < discovery->added_count; i++)
		add_host_name(discovery, &names, &discovery->added[i]);
	good = discover_names(discovery, &names, fault);
	for (size_t i = 0; good && i < discovery->primary_count; i++)
		settle_host(discovery, &names, &discovery->primaries[i]);
	for (size_t i = 0; good && i < discovery->added_count; i++)
		settle_host(discovery, &names, &discovery->added[i]);
	map_free(&names.index);
	free(names.items);
	return good;
}

/* A host's addresses with ports, of the wanted families, as the exchange needs them. */
static size_t ready_addresses(const struct discovery *discovery, const struct host *host,
	struct address *out, size_t most)
{
	size_t count = 0;

	for (size_t i = 0; i < host->address_count && count < most; i++) {
		out[count] = host->addresses[i];
		if ((out[count].family == 4 && !discovery->want4) ||
			(out[count].family == 6 && !discovery->want6))
			continue;
		if (out[count].port == 0)
			out[count].port = host->port ? host->port : discovery->port;
		count++;
	}
	return count;
}

bool discover_host(struct discovery *discovery, struct host *host, struct address *out, size_t most,
	size_t *count, struct fault *fault)
{
	struct known_names names = { 0 };
	bool good;

	add_host_name(discovery, &names, host);
	good = discover_names(discovery, &names, fault);
	if (good && host->name && host->address_count == 0) {
		const struct known_name *known = known_name_add(discovery, &names, host->name);

		host->addresses = known->addresses;
		host->address_count = known->count;
		host->port = host->port ? host->port : known->port;
	}
	*count = ready_addresses(discovery, host, out, most);
	map_free(&names.index);
	free(names.items);
	return good;
}

/* What an earlier run knew of a zone. */
static void recall_zone(struct discovery *discovery, uint32_t zone, struct known_names *names)
{
	struct discovered_ns *found = &discovery->ns_answers[zone];
	const struct zone_history *past = history_of(discovery->past, zone);
	struct arena *arena = &discovery->plan->arena;
	uint8_t name[NAME_WIRE];
	struct fault ignored;

	if (past->server_count == 0)
		return;
	found->names = arena_array(arena, past->server_count, sizeof(*found->names));
	for (uint32_t i = 0; i < past->server_count; i++) {
		struct known_name *known;
		struct address address;

		if (!past->servers[i].listed || *past->servers[i].nsid ||
			!name_from_text(past->servers[i].name, name, &ignored))
			continue;
		known = known_name_add(discovery, names, name);
		found->names[found->count++] = known->name;
		address = past->servers[i].address;
		address.port = 0;
		known_name_address(discovery, known, &address);
	}
	found->source = NS_FROM_HISTORY;
}

static void recall_zones(struct discovery *discovery, bool with_primary, struct known_names *names)
{
	size_t zone_count = discovery->plan->zone_count;
	struct arena arena = { 0 };
	bool *wanted = arena_array(&arena, zone_count, sizeof(*wanted)), any = false;

	for (uint32_t zone = 0; zone < zone_count; zone++)
		any |= wanted[zone] = discovery->ns_answers[zone].count == 0 &&
			discovery->plan->zones[zone].has_primary == with_primary;
	if (any)
		discovery->recall(discovery->recall_context, wanted);
	for (uint32_t zone = 0; zone < zone_count; zone++) {
		if (wanted[zone])
			recall_zone(discovery, zone, names);
	}
	arena_free(&arena);
}

/* All addresses of all primaries at once, each about its own zones: whoever is silent delays nobody
 * else's. */
static bool ask_primaries(struct discovery *discovery, struct known_names *names,
	struct fault *fault)
{
	enum { MOST = 16 };
	struct arena arena = { 0 };
	struct address *addresses =
		arena_array(&arena, discovery->primary_count * MOST, sizeof(*addresses));
	uint32_t *primaries =
		arena_array(&arena, discovery->primary_count * MOST, sizeof(*primaries));
	struct ns_servers servers = { addresses, primaries, 0, NS_FROM_PRIMARY };
	bool good;

	for (uint32_t i = 0; i < discovery->primary_count; i++) {
		size_t count = ready_addresses(discovery, &discovery->primaries[i],
			addresses + servers.count, MOST);

		for (size_t a = 0; a < count; a++)
			primaries[servers.count++] = i;
	}
	good = discover_ns_from(discovery, &servers, true, names, fault);
	arena_free(&arena);
	return good;
}

static bool ask_added(struct discovery *discovery, bool with_primary, struct known_names *names,
	struct fault *fault)
{
	struct address addresses[16];
	struct ns_servers servers = { .addresses = addresses, .source = NS_FROM_SERVER };

	for (size_t i = 0; i < discovery->added_count; i++) {
		servers.count = ready_addresses(discovery, &discovery->added[i], addresses, 16);
		if (!discover_ns_from(discovery, &servers, with_primary, names, fault))
			return false;
	}
	return true;
}

static bool ask_resolvers(struct discovery *discovery, bool with_primary, struct known_names *names,
	struct fault *fault)
{
	struct address resolvers[3];
	struct ns_servers servers = { .addresses = resolvers, .source = NS_FROM_RESOLVER };

	servers.count = discover_resolvers(discovery, resolvers, 3);
	return discover_ns_from(discovery, &servers, with_primary, names, fault);
}

/* CONTRACT: from the primary; where it is silent, from history, then from any other server, then
 * from the resolver. */
static bool find_ns_with_primary(struct discovery *discovery, struct known_names *names,
	struct fault *fault)
{
	if (!ask_primaries(discovery, names, fault))
		return false;
	recall_zones(discovery, true, names);
	return ask_added(discovery, true, names, fault) &&
		ask_resolvers(discovery, true, names, fault);
}

static bool find_ns_without(struct discovery *discovery, struct known_names *names,
	struct fault *fault)
{
	if (!ask_resolvers(discovery, false, names, fault) ||
		!ask_added(discovery, false, names, fault))
		return false;
	recall_zones(discovery, false, names);
	return true;
}

static void assign_name(struct discovery *discovery, uint32_t zone, const struct known_name *known,
	unsigned flags)
{
	assign_addresses(discovery, zone, known->name, known->addresses, known->count, known->port,
		flags);
}

static void assign_listed(struct discovery *discovery, uint32_t zone, struct known_names *names)
{
	const struct discovered_ns *found = &discovery->ns_answers[zone];

	for (size_t i = 0; i < found->count; i++) {
		const struct known_name *known = known_name_add(discovery, names, found->names[i]);

		if (is_named_in(discovery->excluded, discovery->excluded_count, known->name, NULL))
			continue;
		plan_zone_name(discovery->plan, zone,
			plan_add_name(discovery->plan, known->name, known->fate));
		assign_name(discovery, zone, known, PAIR_LISTED);
	}
}

/* CONTRACT: a server that -H, -a and NS name is one server, with its NS name. So these names come
 * first. */
static void name_listed(struct discovery *discovery, struct known_names *names)
{
	for (uint32_t zone = 0; zone < discovery->plan->zone_count; zone++) {
		for (size_t i = 0; i < discovery->ns_answers[zone].count; i++)
			assign_name(discovery, zone,
				known_name_add(discovery, names,
					discovery->ns_answers[zone].names[i]),
				0);
	}
}

static void assign_all(struct discovery *discovery, struct known_names *names,
	const uint8_t *const *mnames)
{
	name_listed(discovery, names);
	for (uint32_t zone = 0; zone < discovery->plan->zone_count; zone++) {
		uint32_t primary = discovery->primary_of[zone];

		if (primary != PLAN_NONE)
			assign_host(discovery, zone, &discovery->primaries[primary], PAIR_PRIMARY);
		assign_listed(discovery, zone, names);
		for (size_t i = 0; i < discovery->added_count; i++)
			assign_host(discovery, zone, &discovery->added[i], PAIR_ADDED);
		if (mnames[zone])
			assign_name(discovery, zone, known_name_add(discovery, names, mnames[zone]),
				PAIR_MNAME);
		discovery->plan->zones[zone].ns_source = NS_FROM_OPTIONS;
		if (!discovery->no_ns)
			discovery->plan->zones[zone].ns_source = discovery->ns_answers[zone].source;
	}
}

static const struct host *find_host(const struct host *hosts, size_t count, const uint8_t *name)
{
	for (size_t i = 0; i < count; i++) {
		if (hosts[i].name && name_equal(hosts[i].name, name))
			return &hosts[i];
	}
	return NULL;
}

/* What the user says it means, else what discovery found out. */
static void take_meaning(struct discovery *discovery, struct known_names *names,
	struct meant_name *meant)
{
	const struct host *host =
		find_host(discovery->primaries, discovery->primary_count, meant->name);
	const struct known_name *known;

	if (!host)
		host = find_host(discovery->added, discovery->added_count, meant->name);
	if (host) {
		meant->addresses = host->addresses;
		meant->count = host->address_count;
		return;
	}
	known = known_name_add(discovery, names, meant->name);
	meant->addresses = known->addresses;
	meant->count = known->count;
}

static void tell_meaning(struct discovery *discovery, struct known_names *names,
	struct meant_name *meant)
{
	if (meant->name)
		take_meaning(discovery, names, meant);
	meant->is_left_out =
		is_named_in(discovery->excluded, discovery->excluded_count, meant->name, NULL);
	for (size_t i = 0; i < meant->count; i++) {
		struct address address = meant->addresses[i];

		address.port = address.port ? address.port : discovery->port;
		meant->is_left_out |=
			is_named_in(discovery->excluded, discovery->excluded_count, NULL, &address);
	}
}

/* IPv6 is often not there at all: such addresses are not asked. Loopback always is. */
static void mark_routes(struct plan *plan)
{
	for (size_t s = 0; s < plan->server_count; s++) {
		struct server *server = &plan->servers[s];

		if (server->address.family == 6 && !address_is_loopback(&server->address))
			server->no_route = !exchange_has_route(&server->address);
	}
}

/* The NS sets, the MNAMEs and the addresses of all names. */
static bool find_servers(struct discovery *discovery, struct known_names *names,
	const uint8_t **mnames, struct fault *fault)
{
	if (!discovery->no_ns &&
		(!find_ns_with_primary(discovery, names, fault) ||
			!find_ns_without(discovery, names, fault) ||
			!discover_mnames(discovery, mnames, fault)))
		return false;
	for (size_t zone = 0; zone < discovery->plan->zone_count; zone++) {
		for (size_t i = 0; i < discovery->ns_answers[zone].count; i++)
			known_name_add(discovery, names, discovery->ns_answers[zone].names[i]);
		if (mnames[zone])
			known_name_add(discovery, names, mnames[zone]);
	}
	return discover_names(discovery, names, fault);
}

bool discover(struct discovery *discovery, struct fault *fault)
{
	struct plan *plan = discovery->plan;
	struct known_names names = { 0 };
	const uint8_t **mnames = arena_array(&plan->arena, plan->zone_count, sizeof(*mnames));
	bool good;

	discovery->ns_answers =
		arena_array(&plan->arena, plan->zone_count, sizeof(*discovery->ns_answers));
	for (size_t zone = 0; zone < plan->zone_count; zone++)
		plan->zones[zone].has_primary = discovery->primary_of[zone] != PLAN_NONE;
	good = resolve_hosts(discovery, fault) && find_servers(discovery, &names, mnames, fault);
	if (good) {
		assign_all(discovery, &names, mnames);
		for (size_t i = 0; i < discovery->meant_count; i++)
			tell_meaning(discovery, &names, &discovery->meant[i]);
		mark_routes(plan);
		plan_close(plan);
	}
	map_free(&names.index);
	free(names.items);
	return good;
}
