#include "common/engine/server.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/engine/listen.h"
#include "common/engine/udp_server.h"

enum { ACCEPTS_A_TURN = 32, CLIENTS_WITH_ALL = 4 };

/* One address. */
struct door {
	struct server *server;
	struct listening listening;
	const struct stream_layer *layer;
	struct udp_server *udp;
	struct loop_watch *tcp_watch;
};

struct server {
	struct server_settings settings;
	struct connections connections;
	struct udp_settings udp;
	struct door *doors;
	struct address *addresses;
	size_t door_count;
};

static void accept_ready(void *context, bool readable, bool writable)
{
	struct door *door = context;
	struct connections *connections = &door->server->connections;

	(void)writable;
	for (unsigned i = 0; readable && i < ACCEPTS_A_TURN; i++) {
		struct sockaddr_storage from;
		socklen_t length = sizeof(from);
		struct address client;
		int fd = accept4(door->listening.tcp, (struct sockaddr *)&from, &length,
			SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0) {
			if (errno == EMFILE || errno == ENFILE)
				connections_make_room(connections);
			return;
		}
		if (address_from_sockaddr((struct sockaddr *)&from, &client))
			connection_begin(connections, fd, &client, door->layer);
		else
			close(fd);
	}
}

static bool open_door(struct server *self, const struct address *address,
	const struct stream_layer *layer, struct fault *fault)
{
	struct door *door = &self->doors[self->door_count];

	*door = (struct door){ .server = self, .layer = layer };
	if (!listen_on(address, !layer && !self->settings.no_udp, !self->settings.no_tcp,
		    &door->listening, fault))
		return false;
	self->addresses[self->door_count++] = door->listening.address;
	if (door->listening.udp >= 0)
		door->udp = udp_server_new(&self->udp, door->listening.udp);
	if (door->listening.tcp >= 0) {
		door->tcp_watch = loop_watch_new(self->settings.loop, door->listening.tcp,
			accept_ready, door);
		loop_watch_want(door->tcp_watch, true, false);
	}
	return true;
}

static bool open_doors(struct server *self, struct fault *fault)
{
	const struct server_settings *settings = &self->settings;

	for (size_t i = 0; i < settings->listen_count; i++)
		if (!open_door(self, &settings->listen[i], NULL, fault))
			return false;
	for (size_t i = 0; i < settings->tls_listen_count; i++)
		if (!open_door(self, &settings->tls_listen[i], settings->tls, fault))
			return false;
	return true;
}

static void set_bounds(struct crowd *crowd, const struct server_settings *settings)
{
	size_t most = settings->most_connections ? settings->most_connections : SERVER_CONNECTIONS;
	size_t share = most / CLIENTS_WITH_ALL;

	if (share < SERVER_OF_CLIENT)
		share = most < SERVER_OF_CLIENT ? most : SERVER_OF_CLIENT;
	crowd->most = most;
	crowd->most_of_client = share;
	crowd->most_bytes = settings->most_bytes ? settings->most_bytes : SERVER_BYTES;
}

struct server *server_new(const struct server_settings *settings, struct fault *fault)
{
	struct server *self = memory_resize(NULL, 1, sizeof(*self));
	size_t count = settings->listen_count + settings->tls_listen_count;

	*self = (struct server){
		.settings = *settings,
		.connections = {
			.loop = settings->loop,
			.responder = settings->responder,
			.observer = settings->observer,
			.idle_ms = settings->idle_ms ? settings->idle_ms : SERVER_IDLE_MS,
		},
		.doors = memory_resize(NULL, count ? count : 1, sizeof(*self->doors)),
		.addresses = memory_resize(NULL, count ? count : 1, sizeof(*self->addresses)),
	};
	set_bounds(&self->connections.crowd, settings);
	self->udp = (struct udp_settings){ settings->loop, settings->responder,
		&self->settings.observer };
	if (open_doors(self, fault))
		return self;
	server_free(self);
	return NULL;
}

const struct address *server_addresses(const struct server *self)
{
	return self->addresses;
}

void server_free(struct server *self)
{
	if (!self)
		return;
	connections_close_all(&self->connections);
	for (size_t i = 0; i < self->door_count; i++) {
		udp_server_free(self->doors[i].udp);
		loop_watch_free(self->doors[i].tcp_watch);
		listen_close(&self->doors[i].listening);
	}
	free(self->doors);
	free(self->addresses);
	free(self);
}
