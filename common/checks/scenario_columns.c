#include "common/checks/scenario_columns.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/number.h"

/* --- Writing --------------------------------------------------------------------------------- */

static void add_key(struct text *out, const struct scenario_column *item)
{
	text_addf(out, " %s=", item->name);
}

static void add_text(struct text *out, const struct scenario_column *item, const char *value)
{
	if (!value || (item->kind == COLUMN_TEXT && !*value))
		return;
	add_key(out, item);
	scenario_add_word(out, value);
}

static void add_count(struct text *out, const struct scenario_column *item, uint64_t value)
{
	if (!value)
		return;
	add_key(out, item);
	text_addf(out, "%" PRIu64, value);
}

static void add_choice(struct text *out, const struct scenario_column *item, unsigned value)
{
	if (!value)
		return;
	add_key(out, item);
	text_add(out, item->choice(value));
}

static void add_item(struct text *out, const struct scenario_column *item, const void *at)
{
	char number[NUMBER_TEXT];

	switch (item->kind) {
	case COLUMN_TEXT:
	case COLUMN_TEXT_OR_NULL:
		add_text(out, item, *(const char *const *)at);
		break;
	case COLUMN_NUMBER:
		add_count(out, item, *(const uint32_t *)at);
		break;
	case COLUMN_COUNT:
		add_count(out, item, *(const uint64_t *)at);
		break;
	case COLUMN_SECONDS:
		if (*(const int64_t *)at > 0)
			add_count(out, item, (uint64_t) * (const int64_t *)at);
		break;
	case COLUMN_FLAG:
		add_count(out, item, *(const bool *)at);
		break;
	case COLUMN_PERIOD:
		if (*(const double *)at > 0)
			text_addf(out, " %s=%s", item->name,
				number_format(*(const double *)at, number));
		break;
	case COLUMN_CHOICE:
		add_choice(out, item, *(const unsigned *)at);
		break;
	}
}

void scenario_add_columns(struct text *out, const struct scenario_column *items, const void *base)
{
	for (; items->name; items++)
		add_item(out, items, (const char *)base + items->offset);
}

/* --- Reading --------------------------------------------------------------------------------- */

static bool wrong(struct scenario_line *line, const struct scenario_column *item)
{
	return fault_set(line->fault, "%s=%s: that can't be", item->name,
		scenario_value(line, item->name));
}

static bool read_choice(const struct scenario_column *item, const char *value, unsigned *choice)
{
	for (*choice = 0; *choice < item->choices; (*choice)++) {
		if (!strcmp(item->choice(*choice), value))
			return true;
	}
	return false;
}

static bool read_period(const char *value, double *period)
{
	size_t length = number_span(value);

	*period = length ? strtod(value, NULL) : 0;
	return length && !value[length] && *period < UINT32_MAX;
}

static bool read_item(const struct scenario_column *item, const char *value, void *at,
	struct arena *arena)
{
	uint64_t number;

	switch (item->kind) {
	case COLUMN_TEXT:
	case COLUMN_TEXT_OR_NULL:
		*(const char **)at = arena_string(arena, value);
		return true;
	case COLUMN_NUMBER:
		if (!number_whole(value, 0, UINT32_MAX, &number))
			return false;
		*(uint32_t *)at = (uint32_t)number;
		return true;
	case COLUMN_COUNT:
		return number_whole(value, 0, UINT64_MAX, at);
	case COLUMN_SECONDS:
		if (!number_whole(value, 0, UINT32_MAX, &number))
			return false;
		*(int64_t *)at = (int64_t)number;
		return true;
	case COLUMN_FLAG:
		if (!number_whole(value, 0, 1, &number))
			return false;
		*(bool *)at = number == 1;
		return true;
	case COLUMN_PERIOD:
		return read_period(value, at);
	case COLUMN_CHOICE:
		return read_choice(item, value, at);
	}
	return false;
}

bool scenario_read_columns(struct scenario_line *line, const struct scenario_column *items,
	void *base, struct arena *arena)
{
	for (; items->name; items++) {
		const char *value = scenario_value(line, items->name);
		void *at = (char *)base + items->offset;

		if (value && !read_item(items, value, at, arena))
			return wrong(line, items);
		if (!value && items->kind == COLUMN_TEXT)
			*(const char **)at = "";
	}
	return true;
}

void *scenario_one_more(struct arena *arena, void *items, size_t count, size_t size)
{
	char *more;

	if (count & (count - 1))
		return items;
	more = arena_alloc(arena, (count ? 2 * count : 1) * size);
	if (count)
		memcpy(more, items, count * size);
	return more;
}
