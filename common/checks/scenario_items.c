#include "common/checks/scenario_items.h"

#include <inttypes.h>
#include <string.h>

#include "common/base/utf8.h"

static int64_t get(const struct scenario_number *field, const void *base)
{
	const uint8_t *at = (const uint8_t *)base + field->offset;
	uint16_t two;
	uint32_t four;
	int64_t eight;

	switch (field->size) {
	case 1:
		return *at;
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

static void set(const struct scenario_number *field, void *base, int64_t value)
{
	uint8_t *at = (uint8_t *)base + field->offset;
	uint16_t two = (uint16_t)value;
	uint32_t four = (uint32_t)value;

	switch (field->size) {
	case 1:
		*at = value != 0;
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

void scenario_write_numbers(const struct scenario_number *numbers, size_t count, const void *base,
	struct text *out)
{
	for (size_t i = 0; i < count; i++) {
		int64_t value = get(&numbers[i], base);

		if (value != numbers[i].absent)
			text_addf(out, " %s=%" PRId64, numbers[i].key, value);
	}
}

bool scenario_read_numbers(struct scenario_line *line, const struct scenario_number *numbers,
	size_t count, void *base)
{
	for (size_t i = 0; i < count; i++) {
		int64_t value = numbers[i].absent;

		if (scenario_value(line, numbers[i].key) &&
			!scenario_number(line, numbers[i].key, numbers[i].most, &value))
			return false;
		set(&numbers[i], base, value);
	}
	return true;
}

void scenario_write_texts(const struct scenario_text *texts, size_t count, const void *base,
	struct text *out)
{
	for (size_t i = 0; i < count; i++) {
		const char *text;

		memcpy(&text, (const uint8_t *)base + texts[i].offset, sizeof(text));
		if (!*text)
			continue;
		text_addf(out, " %s=", texts[i].key);
		scenario_add_word(out, text);
	}
}

static const char *clean_text(struct observations *seen, const char *value)
{
	char clean[CLEAN_MOST + 1];
	size_t length = utf8_clean(value, strlen(value), clean);

	return length ? arena_string(&seen->arena, clean) : "";
}

void scenario_read_texts(struct scenario_line *line, struct observations *seen,
	const struct scenario_text *texts, size_t count, void *base)
{
	for (size_t i = 0; i < count; i++) {
		const char *value = scenario_value(line, texts[i].key);
		const char *text = value ? clean_text(seen, value) : "";

		memcpy((uint8_t *)base + texts[i].offset, &text, sizeof(text));
	}
}

bool scenario_choice(struct scenario_line *line, const char *key, unsigned count,
	const char *(*name)(unsigned), unsigned *value)
{
	const char *text = scenario_value(line, key);

	for (*value = 0; text && *value < count; (*value)++) {
		if (!strcmp(text, name(*value)))
			return true;
	}
	return fault_set(line->fault, "%s= is missing or unknown", key);
}
