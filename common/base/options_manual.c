#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/number.h"
#include "common/base/options_private.h"
#include "common/base/utf8.h"

/* The words of a program's table, as man(7) source. A line of source may be long, a control line
 * begins with a dot. */

enum { SOURCE_COLUMNS = 78 };

/* Beyond ASCII only \[uXXXX] is understood everywhere. */
static size_t character_add(struct text *out, const char *bytes, size_t left)
{
	size_t length = utf8_length(bytes, left), at;
	unsigned point = (unsigned char)*bytes & (0xffu >> (length + 1));

	if (length < 2) {
		text_add_byte(out, '?');
		return 1;
	}
	for (at = 1; at < length; at++)
		point = point << 6 | ((unsigned char)bytes[at] & 0x3fu);
	text_addf(out, "\\[u%04X]", point);
	return length;
}

/* What a formatter would take for something else, or show as its typographic sister that can't be
 * copied. */
static const struct {
	char byte;
	const char *source;
} special[] = { { '\\', "\\e" }, { '-', "\\-" }, { '"', "\\(dq" }, { '\'', "\\(aq" },
	{ '`', "\\(ga" }, { '^', "\\(ha" }, { '~', "\\(ti" }, { '\t', " " } };

static void byte_add(struct text *out, char byte)
{
	size_t row;

	for (row = 0; row < sizeof(special) / sizeof(*special); row++)
		if (special[row].byte == byte) {
			text_add(out, special[row].source);
			return;
		}
	text_add_byte(out, byte);
}

/* Text as roff source. Any word may come to stand at the start of a line, where a dot would make it
 * a request. */
static void escape(struct text *out, const char *string, size_t length)
{
	const char *end = string + length;
	bool starts_word = true;

	while (string < end) {
		if (*string & 0x80) {
			string += character_add(out, string, (size_t)(end - string));
			continue;
		}
		if (*string == '.' && starts_word)
			text_add(out, "\\&");
		byte_add(out, *string);
		starts_word = *string++ == ' ';
	}
}

/* A paragraph: broken into lines of source at its blanks. */
static void words_add(struct text *out, const char *words, size_t length)
{
	struct text source = { 0 };
	size_t column = 0;
	char *word, *next;

	escape(&source, words, length);
	for (word = strtok_r(source.bytes, " \n", &next); word;
		word = strtok_r(NULL, " \n", &next)) {
		if (column && column + 1 + strlen(word) > SOURCE_COLUMNS) {
			text_add_byte(out, '\n');
			column = 0;
		}
		if (column)
			text_add_byte(out, ' ');
		text_add(out, word);
		column += strlen(word) + 1;
	}
	if (column)
		text_add_byte(out, '\n');
	text_free(&source);
}

static void string_add(struct text *out, const char *string)
{
	escape(out, string, strlen(string));
}

static void name_add(struct text *out, const char *name)
{
	text_add(out, "\\fB\\-\\-");
	string_add(out, name);
	text_add(out, "\\fR");
}

static void letter_add(struct text *out, char letter)
{
	text_addf(out, "\\fB\\-%c\\fR", letter);
}

static void aliases_add(struct text *out, const struct option_row *row)
{
	if (!row->alias && !row->alias_letter)
		return;
	text_add(out, " (also ");
	if (row->alias_letter)
		letter_add(out, row->alias_letter);
	if (row->alias && row->alias_letter)
		text_add(out, ", ");
	if (row->alias)
		name_add(out, row->alias);
	text_add_byte(out, ')');
}

static void row_add(struct text *out, const struct option_row *row)
{
	struct text sentences = { 0 };

	text_add(out, ".TP\n");
	if (row->letter) {
		letter_add(out, row->letter);
		text_add(out, ", ");
	}
	name_add(out, row->name);
	if (row->argument) {
		text_add(out, "=\\fI");
		string_add(out, row->argument);
		text_add(out, "\\fR");
	}
	aliases_add(out, row);
	text_add_byte(out, '\n');
	option_sentences(row, &sentences);
	words_add(out, text_string(&sentences), sentences.length);
	text_free(&sentences);
}

static void options_section(const struct option_table *table, struct text *out)
{
	const struct option_row *row;
	size_t index;

	text_add(out, ".SH OPTIONS\n");
	for (index = 0; (row = options_row(table, index)); index++) {
		if (row->heading) {
			text_add(out, ".SS ");
			string_add(out, row->heading);
			text_add_byte(out, '\n');
		}
		row_add(out, row);
	}
}

/* Lines "term\n\tWhat it is.\n"; terms that follow each other share the explanation. */
static void terms_add(struct text *out, const char *lines)
{
	bool after_term = false;

	while (*lines) {
		size_t length = strcspn(lines, "\n");

		if (*lines == '\t') {
			words_add(out, lines + 1, length - 1);
		} else {
			text_addf(out, "%s\n\\fB", after_term ? ".TQ" : ".TP");
			escape(out, lines, length);
			text_add(out, "\\fR\n");
		}
		after_term = *lines != '\t';
		lines += length + (lines[length] == '\n');
	}
}

static void paragraph_add(struct text *out, const char *words, size_t length)
{
	words_add(out, words, length);
	text_add(out, ".PP\n");
}

static void description_section(const struct option_table *table, struct text *out)
{
	const char *text = table->description ? table->description : table->purpose;

	text_add(out, ".SH DESCRIPTION\n");
	each_paragraph(text, paragraph_add, out);
	/* A paragraph that nothing follows would be reported by mandoc -Tlint. */
	text_cut(out, out->length - strlen(".PP\n"));
}

static const char check_exit_status[] =
	"0: OK. 1: WARNING. 2: CRITICAL. 3: UNKNOWN, which also stands for wrong usage, --help and --version.";

static const char extra_opts_files[] =
	"/etc/monitoring-plugins/monitoring-plugins.ini\n"
	"/etc/monitoring-plugins.ini\n"
	"\tOptions for --extra-opts; the first one found is read. $MP_CONFIG_FILE names another one; monitoring-plugins.ini "
	"and plugins.ini in the directories of $NAGIOS_CONFIG_PATH come before these.\n";

/* "axfrd(8), check_dns(1)" */
static void see_also_section(struct text *out, const char *pages)
{
	text_add(out, ".SH SEE ALSO\n");
	while (*pages) {
		size_t name = strcspn(pages, "("), whole = strcspn(pages, ",");

		if (name > whole)
			name = whole;
		text_add(out, "\\fB");
		escape(out, pages, name);
		text_add(out, "\\fR");
		escape(out, pages + name, whole - name);
		pages += whole;
		pages += strspn(pages, ", ");
		text_add(out, *pages ? ",\n" : "\n");
	}
}

/* A page made twice from one source is the same page (reproducible-builds.org). */
static int64_t page_time_s(void)
{
	const char *epoch = getenv("SOURCE_DATE_EPOCH");
	uint64_t unix_s;

	if (epoch && number_whole(epoch, 0, INT32_MAX, &unix_s))
		return (int64_t)unix_s;
	return clock_now_s();
}

static void head_add(const struct option_table *table, int section, struct text *out)
{
	const char *at;
	char date[32];

	clock_format_utc(page_time_s(), date);
	text_add(out, ".TH ");
	for (at = table->program; *at; at++)
		text_add_byte(out, *at >= 'a' && *at <= 'z' ? (char)(*at - 'a' + 'A') : *at);
	text_addf(out, " %d %.10s \"dns\\-replication\\-plugins ", section, date);
	string_add(out, table->version);
	text_addf(out, "\" \"%s\"\n.SH NAME\n",
		section == 8 ? "System administration" : "User commands");
	string_add(out, table->program);
	text_add(out, " \\- ");
	string_add(out, table->purpose);
	text_add(out, "\n.SH SYNOPSIS\n\\fB");
	string_add(out, table->program);
	text_add(out, "\\fR [\\fIOPTION\\fR]...\n");
}

void options_manual_page(const struct option_table *table, int section, const char *see_also,
	struct text *out)
{
	const char *exit_status = table->exit_status ? table->exit_status : check_exit_status;

	head_add(table, section, out);
	description_section(table, out);
	options_section(table, out);
	text_add(out, ".SH EXIT STATUS\n");
	words_add(out, exit_status, strlen(exit_status));
	if (table->findings) {
		text_add(out, ".SH FINDINGS\n");
		terms_add(out, table->findings);
	}
	text_add(out, ".SH FILES\n");
	if (table->files)
		terms_add(out, table->files);
	terms_add(out, extra_opts_files);
	if (table->examples) {
		text_add(out, ".SH EXAMPLES\n");
		terms_add(out, table->examples);
	}
	if (see_also && *see_also)
		see_also_section(out, see_also);
}
