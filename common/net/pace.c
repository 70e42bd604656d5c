#include "common/net/pace.h"

enum { FEEDBACK_US = 50000, TRIES_OF_SILENCE = 3 };

/* How much the rate grows at once, before and after it first was too much. */
static const double BOLD = 2, CAREFUL = 1.1;

void pace_begin(struct pace *pace, int64_t try_us, int64_t now_us)
{
	*pace = (struct pace){ .try_us = try_us,
		.since_us = INT64_MIN,
		.before_us = INT64_MIN,
		.count_us = now_us,
		.answered_us = INT64_MIN };
}

/* Two counters, of this stretch of a try's time and of the one before it. */
static void roll(struct pace *pace, int64_t now_us)
{
	int64_t passed_us = now_us - pace->count_us;

	if (passed_us < pace->try_us)
		return;
	pace->counted_before = passed_us < 2 * pace->try_us ? pace->counted : 0;
	pace->counted = 0;
	pace->count_us = passed_us < 2 * pace->try_us ? pace->count_us + pace->try_us : now_us;
}

/* Answers per second, in the last try's time. */
static double answered_rate(struct pace *pace, int64_t now_us)
{
	double share;

	roll(pace, now_us);
	share = 1 - (double)(now_us - pace->count_us) / (double)pace->try_us;
	return (pace->counted + share * pace->counted_before) * 1e6 / (double)pace->try_us;
}

void pace_answered(struct pace *pace, int64_t now_us)
{
	roll(pace, now_us);
	pace->counted++;
	pace->answers++;
	pace->answered_us = now_us;
}

static void hold(struct pace *pace, double rate, int64_t now_us)
{
	pace->rate = rate > PACE_LEAST ? rate : PACE_LEAST;
	pace->since_us = now_us;
	pace->grow_us = now_us + pace->try_us + FEEDBACK_US;
	pace->losses = pace->answers = 0;
}

/* What was sent before says nothing any more: it was too much. */
static void slow_down(struct pace *pace, double rate, int64_t now_us)
{
	hold(pace, rate, now_us);
	pace->before_us = now_us;
	pace->losses_before = 0;
	if (pace->good >= pace->rate)
		pace->good = 0;
}

/* The first rate is what came through; later ones go back to what went well, or to less. */
static double slower(struct pace *pace, int64_t now_us)
{
	if (pace->rate <= 0)
		return answered_rate(pace, now_us);
	return pace->good > 0 ? pace->good : pace->rate * 0.7;
}

static void lost_now(struct pace *pace, int64_t now_us)
{
	if (++pace->losses < PACE_LOSSES || pace->losses < pace->answers / 100 * PACE_PERCENT)
		return;
	pace->careful |= pace->good > 0;
	slow_down(pace, slower(pace, now_us), now_us);
}

/* The rate had grown already when it became known that the one before it was too much. */
static void lost_before(struct pace *pace, int64_t now_us)
{
	if (++pace->losses_before < PACE_LOSSES)
		return;
	slow_down(pace, pace->good / (pace->careful ? CAREFUL : BOLD), now_us);
	pace->careful = true;
}

void pace_lost(struct pace *pace, int64_t sent_us, int64_t now_us)
{
	if (pace->answered_us == INT64_MIN || sent_us < pace->before_us)
		return;
	if (sent_us >= pace->since_us)
		lost_now(pace, now_us);
	else
		lost_before(pace, now_us);
}

void pace_grow(struct pace *pace, int64_t now_us)
{
	if (pace->rate <= 0 || now_us < pace->grow_us)
		return;
	pace->good = pace->rate;
	pace->before_us = pace->since_us;
	pace->losses_before = pace->losses;
	hold(pace, pace->rate * (pace->careful ? CAREFUL : BOLD), now_us);
}

bool pace_is_limit(const struct pace *pace, int64_t now_us)
{
	return pace->rate > 0 && now_us - pace->answered_us < TRIES_OF_SILENCE * pace->try_us;
}
