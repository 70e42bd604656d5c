/* What check_mysql_replication shows besides findings: in the first line, as perfdata, JSON,
 * Prometheus and with -v. */
#include <ctype.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "common/model/database.h"
#include "common/model/database_zones.h"
#include "common/report/report.h"
#include "common/report/report_private.h"

static const struct database *replica_of(const struct report *report)
{
	return &report->seen->databases[0];
}

static bool is_well(const struct channel *channel)
{
	return channel->io == THREAD_RUNNING && channel->sql == THREAD_RUNNING &&
		channel->has_behind;
}

static size_t count_well(const struct database *seen)
{
	size_t count = 0;

	for (size_t i = 0; i < seen->channel_count; i++)
		count += is_well(&seen->channels[i]);
	return count;
}

static int64_t largest_lag(const struct database *seen)
{
	int64_t lag_s;

	database_lag(seen, &lag_s);
	return lag_s;
}

/* MariaDB's version says its name. */
static void add_version(const struct database *seen, struct text *out)
{
	text_addf(out, "%s%s", seen->flavour == DATABASE_MYSQL ? "MySQL " : "", seen->version);
}

static void summarise_channels(const struct database *seen, struct text *out)
{
	const struct channel *first = seen->channels;

	text_addf(out, " is %" PRId64 " s behind ", largest_lag(seen));
	if (seen->channel_count == 1)
		text_addf(out, "%s:%u", first->source_host, first->source_port);
	else
		text_addf(out, "%zu primaries at most", seen->channel_count);
	if (seen->channel_count == 1 && first->delay_s)
		text_addf(out, " (besides a delay of %" PRId64 " s)", first->delay_s);
	if (seen->missing && !*seen->missing)
		text_add(out, ", no GTID is missing");
}

/* " is ONLINE (SECONDARY) in a group of 3 members, 0 s behind" */
static void summarise_group(const struct database *seen, struct text *out)
{
	text_addf(out, " is %s", seen->group_state);
	if (*seen->group_role)
		text_addf(out, " (%s)", seen->group_role);
	text_addf(out, " in a group of %u member%s", seen->group_size,
		seen->group_size == 1 ? "" : "s");
	if (seen->group_online < seen->group_size)
		text_addf(out, ", %u of them ONLINE", seen->group_online);
	if (seen->has_group_lag)
		text_addf(out, ", %" PRId64 " s behind", seen->group_lag_s);
	if (seen->channel_count) {
		text_add(out, ", and");
		summarise_channels(seen, out);
	}
}

/* --dns: serials that are served, and are not the database's. */
static size_t count_differing(const struct report *report, const struct finding **first)
{
	const struct findings *findings = &report->verdict->findings;
	size_t count = 0;

	*first = NULL;
	for (size_t i = 0; i < findings->count; i++) {
		if (findings->items[i].code != FINDING_DATABASE_SERIAL_DIFFERS)
			continue;
		if (count++ == 0)
			*first = &findings->items[i];
	}
	return count;
}

/* Else its zones are not known, or nothing was asked. */
static bool has_served(const struct report *report)
{
	return report->seen->backend_count && report->seen->backends->of_zone;
}

static void summarise_served(const struct report *report, struct text *out)
{
	size_t zones = report->plan->zone_count;
	const struct finding *first;
	size_t differing = count_differing(report, &first);

	text_add(out, ", ");
	text_add(out, report->plan->servers[report->seen->database_count].display);
	if (!differing) {
		text_add(out, " serves what it has: ");
		text_add_count(out, zones);
		text_addf(out, " zone%s", zones == 1 ? "" : "s");
		return;
	}
	text_addf(out, " differs in %zu of ", differing);
	text_add_count(out, zones);
	text_addf(out, " zone%s: ", zones == 1 ? "" : "s");
	plan_zone_text(report->plan, first->zone, out);
	text_addf(out, ": %s: %s", first->text, first->why);
}

static void show_summary(const struct report *report, struct text *out)
{
	const struct database *seen = replica_of(report);

	plan_server_text(report->plan, 0, out);
	if (seen->has_group && seen->group_state)
		summarise_group(seen, out);
	else if (seen->has_galera)
		text_addf(out, " is %s in a Galera cluster of %u node%s", seen->galera_state_text,
			seen->galera_size, seen->galera_size == 1 ? "" : "s");
	else if (seen->channel_count)
		summarise_channels(seen, out);
	else if (seen->version) {
		text_add(out, " answers (");
		add_version(seen, out);
		text_add_byte(out, ')');
	}
	if (seen->content)
		report_content_summary(seen->content, out);
	if (has_served(report))
		summarise_served(report, out);
}

/* A label's part: lower case, only a-z 0-9 and _. */
static const char *channel_label(const struct channel *channel, struct arena *arena)
{
	char *label = arena_printf(arena, "lag_%s", *channel->name ? channel->name : "default");

	for (char *at = label; *at; at++) {
		*at = (char)tolower((unsigned char)*at);
		if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789_", *at))
			*at = '_';
	}
	return label;
}

static void add_count(struct measures *measures, const char *label, double value)
{
	measures_add(measures, (struct measure){ .label = label, .value = value, .minimum = "0" });
}

static void measure_channels(const struct report *report, struct measures *measures)
{
	const struct database *seen = replica_of(report);

	if (seen->channel_count && count_well(seen) == seen->channel_count)
		measures_add(measures, measures_lag(report, "lag", largest_lag(seen)));
	add_count(measures, "channels", (double)seen->channel_count);
	add_count(measures, "channels_ok", (double)count_well(seen));
	for (size_t i = 0; seen->channel_count > 1 && i < seen->channel_count; i++) {
		const struct channel *channel = &seen->channels[i];

		if (channel->has_behind)
			measures_add(measures,
				measures_lag(report, channel_label(channel, &measures->arena),
					channel_lag(channel)));
	}
}

static void measure_group(const struct report *report, struct measures *measures)
{
	const struct database *seen = replica_of(report);

	add_count(measures, "group_size", seen->group_size);
	add_count(measures, "group_online", seen->group_online);
	if (seen->has_group_lag)
		measures_add(measures,
			measures_lag(report, seen->channel_count ? "group_lag" : "lag",
				seen->group_lag_s));
}

/* How many zones there are says --content, too. */
static void measure_served(const struct report *report, struct measures *measures)
{
	const struct finding *first;

	if (!replica_of(report)->content)
		add_count(measures, "zones", (double)report->plan->zone_count);
	add_count(measures, "serials_differ", (double)count_differing(report, &first));
}

/* What is not known is left out: 0 would be a lie, and nothing else reaches the graphs. */
static void show_measures(const struct report *report, struct measures *measures)
{
	const struct database *seen = replica_of(report);

	if (seen->outcome == DATABASE_ANSWERED && !seen->status_errno)
		measure_channels(report, measures);
	if (seen->missing)
		add_count(measures, "gtid_missing", (double)seen->missing_count);
	if (seen->has_heartbeat_row)
		measures_add(measures,
			measures_lag(report, "heartbeat_age", seen->heartbeat_age_s));
	if (seen->has_galera)
		add_count(measures, "galera_size", seen->galera_size);
	if (seen->has_group && seen->group_state)
		measure_group(report, measures);
	if (seen->content)
		report_content_measures(seen->content, measures);
	if (has_served(report))
		measure_served(report, measures);
	measures_add_time(report, measures);
}

static const char *text_or_null(const char *text)
{
	return text && *text ? text : NULL;
}

static void add_channel(const struct channel *channel, struct json_writer *json)
{
	json_write_object(json);
	json_put_string(json, "channel", channel->name);
	json_put_string(json, "source", channel->source_host);
	json_put_integer_if(json, "source_port", true, channel->source_port);
	json_put_string(json, "io", thread_state_name(channel->io));
	json_put_string(json, "sql", thread_state_name(channel->sql));
	json_put_integer_if(json, "behind_s", channel->has_behind, channel->behind_s);
	json_put_integer_if(json, "delay_s", true, channel->delay_s);
	json_put_integer_if(json, "lag_s", channel->has_behind, channel_lag(channel));
	json_put_integer_if(json, "io_errno", true, channel->io_errno);
	json_put_string(json, "io_error", text_or_null(channel->io_error));
	json_put_integer_if(json, "sql_errno", true, channel->sql_errno);
	json_put_string(json, "sql_error", text_or_null(channel->sql_error));
	json_put_string(json, "gtid_received", text_or_null(channel->gtid_received));
	json_put_string(json, "gtid_applied", text_or_null(channel->gtid_applied));
	json_put_integer_if(json, "heartbeats", channel->has_heartbeats,
		(int64_t)channel->heartbeats);
	json_put_string(json, "filters", text_or_null(channel->filters));
	json_write_object_end(json);
}

static void add_galera(const struct database *seen, struct json_writer *json)
{
	json_write_key(json, "galera");
	if (!seen->has_galera) {
		json_write_null(json);
		return;
	}
	json_write_object(json);
	json_put_string(json, "cluster_status", seen->galera_cluster_status);
	json_put_integer_if(json, "state", true, seen->galera_state);
	json_put_string(json, "state_text", seen->galera_state_text);
	json_put_string(json, "ready", seen->galera_ready);
	json_put_integer_if(json, "size", true, seen->galera_size);
	json_write_object_end(json);
}

static void add_group(const struct database *seen, struct json_writer *json)
{
	json_write_key(json, "group");
	if (!seen->has_group) {
		json_write_null(json);
		return;
	}
	json_write_object(json);
	json_put_string(json, "state", seen->group_state);
	json_put_string(json, "role", text_or_null(seen->group_role));
	json_put_integer_if(json, "size", seen->group_state, seen->group_size);
	json_put_integer_if(json, "online", seen->group_state, seen->group_online);
	json_put_integer_if(json, "unreachable", seen->group_state, seen->group_unreachable);
	json_put_string(json, "others", text_or_null(seen->group_others));
	json_put_integer_if(json, "lag_s", seen->has_group_lag, seen->group_lag_s);
	json_put_integer_if(json, "errno", seen->group_errno != 0, seen->group_errno);
	json_put_string(json, "error", text_or_null(seen->group_error));
	json_write_object_end(json);
}

static void add_database(const struct report *report, uint32_t index, struct json_writer *json)
{
	const struct database *seen = &report->seen->databases[index];
	const struct server *server = &report->plan->servers[index];
	bool has_address = server->address.family != 0;
	char address[ADDRESS_TEXT];

	json_write_object(json);
	json_put_string(json, "server", server->name);
	json_put_string(json, "address",
		has_address ? address_to_text(&server->address, address) : NULL);
	json_put_integer_if(json, "port", has_address, server->address.port);
	json_put_string(json, "role", index ? "primary" : "replica");
	json_put_string(json, "outcome", database_outcome_name(seen->outcome));
	json_put_integer_if(json, "errno", seen->error_number != 0, seen->error_number);
	json_put_string(json, "error", text_or_null(seen->error));
	json_put_string(json, "version", seen->version);
	json_put_string(json, "tls", seen->tls_cipher);
	json_put_string(json, "read_only", seen->read_only);
	json_put_string(json, "gtid", text_or_null(seen->gtid_applied));
	json_put_string(json, "gtid_missing", text_or_null(seen->missing));
	json_put_string(json, "gtid_errant", text_or_null(seen->errant));
	add_galera(seen, json);
	add_group(seen, json);
	report_content_json(seen->content, json);
	json_write_key(json, "channels");
	json_write_array(json);
	for (size_t i = 0; i < seen->channel_count; i++)
		add_channel(&seen->channels[i], json);
	json_write_array_end(json);
	json_write_object_end(json);
}

static void show_json(const struct report *report, struct json_writer *json)
{
	json_write_key(json, "databases");
	json_write_array(json);
	for (uint32_t i = 0; i < report->seen->database_count; i++)
		add_database(report, i, json);
	json_write_array_end(json);
}

/* --dns: the row beside what is served. */
static void show_json_zone(const struct report *report, uint32_t zone, struct json_writer *json)
{
	const struct backend *backend = report->seen->backends;
	const struct database_zone *row;

	if (!has_served(report))
		return;
	row = backend->of_zone[zone];
	json_write_object(json);
	json_put_string(json, "name", backend->name);
	json_put_string(json, "role", "database");
	json_put_string(json, "outcome", row ? "answered" : "absent");
	json_put_integer_if(json, "serial", row && row->has_serial, row ? row->serial : 0);
	json_put_string(json, "kind", row ? zone_kind_name((enum zone_kind)row->kind) : NULL);
	json_put_string(json, "soa_edit",
		row ? text_or_null(soa_edit_name((enum soa_edit)row->soa_edit)) : NULL);
	json_write_object_end(json);
}

static void add_line(const struct text *line, struct text *out)
{
	report_clean(out, text_string(line));
	text_add_byte(out, '\n');
}

static void detail_channel(const struct channel *channel, struct text *out)
{
	struct text line = { 0 };

	text_addf(&line, "    channel \"%s\" from %s:%u: IO thread %s, SQL thread %s",
		channel->name, channel->source_host, channel->source_port,
		thread_state_name(channel->io), thread_state_name(channel->sql));
	if (channel->has_behind)
		text_addf(&line, ", %" PRId64 " s behind", channel->behind_s);
	if (channel->delay_s)
		text_addf(&line, ", delay %" PRId64 " s", channel->delay_s);
	if (*channel->gtid_received)
		text_addf(&line, ", received %s", channel->gtid_received);
	if (channel->has_heartbeats)
		text_addf(&line, ", %" PRIu64 " heartbeats (every %g s)", channel->heartbeats,
			channel->heartbeat_period_s);
	add_line(&line, out);
	text_free(&line);
}

/* -v */
static void show_details(const struct report *report, struct text *out)
{
	for (uint32_t index = 0; index < report->seen->database_count; index++) {
		const struct database *seen = &report->seen->databases[index];
		struct text line = { 0 };

		text_add(&line, "  ");
		plan_server_text(report->plan, index, &line);
		text_add(&line, ": ");
		report_add_words(&line, database_outcome_name(seen->outcome));
		if (seen->version) {
			text_add(&line, ", ");
			add_version(seen, &line);
			text_addf(&line, ", server_id %u, %s", seen->server_id,
				seen->tls_cipher            ? seen->tls_cipher
					: seen->over_socket ? "by socket"
							    : "not encrypted");
		}
		if (seen->gtid_applied && *seen->gtid_applied)
			text_addf(&line, ", GTID %s", seen->gtid_applied);
		if (seen->group_others && *seen->group_others)
			text_addf(&line, ", its group: %s", seen->group_others);
		add_line(&line, out);
		text_free(&line);
		for (size_t i = 0; i < seen->channel_count; i++)
			detail_channel(&seen->channels[i], out);
		if (seen->content)
			report_content_details(seen->content, out);
	}
}

static void add_labels(const struct report *report, const struct channel *channel, struct text *out)
{
	const struct server *server = &report->plan->servers[0];

	prometheus_add_label(out, "server", server->name, true);
	prometheus_add_label(out, "channel", channel->name, false);
	text_add_byte(out, '}');
}

static double lag_value(const struct channel *channel)
{
	return (double)channel_lag(channel);
}

static double io_value(const struct channel *channel)
{
	return channel->io == THREAD_RUNNING;
}

static double sql_value_of(const struct channel *channel)
{
	return channel->sql == THREAD_RUNNING;
}

/* One gauge of each channel; `only_known`: of those that say how far they are behind. */
static void add_family(const struct report *report, struct text *out, const char *name,
	const char *help, bool only_known, double (*value)(const struct channel *))
{
	const struct database *seen = replica_of(report);

	text_addf(out, "# HELP dns_replication_%s %s\n# TYPE dns_replication_%s gauge\n", name,
		help, name);
	for (size_t i = 0; i < seen->channel_count; i++) {
		const struct channel *channel = &seen->channels[i];

		if (only_known && !channel->has_behind)
			continue;
		text_addf(out, "dns_replication_%s", name);
		add_labels(report, channel, out);
		text_addf(out, " %.9g\n", value(channel));
	}
}

static void show_prometheus(const struct report *report, struct text *out)
{
	add_family(report, out, "database_lag_seconds",
		"Lag of the channel less its configured delay.", true, lag_value);
	add_family(report, out, "database_io_running", "1 where the IO thread runs.", false,
		io_value);
	add_family(report, out, "database_sql_running", "1 where the SQL thread runs.", false,
		sql_value_of);
}

const struct report_kind report_databases_kind = {
	.summary = show_summary,
	.measures = show_measures,
	.details = show_details,
	.json = show_json,
	.json_zone = show_json_zone,
	.prometheus = show_prometheus,
};
