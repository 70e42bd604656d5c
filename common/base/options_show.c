#include <string.h>

#include "common/base/options_private.h"

enum { COLUMNS = 80, HELP_INDENT = 8, EXAMPLE_INDENT = 6 };

static void indent_add(struct text *out, size_t indent)
{
	while (indent--)
		text_add_byte(out, ' ');
}

/* Columns on the screen: bytes less the continuation bytes of UTF-8. */
static size_t width(const char *word, size_t length)
{
	size_t columns = 0;

	for (; length; length--)
		columns += ((unsigned char)*word++ & 0xc0) != 0x80;
	return columns;
}

/* Words between blanks, each line indented and ended; no line for no words. `length` ends at a
 * blank, a line end or the string's end. */
static void wrap(struct text *out, const char *words, size_t length, size_t indent)
{
	const char *end = words + length;
	size_t column = 0;

	while (words < end) {
		size_t word = strcspn(words, " \n");

		if (word && column && column + 1 + width(words, word) > COLUMNS) {
			text_add_byte(out, '\n');
			column = 0;
		}
		if (word && column) {
			text_add_byte(out, ' ');
			column++;
		} else if (word) {
			indent_add(out, indent);
			column = indent;
		}
		text_add_bytes(out, words, word);
		column += width(words, word);
		words += word + (word < (size_t)(end - words));
	}
	if (column)
		text_add_byte(out, '\n');
}

static void wrap_text(struct text *out, const struct text *words, size_t indent)
{
	wrap(out, text_string(words), words->length, indent);
}

void each_paragraph(const char *text, void (*use)(struct text *, const char *, size_t),
	struct text *out)
{
	while (text && *text) {
		const char *end = strstr(text, "\n\n");
		size_t length = end ? (size_t)(end - text) : strlen(text);

		use(out, text, length);
		text += length + (end ? 2 : 0);
	}
}

static bool repeats(const struct option_row *row)
{
	return row->kind == OPTION_LIST || row->kind == OPTION_COUNT;
}

void option_sentences(const struct option_row *row, struct text *out)
{
	text_add(out, row->help);
	if (row->kind == OPTION_LIST && !strstr(row->help, "epeatable"))
		text_add(out, " Repeatable.");
	if (row->preset && !strstr(row->help, "efault"))
		text_addf(out, " Default: %s.", row->preset);
}

/* --help */

static void alias_add(struct text *out, const struct option_row *row)
{
	if (row->alias && row->alias_letter)
		text_addf(out, " (also -%c, --%s)", row->alias_letter, row->alias);
	else if (row->alias)
		text_addf(out, " (also --%s)", row->alias);
	else if (row->alias_letter)
		text_addf(out, " (also -%c)", row->alias_letter);
}

static void help_row(struct text *out, const struct option_row *row)
{
	struct text sentences = { 0 };

	if (row->heading)
		text_addf(out, "\n%s:\n", row->heading);
	if (row->letter)
		text_addf(out, "  -%c, --%s", row->letter, row->name);
	else
		text_addf(out, "      --%s", row->name);
	if (row->argument)
		text_addf(out, "=%s", row->argument);
	alias_add(out, row);
	text_add_byte(out, '\n');
	option_sentences(row, &sentences);
	wrap_text(out, &sentences, HELP_INDENT);
	text_free(&sentences);
}

static void help_paragraph(struct text *out, const char *text, size_t length)
{
	text_add_byte(out, '\n');
	wrap(out, text, length, 0);
}

/* Commands are to be copied: they stay on one line. */
static void help_examples(struct text *out, const char *examples)
{
	while (*examples) {
		size_t length = strcspn(examples, "\n");

		if (*examples == '\t')
			wrap(out, examples + 1, length - 1, EXAMPLE_INDENT);
		else
			text_addf(out, "  %.*s\n", (int)length, examples);
		examples += length + (examples[length] == '\n');
	}
}

void options_help(const struct option_table *table, struct text *out)
{
	const struct option_row *row;
	size_t index;

	text_addf(out, "%s v%s (dns-replication-plugins)\n", table->program, table->version);
	wrap(out, table->purpose, strlen(table->purpose), 0);
	text_addf(out, "\nUsage: %s [OPTION]...\n", table->program);
	each_paragraph(table->description, help_paragraph, out);
	for (index = 0; (row = options_row(table, index)); index++)
		help_row(out, row);
	if (table->examples) {
		text_add(out, "\nExamples:\n");
		help_examples(out, table->examples);
	}
}

/* --option-table */

static const char *kind_name(enum option_kind kind)
{
	switch (kind) {
	case OPTION_FLAG:
		return "flag";
	case OPTION_COUNT:
		return "count";
	case OPTION_TEXT:
		return "text";
	case OPTION_LIST:
		return "list";
	case OPTION_NUMBER:
		return "number";
	case OPTION_DURATION:
		return "duration";
	case OPTION_RANGE:
		return "range";
	case OPTION_DURATION_RANGE:
		return "duration-range";
	case OPTION_CHOICE:
		return "choice";
	case OPTION_NOT:
		return "not";
	}
	return "";
}

static const char *or_dash(const char *string)
{
	return string ? string : "-";
}

void options_list(const struct option_table *table, struct text *out)
{
	const struct option_row *row;
	size_t index;

	for (index = 0; (row = options_row(table, index)); index++)
		text_addf(out, "%c\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", row->letter ? row->letter : '-',
			row->name, or_dash(row->alias), or_dash(row->argument),
			kind_name(row->kind), repeats(row) ? "yes" : "no", row->help,
			or_dash(row->preset));
}
