/* --change: a record of the real zone is replaced on its real primary, and every server asked. */
#include "common/checks/propagation_setup.h"

#include <string.h>

#include "common/base/clock.h"
#include "common/checks/canary_record.h"
#include "common/model/propagation.h"

/* How the change is known when it comes. */
struct tracing {
	struct run *run;
	const struct canary_record *record;
};

static const char *token_text(struct run *run, const struct canary_token *token)
{
	char date[32];

	clock_format_utc(token->time_us / 1000000, date);
	return arena_string(&run->seen.arena, date);
}

static bool shows_token(void *context, uint32_t pair, const struct message *answer)
{
	const struct tracing *tracing = context;
	struct canary_token token;
	uint8_t rdata[CANARY_RDATA];
	uint16_t length;

	if (!(answer->flags & DNS_AA) ||
		canary_token_find(answer, tracing->record->name, &token, rdata, &length) !=
			CANARY_TOKEN)
		return false;
	if (canary_record_is_shown(tracing->record, &token))
		return true;
	if (!*tracing->run->seen.propagations[pair].token)
		tracing->run->seen.propagations[pair].token = token_text(tracing->run, &token);
	return false;
}

static void stop(void *context)
{
	loop_stop(((struct tracing *)context)->run->loop);
}

static uint32_t primary_pair(const struct run *run)
{
	uint32_t pair = 0;

	while (pair + 1 < run->plan.pair_count && !(run->plan.pair_flags[pair] & PAIR_PRIMARY))
		pair++;
	return pair;
}

static struct canary_record record_of(struct run *run)
{
	struct propagation_setup *setup = run->setup;
	const struct exchange_settings *exchange = &setup->discovery.exchange;
	struct canary_record record = { .loop = run->loop,
		.primary = run->plan.servers[run->plan.assigned[primary_pair(run)]].address,
		.key = setup->has_api ? NULL : setup->discovery.key,
		.api = setup->has_api ? &setup->api : NULL,
		.deadline_us = run->deadline_us,
		.now_us = run->started_s * 1000000 + clock_monotonic_us() - run->started_us };

	record.source = record.primary.family == 4 ? exchange->source4 : exchange->source6;
	memcpy(record.zone, setup->zone, name_length(setup->zone));
	return record;
}

static void follow(struct run *run, const struct canary_record *record,
	struct canary_engine *engine)
{
	const struct propagation_setup *setup = run->setup;
	struct tracing tracing = { run, record };
	int64_t now_us = record->made_us;
	struct published *published = published_new(&(struct published_settings){ .loop = run->loop,
		.plan = &run->plan,
		.seen = &run->seen,
		.source4 = setup->discovery.exchange.source4,
		.source6 = setup->discovery.exchange.source6,
		.changed_us = now_us,
		.deadline_us = run->deadline_us,
		.name = record->name,
		.type = DNS_TXT,
		.is_expected = true,
		.shows = shows_token,
		.ended = stop,
		.context = &tracing });

	if (run->seen.change->notify_us != PROPAGATION_NEVER)
		run->seen.change->notify_us = 0; /* before the change was confirmed */
	if (engine)
		canary_engine_watch(engine, now_us, NULL);
	loop_run(run->loop);
	run->seen.change->waited_us = clock_monotonic_us() - now_us;
	published_free(published);
}

/* One more secondary, for the primary's own NOTIFY. */
static bool listen_too(struct run *run, struct canary_engine **engine, struct fault *fault)
{
	const struct propagation_setup *setup = run->setup;
	const struct address *primary =
		&run->plan.servers[run->plan.assigned[primary_pair(run)]].address;

	*engine = NULL;
	if (!setup->has_listen)
		return true;
	*engine = canary_engine_new(&(struct canary_engine_settings){ .run = run,
					    .listen = setup->listen,
					    .key = setup->discovery.key,
					    .sources = setup->sources,
					    .primaries = primary,
					    .primary_count = 1 },
		fault);
	if (!*engine)
		return false;
	canary_engine_watch(*engine, clock_monotonic_us(), NULL);
	return true;
}

/* Who does not serve it is asked once more for the SOA: has he the zone as it is now? */
static bool look_after(struct run *run, struct fault *fault)
{
	bool any = false;

	for (size_t pair = 0; pair < run->plan.pair_count; pair++) {
		if (run->seen.propagations[pair].publish_us != PROPAGATION_NEVER)
			continue;
		run->seen.soa[pair].outcome = OUTCOME_NOT_ASKED;
		any = true;
	}
	return !any ||
		propagation_look(run, clock_monotonic_us() + PROPAGATION_LAST_LOOK_US, fault);
}

static void note_change(struct run *run, struct canary_record *record, bool was_made)
{
	struct change *change = run->seen.change;

	change->was_made = was_made;
	if (record->api) {
		change->obstacle = record->api->obstacle;
		change->api = record->api->place.url;
		change->tls_ca = record->api->access.tls_ca ? record->api->access.tls_ca : "";
	}
	if (was_made && !change->is_cleanup)
		change->token = token_text(run, &record->token);
}

/* Why it was not made, or is told to nobody, which the API says while others are asked. */
static void note_trouble(struct run *run, struct canary_record *record)
{
	if (record->api)
		canary_api_end(record->api, &record->trouble);
	if (record->trouble.length)
		run->seen.change->trouble = observations_string(&run->seen,
			text_string(&record->trouble), record->trouble.length);
	text_free(&record->trouble);
}

bool propagation_by_change(struct run *run, struct fault *fault)
{
	struct canary_record record = record_of(run);
	struct change *change = run->seen.change;
	struct canary_engine *engine;
	int64_t began_us;
	bool was_made;

	change->kind = record.api ? CHANGE_BY_PDNS : CHANGE_BY_UPDATE;
	change->is_cleanup = propagation_values(run)->cleanup;
	if (!canary_record_name(&record))
		return fault_set(fault, "--zone: the name is too long for a record below it");
	if (!listen_too(run, &engine, fault))
		return false;
	began_us = clock_monotonic_us();
	was_made = canary_record_change(&record, change->is_cleanup);
	change->taken_us = (was_made ? record.made_us : clock_monotonic_us()) - began_us;
	note_change(run, &record, was_made);
	if (was_made && !change->is_cleanup)
		follow(run, &record, engine);
	note_trouble(run, &record);
	canary_engine_free(engine);
	if (record.api && record.api->is_broken)
		return fault_set(fault, "%s", record.api->why.text);
	return !was_made || change->is_cleanup || look_after(run, fault);
}
