/*
 * The bookkeeping of one server's questions in flight, pure: which ids are out, when each try is
 * over, how many may be out at once. Time and random numbers are arguments; nothing is sent here.
 *
 * A question in flight is a slot, a small number that the caller uses as an index into an array of
 * its own. Each try has an id of its own, so that a late answer is known as the answer to the try
 * that it belongs to: the 8 ids that differ only in their lowest 3 bits belong to one slot, the
 * first one is any of the 65,536.
 *
 * The window grows by one per answer until the first loss, then by one per window, to window_most
 * at most; a truncated answer halves it, and so does the first loss, but only once for all that was
 * sent before. What is lost in silence also slows the questions down (pace.h); each try then waits
 * for its turn, and is not the question's last one as long as the server answers others.
 */
#ifndef COMMON_NET_QUERY_TRACKER_H
#define COMMON_NET_QUERY_TRACKER_H

#include <stdbool.h>
#include <stdint.h>

#include "common/net/pace.h"

enum {
	TRACKER_TRIES = 8,    /* of one question at most */
	TRACKER_WINDOW = 128, /* questions in flight at most */
	TRACKER_WINDOW_FIRST = 32,
	TRACKER_WINDOW_LEAST = 4,
	TRACKER_BUCKETS = 256,
	TRACKER_SPARED = 60,   /* tries of one question that do not count, at most */
	TRACKER_NONE = 0xffff, /* no slot */
};
#define TRACKER_NEVER INT64_MAX

struct tracker_settings {
	int64_t try_timeout_us;
	unsigned tries;       /* 1 to TRACKER_TRIES */
	unsigned window_most; /* 1 to TRACKER_WINDOW */
	double rate;          /* questions per second; 0: no limit */
};

struct tracker_slot;

/* Private but for `settings.window_most`, `window`, `in_flight` and `capacity` (of slots, so that
 * the caller's array can follow). */
struct query_tracker {
	struct tracker_settings settings;
	unsigned window, in_flight, capacity;
	struct tracker_slot *slots;
	uint16_t free_slot, oldest,
		newest;   /* lists: unused slots; tries that wait, by their time-outs */
	unsigned answers; /* since the window last grew */
	bool lossy;
	int64_t halved_us,
		filled_us; /* when the window last shrank; when the tokens were counted */
	double tokens;
	struct pace pace;
	uint16_t buckets[TRACKER_BUCKETS]; /* of slots, by id */
};

void tracker_begin(struct query_tracker *tracker, const struct tracker_settings *settings,
	int64_t now_us);
void tracker_free(struct query_tracker *tracker);

/* May one more question begin, by window and rate? */
bool tracker_has_room(struct query_tracker *tracker, int64_t now_us);
/* May a question be sent once more? Then it counts against the rate. */
bool tracker_may_repeat(struct query_tracker *tracker, int64_t now_us);
/* When it may. */
int64_t tracker_repeat_at(const struct query_tracker *tracker);
/* When the rate lets the next one begin; TRACKER_NEVER where the window has to open first. */
int64_t tracker_room_at(const struct query_tracker *tracker);
/* A slot for a new question (there must be room); counts against the rate. */
uint16_t tracker_add(struct query_tracker *tracker, uint16_t random_id);
bool tracker_in_use(const struct query_tracker *tracker, uint16_t slot);
void tracker_remove(struct query_tracker *tracker, uint16_t slot);

/* The tries sent so far. */
unsigned tracker_tries(const struct query_tracker *tracker, uint16_t slot);
bool tracker_tries_left(const struct query_tracker *tracker, uint16_t slot);
/* The id of a try, counted from 0, sent or not. */
uint16_t tracker_id(const struct query_tracker *tracker, uint16_t slot, unsigned try);
/* The next try is out: its time begins. */
void tracker_sent(struct query_tracker *tracker, uint16_t slot, int64_t now_us);
/* Its time does not run any more; its answers are still found. */
void tracker_pause(struct query_tracker *tracker, uint16_t slot);

/* When the first try in flight is over; TRACKER_NEVER. */
int64_t tracker_next_us(const struct query_tracker *tracker);
/* A slot whose try is over (and paused now), oldest first, or TRACKER_NONE. */
uint16_t tracker_expired(struct query_tracker *tracker, int64_t now_us);
/* The slot that has been waiting longest, or TRACKER_NONE. */
uint16_t tracker_oldest(const struct query_tracker *tracker);

/* The slot of a try that was sent with this id, or TRACKER_NONE. */
uint16_t tracker_find(const struct query_tracker *tracker, uint16_t id, unsigned *try);
uint32_t tracker_round_trip_us(const struct query_tracker *tracker, uint16_t slot, unsigned try,
	int64_t now_us);
/* An answer came: the window may grow. */
void tracker_answered(struct query_tracker *tracker);
/* It came by UDP, and whole: so fast the server may be asked. */
void tracker_heard(struct query_tracker *tracker, int64_t now_us);
/* The answer to the try was truncated, which is how servers limit rates. */
void tracker_lost(struct query_tracker *tracker, uint16_t slot, unsigned try, int64_t now_us);
/* The last try was not answered in its time. It does not count as one where the server lets others
 * fall, too. */
void tracker_timed_out(struct query_tracker *tracker, uint16_t slot, int64_t now_us);
/* Does the server answer others, but not all? */
bool tracker_is_limited(const struct query_tracker *tracker, int64_t now_us);

#endif
