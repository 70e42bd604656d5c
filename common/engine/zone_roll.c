#include "common/engine/zone_roll.h"

#include <string.h>

#include "common/base/map.h"

struct reading {
	const char *path;
	unsigned line;
	struct arena *arena;
	struct zone_roll *roll;
	size_t capacity;
	struct map names; /* to indexes of the roll */
	struct fault *fault;
};

static bool complain(struct reading *reading, const char *what, const char *reason)
{
	return fault_set(reading->fault, "%s:%u: %s%s", reading->path, reading->line, what, reason);
}

static struct zone_roll_entry *add(struct reading *reading)
{
	struct zone_roll *roll = reading->roll;

	if (roll->count == reading->capacity) {
		size_t capacity = reading->capacity ? 2 * reading->capacity : 16;
		struct zone_roll_entry *more = arena_array(reading->arena, capacity, sizeof(*more));

		if (roll->count)
			memcpy(more, roll->entries, roll->count * sizeof(*more));
		roll->entries = more;
		reading->capacity = capacity;
	}
	return &roll->entries[roll->count++];
}

static const char *file_of(const struct reading *reading, const char *file)
{
	const char *slash = strrchr(reading->path, '/');

	if (*file == '/' || !slash)
		return arena_string(reading->arena, file);
	return arena_printf(reading->arena, "%.*s/%s", (int)(slash - reading->path), reading->path,
		file);
}

static bool take(struct reading *reading, const char *name, const char *file)
{
	struct zone_roll_entry *entry = add(reading);
	struct fault reason = { 0 };
	const uint8_t *key;
	bool was_new;

	if (!name_from_text(name, entry->name, &reason))
		return fault_set(reading->fault, "%s:%u: zone \"%s\": %s", reading->path,
			reading->line, name, reason.text);
	name_lower(entry->name);
	entry->file = file_of(reading, file);
	/* entries move, keys must not */
	key = arena_copy(reading->arena, entry->name, name_length(entry->name));
	map_put(&reading->names, key, name_length(key), 0, &was_new);
	return was_new || complain(reading, name, " is given twice");
}

static bool read_line(struct reading *reading, char *line)
{
	static const char blanks[] = " \t\r\f\v";
	char *rest = NULL, *name, *file;

	line[strcspn(line, "#")] = '\0';
	name = strtok_r(line, blanks, &rest);
	if (!name)
		return true;
	file = strtok_r(NULL, blanks, &rest);
	if (!file || strtok_r(NULL, blanks, &rest))
		return complain(reading, "right is ", "ZONE FILE");
	return take(reading, name, file);
}

bool zone_roll_parse(const char *path, const char *content, size_t length, struct arena *arena,
	struct zone_roll *roll, struct fault *fault)
{
	struct reading reading = { .path = path, .arena = arena, .roll = roll, .fault = fault };
	char *rest = arena_copy(arena, content, length + 1), *line;
	bool good = true;

	*roll = (struct zone_roll){ 0 };
	rest[length] = '\0';
	if (strlen(rest) != length) {
		reading.line = 1;
		return complain(&reading, "a byte that is no text", "");
	}
	while (good && (line = strsep(&rest, "\n"))) {
		reading.line++;
		good = read_line(&reading, line);
	}
	map_free(&reading.names);
	return good;
}
