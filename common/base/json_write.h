/*
 * Streaming JSON out (RFC 8259): the writer keeps commas and nesting, the caller keeps the order.
 * Bytes that are not UTF-8 become U+FFFD, control characters are escaped. Numbers are written so
 * that they read back the same. Misuse (a value without a key inside an object) is a bug: assert.
 */
#ifndef COMMON_BASE_JSON_WRITE_H
#define COMMON_BASE_JSON_WRITE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/text.h"

enum { JSON_DEPTH = 32 };

struct json_writer {
	struct text *out;
	uint8_t depth;
	bool is_object[JSON_DEPTH], has_items[JSON_DEPTH], has_key;
};

/* Adds to `out`; the caller owns it and may empty it between calls (streaming). */
void json_write_begin(struct json_writer *json, struct text *out);
void json_write_object(struct json_writer *json);
void json_write_object_end(struct json_writer *json);
void json_write_array(struct json_writer *json);
void json_write_array_end(struct json_writer *json);
void json_write_key(struct json_writer *json, const char *key);
/* NULL writes null. */
void json_write_string(struct json_writer *json, const char *string);
void json_write_integer(struct json_writer *json, int64_t value);
/* NaN and infinities write null: JSON has none. */
void json_write_number(struct json_writer *json, double value);
void json_write_bool(struct json_writer *json, bool value);
void json_write_null(struct json_writer *json);

/* A member of an object: key and value. A NULL string is null. */
void json_put_string(struct json_writer *json, const char *key, const char *value);
void json_put_integer(struct json_writer *json, const char *key, int64_t value);
void json_put_integer_if(struct json_writer *json, const char *key, bool known, int64_t value);
void json_put_bool(struct json_writer *json, const char *key, bool value);
void json_put_null(struct json_writer *json, const char *key);

#endif
