#include "common/checks/pdns_places.h"

#include <string.h>

#include "common/dns/name.h"
#include "common/net/resolve.h"

enum { MOST_ADDRESSES = 16, DNS_PORT = 53, MOST_RESOLVERS = 3 };

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

static void take_resolved(struct pdns_server *server, const struct resolve_request *request)
{
	server->place_unknown = request->status == NAME_RESOLVER_FAILED;
	if (request->status != NAME_RESOLVED)
		return;
	for (size_t i = 0; i < request->count; i++)
		request->addresses[i].port = port_of(server);
	server->addresses = request->addresses;
	server->address_count = (uint32_t)request->count;
	server->api_elsewhere = true; /* or there, too: these are all */
}

static bool wants_name(const struct pdns_server *server, uint8_t name[NAME_WIRE])
{
	struct fault why = { { 0 } };

	return !server->address_count && server->outcome == PDNS_ANSWERED &&
		name_from_text(server->name, name, &why);
}

void pdns_resolve_places(struct run *run)
{
	size_t count = run->seen.pdns_count, asked = 0;
	struct arena *arena = &run->seen.arena;
	struct resolve_request *requests = arena_array(arena, count, sizeof(*requests));
	uint32_t *whose = arena_array(arena, count, sizeof(*whose));
	struct address servers[MOST_RESOLVERS];
	struct resolve_settings settings = { .servers = servers, .recursion_desired = true };
	struct exchange_counts counts = { 0 };
	struct fault fault = { { 0 } };
	uint8_t name[NAME_WIRE];

	for (uint32_t i = 0; i < count; i++) {
		if (!wants_name(&run->seen.pdns[i], name))
			continue;
		run->seen.pdns[i].place_unknown = true; /* until a resolver answered */
		requests[asked] = (struct resolve_request){ .name = arena_copy(arena, name,
								    name_length(name)),
			.want4 = !run->common->ipv6,
			.want6 = !run->common->ipv4 };
		whose[asked++] = i;
	}
	if (!asked)
		return;
	settings.server_count = resolve_system_servers("/etc/resolv.conf", servers, MOST_RESOLVERS);
	settings.exchange = (struct exchange_settings){ .try_timeout_ms = run->try_timeout_ms,
		.retries = 1,
		.deadline_us = run->deadline_us };
	if (!resolve_names(run->loop, &settings, requests, asked, arena, &counts, &fault))
		return; /* then it is not known where they are */
	for (size_t i = 0; i < asked; i++)
		take_resolved(&run->seen.pdns[whose[i]], &requests[i]);
}
