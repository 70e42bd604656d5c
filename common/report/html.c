/* A page for humans: the verdict, what is wrong, and one table of the worst zones and their
 * servers. It stands for itself (no script, nothing from elsewhere), is bounded by --top, and every
 * foreign byte is escaped. */
#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/duration.h"
#include "common/report/fold.h"
#include "common/report/report_private.h"

enum { COLUMNS = 16 /* servers */ };

static const char head[] =
	"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	"<meta name=\"viewport\" content=\"width=device-width\">\n"
	"<style>\n"
	":root { color-scheme: light dark; --ok: #cdeccd; --warning: #ffe9a8; --critical: #ffc9c4; --unknown: #e0d4f0; }\n"
	"@media (prefers-color-scheme: dark) { :root { --ok: #1f4a1f; --warning: #5c4700; --critical: #6b1f19; --unknown: #43305e; } }\n"
	"body { font-family: sans-serif; margin: 1em; }\n"
	"table { border-collapse: collapse; } th, td { border: 1px solid #888; padding: .2em .5em; text-align: left; }\n"
	".ok { background: var(--ok); } .warning { background: var(--warning); }\n"
	".critical { background: var(--critical); } .unknown { background: var(--unknown); }\n"
	"h1, li { padding: .2em .5em; } code { display: block; white-space: pre-wrap; }\n"
	"</style>\n";

static void add_escaped(struct text *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '&')
			text_add(out, "&amp;");
		else if (*text == '<')
			text_add(out, "&lt;");
		else if (*text == '>')
			text_add(out, "&gt;");
		else if (*text == '"')
			text_add(out, "&quot;");
		else
			text_add_byte(out,
				(unsigned char)*text < ' ' || *text == 0x7f ? ' ' : *text);
	}
}

static const char *class_of(enum severity severity)
{
	switch (severity) {
	case SEVERITY_OK:
		return "ok";
	case SEVERITY_WARNING:
		return "warning";
	case SEVERITY_CRITICAL:
		return "critical";
	case SEVERITY_UNKNOWN:
		return "unknown";
	}
	return "unknown";
}

static void add_top(const struct report *report, enum severity severity, const char *summary,
	struct text *out)
{
	char started[32];

	text_add(out, head);
	text_add(out, "<title>");
	add_escaped(out, report->title);
	text_addf(out, " %s</title>\n</head>\n<body>\n<h1 class=\"%s\">", severity_text(severity),
		class_of(severity));
	add_escaped(out, report->title);
	text_addf(out, " %s</h1>\n<p>", severity_text(severity));
	add_escaped(out, summary);
	clock_format_utc(report->started_s, started);
	text_addf(out, "</p>\n<p>%s %s, %s, %.3f s</p>\n", report->plugin, report->version, started,
		(double)report->duration_us / 1e6);
}

static void add_left(struct text *out, size_t count, const char *what)
{
	if (!count)
		return;
	text_add(out, "<p>… and ");
	text_add_count(out, count);
	text_addf(out, " more %s (--top shows more; -o json is complete)</p>\n", what);
}

static void add_fold(const struct report *report, const struct folds *folds,
	const struct fold *fold, struct text *out)
{
	struct text line = { 0 };

	fold_line(report, folds, fold, &line);
	text_addf(out, "<li class=\"%s\"><b>%s</b> ", class_of(fold->worst->severity),
		severity_text(fold->worst->severity));
	add_escaped(out, text_string(&line));
	if (fold->worst->advice) {
		text_add(out, "<code>");
		add_escaped(out, fold->worst->advice);
		text_add(out, "</code>");
	}
	text_add(out, "</li>\n");
	text_free(&line);
}

static void add_folds(const struct report *report, struct outlet *out)
{
	struct folds folds;
	size_t shown = 0;

	report_fold(report, &folds);
	if (folds.troubles)
		text_add(&out->text, "<ul>\n");
	for (; shown < folds.troubles && shown < report->top && outlet_flow(out); shown++)
		add_fold(report, &folds, &folds.items[shown], &out->text);
	if (folds.troubles)
		text_add(&out->text, "</ul>\n");
	add_left(&out->text, folds.troubles - shown, "troubles");
	folds_free(&folds);
}

/* --- The table ------------------------------------------------------------------------------- */

struct table {
	const struct report *report;
	uint32_t *zones; /* the worst first */
	size_t zone_count;
	uint32_t *servers; /* of these zones, in the order of the plan */
	size_t server_count, more_servers;
	struct arena arena;
};

static void choose_zones(struct table *table)
{
	static const enum severity order[] = { SEVERITY_CRITICAL, SEVERITY_WARNING,
		SEVERITY_UNKNOWN, SEVERITY_OK };
	const struct report *report = table->report;
	size_t zones = report->plan->zone_count, most = zones < report->top ? zones : report->top;

	table->zones = arena_array(&table->arena, most, sizeof(*table->zones));
	for (size_t i = 0; i < 4; i++) {
		for (uint32_t z = 0; z < zones && table->zone_count < most; z++) {
			if (report->verdict->zones[z].severity == order[i])
				table->zones[table->zone_count++] = z;
		}
	}
}

static void choose_servers(struct table *table)
{
	const struct plan *plan = table->report->plan;
	bool *asked = arena_array(&table->arena, plan->server_count, sizeof(*asked));

	for (size_t i = 0; i < table->zone_count; i++) {
		const struct zone *zone = &plan->zones[table->zones[i]];

		for (uint32_t pair = zone->first_pair; pair < zone->first_pair + zone->pair_count;
			pair++)
			asked[plan->assigned[pair]] = true;
	}
	table->servers = arena_array(&table->arena, COLUMNS, sizeof(*table->servers));
	for (uint32_t server = 0; server < plan->server_count; server++) {
		if (asked[server] && table->server_count < COLUMNS)
			table->servers[table->server_count++] = server;
		else
			table->more_servers += asked[server];
	}
}

static void add_head(const struct table *table, struct text *out)
{
	struct text server = { 0 };

	text_add(out, "<table>\n<tr><th>zone</th><th>serial</th>");
	for (size_t i = 0; i < table->server_count; i++) {
		text_cut(&server, 0);
		plan_server_text(table->report->plan, table->servers[i], &server);
		text_add(out, "<th>");
		add_escaped(out, text_string(&server));
		text_add(out, "</th>");
	}
	text_add(out, "</tr>\n");
	text_free(&server);
}

/* "2026112193 · 8 behind · 2h 10m", "refused". */
static void add_pair(const struct report *report, uint32_t pair, struct text *out)
{
	const struct soa_observation *seen = &report->seen->soa[pair];
	const struct pair_verdict *verdict = &report->verdict->pairs[pair];
	char duration[32];

	if (seen->outcome == OUTCOME_ANSWERED || seen->outcome == OUTCOME_NOT_AUTHORITATIVE)
		text_addf(out, "%u", seen->serial);
	if (seen->outcome != OUTCOME_ANSWERED) {
		text_add(out, seen->outcome == OUTCOME_NOT_AUTHORITATIVE ? " · " : "");
		report_add_words(out, outcome_name((enum outcome)seen->outcome));
	}
	if (verdict->relation != RELATION_BEHIND)
		return;
	text_addf(out, " · %u behind", verdict->serials_behind);
	if (verdict->lag_known)
		text_addf(out, " · %s", duration_format(verdict->lag_s, duration));
}

static void add_row(const struct table *table, uint32_t zone, struct text *out)
{
	const struct report *report = table->report;
	const struct zone_verdict *verdict = &report->verdict->zones[zone];
	struct text name = { 0 };

	plan_zone_text(report->plan, zone, &name);
	text_addf(out, "<tr><th class=\"%s\">", class_of(verdict->severity));
	add_escaped(out, text_string(&name));
	text_add(out, "</th><td>");
	if (verdict->reference.source != REFERENCE_NONE)
		text_addf(out, "%u", verdict->reference.serial);
	text_add(out, "</td>");
	for (size_t i = 0; i < table->server_count; i++) {
		uint32_t pair = plan_pair(report->plan, zone, table->servers[i]);

		if (pair == PLAN_NONE) {
			text_add(out, "<td></td>");
			continue;
		}
		text_addf(out, "<td class=\"%s\">",
			class_of(report->verdict->pairs[pair].severity));
		add_pair(report, pair, out);
		text_add(out, "</td>");
	}
	text_add(out, "</tr>\n");
	text_free(&name);
}

static void add_table(const struct report *report, struct outlet *out)
{
	struct table table = { .report = report };

	if (report->plan->zone_count == 0)
		return;
	choose_zones(&table);
	choose_servers(&table);
	add_head(&table, &out->text);
	for (size_t i = 0; i < table.zone_count && outlet_flow(out); i++)
		add_row(&table, table.zones[i], &out->text);
	text_add(&out->text, "</table>\n");
	add_left(&out->text, report->plan->zone_count - table.zone_count, "zones");
	add_left(&out->text, table.more_servers, "servers");
	arena_free(&table.arena);
}

void report_html(const struct report *report, struct outlet *out)
{
	struct text summary = { 0 };

	report_summary(report, &summary);
	add_top(report, report->verdict->severity, text_string(&summary), &out->text);
	add_folds(report, out);
	add_table(report, out);
	text_add(&out->text, "</body>\n</html>\n");
	text_free(&summary);
}

void report_fault_html(const struct report *report, const char *why, struct text *out)
{
	add_top(report, SEVERITY_UNKNOWN, why, out);
	text_add(out, "</body>\n</html>\n");
}
