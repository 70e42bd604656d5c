/*
 * One table of rows describes a program's options; from it come parsing (getopt_long underneath),
 * usage, --help,
 * --extra-opts and the manual page. A program's own values are a plain struct, zeroed by the
 * caller; each row says where in it its value goes.
 *
 * --help, --version, --extra-opts and the hidden --manual-page and --option-table (each as the only
 * word; for the build and the house test) belong to every program and need no row. Long names may
 * be abbreviated as getopt_long allows.
 */
#ifndef COMMON_BASE_OPTIONS_H
#define COMMON_BASE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/fault.h"
#include "common/base/range.h"
#include "common/base/text.h"

enum option_kind {
	OPTION_FLAG,           /* bool; no argument */
	OPTION_COUNT,          /* uint32_t; each use adds one */
	OPTION_TEXT,           /* const char *; the last one wins */
	OPTION_LIST,           /* struct option_list; repeatable; takes no preset */
	OPTION_NUMBER,         /* struct option_number: a whole number from least to most */
	OPTION_DURATION,       /* struct option_duration */
	OPTION_RANGE,          /* struct range of plain numbers */
	OPTION_DURATION_RANGE, /* struct range of seconds */
	OPTION_CHOICE,         /* struct option_choice: the index into row->choices */
	OPTION_NOT, /* bool set to false: --no-x beside an OPTION_FLAG row x with `on_by_default` at
	               the same offset */
};

struct option_list {
	const char **items;
	size_t count;
};
struct option_number {
	uint64_t value;
	bool set;
};
struct option_duration {
	double seconds;
	bool set;
};
struct option_choice {
	uint32_t index;
	bool set;
};

struct option_row {
	const char *name;     /* "hostname" */
	const char *alias;    /* another long name, or NULL */
	size_t offset;        /* of the value in the program's struct of values */
	const char *argument; /* "HOST[@PORT]"; NULL for flags */
	const char *heading;  /* set on the first row of a group, for --help and the manual page */
	const char *help;     /* one or more sentences, no newline; says the default */
	const char *example;  /* shown where the argument is wrong: "--hostname=192.0.2.1@5300" */
	const char *preset;   /* default, parsed as if given; NULL for none */
	const char *const *choices; /* OPTION_CHOICE: NULL-terminated */
	uint64_t least, most;       /* OPTION_NUMBER */
	enum option_kind kind;
	char letter, alias_letter; /* 0: long only */
	bool on_by_default;        /* OPTION_FLAG */
};

/* A program as its users see it. `rows` ends with a row whose name is NULL. */
struct option_table {
	const char *program; /* "check_dns_replication" */
	const char *version;
	const char *purpose;     /* one line */
	const char *description; /* paragraphs, separated by "\n\n" */
	const char *examples;    /* lines "command\n\tWhat it does.\n" */
	const char *exit_status; /* a paragraph; NULL: that of check plugins */
	const struct option_row *rows;
	const char *findings; /* for the manual page, in the form of `examples`; NULL for none */
	const char *files;    /* for the manual page, in the form of `examples`; NULL for none */
	const char *see_also; /* for --manual-page: "axfrd(8), check_dns(1)"; NULL for none */
	int section;          /* for --manual-page; 0: 1 */
};

enum options_result {
	OPTIONS_RUN,   /* go on */
	OPTIONS_SHOWN, /* `out` holds help, version or manual page: print it. A check exits 3 then
	                  (guidelines), axfrd 0. */
	OPTIONS_WRONG, /* `fault` says what was wrong and the right form */
};

/*
 * Fills `values` from presets, then --extra-opts=[section][@file] (Monitoring Plugins' ini files:
 * section defaults to the program's name; the file to the first of $MP_CONFIG_FILE,
 * monitoring-plugins.ini then plugins.ini in $NAGIOS_CONFIG_PATH's and the standard directories; an
 * explicitly named file or section that is not there is an error), then argv: what stands in argv
 * wins for single values, lists add up. Positional arguments are errors. An unknown option names
 * the nearest known one. `arena` owns all strings. A file of extra-opts that anybody may write is
 * refused.
 */
enum options_result options_parse(const struct option_table *table, int argc, char **argv,
	void *values, struct arena *arena, struct text *out, struct fault *fault);

/* What --help shows: grouped by heading, wrapped at 80 columns. */
void options_help(const struct option_table *table, struct text *out);
/* One line per option, tab-separated: letter or -, long name, alias or -, argument or -, kind,
 * repeatable (yes or no), help, default or -. */
void options_list(const struct option_table *table, struct text *out);
/* man(7) source; section 8 for axfrd and 1 for checks is the caller's choice. Its date is
 * $SOURCE_DATE_EPOCH's, where that is set, else today's. `see_also` may be NULL. */
void options_manual_page(const struct option_table *table, int section, const char *see_also,
	struct text *out);

#endif
