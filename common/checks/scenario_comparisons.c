#include "common/checks/scenario_comparisons.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/utf8.h"

enum { SAMPLE_MOST = 1000 };

static void write_difference(const struct zone_comparison *comparison, struct text *out)
{
	if (!comparison->is_located)
		return;
	text_addf(out, " only_here=%" PRIu64 " only_there=%" PRIu64, comparison->only_here,
		comparison->only_there);
	if (comparison->is_part)
		text_add(out, " part=1");
	if (comparison->only_signing)
		text_add(out, " only_signing=1");
	for (size_t i = 0; i < comparison->sample_count && i < SAMPLE_MOST; i++) {
		text_addf(out, " sample%zu=", i);
		scenario_add_word(out, comparison->sample[i]);
	}
}

static void write_zonemd(const struct zonemd_verdict *zonemd, struct text *out)
{
	text_addf(out,
		" zonemd=%s zonemd_serial=%u zonemd_scheme=%u zonemd_hash=%u zonemd_records=%u",
		zonemd_result_name(zonemd->result), zonemd->serial, zonemd->scheme, zonemd->hash,
		zonemd->records);
}

void scenario_write_comparison(const struct zone_comparison *comparison, struct text *out)
{
	if (comparison->result != COMPARISON_NONE)
		text_addf(out, " comparison=%s", comparison_result_name(comparison->result));
	if (comparison->tries)
		text_addf(out, " compared_serial=%u reference_serial=%u tries=%u",
			comparison->serial, comparison->reference_serial, comparison->tries);
	if (comparison->result == COMPARISON_DIFFERENT)
		write_difference(comparison, out);
	if (comparison->has_zonemd)
		write_zonemd(&comparison->zonemd, out);
}

/* A number that may be absent. */
static bool read_number(struct scenario_line *line, const char *key, int64_t most, int64_t *number)
{
	*number = 0;
	return !scenario_value(line, key) || scenario_number(line, key, most, number);
}

static bool read_result(struct scenario_line *line, struct zone_comparison *comparison)
{
	const char *text = scenario_value(line, "comparison");

	for (int i = 0; text && i < COMPARISON_COUNT; i++) {
		if (!strcmp(text, comparison_result_name((enum comparison_result)i))) {
			comparison->result = (enum comparison_result)i;
			return true;
		}
	}
	return !text || fault_set(line->fault, "comparison= is unknown");
}

static bool read_serials(struct scenario_line *line, struct zone_comparison *comparison)
{
	int64_t serial, reference_serial, tries;

	if (!read_number(line, "compared_serial", UINT32_MAX, &serial) ||
		!read_number(line, "reference_serial", UINT32_MAX, &reference_serial) ||
		!read_number(line, "tries", COMPARISON_TRIES, &tries))
		return false;
	comparison->serial = (uint32_t)serial;
	comparison->reference_serial = (uint32_t)reference_serial;
	comparison->tries = (unsigned)tries;
	return true;
}

static void read_sample(struct scenario_line *line, struct observations *seen,
	struct zone_comparison *comparison)
{
	const char *sample[SAMPLE_MOST];
	char key[16], clean[CLEAN_MOST + 1];
	size_t count = 0;

	for (; count < SAMPLE_MOST; count++) {
		const char *value;

		snprintf(key, sizeof(key), "sample%zu", count);
		value = scenario_value(line, key);
		if (!value)
			break;
		utf8_clean(value, strlen(value), clean);
		sample[count] = arena_string(&seen->arena, clean);
	}
	comparison->sample = arena_copy(&seen->arena, sample, count * sizeof(sample[0]));
	comparison->sample_count = count;
}

static bool read_difference(struct scenario_line *line, struct observations *seen,
	struct zone_comparison *comparison)
{
	int64_t here, there;

	comparison->is_located = scenario_value(line, "only_here") != NULL;
	if (!read_number(line, "only_here", INT32_MAX, &here) ||
		!read_number(line, "only_there", INT32_MAX, &there) ||
		!scenario_bool(line, "part", &comparison->is_part) ||
		!scenario_bool(line, "only_signing", &comparison->only_signing))
		return false;
	comparison->only_here = (uint64_t)here;
	comparison->only_there = (uint64_t)there;
	if (comparison->is_located)
		read_sample(line, seen, comparison);
	return true;
}

static bool read_zonemd(struct scenario_line *line, struct zone_comparison *comparison)
{
	const char *text = scenario_value(line, "zonemd");
	struct zonemd_verdict *zonemd = &comparison->zonemd;
	int64_t serial, scheme, hash, records;

	if (!text)
		return true;
	for (int i = ZONEMD_MISSING; i <= ZONEMD_REPEATED; i++) {
		if (!strcmp(text, zonemd_result_name((enum zonemd_result)i))) {
			zonemd->result = (enum zonemd_result)i;
			comparison->has_zonemd = true;
		}
	}
	if (!comparison->has_zonemd)
		return fault_set(line->fault, "zonemd= is unknown");
	if (!read_number(line, "zonemd_serial", UINT32_MAX, &serial) ||
		!read_number(line, "zonemd_scheme", UINT8_MAX, &scheme) ||
		!read_number(line, "zonemd_hash", UINT8_MAX, &hash) ||
		!read_number(line, "zonemd_records", INT32_MAX, &records))
		return false;
	zonemd->serial = (uint32_t)serial;
	zonemd->scheme = (uint8_t)scheme;
	zonemd->hash = (uint8_t)hash;
	zonemd->records = (unsigned)records;
	return true;
}

bool scenario_read_comparison(struct scenario_line *line, struct observations *seen,
	struct zone_comparison *comparison)
{
	*comparison = (struct zone_comparison){ 0 };
	return read_result(line, comparison) && read_serials(line, comparison) &&
		read_difference(line, seen, comparison) && read_zonemd(line, comparison);
}

void scenario_write_contents(const struct observations *seen, struct text *out)
{
	for (size_t i = 0; i < seen->content_count; i++) {
		text_addf(out, "content zone=%u server=%u", seen->contents[i].zone,
			seen->contents[i].server);
		scenario_write_comparison(&seen->contents[i].comparison, out);
		text_add_byte(out, '\n');
	}
}

bool scenario_read_content(struct scenario_line *line, const struct plan *plan,
	struct observations *seen)
{
	struct content_observation *grown;
	struct zone_comparison comparison;
	int64_t zone, server;

	if (!scenario_number(line, "zone", (int64_t)plan->zone_count - 1, &zone) ||
		!scenario_number(line, "server", (int64_t)plan->server_count - 1, &server) ||
		!scenario_read_comparison(line, seen, &comparison))
		return false;
	grown = arena_array(&seen->arena, seen->content_count + 1, sizeof(*grown));
	if (seen->content_count)
		memcpy(grown, seen->contents, seen->content_count * sizeof(*grown));
	grown[seen->content_count++] =
		(struct content_observation){ (uint32_t)zone, (uint32_t)server, comparison };
	seen->contents = grown;
	return true;
}
