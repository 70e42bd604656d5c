#include "common/checks/scenario_steps.h"

#include <inttypes.h>
#include <stdlib.h>

#include "common/checks/scenario_columns.h"
#include "common/model/propagation.h"

struct scenario_step {
	uint32_t server;
	struct propagation way;
};

#define TIME_MOST              1000000000000000 /* thirty years in microseconds */
#define TIME(structure, field) SCENARIO_INTEGER(structure, field, PROPAGATION_NEVER, TIME_MOST)
#define TEXT(structure, field)                                                                     \
	{                                                                                          \
		.name = #field, .offset = offsetof(struct structure, field),                       \
		.kind = COLUMN_TEXT_CLEANED                                                        \
	}

static const char *kind_name(unsigned value)
{
	return change_kind_name((enum change_kind)value);
}

static const char *obstacle_name(unsigned value)
{
	return change_obstacle_name((enum change_obstacle)value);
}

static const struct scenario_column change_columns[] = {
	{ .name = "obstacle",
		.offset = offsetof(struct change, obstacle),
		.kind = COLUMN_CHOICE,
		.choice = obstacle_name,
		.choices = OBSTACLE_COUNT },
	SCENARIO_INTEGER(change, was_made, 0, 1),
	SCENARIO_INTEGER(change, is_cleanup, 0, 1),
	SCENARIO_INTEGER(change, is_incremental, 0, 1),
	SCENARIO_INTEGER(change, serial, 0, UINT32_MAX),
	SCENARIO_INTEGER(change, taken_us, 0, TIME_MOST),
	SCENARIO_INTEGER(change, waited_us, 0, TIME_MOST),
	TIME(change, notify_us),
	TEXT(change, token),
	TEXT(change, api),
	TEXT(change, tls_ca),
	TEXT(change, listen),
	TEXT(change, trouble),
	TEXT(change, strangers),
	{ .name = NULL },
};

static const struct scenario_column way_columns[] = {
	{ .name = "notify_outcome",
		.offset = offsetof(struct propagation, notify_outcome),
		.kind = COLUMN_OUTCOME },
	SCENARIO_INTEGER(propagation, notify_tries, 0, UINT8_MAX),
	TIME(propagation, notify_us),
	TIME(propagation, soa_us),
	TIME(propagation, request_us),
	TIME(propagation, transfer_us),
	TIME(propagation, publish_us),
	TIME(propagation, lacked_us),
	SCENARIO_INTEGER(propagation, notify_rcode, 0, UINT16_MAX),
	SCENARIO_INTEGER(propagation, has_before, 0, 1),
	SCENARIO_INTEGER(propagation, before, 0, UINT32_MAX),
	SCENARIO_INTEGER(propagation, asked_incremental, 0, 1),
	SCENARIO_INTEGER(propagation, knows_from, 0, 1),
	SCENARIO_INTEGER(propagation, asked_from, 0, UINT32_MAX),
	SCENARIO_INTEGER(propagation, got_differences, 0, 1),
	SCENARIO_INTEGER(propagation, failures, 0, UINT32_MAX),
	SCENARIO_INTEGER(propagation, questions, 0, UINT32_MAX),
	TEXT(propagation, trouble),
	TEXT(propagation, token),
	{ .name = NULL },
};

void scenario_write_steps(const struct plan *plan, const struct observations *seen,
	struct text *out)
{
	if (!seen->propagations)
		return;
	text_addf(out, "change by=%s", change_kind_name(seen->change->kind));
	scenario_add_columns(out, change_columns, seen->change);
	text_add_byte(out, '\n');
	for (uint32_t pair = 0; pair < plan->pair_count; pair++) {
		text_addf(out, "steps server=%" PRIu32, plan->assigned[pair]);
		scenario_add_columns(out, way_columns, &seen->propagations[pair]);
		text_add_byte(out, '\n');
	}
}

bool scenario_read_change(struct scenario_line *line, struct observations *seen)
{
	unsigned kind;

	seen->change = arena_alloc(&seen->arena, sizeof(*seen->change));
	if (!scenario_choice(line, "by", CHANGE_KIND_COUNT, kind_name, &kind) ||
		!scenario_read_columns(line, change_columns, seen->change, &seen->arena))
		return false;
	seen->change->kind = (enum change_kind)kind;
	return true;
}

bool scenario_read_steps(struct scenario_line *line, const struct plan *plan,
	struct observations *seen, struct scenario_steps *steps)
{
	struct scenario_step read = { .way = propagation_begin() };
	int64_t server;

	if (!scenario_number(line, "server", (int64_t)plan->server_count - 1, &server) ||
		!scenario_read_columns(line, way_columns, &read.way, &seen->arena))
		return false;
	read.server = (uint32_t)server;
	MEMORY_ROOM(steps->items, steps->count, steps->capacity);
	steps->items[steps->count++] = read;
	return true;
}

bool scenario_place_steps(const struct scenario_steps *steps, const struct plan *plan,
	struct observations *seen)
{
	if (!steps->count && !seen->change)
		return true;
	if (!seen->change || !plan->zone_count)
		return false;
	seen->propagations =
		arena_array(&seen->arena, plan->pair_count, sizeof(*seen->propagations));
	for (size_t pair = 0; pair < plan->pair_count; pair++)
		seen->propagations[pair] = propagation_begin();
	for (size_t i = 0; i < steps->count; i++) {
		uint32_t pair = plan_pair(plan, 0, steps->items[i].server);

		if (pair == PLAN_NONE)
			return false;
		seen->propagations[pair] = steps->items[i].way;
	}
	return true;
}

void scenario_steps_free(struct scenario_steps *steps)
{
	free(steps->items);
	*steps = (struct scenario_steps){ 0 };
}
