#include "common/base/json_write.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "common/base/number.h"
#include "common/base/utf8.h"

void json_write_begin(struct json_writer *json, struct text *out)
{
	*json = (struct json_writer){ .out = out };
}

/* Before each item: the comma that parts it from the one before. */
static void item_begin(struct json_writer *json)
{
	if (json->depth && json->has_items[json->depth])
		text_add_byte(json->out, ',');
	json->has_items[json->depth] = true;
}

/* Before each value: inside an object its key has already brought the comma. */
static void value_begin(struct json_writer *json)
{
	assert(json->is_object[json->depth] == json->has_key);
	if (!json->has_key)
		item_begin(json);
	json->has_key = false;
}

static void nest(struct json_writer *json, bool is_object)
{
	value_begin(json);
	assert(json->depth + 1 < JSON_DEPTH);
	json->depth++;
	json->is_object[json->depth] = is_object;
	json->has_items[json->depth] = false;
	text_add_byte(json->out, is_object ? '{' : '[');
}

static void unnest(struct json_writer *json, bool is_object)
{
	assert(json->depth && json->is_object[json->depth] == is_object && !json->has_key);
	json->depth--;
	text_add_byte(json->out, is_object ? '}' : ']');
}

void json_write_object(struct json_writer *json)
{
	nest(json, true);
}

void json_write_object_end(struct json_writer *json)
{
	unnest(json, true);
}

void json_write_array(struct json_writer *json)
{
	nest(json, false);
}

void json_write_array_end(struct json_writer *json)
{
	unnest(json, false);
}

static void escape(struct text *out, char byte)
{
	static const char short_form[] = "\"\"\\\\\bb\ff\nn\rr\tt";
	const char *pair;

	for (pair = short_form; *pair; pair += 2) {
		if (*pair != byte)
			continue;
		text_add_byte(out, '\\');
		text_add_byte(out, pair[1]);
		return;
	}
	text_addf(out, "\\u%04x", (unsigned char)byte);
}

/* How many bytes can be written as they are: nearly always the whole string. */
static size_t plain_run(const char *string, size_t left)
{
	size_t at = 0;

	while (at < left && string[at] >= 0x20 && string[at] < 0x7f && string[at] != '"' &&
		string[at] != '\\')
		at++;
	return at;
}

static void add_quoted(struct text *out, const char *string)
{
	size_t left = strlen(string), length;

	text_add_byte(out, '"');
	for (; left; string += length, left -= length) {
		length = plain_run(string, left);
		if (!length)
			length = utf8_length(string, left);
		if (!length) {
			text_add(out, "\xef\xbf\xbd");
			length = 1;
		} else if (length == 1 && !plain_run(string, 1)) {
			escape(out, *string);
		} else {
			text_add_bytes(out, string, length);
		}
	}
	text_add_byte(out, '"');
}

void json_write_key(struct json_writer *json, const char *key)
{
	assert(json->is_object[json->depth] && !json->has_key);
	item_begin(json);
	add_quoted(json->out, key);
	text_add_byte(json->out, ':');
	json->has_key = true;
}

void json_write_string(struct json_writer *json, const char *string)
{
	if (!string) {
		json_write_null(json);
		return;
	}
	value_begin(json);
	add_quoted(json->out, string);
}

void json_write_integer(struct json_writer *json, int64_t value)
{
	value_begin(json);
	text_addf(json->out, "%" PRId64, value);
}

void json_write_number(struct json_writer *json, double value)
{
	char number[NUMBER_TEXT];

	if (!isfinite(value)) {
		json_write_null(json);
		return;
	}
	value_begin(json);
	text_add(json->out, number_format(value, number));
}

void json_write_bool(struct json_writer *json, bool value)
{
	value_begin(json);
	text_add(json->out, value ? "true" : "false");
}

void json_write_null(struct json_writer *json)
{
	value_begin(json);
	text_add(json->out, "null");
}

void json_put_string(struct json_writer *json, const char *key, const char *value)
{
	json_write_key(json, key);
	json_write_string(json, value);
}

void json_put_integer(struct json_writer *json, const char *key, int64_t value)
{
	json_write_key(json, key);
	json_write_integer(json, value);
}

void json_put_integer_if(struct json_writer *json, const char *key, bool known, int64_t value)
{
	json_write_key(json, key);
	if (known)
		json_write_integer(json, value);
	else
		json_write_null(json);
}

void json_put_bool(struct json_writer *json, const char *key, bool value)
{
	json_write_key(json, key);
	json_write_bool(json, value);
}

void json_put_null(struct json_writer *json, const char *key)
{
	json_write_key(json, key);
	json_write_null(json);
}
