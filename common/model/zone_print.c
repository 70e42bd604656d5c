#include "common/model/zone_print.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { FIRST_CAPACITY = 64 };

bool zone_prints_add(struct zone_prints *prints, uint64_t id, const char *name, uint64_t hash)
{
	struct zone_print *print;

	if (prints->count && prints->items[prints->count - 1].id >= id)
		return false;
	if (prints->count == prints->capacity) {
		prints->capacity = prints->capacity ? 2 * prints->capacity : FIRST_CAPACITY;
		prints->items =
			memory_resize(prints->items, prints->capacity, sizeof(*prints->items));
	}
	print = &prints->items[prints->count++];
	*print = (struct zone_print){ .name = arena_pack(&prints->names, name, strlen(name) + 1),
		.id = id };
	print->hashes[CONTENT_DOMAIN] = hash;
	print->counts[CONTENT_DOMAIN] = 1;
	return true;
}

static int compare_id(const void *key, const void *item)
{
	uint64_t id = *(const uint64_t *)key, other = ((const struct zone_print *)item)->id;

	return id < other ? -1 : id > other;
}

/* Sums do not mind the order of rows, and equal ones do not cancel out. */
void zone_prints_count(struct zone_prints *prints, uint64_t id, enum content_part part,
	uint64_t count, uint64_t hash)
{
	struct zone_print *print = prints->count
		? bsearch(&id, prints->items, prints->count, sizeof(*prints->items), compare_id)
		: NULL;

	if (!print)
		print = &prints->orphans;
	print->counts[part] += (uint32_t)count;
	print->hashes[part] += hash;
}

static int compare_name(const void *left, const void *right)
{
	return strcasecmp(((const struct zone_print *)left)->name,
		((const struct zone_print *)right)->name);
}

void zone_prints_close(struct zone_prints *prints)
{
	if (prints->count)
		qsort(prints->items, prints->count, sizeof(*prints->items), compare_name);
}

void zone_prints_free(struct zone_prints *prints)
{
	free(prints->items);
	arena_free(&prints->names);
	*prints = (struct zone_prints){ 0 };
}

const struct zone_print *zone_prints_find(const struct zone_prints *prints, const char *name)
{
	static const struct zone_print none = { .name = "" };
	struct zone_print wanted = { .name = name };
	const struct zone_print *found = prints->count
		? bsearch(&wanted, prints->items, prints->count, sizeof(wanted), compare_name)
		: NULL;

	return found ? found : &none;
}

bool zone_print_equal(const struct zone_print *a, const struct zone_print *b)
{
	return !memcmp(a->hashes, b->hashes, sizeof(a->hashes)) &&
		!memcmp(a->counts, b->counts, sizeof(a->counts));
}

void zone_prints_differing(const struct zone_prints *here, const struct zone_prints *there,
	zone_print_pair *each, void *context)
{
	size_t h = 0, t = 0;

	while (h < here->count || t < there->count) {
		int order = h == here->count ? 1
			: t == there->count  ? -1
					    : strcasecmp(here->items[h].name, there->items[t].name);

		if (order > 0)
			each(context, there->items[t].name);
		else if (order < 0 || !zone_print_equal(&here->items[h], &there->items[t]))
			each(context, here->items[h].name);
		h += order <= 0;
		t += order >= 0;
	}
}

enum print_verdict zone_print_settle(const struct zone_print *before,
	const struct zone_print *earlier, const struct zone_print *here,
	const struct zone_print *after)
{
	if (zone_print_equal(here, before) || zone_print_equal(here, after))
		return PRINT_SAME;
	return zone_print_equal(before, after) && zone_print_equal(earlier, here) ? PRINT_DIFFERENT
										  : PRINT_UNSETTLED;
}
