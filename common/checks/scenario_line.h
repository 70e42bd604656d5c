/*
 * One line of a scenario: words between blanks, each either plain or KEY=VALUE. %XX stands for a
 * byte that would end a word; it is decoded here, so a value may hold anything but NUL.
 */
#ifndef COMMON_CHECKS_SCENARIO_LINE_H
#define COMMON_CHECKS_SCENARIO_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/address.h"
#include "common/base/fault.h"
#include "common/base/text.h"
#include "common/dns/name.h"

enum { SCENARIO_WORDS = 4096 };

struct scenario_word {
	char *text;  /* a plain word, or the key */
	char *value; /* NULL: a plain word */
};

struct scenario_line {
	struct scenario_word words[SCENARIO_WORDS]; /* [0] is the keyword */
	size_t count;                               /* 0: an empty line, or a comment */
	struct fault *fault; /* the readers below say here what was wrong, and return false */
};

/* Takes the line apart in place. */
bool scenario_split(struct scenario_line *line, char *text);
/* The value of a key, or NULL. */
char *scenario_value(const struct scenario_line *line, const char *key);
/* The n-th plain word behind the keyword, or NULL. */
const char *scenario_plain(const struct scenario_line *line, size_t which);

/* A plain word as a number. */
bool scenario_plain_number(struct scenario_line *line, size_t which, int64_t most, int64_t *number);
/* A key's number, which must be there. */
bool scenario_number(struct scenario_line *line, const char *key, int64_t most, int64_t *number);
/* 0 or 1; false where the key is absent. */
bool scenario_bool(struct scenario_line *line, const char *key, bool *flag);
/* NOT_ASKED where the key is absent. */
bool scenario_outcome(struct scenario_line *line, const char *key, uint8_t *outcome);
bool scenario_name(struct scenario_line *line, const char *text, uint8_t name[NAME_WIRE]);
/* ADDRESS@PORT. */
bool scenario_address(struct scenario_line *line, const char *text, struct address *address);

/* What scenario_split() reads back as one word. */
void scenario_add_word(struct text *out, const char *word);

#endif
