/* JSON, schema 1: complete, however much the text is cut. Keys are only ever added. */
#include "common/base/clock.h"
#include "common/base/json_write.h"
#include "common/dns/message.h"
#include "common/dns/name.h"
#include "common/report/report.h"
#include "common/report/report_private.h"

/* Unix time; 0: null. */
static void add_date_if(struct json_writer *json, const char *key, int64_t date_s)
{
	char date[32];

	json_put_string(json, key, date_s ? (clock_format_utc(date_s, date), date) : NULL);
}

static void add_server_of(const struct report *report, const struct finding *finding,
	struct json_writer *json)
{
	const struct server *server =
		finding->server == PLAN_NONE ? NULL : &report->plan->servers[finding->server];
	bool has_address = server && server->address.family;
	char address[ADDRESS_TEXT];

	json_put_string(json, "server", server ? server->name : finding->name);
	json_put_string(json, "address",
		has_address ? address_to_text(&server->address, address) : NULL);
	json_put_integer_if(json, "port", has_address, has_address ? server->address.port : 0);
	json_put_string(json, "nsid", report_node(report, finding));
}

/* Clauses, the one of the first line first. */
static void add_evidence(struct json_writer *json, const struct finding *finding)
{
	struct text text = { 0 };

	if (finding->why)
		text_add(&text, finding->why);
	if (finding->evidence)
		text_addf(&text, "%s%s", text.length ? "; " : "", finding->evidence);
	json_put_string(json, "evidence", text.length ? text_string(&text) : NULL);
	text_free(&text);
}

static void add_finding(const struct report *report, const struct finding *finding,
	struct json_writer *json)
{
	const char *unit = finding_kinds[finding->code].unit;
	struct text text = { 0 };

	text_add(&text, finding->text);
	if (finding->detail)
		text_addf(&text, "; %s", finding->detail);
	json_write_object(json);
	json_put_string(json, "code", finding_kinds[finding->code].code);
	json_put_string(json, "severity", severity_text(finding->severity));
	add_server_of(report, finding, json);
	json_put_integer_if(json, "amount", finding->has_amount, finding->amount);
	json_put_string(json, "unit", finding->has_amount && *unit ? unit : NULL);
	json_put_string(json, "text", text_string(&text));
	json_put_string(json, "cause",
		finding->cause == FINDING_NONE ? NULL : finding_kinds[finding->cause].code);
	add_evidence(json, finding);
	json_put_string(json, "advice", finding->advice);
	json_write_object_end(json);
	text_free(&text);
}

/* The findings of each zone, those outside of all zones last: found[begin[zone]] ..
 * found[begin[zone + 1]], in the verdict's order. */
struct grouped {
	uint32_t *begin, *found;
	struct arena arena;
};

static void group_findings(const struct report *report, struct grouped *grouped)
{
	const struct findings *findings = &report->verdict->findings;
	uint32_t zones = (uint32_t)report->plan->zone_count;
	uint32_t *next;

	*grouped = (struct grouped){ 0 };
	grouped->begin = arena_array(&grouped->arena, zones + 2u, sizeof(*grouped->begin));
	grouped->found = arena_array(&grouped->arena, findings->count, sizeof(*grouped->found));
	next = arena_array(&grouped->arena, zones + 1u, sizeof(*next));
	for (size_t i = 0; i < findings->count; i++) {
		uint32_t zone = findings->items[i].zone;

		grouped->begin[(zone == PLAN_NONE ? zones : zone) + 1]++;
	}
	for (uint32_t zone = 0; zone <= zones; zone++) {
		next[zone] = grouped->begin[zone];
		grouped->begin[zone + 1] += grouped->begin[zone];
	}
	for (uint32_t i = 0; i < findings->count; i++) {
		uint32_t zone = findings->items[i].zone;

		grouped->found[next[zone == PLAN_NONE ? zones : zone]++] = i;
	}
}

/* Between two of many: whoever reads the report gets the piece. */
static void add_findings(const struct report *report, const struct grouped *grouped, uint32_t group,
	struct json_writer *json, struct outlet *out)
{
	json_write_key(json, "findings");
	json_write_array(json);
	for (uint32_t i = grouped->begin[group]; i < grouped->begin[group + 1]; i++) {
		add_finding(report, &report->verdict->findings.items[grouped->found[i]], json);
		outlet_flow(out);
	}
	json_write_array_end(json);
}

static bool has_rcode(const struct soa_observation *seen)
{
	switch ((enum outcome)seen->outcome) {
	case OUTCOME_ANSWERED:
	case OUTCOME_REFUSED:
	case OUTCOME_SERVFAIL:
	case OUTCOME_NOTAUTH:
	case OUTCOME_NXDOMAIN:
	case OUTCOME_NO_SOA:
	case OUTCOME_NOT_AUTHORITATIVE:
	case OUTCOME_RCODE:
		return true;
	case OUTCOME_NOT_ASKED:
	case OUTCOME_TIMEOUT:
	case OUTCOME_PORT_CLOSED:
	case OUTCOME_UNREACHABLE:
	case OUTCOME_NO_ROUTE:
	case OUTCOME_CONNECTION_BROKEN:
	case OUTCOME_MALFORMED:
	case OUTCOME_TSIG_FAILED:
	case OUTCOME_COUNT:
		return false;
	}
	return false;
}

static void add_ede(const struct report *report, const struct soa_observation *seen,
	struct json_writer *json)
{
	json_write_key(json, "ede");
	if (seen->ede_code == EDE_NONE) {
		json_write_null(json);
		return;
	}
	json_write_object(json);
	json_put_integer(json, "code", seen->ede_code);
	json_put_string(json, "purpose", ede_purpose(seen->ede_code));
	json_put_string(json, "text", report->seen->texts[seen->ede_text]);
	json_write_object_end(json);
}

static void add_serials(const struct pair_verdict *verdict, const struct soa_observation *seen,
	struct json_writer *json)
{
	bool behind = verdict->relation == RELATION_BEHIND,
	     same = verdict->relation == RELATION_SAME || verdict->relation == RELATION_CATCHING_UP;
	bool has_serial =
		seen->outcome == OUTCOME_ANSWERED || seen->outcome == OUTCOME_NOT_AUTHORITATIVE;

	json_put_integer_if(json, "serial", has_serial, seen->serial);
	json_put_integer_if(json, "serials_behind", behind || same, verdict->serials_behind);
	json_put_integer_if(json, "lag_s",
		same || (behind && (verdict->lag_known || !verdict->lag_is_minimum)),
		verdict->lag_s);
	json_put_bool(json, "lag_is_minimum", behind && verdict->lag_is_minimum);
}

static void add_observation(const struct report *report, const struct soa_observation *seen,
	struct json_writer *json)
{
	bool answered = seen->outcome == OUTCOME_ANSWERED;
	bool is_signed = answered && (seen->signature_expiration || seen->signature_inception);

	json_write_key(json, "rtt_ms");
	if (seen->round_trip_us)
		json_write_number(json, seen->round_trip_us / 1e3);
	else
		json_write_null(json);
	json_put_integer(json, "tries", seen->tries);
	json_put_string(json, "transport", seen->transport == TRANSPORT_TCP ? "tcp" : "udp");
	json_put_integer_if(json, "expire_in_s", answered && seen->expire_s != EXPIRE_NONE,
		seen->expire_s);
	json_put_integer_if(json, "signature_expires_in_s", is_signed,
		(int32_t)(seen->signature_expiration - (uint32_t)report->started_s));
	json_put_string(json, "nsid", seen->nsid ? report->seen->texts[seen->nsid] : NULL);
	add_ede(report, seen, json);
}

static void add_server(const struct report *report, uint32_t pair, struct json_writer *json)
{
	const struct server *server = &report->plan->servers[report->plan->assigned[pair]];
	const struct soa_observation *seen = &report->seen->soa[pair];
	char address[ADDRESS_TEXT], rcode[16];

	json_write_object(json);
	json_put_string(json, "name", server->name);
	json_put_string(json, "address", address_to_text(&server->address, address));
	json_put_integer(json, "port", server->address.port);
	json_put_string(json, "role", role_text(report->verdict->pairs[pair].role));
	json_put_string(json, "outcome", outcome_name((enum outcome)seen->outcome));
	json_put_string(json, "rcode", has_rcode(seen) ? rcode_text(seen->rcode, rcode) : NULL);
	json_write_key(json, "authoritative");
	if (seen->outcome == OUTCOME_ANSWERED || seen->outcome == OUTCOME_NOT_AUTHORITATIVE)
		json_write_bool(json, seen->outcome == OUTCOME_ANSWERED);
	else
		json_write_null(json);
	add_serials(&report->verdict->pairs[pair], seen, json);
	add_observation(report, seen, json);
	json_put_string(json, "software",
		report->seen->servers[report->plan->assigned[pair]].software);
	json_put_string(json, "identity",
		report->seen->servers[report->plan->assigned[pair]].identity);
	json_write_object_end(json);
}

static void add_reference(const struct reference *reference, struct json_writer *json)
{
	json_write_key(json, "reference");
	if (reference->source == REFERENCE_NONE) {
		json_write_null(json);
		return;
	}
	json_write_object(json);
	json_put_integer(json, "serial", reference->serial);
	json_put_string(json, "source", reference_source_name(reference->source));
	json_write_object_end(json);
}

static void add_zone(const struct report *report, const struct grouped *grouped, uint32_t index,
	struct json_writer *json, struct outlet *out)
{
	const struct zone *zone = &report->plan->zones[index];
	const struct zone_verdict *verdict = &report->verdict->zones[index];
	char text[NAME_TEXT];

	json_write_object(json);
	json_put_string(json, "zone", name_to_text(zone->name, text));
	json_put_string(json, "state", severity_text(verdict->severity));
	add_reference(&verdict->reference, json);
	add_date_if(json, "new_since", zone->new_since_s);
	add_date_if(json, "gone_since", zone->gone_since_s);
	json_write_key(json, "servers");
	json_write_array(json);
	if (report_kind_of(report)->json_zone)
		report_kind_of(report)->json_zone(report, index, json);
	for (uint32_t pair = zone->first_pair; pair < zone->first_pair + zone->pair_count; pair++) {
		add_server(report, pair, json);
		outlet_flow(out);
	}
	json_write_array_end(json);
	add_findings(report, grouped, index, json, out);
	json_write_object_end(json);
}

static void add_perfdata(const struct report *report, struct json_writer *json, struct outlet *out)
{
	struct measures measures;

	report_measures(report, &measures);
	json_write_key(json, "perfdata");
	json_write_array(json);
	for (size_t i = 0; i < measures.count; i++) {
		const struct measure *measure = &measures.items[i];

		json_write_object(json);
		json_put_string(json, "label", measure->label);
		json_write_key(json, "value");
		json_write_number(json, measure->value);
		json_put_string(json, "unit", measure->unit);
		json_put_string(json, "warning", *measure->warning ? measure->warning : NULL);
		json_put_string(json, "critical", *measure->critical ? measure->critical : NULL);
		json_put_string(json, "minimum", *measure->minimum ? measure->minimum : NULL);
		json_put_string(json, "maximum", NULL);
		json_write_object_end(json);
		outlet_flow(out);
	}
	json_write_array_end(json);
	measures_free(&measures);
}

static void add_frame(const struct report *report, enum severity severity, const char *summary,
	bool complete, struct json_writer *json)
{
	char started[32];

	clock_format_utc(report->started_s, started);
	json_put_integer(json, "schema", 1);
	json_put_string(json, "plugin", report->plugin);
	json_put_string(json, "version", report->version);
	json_put_string(json, "state", severity_text(severity));
	json_put_integer(json, "exit_code", severity);
	json_put_string(json, "summary", summary);
	json_put_bool(json, "complete", complete);
	json_put_string(json, "started", started);
	json_write_key(json, "duration_s");
	json_write_number(json, (double)report->duration_us / 1e6);
}

void report_fault_json(const struct report *report, const char *why, struct text *out)
{
	static const char *const lists[] = { "zones", "findings", "perfdata" };
	struct json_writer json;

	json_write_begin(&json, out);
	json_write_object(&json);
	add_frame(report, SEVERITY_UNKNOWN, why, false, &json);
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		json_write_key(&json, lists[i]);
		json_write_array(&json);
		json_write_array_end(&json);
	}
	json_write_object_end(&json);
	text_add_byte(out, '\n');
}

static void add_report(const struct report *report, const struct grouped *grouped,
	struct json_writer *json, struct outlet *out)
{
	struct text summary = { 0 };

	report_summary(report, &summary);
	json_write_object(json);
	add_frame(report, report->verdict->severity, text_string(&summary),
		!report->seen->deadline_reached, json);
	text_free(&summary);
	json_write_key(json, "zones");
	json_write_array(json);
	for (uint32_t zone = 0; zone < report->plan->zone_count && outlet_flow(out); zone++)
		add_zone(report, grouped, zone, json, out);
	json_write_array_end(json);
	add_findings(report, grouped, (uint32_t)report->plan->zone_count, json, out);
	if (report_kind_of(report)->json)
		report_kind_of(report)->json(report, json);
	add_perfdata(report, json, out);
	json_write_object_end(json);
	text_add_byte(&out->text, '\n');
}

void report_json(const struct report *report, struct outlet *out)
{
	struct json_writer json;
	struct grouped grouped;

	group_findings(report, &grouped);
	json_write_begin(&json, &out->text);
	add_report(report, &grouped, &json, out);
	arena_free(&grouped.arena);
}
