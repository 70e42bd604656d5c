#include "common/model/informant.h"

#include <string.h>
#include <strings.h>

#include "common/dns/name.h"

const char *informant_option(enum informant_kind kind)
{
	return kind == INFORMANT_API ? "--pdns-api" : "--mysql";
}

static bool is_named(const struct informant *self, const struct server *server)
{
	return !strcasecmp(server->display, self->name) || !strcasecmp(server->name, self->name);
}

/* By whatever port. */
static bool is_at(const struct server *server, const struct address *address)
{
	return server->address.family == address->family &&
		!memcmp(server->address.bytes, address->bytes, sizeof(address->bytes));
}

static bool is_at_its_address(const struct informant *self, const struct server *server)
{
	struct address address;

	for (uint32_t i = 0; i < self->address_count; i++) {
		if (is_at(server, &self->addresses[i]))
			return true;
	}
	return address_from_text(self->name, &address) && is_at(server, &address);
}

bool informant_fits(const struct informant *self, const struct server *server)
{
	return is_named(self, server) || is_at_its_address(self, server);
}

static bool is_another_ones(const struct observations *seen, const struct informant *self,
	const struct server *server)
{
	for (size_t i = 0; i < seen->informant_count; i++) {
		const struct informant *other = &seen->informants[i];

		if (other != self && other->kind == self->kind && informant_fits(other, server))
			return true;
	}
	return false;
}

/* A tunnel ends on loopback, and a proxy or a container's host has many servers. */
static bool is_where_asked(const struct informant *self, const struct server *server)
{
	for (uint32_t i = 0; i < self->host_count; i++) {
		if (!address_is_loopback(&self->hosts[i]) && is_at(server, &self->hosts[i]))
			return true;
	}
	return false;
}

static uint32_t server_where_asked(const struct plan *plan, const struct observations *seen,
	const struct informant *self)
{
	uint32_t found = PLAN_NONE;

	for (uint32_t s = 0; s < plan->server_count && self->host_count; s++) {
		if (!is_where_asked(self, &plan->servers[s]))
			continue;
		if (found != PLAN_NONE &&
			strcmp(plan->servers[found].name, plan->servers[s].name) != 0)
			return PLAN_NONE;
		found = found == PLAN_NONE ? s : found;
	}
	return found != PLAN_NONE && is_another_ones(seen, self, &plan->servers[found]) ? PLAN_NONE
											: found;
}

uint32_t informant_server(const struct plan *plan, const struct observations *seen,
	const struct informant *self)
{
	for (uint32_t s = 0; s < plan->server_count; s++) {
		if (is_named(self, &plan->servers[s]))
			return s;
	}
	for (uint32_t s = 0; s < plan->server_count; s++) {
		if (is_at_its_address(self, &plan->servers[s]))
			return s;
	}
	return server_where_asked(plan, seen, self);
}

struct informant *informant_find(const struct observations *seen, enum informant_kind kind,
	const char *name)
{
	for (size_t i = 0; i < seen->informant_count; i++) {
		if (seen->informants[i].kind == kind &&
			name_texts_equal(seen->informants[i].name, name))
			return &seen->informants[i];
	}
	return NULL;
}
