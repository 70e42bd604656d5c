/* Perfdata: labels that every graph takes, units that every parser knows, thresholds as plain
 * numbers. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/map.h"
#include "common/report/report.h"
#include "common/report/report_private.h"

void measures_add(struct measures *measures, struct measure measure)
{
	if (measures->count == measures->capacity) {
		measures->capacity = measures->capacity ? measures->capacity * 2 : 16;
		measures->items = memory_resize(measures->items, measures->capacity,
			sizeof(*measures->items));
	}
	if (!measure.unit)
		measure.unit = "";
	if (!measure.minimum)
		measure.minimum = "";
	measures->items[measures->count++] = measure;
}

void measures_free(struct measures *measures)
{
	free(measures->items);
	arena_free(&measures->arena);
	*measures = (struct measures){ 0 };
}

static void label_bytes(struct text *label, const char *from)
{
	for (; *from; from++) {
		unsigned char byte = (unsigned char)tolower((unsigned char)*from);

		text_add_byte(label,
			(byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') ? (char)byte
										     : '_');
	}
}

/* FNV-1a: only to tell labels apart, the same in every run. */
static uint32_t label_hash(const struct server *server)
{
	const uint8_t *bytes = (const uint8_t *)&server->address;
	uint32_t hash = 2166136261u;

	for (const char *at = server->name; *at; at++)
		hash = (hash ^ (uint8_t)*at) * 16777619u;
	for (size_t i = 0; i < sizeof(server->address); i++)
		hash = (hash ^ bytes[i]) * 16777619u;
	return hash;
}

static void label_server(const struct server *server, struct text *label)
{
	char address[ADDRESS_TEXT];

	label_bytes(label, server->display);
	if (server->named && server->several) {
		text_add_byte(label, '_');
		label_bytes(label, address_to_text(&server->address, address));
	}
}

const char **report_server_labels(const struct plan *plan, struct arena *arena)
{
	const char **labels = arena_array(arena, plan->server_count, sizeof(*labels));
	bool *collides = arena_array(arena, plan->server_count, sizeof(*collides));
	struct map seen = { 0 };

	for (uint32_t s = 0; s < plan->server_count; s++) {
		struct text label = { 0 };
		bool was_new;
		uint32_t other;

		label_server(&plan->servers[s], &label);
		labels[s] = arena_string(arena, text_string(&label));
		other = *map_put(&seen, labels[s], strlen(labels[s]), s, &was_new);
		if (!was_new)
			collides[s] = collides[other] = true;
		text_free(&label);
	}
	for (uint32_t s = 0; s < plan->server_count; s++) {
		if (collides[s])
			labels[s] = arena_printf(arena, "%s_%08x", labels[s],
				label_hash(&plan->servers[s]));
	}
	map_free(&seen);
	return labels;
}

struct measure measures_lag(const struct report *report, const char *label, int64_t lag_s)
{
	struct measure measure = { .label = label,
		.unit = "s",
		.value = (double)lag_s,
		.minimum = "0" };

	range_format(&report->policy->lag_warning, measure.warning);
	range_format(&report->policy->lag_critical, measure.critical);
	return measure;
}

/* A server that is behind since nobody knows when has no lag to show. */
static bool has_lag(const struct pair_verdict *pair)
{
	return pair->relation == RELATION_SAME || pair->relation == RELATION_CATCHING_UP ||
		(pair->relation == RELATION_BEHIND && (pair->lag_known || !pair->lag_is_minimum));
}

/* The largest lag of all pairs; false where none is known. */
static bool largest_lag(const struct report *report, int64_t *largest)
{
	bool found = false;

	*largest = 0;
	for (size_t pair = 0; pair < report->plan->pair_count; pair++) {
		const struct pair_verdict *at = &report->verdict->pairs[pair];

		if (!has_lag(at))
			continue;
		found = true;
		if (at->lag_s > *largest)
			*largest = at->lag_s;
	}
	return found;
}

static void measure_pair(const struct report *report, struct measures *measures, uint32_t pair,
	const char *server)
{
	const struct soa_observation *seen = &report->seen->soa[pair];
	const struct pair_verdict *verdict = &report->verdict->pairs[pair];

	if (has_lag(verdict))
		measures_add(measures,
			measures_lag(report, arena_printf(&measures->arena, "lag_%s", server),
				verdict->lag_s));
	if (seen->round_trip_us)
		measures_add(measures,
			(struct measure){ .label = arena_printf(&measures->arena, "rtt_%s", server),
				.unit = "s",
				.value = seen->round_trip_us / 1e6,
				.decimals = 6,
				.minimum = "0" });
	if (seen->expire_s != EXPIRE_NONE && (seen->outcome == OUTCOME_ANSWERED))
		measures_add(measures,
			(struct measure){
				.label = arena_printf(&measures->arena, "expire_%s", server),
				.unit = "s",
				.value = seen->expire_s,
				.minimum = "0" });
}

void measures_add_time(const struct report *report, struct measures *measures)
{
	measures_add(measures,
		(struct measure){ .label = "time",
			.unit = "s",
			.value = (double)report->duration_us / 1e6,
			.decimals = 3,
			.minimum = "0" });
}

static void measure_one_zone(const struct report *report, struct measures *measures)
{
	const struct zone *zone = &report->plan->zones[0];
	const struct zone_verdict *verdict = &report->verdict->zones[0];
	const char **labels = report_server_labels(report->plan, &measures->arena);
	int64_t lag;

	if (largest_lag(report, &lag))
		measures_add(measures, measures_lag(report, "lag", lag));
	if (verdict->reference.source != REFERENCE_NONE)
		measures_add(measures,
			(struct measure){ .label = "serial", .value = verdict->reference.serial });
	measures_add(measures,
		(struct measure){ .label = "servers", .value = verdict->servers, .minimum = "0" });
	measures_add(measures,
		(struct measure){ .label = "in_sync", .value = verdict->in_sync, .minimum = "0" });
	measures_add_time(report, measures);
	for (uint32_t pair = zone->first_pair; pair < zone->first_pair + zone->pair_count; pair++)
		measure_pair(report, measures, pair, labels[report->plan->assigned[pair]]);
}

static void add_count(struct measures *measures, const char *label, double value)
{
	measures_add(measures, (struct measure){ .label = label, .value = value, .minimum = "0" });
}

static void measure_servers(const struct report *report, struct measures *measures)
{
	const struct plan *plan = report->plan;
	const char **labels = report_server_labels(plan, &measures->arena);
	uint32_t *behind = arena_array(&measures->arena, plan->server_count, sizeof(*behind));
	uint32_t *unanswered =
		arena_array(&measures->arena, plan->server_count, sizeof(*unanswered));

	for (size_t pair = 0; pair < plan->pair_count; pair++) {
		uint8_t outcome = report->seen->soa[pair].outcome;

		behind[plan->assigned[pair]] +=
			report->verdict->pairs[pair].relation == RELATION_BEHIND;
		unanswered[plan->assigned[pair]] += outcome == OUTCOME_TIMEOUT ||
			outcome == OUTCOME_PORT_CLOSED || outcome == OUTCOME_UNREACHABLE ||
			outcome == OUTCOME_CONNECTION_BROKEN || outcome == OUTCOME_NOT_ASKED;
	}
	for (uint32_t s = 0; s < plan->server_count; s++) {
		add_count(measures, arena_printf(&measures->arena, "behind_%s", labels[s]),
			behind[s]);
		add_count(measures, arena_printf(&measures->arena, "unanswered_%s", labels[s]),
			unanswered[s]);
	}
}

static void measure_many_zones(const struct report *report, struct measures *measures)
{
	static const struct {
		enum severity severity;
		const char *label;
	} states[] = { { SEVERITY_OK, "zones_ok" }, { SEVERITY_WARNING, "zones_warning" },
		{ SEVERITY_CRITICAL, "zones_critical" }, { SEVERITY_UNKNOWN, "zones_unknown" } };
	uint32_t counts[4] = { 0 };
	int64_t lag;

	for (size_t z = 0; z < report->plan->zone_count; z++)
		counts[report->verdict->zones[z].severity]++;
	add_count(measures, "zones", (double)report->plan->zone_count);
	for (size_t i = 0; i < 4; i++)
		add_count(measures, states[i].label, counts[states[i].severity]);
	if (largest_lag(report, &lag))
		measures_add(measures, measures_lag(report, "lag_max", lag));
	add_count(measures, "servers", (double)report->plan->server_count);
	add_count(measures, "queries", (double)report->seen->queries);
	add_count(measures, "retries", (double)report->seen->retries);
	measures_add_time(report, measures);
	measure_servers(report, measures);
}

void report_zones_measures(const struct report *report, struct measures *measures)
{
	if (report->plan->zone_count == 1)
		measure_one_zone(report, measures);
	else
		measure_many_zones(report, measures);
}

void report_measures(const struct report *report, struct measures *measures)
{
	*measures = (struct measures){ 0 };
	report_kind_of(report)->measures(report, measures);
}
