#include "common/checks/observed.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/arena.h"

void observed_begin(struct observed *observed, const struct observed_kind *kinds, void *context)
{
	*observed = (struct observed){ .kinds = kinds, .context = context };
	observed->line = memory_resize(NULL, 1, sizeof(*observed->line));
}

static bool take_first(struct observed *observed, const char *text)
{
	return !strcmp(text, "scenario 1") ||
		fault_set(&observed->why, "it does not say what it saw");
}

static bool take_line(struct observed *observed, char *text)
{
	struct scenario_line *line = observed->line;
	struct fault why = { { 0 } };

	line->fault = &why;
	if (observed->lines++ == 0)
		return take_first(observed, text);
	if (!scenario_split(line, text))
		return fault_set(&observed->why, "%s", why.text);
	for (const struct observed_kind *kind = observed->kinds; line->count && kind->keyword;
		kind++) {
		if (!line->words[0].value && !strcmp(line->words[0].text, kind->keyword))
			return kind->take(observed->context, line) ||
				fault_set(&observed->why, "%s", why.text);
	}
	return true;
}

/* The whole lines of `rest`; what is left of it stays. */
static bool take_lines(struct observed *observed)
{
	char *at = observed->rest.bytes, *end = at + observed->rest.length, *newline;
	size_t left;

	while ((newline = memchr(at, '\n', (size_t)(end - at)))) {
		*newline = '\0';
		if (strlen(at) != (size_t)(newline - at))
			return fault_set(&observed->why, "a NUL byte");
		if (!take_line(observed, at))
			return false;
		at = newline + 1;
	}
	left = (size_t)(end - at);
	if (left > OBSERVED_LINE_MOST)
		return fault_set(&observed->why, "a line of more than %d bytes",
			OBSERVED_LINE_MOST);
	memmove(observed->rest.bytes, at, left);
	text_cut(&observed->rest, left);
	return true;
}

bool observed_feed(void *context, const char *bytes, size_t length)
{
	struct observed *observed = context;

	if (*observed->why.text)
		return false;
	observed->bytes += length;
	if (observed->bytes > OBSERVED_MOST)
		return fault_set(&observed->why, "it says more than %d MB",
			OBSERVED_MOST / 1024 / 1024);
	text_add_bytes(&observed->rest, bytes, length);
	return take_lines(observed);
}

bool observed_end(struct observed *observed, const struct sibling *sibling, struct fault *why)
{
	bool good = false;

	if (*observed->why.text)
		fault_set(why, "%s says what can't be read, line %llu: %s", sibling->program,
			(unsigned long long)observed->lines, observed->why.text);
	else if (sibling->has_failed)
		fault_set(why, "%s", sibling->why.text);
	else if (!observed->lines || observed->rest.length)
		fault_set(why, "%s ended in the middle of what it said", sibling->program);
	else
		good = true;
	text_free(&observed->rest);
	free(observed->line);
	return good;
}
