#include "common/net/exchange.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/arena.h"
#include "common/base/clock.h"
#include "common/net/exchange_private.h"
#include "common/net/socket.h"

enum { TRY_TIMEOUT_MS = 1000, TCP_TIMEOUT_MS = 2000 };

static void exhaust(struct server *server)
{
	server->exhausted = true;
	server->exchange->hungry--;
}

static bool next_ask(struct server *server, struct ask *ask)
{
	struct exchange *exchange = server->exchange;

	*ask = (struct ask){ 0 };
	if (server->exhausted)
		return false;
	if (exchange->source.next(exchange->source.context, server->index, ask))
		return true;
	exhaust(server);
	return false;
}

/* Another may begin, though nothing can be sent to the server: it ends at once. */
static bool may_begin(struct server *server, int64_t now_us)
{
	return !server->exhausted && !server->blocked && breaker_admits(server) &&
		tracker_has_room(&server->tracker, now_us);
}

/* Before any new one begins. */
static void repeat_some(struct server *server, int64_t now_us)
{
	while (server->again.count && tracker_may_repeat(&server->tracker, now_us)) {
		uint16_t slot = server->again.slots[0];

		slot_list_remove(&server->again, slot);
		slot_list_add(&server->unsent, slot);
	}
}

static void server_ask(struct server *server)
{
	struct ask ask;
	int64_t now_us = clock_monotonic_us();

	do {
		repeat_some(server, now_us);
		while (may_begin(server, now_us) && next_ask(server, &ask))
			flight_begin(server, &ask, now_us);
		udp_flush(server);
		now_us = clock_monotonic_us();
		tcp_pump(server, now_us);
	} while (may_begin(server, now_us));
}

/* What is not asked any more: the deadline has come, or the server is dead. */
static void server_drain(struct server *server, const struct reply *reply)
{
	struct exchange *exchange = server->exchange;
	struct ask ask;

	while (next_ask(server, &ask))
		exchange->source.answered(exchange->source.context, server->index, &ask, reply);
}

static void server_expired(void *context)
{
	struct server *server = context;
	int64_t now_us = clock_monotonic_us();

	server->timer_due_us = TRACKER_NEVER;
	breaker_expire(server, now_us);
	udp_expire(server, now_us);
	tcp_expire(server, now_us);
	exchange_touch(server);
	exchange_settle(server->exchange);
}

static int64_t earlier(int64_t a_us, int64_t b_us)
{
	return a_us < b_us ? a_us : b_us;
}

/* A timer that is set too early costs less than one that is set for every question. */
static void server_arm(struct server *server)
{
	int64_t due_us = earlier(tracker_next_us(&server->tracker), tcp_next_us(server));

	due_us = earlier(due_us, server->breaker.due_us);
	if (server->again.count)
		due_us = earlier(due_us, tracker_repeat_at(&server->tracker));
	if (!server->exhausted && !server->blocked && breaker_admits(server))
		due_us = earlier(due_us, tracker_room_at(&server->tracker));
	if (due_us >= server->timer_due_us)
		return;
	if (!server->timer)
		server->timer = loop_timer_new(server->exchange->loop, server_expired, server);
	server->timer_due_us = due_us;
	loop_timer_set(server->timer, due_us);
}

static void server_settle(struct server *server)
{
	const struct reply unasked = { .outcome = OUTCOME_NOT_ASKED };

	if (server->exchange->over) {
		server_drain(server, &unasked);
		return;
	}
	breaker_settle(server, clock_monotonic_us());
	if (server->breaker.state == BREAKER_OPEN) {
		server_drain(server, &server->breaker.verdict);
		return;
	}
	server_ask(server);
	server_arm(server);
}

void exchange_touch(struct server *server)
{
	if (server->touched)
		return;
	server->touched = true;
	server->next_touched = server->exchange->touched;
	server->exchange->touched = server;
}

static bool exchange_done(const struct exchange *exchange)
{
	return !exchange->in_flight && !exchange->hungry;
}

void exchange_settle(struct exchange *exchange)
{
	struct server *server;

	while ((server = exchange->touched)) {
		exchange->touched = server->next_touched;
		server->touched = false;
		server_settle(server);
	}
	if (exchange->running && exchange_done(exchange))
		loop_stop(exchange->loop);
}

/* --- The run ---------------------------------------------------------------------------------- */

static void exchange_cut(struct exchange *exchange)
{
	exchange->over = true;
	for (size_t i = 0; i < exchange->server_count; i++) {
		struct server *server = &exchange->servers[i];

		for (unsigned slot = 0; slot < server->tracker.capacity; slot++)
			if (tracker_in_use(&server->tracker, (uint16_t)slot))
				flight_cut(server, (uint16_t)slot);
		exchange_touch(server);
	}
	exchange_settle(exchange);
}

static void deadline_came(void *context)
{
	exchange_cut(context);
}

/* The loop must have nothing left of ours: other rounds run in it. */
static void server_close(struct server *server)
{
	udp_close(server);
	tcp_close(server);
	loop_timer_free(server->timer);
	server->timer = NULL;
	server->timer_due_us = TRACKER_NEVER;
}

static void run_loop(struct exchange *exchange)
{
	exchange->deadline = loop_timer_new(exchange->loop, deadline_came, exchange);
	loop_timer_set(exchange->deadline, exchange->settings.deadline_us);
	exchange->running = true;
	loop_run(exchange->loop);
	exchange->running = false;
	if (!exchange_done(exchange)) /* somebody else stopped the loop: that is the deadline */
		exchange_cut(exchange);
	loop_timer_free(exchange->deadline);
}

bool exchange_run(struct exchange *exchange, struct fault *fault)
{
	for (size_t i = 0; i < exchange->server_count; i++)
		exchange_touch(&exchange->servers[exchange->server_count - 1 - i]);
	exchange->over = clock_monotonic_us() >= exchange->settings.deadline_us;
	exchange_settle(exchange);
	if (!exchange_done(exchange))
		run_loop(exchange);
	for (size_t i = 0; i < exchange->server_count; i++)
		server_close(&exchange->servers[i]);
	if (exchange->troubled)
		return fault_set(fault, "%s", exchange->trouble.text);
	return true;
}

void exchange_trouble(struct server *server, int error)
{
	struct exchange *exchange = server->exchange;
	const struct exchange_settings *settings = &exchange->settings;
	const struct address *source =
		server->address.family == 6 ? &settings->source6 : &settings->source4;
	char from[ADDRESS_TEXT] = "any address", to[ADDRESS_TEXT];

	if (exchange->troubled)
		return;
	exchange->troubled = true;
	if (source->family)
		address_to_text(source, from);
	fault_set(&exchange->trouble, "cannot open a socket from %s to %s: %s", from,
		address_to_text_port(&server->address, to), strerror(error));
}

void exchange_wake(struct exchange *exchange, uint32_t server)
{
	struct server *woken = &exchange->servers[server];

	if (woken->exhausted) {
		woken->exhausted = false;
		exchange->hungry++;
	}
	exchange_touch(woken);
}

struct exchange_counts exchange_counts(const struct exchange *exchange)
{
	return exchange->counts;
}

bool exchange_has_route(const struct address *address)
{
	return socket_has_route(address);
}

static void server_begin(struct server *server, struct exchange *exchange,
	const struct address *address, uint32_t index)
{
	bool at_will = exchange->settings.loopback_at_will && address_is_loopback(address);
	const struct tracker_settings tracking = {
		.try_timeout_us = (int64_t)exchange->settings.try_timeout_ms * 1000,
		.tries = exchange->tries,
		.window_most = TRACKER_WINDOW,
		.rate = at_will ? 0 : exchange->settings.rate,
	};

	*server = (struct server){ .exchange = exchange,
		.address = *address,
		.index = index,
		.ports = { { .server = server, .fd = -1 }, { .server = server, .fd = -1 } },
		.breaker = { .test = TRACKER_NONE, .due_us = TRACKER_NEVER },
		.closed_because = OUTCOME_ANSWERED,
		.connections_most = TCP_CONNECTIONS,
		.pipeline_most = TCP_PIPELINE,
		.timer_due_us = TRACKER_NEVER };
	tracker_begin(&server->tracker, &tracking, clock_monotonic_us());
}

struct exchange *exchange_new(struct loop *loop, const struct exchange_settings *settings,
	const struct address *addresses, size_t count, const struct exchange_source *source)
{
	struct exchange *exchange = memory_resize(NULL, 1, sizeof(*exchange));
	uint32_t retries = settings->retries;

	*exchange = (struct exchange){ .loop = loop,
		.settings = *settings,
		.source = *source,
		.server_count = count,
		.hungry = count,
		.tries = 1 + (retries < TRACKER_TRIES ? retries : TRACKER_TRIES - 1) };
	if (!settings->try_timeout_ms)
		exchange->settings.try_timeout_ms = TRY_TIMEOUT_MS;
	if (!settings->tcp_timeout_ms)
		exchange->settings.tcp_timeout_ms = TCP_TIMEOUT_MS;
	exchange->servers = memory_resize(NULL, count, sizeof(*exchange->servers));
	for (size_t i = 0; i < count; i++)
		server_begin(&exchange->servers[i], exchange, &addresses[i], (uint32_t)i);
	return exchange;
}

static void server_free(struct server *server)
{
	unsigned chains = server->exchange->tries + 1;

	assert(!server->tracker.in_flight);
	for (unsigned slot = 0; slot < server->flight_capacity; slot++) {
		struct tsig_chain *chain = server->flights[slot].chains;

		for (unsigned i = 0; chain && i < chains; i++)
			tsig_chain_free(&chain[i]);
		free(chain);
	}
	free(server->flights);
	tracker_free(&server->tracker);
}

void exchange_free(struct exchange *exchange)
{
	if (!exchange)
		return;
	for (size_t i = 0; i < exchange->server_count; i++)
		server_free(&exchange->servers[i]);
	udp_batch_free(exchange->batch);
	free(exchange->servers);
	free(exchange);
}
