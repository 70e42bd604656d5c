#include "common/checks/scenario_compared.h"

#include <stddef.h>
#include <string.h>

#include "common/checks/scenario_columns.h"

static const char *outcome_text(unsigned value)
{
	return content_outcome_name((enum content_outcome)value);
}

static const char *relation_text(unsigned value)
{
	return content_relation_name((enum content_relation)value);
}

static const char *part_text(unsigned value)
{
	return content_part_name((enum content_part)value);
}

#define OF_CONTENT(field)    .name = #field, .offset = offsetof(struct database_content, field)
#define OF_DIFFERENCE(field) .name = #field, .offset = offsetof(struct content_difference, field)
#define OF_SAMPLE(field)     .name = #field, .offset = offsetof(struct content_sample, field)
#define COUNT_AT(at, member) .offset = (at) + offsetof(struct content_count, member)
#define OF_COUNT(what, at)                                                                         \
	{ .name = #what "_here", COUNT_AT(at, here), .kind = COLUMN_COUNT },                       \
		{ .name = #what "_there", COUNT_AT(at, there), .kind = COLUMN_COUNT },             \
	{                                                                                          \
		.name = #what "_differ", COUNT_AT(at, differs), .kind = COLUMN_FLAG                \
	}
#define OF_PART(what, part) OF_COUNT(what, offsetof(struct content_difference, parts[part]))

/* clang-format off */
static const struct scenario_column content_items[] = {
	{ OF_CONTENT(outcome), .kind = COLUMN_CHOICE, .choice = outcome_text, .choices = CONTENT_OUTCOME_COUNT },
	{ OF_CONTENT(is_primary), .kind = COLUMN_FLAG },
	{ OF_CONTENT(error_number), .kind = COLUMN_NUMBER },
	{ OF_CONTENT(error), .kind = COLUMN_TEXT },
	{ OF_CONTENT(table), .kind = COLUMN_TEXT },
	{ OF_CONTENT(user), .kind = COLUMN_TEXT },
	{ OF_CONTENT(schema), .kind = COLUMN_TEXT },
	{ OF_CONTENT(position), .kind = COLUMN_TEXT },
	{ OF_CONTENT(zones), .kind = COLUMN_COUNT },
	{ OF_CONTENT(zones_there), .kind = COLUMN_COUNT },
	{ OF_CONTENT(records), .kind = COLUMN_COUNT },
	{ OF_CONTENT(records_there), .kind = COLUMN_COUNT },
	{ OF_CONTENT(statements), .kind = COLUMN_NUMBER },
	{ OF_CONTENT(uncompared), .kind = COLUMN_TEXT },
	{ OF_CONTENT(only_here), .kind = COLUMN_TEXT },
	{ OF_CONTENT(only_there), .kind = COLUMN_TEXT },
	OF_COUNT(tsig_keys, offsetof(struct database_content, tsig_keys)),
	OF_COUNT(orphans, offsetof(struct database_content, orphans)),
	{ OF_CONTENT(different), .kind = COLUMN_COUNT },
	{ OF_CONTENT(unsettled), .kind = COLUMN_COUNT },
	{ .name = NULL },
};

static const struct scenario_column difference_items[] = {
	{ OF_DIFFERENCE(zone), .kind = COLUMN_TEXT },
	{ OF_DIFFERENCE(relation), .kind = COLUMN_CHOICE, .choice = relation_text, .choices = CONTENT_RELATION_COUNT },
	{ OF_DIFFERENCE(is_here), .kind = COLUMN_FLAG },
	{ OF_DIFFERENCE(is_there), .kind = COLUMN_FLAG },
	OF_PART(domain, CONTENT_DOMAIN),
	OF_PART(records, CONTENT_RECORDS),
	OF_PART(metadata, CONTENT_METADATA),
	OF_PART(keys, CONTENT_KEYS),
	{ OF_DIFFERENCE(soa_here), .kind = COLUMN_TEXT_OR_NULL },
	{ OF_DIFFERENCE(soa_there), .kind = COLUMN_TEXT_OR_NULL },
	{ OF_DIFFERENCE(has_more_samples), .kind = COLUMN_FLAG },
	{ .name = NULL },
};

static const struct scenario_column sample_items[] = {
	{ OF_SAMPLE(part), .kind = COLUMN_CHOICE, .choice = part_text, .choices = CONTENT_PART_COUNT },
	{ OF_SAMPLE(name), .kind = COLUMN_TEXT },
	{ OF_SAMPLE(type), .kind = COLUMN_TEXT },
	{ OF_SAMPLE(here), .kind = COLUMN_FLAG },
	{ OF_SAMPLE(there), .kind = COLUMN_FLAG },
	{ .name = NULL },
};
/* clang-format on */

static void write_rows(const char *keyword, const struct content_sample *samples, size_t count,
	struct text *out)
{
	for (size_t i = 0; i < count; i++) {
		text_add(out, keyword);
		scenario_add_columns(out, sample_items, &samples[i]);
		text_add_byte(out, '\n');
	}
}

void scenario_write_compared(const struct database_content *content, size_t database,
	struct text *out)
{
	text_addf(out, "compared database=%zu", database);
	scenario_add_columns(out, content_items, content);
	text_add_byte(out, '\n');
	write_rows("tsig_row", content->tsig_samples, content->tsig_sample_count, out);
	for (size_t i = 0; i < content->difference_count; i++) {
		const struct content_difference *difference = &content->differences[i];

		text_add(out, "differing");
		scenario_add_columns(out, difference_items, difference);
		text_add_byte(out, '\n');
		write_rows("differing_row", difference->samples, difference->sample_count, out);
	}
}

static bool read_compared(struct scenario_line *line, struct scenario_databases *databases)
{
	struct database_content content = { 0 };
	int64_t index;

	if (!scenario_number(line, "database", (int64_t)databases->count - 1, &index) ||
		!scenario_read_columns(line, content_items, &content, databases->arena))
		return false;
	if (databases->items[index].content)
		return fault_set(line->fault, "that database was compared before");
	databases->content = arena_copy(databases->arena, &content, sizeof(content));
	databases->differences = NULL;
	databases->items[index].content = databases->content;
	return true;
}

static bool read_differing(struct scenario_line *line, struct scenario_databases *databases)
{
	struct database_content *content = databases->content;
	struct content_difference difference = { 0 };

	if (!content)
		return fault_set(line->fault, "no comparison is said before");
	if (!scenario_read_columns(line, difference_items, &difference, databases->arena))
		return false;
	databases->differences = scenario_one_more(databases->arena, databases->differences,
		content->difference_count, sizeof(difference));
	databases->differences[content->difference_count++] = difference;
	content->differences = databases->differences;
	databases->samples = NULL;
	return true;
}

static bool add_row(struct scenario_line *line, struct scenario_databases *databases, size_t *count)
{
	struct content_sample sample = { 0 };

	if (!scenario_read_columns(line, sample_items, &sample, databases->arena))
		return false;
	databases->samples = scenario_one_more(databases->arena, *count ? databases->samples : NULL,
		*count, sizeof(sample));
	databases->samples[(*count)++] = sample;
	return true;
}

static bool read_differing_row(struct scenario_line *line, struct scenario_databases *databases)
{
	struct content_difference *last;

	if (!databases->differences)
		return fault_set(line->fault, "no differing zone is said before");
	last = &databases->differences[databases->content->difference_count - 1];
	if (!add_row(line, databases, &last->sample_count))
		return false;
	last->samples = databases->samples;
	return true;
}

static bool read_tsig_row(struct scenario_line *line, struct scenario_databases *databases)
{
	struct database_content *content = databases->content;

	if (!content || databases->differences)
		return fault_set(line->fault, "it stands behind no comparison");
	if (!add_row(line, databases, &content->tsig_sample_count))
		return false;
	content->tsig_samples = databases->samples;
	return true;
}

bool scenario_read_compared(struct scenario_line *line, struct scenario_databases *databases)
{
	static const struct {
		const char *keyword;
		bool (*read)(struct scenario_line *line, struct scenario_databases *databases);
	} lines[] = {
		{ "compared", read_compared },
		{ "differing", read_differing },
		{ "differing_row", read_differing_row },
		{ "tsig_row", read_tsig_row },
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		if (!strcmp(line->words[0].text, lines[i].keyword))
			return lines[i].read(line, databases);
	}
	return false;
}
