/* What check_dns_propagation shows besides findings: in the first line, as perfdata, JSON,
 * Prometheus and with -v. */
#include <inttypes.h>
#include <string.h>

#include "common/dns/message.h"
#include "common/dns/name.h"
#include "common/model/propagation.h"
#include "common/report/report.h"
#include "common/report/report_private.h"

/* The steps in their order. */
static const struct {
	const char *name, *phrase;
	size_t offset;
} steps[] = {
	{ "notify", "answered NOTIFY", offsetof(struct propagation, notify_us) },
	{ "soa", "asked for the SOA", offsetof(struct propagation, soa_us) },
	{ "request", "asked for the transfer", offsetof(struct propagation, request_us) },
	{ "transfer", "had it", offsetof(struct propagation, transfer_us) },
	{ "publish", "served it", offsetof(struct propagation, publish_us) },
};
enum { STEPS = sizeof(steps) / sizeof(steps[0]) };

static const struct propagation *way_of(const struct report *report, uint32_t pair)
{
	return &report->seen->propagations[pair];
}

static int64_t step_us(const struct propagation *way, size_t step)
{
	int64_t us;

	memcpy(&us, (const uint8_t *)way + steps[step].offset, sizeof(us));
	return us;
}

static double seconds(int64_t us)
{
	return (double)us / 1e6;
}

/* When the last of them served it; PROPAGATION_NEVER: one does not. */
static int64_t last_us(const struct report *report)
{
	int64_t last = PROPAGATION_NEVER;

	for (uint32_t pair = 0; pair < report->plan->pair_count; pair++) {
		int64_t us = way_of(report, pair)->publish_us;

		if (us == PROPAGATION_NEVER)
			return PROPAGATION_NEVER;
		last = us > last ? us : last;
	}
	return last;
}

static uint32_t slowest(const struct report *report)
{
	uint32_t slowest = 0;

	for (uint32_t pair = 1; pair < report->plan->pair_count; pair++) {
		if (way_of(report, pair)->publish_us > way_of(report, slowest)->publish_us)
			slowest = pair;
	}
	return slowest;
}

static void add_server(const struct report *report, uint32_t pair, struct text *out)
{
	plan_server_text(report->plan, report->plan->assigned[pair], out);
}

static void show_summary(const struct report *report, struct text *out)
{
	const struct change *change = report->seen->change;
	uint32_t count = (uint32_t)report->plan->pair_count;

	plan_zone_text(report->plan, 0, out);
	if (change->is_cleanup) {
		text_add(out, ": the canary record is removed");
		return;
	}
	if (change->kind == CHANGE_BY_ENGINE)
		text_addf(out, " serial %" PRIu32, change->serial);
	else
		text_add(out, " changed");
	text_addf(out, " on %u of %u server%s in %.3f s", count, count, count == 1 ? "" : "s",
		seconds(last_us(report)));
	if (count < 2)
		return;
	text_add(out, "; the last was ");
	add_server(report, slowest(report), out);
}

/* --- Perfdata --------------------------------------------------------------------------------- */

static void measure_time(const struct report *report, struct measures *measures, const char *label,
	int64_t us, bool has_thresholds)
{
	struct measure measure = { .label = label,
		.unit = "s",
		.value = seconds(us),
		.decimals = 6,
		.minimum = "0" };

	if (has_thresholds) {
		range_format(&report->policy->lag_warning, measure.warning);
		range_format(&report->policy->lag_critical, measure.critical);
	}
	measures_add(measures, measure);
}

static void measure_way(const struct report *report, struct measures *measures, uint32_t pair,
	const char *server)
{
	const struct propagation *way = way_of(report, pair);

	for (size_t step = 0; step < STEPS; step++) {
		if (step_us(way, step) != PROPAGATION_NEVER)
			measure_time(report, measures,
				arena_printf(&measures->arena, "%s_%s", steps[step].name, server),
				step_us(way, step), step + 1 == STEPS);
	}
}

static void show_measures(const struct report *report, struct measures *measures)
{
	const struct change *change = report->seen->change;
	const char **labels = report_server_labels(report->plan, &measures->arena);
	const struct zone_verdict *zone = &report->verdict->zones[0];

	if (!change->was_made || change->is_cleanup)
		return;
	if (last_us(report) != PROPAGATION_NEVER)
		measure_time(report, measures, "propagation", last_us(report), true);
	measures_add(measures,
		(struct measure){ .label = "servers", .value = zone->servers, .minimum = "0" });
	measures_add(measures,
		(struct measure){ .label = "published", .value = zone->in_sync, .minimum = "0" });
	if (change->kind == CHANGE_BY_ENGINE)
		measures_add(measures,
			(struct measure){ .label = "serial", .value = change->serial });
	else
		measure_time(report, measures, "change", change->taken_us, false);
	if (change->notify_us != PROPAGATION_NEVER)
		measure_time(report, measures, "notify", change->notify_us, false);
	for (uint32_t pair = 0; pair < report->plan->pair_count; pair++)
		measure_way(report, measures, pair, labels[report->plan->assigned[pair]]);
	measure_time(report, measures, "time", report->duration_us, false);
}

/* --- JSON ------------------------------------------------------------------------------------- */

static void put_time(struct json_writer *json, const char *key, int64_t us)
{
	if (us == PROPAGATION_NEVER) {
		json_put_null(json, key);
		return;
	}
	json_write_key(json, key);
	json_write_number(json, seconds(us));
}

static void put_times(const struct propagation *way, struct json_writer *json)
{
	static const char *const keys[STEPS] = { "notify_answered_s", "soa_asked_s",
		"transfer_asked_s", "transfer_finished_s", "published_s" };

	for (size_t step = 0; step < STEPS; step++)
		put_time(json, keys[step], step_us(way, step));
	put_time(json, "published_precision_s",
		way->publish_us == PROPAGATION_NEVER ? PROPAGATION_NEVER
						     : propagation_doubt_us(way));
}

static const char *transfer_form(const struct propagation *way)
{
	if (way->transfer_us == PROPAGATION_NEVER)
		return NULL;
	return way->got_differences ? "differences" : "full";
}

static void put_way(const struct report *report, uint32_t pair, struct json_writer *json)
{
	const struct server *server = &report->plan->servers[report->plan->assigned[pair]];
	const struct propagation *way = way_of(report, pair);
	bool asked = way->request_us != PROPAGATION_NEVER;
	char address[ADDRESS_TEXT], name[NAME_TEXT], rcode[16];

	json_write_object(json);
	json_put_string(json, "zone", name_to_text(report->plan->zones[0].name, name));
	json_put_string(json, "server", server->name);
	json_put_string(json, "address", address_to_text(&server->address, address));
	json_put_integer(json, "port", server->address.port);
	json_put_string(json, "role",
		report->plan->pair_flags[pair] & PAIR_PRIMARY ? "primary" : "secondary");
	json_put_string(json, "notify_rcode",
		way->notify_us == PROPAGATION_NEVER ? NULL : rcode_text(way->notify_rcode, rcode));
	json_put_integer(json, "notify_tries", way->notify_tries);
	json_put_string(json, "transfer_type",
		!asked                           ? NULL
			: way->asked_incremental ? "ixfr"
						 : "axfr");
	json_put_string(json, "transfer_form", transfer_form(way));
	json_put_integer_if(json, "serial_before", way->has_before, way->before);
	json_put_string(json, "trouble", *way->trouble ? way->trouble : NULL);
	put_times(way, json);
	json_put_integer(json, "questions", way->questions);
	json_write_object_end(json);
}

static void show_json(const struct report *report, struct json_writer *json)
{
	const struct change *change = report->seen->change;

	json_write_key(json, "change");
	json_write_object(json);
	json_put_string(json, "by", change_kind_name(change->kind));
	json_write_key(json, "made");
	json_write_bool(json, change->was_made);
	json_put_integer_if(json, "serial", change->kind == CHANGE_BY_ENGINE && change->was_made,
		change->serial);
	json_put_string(json, "token", *change->token ? change->token : NULL);
	put_time(json, "took_s",
		change->kind == CHANGE_BY_ENGINE ? PROPAGATION_NEVER : change->taken_us);
	put_time(json, "notify_heard_s", change->notify_us);
	json_put_string(json, "strangers", *change->strangers ? change->strangers : NULL);
	json_write_object_end(json);
	json_write_key(json, "steps");
	json_write_array(json);
	for (uint32_t pair = 0; pair < report->plan->pair_count; pair++)
		put_way(report, pair, json);
	json_write_array_end(json);
}

/* --- -v and Prometheus ------------------------------------------------------------------------ */

static void add_way(const struct report *report, uint32_t pair, struct text *line)
{
	const struct propagation *way = way_of(report, pair);
	const char *lead = ": ";

	text_add(line, "  ");
	add_server(report, pair, line);
	for (size_t step = 0; step < STEPS; step++) {
		if (step_us(way, step) == PROPAGATION_NEVER)
			continue;
		text_addf(line, "%s%s after %.6f s", lead, steps[step].phrase,
			seconds(step_us(way, step)));
		lead = ", ";
	}
	if (way->transfer_us != PROPAGATION_NEVER)
		text_addf(line, " (%s, %s)", way->asked_incremental ? "IXFR" : "AXFR",
			way->got_differences ? "differences" : "the whole zone");
	if (way->publish_us != PROPAGATION_NEVER)
		text_addf(line, ", known to %.6f s", seconds(propagation_doubt_us(way)));
	text_addf(line, "; %" PRIu32 " questions", way->questions);
}

static void show_details(const struct report *report, struct text *out)
{
	const struct change *change = report->seen->change;

	if (*change->strangers) {
		text_add(out, "  somebody else asked: ");
		report_clean(out, change->strangers);
		text_add_byte(out, '\n');
	}
	for (uint32_t pair = 0; !change->is_cleanup && pair < report->plan->pair_count; pair++) {
		struct text line = { 0 };

		add_way(report, pair, &line);
		report_clean(out, text_string(&line));
		text_add_byte(out, '\n');
		text_free(&line);
	}
}

static void show_prometheus(const struct report *report, struct text *out)
{
	for (size_t step = 0; step < STEPS; step++) {
		text_addf(out,
			"# HELP dns_replication_propagation_%s_seconds Since the change until the server %s.\n"
			"# TYPE dns_replication_propagation_%s_seconds gauge\n",
			steps[step].name, steps[step].phrase, steps[step].name);
		for (uint32_t pair = 0; pair < report->plan->pair_count; pair++) {
			int64_t us = step_us(way_of(report, pair), step);

			if (us == PROPAGATION_NEVER)
				continue;
			text_addf(out, "dns_replication_propagation_%s_seconds", steps[step].name);
			prometheus_add_pair(report, out, 0, pair);
			text_addf(out, " %.9g\n", seconds(us));
		}
	}
}

const struct report_kind report_steps_kind = {
	.summary = show_summary,
	.measures = show_measures,
	.details = show_details,
	.json = show_json,
	.prometheus = show_prometheus,
};
