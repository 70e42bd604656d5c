/*
 * What the files of the option table share: options.c parses, options_show.c and options_manual.c
 * print, extra_opts.c reads ini files.
 */
#ifndef COMMON_BASE_OPTIONS_PRIVATE_H
#define COMMON_BASE_OPTIONS_PRIVATE_H

#include "common/base/options.h"

enum { OPTION_LABEL = 96 };

/* The options that every program has; ends with a row without a name. */
extern const struct option_row options_common[];

/* Rows of the program, then those that every program has; NULL behind the last. */
const struct option_row *options_row(const struct option_table *table, size_t index);
/* "-t/--timeout". */
const char *option_label(const struct option_row *row, char label[OPTION_LABEL]);

/* The help's sentences, and what the table knows besides unless they say it. */
void option_sentences(const struct option_row *row, struct text *out);
/* Calls `use` for each paragraph of the text, which may be NULL; they are parted by empty lines. */
void each_paragraph(const char *text,
	void (*use)(struct text *out, const char *words, size_t length), struct text *out);

/* One line of an ini file as a word of argv: "--name=value", "--name", "-xvalue", "-x". */
struct extra_option {
	char *word;
	unsigned line;
};
struct extra_options {
	const char *path; /* where they stand */
	struct extra_option *items;
	size_t count, capacity;
};

/*
 * The options that --extra-opts=LOCATOR names: "[section][@file]", NULL for neither. `arena` owns
 * all of it. The Monitoring Plugins' lib/parse_ini.c is the model.
 */
bool extra_opts_read(const char *locator, const char *default_section, struct arena *arena,
	struct extra_options *options, struct fault *fault);
/* The same of an ini file in memory; false also where it has no such section. */
bool extra_opts_parse(const char *ini, size_t length, const char *section, struct arena *arena,
	struct extra_options *options, struct fault *fault);

#endif
