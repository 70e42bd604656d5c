#include "common/checks/scenario_columns.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/number.h"
#include "common/base/utf8.h"
#include "common/model/observation.h"

/* --- Integers of any width ----------------------------------------------------------------------
 */

static int64_t get_integer(const struct scenario_column *item, const void *at)
{
	uint16_t two;
	uint32_t four;
	int64_t eight;

	switch (item->size) {
	case 1:
		return *(const uint8_t *)at;
	case 2:
		memcpy(&two, at, sizeof(two));
		return two;
	case 4:
		memcpy(&four, at, sizeof(four));
		return four;
	default: /* 8 */
		memcpy(&eight, at, sizeof(eight));
		return eight;
	}
}

static void set_integer(const struct scenario_column *item, void *at, int64_t value)
{
	uint16_t two = (uint16_t)value;
	uint32_t four = (uint32_t)value;

	switch (item->size) {
	case 1:
		*(uint8_t *)at = (uint8_t)value;
		break;
	case 2:
		memcpy(at, &two, sizeof(two));
		break;
	case 4:
		memcpy(at, &four, sizeof(four));
		break;
	default: /* 8 */
		memcpy(at, &value, sizeof(value));
	}
}

/* --- Writing --------------------------------------------------------------------------------- */

static void add_key(struct text *out, const struct scenario_column *item)
{
	text_addf(out, " %s=", item->name);
}

static void add_text(struct text *out, const struct scenario_column *item, const char *value)
{
	if (!value || (item->kind != COLUMN_TEXT_OR_NULL && !*value))
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
	case COLUMN_TEXT_CLEANED:
	case COLUMN_TEXT_OR_NULL:
		add_text(out, item, *(const char *const *)at);
		break;
	case COLUMN_INTEGER:
		if (get_integer(item, at) != item->absent)
			text_addf(out, " %s=%" PRId64, item->name, get_integer(item, at));
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
	case COLUMN_OUTCOME:
		if (*(const uint8_t *)at != OUTCOME_NOT_ASKED)
			text_addf(out, " %s=%s", item->name, outcome_name(*(const uint8_t *)at));
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

static bool find_choice(const char *value, unsigned count, const char *(*name)(unsigned),
	unsigned *choice)
{
	for (*choice = 0; *choice < count; (*choice)++) {
		if (!strcmp(name(*choice), value))
			return true;
	}
	return false;
}

bool scenario_choice(struct scenario_line *line, const char *key, unsigned count,
	const char *(*name)(unsigned), unsigned *value)
{
	const char *text = scenario_value(line, key);

	return (text && find_choice(text, count, name, value)) ||
		fault_set(line->fault, "%s= is missing or unknown", key);
}

static bool read_integer(const struct scenario_column *item, const char *value, void *at)
{
	uint64_t number;

	if (!number_whole(value, 0, (uint64_t)item->most, &number))
		return false;
	set_integer(item, at, (int64_t)number);
	return true;
}

static bool read_outcome(const char *value, uint8_t *outcome)
{
	enum outcome found;

	if (!outcome_from_name(value, &found))
		return false;
	*outcome = (uint8_t)found;
	return true;
}

static const char *cleaned(const char *value, struct arena *arena)
{
	char clean[CLEAN_MOST + 1];
	size_t length = utf8_clean(value, strlen(value), clean);

	return length ? arena_string(arena, clean) : "";
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
	case COLUMN_TEXT_CLEANED:
		*(const char **)at = cleaned(value, arena);
		return true;
	case COLUMN_INTEGER:
		return read_integer(item, value, at);
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
		return find_choice(value, item->choices, item->choice, at);
	case COLUMN_OUTCOME:
		return read_outcome(value, at);
	}
	return false;
}

static void leave_out(const struct scenario_column *item, void *at)
{
	if (item->kind == COLUMN_TEXT || item->kind == COLUMN_TEXT_CLEANED)
		*(const char **)at = "";
	else if (item->kind == COLUMN_INTEGER)
		set_integer(item, at, item->absent);
}

bool scenario_read_columns(struct scenario_line *line, const struct scenario_column *items,
	void *base, struct arena *arena)
{
	for (; items->name; items++) {
		const char *value = scenario_value(line, items->name);
		void *at = (char *)base + items->offset;

		if (value && !read_item(items, value, at, arena))
			return wrong(line, items);
		if (!value)
			leave_out(items, at);
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
