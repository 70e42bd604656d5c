#include "common/net/query_tracker.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/arena.h"

enum { SLOTS_FIRST = 4, ID_BITS = 3 };

struct tracker_slot {
	int64_t first_sent_us;
	uint32_t later_us[TRACKER_TRIES]; /* each try's time after the first */
	uint16_t first_id;
	uint16_t next;           /* in its bucket, or of the unused ones */
	uint16_t older, younger; /* in the list of waiting tries */
	uint8_t tries, spared;
	bool used, waiting;
};

/* A question may be sent this long before its turn, so that a high rate costs no timer per
 * question. */
static const double burst_s = 0.02;

/* The user's, or the server's where that is slower; 0: no limit. */
static double rate_of(const struct query_tracker *tracker)
{
	double wanted = tracker->settings.rate, paced = tracker->pace.rate;

	return wanted > 0 && (paced <= 0 || wanted < paced) ? wanted : paced;
}

static double burst(const struct query_tracker *tracker)
{
	double tokens = rate_of(tracker) * burst_s;

	return tokens > 1 ? tokens : 1;
}

void tracker_begin(struct query_tracker *tracker, const struct tracker_settings *settings,
	int64_t now_us)
{
	assert(settings->tries >= 1 && settings->tries <= TRACKER_TRIES);
	assert(settings->window_most >= 1 && settings->window_most <= TRACKER_WINDOW);
	memset(tracker, 0, sizeof(*tracker));
	tracker->settings = *settings;
	tracker->window = TRACKER_WINDOW_FIRST;
	if (tracker->window > settings->window_most)
		tracker->window = settings->window_most;
	tracker->free_slot = tracker->oldest = tracker->newest = TRACKER_NONE;
	tracker->halved_us = INT64_MIN;
	tracker->filled_us = now_us;
	tracker->tokens = burst(tracker);
	pace_begin(&tracker->pace, settings->try_timeout_us, now_us);
	memset(tracker->buckets, 0xff, sizeof(tracker->buckets));
}

void tracker_free(struct query_tracker *tracker)
{
	free(tracker->slots);
	tracker->slots = NULL;
	tracker->capacity = tracker->in_flight = 0;
}

static void fill(struct query_tracker *tracker, int64_t now_us)
{
	double most = burst(tracker);

	tracker->tokens += (double)(now_us - tracker->filled_us) * rate_of(tracker) / 1e6;
	if (tracker->tokens > most)
		tracker->tokens = most;
	tracker->filled_us = now_us;
}

/* Does the rate let anything be sent now? */
static bool has_tokens(struct query_tracker *tracker, int64_t now_us)
{
	if (rate_of(tracker) <= 0)
		return true;
	pace_grow(&tracker->pace, now_us);
	fill(tracker, now_us);
	return tracker->tokens >= 1;
}

static int64_t tokens_at(const struct query_tracker *tracker)
{
	double rate = rate_of(tracker);

	if (rate <= 0 || tracker->tokens >= 1)
		return tracker->filled_us;
	return tracker->filled_us + (int64_t)((1 - tracker->tokens) * 1e6 / rate) + 1;
}

bool tracker_has_room(struct query_tracker *tracker, int64_t now_us)
{
	return tracker->in_flight < tracker->window && has_tokens(tracker, now_us);
}

bool tracker_may_repeat(struct query_tracker *tracker, int64_t now_us)
{
	if (!has_tokens(tracker, now_us))
		return false;
	tracker->tokens -= 1;
	return true;
}

int64_t tracker_repeat_at(const struct query_tracker *tracker)
{
	return tokens_at(tracker);
}

int64_t tracker_room_at(const struct query_tracker *tracker)
{
	return tracker->in_flight < tracker->window ? tokens_at(tracker) : TRACKER_NEVER;
}

static unsigned group_of(uint16_t id)
{
	return (unsigned)id >> ID_BITS;
}

static uint16_t *bucket_of(struct query_tracker *tracker, unsigned group)
{
	return &tracker->buckets[group % TRACKER_BUCKETS];
}

static uint16_t find_group(const struct query_tracker *tracker, unsigned group)
{
	uint16_t slot = tracker->buckets[group % TRACKER_BUCKETS];

	while (slot != TRACKER_NONE && group_of(tracker->slots[slot].first_id) != group)
		slot = tracker->slots[slot].next;
	return slot;
}

static void more_slots(struct query_tracker *tracker)
{
	unsigned capacity = tracker->capacity ? tracker->capacity * 2 : SLOTS_FIRST;

	tracker->slots = memory_resize(tracker->slots, capacity, sizeof(*tracker->slots));
	for (unsigned i = capacity; i-- > tracker->capacity;) {
		tracker->slots[i] = (struct tracker_slot){ .next = tracker->free_slot };
		tracker->free_slot = (uint16_t)i;
	}
	tracker->capacity = capacity;
}

uint16_t tracker_add(struct query_tracker *tracker, uint16_t random_id)
{
	unsigned groups = 0x10000 >> ID_BITS, group = group_of(random_id);
	uint16_t slot, *bucket;

	assert(tracker->in_flight < tracker->window);
	while (find_group(tracker, group) != TRACKER_NONE)
		group = (group + 1) % groups;
	if (tracker->free_slot == TRACKER_NONE)
		more_slots(tracker);
	slot = tracker->free_slot;
	bucket = bucket_of(tracker, group);
	tracker->free_slot = tracker->slots[slot].next;
	tracker->slots[slot] = (struct tracker_slot){ .used = true,
		.next = *bucket,
		.first_id = (uint16_t)(group << ID_BITS | (random_id % TRACKER_TRIES)) };
	*bucket = slot;
	tracker->in_flight++;
	tracker->tokens -= 1;
	return slot;
}

bool tracker_in_use(const struct query_tracker *tracker, uint16_t slot)
{
	return slot < tracker->capacity && tracker->slots[slot].used;
}

void tracker_remove(struct query_tracker *tracker, uint16_t slot)
{
	struct tracker_slot *removed = &tracker->slots[slot];
	uint16_t *link = bucket_of(tracker, group_of(removed->first_id));

	assert(tracker_in_use(tracker, slot));
	tracker_pause(tracker, slot);
	while (*link != slot)
		link = &tracker->slots[*link].next;
	*link = removed->next;
	removed->used = false;
	removed->next = tracker->free_slot;
	tracker->free_slot = slot;
	tracker->in_flight--;
}

unsigned tracker_tries(const struct query_tracker *tracker, uint16_t slot)
{
	return tracker->slots[slot].tries;
}

bool tracker_tries_left(const struct query_tracker *tracker, uint16_t slot)
{
	return tracker->slots[slot].tries < tracker->settings.tries;
}

uint16_t tracker_id(const struct query_tracker *tracker, uint16_t slot, unsigned try)
{
	unsigned first = tracker->slots[slot].first_id, low = (first + try) % TRACKER_TRIES;

	return (uint16_t)(first >> ID_BITS << ID_BITS | low);
}

static void list_append(struct query_tracker *tracker, uint16_t slot)
{
	struct tracker_slot *added = &tracker->slots[slot];

	added->waiting = true;
	added->older = tracker->newest;
	added->younger = TRACKER_NONE;
	if (tracker->newest == TRACKER_NONE)
		tracker->oldest = slot;
	else
		tracker->slots[tracker->newest].younger = slot;
	tracker->newest = slot;
}

void tracker_pause(struct query_tracker *tracker, uint16_t slot)
{
	struct tracker_slot *paused = &tracker->slots[slot];

	if (!paused->waiting)
		return;
	paused->waiting = false;
	if (paused->older == TRACKER_NONE)
		tracker->oldest = paused->younger;
	else
		tracker->slots[paused->older].younger = paused->younger;
	if (paused->younger == TRACKER_NONE)
		tracker->newest = paused->older;
	else
		tracker->slots[paused->younger].older = paused->older;
}

/* All time-outs are of one length and time only goes forward: the list stays sorted by appending.
 */
void tracker_sent(struct query_tracker *tracker, uint16_t slot, int64_t now_us)
{
	struct tracker_slot *sent = &tracker->slots[slot];

	assert(tracker_tries_left(tracker, slot));
	tracker_pause(tracker, slot);
	if (sent->tries == 0)
		sent->first_sent_us = now_us;
	sent->later_us[sent->tries++] = (uint32_t)(now_us - sent->first_sent_us);
	list_append(tracker, slot);
}

static int64_t sent_us(const struct query_tracker *tracker, uint16_t slot, unsigned try)
{
	const struct tracker_slot *sent = &tracker->slots[slot];

	assert(try < sent->tries);
	return sent->first_sent_us + sent->later_us[try];
}

int64_t tracker_next_us(const struct query_tracker *tracker)
{
	uint16_t slot = tracker->oldest;

	if (slot == TRACKER_NONE)
		return TRACKER_NEVER;
	return sent_us(tracker, slot, tracker->slots[slot].tries - 1U) +
		tracker->settings.try_timeout_us;
}

uint16_t tracker_expired(struct query_tracker *tracker, int64_t now_us)
{
	uint16_t slot = tracker->oldest;

	if (slot == TRACKER_NONE || tracker_next_us(tracker) > now_us)
		return TRACKER_NONE;
	tracker_pause(tracker, slot);
	return slot;
}

uint16_t tracker_oldest(const struct query_tracker *tracker)
{
	return tracker->oldest;
}

uint16_t tracker_find(const struct query_tracker *tracker, uint16_t id, unsigned *try)
{
	uint16_t slot = find_group(tracker, group_of(id));

	if (slot == TRACKER_NONE)
		return TRACKER_NONE;
	*try = (id - (unsigned)tracker->slots[slot].first_id) % TRACKER_TRIES;
	return *try < tracker->slots[slot].tries ? slot : TRACKER_NONE;
}

uint32_t tracker_round_trip_us(const struct query_tracker *tracker, uint16_t slot, unsigned try,
	int64_t now_us)
{
	return (uint32_t)(now_us - sent_us(tracker, slot, try));
}

void tracker_heard(struct query_tracker *tracker, int64_t now_us)
{
	pace_answered(&tracker->pace, now_us);
}

void tracker_answered(struct query_tracker *tracker)
{
	tracker->answers++;
	if (tracker->lossy && tracker->answers < tracker->window)
		return;
	tracker->answers = 0;
	if (tracker->window < tracker->settings.window_most)
		tracker->window++;
}

void tracker_lost(struct query_tracker *tracker, uint16_t slot, unsigned try, int64_t now_us)
{
	if (sent_us(tracker, slot, try) <= tracker->halved_us)
		return;
	tracker->halved_us = now_us;
	tracker->lossy = true;
	tracker->answers = 0;
	tracker->window /= 2;
	if (tracker->window < TRACKER_WINDOW_LEAST)
		tracker->window = TRACKER_WINDOW_LEAST;
	if (tracker->window > tracker->settings.window_most)
		tracker->window = tracker->settings.window_most;
}

bool tracker_is_limited(const struct query_tracker *tracker, int64_t now_us)
{
	return pace_is_limit(&tracker->pace, now_us);
}

/* A rate that begins to hold begins without anything saved up. */
static void slow_down(struct query_tracker *tracker, int64_t sent_us, int64_t now_us)
{
	double before = tracker->pace.rate;

	pace_lost(&tracker->pace, sent_us, now_us);
	if (tracker->pace.rate == before)
		return;
	tracker->tokens = 0;
	tracker->filled_us = now_us;
}

void tracker_timed_out(struct query_tracker *tracker, uint16_t slot, int64_t now_us)
{
	struct tracker_slot *lost = &tracker->slots[slot];
	unsigned try = lost->tries - 1U;

	if (tracker->pace.rate <= 0)
		tracker_lost(tracker, slot, try, now_us);
	slow_down(tracker, sent_us(tracker, slot, try), now_us);
	if (tracker_tries_left(tracker, slot) || lost->spared >= TRACKER_SPARED ||
		!tracker_is_limited(tracker, now_us))
		return;
	lost->spared++;
	lost->tries--;
}
