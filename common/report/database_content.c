/* What the comparison of two databases' contents adds to check_mysql_replication's report. */
#include "common/model/database_content.h"

#include <inttypes.h>
#include <string.h>

#include "common/base/utf8.h"
#include "common/report/report_private.h"

/* "6" where both have as many, else "6 (5 on the primary)". */
static void add_both(struct text *out, uint64_t here, uint64_t there, const char *what)
{
	text_add_count(out, here);
	text_addf(out, " %s%s", what, here == 1 ? "" : "s");
	if (here != there) {
		text_add(out, " (");
		text_add_count(out, there);
		text_add(out, " on the primary)");
	}
}

void report_content_summary(const struct database_content *content, struct text *out)
{
	if (content->outcome != CONTENT_COMPARED)
		return;
	text_add(out, ", the content of ");
	text_add_count(out, content->zones);
	text_addf(out, " zone%s is the same", content->zones == 1 ? "" : "s");
}

static void add_count(struct measures *measures, const char *label, uint64_t value)
{
	measures_add(measures,
		(struct measure){ .label = label, .value = (double)value, .minimum = "0" });
}

void report_content_measures(const struct database_content *content, struct measures *measures)
{
	if (content->outcome != CONTENT_COMPARED)
		return;
	add_count(measures, "zones", content->zones);
	add_count(measures, "records", content->records);
	add_count(measures, "zones_different", content->different);
	add_count(measures, "zones_unsettled", content->unsettled);
}

void report_content_details(const struct database_content *content, struct text *out)
{
	struct text line = { 0 };

	text_add(&line, "    content ");
	report_add_words(&line, content_outcome_name(content->outcome));
	if (*content->schema)
		text_addf(&line, ", database %s", content->schema);
	if (content->outcome == CONTENT_COMPARED) {
		text_addf(&line,
			", at %s: ", *content->position ? content->position : "the beginning");
		add_both(&line, content->zones, content->zones_there, "zone");
		text_add(&line, ", ");
		add_both(&line, content->records, content->records_there, "record");
		text_addf(&line, ", %u statements", content->statements);
	}
	report_clean(out, text_string(&line));
	text_add_byte(out, '\n');
	text_free(&line);
}

static const char *text_or_null(const char *text)
{
	return *text ? text : NULL;
}

static void put_count(struct json_writer *json, const char *key, const struct content_count *count)
{
	json_write_key(json, key);
	json_write_object(json);
	json_put_integer(json, "replica", (int64_t)count->here);
	json_put_integer(json, "primary", (int64_t)count->there);
	json_put_bool(json, "differs", count->differs);
	json_write_object_end(json);
}

static void put_samples(struct json_writer *json, const char *key,
	const struct content_sample *samples, size_t count)
{
	json_write_key(json, key);
	json_write_array(json);
	for (size_t i = 0; i < count; i++) {
		json_write_object(json);
		json_put_string(json, "part", content_part_name(samples[i].part));
		json_put_string(json, "name", samples[i].name);
		json_put_string(json, "type", text_or_null(samples[i].type));
		json_put_bool(json, "replica", samples[i].here);
		json_put_bool(json, "primary", samples[i].there);
		json_write_object_end(json);
	}
	json_write_array_end(json);
}

static void put_serial(struct json_writer *json, const char *key, const char *soa)
{
	uint32_t serial = 0;
	bool known = soa && content_soa_serial(soa, &serial);

	json_put_integer_if(json, key, known, serial);
}

static void put_difference(struct json_writer *json, const struct content_difference *difference)
{
	char clean[CLEAN_MOST + 1];

	utf8_clean(difference->zone, strlen(difference->zone), clean);
	json_write_object(json);
	json_put_string(json, "zone", *clean ? clean : ".");
	json_put_string(json, "relation", content_relation_name(difference->relation));
	for (int part = 0; part < CONTENT_PART_COUNT; part++)
		put_count(json, content_part_name((enum content_part)part),
			&difference->parts[part]);
	put_serial(json, "replica_serial", difference->soa_here);
	put_serial(json, "primary_serial", difference->soa_there);
	put_samples(json, "rows", difference->samples, difference->sample_count);
	json_put_bool(json, "more_rows", difference->has_more_samples);
	json_write_object_end(json);
}

void report_content_json(const struct database_content *content, struct json_writer *json)
{
	json_write_key(json, "content");
	if (!content) {
		json_write_null(json);
		return;
	}
	json_write_object(json);
	json_put_string(json, "outcome", content_outcome_name(content->outcome));
	json_put_integer_if(json, "errno", content->error_number != 0, content->error_number);
	json_put_string(json, "error", text_or_null(content->error));
	json_put_string(json, "database", text_or_null(content->schema));
	json_put_string(json, "position", text_or_null(content->position));
	json_put_integer(json, "zones", (int64_t)content->zones);
	json_put_integer(json, "zones_primary", (int64_t)content->zones_there);
	json_put_integer(json, "records", (int64_t)content->records);
	json_put_integer(json, "records_primary", (int64_t)content->records_there);
	json_put_integer(json, "zones_different", (int64_t)content->different);
	json_put_integer(json, "zones_unsettled", (int64_t)content->unsettled);
	json_put_integer(json, "statements", content->statements);
	json_put_string(json, "not_compared", text_or_null(content->uncompared));
	put_count(json, "tsig_keys", &content->tsig_keys);
	put_samples(json, "tsig_rows", content->tsig_samples, content->tsig_sample_count);
	put_count(json, "records_of_no_zone", &content->orphans);
	json_write_key(json, "differences");
	json_write_array(json);
	for (size_t i = 0; i < content->difference_count; i++)
		put_difference(json, &content->differences[i]);
	json_write_array_end(json);
	json_write_object_end(json);
}
