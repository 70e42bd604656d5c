/*
 * Long JSON documents. However the bytes are cut into pieces, the same objects come out and the
 * same is wrong; an object is one from bracket to bracket.
 */
#include <stdlib.h>
#include <string.h>

#include "common/base/json_split.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);

static void must(bool good)
{
	if (!good)
		abort();
}

static bool take(void *context, const char *bytes, size_t length)
{
	must(length >= 2 && bytes[0] == '{' && bytes[length - 1] == '}');
	must(length <= JSON_SPLIT_OBJECT);
	text_add_bytes(context, bytes, length);
	text_add_byte(context, '\0');
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
	struct text whole = { 0 }, pieces = { 0 };
	struct json_split split = { .list = "zones", .object = take, .context = &whole };
	struct json_split again = { .list = "zones", .object = take, .context = &pieces };
	const char *broken, *broken_again;

	json_split_feed(&split, (const char *)data, length);
	broken = json_split_end(&split);
	for (size_t at = 0; at < length; at++)
		json_split_feed(&again, (const char *)data + at, 1);
	broken_again = json_split_end(&again);
	must(broken == broken_again);
	must(whole.length == pieces.length);
	must(!whole.length || !memcmp(whole.bytes, pieces.bytes, whole.length));
	text_free(&whole);
	text_free(&pieces);
	return 0;
}
