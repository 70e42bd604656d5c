/* What -v adds below the findings: each zone's servers and what they said, and the run itself. */
#include <stdio.h>

#include "common/base/clock.h"
#include "common/dns/name.h"
#include "common/report/report.h"
#include "common/report/report_private.h"

static void add_details(const struct report *report, const struct soa_observation *seen,
	struct text *line)
{
	if (seen->tries > 1)
		text_addf(line, ", %u tries", seen->tries);
	if (seen->expire_s != EXPIRE_NONE && seen->outcome == OUTCOME_ANSWERED)
		text_addf(line, ", expires in %u s", seen->expire_s);
	if (seen->nsid)
		text_addf(line, ", NSID %s", report->seen->texts[seen->nsid]);
	if (seen->ns_set)
		text_addf(line, ", %u NS", report->seen->ns_sets[seen->ns_set].count);
}

static void add_server(const struct report *report, uint32_t pair, struct text *out)
{
	const struct soa_observation *seen = &report->seen->soa[pair];
	const struct server_observation *told =
		&report->seen->servers[report->plan->assigned[pair]];
	struct text line = { 0 };

	text_add(&line, "  ");
	plan_server_text(report->plan, report->plan->assigned[pair], &line);
	text_add(&line, ": ");
	report_add_words(&line, outcome_name((enum outcome)seen->outcome));
	if (seen->outcome == OUTCOME_ANSWERED || seen->outcome == OUTCOME_NOT_AUTHORITATIVE)
		text_addf(&line, ", serial %u", seen->serial);
	if (seen->round_trip_us)
		text_addf(&line, ", %.1f ms by %s", seen->round_trip_us / 1e3,
			seen->transport == TRANSPORT_TCP ? "TCP" : "UDP");
	add_details(report, seen, &line);
	if (told->software)
		text_addf(&line, ", %s", told->software);
	if (told->identity)
		text_addf(&line, ", id.server %s", told->identity);
	report_clean(out, text_string(&line));
	text_add_byte(out, '\n');
	text_free(&line);
}

/* -vv: what the SOA says besides its serial. */
static void add_fields(const struct report *report, uint32_t pair, struct text *out)
{
	const struct soa_observation *seen = &report->seen->soa[pair];
	const struct soa_content *fields = report->seen->fields[seen->fields];
	char mname[NAME_TEXT], rname[NAME_TEXT], line[NAME_TEXT * 2 + 128];

	if (!seen->fields)
		return;
	snprintf(line, sizeof(line), "    SOA %s %s refresh %u retry %u expire %u minimum %u",
		name_to_text(soa_mname(fields), mname), name_to_text(soa_rname(fields), rname),
		fields->refresh, fields->retry, fields->expire, fields->minimum);
	report_clean(out, line);
	text_add_byte(out, '\n');
}

/* -vv: the NS names and what became of them. */
static void add_names(const struct report *report, const struct zone *zone, struct text *out)
{
	for (uint32_t i = zone->first_name; i < zone->first_name + zone->name_count; i++) {
		const struct plan_name *name = &report->plan->names[report->plan->zone_names[i]];
		struct text line = { 0 };

		text_addf(&line, "  NS name %s ", name->text);
		report_add_words(&line, name_fate_name(name->fate));
		report_clean(out, text_string(&line));
		text_add_byte(out, '\n');
		text_free(&line);
	}
}

/* -vvv: the reference's serials, as runs first saw them. */
static void add_history(const struct report *report, uint32_t zone, struct text *out)
{
	const struct zone_history *past = history_of(report->past, zone);
	char utc[32];

	for (uint32_t i = 0; i < past->serial_count; i++) {
		clock_format_utc(past->serials[i].first_seen_s, utc);
		text_addf(out, "  serial %u first seen %s\n", past->serials[i].serial, utc);
	}
}

static void add_zone(const struct report *report, uint32_t index, struct text *out)
{
	const struct zone *zone = &report->plan->zones[index];
	char text[NAME_TEXT];

	report_clean(out, name_to_display(zone->name, text));
	text_addf(out, ": reference %s, NS set from %s\n",
		reference_source_name(report->verdict->zones[index].reference.source),
		ns_source_name(zone->ns_source));
	for (uint32_t pair = zone->first_pair; pair < zone->first_pair + zone->pair_count; pair++) {
		add_server(report, pair, out);
		if (report->verbose >= 2)
			add_fields(report, pair, out);
	}
	if (report->verbose >= 2)
		add_names(report, zone, out);
	if (report->verbose >= 3)
		add_history(report, index, out);
}

/* Those in trouble first: the text is bounded, and there may be many. */
static void add_zones(const struct report *report, bool in_trouble, struct text *out)
{
	for (uint32_t z = 0; z < report->plan->zone_count && out->length < REPORT_TEXT_MOST; z++) {
		if ((report->verdict->zones[z].severity != SEVERITY_OK) == in_trouble)
			add_zone(report, z, out);
	}
}

static void add_run(const struct report *report, struct text *out)
{
	text_addf(out, "%llu questions, %llu sent again, %.3f s; state: ",
		(unsigned long long)report->seen->queries,
		(unsigned long long)report->seen->retries, (double)report->duration_us / 1e6);
	report_clean(out, report->past->kept ? report->past->place : "not kept");
	text_add_byte(out, '\n');
}

void report_zones_details(const struct report *report, struct text *out)
{
	add_zones(report, true, out);
	add_zones(report, false, out);
}

void report_details(const struct report *report, struct text *out)
{
	report_kind_of(report)->details(report, out);
	add_run(report, out);
}
