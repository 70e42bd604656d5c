/* Long JSON documents, cut into the objects of their lists; in pieces of any size. */
#include "common/base/json_split.h"
#include "t/unit/tap.h"

static bool take(void *context, const char *bytes, size_t length)
{
	text_add_bytes(context, bytes, length);
	text_add_byte(context, ' ');
	return length < 3 || memcmp(bytes, "{0}", 3) != 0;
}

static const char *split_pieces(const char *json, size_t length, size_t piece, struct text *objects)
{
	struct json_split split = { .list = "zones", .object = take, .context = objects };

	text_cut(objects, 0);
	for (size_t at = 0; at < length; at += piece) {
		if (!json_split_feed(&split, json + at, length - at < piece ? length - at : piece))
			break;
	}
	return json_split_end(&split);
}

static const struct {
	const char *name, *json, *objects, *broken;
} stories[] = {
	{ "one list", "{\"zones\":[{\"a\":1},{\"b\":2}]}", "{\"a\":1} {\"b\":2} ", NULL },
	{ "blanks", " {\n\"zones\" : [ { \"a\" : 1 } ]\r\n}\n", "{ \"a\" : 1 } ", NULL },
	{ "an empty list", "{\"zones\":[]}", "", NULL },
	{ "lists of several views",
		"{\"views\":{\"x\":{\"zones\":[{\"a\":1}]},\"y\":{\"zones\":[{\"b\":2}]}}}",
		"{\"a\":1} {\"b\":2} ", NULL },
	{ "other lists",
		"{\"zone\":[{\"a\":1}],\"zoness\":[{\"a\":1}],\"x\":[\"zones\",[{\"a\":1}]]}", "",
		NULL },
	{ "a value that is called so", "{\"x\":\"zones\",\"y\":[{\"a\":1}]}", "", NULL },
	{ "objects in objects", "{\"zones\":[{\"a\":{\"zones\":[{\"b\":[1]}]}}]}",
		"{\"a\":{\"zones\":[{\"b\":[1]}]}} ", NULL },
	{ "brackets and quotes in strings", "{\"zones\":[{\"a\":\"}]\\\"{\\\\\"}]}",
		"{\"a\":\"}]\\\"{\\\\\"} ", NULL },
	{ "other elements are nothing", "{\"zones\":[1,\"x\",[{\"a\":1}],{\"b\":2}]}", "{\"b\":2} ",
		NULL },
	{ "strings with brackets beside them", "{\"zones\":[\"{\",{\"b\":2},\"]\"]}", "{\"b\":2} ",
		NULL },
	{ "no object at all", "{\"zones\":1}", "", NULL },
	{ "empty", "", "", "it is empty" },
	{ "blanks alone", " \n", "", "it is empty" },
	{ "HTML", "<html>", "", "it is no JSON" },
	{ "cut", "{\"zones\":[{\"a\":1},{\"b\"", "{\"a\":1} ", "it ends too early" },
	{ "wrong brackets", "{\"zones\":[{\"a\":1]", "", "its brackets do not match" },
	{ "more behind it", "{} x", "", "something stands behind its end" },
	{ "the reader stops", "{\"zones\":[{0},{1}]}", "{0} ", "the reader stopped" },
};

static void outermost(struct text *objects)
{
	struct json_split split = { .object = take, .context = objects };
	const char *json = "[{\"a\":[{\"b\":1}]}, 7 ,{\"c\":2}]";

	text_cut(objects, 0);
	json_split_feed(&split, json, strlen(json));
	is_string(json_split_end(&split), NULL, "the document is the list");
	is_string(text_string(objects), "{\"a\":[{\"b\":1}]} {\"c\":2} ", "its objects");
	split = (struct json_split){ .object = take, .context = objects };
	json_split_feed(&split, "{\"zones\":[]}", 12);
	is_string(json_split_end(&split), "it is no list", "an object in its place");
}

static void bounds(struct text *objects)
{
	struct text json = { 0 };

	for (size_t i = 0; i < JSON_SPLIT_DEPTH; i++)
		text_add_byte(&json, '[');
	for (size_t i = 0; i < JSON_SPLIT_DEPTH; i++)
		text_add_byte(&json, ']');
	is_string(split_pieces(json.bytes, json.length, 7, objects), NULL, "64 levels");
	text_cut(&json, JSON_SPLIT_DEPTH);
	text_add(&json, "[]");
	is_string(split_pieces(json.bytes, json.length, 7, objects), "it is nested too deep",
		"65 levels");
	text_cut(&json, 0);
	text_add(&json, "{\"zones\":[{\"");
	while (json.length < JSON_SPLIT_OBJECT + 20)
		text_add_byte(&json, 'x');
	text_add(&json, "\":1}]}");
	is_string(split_pieces(json.bytes, json.length, 1000, objects), "one element is too long",
		"an element of 64 KiB");
	text_free(&json);
}

int main(void)
{
	struct text objects = { 0 };

	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		size_t length = strlen(stories[i].json);

		for (size_t piece = 1; piece < 9; piece++) {
			is_string(split_pieces(stories[i].json, length, piece, &objects),
				stories[i].broken, stories[i].name);
			is_string(text_string(&objects), stories[i].objects, stories[i].name);
		}
	}
	bounds(&objects);
	outermost(&objects);
	text_free(&objects);
	return done_testing();
}
