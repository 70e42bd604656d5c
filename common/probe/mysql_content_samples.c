/* Differences in words: all that differ with their counts, and of the first of them which rows. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/probe/mysql_content_private.h"

enum {
	EXPLAINED_ZONES = 20,
	EXPLAINED_ROWS = 100000, /* of both sides together */
	SAMPLES = 5              /* of a zone */
};

static int compare_candidates(const void *left, const void *right)
{
	const struct candidate *a = left, *b = right;

	return a->kind != b->kind ? (int)a->kind - (int)b->kind : strcasecmp(a->name, b->name);
}

static void fill(struct content_difference *difference, const struct candidate *candidate)
{
	difference->zone = candidate->name;
	difference->relation =
		candidate->verdict == PRINT_DIFFERENT ? CONTENT_DIFFERENT : CONTENT_UNSETTLED;
	difference->is_here = candidate->here.counts[CONTENT_DOMAIN] != 0;
	difference->is_there = candidate->there.counts[CONTENT_DOMAIN] != 0;
	for (int part = 0; part < CONTENT_PART_COUNT; part++)
		difference->parts[part] = (struct content_count){ candidate->here.counts[part],
			candidate->there.counts[part],
			candidate->here.counts[part] != candidate->there.counts[part] ||
				candidate->here.hashes[part] != candidate->there.hashes[part] };
}

static void note_whole(struct content_count *count, const struct candidate *candidate, int part)
{
	count->here = candidate->here.counts[part];
	count->there = candidate->there.counts[part];
	count->differs = candidate->verdict == PRINT_DIFFERENT;
}

static struct content_difference *list_differences(struct content_job *job)
{
	struct database_content *result = &job->result;
	struct content_difference *all =
		arena_array(&job->arena, job->candidate_count, sizeof(*all));

	for (size_t i = 0; i < job->candidate_count; i++) {
		const struct candidate *candidate = &job->candidates[i];

		if (candidate->kind == CANDIDATE_TSIG)
			note_whole(&result->tsig_keys, candidate, 0);
		else if (candidate->kind == CANDIDATE_ORPHANS)
			note_whole(&result->orphans, candidate, CONTENT_RECORDS);
		else if (candidate->verdict != PRINT_SAME)
			fill(&all[result->difference_count++], candidate);
		if (candidate->kind != CANDIDATE_ZONE)
			continue;
		result->different += candidate->verdict == PRINT_DIFFERENT;
		result->unsettled += candidate->verdict == PRINT_UNSETTLED;
	}
	result->differences = all;
	return all;
}

/* --- Which rows ----------------------------------------------------------------------------------
 */

static void look_at_both(struct content_job *job, struct side *side)
{
	side->items.count = 0;
	look_at_rows(&side->look, job->with, job->choice, job->tsig, &side->items);
}

/* Rows of one side that the other lacks, in the order of both. */
struct merge {
	struct content_sample samples[SAMPLES];
	size_t count;
	bool has_more;
	const struct look_item *last;
};

static bool is_same_name(const struct look_item *a, const struct look_item *b)
{
	return a->part == b->part && !strcasecmp(a->name, b->name) && !strcmp(a->type, b->type);
}

/* One that is on both sides says something else there. */
static void add_sample(struct merge *merge, const struct look_item *item, bool here)
{
	struct content_sample *last = merge->count ? &merge->samples[merge->count - 1] : NULL;

	if (merge->last && is_same_name(merge->last, item)) {
		if (!merge->has_more) {
			last->here |= here;
			last->there |= !here;
		}
		return;
	}
	merge->last = item;
	if (merge->count == SAMPLES) {
		merge->has_more = true;
		return;
	}
	merge->samples[merge->count++] =
		(struct content_sample){ item->part, item->name, item->type, here, !here };
}

static size_t end_of_zone(const struct look_items *list, size_t at, const char *zone)
{
	while (at < list->count && !strcasecmp(list->items[at].zone, zone))
		at++;
	return at;
}

static size_t begin_of_zone(const struct look_items *list, const char *zone)
{
	size_t low = 0, high = list->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcasecmp(list->items[middle].zone, zone) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* What stands as often on both sides cancels out. */
static void merge_zone(const struct look_items *here, const struct look_items *there,
	const char *zone, struct merge *merge)
{
	size_t h = begin_of_zone(here, zone), t = begin_of_zone(there, zone);
	size_t h_end = end_of_zone(here, h, zone), t_end = end_of_zone(there, t, zone);

	while (h < h_end || t < t_end) {
		int order = h == h_end ? 1
			: t == t_end   ? -1
				       : look_item_compare(&here->items[h], &there->items[t]);

		if (order < 0)
			add_sample(merge, &here->items[h], true);
		else if (order > 0)
			add_sample(merge, &there->items[t], false);
		h += order <= 0;
		t += order >= 0;
	}
}

static const struct content_sample *samples_of(struct content_job *job, const char *zone,
	size_t *count, bool *has_more)
{
	struct merge merge = { .count = 0 };

	merge_zone(&job->sides[HERE].items, &job->sides[THERE].items, zone, &merge);
	*count = merge.count;
	*has_more = merge.has_more;
	return arena_copy(&job->arena, merge.samples, merge.count * sizeof(*merge.samples));
}

/* A column of domains says something else where both have the zone; where one lacks it, all that
 * the other has is known by its counts. */
static void explain_zone(struct content_job *job, struct content_difference *difference)
{
	if (difference->relation == CONTENT_DIFFERENT && difference->is_here &&
		difference->is_there)
		difference->samples = samples_of(job, difference->zone, &difference->sample_count,
			&difference->has_more_samples);
}

/* --- SOA records ---------------------------------------------------------------------------------
 */

struct soas {
	struct content_job *job;
	struct content_difference *all;
	bool is_here;
};

static void take_soa(void *context, const char *zone, const char *content)
{
	struct soas *soas = context;
	for (size_t i = 0; i < soas->job->result.difference_count; i++) {
		struct content_difference *difference = &soas->all[i];

		if (strcasecmp(difference->zone, zone) != 0)
			continue;
		if (soas->is_here)
			difference->soa_here = arena_string(&soas->job->arena, content);
		else
			difference->soa_there = arena_string(&soas->job->arena, content);
		return;
	}
}

static void explain_zones(struct content_job *job, struct content_difference *all)
{
	job->choice = content_choose(job, PRINT_DIFFERENT, EXPLAINED_ZONES, EXPLAINED_ROWS);
	if (!*job->choice)
		return;
	content_both(job, look_at_both);
	for (int i = 0; i < SIDE_COUNT; i++)
		look_at_soas(&job->sides[i].look, job->with, job->choice, take_soa,
			&(struct soas){ job, all, i == HERE });
	for (size_t i = 0; i < job->result.difference_count; i++)
		explain_zone(job, &all[i]);
}

static void explain_tsig(struct content_job *job)
{
	bool has_more;

	job->tsig = true;
	content_both(job, look_at_both);
	job->result.tsig_samples = samples_of(job, "", &job->result.tsig_sample_count, &has_more);
}

/* Zones first, then what belongs to none. What can't be explained stays different: that trouble is
 * the explanation's alone. */
void content_explain(struct content_job *job)
{
	struct content_difference *all;

	if (job->candidate_count)
		qsort(job->candidates, job->candidate_count, sizeof(*job->candidates),
			compare_candidates);
	all = list_differences(job);
	if (!content_is_well(job))
		return;
	explain_zones(job, all);
	if (job->result.tsig_keys.differs)
		explain_tsig(job);
	for (int i = 0; i < SIDE_COUNT; i++)
		job->sides[i].look.outcome = CONTENT_COMPARED;
}
