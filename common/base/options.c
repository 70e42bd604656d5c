#include "common/base/options.h"

#include <assert.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "common/base/duration.h"
#include "common/base/nearest.h"
#include "common/base/number.h"
#include "common/base/options_private.h"

/* What getopt_long() returns: a letter as itself, a long name as this and the row's index. */
enum { ROW_FIRST = 256, POSITIONAL = 1 };

/* Indexes into options_common. */
enum { COMMON_HELP, COMMON_VERSION, COMMON_EXTRA_OPTS, COMMON_COUNT };

const struct option_row options_common[] = {
	[COMMON_HELP] = { .letter = 'h',
		.name = "help",
		.kind = OPTION_FLAG,
		.heading = "General",
		.help = "Show this help." },
	[COMMON_VERSION] = { .letter = 'V',
		.name = "version",
		.kind = OPTION_FLAG,
		.help = "Show the version." },
	[COMMON_EXTRA_OPTS] = { .name = "extra-opts",
		.kind = OPTION_LIST,
		.argument = "[SECTION][@FILE]",
		.help = "Read options from a section of an ini file, as the Monitoring Plugins do: a line is NAME=VALUE or "
			"NAME, with a long name or a letter. The section defaults to the program's name, the file to "
			"$MP_CONFIG_FILE, else to monitoring-plugins.ini in $NAGIOS_CONFIG_PATH or /etc. What stands on "
			"the command line wins.",
		.example = "--extra-opts=canary@/etc/monitoring-plugins.ini" },
	[COMMON_COUNT] = { .name = NULL },
};

struct parser {
	const struct option_table *table;
	void *values;
	struct arena *arena;
	struct text *out;
	struct fault *fault;
	struct option *longs;
	char *letters;
	size_t own_count; /* rows of the program */
};

const struct option_row *options_row(const struct option_table *table, size_t index)
{
	size_t own = 0;

	while (own < index && table->rows[own].name)
		own++;
	if (table->rows[own].name)
		return &table->rows[own];
	return index - own < COMMON_COUNT ? &options_common[index - own] : NULL;
}

const char *option_label(const struct option_row *row, char label[OPTION_LABEL])
{
	if (row->letter)
		snprintf(label, OPTION_LABEL, "-%c/--%s", row->letter, row->name);
	else
		snprintf(label, OPTION_LABEL, "--%s", row->name);
	return label;
}

/* Puts the option before the reason, and the right form behind it. */
static bool wrong(struct parser *parser, const struct option_row *row)
{
	char label[OPTION_LABEL];

	option_label(row, label);
	if (row->example)
		return fault_set(parser->fault, "%s: %s; for example %s", label,
			parser->fault->text, row->example);
	return fault_set(parser->fault, "%s: %s", label, parser->fault->text);
}

static void list_add(struct option_list *list, const char *item, struct arena *arena)
{
	/* Full at every power of two. */
	if (!(list->count & (list->count - 1))) {
		const char **items =
			arena_array(arena, list->count ? list->count * 2 : 1, sizeof(*items));

		if (list->count)
			memcpy(items, list->items, list->count * sizeof(*items));
		list->items = items;
	}
	list->items[list->count++] = item;
}

static bool number_set(struct option_number *number, const struct option_row *row,
	const char *argument, struct fault *fault)
{
	number->set = number_whole(argument, row->least, row->most, &number->value);
	/* "-pSECRET", as mysql's users type it: no port is that long */
	if (!number->set && row->letter == 'p' && strlen(argument) > 5 &&
		argument[strspn(argument, "0123456789")])
		return fault_set(fault, "it is no whole number from %ju to %ju",
			(uintmax_t)row->least, (uintmax_t)row->most);
	return number->set ||
		fault_set(fault, "\"%s\" is no whole number from %ju to %ju", argument,
			(uintmax_t)row->least, (uintmax_t)row->most);
}

static bool choice_set(struct option_choice *choice, const struct option_row *row,
	const char *argument, struct fault *fault)
{
	struct text known = { 0 };
	uint32_t index;

	for (index = 0; row->choices[index]; index++)
		if (!strcmp(row->choices[index], argument)) {
			*choice = (struct option_choice){ .index = index, .set = true };
			return true;
		}
	for (index = 0; row->choices[index]; index++)
		text_addf(&known, "%s%s", index ? ", " : "", row->choices[index]);
	fault_set(fault, "\"%s\" is none of %s", argument, text_string(&known));
	text_free(&known);
	return false;
}

static bool duration_set(struct option_duration *duration, const char *argument,
	struct fault *fault)
{
	duration->set = duration_parse(argument, &duration->seconds, fault);
	return duration->set;
}

static bool value_set(struct parser *parser, const struct option_row *row, const char *argument)
{
	void *value = (char *)parser->values + row->offset;

	switch (row->kind) {
	case OPTION_FLAG:
		*(bool *)value = true;
		return true;
	case OPTION_NOT:
		*(bool *)value = false;
		return true;
	case OPTION_COUNT:
		++*(uint32_t *)value;
		return true;
	case OPTION_TEXT:
		*(const char **)value = arena_string(parser->arena, argument);
		return *argument || fault_set(parser->fault, "the argument is empty");
	case OPTION_LIST:
		list_add(value, arena_string(parser->arena, argument), parser->arena);
		return *argument || fault_set(parser->fault, "the argument is empty");
	case OPTION_NUMBER:
		return number_set(value, row, argument, parser->fault);
	case OPTION_DURATION:
		return duration_set(value, argument, parser->fault);
	case OPTION_RANGE:
		return range_parse(argument, RANGE_PLAIN, value, parser->fault);
	case OPTION_DURATION_RANGE:
		return range_parse(argument, RANGE_SECONDS, value, parser->fault);
	case OPTION_CHOICE:
		return choice_set(value, row, argument, parser->fault);
	}
	return false;
}

static int takes_argument(const struct option_row *row)
{
	bool is_switch =
		row->kind == OPTION_FLAG || row->kind == OPTION_NOT || row->kind == OPTION_COUNT;

	assert(is_switch == !row->argument);
	return is_switch ? no_argument : required_argument;
}

static const struct option_row *row_at(const struct parser *parser, size_t index)
{
	return index < parser->own_count ? &parser->table->rows[index]
					 : &options_common[index - parser->own_count];
}

/* Of what getopt_long() returned. */
static const struct option_row *row_of(const struct parser *parser, int value)
{
	size_t index = 0;

	if (value >= ROW_FIRST)
		return row_at(parser, (size_t)(value - ROW_FIRST));
	while (row_at(parser, index)->letter != value &&
		row_at(parser, index)->alias_letter != value)
		index++;
	return row_at(parser, index);
}

static char *letter_add(char *at, char letter, const struct option_row *row)
{
	if (!letter)
		return at;
	*at++ = letter;
	if (takes_argument(row))
		*at++ = ':';
	return at;
}

/* --extra-opts is not among them: it is taken out of argv before. */
static void tables_make(struct parser *parser)
{
	size_t index, count;
	struct option *option;
	char *letter;

	while (parser->table->rows[parser->own_count].name)
		parser->own_count++;
	count = parser->own_count + COMMON_COUNT;
	option = parser->longs = arena_array(parser->arena, 2 * count + 1, sizeof(*option));
	letter = parser->letters = arena_array(parser->arena, 4 * count + 3, 1);
	/* '-': positional arguments in their order; ':': tell a missing argument from an unknown
	 * option. */
	*letter++ = '-';
	*letter++ = ':';
	for (index = 0; index < count; index++) {
		const struct option_row *row = row_at(parser, index);
		int value = ROW_FIRST + (int)index;

		if (row == &options_common[COMMON_EXTRA_OPTS])
			continue;
		*option++ = (struct option){ row->name, takes_argument(row), NULL, value };
		if (row->alias)
			*option++ = (struct option){ row->alias, takes_argument(row), NULL, value };
		letter = letter_add(letter, row->letter, row);
		letter = letter_add(letter, row->alias_letter, row);
	}
}

static void presets_set(struct parser *parser)
{
	const struct option_row *row;

	for (row = parser->table->rows; row->name; row++) {
		bool good = true;

		if (row->kind == OPTION_FLAG && row->on_by_default)
			*(bool *)((char *)parser->values + row->offset) = true;
		assert(!row->preset || row->kind != OPTION_LIST);
		if (row->preset)
			good = value_set(parser, row, row->preset);
		/* A default that its own option refuses is a bug. */
		assert(good);
		(void)good;
	}
}

static bool unknown_letter(struct parser *parser, int letter)
{
	const char *program = parser->table->program;
	int other = letter ^ 0x20;
	bool is_letter = (other >= 'a' && other <= 'z') || (other >= 'A' && other <= 'Z');

	if (letter <= ' ' || letter > '~')
		return fault_set(parser->fault, "unknown option -\\x%02x; \"%s --help\" shows all",
			letter & 0xff, program);
	if (is_letter && strchr(parser->letters, other))
		return fault_set(parser->fault,
			"unknown option -%c; did you mean -%c? \"%s --help\" shows all", letter,
			other, program);
	return fault_set(parser->fault, "unknown option -%c; \"%s --help\" shows all", letter,
		program);
}

/* How many options begin with it; their names go to `names`. */
static size_t abbreviated(const struct parser *parser, const char *word, struct text *names)
{
	const struct option *option;
	size_t count = 0;

	for (option = parser->longs; option->name; option++)
		if (!strncmp(option->name, word, strlen(word)))
			text_addf(names, "%s--%s", count++ ? ", " : "", option->name);
	return count;
}

static bool unknown_long(struct parser *parser, const char *typed)
{
	const char *program = parser->table->program;
	char *word = arena_printf(parser->arena, "%.*s", (int)strcspn(typed, "="), typed);
	struct nearest nearest = { .word = word };
	struct text names = { 0 };
	const struct option_row *row;
	size_t index;

	if (abbreviated(parser, word, &names) > 1) {
		fault_set(parser->fault, "--%s may be any of %s", word, text_string(&names));
		text_free(&names);
		return false;
	}
	text_free(&names);
	for (index = 0; (row = options_row(parser->table, index)); index++) {
		nearest_try(&nearest, row->name);
		if (row->alias)
			nearest_try(&nearest, row->alias);
	}
	if (nearest.best)
		return fault_set(parser->fault,
			"unknown option --%s; did you mean --%s? \"%s --help\" shows all", word,
			nearest.best, program);
	return fault_set(parser->fault, "unknown option --%s; \"%s --help\" shows all", word,
		program);
}

/* getopt_long() said '?': an unknown letter, a flag with an argument, or a long name that is
 * unknown or ambiguous. */
static bool refused(struct parser *parser, char *const *words)
{
	char label[OPTION_LABEL];

	if (optopt >= ROW_FIRST)
		return fault_set(parser->fault, "%s takes no argument",
			option_label(row_of(parser, optopt), label));
	if (optopt)
		return unknown_letter(parser, optopt);
	return unknown_long(parser, words[optind - 1] + 2);
}

static bool missing(struct parser *parser, const struct option_row *row)
{
	char label[OPTION_LABEL];

	if (row->example)
		return fault_set(parser->fault, "%s needs an argument: --%s=%s; for example %s",
			option_label(row, label), row->name, row->argument, row->example);
	return fault_set(parser->fault, "%s needs an argument: --%s=%s", option_label(row, label),
		row->name, row->argument);
}

static bool positional(struct parser *parser, const char *word)
{
	return fault_set(parser->fault,
		"\"%s\" stands without an option before it; \"%s --help\" shows all options", word,
		parser->table->program);
}

/* Is it one that every program has? Then it is shown. */
static bool common_show(struct parser *parser, const struct option_row *row)
{
	const struct option_table *table = parser->table;

	if (row == &options_common[COMMON_HELP])
		options_help(table, parser->out);
	else if (row == &options_common[COMMON_VERSION])
		text_addf(parser->out, "%s v%s (dns-replication-plugins)\n", table->program,
			table->version);
	else
		return false;
	return true;
}

/* For the build and its tests, not for users: by themselves, so that no abbreviation means them. */
static bool hidden_show(const struct option_table *table, const char *word, struct text *out)
{
	if (!strcmp(word, "--manual-page"))
		options_manual_page(table, table->section ? table->section : 1, table->see_also,
			out);
	else if (!strcmp(word, "--option-table"))
		options_list(table, out);
	else
		return false;
	return true;
}

static enum options_result words_parse(struct parser *parser, int count, char **words)
{
	int value;

	opterr = 0;
	optind = 0; /* glibc: forget the words of before */
	while ((value = getopt_long(count, words, parser->letters, parser->longs, NULL)) != -1) {
		const struct option_row *row;
		bool good;

		if (value == POSITIONAL)
			good = positional(parser, optarg);
		else if (value == '?')
			good = refused(parser, words);
		else if (value == ':')
			good = missing(parser, row_of(parser, optopt));
		else if (common_show(parser, row = row_of(parser, value)))
			return OPTIONS_SHOWN;
		else
			good = value_set(parser, row, optarg) || wrong(parser, row);
		if (!good)
			return OPTIONS_WRONG;
	}
	if (optind < count && !positional(parser, words[optind]))
		return OPTIONS_WRONG;
	return OPTIONS_RUN;
}

static enum options_result extra_opts_take(struct parser *parser, const char *locator)
{
	struct extra_options options = { 0 };
	size_t at;

	if (!extra_opts_read(locator, parser->table->program, parser->arena, &options,
		    parser->fault))
		return OPTIONS_WRONG;
	/* Each line by itself: a letter without its argument must not take the next line for it. */
	for (at = 0; at < options.count; at++) {
		char *words[] = { (char *)parser->table->program, options.items[at].word, NULL };
		enum options_result result = words_parse(parser, 2, words);

		if (result == OPTIONS_WRONG)
			fault_set(parser->fault, "%s line %u: %s", options.path,
				options.items[at].line, parser->fault->text);
		if (result != OPTIONS_RUN)
			return result;
	}
	return OPTIONS_RUN;
}

/* The Monitoring Plugins' np_extra_opts(): "--extra-opts=X", "--extra-opts X", or alone. How many
 * words it takes, 0 where it is none. */
static int extra_opts_words(int left, char **words, const char **locator)
{
	static const char option[] = "--extra-opts";
	size_t length = sizeof(option) - 1;

	*locator = NULL;
	if (strncmp(words[0], option, length))
		return 0;
	if (words[0][length] == '=') {
		*locator = words[0] + length + 1;
		return 1;
	}
	if (words[0][length])
		return 0;
	if (left < 2 || *words[1] == '-')
		return 1;
	*locator = words[1];
	return 2;
}

enum options_result options_parse(const struct option_table *table, int argc, char **argv,
	void *values, struct arena *arena, struct text *out, struct fault *fault)
{
	struct parser parser = { .table = table,
		.values = values,
		.arena = arena,
		.out = out,
		.fault = fault };
	char **words = arena_array(arena, (size_t)argc + 1, sizeof(*words));
	enum options_result result = OPTIONS_RUN;
	int count = 0, at = 0;

	if (argc == 2 && hidden_show(table, argv[1], out))
		return OPTIONS_SHOWN;
	tables_make(&parser);
	presets_set(&parser);
	while (at < argc && result == OPTIONS_RUN) {
		const char *locator;
		int taken = extra_opts_words(argc - at, argv + at, &locator);

		if (taken)
			result = extra_opts_take(&parser, locator);
		else
			words[count++] = argv[at];
		at += taken ? taken : 1;
	}
	if (result == OPTIONS_RUN)
		result = words_parse(&parser, count, words);
	return result;
}
