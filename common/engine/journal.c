#include "common/engine/journal.h"

#include <stdlib.h>

static size_t most_records(const struct zone_version *version)
{
	return version->record_count > JOURNAL_LEAST ? version->record_count : JOURNAL_LEAST;
}

static void forget_oldest(struct journal *journal)
{
	struct difference *oldest = journal->oldest;

	journal->oldest = oldest->next;
	journal->records -= oldest->records;
	if (!journal->oldest)
		journal->newest = NULL;
	oldest->next = NULL;
	difference_free(oldest);
}

void journal_add(struct journal *journal, struct difference *steps,
	const struct zone_version *version)
{
	transfer_stream_release(journal->stream);
	journal->stream = NULL;
	if (journal->newest && journal->newest->to != steps->from)
		journal_clear(journal);
	if (journal->newest)
		journal->newest->next = steps;
	else
		journal->oldest = steps;
	for (struct difference *step = steps; step; step = step->next) {
		journal->newest = step;
		journal->records += step->records;
	}
	while (journal->oldest && journal->records > most_records(version))
		forget_oldest(journal);
}

const struct difference *journal_since(const struct journal *journal, uint32_t serial,
	const struct zone_version *version)
{
	const struct difference *step = journal->oldest, *at = NULL;

	if (!journal->newest || journal->newest->to != version->serial)
		return NULL;
	for (; step; step = step->next)
		if (step->from == serial)
			at = step; /* the last one: a serial may come again */
	return at;
}

static void render_list(struct transfer_rendering *rendering, const struct text *list)
{
	struct zone_record record;
	size_t at = 0;

	while (difference_next(list, &at, &record))
		transfer_rendering_add(rendering, &record);
}

static void render_soa(struct transfer_rendering *rendering, const struct difference *newest)
{
	struct zone_record soa;
	size_t at = 0;

	if (difference_next(&newest->come, &at, &soa))
		transfer_rendering_add(rendering, &soa);
}

struct transfer_stream *journal_stream(struct journal *journal, uint32_t serial,
	const struct zone_version *version)
{
	const struct difference *step = journal_since(journal, serial, version);
	struct transfer_rendering *rendering;

	if (!step || (journal->stream && journal->stream_from == serial))
		return step ? journal->stream : NULL;
	transfer_stream_release(journal->stream);
	rendering = transfer_rendering_new(version->apex);
	render_soa(rendering, journal->newest);
	for (; step; step = step->next) {
		render_list(rendering, &step->gone);
		render_list(rendering, &step->come);
	}
	render_soa(rendering, journal->newest);
	journal->stream = transfer_rendering_end(rendering);
	journal->stream_from = serial;
	return journal->stream;
}

void journal_clear(struct journal *journal)
{
	difference_free(journal->oldest);
	transfer_stream_release(journal->stream);
	*journal = (struct journal){ 0 };
}
