/* What check_zone_transfer shows besides findings: in the first line, as perfdata, JSON, Prometheus
 * and with -v. */
#include <inttypes.h>

#include "common/base/clock.h"
#include "common/dns/message.h"
#include "common/dns/name.h"
#include "common/model/zone_transfer.h"
#include "common/report/report.h"
#include "common/report/report_private.h"

static const struct zone_transfer *transfer_of(const struct report *report, uint32_t pair)
{
	return &report->seen->zone_transfers[pair];
}

static bool succeeded(const struct zone_transfer *transfer)
{
	return transfer->end == TRANSFER_END_COMPLETE || transfer->end == TRANSFER_END_CURRENT ||
		transfer->end == TRANSFER_END_BEGAN;
}

/* Those that were to be asked: not what this machine has no route to. */
static uint32_t count_asked(const struct report *report)
{
	uint32_t count = 0;

	for (uint32_t pair = 0; pair < report->plan->pair_count; pair++)
		count += transfer_of(report, pair)->end != TRANSFER_END_NO_ROUTE;
	return count;
}

static uint32_t first_asked(const struct report *report)
{
	for (uint32_t pair = 0; pair < report->plan->pair_count; pair++) {
		if (transfer_of(report, pair)->end != TRANSFER_END_NO_ROUTE)
			return pair;
	}
	return 0;
}

static void add_amounts(const struct zone_transfer *transfer, struct text *out)
{
	text_addf(out, "%" PRIu64 " record%s, %" PRIu64 " bytes in %.3f s", transfer->records,
		transfer->records == 1 ? "" : "s", transfer->bytes,
		(double)transfer->duration_us / 1e6);
	if (transfer->is_signed)
		text_add(out, ", signed");
	if (*transfer->tls_version)
		text_addf(out, ", %s", transfer->tls_version);
}

static void add_server(const struct report *report, uint32_t pair, struct text *out)
{
	plan_server_text(report->plan, report->plan->assigned[pair], out);
}

static void summarise_success(const struct report *report, uint32_t pair, struct text *out)
{
	const struct zone_transfer *transfer = transfer_of(report, pair);
	bool is_current = transfer->end == TRANSFER_END_CURRENT;

	text_addf(out, " serial %u%s from ", transfer->serial,
		is_current                                       ? ", nothing newer by IXFR"
			: transfer->form == TRANSFER_DIFFERENCES ? " by IXFR"
								 : " by AXFR");
	add_server(report, pair, out);
	if (is_current)
		return;
	text_add(out, ": ");
	add_amounts(transfer, out);
}

static void summarise_refusals(const struct report *report, uint32_t asked, struct text *out)
{
	const struct zone_transfer *first = transfer_of(report, first_asked(report));
	char rcode[16];

	text_add(out, ": ");
	if (asked > 1) {
		text_addf(out, "%u of %u servers refuse the transfer", asked, asked);
		return;
	}
	add_server(report, first_asked(report), out);
	text_add(out, " refuses the transfer");
	if (first->end == TRANSFER_END_RCODE)
		text_addf(out, " (%s)", rcode_text(first->rcode, rcode));
}

static void show_summary(const struct report *report, struct text *out)
{
	uint32_t asked = count_asked(report), first = first_asked(report);

	plan_zone_text(report->plan, 0, out);
	if (report->policy->transfers.expect_refused) {
		summarise_refusals(report, asked, out);
		return;
	}
	if (report_comparisons_equal(report))
		text_addf(out, " has equal content on %u of %u servers;",
			report_comparisons_equal(report) + 1, asked);
	else if (asked > 1)
		text_addf(out, " transferred from %u of %u servers;", asked, asked);
	summarise_success(report, first, out);
}

static const char *labelled(struct measures *measures, const char *what, const char *server)
{
	return server ? arena_printf(&measures->arena, "%s_%s", what, server) : what;
}

/* `server`: its label, where there are several. */
static void measure_transfer(const struct report *report, const struct zone_transfer *transfer,
	const char *server, struct measures *measures)
{
	struct measure time = { .label = labelled(measures, "time", server),
		.unit = "s",
		.value = (double)transfer->duration_us / 1e6,
		.decimals = 6,
		.minimum = "0" };

	range_format(&report->policy->transfers.slow_warning, time.warning);
	range_format(&report->policy->transfers.slow_critical, time.critical);
	measures_add(measures, time);
	if (transfer->has_serial)
		measures_add(measures,
			(struct measure){ .label = labelled(measures, "serial", server),
				.value = transfer->serial });
	measures_add(measures,
		(struct measure){ .label = labelled(measures, "records", server),
			.value = (double)transfer->records,
			.minimum = "0" });
	measures_add(measures,
		(struct measure){ .label = labelled(measures, "bytes", server),
			.unit = "B",
			.value = (double)transfer->bytes,
			.minimum = "0" });
	measures_add(measures,
		(struct measure){ .label = labelled(measures, "messages", server),
			.value = (double)transfer->messages,
			.minimum = "0" });
}

static void show_measures(const struct report *report, struct measures *measures)
{
	const char **labels = report_server_labels(report->plan, &measures->arena);
	bool several = count_asked(report) > 1;

	for (uint32_t pair = 0; pair < report->plan->pair_count; pair++) {
		const struct zone_transfer *transfer = transfer_of(report, pair);

		if (transfer->end != TRANSFER_END_NO_ROUTE &&
			transfer->end != TRANSFER_END_NOT_ASKED)
			measure_transfer(report, transfer,
				several ? labels[report->plan->assigned[pair]] : NULL, measures);
	}
}

static void put_seconds(struct json_writer *json, const char *key, int64_t microseconds)
{
	json_write_key(json, key);
	json_write_number(json, (double)microseconds / 1e6);
}

static void put_tls(const struct zone_transfer *transfer, struct json_writer *json)
{
	char date[32];

	if (!*transfer->tls_version) {
		json_put_null(json, "tls");
		return;
	}
	json_write_key(json, "tls");
	json_write_object(json);
	json_put_string(json, "version", transfer->tls_version);
	json_put_string(json, "cipher", transfer->tls_cipher);
	json_put_string(json, "alpn", transfer->tls_alpn ? "dot" : NULL);
	if (transfer->certificate_ends_s) {
		clock_format_utc(transfer->certificate_ends_s, date);
		json_put_string(json, "certificate_ends", date);
	} else {
		json_put_null(json, "certificate_ends");
	}
	json_write_object_end(json);
}

static void add_details(const struct zone_transfer *transfer, struct json_writer *json)
{
	if (transfer->has_serial)
		json_put_integer(json, "serial", transfer->serial);
	else
		json_put_null(json, "serial");
	json_put_integer(json, "records", (int64_t)transfer->records);
	json_put_integer(json, "messages", (int64_t)transfer->messages);
	json_put_integer(json, "bytes", (int64_t)transfer->bytes);
	put_seconds(json, "duration_s", transfer->duration_us);
	if (transfer->first_message_us)
		put_seconds(json, "first_message_s", transfer->first_message_us);
	else
		json_put_null(json, "first_message_s");
	json_write_key(json, "signed");
	json_write_bool(json, transfer->is_signed);
	put_tls(transfer, json);
}

static void add_ede(const struct zone_transfer *transfer, struct json_writer *json)
{
	if (transfer->ede_code == EDE_NONE) {
		json_put_null(json, "ede");
		return;
	}
	json_write_key(json, "ede");
	json_write_object(json);
	json_put_integer(json, "code", transfer->ede_code);
	json_put_string(json, "purpose", ede_purpose(transfer->ede_code));
	json_put_string(json, "text", transfer->ede_text);
	json_write_object_end(json);
}

static void add_transfer(const struct report *report, const struct zone *zone, uint32_t pair,
	struct json_writer *json)
{
	const struct server *server = &report->plan->servers[report->plan->assigned[pair]];
	const struct zone_transfer *transfer = transfer_of(report, pair);
	bool has_rcode =
		transfer->end == TRANSFER_END_RCODE || transfer->rcode || transfer->messages > 0;
	char address[ADDRESS_TEXT], name[NAME_TEXT], rcode[16];

	json_write_object(json);
	json_put_string(json, "zone", name_to_text(zone->name, name));
	json_put_string(json, "server", server->name);
	json_put_string(json, "address", address_to_text(&server->address, address));
	json_put_integer(json, "port", server->address.port);
	json_put_string(json, "type", report->policy->transfers.incremental ? "ixfr" : "axfr");
	json_put_string(json, "outcome", transfer_end_name(transfer->end));
	json_put_string(json, "phase", transfer_phase_name(transfer->phase));
	json_put_string(json, "rcode", has_rcode ? rcode_text(transfer->rcode, rcode) : NULL);
	add_ede(transfer, json);
	json_put_string(json, "trouble", *transfer->trouble ? transfer->trouble : NULL);
	json_put_string(json, "form",
		transfer->form == TRANSFER_UNKNOWN ? NULL : transfer_form_name(transfer->form));
	add_details(transfer, json);
	report_comparison_json(report, pair, json);
	json_write_object_end(json);
}

static void show_json(const struct report *report, struct json_writer *json)
{
	json_write_key(json, "transfers");
	json_write_array(json);
	for (uint32_t z = 0; z < report->plan->zone_count; z++) {
		const struct zone *zone = &report->plan->zones[z];

		for (uint32_t i = 0; i < zone->pair_count; i++)
			add_transfer(report, zone, zone->first_pair + i, json);
	}
	json_write_array_end(json);
}

/* -v */
static void show_details(const struct report *report, struct text *out)
{
	for (uint32_t pair = 0; pair < report->plan->pair_count; pair++) {
		const struct zone_transfer *transfer = transfer_of(report, pair);
		struct text line = { 0 };

		text_add(&line, "  ");
		add_server(report, pair, &line);
		text_add(&line, ": ");
		report_add_words(&line, transfer_end_name(transfer->end));
		if (transfer->has_serial)
			text_addf(&line, ", serial %u", transfer->serial);
		text_addf(&line, ", %" PRIu64 " message%s, ", transfer->messages,
			transfer->messages == 1 ? "" : "s");
		add_amounts(transfer, &line);
		if (*transfer->tls_version)
			text_addf(&line, ", %s, %s", transfer->tls_cipher,
				transfer->tls_alpn ? "ALPN dot" : "no ALPN");
		report_comparison_details(report, pair, &line);
		report_clean(out, text_string(&line));
		text_add_byte(out, '\n');
		text_free(&line);
	}
}

/* One gauge of each transfer. */
static void add_family(const struct report *report, struct text *out, const char *name,
	const char *help, double (*value)(const struct zone_transfer *))
{
	text_addf(out, "# HELP dns_replication_%s %s\n# TYPE dns_replication_%s gauge\n", name,
		help, name);
	for (uint32_t z = 0; z < report->plan->zone_count; z++) {
		const struct zone *zone = &report->plan->zones[z];

		for (uint32_t i = 0; i < zone->pair_count; i++) {
			text_addf(out, "dns_replication_%s", name);
			prometheus_add_pair(report, out, z, zone->first_pair + i);
			text_addf(out, " %.9g\n", value(transfer_of(report, zone->first_pair + i)));
		}
	}
}

static double success_value(const struct zone_transfer *transfer)
{
	return succeeded(transfer);
}

static double duration_value(const struct zone_transfer *transfer)
{
	return (double)transfer->duration_us / 1e6;
}

static double records_value(const struct zone_transfer *transfer)
{
	return (double)transfer->records;
}

static double bytes_value(const struct zone_transfer *transfer)
{
	return (double)transfer->bytes;
}

static double messages_value(const struct zone_transfer *transfer)
{
	return (double)transfer->messages;
}

static void show_prometheus(const struct report *report, struct text *out)
{
	add_family(report, out, "transfer_succeeds", "1 where the zone can be transferred.",
		success_value);
	add_family(report, out, "transfer_duration_seconds", "How long the transfer took.",
		duration_value);
	add_family(report, out, "transfer_records", "Records that the transfer brought.",
		records_value);
	add_family(report, out, "transfer_bytes", "Bytes of its DNS messages.", bytes_value);
	add_family(report, out, "transfer_messages", "DNS messages of the transfer.",
		messages_value);
}

const struct report_kind report_transfers_kind = {
	.summary = show_summary,
	.measures = show_measures,
	.details = show_details,
	.json = show_json,
	.prometheus = show_prometheus,
};
