/* What check_pdns_replication shows besides findings: in the first line, as perfdata, JSON,
 * Prometheus and with -v. */
#include <inttypes.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/duration.h"
#include "common/dns/name.h"
#include "common/model/pdns.h"
#include "common/report/report.h"
#include "common/report/report_private.h"

enum { NAMED_SERVERS = 4 };

static size_t count_answered(const struct report *report)
{
	size_t count = 0;

	for (size_t i = 0; i < report->seen->pdns_count; i++)
		count += report->seen->pdns[i].outcome == PDNS_ANSWERED;
	return count;
}

/* "ns1.example.com, ns2.example.com and 3 more" */
static void add_names(const struct report *report, struct text *out)
{
	size_t count = report->seen->pdns_count;

	for (size_t i = 0; i < count && i < NAMED_SERVERS; i++)
		text_addf(out, "%s%s", i ? ", " : "",
			report->plan->servers[report->seen->pdns[i].server].display);
	if (count > NAMED_SERVERS)
		text_addf(out, " and %zu more", count - NAMED_SERVERS);
}

/* Of the primary; 0: it does not have the zone. */
static uint32_t serial_of(const struct report *report, uint32_t zone)
{
	const struct pdns_zone *row = pdns_find_zone(&report->seen->pdns[0], zone);

	return row ? row->has_edited_serial ? row->edited_serial : row->serial : 0;
}

static void summarise_zone(const struct report *report, struct text *out)
{
	plan_zone_text(report->plan, 0, out);
	if (serial_of(report, 0))
		text_addf(out, " serial %u", serial_of(report, 0));
	text_add(out, " is configured for replication on ");
	add_names(report, out);
}

/* Behind for less than -w: the judge has them in the order of zones. */
static void add_late_zones(const struct report *report, struct text *out)
{
	const struct verdict *verdict = report->verdict;
	int64_t longest_s = -1;
	size_t late = 0;

	for (size_t i = 0; i < verdict->lag_count; i++) {
		const struct api_lag *lag = &verdict->lags[i];

		late += !i || lag->zone != lag[-1].zone;
		if (lag->is_known && lag->lag_s > longest_s)
			longest_s = lag->lag_s;
	}
	if (!late)
		return;
	text_add(out, "; ");
	report_add_late(out, late, longest_s);
}

static void add_late_servers(const struct report *report, struct text *out)
{
	char lag_text[32];

	for (size_t i = 0; i < report->verdict->lag_count; i++) {
		const struct api_lag *lag = &report->verdict->lags[i];

		text_addf(out, "; %s %u serial%s behind",
			report->plan->servers[lag->server].display, lag->serials_behind,
			lag->serials_behind == 1 ? "" : "s");
		if (lag->is_known)
			text_addf(out, " for %s", duration_format(lag->lag_s, lag_text));
	}
}

static void summarise_zones(const struct report *report, struct text *out)
{
	size_t zones = report->plan->zone_count, count = report->seen->pdns_count;

	if (count > 1)
		text_addf(out, "%zu servers are configured to replicate ", count);
	else
		text_add(out, "1 server is configured for ");
	text_add_count(out, zones);
	text_addf(out, " zone%s: ", zones == 1 ? "" : "s");
	add_names(report, out);
}

static void show_summary(const struct report *report, struct text *out)
{
	if (report->plan->zone_count == 1) {
		summarise_zone(report, out);
		add_late_servers(report, out);
		return;
	}
	summarise_zones(report, out);
	add_late_zones(report, out);
}

static void add_count(struct measures *measures, const char *label, double value)
{
	measures_add(measures, (struct measure){ .label = label, .value = value, .minimum = "0" });
}

static void measure_zones(const struct report *report, struct measures *measures)
{
	static const char *const labels[] = { "zones_ok", "zones_warning", "zones_critical",
		"zones_unknown" };
	uint32_t counts[4] = { 0 };

	for (size_t z = 0; z < report->plan->zone_count; z++)
		counts[report->verdict->zones[z].severity]++;
	add_count(measures, "zones", (double)report->plan->zone_count);
	for (size_t i = 0; i < 4; i++)
		add_count(measures, labels[i], counts[i]);
}

/* The longest that a change waits for its NOTIFY or a transfer; false: something waits, since when
 * is not known. */
static bool longest_lag(const struct report *report, int64_t *longest)
{
	const struct findings *findings = &report->verdict->findings;
	bool waits = false, is_known = false;

	*longest = 0;
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *each = &findings->items[i];

		if (each->code != FINDING_SECONDARY_BEHIND && each->code != FINDING_NOTIFY_PENDING)
			continue;
		waits = true;
		is_known |= each->has_amount;
		if (each->has_amount && each->amount > *longest)
			*longest = each->amount;
	}
	return is_known || !waits;
}

static bool has_reference(const struct report *report)
{
	for (size_t z = 0; z < report->plan->zone_count; z++) {
		if (report->verdict->zones[z].reference.source != REFERENCE_NONE)
			return true;
	}
	return false;
}

/* How it stands to the primary's serial; a lag that is not known is none to show. */
struct standing {
	bool is_secondary, is_known, is_minimum;
	uint32_t serials_behind;
	int64_t lag_s;
};

static struct standing standing_of(const struct report *report, const struct pdns_server *server,
	uint32_t zone)
{
	const struct pdns_zone *row = pdns_find_zone(server, zone);
	const struct reference *reference = &report->verdict->zones[zone].reference;
	const struct api_lag *lag = verdict_find_lag(report->verdict, zone, server->server);
	struct standing standing = { .is_secondary = row &&
			(row->kind == PDNS_SLAVE || row->kind == PDNS_CONSUMER) };

	if (lag)
		return (struct standing){ true, lag->is_known, lag->is_minimum, lag->serials_behind,
			lag->lag_s };
	standing.is_known = standing.is_secondary && reference->source != REFERENCE_NONE &&
		row->serial == reference->serial;
	return standing;
}

/* Of one zone each secondary's, of many how many zones are behind. */
static void measure_lags(const struct report *report, struct measures *measures,
	const struct pdns_server *server, const char *label)
{
	struct standing standing;
	uint32_t behind = 0;

	if (report->plan->zone_count == 1) {
		standing = standing_of(report, server, 0);
		if (standing.is_known)
			measures_add(measures,
				measures_lag(report,
					arena_printf(&measures->arena, "lag_%s", label),
					standing.lag_s));
		return;
	}
	for (size_t i = 0; i < report->verdict->lag_count; i++)
		behind += report->verdict->lags[i].server == server->server;
	add_count(measures, arena_printf(&measures->arena, "behind_%s", label), behind);
}

static void show_measures(const struct report *report, struct measures *measures)
{
	const char **labels = report_server_labels(report->plan, &measures->arena);
	int64_t lag;

	measure_zones(report, measures);
	if (has_reference(report) && longest_lag(report, &lag))
		measures_add(measures,
			measures_lag(report, report->plan->zone_count == 1 ? "lag" : "lag_max",
				lag));
	add_count(measures, "servers", (double)report->seen->pdns_count);
	add_count(measures, "answered", (double)count_answered(report));
	add_count(measures, "requests", (double)report->seen->queries);
	measures_add_time(report, measures);
	for (size_t i = 0; i < report->seen->pdns_count; i++) {
		const struct pdns_server *server = &report->seen->pdns[i];

		if (server->zones_outcome != PDNS_ANSWERED) /* half a list has no size */
			continue;
		add_count(measures,
			arena_printf(&measures->arena, "zones_%s", labels[server->server]),
			server->zone_count);
		measure_lags(report, measures, server, labels[server->server]);
	}
}

/* --- JSON ------------------------------------------------------------------------------------ */

static void add_place(const struct report *report, const struct pdns_server *server,
	struct json_writer *json)
{
	const struct server *at = &report->plan->servers[server->server];
	bool has_address = at->address.family != 0;
	char address[ADDRESS_TEXT];

	json_put_string(json, "address",
		has_address ? address_to_text(&at->address, address) : NULL);
	json_put_integer_if(json, "port", has_address, at->address.port);
	json_put_string(json, "role", server->is_primary ? "primary" : "secondary");
}

static void add_settings(const struct pdns_server *server, struct json_writer *json)
{
	json_write_key(json, "settings");
	json_write_object(json);
	for (enum pdns_setting each = 0; each < PDNS_SETTING_COUNT; each++) {
		if (server->settings[each])
			json_put_string(json, pdns_setting_name(server, each),
				server->settings[each]);
	}
	json_write_object_end(json);
}

/* null: they were not asked for, or this version does not tell. */
static void add_autoprimaries(const struct pdns_server *server, struct json_writer *json)
{
	json_write_key(json, "autoprimaries");
	if (server->autoprimaries_outcome != PDNS_ANSWERED) {
		json_write_null(json);
		return;
	}
	json_write_array(json);
	for (uint32_t i = 0; i < server->autoprimary_count; i++) {
		json_write_object(json);
		json_put_string(json, "ip", server->autoprimaries[i].ip);
		json_put_string(json, "nameserver", server->autoprimaries[i].nameserver);
		json_put_string(json, "account", server->autoprimaries[i].account);
		json_write_object_end(json);
	}
	json_write_array_end(json);
}

static void show_json(const struct report *report, struct json_writer *json)
{
	json_write_key(json, "settings");
	json_write_array(json);
	for (size_t i = 0; i < report->seen->pdns_count; i++) {
		const struct pdns_server *server = &report->seen->pdns[i];

		json_write_object(json);
		json_put_string(json, "server", report->plan->servers[server->server].name);
		add_place(report, server, json);
		json_put_string(json, "url", server->url);
		json_put_string(json, "outcome", pdns_outcome_name(server->outcome));
		json_put_string(json, "trouble", server->trouble);
		json_put_string(json, "version", server->version);
		json_put_integer_if(json, "zones", server->zones_outcome == PDNS_ANSWERED,
			server->zone_count);
		json_put_integer(json, "requests", server->requests);
		add_settings(server, json);
		add_autoprimaries(server, json);
		json_write_object_end(json);
	}
	json_write_array_end(json);
}

static void add_masters(const struct pdns_masters *masters, struct json_writer *json)
{
	char address[ADDRESS_TEXT];

	json_write_key(json, "masters");
	json_write_array(json);
	for (uint32_t i = 0; i < masters->address_count; i++)
		json_write_string(json, address_to_text_port(&masters->addresses[i], address));
	json_write_array_end(json);
}

/* Unix time; 0: null. */
static void add_date(struct json_writer *json, const char *key, int64_t date_s)
{
	char date[32];

	json_put_string(json, key, date_s ? (clock_format_utc(date_s, date), date) : NULL);
}

static void add_row(const struct report *report, const struct pdns_server *server,
	const struct pdns_zone *row, struct json_writer *json)
{
	const char *const *texts = report->seen->texts;
	struct standing standing = standing_of(report, server, row->zone);
	bool is_behind = standing.serials_behind > 0;

	json_put_string(json, "kind", pdns_kind_name((enum pdns_kind)row->kind));
	json_put_integer(json, "serial", row->serial);
	json_put_integer_if(json, "edited_serial", row->has_edited_serial, row->edited_serial);
	json_put_integer(json, "notified_serial", row->notified_serial);
	json_put_integer_if(json, "serials_behind", is_behind || standing.is_known,
		standing.serials_behind);
	json_put_integer_if(json, "lag_s", standing.is_known, standing.lag_s);
	json_put_bool(json, "lag_is_minimum", standing.is_known && standing.is_minimum);
	add_date(json, "last_check", row->last_check_s);
	add_masters(&server->masters[row->masters], json);
	json_put_string(json, "catalog", row->catalog ? texts[row->catalog] : NULL);
	json_put_string(json, "account", row->account ? texts[row->account] : NULL);
}

/* What each server says of the zone; those whose lists are not known are left out. */
static void show_json_zone(const struct report *report, uint32_t zone, struct json_writer *json)
{
	for (size_t i = 0; i < report->seen->pdns_count; i++) {
		const struct pdns_server *server = &report->seen->pdns[i];
		const struct pdns_zone *row = pdns_find_zone(server, zone);

		if (server->zones_outcome != PDNS_ANSWERED)
			continue;
		json_write_object(json);
		json_put_string(json, "name", report->plan->servers[server->server].name);
		add_place(report, server, json);
		json_put_string(json, "outcome", row ? "answered" : "not_found");
		if (row)
			add_row(report, server, row, json);
		json_write_object_end(json);
	}
}

/* --- Text and Prometheus --------------------------------------------------------------------- */

static void add_clean_line(struct text *line, struct text *out)
{
	report_clean(out, text_string(line));
	text_add_byte(out, '\n');
	text_cut(line, 0);
}

static void add_shown_settings(const struct pdns_server *server, struct text *line)
{
	static const enum pdns_setting shown[] = { PDNS_PRIMARY, PDNS_SECONDARY, PDNS_AUTOSECONDARY,
		PDNS_ALLOW_AXFR_IPS, PDNS_ALLOW_NOTIFY_FROM, PDNS_ALSO_NOTIFY,
		PDNS_XFR_CYCLE_INTERVAL };

	text_add(line, "   ");
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
		if (server->settings[shown[i]])
			text_addf(line, " %s=%s", pdns_setting_name(server, shown[i]),
				server->settings[shown[i]]);
	}
}

/* -v */
static void show_details(const struct report *report, struct text *out)
{
	struct text line = { 0 };

	for (size_t i = 0; i < report->seen->pdns_count; i++) {
		const struct pdns_server *server = &report->seen->pdns[i];

		text_add(&line, "  ");
		plan_server_text(report->plan, server->server, &line);
		text_addf(&line, " at %s: ", server->url);
		report_add_words(&line, pdns_outcome_name(server->outcome));
		if (server->version)
			text_addf(&line, ", PowerDNS %s", server->version);
		if (server->zones_outcome == PDNS_ANSWERED)
			text_addf(&line, ", %u zone%s", server->zone_count,
				server->zone_count == 1 ? "" : "s");
		text_addf(&line, ", %u requests", server->requests);
		if (server->trouble)
			text_addf(&line, "; %s", server->trouble);
		add_clean_line(&line, out);
		if (server->settings_outcome != PDNS_ANSWERED)
			continue;
		add_shown_settings(server, &line);
		add_clean_line(&line, out);
	}
	text_free(&line);
}

static void add_gauge(const struct report *report, struct text *out, const char *name,
	const char *help, bool answered)
{
	text_addf(out, "# HELP dns_replication_%s %s\n# TYPE dns_replication_%s gauge\n", name,
		help, name);
	for (size_t i = 0; i < report->seen->pdns_count; i++) {
		const struct pdns_server *server = &report->seen->pdns[i];

		if (!answered && server->zones_outcome != PDNS_ANSWERED)
			continue;
		text_addf(out, "dns_replication_%s", name);
		prometheus_add_label(out, "server", report->plan->servers[server->server].name,
			true);
		text_addf(out, "} %u\n",
			answered ? server->outcome == PDNS_ANSWERED : server->zone_count);
	}
}

static void show_prometheus(const struct report *report, struct text *out)
{
	add_gauge(report, out, "api_answered",
		"1 where the server's API told its zones and settings.", true);
	add_gauge(report, out, "api_zones", "Zones on the server, by its API.", false);
}

const struct report_kind report_servers_kind = {
	.summary = show_summary,
	.measures = show_measures,
	.details = show_details,
	.json = show_json,
	.json_zone = show_json_zone,
	.prometheus = show_prometheus,
};
