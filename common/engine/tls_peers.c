#include "common/engine/tls_peers.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/arena.h"
#include "common/engine/access.h"
#include "common/net/tls.h"

struct tls_peer {
	struct address address;
	struct tls *tls;
};

struct tls_peers {
	struct tls_peers_settings settings;
	struct tls_peer *peers;
	size_t count, capacity;
};

bool tls_hostname_parse(const char *text, struct tls_hostname *hostname, struct fault *fault)
{
	const char *equals = strchr(text, '=');
	char host[ADDRESS_TEXT];
	size_t length = equals ? (size_t)(equals - text) : 0;

	*hostname = (struct tls_hostname){ .name = equals ? equals + 1 : text };
	if (!*hostname->name)
		return fault_set(fault, "%s: the name is missing", text);
	if (!equals)
		return true;
	if (length >= sizeof(host))
		return fault_set(fault, "%s: right is NAME or ADDRESS=NAME", text);
	memcpy(host, text, length);
	host[length] = '\0';
	return address_from_text(host, &hostname->address) ||
		fault_set(fault, "%s: right is NAME or ADDRESS=NAME", text);
}

struct tls_peers *tls_peers_new(const struct tls_peers_settings *settings)
{
	struct tls_peers *self = memory_resize(NULL, 1, sizeof(*self));

	*self = (struct tls_peers){ .settings = *settings };
	return self;
}

/* The address's own; a name without an address is everybody else's. */
static const char *hostname_of(const struct tls_peers *self, const struct address *address)
{
	const char *name = NULL;

	for (size_t i = 0; i < self->settings.hostname_count; i++) {
		const struct tls_hostname *hostname = &self->settings.hostnames[i];

		if (same_host(&hostname->address, address))
			return hostname->name;
		if (!hostname->address.family)
			name = hostname->name;
	}
	return name;
}

static struct tls_peer *add_peer(struct tls_peers *self)
{
	if (self->count == self->capacity) {
		self->capacity = self->capacity ? 2 * self->capacity : 4;
		self->peers = memory_resize(self->peers, self->capacity, sizeof(*self->peers));
	}
	return &self->peers[self->count++];
}

const struct stream_layer *tls_peers_layer(struct tls_peers *self, const struct peer *peer,
	struct fault *fault)
{
	struct tls_settings settings = { .ca_file = self->settings.ca_file,
		.hostname = hostname_of(self, &peer->address),
		.address = peer->address };
	struct tls *tls;

	for (size_t i = 0; i < self->count; i++)
		if (same_host(&self->peers[i].address, &peer->address))
			return tls_layer(self->peers[i].tls);
	tls = tls_new(&settings, fault);
	if (!tls)
		return NULL;
	*add_peer(self) = (struct tls_peer){ peer->address, tls };
	return tls_layer(tls);
}

void tls_peers_free(struct tls_peers *self)
{
	if (!self)
		return;
	for (size_t i = 0; i < self->count; i++)
		tls_free(self->peers[i].tls);
	free(self->peers);
	free(self);
}
