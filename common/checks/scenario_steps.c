#include "common/checks/scenario_steps.h"

#include <inttypes.h>
#include <stdlib.h>

#include "common/checks/scenario_items.h"
#include "common/model/propagation.h"

struct scenario_step {
	uint32_t server;
	struct propagation way;
};

#define TIME_MOST 1000000000000000 /* thirty years in microseconds */
#define OF(type, field, absent, most)                                                              \
	{                                                                                          \
#field, offsetof(struct type, field), sizeof(((struct type *)0)->field), absent,   \
			most                                                                       \
	}
#define TIME(type, field) OF(type, field, PROPAGATION_NEVER, TIME_MOST)

static const struct scenario_number change_numbers[] = {
	OF(change, was_made, 0, 1),
	OF(change, is_cleanup, 0, 1),
	OF(change, is_incremental, 0, 1),
	OF(change, serial, 0, UINT32_MAX),
	OF(change, taken_us, 0, TIME_MOST),
	OF(change, waited_us, 0, TIME_MOST),
	TIME(change, notify_us),
};

static const struct scenario_text change_texts[] = {
	{ "token", offsetof(struct change, token) },
	{ "listen", offsetof(struct change, listen) },
	{ "trouble", offsetof(struct change, trouble) },
	{ "strangers", offsetof(struct change, strangers) },
};

static const struct scenario_number way_numbers[] = {
	TIME(propagation, notify_us),
	TIME(propagation, soa_us),
	TIME(propagation, request_us),
	TIME(propagation, transfer_us),
	TIME(propagation, publish_us),
	TIME(propagation, lacked_us),
	OF(propagation, notify_rcode, 0, UINT16_MAX),
	OF(propagation, has_before, 0, 1),
	OF(propagation, before, 0, UINT32_MAX),
	OF(propagation, asked_incremental, 0, 1),
	OF(propagation, knows_from, 0, 1),
	OF(propagation, asked_from, 0, UINT32_MAX),
	OF(propagation, got_differences, 0, 1),
	OF(propagation, failures, 0, UINT32_MAX),
	OF(propagation, questions, 0, UINT32_MAX),
};

static const struct scenario_text way_texts[] = {
	{ "trouble", offsetof(struct propagation, trouble) },
	{ "token", offsetof(struct propagation, token) },
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const char *kind_name(unsigned value)
{
	return change_kind_name((enum change_kind)value);
}

static const char *obstacle_name(unsigned value)
{
	return change_obstacle_name((enum change_obstacle)value);
}

static void write_way(const struct propagation *way, struct text *out)
{
	if (way->notify_outcome != OUTCOME_NOT_ASKED)
		text_addf(out, " notify_outcome=%s",
			outcome_name((enum outcome)way->notify_outcome));
	if (way->notify_tries)
		text_addf(out, " notify_tries=%u", way->notify_tries);
	scenario_write_numbers(way_numbers, COUNT(way_numbers), way, out);
	scenario_write_texts(way_texts, COUNT(way_texts), way, out);
	text_add_byte(out, '\n');
}

void scenario_write_steps(const struct plan *plan, const struct observations *seen,
	struct text *out)
{
	if (!seen->propagations)
		return;
	text_addf(out, "change by=%s", change_kind_name(seen->change->kind));
	if (seen->change->obstacle != OBSTACLE_NONE)
		text_addf(out, " obstacle=%s", change_obstacle_name(seen->change->obstacle));
	scenario_write_numbers(change_numbers, COUNT(change_numbers), seen->change, out);
	scenario_write_texts(change_texts, COUNT(change_texts), seen->change, out);
	text_add_byte(out, '\n');
	for (uint32_t pair = 0; pair < plan->pair_count; pair++) {
		text_addf(out, "steps server=%" PRIu32, plan->assigned[pair]);
		write_way(&seen->propagations[pair], out);
	}
}

bool scenario_read_change(struct scenario_line *line, struct observations *seen)
{
	unsigned kind, obstacle = OBSTACLE_NONE;

	seen->change = arena_alloc(&seen->arena, sizeof(*seen->change));
	scenario_read_texts(line, seen, change_texts, COUNT(change_texts), seen->change);
	if (!scenario_choice(line, "by", CHANGE_KIND_COUNT, kind_name, &kind) ||
		(scenario_value(line, "obstacle") &&
			!scenario_choice(line, "obstacle", OBSTACLE_COUNT, obstacle_name,
				&obstacle)) ||
		!scenario_read_numbers(line, change_numbers, COUNT(change_numbers), seen->change))
		return false;
	seen->change->kind = (enum change_kind)kind;
	seen->change->obstacle = (enum change_obstacle)obstacle;
	return true;
}

static void add_step(struct scenario_steps *steps, const struct scenario_step *step)
{
	if (steps->count == steps->capacity) {
		steps->capacity = steps->capacity ? steps->capacity * 2 : 16;
		steps->items = memory_resize(steps->items, steps->capacity, sizeof(*steps->items));
	}
	steps->items[steps->count++] = *step;
}

bool scenario_read_steps(struct scenario_line *line, const struct plan *plan,
	struct observations *seen, struct scenario_steps *steps)
{
	struct scenario_step read = { .way = propagation_begin() };
	int64_t server, tries = 0;

	scenario_read_texts(line, seen, way_texts, COUNT(way_texts), &read.way);
	if (!scenario_number(line, "server", (int64_t)plan->server_count - 1, &server) ||
		!scenario_outcome(line, "notify_outcome", &read.way.notify_outcome) ||
		(scenario_value(line, "notify_tries") &&
			!scenario_number(line, "notify_tries", UINT8_MAX, &tries)) ||
		!scenario_read_numbers(line, way_numbers, COUNT(way_numbers), &read.way))
		return false;
	read.server = (uint32_t)server;
	read.way.notify_tries = (uint8_t)tries;
	add_step(steps, &read);
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
