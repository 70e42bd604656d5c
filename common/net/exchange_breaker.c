/*
 * The circuit breaker: a dead server must not cost a time-out for every window of its questions.
 *
 * It watches a server only until that is heard for the first time. Where the first try of many
 * questions ended in silence, one of them is the test: it alone is asked again, for most of a try,
 * while the others are held. Where questions fail at once (a closed port), the next one is the
 * test. Nothing heard: the server is dead, and all its questions end as the test did, those still
 * to come without being sent. Anything heard: everybody goes on as if nothing had been.
 */
#include "common/net/exchange_private.h"

enum {
	QUESTIONS = 16,    /* that failed or are silent, before a server is suspected */
	TEST_PERCENT = 80, /* of a try: a dead server costs less than two tries in all */
};

void breaker_begun(struct server *server, uint16_t slot, int64_t now_us)
{
	struct breaker *breaker = &server->breaker;

	if (breaker->state != BREAKER_TESTING || breaker->test != TRACKER_NONE)
		return;
	breaker->test = slot;
	breaker->due_us =
		now_us + (int64_t)server->exchange->settings.try_timeout_ms * 10 * TEST_PERCENT;
}

bool breaker_holds(struct server *server, uint16_t slot, int64_t now_us)
{
	struct breaker *breaker = &server->breaker;

	if (breaker->heard)
		return false;
	if (breaker->state == BREAKER_CLOSED && server->tracker.in_flight >= QUESTIONS) {
		breaker->state = BREAKER_TESTING;
		breaker_begun(server, slot, now_us);
	}
	if (breaker->state != BREAKER_TESTING || breaker->test == slot)
		return false;
	slot_list_add(&breaker->held, slot);
	return true;
}

void breaker_heard(struct server *server)
{
	struct breaker *breaker = &server->breaker;

	if (breaker->heard)
		return;
	breaker->heard = true;
	breaker->state = BREAKER_CLOSED;
	breaker->due_us = TRACKER_NEVER;
	exchange_touch(server);
}

void breaker_failed(struct server *server, uint16_t slot, const struct reply *reply)
{
	struct breaker *breaker = &server->breaker;

	if (breaker->heard || server->exchange->over || reply->outcome == OUTCOME_NOT_ASKED)
		return;
	breaker->failures++;
	if (breaker->state != BREAKER_TESTING || breaker->test != slot)
		return;
	breaker->state = BREAKER_OPEN;
	breaker->due_us = TRACKER_NEVER;
	breaker->verdict = *reply;
	breaker->verdict.tries = 0;
}

bool breaker_admits(struct server *server)
{
	struct breaker *breaker = &server->breaker;

	if (breaker->heard)
		return true;
	if (breaker->state == BREAKER_TESTING)
		return breaker->test == TRACKER_NONE;
	if (breaker->failures < QUESTIONS)
		return true;
	if (server->tracker.in_flight || breaker->state == BREAKER_OPEN)
		return false;
	breaker->state = BREAKER_TESTING;
	return true;
}

void breaker_expire(struct server *server, int64_t now_us)
{
	struct breaker *breaker = &server->breaker;

	if (breaker->state != BREAKER_TESTING || breaker->due_us > now_us)
		return;
	breaker->due_us = TRACKER_NEVER;
	flight_cut(server, breaker->test);
}

void breaker_settle(struct server *server, int64_t now_us)
{
	struct breaker *breaker = &server->breaker;

	while (breaker->state == BREAKER_CLOSED && breaker->held.count) {
		uint16_t slot = breaker->held.slots[0];

		slot_list_remove(&breaker->held, slot);
		udp_try_over(server, slot, now_us);
	}
	if (breaker->state != BREAKER_OPEN)
		return;
	for (unsigned slot = 0; slot < server->tracker.capacity; slot++) {
		if (tracker_in_use(&server->tracker, (uint16_t)slot))
			flight_give_up(server, (uint16_t)slot, &breaker->verdict);
	}
}
