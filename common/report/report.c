/* What all formats share: the summary line and a finding in words. */
#include "common/report/report.h"
#include "common/base/duration.h"
#include "common/model/pdns.h"
#include "common/report/report_private.h"

#include <string.h>

#include "common/report/fold.h"

enum { NAMED_IN_SUMMARY = 3 };

const char *report_node(const struct report *report, const struct finding *finding)
{
	uint32_t pair, nsid;

	if (finding->zone == PLAN_NONE || finding->server == PLAN_NONE)
		return NULL;
	pair = plan_pair(report->plan, finding->zone, finding->server);
	if (pair == PLAN_NONE)
		return NULL; /* nobody asked it by DNS */
	nsid = report->seen->soa[pair].nsid;
	return nsid ? report->seen->texts[nsid] : NULL;
}

void report_add_words(struct text *out, const char *name)
{
	for (; *name; name++)
		text_add_byte(out, *name == '_' ? ' ' : *name);
}

/* Have several nodes been seen behind the server's address? Then its name alone says too little. */
static bool has_nodes(const struct report *report, const struct finding *finding, const char *node)
{
	const struct zone_history *past = history_of(report->past, finding->zone);
	const struct address *address = &report->plan->servers[finding->server].address;

	for (uint32_t i = 0; i < past->server_count; i++) {
		const struct server_past *each = &past->servers[i];

		if (address_equal(&each->address, address) && *each->nsid &&
			strcmp(each->nsid, node) != 0)
			return true;
	}
	return false;
}

void report_subject(const struct report *report, const struct finding *finding, struct text *out)
{
	const char *node = report_node(report, finding);

	if (finding->zone != PLAN_NONE)
		plan_zone_text(report->plan, finding->zone, out);
	if (finding->server != PLAN_NONE) {
		if (out->length)
			text_add_byte(out, ' ');
		plan_server_text(report->plan, finding->server, out);
	}
	if (node)
		text_addf(out, " [NSID %s]", node);
}

/* The name alone, where that says which server it is. */
static void add_server_name(const struct report *report, const struct finding *finding,
	struct text *out)
{
	const struct server *server = &report->plan->servers[finding->server];
	const char *node = report_node(report, finding);

	if (server->several)
		plan_server_text(report->plan, finding->server, out);
	else
		text_add(out, server->display);
	if (node && has_nodes(report, finding, node))
		text_addf(out, " [NSID %s]", node);
}

static size_t count_troubles(const struct verdict *verdict)
{
	size_t count = 0;

	for (size_t i = 0; i < verdict->findings.count; i++)
		count += verdict->findings.items[i].severity != SEVERITY_OK;
	return count;
}

/* Who is behind, but not for long enough to worry. */
static void add_calm_findings(const struct report *report, struct text *out)
{
	for (size_t i = 0; i < report->verdict->findings.count; i++) {
		const struct finding *finding = &report->verdict->findings.items[i];

		if (finding->severity != SEVERITY_OK || finding->server == PLAN_NONE)
			continue;
		text_add(out, ", ");
		add_server_name(report, finding, out);
		text_addf(out, " %s", finding->text);
	}
}

static void summarise_calm_zone(const struct report *report, struct text *out)
{
	const struct zone_verdict *zone = &report->verdict->zones[0];

	plan_zone_text(report->plan, 0, out);
	if (zone->reference.source != REFERENCE_NONE)
		text_addf(out, " serial %u", zone->reference.serial);
	text_addf(out, " on %u of %u server%s", zone->in_sync, zone->servers,
		zone->servers == 1 ? "" : "s");
	add_calm_findings(report, out);
}

/* Findings are sorted: the first is the worst. */
static void summarise_trouble(const struct report *report, size_t troubles, struct text *out)
{
	const struct finding *worst = &report->verdict->findings.items[0];
	bool has_zone = report->seen->databases
		? report->plan->zone_count && worst->zone != PLAN_NONE
		: report->plan->zone_count == 1;

	if (has_zone) {
		plan_zone_text(report->plan, report->seen->databases ? worst->zone : 0, out);
		text_add(out, ": ");
	}
	if (worst->server != PLAN_NONE) {
		add_server_name(report, worst, out);
		text_add(out, has_zone && !report->seen->databases ? " " : ": ");
	}
	text_add(out, worst->text);
	if (worst->why)
		text_addf(out, ": %s", worst->why);
	if (troubles > 1)
		text_addf(out, " (+%zu more)", troubles - 1);
}

/* Those in trouble, or the uncertain: of them nothing is known to be wrong, only not enough. */
static size_t count_zones(const struct report *report, bool uncertain)
{
	size_t count = 0;

	for (size_t z = 0; z < report->plan->zone_count; z++) {
		enum severity severity = report->verdict->zones[z].severity;

		count += uncertain ? severity == SEVERITY_UNKNOWN
				   : severity == SEVERITY_WARNING || severity == SEVERITY_CRITICAL;
	}
	return count;
}

static size_t count_bad_servers(const struct report *report)
{
	struct arena arena = { 0 };
	bool *bad = arena_array(&arena, report->plan->server_count, sizeof(*bad));
	size_t count = 0;

	for (size_t pair = 0; pair < report->plan->pair_count; pair++)
		bad[report->plan->assigned[pair]] |=
			report->verdict->pairs[pair].severity != SEVERITY_OK;
	for (size_t s = 0; s < report->plan->server_count; s++)
		count += bad[s];
	arena_free(&arena);
	return count;
}

/* Whom it is about. */
static void add_named(const struct report *report, const struct fold *fold, struct text *out)
{
	struct finding about = *fold->worst;

	if (fold->zones > 1)
		about.zone = PLAN_NONE;
	if (about.zone != PLAN_NONE) {
		plan_zone_text(report->plan, about.zone, out);
		text_add_byte(out, ' ');
	}
	if (about.server != PLAN_NONE) {
		add_server_name(report, &about, out);
		text_add_byte(out, ' ');
	}
}

/* What is wrong is said once; then it is enough to name who has it, too. */
static bool was_said(const struct folds *folds, size_t index)
{
	const struct finding *this = folds->items[index].worst;

	for (size_t i = 0; i < index; i++) {
		if (this->server != PLAN_NONE && folds->items[i].worst->code == this->code)
			return true;
	}
	return false;
}

static bool is_wide(const struct fold *fold)
{
	return fold->zones > 1 || fold->worst->zone == PLAN_NONE;
}

static void add_worst_names(const struct report *report, const struct folds *folds,
	struct text *out)
{
	for (size_t i = 0; i < folds->troubles && i < NAMED_IN_SUMMARY; i++) {
		const struct fold *fold = &folds->items[i];

		text_add(out, i ? "; " : ": ");
		add_named(report, fold, out);
		if (!was_said(folds, i)) {
			fold_brief(report, folds, fold, out);
			continue;
		}
		text_cut(out, out->length - 1);
		if (is_wide(fold))
			text_add(out, ", too");
	}
	if (folds->troubles > NAMED_IN_SUMMARY)
		text_add(out, " …");
}

void report_add_late(struct text *out, size_t zones, int64_t longest_s)
{
	char longest[32];

	text_add_count(out, zones);
	text_addf(out, " zone%s behind", zones == 1 ? "" : "s");
	if (longest_s >= 0)
		text_addf(out, "%s for %s", zones == 1 ? "" : ", the longest",
			duration_format(longest_s, longest));
}

/* Well, with somebody behind for less than -w. `*longest_s`: how long, -1: not known. */
static size_t count_late_zones(const struct report *report, int64_t *longest_s)
{
	const struct plan *plan = report->plan;
	size_t count = 0;

	*longest_s = -1;
	for (size_t z = 0; z < plan->zone_count; z++) {
		const struct zone *zone = &plan->zones[z];
		bool is_late = false;

		for (uint32_t i = 0; i < zone->pair_count; i++) {
			const struct pair_verdict *pair =
				&report->verdict->pairs[zone->first_pair + i];

			if (pair->relation != RELATION_BEHIND)
				continue;
			is_late = true;
			if (pair->lag_known && pair->lag_s > *longest_s)
				*longest_s = pair->lag_s;
		}
		count += is_late && report->verdict->zones[z].severity == SEVERITY_OK;
	}
	return count;
}

static void summarise_calm_zones(const struct report *report, size_t uncertain, struct text *out)
{
	size_t servers = report->plan->server_count, in_sync;
	int64_t longest_s;
	size_t late = count_late_zones(report, &longest_s);

	in_sync = report->plan->zone_count - uncertain - late;
	text_addf(out, "%zu zone%s in sync on %zu server%s", in_sync, in_sync == 1 ? "" : "s",
		servers, servers == 1 ? "" : "s");
	if (!late)
		return;
	text_add(out, ", ");
	report_add_late(out, late, longest_s);
}

static void summarise_many(const struct report *report, struct text *out)
{
	size_t zones = report->plan->zone_count, servers = report->plan->server_count,
	       bad = count_zones(report, false), uncertain = count_zones(report, true),
	       bad_servers = count_bad_servers(report);
	struct folds folds;

	if (bad && bad_servers)
		text_addf(out, "%zu of %zu zones out of sync on %zu of %zu server%s", bad, zones,
			bad_servers, servers, servers == 1 ? "" : "s");
	else if (bad)
		text_addf(out, "%zu of %zu zones in trouble", bad, zones);
	else
		summarise_calm_zones(report, uncertain, out);
	if (uncertain)
		text_addf(out, ", %zu not known", uncertain);
	report_fold(report, &folds);
	add_worst_names(report, &folds, out);
	folds_free(&folds);
}

/* Of zones: all in sync, or what the worst findings say. */
void report_zones_summary(const struct report *report, struct text *out)
{
	if (report->plan->zone_count == 1)
		summarise_calm_zone(report, out);
	else
		summarise_many(report, out);
}

const struct report_kind report_zones_kind = {
	.summary = report_zones_summary,
	.measures = report_zones_measures,
	.details = report_zones_details,
};

/* Was nobody asked by DNS, and are those that were asked by API the plan's servers? */
static bool is_by_api(const struct report *report)
{
	for (size_t i = 0; i < report->seen->pdns_count; i++) {
		if (report->seen->pdns[i].server >= report->plan->server_count)
			return false;
	}
	return report->seen->pdns_count && !report->plan->pair_count;
}

const struct report_kind *report_kind_of(const struct report *report)
{
	if (report->seen->databases)
		return &report_databases_kind;
	if (report->seen->propagations)
		return &report_steps_kind;
	if (is_by_api(report))
		return &report_servers_kind;
	return report->seen->zone_transfers ? &report_transfers_kind : &report_zones_kind;
}

/* Of those that are as bad as the worst, the one that is about many zones; NULL: none is. */
static const struct fold *widest_fold(const struct folds *folds)
{
	for (size_t i = 0; i < folds->troubles; i++) {
		if (folds->items[i].worst->severity != folds->items[0].worst->severity)
			break;
		if (folds->items[i].zones > 1)
			return &folds->items[i];
	}
	return NULL;
}

/* What the databases hold may differ in many zones: that is said once, and first. */
static void summarise_databases(const struct report *report, size_t troubles, struct text *out)
{
	const struct fold *widest;
	struct folds folds;

	report_fold(report, &folds);
	widest = widest_fold(&folds);
	if (widest) {
		add_server_name(report, widest->worst, out);
		text_add(out, ": ");
		fold_brief(report, &folds, widest, out);
		if (folds.troubles > 1)
			text_addf(out, " (+%zu more)", folds.troubles - 1);
	} else {
		summarise_trouble(report, troubles, out);
	}
	folds_free(&folds);
}

/* Many zones as their servers' APIs tell of them. */
static void summarise_by_api(const struct report *report, size_t bad, struct text *out)
{
	struct folds folds;

	report_fold(report, &folds);
	text_add_count(out, bad);
	text_add(out, " of ");
	text_add_count(out, report->plan->zone_count);
	text_add(out, " zones in trouble");
	add_worst_names(report, &folds, out);
	folds_free(&folds);
}

void report_summary(const struct report *report, struct text *out)
{
	const struct report_kind *kind = report_kind_of(report);
	size_t troubles = count_troubles(report->verdict), zones = report->plan->zone_count,
	       bad = kind == &report_servers_kind ? count_zones(report, false) : 0;
	bool of_zones = kind == &report_zones_kind || kind == &report_transfers_kind;

	if (zones == 0 && of_zones)
		text_add(out, report->verdict->findings.items[0].text);
	else if (bad && zones > 1)
		summarise_by_api(report, bad, out);
	else if (troubles == 0 || (zones > 1 && of_zones))
		kind->summary(report, out);
	else if (report->seen->databases)
		summarise_databases(report, troubles, out);
	else
		summarise_trouble(report, troubles, out);
}
