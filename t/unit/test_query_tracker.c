/*
 * The tracker: stories with time as an argument, and a long random life checked against a plain
 * model.
 */
#include <stdlib.h>

#include "common/net/query_tracker.h"
#include "t/unit/tap.h"

enum { SECOND = 1000000 };

static const struct tracker_settings plain = { .try_timeout_us = SECOND,
	.tries = 3,
	.window_most = TRACKER_WINDOW };

static void test_ids(void)
{
	struct query_tracker tracker;
	uint16_t first, second;
	unsigned try = 99;

	tracker_begin(&tracker, &plain, 0);
	first = tracker_add(&tracker, 0xabcd);
	is_integer(tracker_id(&tracker, first, 0), 0xabcd,
		"the first try has the random id itself");
	is_integer(tracker_id(&tracker, first, 3), 0xabc8, "the others differ in the lowest bits");
	second = tracker_add(&tracker, 0xabca);
	is_integer(tracker_id(&tracker, second, 0), 0xabd2,
		"an id of a slot in flight is not given again");
	ok(tracker_find(&tracker, 0xabcd, &try) == TRACKER_NONE,
		"an id that was not sent is not found");
	tracker_sent(&tracker, first, 5);
	ok(tracker_find(&tracker, 0xabcd, &try) == first && try == 0, "a sent one is");
	ok(tracker_find(&tracker, 0xabce, &try) == TRACKER_NONE, "the next try's is not yet");
	tracker_sent(&tracker, first, SECOND + 5);
	ok(tracker_find(&tracker, 0xabcd, &try) == first && try == 0,
		"a late answer to the first try");
	is_integer(tracker_round_trip_us(&tracker, first, 0, SECOND + 9), SECOND + 4,
		"and its round trip");
	ok(tracker_find(&tracker, 0xabce, &try) == first && try == 1, "an answer to the second");
	is_integer(tracker_round_trip_us(&tracker, first, 1, SECOND + 9), 4, "and its round trip");
	ok(tracker_find(&tracker, 0x1234, &try) == TRACKER_NONE, "any other id is nobody's");
	tracker_remove(&tracker, first);
	ok(tracker_find(&tracker, 0xabcd, &try) == TRACKER_NONE, "nor are those of what has ended");
	ok(!tracker_in_use(&tracker, first) && tracker_in_use(&tracker, second), "slots in use");
	ok(!tracker_in_use(&tracker, 999), "a slot that never was");
	first = tracker_add(&tracker, 0xffff);
	is_integer(tracker_id(&tracker, first, 1), 0xfff8, "ids wrap inside their slot's eight");
	second = tracker_add(&tracker, 0xfff9);
	is_integer(tracker_id(&tracker, second, 0), 1, "and slots wrap around the whole space");
	tracker_free(&tracker);
}

static void test_time(void)
{
	struct query_tracker tracker;
	uint16_t a, b;

	tracker_begin(&tracker, &plain, 0);
	ok(tracker_next_us(&tracker) == TRACKER_NEVER, "nothing in flight, nothing to wait for");
	ok(tracker_oldest(&tracker) == TRACKER_NONE, "and nothing is oldest");
	a = tracker_add(&tracker, 100);
	b = tracker_add(&tracker, 200);
	ok(tracker_next_us(&tracker) == TRACKER_NEVER, "time does not run before a try is sent");
	tracker_sent(&tracker, a, 10);
	tracker_sent(&tracker, b, 20);
	is_integer(tracker_next_us(&tracker), SECOND + 10, "the first try ends first");
	is_integer(tracker_oldest(&tracker), a, "the oldest");
	ok(tracker_expired(&tracker, SECOND + 9) == TRACKER_NONE, "not a microsecond early");
	is_integer(tracker_expired(&tracker, SECOND + 10), a, "but then");
	ok(tracker_expired(&tracker, SECOND + 10) == TRACKER_NONE, "once");
	is_integer(tracker_next_us(&tracker), SECOND + 20, "then the second");
	tracker_sent(&tracker, a, SECOND + 15);
	is_integer(tracker_next_us(&tracker), SECOND + 20, "a try again waits behind");
	tracker_pause(&tracker, b);
	is_integer(tracker_next_us(&tracker), 2 * SECOND + 15, "a paused one has no end");
	tracker_pause(&tracker, b);
	ok(tracker_tries_left(&tracker, a), "two of three tries are used");
	tracker_sent(&tracker, a, SECOND + 15);
	ok(tracker_tries(&tracker, a) == 3 && !tracker_tries_left(&tracker, a), "then all three");
	tracker_remove(&tracker, a);
	ok(tracker_next_us(&tracker) == TRACKER_NEVER, "removing a waiting one stops its time");
	tracker_free(&tracker);
}

static unsigned fill_window(struct query_tracker *tracker, int64_t now_us)
{
	unsigned added = 0;

	while (tracker_has_room(tracker, now_us)) {
		tracker_sent(tracker, tracker_add(tracker, (uint16_t)(added * 8)), now_us);
		added++;
	}
	return added;
}

static void test_window(void)
{
	struct query_tracker tracker;

	tracker_begin(&tracker, &plain, 0);
	is_integer(fill_window(&tracker, 0), TRACKER_WINDOW_FIRST, "the first window");
	ok(tracker_room_at(&tracker) == TRACKER_NEVER, "a full window waits for no time");
	for (unsigned i = 0; i < TRACKER_WINDOW_FIRST; i++)
		tracker_answered(&tracker);
	is_integer(tracker.window, 2 * TRACKER_WINDOW_FIRST, "it doubles with a window of answers");
	for (unsigned i = 0; i < 1000; i++)
		tracker_answered(&tracker);
	is_integer(tracker.window, TRACKER_WINDOW, "up to the most");
	tracker_lost(&tracker, 3, 0, SECOND);
	tracker_lost(&tracker, 4, 0, SECOND + 1);
	is_integer(tracker.window, TRACKER_WINDOW / 2, "losses of one window halve it once");
	tracker_sent(&tracker, 3, SECOND + 2);
	tracker_lost(&tracker, 3, 1, 2 * SECOND);
	is_integer(tracker.window, TRACKER_WINDOW / 4,
		"a loss of what was sent since halves again");
	for (unsigned i = 0; i < TRACKER_WINDOW / 4 - 1; i++)
		tracker_answered(&tracker);
	is_integer(tracker.window, TRACKER_WINDOW / 4, "after a loss it grows slowly,");
	tracker_answered(&tracker);
	is_integer(tracker.window, TRACKER_WINDOW / 4 + 1, "by one in a window");
	tracker_free(&tracker);
	tracker_begin(&tracker, &plain, 0);
	for (int64_t now_us = 0; now_us < 20 * SECOND; now_us += SECOND) {
		uint16_t slot = tracker_add(&tracker, 7777);

		tracker_sent(&tracker, slot, now_us);
		tracker_lost(&tracker, slot, 0, now_us + 1);
		tracker_remove(&tracker, slot);
	}
	is_integer(tracker.window, TRACKER_WINDOW_LEAST, "never below the least");
	tracker_free(&tracker);
}

static void test_small_window(void)
{
	struct tracker_settings one = plain;
	struct query_tracker tracker;
	uint16_t slot;

	one.window_most = 1;
	tracker_begin(&tracker, &one, 0);
	ok(tracker_has_room(&tracker, 0), "a window of one has room");
	slot = tracker_add(&tracker, 1);
	ok(!tracker_has_room(&tracker, 0), "for one");
	tracker_sent(&tracker, slot, 0);
	tracker_lost(&tracker, slot, 0, SECOND);
	is_integer(tracker.window, 1, "and a loss makes it no larger");
	tracker_free(&tracker);
}

static void test_rate(void)
{
	struct tracker_settings slow = plain;
	struct query_tracker tracker;
	unsigned asked = 0;
	uint16_t slot;

	slow.rate = 100;
	slow.window_most = TRACKER_WINDOW;
	tracker_begin(&tracker, &slow, 0);
	for (int64_t now_us = 0; now_us <= SECOND; now_us += 500)
		while (tracker_has_room(&tracker, now_us)) {
			slot = tracker_add(&tracker, (uint16_t)rand());
			tracker_sent(&tracker, slot, now_us);
			tracker_remove(&tracker, slot);
			asked++;
		}
	ok(asked >= 100 && asked <= 103, "100 a second are %u in a second", asked);
	ok(!tracker_has_room(&tracker, SECOND), "then the next has to wait");
	ok(tracker_room_at(&tracker) > SECOND && tracker_room_at(&tracker) <= SECOND + 10002,
		"for at most a hundredth");
	ok(tracker_has_room(&tracker, tracker_room_at(&tracker)), "and then there is room");
	slot = tracker_add(&tracker, 1);
	for (unsigned try = 0; try < 3; try++)
		tracker_sent(&tracker, slot, SECOND);
	ok(tracker_may_repeat(&tracker, SECOND + 20001) &&
			!tracker_may_repeat(&tracker, SECOND + 20001),
		"further tries wait for their turn");
	ok(tracker_repeat_at(&tracker) > SECOND + 20001 &&
			tracker_repeat_at(&tracker) <= SECOND + 30003,
		"which is known");
	ok(!tracker_has_room(&tracker, SECOND + 29000), "and count, too");
	ok(tracker_has_room(&tracker, 3 * SECOND), "but not for ever");
	ok(tracker_room_at(&tracker) <= 3 * SECOND, "room already there is no time to wait for");
	tracker_free(&tracker);
	slow.rate = 1e6;
	tracker_begin(&tracker, &slow, 0);
	is_integer(fill_window(&tracker, 0), TRACKER_WINDOW_FIRST,
		"a high rate leaves the window its say");
	tracker_free(&tracker);
}

/* --- A long life ---------------------------------------------------------------------------- */

struct model {
	struct query_tracker tracker;
	int64_t now_us, sent_us[TRACKER_WINDOW][TRACKER_TRIES];
	unsigned tries[TRACKER_WINDOW];
	bool used[TRACKER_WINDOW], waits[TRACKER_WINDOW];
	bool id_used[0x10000];
	unsigned wrong;
};

static void model_add(struct model *model)
{
	uint16_t slot;

	if (!tracker_has_room(&model->tracker, model->now_us))
		return;
	slot = tracker_add(&model->tracker, (uint16_t)rand());
	model->wrong += model->used[slot] + model->id_used[tracker_id(&model->tracker, slot, 0)];
	for (unsigned try = 0; try < TRACKER_TRIES; try++)
		model->id_used[tracker_id(&model->tracker, slot, try)] = true;
	model->used[slot] = true;
	model->tries[slot] = 0;
	model->waits[slot] = false;
}

static void model_send(struct model *model, uint16_t slot)
{
	if (!tracker_tries_left(&model->tracker, slot))
		return;
	tracker_sent(&model->tracker, slot, model->now_us);
	model->sent_us[slot][model->tries[slot]++] = model->now_us;
	model->waits[slot] = true;
}

static void model_remove(struct model *model, uint16_t slot)
{
	for (unsigned try = 0; try < TRACKER_TRIES; try++)
		model->id_used[tracker_id(&model->tracker, slot, try)] = false;
	tracker_remove(&model->tracker, slot);
	model->used[slot] = model->waits[slot] = false;
}

static int64_t model_due_us(const struct model *model, unsigned slot)
{
	return model->sent_us[slot][model->tries[slot] - 1] + SECOND;
}

static void model_expire(struct model *model)
{
	uint16_t slot;

	while ((slot = tracker_expired(&model->tracker, model->now_us)) != TRACKER_NONE) {
		model->wrong += !model->waits[slot] || model_due_us(model, slot) > model->now_us;
		model->waits[slot] = false;
	}
	for (unsigned i = 0; i < TRACKER_WINDOW; i++)
		model->wrong += model->waits[i] && model_due_us(model, i) <= model->now_us;
}

static void model_check(struct model *model)
{
	unsigned in_flight = 0;

	for (uint16_t slot = 0; slot < TRACKER_WINDOW; slot++) {
		in_flight += model->used[slot];
		model->wrong += model->used[slot] != tracker_in_use(&model->tracker, slot);
		for (unsigned try = 0; model->used[slot] && try < TRACKER_TRIES; try++) {
			unsigned found_try = TRACKER_TRIES;
			uint16_t id = tracker_id(&model->tracker, slot, try);
			uint16_t found = tracker_find(&model->tracker, id, &found_try);
			bool sent = try < model->tries[slot];

			model->wrong += sent ? found != slot || found_try !=
			try : found
				!= TRACKER_NONE;
		}
	}
	model->wrong += in_flight != model->tracker.in_flight;
}

static void test_long_life(void)
{
	struct tracker_settings settings = plain;
	struct model *model = calloc(1, sizeof(*model));

	settings.tries = TRACKER_TRIES;
	srand(7);
	tracker_begin(&model->tracker, &settings, 0);
	for (unsigned step = 0; step < 20000; step++) {
		uint16_t slot = (uint16_t)(rand() % TRACKER_WINDOW);
		int what = rand() % 8;

		model->now_us += rand() % (SECOND / 20);
		model_expire(model);
		if (what < 3)
			model_add(model);
		else if (model->used[slot] && what < 6)
			model_send(model, slot);
		else if (model->used[slot] && what == 6)
			model_remove(model, slot);
		tracker_answered(&model->tracker);
		if (step % 16 == 0)
			model_check(model);
	}
	is_integer(model->wrong, 0, "20,000 random steps, as a plain model says");
	ok(model->tracker.in_flight > TRACKER_WINDOW / 4, "with many in flight");
	tracker_free(&model->tracker);
	free(model);
}

int main(void)
{
	test_ids();
	test_time();
	test_window();
	test_small_window();
	test_rate();
	test_long_life();
	return done_testing();
}
