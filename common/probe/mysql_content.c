#include "common/probe/mysql_content.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/base/utf8.h"
#include "common/probe/left_work.h"
#include "common/probe/mysql_content_private.h"

enum { MS_US = 1000 };

uint32_t content_left_ms(const struct content_job *job)
{
	int64_t left_us = job->deadline_us - clock_monotonic_us();

	return left_us > 0 ? (uint32_t)(left_us / MS_US) : 0;
}

/* --- Both sides ----------------------------------------------------------------------------------
 */

struct errand {
	struct content_job *job;
	content_task *task;
};

static void *run_here(void *context)
{
	struct errand *errand = context;

	errand->task(errand->job, &errand->job->sides[HERE]);
	mysql_session_thread_end();
	return NULL;
}

void content_both(struct content_job *job, content_task *task)
{
	struct errand errand = { job, task };
	pthread_t helper;
	bool helped = !pthread_create(&helper, NULL, run_here, &errand);

	task(job, &job->sides[THERE]);
	if (helped)
		pthread_join(helper, NULL);
	else
		task(job, &job->sides[HERE]);
}

bool content_is_well(const struct content_job *job)
{
	return job->sides[HERE].look.outcome == CONTENT_COMPARED &&
		job->sides[THERE].look.outcome == CONTENT_COMPARED;
}

/* The second half of the time is for what follows. */
static void begin(struct content_job *job, struct side *side)
{
	struct look *look = &side->look;
	struct database seen = { 0 };

	look->session = mysql_session_open(&side->source, job->deadline_us, &look->arena, &seen);
	if (seen.outcome != DATABASE_ANSWERED) {
		look->outcome = CONTENT_FAILED;
		look->error = seen.error;
		look->error_number = seen.error_number;
		return;
	}
	look_begin(look, job->schema, seen.flavour, content_left_ms(job) + 1);
	look_check_columns(look);
}

/* --- The first look ------------------------------------------------------------------------------
 */

static void look_first(struct content_job *job, struct side *side)
{
	if (side == &job->sides[HERE]) {
		job->waited = mysql_position_wait(side->look.session, &job->position, job->channel,
			job->runs ? content_left_ms(job) / 2 : 0, &side->look.arena);
		if (job->waited != POSITION_REACHED)
			return;
	}
	look_at_zones(&side->look, job->with, NULL, &side->prints);
}

static void add_candidate(struct content_job *job, enum candidate_kind kind, const char *name,
	const struct zone_print *here, const struct zone_print *there)
{
	struct candidate *candidate;

	if (job->candidate_count == job->candidate_capacity) {
		job->candidate_capacity =
			job->candidate_capacity ? 2 * job->candidate_capacity : 16;
		job->candidates = memory_resize(job->candidates, job->candidate_capacity,
			sizeof(*job->candidates));
	}
	candidate = &job->candidates[job->candidate_count++];
	*candidate = (struct candidate){ kind, arena_string(&job->arena, name), *there, *here,
		PRINT_UNSETTLED };
	/* Names outlive the fingerprints, as each side spells them. */
	candidate->here.name = here->counts[CONTENT_DOMAIN] && kind == CANDIDATE_ZONE
		? arena_string(&job->arena, here->name)
		: candidate->name;
	candidate->there.name = there->counts[CONTENT_DOMAIN] && kind == CANDIDATE_ZONE
		? arena_string(&job->arena, there->name)
		: candidate->name;
}

static void note_differing(void *context, const char *name)
{
	struct content_job *job = context;

	add_candidate(job, CANDIDATE_ZONE, name, zone_prints_find(&job->sides[HERE].prints, name),
		zone_prints_find(&job->sides[THERE].prints, name));
}

static uint64_t count_records(const struct zone_prints *prints)
{
	uint64_t count = prints->orphans.counts[CONTENT_RECORDS];

	for (size_t i = 0; i < prints->count; i++)
		count += prints->items[i].counts[CONTENT_RECORDS];
	return count;
}

/* What is counted as long as the fingerprints are there. */
static void note_counts(struct content_job *job, const struct zone_prints *here,
	const struct zone_prints *there)
{
	struct database_content *result = &job->result;

	result->zones = here->count;
	result->zones_there = there->count;
	result->records = count_records(here);
	result->records_there = count_records(there);
	result->tsig_keys = (struct content_count){ here->tsig_count, there->tsig_count, false };
	result->orphans = (struct content_count){ here->orphans.counts[CONTENT_RECORDS],
		there->orphans.counts[CONTENT_RECORDS], false };
}

static void find_candidates(struct content_job *job)
{
	struct zone_prints *here = &job->sides[HERE].prints, *there = &job->sides[THERE].prints;
	struct zone_print tsig[SIDE_COUNT] = {
		{ .name = "", .hashes = { here->tsig_hash }, .counts = { here->tsig_count } },
		{ .name = "", .hashes = { there->tsig_hash }, .counts = { there->tsig_count } },
	};

	note_counts(job, here, there);
	zone_prints_differing(here, there, note_differing, job);
	if (!zone_print_equal(&tsig[HERE], &tsig[THERE]))
		add_candidate(job, CANDIDATE_TSIG, "", &tsig[HERE], &tsig[THERE]);
	if (!zone_print_equal(&here->orphans, &there->orphans))
		add_candidate(job, CANDIDATE_ORPHANS, "", &here->orphans, &there->orphans);
	zone_prints_free(here);
	zone_prints_free(there);
}

/* --- The whole -----------------------------------------------------------------------------------
 */

static void note_schema(struct content_job *job)
{
	uint32_t here = job->sides[HERE].look.columns, there = job->sides[THERE].look.columns,
		 secret = look_key_columns();

	job->with = here & there;
	job->result.schema = job->sides[HERE].look.schema;
	job->result.uncompared = look_column_names(secret & ~job->with, &job->arena);
	job->result.only_here = look_column_names(here & ~there & ~secret, &job->arena);
	job->result.only_there = look_column_names(there & ~here & ~secret, &job->arena);
}

static bool find_position(struct content_job *job)
{
	struct side *here = &job->sides[HERE], *there = &job->sides[THERE];

	mysql_position_read(there->look.session, &there->seen, &here->seen, &job->arena,
		&job->position);
	there->look.statements++;
	if (job->position.kind != POSITION_UNKNOWN) {
		job->result.position = job->position.text;
		return true;
	}
	job->result.outcome = CONTENT_NO_POSITION;
	job->result.is_primary = true;
	job->result.error_number = job->position.error_number;
	if (job->result.error_number)
		look_note_user(&there->look);
	job->result.user = there->look.user;
	job->result.error = job->position.error;
	return false;
}

static enum content_outcome outcome_of_wait(const struct content_job *job)
{
	if (job->waited == POSITION_WAIT_FAILED)
		return CONTENT_FAILED;
	return job->runs ? CONTENT_NOT_REACHED : CONTENT_STOPPED;
}

/* The replica's trouble is told before the primary's. */
static void note_trouble(struct content_job *job)
{
	struct database_content *result = &job->result;

	for (int i = 0; i < SIDE_COUNT && result->outcome == CONTENT_COMPARED; i++) {
		const struct look *look = &job->sides[i].look;

		if (look->outcome == CONTENT_COMPARED)
			continue;
		result->outcome = look->outcome;
		result->is_primary = i == THERE;
		result->error_number = look->error_number;
		result->error = arena_string(&job->arena, look->error);
		result->table = arena_string(&job->arena, look->table);
		result->user = arena_string(&job->arena, look->user);
	}
	if (*job->sides[HERE].look.schema)
		result->schema = arena_string(&job->arena, job->sides[HERE].look.schema);
}

static void compare(struct content_job *job)
{
	struct database_content *result = &job->result;

	content_both(job, begin);
	if (!content_is_well(job))
		return;
	note_schema(job);
	if (!find_position(job))
		return;
	content_both(job, look_first);
	if (job->waited != POSITION_REACHED)
		result->outcome = outcome_of_wait(job);
	if (!content_is_well(job) || result->outcome != CONTENT_COMPARED)
		return;
	find_candidates(job);
	content_settle(job);
	content_explain(job);
}

static void work(void *context)
{
	struct content_job *job = context;

	compare(job);
	note_trouble(job);
	for (int i = 0; i < SIDE_COUNT; i++) {
		const struct look *look = &job->sides[i].look;

		if (look->statements > job->result.statements)
			job->result.statements = look->statements;
		mysql_session_close(job->sides[i].look.session);
	}
	mysql_session_thread_end();
}

/* --- The run's side ------------------------------------------------------------------------------
 */

static const char *copy(const char *text, struct arena *arena)
{
	return text ? arena_string(arena, text) : NULL;
}

static void set_side(struct content_job *job, enum side_number number,
	const struct mysql_source *source, const struct database *seen)
{
	struct side *side = &job->sides[number];

	side->source = *source;
	side->source.host = copy(source->host, &job->arena);
	side->source.socket = copy(source->socket, &job->arena);
	side->source.user = copy(source->user, &job->arena);
	side->source.defaults_file = copy(source->defaults_file, &job->arena);
	side->source.defaults_group = copy(source->defaults_group, &job->arena);
	side->source.from = copy(source->from, &job->arena);
	side->seen = (struct database){ .flavour = seen->flavour,
		.has_galera = seen->has_galera,
		.channel_count = seen->channel_count };
	side->look.schema = side->look.error = side->look.table = side->look.user = "";
}

static bool all_run(const struct database *seen)
{
	if (seen->has_group && seen->group_state && !strcasecmp(seen->group_state, "ONLINE"))
		return true;
	for (size_t i = 0; i < seen->channel_count; i++) {
		if (seen->channels[i].io != THREAD_RUNNING ||
			seen->channels[i].sql != THREAD_RUNNING)
			return false;
	}
	return seen->channel_count > 0;
}

static struct content_job *make_job(const struct mysql_content_probe *probe)
{
	struct content_job *job = calloc(1, sizeof(*job));

	if (!job)
		out_of_memory();
	set_side(job, HERE, &probe->source, probe->seen);
	set_side(job, THERE, &probe->primary, probe->primary_seen);
	job->schema = copy(probe->schema, &job->arena);
	job->channel = copy(probe->channel, &job->arena);
	/* Whether replication runs is not known without the privilege to see it. */
	job->runs = probe->seen->status_errno || all_run(probe->seen);
	job->deadline_us = probe->deadline_us;
	job->result = (struct database_content){ .outcome = CONTENT_COMPARED,
		.error = "",
		.table = "",
		.user = "",
		.schema = "",
		.position = "",
		.uncompared = "",
		.only_here = "",
		.only_there = "" };
	return job;
}

static void end_job(struct content_job *job, struct arena *owner)
{
	for (int i = 0; i < SIDE_COUNT; i++) {
		arena_join(owner, &job->sides[i].look.arena);
		zone_prints_free(&job->sides[i].prints);
		free(job->sides[i].items.items);
	}
	arena_join(owner, &job->arena);
	free(job->candidates);
	free(job);
}

void mysql_content_observe(const struct mysql_content_probe *probe, struct arena *owner,
	struct database_content *content)
{
	struct content_job *job = make_job(probe);
	struct database_content empty = job->result;

	if (left_work_until(probe->deadline_us, work, job)) {
		*content = job->result;
		end_job(job, owner);
		return;
	}
	*content = empty;
	content->outcome = CONTENT_TIMEOUT;
	content->schema = probe->schema ? probe->schema : "";
}
