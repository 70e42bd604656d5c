/* --extra-opts: ini files as the Monitoring Plugins read them, where they are found, who may write
 * them. */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/options_private.h"
#include "t/unit/options_sample.h"
#include "t/unit/tap.h"

static void ini_stories(void)
{
	static const struct {
		const char *name, *ini, *words; /* each with its line and a blank; NULL: refused */
		const char *fault;
	} table[] = {
		{ "one option", "[s]\nzone=example.com\n", "2:--zone=example.com ", NULL },
		{ "no line end", "[s]\nzone=example.com", "2:--zone=example.com ", NULL },
		{ "blanks everywhere", " [ s ] \n\t zone \t=  a b  \r\n", "2:--zone=a b ", NULL },
		{ "a letter", "[s]\nw=10\nH = x\n", "2:-w10 3:-Hx ", NULL },
		{ "flags", "[s]\nv\ntcp\n", "2:-v 3:--tcp ", NULL },
		{ "an empty value", "[s]\nzone=\nw=\n", "2:--zone= 3:-w ", NULL },
		{ "a value with =, # and quotes", "[s]\nzone=a=b # \"c\"\n",
			"2:--zone=a=b # \"c\" ", NULL },
		{ "comments and empty lines", "# a\n; b\n\n[s]\n  # c\n ;d=e\nzone=a\n",
			"7:--zone=a ", NULL },
		{ "other sections", "[a]\nzone=1\n[s]\nzone=2\n[b]\nzone=3\n", "4:--zone=2 ",
			NULL },
		{ "a section in two parts", "[s]\nzone=1\n[b]\nzone=2\n[s]\nzone=3\n",
			"2:--zone=1 6:--zone=3 ", NULL },
		{ "rubbish in other sections", "[a]\n=== !\n[s]\nv\n", "4:-v ", NULL },
		{ "text behind the bracket", "[s] ; what it is\nv\n", "2:-v ", NULL },
		{ "an empty section", "[s]\n", "", NULL },
		{ "many options", "[s]\na\nb\nc\nd\ne\nf\ng\nh\ni\n",
			"2:-a 3:-b 4:-c 5:-d 6:-e 7:-f 8:-g 9:-h 10:-i ", NULL },
		{ "nothing at all", "", NULL, "it has no section [s]" },
		{ "no such section", "[S]\nv\n[ss]\nv\n[]\nv\n", NULL, "it has no section [s]" },
		{ "a bracket left open", "[s\nv\n", NULL, "it has no section [s]" },
		{ "an option before any section", "\nv\n[s]\n", NULL,
			"line 2 stands before the first [section]" },
		{ "no name", "[s]\n=x\n", NULL, "line 2 is no option; right is NAME=VALUE" },
		{ "dashes before the name", "[s]\n--zone=a\n", NULL, "line 2 is no option" },
		{ "a dash alone", "[s]\n-\n", NULL, "line 2 is no option" },
		{ "a blank in the name", "[s]\nzone a\n", NULL, "line 2 is no option" },
		{ "a byte that no name has", "[s]\n\nzo\xc3\xb6ne=a\n", NULL,
			"line 3 is no option" },
		{ "a file that names a file", "[s]\nextra-opts=x\n", NULL,
			"line 2: a file can't name further --extra-opts" },
	};
	size_t at, item;

	for (at = 0; at < sizeof(table) / sizeof(*table); at++) {
		struct extra_options options = { 0 };
		struct arena arena = { 0 };
		struct fault fault = { 0 };
		struct text words = { 0 };
		bool good = extra_opts_parse(table[at].ini, strlen(table[at].ini), "s", &arena,
			&options, &fault);

		ok(good == (table[at].words != NULL), "%s: %s", table[at].name,
			good ? "read" : fault.text);
		for (item = 0; good && item < options.count; item++)
			text_addf(&words, "%u:%s ", options.items[item].line,
				options.items[item].word);
		if (good)
			is_string(text_string(&words), table[at].words, "... gives");
		else
			ok(strstr(fault.text, table[at].fault) != NULL, "... says why");
		text_free(&words);
		arena_free(&arena);
	}
}

static void zero_byte(void)
{
	struct extra_options options = { 0 };
	struct arena arena = { 0 };
	struct fault fault = { 0 };

	ok(!extra_opts_parse("[s]\nzone=a\0b\n", 13, "s", &arena, &options, &fault),
		"a zero byte is refused: %s", fault.text);
	arena_free(&arena);
}

/* A file of this directory; its path. */
static const char *file_put(const char *directory, const char *name, const char *bytes)
{
	static char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "w");
	if (!file || fputs(bytes, file) < 0 || fclose(file))
		printf("# cannot write %s\n", path);
	return path;
}

struct reading {
	enum options_result result;
	struct sample sample;
	struct fault fault;
	struct text out;
	struct arena arena;
};

static void reading_free(struct reading *reading)
{
	text_free(&reading->out);
	arena_free(&reading->arena);
}

/* NULL ends the words. */
static struct reading parse(const char *const *words)
{
	struct reading reading = { 0 };
	char *argv[16] = { (char *)"check_sample" };
	int argc = 1;

	for (; *words; words++)
		argv[argc++] = (char *)*words;
	reading.result = options_parse(&sample_table, argc, argv, &reading.sample, &reading.arena,
		&reading.out, &reading.fault);
	return reading;
}

#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void what_wins(const char *directory)
{
	char locator[600], other[600];
	struct reading reading;

	snprintf(locator, sizeof(locator), "--extra-opts=@%s",
		file_put(directory, "a.ini",
			"[check_sample]\nhostname=from-file\nport=1\nz=one\ndomain=two\nv\nno-diagnose\nw=5m\n"
			"[other]\nz=three\nport=2\n"));
	snprintf(other, sizeof(other), "other@%s/a.ini", directory);
	reading = parse(WORDS("-H", "from-argv", "-z", "four", locator, "-v"));
	ok(reading.result == OPTIONS_RUN, "a file is read%s", reading.fault.text);
	is_string(reading.sample.hostname, "from-argv", "what stands in argv wins");
	is_integer((int64_t)reading.sample.port.value, 1, "the file wins over the preset");
	ok(reading.sample.zones.count == 3 && !strcmp(reading.sample.zones.items[0], "one") &&
			!strcmp(reading.sample.zones.items[1], "two") &&
			!strcmp(reading.sample.zones.items[2], "four"),
		"lists add up, the file's first");
	is_integer(reading.sample.verbose, 2, "counts add up");
	ok(!reading.sample.diagnose, "flags are set");
	ok(reading.sample.warning.set && reading.sample.warning.end > 299, "thresholds too");
	reading_free(&reading);

	reading = parse(WORDS("--extra-opts", other, locator));
	ok(reading.result == OPTIONS_RUN && reading.sample.zones.count == 3,
		"several files, and a word of its own%s", reading.fault.text);
	is_integer((int64_t)reading.sample.port.value, 1, "the later one wins");
	reading_free(&reading);

	setenv("MP_CONFIG_FILE", locator + strlen("--extra-opts=@"), 1);
	reading = parse(WORDS("--extra-opts", "-v"));
	ok(reading.result == OPTIONS_RUN && reading.sample.verbose == 2,
		"without anything: $MP_CONFIG_FILE%s", reading.fault.text);
	reading_free(&reading);
	reading = parse(WORDS("-v", "--extra-opts"));
	ok(reading.result == OPTIONS_RUN && reading.sample.verbose == 2, "as the last word too%s",
		reading.fault.text);
	reading_free(&reading);
	reading = parse(WORDS("--extra-opts=other"));
	ok(reading.result == OPTIONS_RUN && reading.sample.port.value == 2, "a section alone%s",
		reading.fault.text);
	reading_free(&reading);
	unsetenv("MP_CONFIG_FILE");
	unlink(locator + strlen("--extra-opts=@"));
}

static void wrong_files(const char *directory)
{
	static const struct {
		const char *name, *ini, *locator, *said;
	} table[] = {
		{ "a wrong value", "[check_sample]\n\nport=x\n", "",
			"w.ini line 3: -P/--port: \"x\" is no whole number" },
		{ "an unknown option", "[check_sample]\nzome=x\n", "",
			"w.ini line 2: unknown option --zome; did you mean --zone" },
		{ "a letter without its argument", "[check_sample]\nH\nv\n", "",
			"w.ini line 2: -H/--hostname needs an argument" },
		{ "a name without its argument", "[check_sample]\nzone\nv\n", "",
			"w.ini line 2: -z/--zone needs an argument" },
		{ "a switch with a value", "[check_sample]\ntcp=yes\n", "",
			"w.ini line 2: --tcp takes no argument" },
		{ "no option", "[check_sample]\n???\n", "", "w.ini: line 2 is no option" },
		{ "no such section", "[check_sample]\n", "nothing",
			"w.ini: it has no section [nothing]" },
	};
	char locator[600];
	size_t at;

	for (at = 0; at < sizeof(table) / sizeof(*table); at++) {
		struct reading reading;

		snprintf(locator, sizeof(locator), "--extra-opts=%s@%s", table[at].locator,
			file_put(directory, "w.ini", table[at].ini));
		reading = parse(WORDS(locator, "-V"));
		ok(reading.result == OPTIONS_WRONG && strstr(reading.fault.text, table[at].said),
			"%s: %s", table[at].name, reading.fault.text);
		reading_free(&reading);
	}
	unlink(strchr(locator, '@') + 1);
}

static void places(const char *directory)
{
	static const char *const names[] = { "nagios-plugins.ini", "plugins.ini",
		"monitoring-plugins.ini" };
	char path[600];
	struct reading reading;
	size_t at;

	snprintf(path, sizeof(path), "/nowhere::%s", directory);
	setenv("NAGIOS_CONFIG_PATH", path, 1);
	setenv("MP_CONFIG_FILE", "", 1);
	for (at = 0; at < 3; at++) {
		snprintf(path, sizeof(path), "[check_sample]\nport=%zu\n", at + 1);
		file_put(directory, names[at], path);
		reading = parse(WORDS("--extra-opts"));
		ok(reading.result == OPTIONS_RUN && reading.sample.port.value == at + 1,
			"%s in $NAGIOS_CONFIG_PATH comes before the ones so far%s", names[at],
			reading.fault.text);
		reading_free(&reading);
	}
	for (at = 0; at < 3; at++) {
		snprintf(path, sizeof(path), "%s/%s", directory, names[at]);
		unlink(path);
	}
	unsetenv("NAGIOS_CONFIG_PATH");
	reading = parse(WORDS("--extra-opts=check_sample"));
	ok(reading.result == OPTIONS_WRONG && *reading.fault.text,
		"without them the standard places: %s", reading.fault.text);
	reading_free(&reading);
	unsetenv("MP_CONFIG_FILE");
}

static void unreadable(const char *directory)
{
	char locator[600], *path;
	struct reading reading;

	snprintf(locator, sizeof(locator), "--extra-opts=@%s",
		file_put(directory, "x.ini", "[check_sample]\nv\n"));
	path = strchr(locator, '@') + 1;
	chmod(path, 0666);
	reading = parse(WORDS(locator));
	ok(reading.result == OPTIONS_WRONG &&
			strstr(reading.fault.text, "may be written by everybody") &&
			strstr(reading.fault.text, "chmod o-w"),
		"a file that anybody may write is refused: %s", reading.fault.text);
	reading_free(&reading);
	chmod(path, 0660);
	reading = parse(WORDS(locator));
	ok(reading.result == OPTIONS_RUN, "one that a group may write is read%s",
		reading.fault.text);
	reading_free(&reading);
	unlink(path);
	reading = parse(WORDS(locator));
	ok(reading.result == OPTIONS_WRONG && strstr(reading.fault.text, strerror(ENOENT)),
		"an absent one: %s", reading.fault.text);
	reading_free(&reading);
	reading = parse(WORDS("--extra-opts=@"));
	ok(reading.result == OPTIONS_WRONG && strstr(reading.fault.text, "right is --extra-opts="),
		"no name: %s", reading.fault.text);
	reading_free(&reading);
	snprintf(locator, sizeof(locator), "--extra-opts=@%s", directory);
	reading = parse(WORDS(locator));
	ok(reading.result == OPTIONS_WRONG && strstr(reading.fault.text, strerror(EISDIR)),
		"a directory: %s", reading.fault.text);
	reading_free(&reading);
}

static void standard_input(const char *directory)
{
	const char *path = file_put(directory, "input", "[check_sample]\nvvv=1\nv\n[i]\nv\n");
	struct reading reading;

	if (!freopen(path, "r", stdin))
		printf("# %s\n", strerror(errno));
	reading = parse(WORDS("--extra-opts=i@-"));
	ok(reading.result == OPTIONS_RUN && reading.sample.verbose == 1,
		"\"-\" is standard input%s", reading.fault.text);
	reading_free(&reading);
	unlink(path);
}

/* Shown by a file: whoever writes it there, gets it. */
static void help_in_a_file(const char *directory)
{
	char locator[600];
	struct reading reading;

	snprintf(locator, sizeof(locator), "--extra-opts=@%s",
		file_put(directory, "h.ini", "[check_sample]\nversion\n"));
	reading = parse(WORDS(locator));
	ok(reading.result == OPTIONS_SHOWN && reading.out.length, "a file may ask for the version");
	reading_free(&reading);
	unlink(strchr(locator, '@') + 1);
}

int main(void)
{
	char directory[] = "/tmp/test_extra_opts.XXXXXX";

	unsetenv("MP_CONFIG_FILE");
	unsetenv("NAGIOS_CONFIG_PATH");
	ini_stories();
	zero_byte();
	if (!mkdtemp(directory))
		return 1;
	what_wins(directory);
	wrong_files(directory);
	places(directory);
	unreadable(directory);
	standard_input(directory);
	help_in_a_file(directory);
	ok(!rmdir(directory), "nothing is left behind");
	return done_testing();
}
