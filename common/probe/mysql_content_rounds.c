/* What differed at the first look is looked at again, on the replica first and then on the primary,
 * until it is the same, or different although neither of them moved. */
#include <string.h>
#include <strings.h>

#include "common/base/text.h"
#include "common/probe/mysql_content_private.h"

enum {
	ROUNDS_MOST = 20,
	NAMED_MOST = 1000, /* zones; for more of them, all are looked at again */
	RESERVE_MS = 500   /* of the time, for the end of a statement and for the report */
};

static void add_name(struct content_job *job, struct text *list, const char *name)
{
	text_addf(list, "%s'%s'", list->length ? "," : "",
		mysql_quote(job->sides[HERE].look.session, name, &job->arena));
}

static uint64_t rows_of(const struct candidate *candidate)
{
	uint64_t rows = 0;

	for (int part = 0; part < CONTENT_PART_COUNT; part++)
		rows += (uint64_t)candidate->here.counts[part] + candidate->there.counts[part];
	return rows;
}

zone_choice content_choose(struct content_job *job, enum print_verdict verdict, size_t most,
	uint64_t most_rows)
{
	struct text list = { 0 };
	const char *copy;

	for (size_t i = 0; i < job->candidate_count && most; i++) {
		const struct candidate *candidate = &job->candidates[i];
		uint64_t rows = rows_of(candidate);

		if (candidate->kind != CANDIDATE_ZONE || candidate->verdict != verdict ||
			rows > most_rows)
			continue;
		add_name(job, &list, candidate->here.name);
		if (strcmp(candidate->here.name, candidate->there.name) != 0)
			add_name(job, &list, candidate->there.name);
		most_rows -= rows;
		most--;
	}
	copy = arena_string(&job->arena, text_string(&list));
	text_free(&list);
	return copy;
}

/* Zones that are not settled; records of no zone can't be named. */
static zone_choice choose(struct content_job *job, size_t unsettled)
{
	zone_choice choice;

	for (size_t i = 0; i < job->candidate_count; i++) {
		if (job->candidates[i].kind == CANDIDATE_ORPHANS &&
			job->candidates[i].verdict == PRINT_UNSETTLED)
			return NULL;
	}
	if (unsettled > NAMED_MOST)
		return NULL;
	choice = content_choose(job, PRINT_UNSETTLED, NAMED_MOST, UINT64_MAX);
	return *choice ? choice : "''"; /* tsigkeys only */
}

static struct zone_print print_of(const struct zone_prints *prints,
	const struct candidate *candidate, const char *name)
{
	struct zone_print print = { .name = name };

	switch (candidate->kind) {
	case CANDIDATE_ZONE:
		print = *zone_prints_find(prints, name);
		break;
	case CANDIDATE_TSIG:
		print.hashes[0] = prints->tsig_hash;
		print.counts[0] = prints->tsig_count;
		break;
	case CANDIDATE_ORPHANS:
		print = prints->orphans;
		break;
	}
	print.name = name;
	return print;
}

static size_t judge(struct content_job *job, const struct zone_prints *here_now,
	const struct zone_prints *there_now)
{
	size_t unsettled = 0;

	for (size_t i = 0; i < job->candidate_count; i++) {
		struct candidate *candidate = &job->candidates[i];
		struct zone_print here, there;

		if (candidate->verdict != PRINT_UNSETTLED)
			continue;
		here = print_of(here_now, candidate, candidate->here.name);
		there = print_of(there_now, candidate, candidate->there.name);
		candidate->verdict =
			zone_print_settle(&candidate->there, &candidate->here, &here, &there);
		candidate->here = here;
		candidate->there = there;
		unsettled += candidate->verdict == PRINT_UNSETTLED;
	}
	return unsettled;
}

/* The replica waits for where the primary is after it was looked at, and is looked at before the
 * primary is again: one after the other, on purpose. */
static size_t look_again(struct content_job *job, size_t unsettled)
{
	struct side *here = &job->sides[HERE], *there = &job->sides[THERE];
	zone_choice choice = choose(job, unsettled);
	struct mysql_position position;

	mysql_position_read(there->look.session, &there->seen, &here->seen, &job->arena, &position);
	if (mysql_position_wait(here->look.session, &position, job->channel,
		    job->runs ? content_left_ms(job) / 2 : 0, &job->arena) != POSITION_REACHED)
		return 0;
	job->position = position;
	look_at_zones(&here->look, job->with, choice, &here->prints);
	look_at_zones(&there->look, job->with, choice, &there->prints);
	if (content_is_well(job))
		unsettled = judge(job, &here->prints, &there->prints);
	zone_prints_free(&here->prints);
	zone_prints_free(&there->prints);
	return content_is_well(job) ? unsettled : 0;
}

void content_settle(struct content_job *job)
{
	size_t unsettled = job->candidate_count;

	for (int round = 0; round < ROUNDS_MOST && unsettled; round++) {
		if (content_left_ms(job) <= RESERVE_MS)
			break;
		unsettled = look_again(job, unsettled);
	}
	job->result.position = job->position.text;
}
