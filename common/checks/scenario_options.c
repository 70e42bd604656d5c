/* What a run that is replayed was started with: the file itself, and its option lines. */
#include <string.h>

#include "common/checks/scenario.h"
#include "common/checks/scenario_line.h"

enum { MOST_BYTES = 512 * 1024 * 1024, MOST_OPTIONS = 1024 };

/* The first line must say so: a stranger's file is no scenario. */
static bool is_scenario(const struct text *content)
{
	static const char first[] = "scenario 1";
	const char *bytes = text_string(content);
	size_t length = strlen(first);

	return !strncmp(bytes, first, length) &&
		(bytes[length] == '\n' || bytes[length] == '\r' || !bytes[length]);
}

/* "option WORD" lines; the word may hold "=" as it is. The file stays as it is, for
 * scenario_read(). */
static bool collect_options(struct run *run, const char **words, size_t *count, struct fault *fault)
{
	struct fault why = { { 0 } };
	struct scenario_line *line = arena_alloc(&run->arena, sizeof(*line));
	char *copy = arena_string(&run->arena, text_string(&run->scenario)), *text;

	line->fault = &why;
	while ((text = strsep(&copy, "\n"))) {
		const struct scenario_word *word = &line->words[1];

		if (strncmp(text, "option", 6) || (text[6] != ' ' && text[6] != '\t'))
			continue;
		if (*count == MOST_OPTIONS)
			return fault_set(fault, "--replay: %s has more than %d options",
				run->common->replay, MOST_OPTIONS);
		if (!scenario_split(line, text) || line->count != 2)
			return fault_set(fault,
				"--replay: %s has an option line that is not \"option WORD\"",
				run->common->replay);
		words[(*count)++] = word->value
			? arena_printf(&run->arena, "%s=%s", word->text, word->value)
			: word->text;
	}
	return true;
}

/* A "program NAME" line, the second; without one it is check_dns_replication's. */
static bool is_of(const struct run *run, const char *content)
{
	static const char keyword[] = "\nprogram ";
	const char *program = run->check->options.program, *said = strchr(content, '\n');

	if (!said || strncmp(said, keyword, strlen(keyword)))
		return !strcmp(program, "check_dns_replication");
	said += strlen(keyword);
	return !strncmp(said, program, strlen(program)) && strcspn(said, "\r\n") == strlen(program);
}

static bool load(struct run *run, struct fault *fault)
{
	const char *file = run->common->replay;

	if (!text_read_file(&run->scenario, file, MOST_BYTES, fault))
		return false;
	if (!is_scenario(&run->scenario))
		return fault_set(fault,
			"--replay: %s is no scenario: its first line must be \"scenario 1\"", file);
	if (memchr(run->scenario.bytes, '\0', run->scenario.length))
		return fault_set(fault, "--replay: %s holds a NUL byte", file);
	if (!is_of(run, run->scenario.bytes))
		return fault_set(fault, "--replay: %s is a scenario of another program", file);
	return true;
}

bool scenario_options(struct run *run, void *values, int argc, char **argv, struct fault *fault)
{
	const char **words =
		arena_array(&run->arena, MOST_OPTIONS + (size_t)argc + 1, sizeof(*words));
	struct text shown = { 0 };
	size_t count = 1;
	bool good;

	words[0] = argv[0];
	if (!load(run, fault) || !collect_options(run, words, &count, fault))
		return false;
	scenario_note_options(run, (int)count, (char **)words);
	for (int i = 1; i < argc; i++)
		words[count++] = argv[i];
	memset(values, 0, run->check->values_size);
	good = options_parse(&run->check->options, (int)count, (char **)words, values, &run->arena,
		       &shown, fault) == OPTIONS_RUN;
	text_free(&shown);
	return good;
}
