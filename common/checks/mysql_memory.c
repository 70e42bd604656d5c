#include "common/checks/mysql_memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/number.h"
#include "common/checks/memory.h"

#define FILE_NAME "check_mysql_replication.tdb"

enum { FIELDS = 5 };

/* "192.0.2.2:3306 m2" */
static void note_name(const char *name, const struct channel *channel, struct text *out)
{
	text_addf(out, "%s %s", name, channel->name);
}

struct taking {
	struct arena *arena;
	struct channel_past *past;
};

/* since, heartbeats, position, file, GTIDs; separated by tabs. Anything else is no note. */
static void take_note(void *context, const uint8_t *bytes, size_t length)
{
	struct taking *taking = context;
	struct channel_past *past = taking->past;
	char *copy = arena_alloc(taking->arena, length + 1), *fields[FIELDS], *rest = copy;
	uint64_t since_s;

	memcpy(copy, bytes, length);
	for (size_t i = 0; i < FIELDS; i++) {
		fields[i] = strsep(&rest, "\t");
		if (!fields[i])
			return;
	}
	past->source_file = fields[3];
	past->gtid_received = fields[4];
	past->known = !rest && number_whole(fields[0], 0, INT64_MAX, &since_s) &&
		number_whole(fields[1], 0, UINT64_MAX, &past->heartbeats) &&
		number_whole(fields[2], 0, UINT64_MAX, &past->source_position);
	if (past->known)
		past->seen_s = (int64_t)since_s;
}

struct channel_past *mysql_recall(struct run *run, const char *name, const struct database *seen)
{
	struct channel_past *past = NULL;
	struct state *state = seen->channel_count ? memory_open(run, FILE_NAME) : NULL;

	if (!state)
		return NULL;
	past = arena_array(&run->arena, seen->channel_count, sizeof(*past));
	for (size_t i = 0; i < seen->channel_count; i++) {
		struct taking taking = { &run->arena, &past[i] };
		struct text key = { 0 };

		note_name(name, &seen->channels[i], &key);
		state_read_note(state, text_string(&key), take_note, &taking);
		text_free(&key);
	}
	state_close(state);
	return past;
}

static void write_note(struct run *run, struct state *state, const char *name,
	const struct channel *channel)
{
	struct text key = { 0 }, note = { 0 };
	struct fault fault = { { 0 } };

	note_name(name, channel, &key);
	text_addf(&note, "%" PRId64 "\t%" PRIu64 "\t%" PRIu64 "\t%s\t%s", run->judged_s,
		channel->heartbeats, channel->source_position, channel->source_file,
		channel->gtid_received);
	if (!state_write_note(state, text_string(&key), &note, &fault))
		memory_failed(run, &fault);
	text_free(&key);
	text_free(&note);
}

/* Only what moved: a run in which nothing did leaves the time of the last movement. */
void mysql_remember(struct run *run, const char *name, const struct database *seen)
{
	struct state *state = NULL;

	for (size_t i = 0; i < seen->channel_count; i++) {
		const struct channel *channel = &seen->channels[i];

		if (seen->past && seen->past[i].known && !channel_moved(channel, &seen->past[i]))
			continue;
		if (!state)
			state = memory_open(run, FILE_NAME);
		if (state)
			write_note(run, state, name, channel);
	}
	state_close(state);
}
