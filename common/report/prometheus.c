/* Prometheus' text format, version 0.0.4: one family after the other, each sample of a family
 * beside its like. */
#include <stdio.h>

#include "common/dns/name.h"
#include "common/report/report.h"
#include "common/report/report_private.h"

static void begin_family(struct text *out, const char *name, const char *type, const char *help)
{
	text_addf(out, "# HELP dns_replication_%s %s\n# TYPE dns_replication_%s %s\n", name, help,
		name, type);
}

/* A label's value: backslash, quote and newline are escaped. */
void prometheus_add_label(struct text *out, const char *name, const char *value, bool first)
{
	text_addf(out, "%s%s=\"", first ? "{" : ",", name);
	for (; *value; value++) {
		if (*value == '\\' || *value == '"')
			text_add_byte(out, '\\');
		if (*value == '\n')
			text_add(out, "\\n");
		else
			text_add_byte(out, *value);
	}
	text_add_byte(out, '"');
}

static void add_zone_label(const struct report *report, struct text *out, uint32_t zone, bool first)
{
	char text[NAME_TEXT];

	prometheus_add_label(out, "zone",
		zone == PLAN_NONE ? "" : name_to_text(report->plan->zones[zone].name, text), first);
}

static void add_zone_sample(const struct report *report, struct text *out, const char *name,
	uint32_t zone, double value)
{
	text_addf(out, "dns_replication_%s", name);
	add_zone_label(report, out, zone, true);
	text_addf(out, "} %.0f\n", value);
}

static void add_server_labels(const struct report *report, struct text *out, uint32_t server,
	bool first)
{
	const struct server *at = &report->plan->servers[server];
	char address[ADDRESS_TEXT], port[8];

	prometheus_add_label(out, "server", at->name, first);
	prometheus_add_label(out, "address", address_to_text(&at->address, address), false);
	snprintf(port, sizeof(port), "%u", at->address.port);
	prometheus_add_label(out, "port", port, false);
}

/* One gauge of each pair; false: this pair has none. */
typedef bool pair_value(const struct report *report, uint32_t pair, double *value);

static bool serial_value(const struct report *report, uint32_t pair, double *value)
{
	*value = report->seen->soa[pair].serial;
	return report->seen->soa[pair].outcome == OUTCOME_ANSWERED;
}

static bool answered_value(const struct report *report, uint32_t pair, double *value)
{
	*value = report->seen->soa[pair].outcome == OUTCOME_ANSWERED;
	return report->seen->soa[pair].outcome != OUTCOME_NO_ROUTE &&
		report->seen->soa[pair].outcome != OUTCOME_NOT_ASKED;
}

static bool lag_value(const struct report *report, uint32_t pair, double *value)
{
	const struct pair_verdict *verdict = &report->verdict->pairs[pair];

	*value = (double)verdict->lag_s;
	return verdict->relation == RELATION_SAME || verdict->relation == RELATION_CATCHING_UP ||
		(verdict->relation == RELATION_BEHIND &&
			(verdict->lag_known || !verdict->lag_is_minimum));
}

static bool behind_value(const struct report *report, uint32_t pair, double *value)
{
	const struct pair_verdict *verdict = &report->verdict->pairs[pair];

	*value = verdict->serials_behind;
	return verdict->relation == RELATION_SAME || verdict->relation == RELATION_CATCHING_UP ||
		verdict->relation == RELATION_BEHIND;
}

static bool round_trip_value(const struct report *report, uint32_t pair, double *value)
{
	*value = report->seen->soa[pair].round_trip_us / 1e6;
	return report->seen->soa[pair].round_trip_us > 0;
}

static bool expire_value(const struct report *report, uint32_t pair, double *value)
{
	*value = report->seen->soa[pair].expire_s;
	return report->seen->soa[pair].outcome == OUTCOME_ANSWERED &&
		report->seen->soa[pair].expire_s != EXPIRE_NONE;
}

static bool signature_value(const struct report *report, uint32_t pair, double *value)
{
	const struct soa_observation *seen = &report->seen->soa[pair];

	*value = (int32_t)(seen->signature_expiration - (uint32_t)report->started_s);
	return seen->outcome == OUTCOME_ANSWERED &&
		(seen->signature_expiration || seen->signature_inception);
}

static void add_pair_family(const struct report *report, struct outlet *out, const char *name,
	const char *help, unsigned decimals, pair_value *get)
{
	begin_family(&out->text, name, "gauge", help);
	for (uint32_t z = 0; z < report->plan->zone_count; z++) {
		const struct zone *zone = &report->plan->zones[z];

		for (uint32_t pair = zone->first_pair; pair < zone->first_pair + zone->pair_count;
			pair++) {
			double value;

			if (!get(report, pair, &value))
				continue;
			text_addf(&out->text, "dns_replication_%s", name);
			add_zone_label(report, &out->text, z, true);
			add_server_labels(report, &out->text, report->plan->assigned[pair], false);
			text_addf(&out->text, "} %.*f\n", (int)decimals, value);
			outlet_flow(out);
		}
	}
}

void prometheus_add_pair(const struct report *report, struct text *out, uint32_t zone,
	uint32_t pair)
{
	add_zone_label(report, out, zone, true);
	add_server_labels(report, out, report->plan->assigned[pair], false);
	text_add_byte(out, '}');
}

static void add_pairs(const struct report *report, struct outlet *out)
{
	add_pair_family(report, out, "server_answers",
		"1 where the server answers with authority for the zone.", 0, answered_value);
	add_pair_family(report, out, "serial", "SOA serial that the server serves.", 0,
		serial_value);
	add_pair_family(report, out, "serials_behind", "Serials that the server lacks.", 0,
		behind_value);
	add_pair_family(report, out, "lag_seconds",
		"Age of the oldest change that the server lacks.", 0, lag_value);
	add_pair_family(report, out, "round_trip_seconds",
		"Round trip of the answered SOA question.", 6, round_trip_value);
	add_pair_family(report, out, "expire_seconds",
		"Time until the server stops serving the zone (EDNS EXPIRE).", 0, expire_value);
	add_pair_family(report, out, "signature_expire_seconds",
		"Time until the signature over the SOA expires.", 0, signature_value);
}

static void add_zones(const struct report *report, struct outlet *out)
{
	begin_family(&out->text, "zone_state", "gauge",
		"State of the zone: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.");
	for (uint32_t z = 0; z < report->plan->zone_count && outlet_flow(out); z++)
		add_zone_sample(report, &out->text, "zone_state", z,
			report->verdict->zones[z].severity);
	begin_family(&out->text, "reference_serial", "gauge",
		"SOA serial that the servers are compared with.");
	for (uint32_t z = 0; z < report->plan->zone_count && outlet_flow(out); z++) {
		if (report->verdict->zones[z].reference.source != REFERENCE_NONE)
			add_zone_sample(report, &out->text, "reference_serial", z,
				report->verdict->zones[z].reference.serial);
	}
}

static void add_finding(const struct report *report, const struct finding *finding,
	struct text *out)
{
	text_add(out, "dns_replication_finding");
	prometheus_add_label(out, "code", finding_kinds[finding->code].code, true);
	add_zone_label(report, out, finding->zone, false);
	if (finding->server != PLAN_NONE)
		add_server_labels(report, out, finding->server, false);
	else
		prometheus_add_label(out, "text", finding->text,
			false); /* two of one code must differ in a label */
	text_addf(out, "} %d\n", (int)finding->severity);
}

static void add_findings(const struct report *report, struct outlet *out)
{
	begin_family(&out->text, "finding", "gauge",
		"What is wrong: the finding's severity, 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.");
	for (size_t i = 0; i < report->verdict->findings.count && outlet_flow(out); i++)
		add_finding(report, &report->verdict->findings.items[i], &out->text);
}

static void add_run(const struct report *report, struct text *out)
{
	begin_family(out, "state", "gauge",
		"State of the check: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.");
	text_addf(out, "dns_replication_state %d\n", (int)report->verdict->severity);
	begin_family(out, "complete", "gauge", "1 where everything was asked before the deadline.");
	text_addf(out, "dns_replication_complete %d\n", !report->seen->deadline_reached);
	begin_family(out, "last_run_timestamp_seconds", "gauge", "When the check was started.");
	text_addf(out, "dns_replication_last_run_timestamp_seconds %lld\n",
		(long long)report->started_s);
	begin_family(out, "duration_seconds", "gauge", "How long the check took.");
	text_addf(out, "dns_replication_duration_seconds %.6f\n",
		(double)report->duration_us / 1e6);
	begin_family(out, "queries", "gauge", "Questions that the check asked.");
	text_addf(out, "dns_replication_queries %llu\n", (unsigned long long)report->seen->queries);
	begin_family(out, "retries", "gauge", "Questions that the check had to ask again.");
	text_addf(out, "dns_replication_retries %llu\n", (unsigned long long)report->seen->retries);
}

void report_prometheus(const struct report *report, struct outlet *out)
{
	add_run(report, &out->text);
	add_zones(report, out);
	add_pairs(report, out);
	if (report_kind_of(report)->prometheus)
		report_kind_of(report)->prometheus(report, &out->text);
	add_findings(report, out);
}

void report_fault_prometheus(const struct report *report, const char *why, struct text *out)
{
	text_add(out, "# ");
	report_clean(out, why);
	text_add_byte(out, '\n');
	begin_family(out, "state", "gauge",
		"State of the check: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.");
	text_addf(out, "dns_replication_state %d\n", SEVERITY_UNKNOWN);
	begin_family(out, "last_run_timestamp_seconds", "gauge", "When the check was started.");
	text_addf(out, "dns_replication_last_run_timestamp_seconds %lld\n",
		(long long)report->started_s);
}
