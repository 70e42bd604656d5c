#include "common/dns/zone_list.h"

#include <string.h>

#include "common/dns/name.h"

enum { SHOWN = 80 /* bytes of a word that is no name: the reason must have room, too */ };

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t';
}

static bool is_control(char byte)
{
	return (byte >= 0 && byte < ' ' && byte != '\t') || byte == 0x7f;
}

/* The next word of the line, NUL-terminated in place; NULL where there is none. */
static char *next_word(char **rest)
{
	char *word = *rest;

	while (is_blank(*word))
		word++;
	if (!*word)
		return NULL;
	*rest = word;
	while (**rest && !is_blank(**rest))
		(*rest)++;
	if (**rest)
		*(*rest)++ = '\0';
	return word;
}

static bool take_words(struct zone_list *list, struct fault *why)
{
	struct zone_list_entry entry = { .line = list->line };
	uint8_t name[NAME_WIRE];
	char *rest = list->bytes, *zone;

	zone = next_word(&rest);
	if (!zone)
		return true;
	entry.primary = next_word(&rest);
	if (next_word(&rest))
		return fault_set(why, "more than ZONE and PRIMARY");
	if (!name_from_text(zone, name, why))
		return fault_set(why, "\"%.*s%s\" is no domain name: %s", SHOWN, zone,
			strlen(zone) > SHOWN ? "..." : "", why->text);
	name_lower(name);
	entry.zone = name;
	return list->zone(list->context, &entry, why);
}

static bool take_line(struct zone_list *list, struct fault *why)
{
	size_t length = list->length;

	if (list->too_long)
		return fault_set(why, "longer than %d bytes", ZONE_LIST_LINE);
	if (length && list->bytes[length - 1] == '\r')
		length--;
	list->bytes[length] = '\0';
	for (size_t i = 0; i < length; i++) {
		if (is_control(list->bytes[i]))
			return fault_set(why, "it has a byte %d: is this text in UTF-8?",
				list->bytes[i]);
	}
	if (list->line == 1 && !strncmp(list->bytes, "\xef\xbb\xbf", 3))
		memmove(list->bytes, list->bytes + 3, length - 3 + 1);
	return take_words(list, why);
}

static void end_line(struct zone_list *list)
{
	struct fault why; /* thousands of lines have none */

	why.text[0] = '\0';
	if (!take_line(list, &why))
		list->broken(list->context, list->line, why.text);
	list->length = 0;
	list->is_open = list->too_long = list->in_comment = list->escaped = false;
}

/* What most lines are: whole, nothing escaped, no comment. */
static bool add_plain(struct zone_list *list, const char *bytes, size_t length)
{
	if (list->in_comment || list->escaped || length > ZONE_LIST_LINE - list->length ||
		memchr(bytes, '#', length) || memchr(bytes, '\\', length))
		return false;
	memcpy(list->bytes + list->length, bytes, length);
	list->length += length;
	return true;
}

/* A part of a line. "\\#" is no comment, "\\\\#" is one. */
static void add_bytes(struct zone_list *list, const char *bytes, size_t length)
{
	list->line += !list->is_open;
	list->is_open = true;
	if (add_plain(list, bytes, length))
		return;
	for (size_t i = 0; i < length && !list->in_comment; i++) {
		list->in_comment = bytes[i] == '#' && !list->escaped;
		list->escaped = bytes[i] == '\\' && !list->escaped;
		if (list->in_comment)
			break;
		if (list->length == ZONE_LIST_LINE)
			list->too_long = true;
		else
			list->bytes[list->length++] = bytes[i];
	}
}

void zone_list_feed(struct zone_list *list, const char *bytes, size_t length)
{
	while (length > 0) {
		const char *end = memchr(bytes, '\n', length);
		size_t part = end ? (size_t)(end - bytes) : length;

		add_bytes(list, bytes, part);
		if (!end)
			return;
		end_line(list);
		bytes += part + 1;
		length -= part + 1;
	}
}

void zone_list_end(struct zone_list *list)
{
	if (list->is_open)
		end_line(list);
}
