#include "common/checks/scenario_line.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/model/observation.h"

static int hex_digit(char digit)
{
	static const char digits[] = "0123456789ABCDEF";
	const char *found = digit ? strchr(digits, toupper((unsigned char)digit)) : NULL;

	return found ? (int)(found - digits) : -1;
}

/* %XX back into bytes, in place. */
static bool decode(char *word)
{
	char *to = word;

	for (; *word; word++) {
		int high = *word == '%' ? hex_digit(word[1]) : 0;
		int low = *word == '%' && high >= 0 ? hex_digit(word[2]) : 0;

		if (high < 0 || low < 0 || (*word == '%' && high == 0 && low == 0))
			return false;
		if (*word == '%') {
			*to++ = (char)(high * 16 + low);
			word += 2;
		} else {
			*to++ = *word;
		}
	}
	*to = '\0';
	return true;
}

static bool take_word(struct scenario_line *line, char *text)
{
	struct scenario_word *word = &line->words[line->count];

	if (line->count == SCENARIO_WORDS)
		return fault_set(line->fault, "more than %d words", SCENARIO_WORDS);
	*word = (struct scenario_word){ .text = text, .value = strchr(text, '=') };
	if (word->value)
		*word->value++ = '\0';
	if (!decode(word->text) || (word->value && !decode(word->value)))
		return fault_set(line->fault,
			"%% must be followed by two hexadecimal digits (not 00)");
	line->count++;
	return true;
}

bool scenario_split(struct scenario_line *line, char *text)
{
	char *word;

	line->count = 0;
	while ((word = strsep(&text, " \t\r"))) {
		if (!*word)
			continue;
		if (line->count == 0 && *word == '#')
			break;
		if (!take_word(line, word))
			return false;
	}
	return true;
}

void scenario_add_word(struct text *out, const char *word)
{
	for (; *word; word++) {
		unsigned char byte = (unsigned char)*word;

		if (byte <= ' ' || byte == '%' || byte == '=' || byte == 0x7f)
			text_addf(out, "%%%02X", byte);
		else
			text_add_byte(out, *word);
	}
}

char *scenario_value(const struct scenario_line *line, const char *key)
{
	for (size_t i = 1; i < line->count; i++) {
		if (line->words[i].value && !strcmp(line->words[i].text, key))
			return line->words[i].value;
	}
	return NULL;
}

const char *scenario_plain(const struct scenario_line *line, size_t which)
{
	for (size_t i = 1; i < line->count; i++) {
		if (!line->words[i].value && which-- == 0)
			return line->words[i].text;
	}
	return NULL;
}

static bool to_number(const char *text, int64_t most, int64_t *number)
{
	char *end;

	if (!text || *text < '0' || *text > '9')
		return false;
	errno = 0;
	*number = strtoll(text, &end, 10);
	return !*end && !errno && *number <= most;
}

bool scenario_plain_number(struct scenario_line *line, size_t which, int64_t most, int64_t *number)
{
	return to_number(scenario_plain(line, which), most, number) ||
		fault_set(line->fault, "word %zu is missing or no number that can be", which + 1);
}

bool scenario_number(struct scenario_line *line, const char *key, int64_t most, int64_t *number)
{
	return to_number(scenario_value(line, key), most, number) ||
		fault_set(line->fault, "%s= is missing or no number that can be", key);
}

bool scenario_bool(struct scenario_line *line, const char *key, bool *flag)
{
	int64_t number = 0;
	bool good = !scenario_value(line, key) || scenario_number(line, key, 1, &number);

	*flag = number == 1;
	return good;
}

bool scenario_outcome(struct scenario_line *line, const char *key, uint8_t *outcome)
{
	const char *text = scenario_value(line, key);
	enum outcome found = OUTCOME_NOT_ASKED;

	if (text && !outcome_from_name(text, &found))
		return fault_set(line->fault, "%s=%s: there is no such outcome", key, text);
	*outcome = (uint8_t)found;
	return true;
}

bool scenario_name(struct scenario_line *line, const char *text, uint8_t name[NAME_WIRE])
{
	if (!text)
		return fault_set(line->fault, "a name is missing");
	return name_from_text(text, name, line->fault) > 0;
}

bool scenario_address(struct scenario_line *line, const char *text, struct address *address)
{
	return (text && address_from_text(text, address) && address->port) ||
		fault_set(line->fault, "an address is missing, or is not ADDRESS@PORT");
}
