#include "common/checks/zone_filter.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "common/base/text.h"
#include "common/dns/name.h"

enum { MOST_SHARDS = 100000 };

static bool is_ascii(const char *text)
{
	for (; *text; text++) {
		if (*text & 0x80)
			return false;
	}
	return true;
}

/* One label of a glob: an international one becomes what stands in DNS. */
static bool add_label(struct text *glob, const char *label, struct fault *why)
{
	uint8_t name[NAME_WIRE];
	char display[NAME_TEXT];

	if (is_ascii(label)) {
		text_add(glob, label);
		return true;
	}
	if (strpbrk(label, "*?["))
		return fault_set(why, "write its international part as xn--");
	if (!name_from_text(label, name, why))
		return false;
	text_add(glob, name_to_display(name, display));
	return true;
}

/* To fnmatch(3) a [ without its ] is a letter like others: here it is a mistake. */
static bool has_open_bracket(const char *text)
{
	const char *open = strchr(text, '[');

	while (open) {
		const char *close = open[1] ? strchr(open + 2, ']') : NULL;

		if (!close)
			return true;
		open = strchr(close, '[');
	}
	return false;
}

/* As zones are displayed: in lower case, without the final dot. */
static bool add_glob(struct zone_filter *filter, const char *text, struct arena *arena,
	struct fault *fault)
{
	char *rest = arena_string(arena, text), *label;
	struct fault why = { { 0 } };
	struct text glob = { 0 };
	size_t length = strlen(rest);
	bool good = !has_open_bracket(text) || fault_set(&why, "a [ lacks its ]");

	if (length > 1 && rest[length - 1] == '.')
		rest[length - 1] = '\0';
	while (good && (label = strsep(&rest, "."))) {
		good = add_label(&glob, label, &why);
		if (rest)
			text_add_byte(&glob, '.');
	}
	if (good)
		filter->globs[filter->glob_count++] = arena_string(arena, text_string(&glob));
	text_free(&glob);
	return good ||
		fault_set(fault, "--exclude: \"%s\": %s, e.g. --exclude='*.example.net'", text,
			why.text);
}

static bool parse_shard(struct zone_filter *filter, const char *text, struct fault *fault)
{
	char *end;
	unsigned long shard, shards = 0;

	if (!text)
		return true;
	shard = *text >= '0' && *text <= '9' ? strtoul(text, &end, 10) : 0;
	if (shard && *end == '/' && end[1] >= '0' && end[1] <= '9') {
		shards = strtoul(end + 1, &end, 10);
		if (*end)
			shards = 0;
	}
	if (!shards || shard > shards || shards > MOST_SHARDS)
		return fault_set(fault,
			"--shard: \"%s\" is not I/N with I from 1 to N (%d at most), e.g. --shard=1/4",
			text, MOST_SHARDS);
	filter->shard = (uint32_t)shard;
	filter->shards = (uint32_t)shards;
	return true;
}

bool zone_filter_begin(struct zone_filter *filter, const struct option_list *exclude,
	const char *shard, struct arena *arena, struct fault *fault)
{
	*filter = (struct zone_filter){ 0 };
	filter->globs = arena_array(arena, exclude->count, sizeof(*filter->globs));
	for (size_t i = 0; i < exclude->count; i++) {
		if (!add_glob(filter, exclude->items[i], arena, fault))
			return false;
	}
	return parse_shard(filter, shard, fault);
}

static bool is_excluded(const struct zone_filter *filter, const uint8_t *zone)
{
	char display[NAME_TEXT];

	if (filter->glob_count)
		name_to_display(zone, display);
	for (size_t i = 0; i < filter->glob_count; i++) {
		if (!fnmatch(filter->globs[i], display, FNM_NOESCAPE | FNM_CASEFOLD))
			return true;
	}
	return false;
}

bool zone_filter_takes(struct zone_filter *filter, const uint8_t *zone)
{
	if (is_excluded(filter, zone)) {
		filter->excluded++;
		return false;
	}
	if (filter->shards &&
		XXH64(zone, name_length(zone), 0) % filter->shards + 1 != filter->shard) {
		filter->elsewhere++;
		return false;
	}
	return true;
}
