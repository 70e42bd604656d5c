#include "common/dns/zone_line.h"

#include <string.h>

/* What ends a run of bytes that are copied as they are. */
static const bool special[256] = {
	['\0'] = true,
	['\t'] = true,
	['\n'] = true,
	['\r'] = true,
	['"'] = true,
	['('] = true,
	[')'] = true,
	[';'] = true,
	['\\'] = true,
};

static void copy_run(struct zone_lines *lines)
{
	const char *begin = lines->at;

	while (lines->at < lines->end && !special[(unsigned char)*lines->at])
		lines->at++;
	text_add_bytes(&lines->text, begin, (size_t)(lines->at - begin));
}

/* A backslash and what it escapes (of \DDD the first digit; the others are copied as such). */
static bool copy_escape(struct zone_lines *lines, struct fault *fault)
{
	if (lines->end - lines->at < 2 || lines->at[1] == '\n' || lines->at[1] == '\r')
		return fault_set(fault, "a backslash at the line's end");
	if (!lines->at[1])
		return fault_set(fault, "a NUL byte");
	text_add_bytes(&lines->text, lines->at, 2);
	lines->at += 2;
	return true;
}

/* From quote to quote. */
static bool copy_string(struct zone_lines *lines, struct fault *fault)
{
	text_add_byte(&lines->text, *lines->at++);
	while (lines->at < lines->end && *lines->at != '"') {
		if (*lines->at == '\\') {
			if (!copy_escape(lines, fault))
				return false;
		} else if (*lines->at == '\n' || !*lines->at) {
			break;
		} else {
			text_add_byte(&lines->text, *lines->at++);
		}
	}
	if (lines->at == lines->end || *lines->at != '"')
		return fault_set(fault, "a string that does not end in its line");
	text_add_byte(&lines->text, *lines->at++);
	return true;
}

static void skip_comment(struct zone_lines *lines)
{
	const char *newline = memchr(lines->at, '\n', (size_t)(lines->end - lines->at));

	lines->at = newline ? newline : lines->end;
}

/* `depth`: parentheses that are open. */
static bool copy_special(struct zone_lines *lines, unsigned *depth, struct fault *fault)
{
	switch (*lines->at) {
	case '"':
		return copy_string(lines, fault);
	case '\\':
		return copy_escape(lines, fault);
	case ';':
		skip_comment(lines);
		return true;
	case '\0':
		return fault_set(fault, "a NUL byte");
	case '(':
		++*depth;
		break;
	case ')':
		if (!*depth)
			return fault_set(fault, ") without (");
		--*depth;
		break;
	case '\n':
		lines->next_line++;
		break;
	}
	text_add_byte(&lines->text, ' ');
	lines->at++;
	return true;
}

static bool read_line(struct zone_lines *lines, struct fault *fault)
{
	unsigned depth = 0;
	bool ended = false;

	text_cut(&lines->text, 0);
	lines->line = lines->next_line;
	lines->indented = *lines->at == ' ' || *lines->at == '\t';
	while (lines->at < lines->end && !ended) {
		copy_run(lines);
		if (lines->at == lines->end)
			break;
		ended = *lines->at == '\n' && !depth;
		if (!copy_special(lines, &depth, fault))
			return false;
	}
	return !depth || fault_set(fault, "( without )");
}

static void trim(struct text *text)
{
	size_t length = text->length;

	while (length && text->bytes[length - 1] == ' ' &&
		!(length > 1 && text->bytes[length - 2] == '\\'))
		length--;
	text_cut(text, length);
}

bool zone_lines_next(struct zone_lines *lines, struct fault *fault)
{
	while (lines->at < lines->end) {
		if (!read_line(lines, fault))
			return false;
		trim(&lines->text);
		if (lines->text.length)
			return true;
	}
	return false;
}

char *zone_word(char **rest)
{
	char *at = *rest, *word;
	bool quoted = false;

	while (*at == ' ')
		at++;
	for (word = at; *at && (quoted || *at != ' '); at++) {
		if (*at == '"')
			quoted = !quoted;
		else if (*at == '\\' && at[1])
			at++;
	}
	*rest = *at ? at + 1 : at;
	*at = '\0';
	return *word ? word : NULL;
}

/* Seconds of a unit; 0: none. */
static uint32_t unit_seconds(char unit)
{
	switch (unit) {
	case 's':
	case 'S':
		return 1;
	case 'm':
	case 'M':
		return 60;
	case 'h':
	case 'H':
		return 3600;
	case 'd':
	case 'D':
		return 86400;
	case 'w':
	case 'W':
		return 604800;
	}
	return 0;
}

bool zone_seconds(const char *text, uint32_t most, uint32_t *seconds)
{
	uint64_t total = 0;

	do {
		uint64_t number = 0;
		size_t digits = strspn(text, "0123456789");

		if (!digits || digits > 10)
			return false;
		while (digits--)
			number = number * 10 + (uint64_t)(*text++ - '0');
		if (*text) {
			if (!unit_seconds(*text))
				return false;
			number *= unit_seconds(*text++);
		}
		total += number;
		if (total > most)
			return false;
	} while (*text);
	*seconds = (uint32_t)total;
	return true;
}
