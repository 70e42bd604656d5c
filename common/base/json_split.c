#include "common/base/json_split.h"

#include <string.h>

static bool breaks(struct json_split *split, const char *why)
{
	if (!split->broken)
		split->broken = why;
	return false;
}

static bool is_held(const struct json_split *split)
{
	return split->list_depth && split->depth > split->list_depth;
}

/* Is the list that begins here one to be cut? */
static bool is_list(const struct json_split *split)
{
	if (!split->list)
		return split->depth == 1;
	return split->is_value && split->key_length == strlen(split->list) &&
		!memcmp(split->key, split->list, split->key_length);
}

static bool opens(struct json_split *split, char byte)
{
	if (split->depth == JSON_SPLIT_DEPTH)
		return breaks(split, "it is nested too deep");
	if (!split->list && split->depth == 0 && byte == '{')
		return breaks(split, "it is no list");
	split->closing[split->depth++] = byte == '{' ? '}' : ']';
	if (byte == '[' && !split->list_depth && is_list(split))
		split->list_depth = split->depth;
	split->has_begun = true;
	split->is_value = false;
	return true;
}

static bool closes(struct json_split *split, char byte)
{
	bool was_held = is_held(split), good = true;

	if (split->depth == 0 || split->closing[split->depth - 1] != byte)
		return breaks(split, "its brackets do not match");
	if (split->depth == split->list_depth)
		split->list_depth = 0;
	split->depth--;
	split->has_ended = split->depth == 0;
	split->is_value = false;
	if (was_held && split->depth == split->list_depth) {
		if (byte == '}')
			good = split->object(split->context, split->held.bytes, split->held.length);
		text_cut(&split->held, 0);
	}
	return good || breaks(split, "the reader stopped");
}

/* The byte belongs to a string, its end included. */
static void take_string(struct json_split *split, char byte)
{
	if (split->escaped)
		split->escaped = false;
	else if (byte == '\\')
		split->escaped = true;
	else if (byte == '"')
		split->in_string = false;
	if (split->in_string && !split->is_value && split->key_length < JSON_SPLIT_KEY)
		split->key[split->key_length++] = byte;
}

static bool take_mark(struct json_split *split, char byte)
{
	switch (byte) {
	case '{':
	case '[':
		return opens(split, byte);
	case '}':
	case ']':
		return closes(split, byte);
	case '"':
		split->in_string = true;
		if (!split->is_value)
			split->key_length = 0;
		return true;
	case ':':
		split->is_value = true;
		return true;
	case ',':
		split->is_value = false;
		return true;
	default: /* blanks, numbers, words */
		return true;
	}
}

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

static bool take_byte(struct json_split *split, char byte)
{
	if (!split->has_begun && byte != '{' && byte != '[')
		return is_blank(byte) || breaks(split, "it is no JSON");
	if (split->has_ended)
		return is_blank(byte) || breaks(split, "something stands behind its end");
	if (is_held(split) ||
		(split->list_depth && !split->in_string && (byte == '{' || byte == '['))) {
		if (split->held.length == JSON_SPLIT_OBJECT)
			return breaks(split, "one element is too long");
		text_add_byte(&split->held, byte);
	}
	if (split->in_string)
		take_string(split, byte);
	else
		return take_mark(split, byte);
	return true;
}

bool json_split_feed(struct json_split *split, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (split->broken || !take_byte(split, bytes[i]))
			return false;
	}
	return true;
}

const char *json_split_end(struct json_split *split)
{
	if (!split->has_begun)
		breaks(split, "it is empty");
	else if (!split->has_ended)
		breaks(split, "it ends too early");
	text_free(&split->held);
	return split->broken;
}
