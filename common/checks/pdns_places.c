#include "common/checks/pdns_places.h"

#include <string.h>

#include "common/dns/name.h"
#include "common/net/resolve.h"

enum { MOST_ADDRESSES = 16, DNS_PORT = 53, MOST_RESOLVERS = 3, NAMES_MOST = 256 };

/* --- --address ------------------------------------------------------------------------------- */

static bool wrong_mapping(const char *text, struct fault *fault)
{
	return fault_set(fault,
		"--address: \"%s\" is not NAME=ADDRESS, e.g. --address=ns2.example.com=192.0.2.2",
		text);
}

bool pdns_parse_mapping(struct run *run, const char *text, struct pdns_mapping *mapping,
	struct fault *fault)
{
	const char *equals = strchr(text, '=');
	char list[1024], *rest = list, *each;
	struct fault why = { { 0 } };
	uint16_t port = 0;

	if (!equals || equals == text)
		return wrong_mapping(text, fault);
	if (!address_split(equals + 1, list, sizeof(list), &port, &why))
		return fault_set(fault, "--address: %s", why.text);
	*mapping = (struct pdns_mapping){ .name = arena_string(&run->arena, text),
		.addresses =
			arena_array(&run->arena, MOST_ADDRESSES, sizeof(*mapping->addresses)) };
	((char *)(uintptr_t)mapping->name)[equals - text] = '\0';
	while ((each = strsep(&rest, ","))) {
		struct address *address = &mapping->addresses[mapping->count];

		if (mapping->count == MOST_ADDRESSES || strchr(each, '@') ||
			!address_from_text(each, address))
			return wrong_mapping(text, fault);
		address->port = port ? port : DNS_PORT;
		mapping->count++;
	}
	return true;
}

/* --- Settings -------------------------------------------------------------------------------- */

/* 0.0.0.0 and ::, and what only this machine's own dnsdist talks to: none of them is where others
 * find the server. */
static bool is_nowhere(const struct address *address)
{
	static const uint8_t zeros[16], loopback4[4] = { 127, 0, 0, 1 },
					loopback6[16] = { [15] = 1 };
	size_t length = address->family == 4 ? 4 : 16;

	return !memcmp(address->bytes, zeros, length) ||
		!memcmp(address->bytes, address->family == 4 ? loopback4 : loopback6, length);
}

static uint16_t port_of(const struct pdns_server *server)
{
	uint32_t port;

	return pdns_setting_number(server, PDNS_LOCAL_PORT, &port) && port && port <= UINT16_MAX
		? (uint16_t)port
		: DNS_PORT;
}

/* Those of a list that say something; how many. */
static uint32_t real_addresses(struct run *run, const char *list, uint16_t port,
	const struct address **real)
{
	struct arena *arena = &run->seen.arena;
	const struct address *all;
	uint32_t count = list ? pdns_addresses(list, arena, &all) : 0, kept = 0;
	struct address *found = arena_array(arena, count, sizeof(*found));

	for (uint32_t i = 0; i < count; i++) {
		if (is_nowhere(&all[i]))
			continue;
		found[kept] = all[i];
		found[kept].port = all[i].port ? all[i].port : port;
		kept++;
	}
	*real = found;
	return kept;
}

void pdns_place(struct run *run, struct pdns_server *server, const struct pdns_mapping *mappings,
	size_t count)
{
	struct address address;

	server->source_count = real_addresses(run, server->settings[PDNS_QUERY_LOCAL_ADDRESS], 0,
		&server->sources);
	for (size_t i = 0; i < count; i++) {
		if (!name_texts_equal(mappings[i].name, server->name))
			continue;
		server->addresses = mappings[i].addresses;
		server->address_count = mappings[i].count;
		return;
	}
	server->address_count = real_addresses(run, server->settings[PDNS_LOCAL_ADDRESS],
		port_of(server), &server->addresses);
	if (server->address_count || !address_from_text(server->name, &address))
		return;
	address.port = port_of(server);
	server->addresses = arena_copy(&run->seen.arena, &address, sizeof(address));
	server->address_count = 1;
}

/* --- Names ----------------------------------------------------------------------------------- */

/* Each is asked for once. */
struct asked_names {
	struct resolve_request *requests;
	size_t count;
};

static struct resolve_request *find_name(const struct asked_names *asked, const uint8_t *name)
{
	for (size_t i = 0; i < asked->count; i++) {
		if (name_equal(asked->requests[i].name, name))
			return &asked->requests[i];
	}
	return NULL;
}

static bool read_name(const char *text, uint8_t name[NAME_WIRE])
{
	struct fault why = { { 0 } };

	if (!name_from_text(text, name, &why))
		return false;
	name_lower(name);
	return true;
}

static const struct resolve_request *answer_for(const struct asked_names *asked, const char *text)
{
	uint8_t name[NAME_WIRE];

	return read_name(text, name) ? find_name(asked, name) : NULL;
}

/* Names that are none, and those beyond NAMES_MOST, are left out: no resolver tells of them. */
static void ask_for(struct run *run, struct asked_names *asked, const char *text)
{
	uint8_t name[NAME_WIRE];

	if (asked->count == NAMES_MOST || !read_name(text, name) || find_name(asked, name))
		return;
	asked->requests[asked->count++] =
		(struct resolve_request){ .name = arena_copy(&run->seen.arena, name,
						  name_length(name)),
			.want4 = !run->common->ipv6,
			.want6 = !run->common->ipv4 };
}

static bool is_told(const struct resolve_request *answer)
{
	return answer && answer->status != NAME_UNKNOWN && answer->status != NAME_RESOLVER_FAILED;
}

static bool wants_place(const struct pdns_server *server)
{
	uint8_t name[NAME_WIRE];

	return !server->address_count && server->outcome == PDNS_ANSWERED &&
		read_name(server->name, name);
}

static void take_place(const struct asked_names *asked, struct pdns_server *server,
	struct arena *arena)
{
	const struct resolve_request *answer = answer_for(asked, server->name);
	struct address *found;

	server->place_unknown = !is_told(answer);
	if (!answer || answer->status != NAME_RESOLVED)
		return;
	found = arena_copy(arena, answer->addresses, answer->count * sizeof(*found));
	for (size_t i = 0; i < answer->count; i++)
		found[i].port = port_of(server);
	server->addresses = found;
	server->address_count = (uint32_t)answer->count;
	server->api_elsewhere = true; /* or there, too: these are all */
}

static bool is_servers_name(const struct observations *seen, const char *name)
{
	for (size_t i = 0; i < seen->pdns_count; i++) {
		if (name_texts_equal(seen->pdns[i].name, name))
			return true;
	}
	return false;
}

static void add_ns_address(struct run *run, struct pdns_detail *detail, uint32_t name,
	const struct address *address)
{
	struct pdns_ns_address *all =
		arena_array(&run->seen.arena, detail->ns_address_count + 1, sizeof(*all));

	for (uint32_t i = 0; i < detail->ns_address_count; i++)
		all[i] = detail->ns_addresses[i];
	all[detail->ns_address_count++] = (struct pdns_ns_address){ name, *address };
	detail->ns_addresses = all;
}

static void take_ns_names(struct run *run, const struct asked_names *asked,
	struct pdns_detail *detail)
{
	for (uint32_t i = 0; i < detail->ns.count; i++) {
		const struct resolve_request *answer = answer_for(asked, detail->ns.items[i]);

		if (is_servers_name(&run->seen, detail->ns.items[i]))
			continue;
		detail->ns_unresolved |= !is_told(answer);
		for (size_t at = 0; answer && at < answer->count; at++)
			add_ns_address(run, detail, i, &answer->addresses[at]);
	}
}

static void ask_for_ns_names(struct run *run, struct asked_names *asked,
	const struct pdns_server *server)
{
	for (uint32_t i = 0; i < server->detail_count; i++) {
		const struct pdns_values *names = &server->details[i].ns;

		for (uint32_t at = 0; at < names->count; at++) {
			if (!is_servers_name(&run->seen, names->items[at]))
				ask_for(run, asked, names->items[at]);
		}
	}
}

/* False: nobody could be asked. */
static bool resolve(struct run *run, struct asked_names *asked)
{
	struct address servers[MOST_RESOLVERS];
	struct resolve_settings settings = { .servers = servers, .recursion_desired = true };
	struct exchange_counts counts = { 0 };
	struct fault fault = { { 0 } };

	settings.server_count = resolve_system_servers("/etc/resolv.conf", servers, MOST_RESOLVERS);
	settings.exchange = (struct exchange_settings){ .try_timeout_ms = run->try_timeout_ms,
		.retries = 1,
		.deadline_us = run->deadline_us };
	return resolve_names(run->loop, &settings, asked->requests, asked->count, &run->seen.arena,
		&counts, &fault);
}

void pdns_resolve_places(struct run *run)
{
	struct asked_names asked = { .requests = arena_array(&run->arena, NAMES_MOST,
					     sizeof(*asked.requests)) };
	struct pdns_server *servers = run->seen.pdns;

	for (size_t i = 0; i < run->seen.pdns_count; i++) {
		if (wants_place(&servers[i]))
			ask_for(run, &asked, servers[i].name);
	}
	for (size_t i = 0; i < run->seen.pdns_count; i++)
		ask_for_ns_names(run, &asked, &servers[i]);
	if (asked.count && !resolve(run, &asked))
		asked.count = 0; /* then nobody tells */
	for (size_t i = 0; i < run->seen.pdns_count; i++) {
		if (wants_place(&servers[i]))
			take_place(&asked, &servers[i], &run->seen.arena);
		for (uint32_t at = 0; at < servers[i].detail_count; at++)
			take_ns_names(run, &asked, &servers[i].details[at]);
	}
}
