/*
 * Servers that limit their rate: what is too much is dropped in silence. In time of the test's own:
 * a bucket of tokens answers, and all that was asked has to be answered, nearly as fast as the
 * bucket allows, and nobody may be called silent.
 */
#include <stdlib.h>
#include <string.h>

#include "common/net/query_tracker.h"
#include "t/unit/tap.h"

enum { SECOND = 1000000, STEP = 500, MOST_S = 120 };

struct limit_story {
	const char *name;
	double rate, burst; /* of the server; 0: no limit */
	int64_t round_trip_us;
	unsigned questions, silent; /* every so-many-th is never answered; 0: none */
	double loss;                /* of any datagram */
	double most_s;
};

/* What became of them. */
struct outcome_counts {
	unsigned answered, given_up, sent;
	double seconds;
};

struct world {
	const struct limit_story *story;
	struct query_tracker tracker;
	int64_t now_us, filled_us;
	double tokens;
	int64_t answer_us[TRACKER_WINDOW];
	unsigned question[TRACKER_WINDOW], begun;
	uint16_t again[TRACKER_WINDOW];
	unsigned again_count;
	struct outcome_counts counts;
};

static bool is_dropped(struct world *world, unsigned question)
{
	const struct limit_story *story = world->story;

	if (story->loss > 0 && rand() < story->loss * RAND_MAX)
		return true;
	if (story->rate > 0) {
		world->tokens += (double)(world->now_us - world->filled_us) * story->rate / 1e6;
		world->filled_us = world->now_us;
		if (world->tokens > story->burst)
			world->tokens = story->burst;
		if (world->tokens < 1)
			return true;
		world->tokens -= 1;
	}
	return story->silent && question % story->silent == 0;
}

static void send(struct world *world, uint16_t slot)
{
	world->counts.sent++;
	world->answer_us[slot] = is_dropped(world, world->question[slot])
		? TRACKER_NEVER
		: world->now_us + world->story->round_trip_us;
	tracker_sent(&world->tracker, slot, world->now_us);
}

static void end(struct world *world, uint16_t slot, bool answered)
{
	if (answered) {
		tracker_heard(&world->tracker, world->now_us);
		tracker_answered(&world->tracker);
	}
	world->counts.answered += answered;
	world->counts.given_up += !answered;
	world->answer_us[slot] = TRACKER_NEVER;
	tracker_remove(&world->tracker, slot);
}

/* As the exchange does it. */
static void expire(struct world *world)
{
	uint16_t slot;

	while ((slot = tracker_expired(&world->tracker, world->now_us)) != TRACKER_NONE) {
		tracker_timed_out(&world->tracker, slot, world->now_us);
		if (tracker_tries_left(&world->tracker, slot))
			world->again[world->again_count++] = slot;
		else
			end(world, slot, false);
	}
	while (world->again_count && tracker_may_repeat(&world->tracker, world->now_us)) {
		slot = world->again[0];
		memmove(world->again, world->again + 1,
			--world->again_count * sizeof(world->again[0]));
		send(world, slot);
	}
}

static void step(struct world *world)
{
	for (uint16_t slot = 0; slot < world->tracker.capacity; slot++) {
		if (tracker_in_use(&world->tracker, slot) &&
			world->answer_us[slot] <= world->now_us)
			end(world, slot, true);
	}
	expire(world);
	while (world->begun < world->story->questions &&
		tracker_has_room(&world->tracker, world->now_us)) {
		uint16_t slot = tracker_add(&world->tracker, (uint16_t)rand());

		world->question[slot] = ++world->begun;
		send(world, slot);
	}
}

static struct outcome_counts ask(const struct limit_story *story)
{
	static const struct tracker_settings settings = { .try_timeout_us = SECOND,
		.tries = 3,
		.window_most = TRACKER_WINDOW };
	struct world world = { .story = story, .tokens = story->burst };

	for (unsigned slot = 0; slot < TRACKER_WINDOW; slot++)
		world.answer_us[slot] = TRACKER_NEVER;
	srand(7);
	tracker_begin(&world.tracker, &settings, 0);
	while (world.counts.answered + world.counts.given_up < story->questions &&
		world.now_us < (int64_t)MOST_S * SECOND) {
		step(&world);
		world.now_us += STEP;
	}
	world.counts.seconds = (double)world.now_us / SECOND;
	tracker_free(&world.tracker);
	return world.counts;
}

int main(void)
{
	/* Three seconds are for finding the limit out. */
	static const struct limit_story stories[] = {
		{ "no limit", 0, 0, 500, 20000, 0, 0, 0.5 },
		{ "2,000 a second", 2000, 100, 500, 2000, 0, 0, 8 },
		{ "2,000 a second, a second's worth at once", 2000, 2000, 500, 10000, 0, 0, 12 },
		{ "2,000 a second, 40 ms away", 2000, 100, 40000, 10000, 0, 0, 16 },
		{ "200 a second", 200, 20, 500, 2000, 0, 0, 18 },
		{ "200 a second, none at once", 200, 1, 20000, 2000, 0, 0, 25 },
		{ "50 a second", 50, 5, 500, 500, 0, 0, 18 },
		{ "one in a hundred lost", 0, 0, 500, 20000, 0, 0.01, 12 },
		{ "one in ten lost", 0, 0, 20000, 5000, 0, 0.1, 30 },
	};
	static const struct limit_story silent = { "one in 500 is silent", 0, 0, 500, 20000, 500, 0,
		30 };
	static const struct limit_story both = { "200 a second, and one in 100 is silent", 200, 20,
		500, 2000, 100, 0, 60 };
	struct outcome_counts counts;

	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		const struct limit_story *story = &stories[i];

		counts = ask(story);
		ok(counts.answered == story->questions, "%s: all are answered (%u of %u, %u sent)",
			story->name, counts.answered, story->questions, counts.sent);
		ok(counts.seconds <= story->most_s, "%s: in %.1f s", story->name, counts.seconds);
	}
	counts = ask(&silent);
	ok(counts.given_up == 40 && counts.answered == 19960 && counts.seconds <= silent.most_s,
		"%s: %u are, after %.1f s", silent.name, counts.given_up, counts.seconds);
	counts = ask(&both);
	ok(counts.given_up == 20 && counts.answered == 1980 && counts.seconds <= both.most_s,
		"%s: %u are, after %.1f s", both.name, counts.given_up, counts.seconds);
	return done_testing();
}
