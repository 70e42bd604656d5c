/*
 * The server's bounds: idle and slow connections end, the least active makes room, addresses that
 * cannot be are said. Client and server live in one loop.
 */
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/engine/server.h"
#include "t/unit/engine_world.h"

enum { CLIENTS = 3, IDLE_MS = 60 };

struct scene {
	struct loop *loop;
	struct zone_store store;
	struct responder responder;
	struct server *server;
	struct loop_timer *tick, *deadline;
	int clients[CLIENTS];
	bool (*until)(struct scene *scene);
	bool met, dribbles, sips;
	unsigned transfers;
	char trouble[64]; /* of the last transfer */
	uint64_t bytes;   /* that were prepared for it */
};

static void heard(void *context, const struct request *request, const struct response *response)
{
	(void)context;
	(void)request;
	(void)response;
}

static void transferred(void *context, const struct transfer_report *report)
{
	struct scene *scene = context;

	scene->transfers++;
	scene->bytes = report->bytes;
	snprintf(scene->trouble, sizeof(scene->trouble), "%s",
		report->trouble ? report->trouble : "");
}

static void look(void *context)
{
	struct scene *scene = context;
	char few[100];

	if (scene->dribbles) /* too little to be of use, and never nothing */
		(void)!send(scene->clients[0], "\0", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (scene->sips)
		(void)!recv(scene->clients[0], few, sizeof(few), MSG_DONTWAIT);
	scene->met = scene->until(scene);
	if (scene->met)
		loop_stop(scene->loop);
	else
		loop_timer_set(scene->tick, clock_monotonic_us() + 2000);
}

static void give_up(void *context)
{
	loop_stop(((struct scene *)context)->loop);
}

/* Runs the loop until the condition holds; false after five seconds. */
static bool wait_for(struct scene *scene, bool (*until)(struct scene *scene))
{
	scene->until = until;
	scene->met = false;
	loop_timer_set(scene->tick, 0);
	loop_timer_set(scene->deadline, clock_monotonic_us() + 5000000);
	loop_run(scene->loop);
	return scene->met;
}

static void begin(struct scene *scene, size_t most)
{
	struct fault fault = { 0 };
	struct address here = { .family = 4, .bytes = { 127, 0, 0, 1 } };
	struct text big = { 0 };

	memset(scene, 0, sizeof(*scene));
	text_add(&big, "$TTL 1\n@ SOA a b 1 2 3 4 5\n@ NS a\n");
	for (unsigned i = 0; i < 40000; i++)
		text_addf(&big, "n%u TXT \"%0200u\"\n", i, i);
	world_load(&scene->store, "example.com", text_string(&big));
	text_free(&big);
	scene->responder = (struct responder){ .zones = &scene->store, .version = "x" };
	scene->loop = loop_new(&fault);
	scene->tick = loop_timer_new(scene->loop, look, scene);
	scene->deadline = loop_timer_new(scene->loop, give_up, scene);
	scene->server = server_new(&(struct server_settings){ .loop = scene->loop,
					   .responder = &scene->responder,
					   .listen = &here,
					   .listen_count = 1,
					   .idle_ms = IDLE_MS,
					   .most_connections = most,
					   .observer = { .heard = heard,
						   .transferred = transferred,
						   .context = scene } },
		&fault);
	ok(scene->server != NULL, "it listens%s", fault.text);
}

static void end(struct scene *scene)
{
	for (unsigned i = 0; i < CLIENTS; i++)
		if (scene->clients[i] > 0)
			close(scene->clients[i]);
	server_free(scene->server);
	loop_timer_free(scene->tick);
	loop_timer_free(scene->deadline);
	loop_free(scene->loop);
	zone_store_free(&scene->store);
}

static void connect_client(struct scene *scene, unsigned number)
{
	struct sockaddr_storage to;
	socklen_t length = address_to_sockaddr(server_addresses(scene->server), &to);
	int few = 4096;

	scene->clients[number] = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(scene->clients[number], SOL_SOCKET, SO_RCVBUF, &few, sizeof(few));
	ok(!connect(scene->clients[number], (struct sockaddr *)&to, length), "client %u connects",
		number);
}

static void send_question(struct scene *scene, unsigned number, uint16_t type)
{
	uint8_t bytes[2 + MESSAGE_QUESTION];
	struct question question = { .name = scene->store.zones[0]->name, .type = type };
	size_t length = message_question(&question, bytes + 2, MESSAGE_QUESTION);

	bytes[0] = 0;
	bytes[1] = (uint8_t)length;
	ok(send(scene->clients[number], bytes, 2 + length, 0) > 0, "client %u asks", number);
}

/* 1: there is something to read; 0: not yet; -1: closed. */
static int state_of(const struct scene *scene, unsigned number)
{
	char byte;
	ssize_t got = recv(scene->clients[number], &byte, 1, MSG_DONTWAIT | MSG_PEEK);

	return got > 0 ? 1 : got < 0 && errno == EAGAIN ? 0 : -1;
}

static bool first_closed(struct scene *scene)
{
	return state_of(scene, 0) < 0;
}

static bool second_closed(struct scene *scene)
{
	return state_of(scene, 1) < 0;
}

static bool first_answered(struct scene *scene)
{
	return state_of(scene, 0) > 0;
}

static bool third_answered(struct scene *scene)
{
	return state_of(scene, 2) > 0;
}

static bool transfer_ended(struct scene *scene)
{
	return scene->transfers > 0;
}

static void test_idle(void)
{
	struct scene scene;

	begin(&scene, 2);
	connect_client(&scene, 0);
	ok(wait_for(&scene, first_closed), "who asks nothing is closed");
	close(scene.clients[0]);
	connect_client(&scene, 0);
	send_question(&scene, 0, DNS_AXFR);
	ok(wait_for(&scene, transfer_ended), "so is who does not read");
	is_string(scene.trouble, "the client reads too slowly", "which is said");
	ok(scene.bytes < 1 << 20, "little is prepared for those: %" PRIu64 " bytes", scene.bytes);
	end(&scene);
}

/* A half question that never becomes one: the length says 3,000 bytes. */
static void test_dribble(void)
{
	struct scene scene;

	begin(&scene, 2);
	connect_client(&scene, 0);
	ok(send(scene.clients[0], "\x0b\xb8", 2, 0) == 2, "a question begins");
	scene.dribbles = true;
	ok(wait_for(&scene, first_closed), "who sends it byte by byte is closed");
	scene.dribbles = false;
	close(scene.clients[0]);
	connect_client(&scene, 0);
	send_question(&scene, 0, DNS_AXFR);
	scene.sips = true;
	ok(wait_for(&scene, transfer_ended), "so is who reads a little of a transfer");
	is_string(scene.trouble, "the client reads too slowly", "which is said");
	end(&scene);
}

static void test_client_goes(void)
{
	struct scene scene;
	struct linger reset = { 1, 0 };

	begin(&scene, 2);
	connect_client(&scene, 0);
	send_question(&scene, 0, DNS_AXFR);
	ok(wait_for(&scene, first_answered), "a transfer begins");
	setsockopt(scene.clients[0], SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(scene.clients[0]);
	scene.clients[0] = 0;
	ok(wait_for(&scene, transfer_ended), "and ends when its client goes");
	ok(scene.trouble[0], "which is said: %s", scene.trouble);
	connect_client(&scene, 0);
	send_question(&scene, 0, DNS_AXFR);
	ok(wait_for(&scene, first_answered), "another begins");
	end(&scene);
	is_string(scene.trouble, "the server ends", "and the server ends first");
}

static void test_room(void)
{
	struct scene scene;

	begin(&scene, 2);
	connect_client(&scene, 0);
	connect_client(&scene, 1);
	send_question(&scene, 0, DNS_SOA);
	ok(wait_for(&scene, first_answered), "the first of two is the more active one");
	connect_client(&scene, 2);
	send_question(&scene, 2, DNS_SOA);
	ok(wait_for(&scene, third_answered), "a third one is served");
	ok(second_closed(&scene) || wait_for(&scene, second_closed), "the least active made room");
	end(&scene);
}

/* A transfer in progress is the last that makes room. */
static void test_transfer_stays(void)
{
	struct scene scene;

	begin(&scene, 2);
	connect_client(&scene, 0);
	send_question(&scene, 0, DNS_AXFR);
	ok(wait_for(&scene, first_answered), "a transfer begins");
	connect_client(&scene, 1);
	send_question(&scene, 1, DNS_SOA);
	connect_client(&scene, 2);
	send_question(&scene, 2, DNS_SOA);
	ok(wait_for(&scene, third_answered), "a third client is served");
	ok(second_closed(&scene) || wait_for(&scene, second_closed), "who waits makes room");
	ok(strcmp(scene.trouble, "others needed the connection"), "the transfer did not");
	end(&scene);
}

static bool tcp_is_free(const struct address *address)
{
	struct sockaddr_storage name;
	socklen_t length = address_to_sockaddr(address, &name);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	bool good = bind(fd, (struct sockaddr *)&name, length) == 0;

	close(fd);
	return good;
}

/* A server by UDP alone whose port nobody has by TCP, either: other tests run beside this one. */
static struct server *udp_server(const struct server_settings *settings, struct fault *fault)
{
	for (;;) {
		struct server *server = server_new(settings, fault);

		if (!server || tcp_is_free(server_addresses(server)))
			return server;
		server_free(server);
	}
}

static void test_ports(void)
{
	struct fault fault = { 0 };
	struct address here[2] = { { .family = 4, .bytes = { 127, 0, 0, 1 } },
		{ .family = 4, .bytes = { 192, 0, 2, 1 } } };
	struct zone_store store = { 0 };
	struct responder responder = { .zones = &store };
	struct server_settings settings = { .responder = &responder,
		.listen = here,
		.listen_count = 2,
		.observer = { .heard = heard, .transferred = transferred } };
	struct server *server;

	settings.loop = loop_new(&fault);
	ok(!server_new(&settings, &fault) && strstr(fault.text, "192.0.2.1@0 (TCP)"),
		"one of two cannot be: %s", fault.text);
	settings.listen_count = 1;
	settings.no_tcp = true;
	server = udp_server(&settings, &fault);
	ok(server && server_addresses(server)->port, "without TCP");
	here[1] = *server_addresses(server);
	settings.listen = &here[1];
	ok(!server_new(&settings, &fault) &&
			strstr(fault.text, "(UDP): Address already in use; another program"),
		"taken: %s", fault.text);
	settings.no_tcp = false;
	ok(!server_new(&settings, &fault) && strstr(fault.text, "(UDP)"), "taken for UDP alone");
	server_free(server);
	settings.no_udp = true;
	server = server_new(&settings, &fault);
	ok(server != NULL, "without UDP");
	server_free(server);
	server_free(NULL);
	loop_free(settings.loop);
}

int main(void)
{
	test_idle();
	test_dribble();
	test_client_goes();
	test_room();
	test_transfer_stays();
	test_ports();
	return done_testing();
}
