/* What check_zone_transfer shows of a comparison: in the first line, the records that differ, JSON
 * and -v. */
#include <inttypes.h>

#include "common/model/zone_comparison.h"
#include "common/model/zone_transfer.h"
#include "common/report/report.h"
#include "common/report/report_private.h"

static const struct zone_comparison *comparison_of(const struct report *report, uint32_t pair)
{
	return report->seen->zone_comparisons ? &report->seen->zone_comparisons[pair] : NULL;
}

uint32_t report_comparisons_equal(const struct report *report)
{
	uint32_t equal = 0;

	for (uint32_t pair = 0; pair < report->plan->pair_count; pair++) {
		const struct zone_comparison *comparison = comparison_of(report, pair);

		equal += comparison && comparison->result == COMPARISON_EQUAL;
	}
	return equal;
}

static void add_line(const char *before, const char *line, struct text *out)
{
	struct text blanks = { 0 };

	text_add(&blanks, line);
	for (size_t i = 0; i < blanks.length; i++) {
		if (blanks.bytes[i] == '\t')
			blanks.bytes[i] = ' ';
	}
	text_add(out, before);
	report_clean(out, text_string(&blanks));
	text_add_byte(out, '\n');
	text_free(&blanks);
}

static void add_sample(const struct report *report, uint32_t pair, struct text *out)
{
	const struct zone_comparison *comparison = comparison_of(report, pair);
	uint64_t all = comparison->only_here + comparison->only_there;

	for (size_t i = 0; i < comparison->sample_count; i++)
		add_line("  ", comparison->sample[i], out);
	if (all > comparison->sample_count)
		text_addf(out, "  … and %" PRIu64 " more (--diff=FILE takes them all)\n",
			all - comparison->sample_count);
}

/* "Only on ns1.example.com (192.0.2.1) (-) or ns2.example.com (192.0.2.2) (+):" */
static void add_heading(const struct report *report, uint32_t reference, uint32_t pair,
	struct text *out)
{
	struct text line = { 0 };

	text_add(&line, "Only on ");
	if (reference != PLAN_NONE)
		plan_server_text(report->plan, report->plan->assigned[reference], &line);
	text_add(&line, " (-) or ");
	plan_server_text(report->plan, report->plan->assigned[pair], &line);
	text_add(&line, " (+):");
	add_line("", text_string(&line), out);
	text_free(&line);
}

void report_comparisons_lines(const struct report *report, struct text *out)
{
	uint32_t reference = PLAN_NONE;

	for (uint32_t pair = 0; pair < report->plan->pair_count; pair++) {
		const struct zone_comparison *comparison = comparison_of(report, pair);

		if (comparison && comparison->result == COMPARISON_REFERENCE)
			reference = pair;
	}
	for (uint32_t pair = 0; pair < report->plan->pair_count; pair++) {
		const struct zone_comparison *comparison = comparison_of(report, pair);

		if (!comparison || comparison->result != COMPARISON_DIFFERENT ||
			!comparison->sample_count)
			continue;
		add_heading(report, reference, pair, out);
		add_sample(report, pair, out);
	}
}

/* Behind the line of the pair's transfer, with -v. */
void report_comparison_details(const struct report *report, uint32_t pair, struct text *line)
{
	const struct zone_comparison *comparison = comparison_of(report, pair);
	char hash[32];

	if (!comparison)
		return;
	if (comparison->result == COMPARISON_EQUAL)
		text_add(line, ", content equal");
	else if (comparison->result == COMPARISON_DIFFERENT)
		text_add(line, ", content different");
	if (comparison->has_zonemd && comparison->zonemd.result == ZONEMD_GOOD)
		text_addf(line, ", ZONEMD good (%s)",
			zonemd_hash_text(comparison->zonemd.hash, hash));
}

static void put_difference(const struct zone_comparison *comparison, struct json_writer *json)
{
	if (!comparison->is_located)
		return;
	json_put_integer(json, "only_on_reference", (int64_t)comparison->only_here);
	json_put_integer(json, "only_on_server", (int64_t)comparison->only_there);
	json_write_key(json, "complete");
	json_write_bool(json, !comparison->is_part);
	json_write_key(json, "sample");
	json_write_array(json);
	for (size_t i = 0; i < comparison->sample_count; i++)
		json_write_string(json, comparison->sample[i]);
	json_write_array_end(json);
}

static void put_comparison(const struct zone_comparison *comparison, struct json_writer *json)
{
	json_write_key(json, "comparison");
	if (!comparison || comparison->result == COMPARISON_NONE) {
		json_write_null(json);
		return;
	}
	json_write_object(json);
	json_put_string(json, "result", comparison_result_name(comparison->result));
	if (comparison->result != COMPARISON_REFERENCE) {
		json_put_integer(json, "serial", comparison->serial);
		json_put_integer(json, "reference_serial", comparison->reference_serial);
		json_put_integer(json, "tries", comparison->tries);
	}
	if (comparison->result == COMPARISON_DIFFERENT)
		put_difference(comparison, json);
	json_write_object_end(json);
}

static void put_zonemd(const struct zone_comparison *comparison, struct json_writer *json)
{
	json_write_key(json, "zonemd");
	if (!comparison || !comparison->has_zonemd) {
		json_write_null(json);
		return;
	}
	json_write_object(json);
	json_put_string(json, "result", zonemd_result_name(comparison->zonemd.result));
	json_put_integer(json, "records", comparison->zonemd.records);
	if (comparison->zonemd.records) {
		json_put_integer(json, "serial", comparison->zonemd.serial);
		json_put_integer(json, "scheme", comparison->zonemd.scheme);
		json_put_integer(json, "hash", comparison->zonemd.hash);
	}
	json_write_object_end(json);
}

void report_comparison_json(const struct report *report, uint32_t pair, struct json_writer *json)
{
	put_comparison(comparison_of(report, pair), json);
	put_zonemd(comparison_of(report, pair), json);
}
