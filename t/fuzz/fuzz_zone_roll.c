/*
 * Lists of zones and their files from any bytes: each zone once, its name good, its file from the
 * root.
 */
#include <stdlib.h>
#include <string.h>

#include "common/engine/zone_roll.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);

static void must(bool good)
{
	if (!good)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
	struct arena arena = { 0 };
	struct zone_roll roll;
	struct fault fault = { 0 };
	char *content = arena_alloc(&arena, length + 1);

	if (length)
		memcpy(content, data, length);
	content[length] = '\0';
	if (zone_roll_parse("/list", content, length, &arena, &roll, &fault)) {
		for (size_t i = 0; i < roll.count; i++) {
			const struct zone_roll_entry *entry = &roll.entries[i];

			must(name_check(entry->name, NAME_WIRE) == name_length(entry->name));
			must(*entry->file == '/'); /* may be all of it: no regular file */
			must(!i || !name_equal(entry->name, roll.entries[i - 1].name));
		}
	} else {
		must(!strncmp(fault.text, "/list:", 6));
	}
	arena_free(&arena);
	return 0;
}
