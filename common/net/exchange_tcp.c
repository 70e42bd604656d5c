/*
 * The exchange's TCP: few connections to a server, used again for its further questions (RFC
 * 7766 6.2.1). A connection that has not answered yet holds one question, so that its end tells
 * something about that very question; later several.
 */
#include <stdlib.h>
#include <string.h>

#include "common/base/arena.h"
#include "common/base/clock.h"
#include "common/net/exchange_private.h"

static void message_came(void *context, const uint8_t *bytes, size_t length);
static void connected(void *context);
static void stream_ended(void *context, const struct stream_end *end);

static struct connection *connection_open(struct server *server)
{
	const struct exchange_settings *settings = &server->exchange->settings;
	struct connection *connection = memory_resize(NULL, 1, sizeof(*connection));
	struct stream_settings wanted = {
		.to = server->address,
		.source = server->address.family == 6 ? settings->source6 : settings->source4,
		.connected = connected,
		.message = message_came,
		.ended = stream_ended,
		.context = connection,
	};

	*connection = (struct connection){ .server = server };
	connection->stream = stream_open(server->exchange->loop, &wanted);
	return connection;
}

static void connection_close(struct connection *connection)
{
	struct server *server = connection->server;

	for (unsigned i = 0; i < TCP_CONNECTIONS; i++)
		if (server->connections[i] == connection)
			server->connections[i] = NULL;
	stream_free(connection->stream);
	free(connection);
}

void tcp_begin(struct server *server, uint16_t slot, int64_t now_us)
{
	struct flight *flight = &server->flights[slot];

	flight->tcp_begun = true;
	flight->tcp_since_us = now_us;
	slot_list_add(&server->tcp_waiting, slot);
}

/* The further messages of a transfer belong to nobody here, so nothing else may wait between or
 * behind them. */
static bool wants_its_own(const struct server *server, uint16_t slot)
{
	return server->flights[slot].ask.question.type == DNS_AXFR;
}

static void connection_ask(struct connection *connection, uint16_t slot, int64_t now_us)
{
	struct server *server = connection->server;
	uint8_t question[QUESTION_ROOM];
	size_t length = flight_question(server, slot, tracker_id(&server->tracker, slot, 0),
		server->exchange->tries, question);

	flight_counted(server, slot);
	server->flights[slot].tcp_since_us = now_us;
	slot_list_add(&connection->in_flight, slot);
	connection->retired |= wants_its_own(server, slot);
	stream_send(connection->stream, question, length);
}

static bool connection_has_room(const struct connection *connection, bool of_its_own)
{
	unsigned most = connection->answers && !of_its_own ? connection->server->pipeline_most : 1;

	return !connection->retired && connection->in_flight.count < most;
}

/* One with room for this question, an open one first; NULL: all are busy. */
static struct connection *connection_for(struct server *server, uint16_t slot)
{
	bool of_its_own = wants_its_own(server, slot);
	struct connection **unused = NULL;
	unsigned open = 0;

	for (unsigned i = 0; i < TCP_CONNECTIONS; i++) {
		struct connection **place = &server->connections[i];

		if (*place && connection_has_room(*place, of_its_own))
			return *place;
		if (*place)
			open++;
		else
			unused = place;
	}
	if (!unused || open >= server->connections_most)
		return NULL;
	*unused = connection_open(server);
	return *unused;
}

void tcp_pump(struct server *server, int64_t now_us)
{
	struct slot_list *waiting = &server->tcp_waiting;

	for (unsigned i = 0; i < TCP_CONNECTIONS; i++) {
		struct connection *connection = server->connections[i];

		if (connection && connection->retired && !connection->in_flight.count)
			connection_close(connection);
	}
	while (waiting->count) {
		uint16_t slot = waiting->slots[0];
		struct connection *connection = connection_for(server, slot);

		if (!connection)
			return;
		slot_list_remove(waiting, slot);
		connection_ask(connection, slot, now_us);
	}
}

/* The slot that waits on this connection for an answer with this id. */
static uint16_t slot_of(const struct connection *connection, const uint8_t *bytes, size_t length)
{
	const struct query_tracker *tracker = &connection->server->tracker;
	const struct slot_list *list = &connection->in_flight;

	for (unsigned i = 0; length >= 2 && i < list->count; i++)
		if (tracker_id(tracker, list->slots[i], 0) == wire_u16(bytes))
			return list->slots[i];
	return TRACKER_NONE;
}

static void answer_came(struct connection *connection, uint16_t slot, const uint8_t *bytes,
	size_t length)
{
	struct server *server = connection->server;
	struct flight *flight = &server->flights[slot];
	int64_t now_us = clock_monotonic_us();
	struct message message;

	connection->answers++;
	breaker_heard(server);
	server->tcp_progress_us = now_us;
	slot_list_remove(&connection->in_flight, slot);
	flight->ask.question.id = tracker_id(&server->tracker, slot, 0);
	if (!message_parse(bytes, length, &message) ||
		!message_answers(&message, &flight->ask.question, true))
		flight_tcp_over(server, slot, OUTCOME_MALFORMED);
	else if (flight_verify(flight, server->exchange->tries, &message) == OUTCOME_TSIG_FAILED)
		flight_tcp_over(server, slot, OUTCOME_TSIG_FAILED);
	else
		flight_tcp_answered(server, slot, &message, now_us);
}

static void all_over(struct server *server, struct slot_list *list, enum outcome outcome)
{
	while (list->count) {
		uint16_t slot = list->slots[0];

		slot_list_remove(list, slot);
		flight_tcp_over(server, slot, outcome);
	}
}

static void all_again(struct server *server, struct slot_list *list)
{
	while (list->count) {
		uint16_t slot = list->slots[0];

		slot_list_remove(list, slot);
		slot_list_add(&server->tcp_waiting, slot);
	}
}

/* What nobody asked for: nobody forges on TCP, so the server is to blame, and the stream is not to
 * be trusted any further. */
static void rubbish_came(struct connection *connection)
{
	struct slot_list *list = &connection->in_flight;
	uint16_t first = list->slots[0];

	connection->retired = true;
	if (!list->count)
		return;
	slot_list_remove(list, first);
	flight_tcp_over(connection->server, first, OUTCOME_MALFORMED);
	all_again(connection->server, list);
}

static void message_came(void *context, const uint8_t *bytes, size_t length)
{
	struct connection *connection = context;
	struct server *server = connection->server;
	uint16_t slot = slot_of(connection, bytes, length);

	if (slot != TRACKER_NONE)
		answer_came(connection, slot, bytes, length);
	else if (connection->strays)
		connection->strays--;
	else
		rubbish_came(connection);
	exchange_touch(server);
	exchange_settle(server->exchange);
}

static void connected(void *context)
{
	struct connection *connection = context;

	connection->connected = true;
}

static bool another_is_open(const struct connection *connection)
{
	const struct server *server = connection->server;

	for (unsigned i = 0; i < TCP_CONNECTIONS; i++) {
		const struct connection *other = server->connections[i];

		if (other && other != connection)
			return true;
	}
	return false;
}

/* What stops a connection before it is one stops every question alike. */
static void never_connected(struct connection *connection, const struct stream_end *end)
{
	struct server *server = connection->server;

	if (end->outcome == OUTCOME_NOT_ASKED)
		exchange_trouble(server, end->error);
	all_over(server, &connection->in_flight, end->outcome);
	all_over(server, &server->tcp_waiting, end->outcome);
}

/* The server takes one connection at a time; the one it took may not know that yet. */
static void one_too_many(struct connection *connection)
{
	connection->server->connections_most = 1;
	all_again(connection->server, &connection->in_flight);
}

/* One that closes with questions unanswered is given one at a time from now on. */
static void unanswered_again(struct connection *connection)
{
	if (connection->in_flight.count > 1)
		connection->server->pipeline_most = 1;
	all_again(connection->server, &connection->in_flight);
}

/* Servers close connections when they like: what they had not answered yet is asked again, unless
 * they did so with the first question. */
static void stream_ended(void *context, const struct stream_end *end)
{
	struct connection *connection = context;
	struct server *server = connection->server;

	if (connection->answers)
		unanswered_again(connection);
	else if (another_is_open(connection))
		one_too_many(connection);
	else if (connection->connected)
		all_over(server, &connection->in_flight, end->outcome);
	else
		never_connected(connection, end);
	connection_close(connection);
	exchange_touch(server);
	exchange_settle(server->exchange);
}

static int64_t flight_due_us(const struct server *server, uint16_t slot)
{
	return server->flights[slot].tcp_since_us +
		(int64_t)server->exchange->settings.tcp_timeout_ms * 1000;
}

/* Waiting for a connection is no silence as long as the server answers others. */
static int64_t waiting_due_us(const struct server *server, uint16_t slot)
{
	int64_t due_us = flight_due_us(server, slot);
	int64_t progress_us =
		server->tcp_progress_us + (int64_t)server->exchange->settings.tcp_timeout_ms * 1000;

	return due_us > progress_us ? due_us : progress_us;
}

int64_t tcp_next_us(const struct server *server)
{
	int64_t next_us = TRACKER_NEVER;

	for (unsigned i = 0; i < server->tcp_waiting.count; i++) {
		int64_t due_us = waiting_due_us(server, server->tcp_waiting.slots[i]);

		next_us = due_us < next_us ? due_us : next_us;
	}
	for (unsigned i = 0; i < TCP_CONNECTIONS; i++) {
		const struct connection *connection = server->connections[i];

		for (unsigned j = 0; connection && j < connection->in_flight.count; j++) {
			int64_t due_us = flight_due_us(server, connection->in_flight.slots[j]);

			next_us = due_us < next_us ? due_us : next_us;
		}
	}
	return next_us;
}

/* True: it ran out of time without ever being a connection. */
static bool connection_expire(struct connection *connection, int64_t now_us)
{
	struct slot_list *list = &connection->in_flight;
	unsigned i = 0;
	bool expired = false;

	while (i < list->count) {
		uint16_t slot = list->slots[i];

		if (flight_due_us(connection->server, slot) > now_us) {
			i++;
			continue;
		}
		slot_list_remove(list, slot);
		connection->strays++;
		connection->retired = true;
		expired = true;
		flight_tcp_over(connection->server, slot, OUTCOME_TIMEOUT);
	}
	return expired && !connection->connected;
}

void tcp_expire(struct server *server, int64_t now_us)
{
	struct slot_list *waiting = &server->tcp_waiting;
	bool silent = false;
	unsigned i = 0;

	for (unsigned j = 0; j < TCP_CONNECTIONS; j++)
		if (server->connections[j])
			silent |= connection_expire(server->connections[j], now_us);
	/* A server that took no connection in all that time won't take the next one, either: those
	 * who wait for it need not find out one after the other. */
	if (silent && !server->tcp_progress_us)
		all_over(server, waiting, OUTCOME_TIMEOUT);
	while (i < waiting->count) {
		uint16_t slot = waiting->slots[i];

		if (waiting_due_us(server, slot) > now_us) {
			i++;
			continue;
		}
		slot_list_remove(waiting, slot);
		flight_tcp_over(server, slot, OUTCOME_TIMEOUT);
	}
}

void tcp_forget(struct server *server, uint16_t slot)
{
	slot_list_remove(&server->tcp_waiting, slot);
	for (unsigned i = 0; i < TCP_CONNECTIONS; i++) {
		struct connection *connection = server->connections[i];

		if (!connection || !slot_list_remove(&connection->in_flight, slot))
			continue;
		connection->strays++;
		if (!connection->answers) /* it may never say anything */
			connection->retired = true;
	}
}

void tcp_close(struct server *server)
{
	for (unsigned i = 0; i < TCP_CONNECTIONS; i++)
		if (server->connections[i])
			connection_close(server->connections[i]);
}
