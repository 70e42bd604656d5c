/* The option table: every way to say an option, and every way to say it wrong. */
#include <stdlib.h>
#include <unistd.h>

#include "t/unit/options_sample.h"
#include "t/unit/tap.h"

/* Only what differs from the presets. */
static void sample_write(const struct sample *sample, struct text *out)
{
	char range[80];
	size_t at;

	if (sample->hostname)
		text_addf(out, "H=%s ", sample->hostname);
	for (at = 0; at < sample->zones.count; at++)
		text_addf(out, "z=%s ", sample->zones.items[at]);
	if (sample->file)
		text_addf(out, "file=%s ", sample->file);
	if (sample->port.value != 53)
		text_addf(out, "port=%u ", (unsigned)sample->port.value);
	if (sample->retries.set)
		text_addf(out, "retries=%" PRIu64 " ", sample->retries.value);
	if (sample->timeout.seconds < 9 || sample->timeout.seconds > 9)
		text_addf(out, "timeout=%g ", sample->timeout.seconds);
	if (sample->warning.set)
		text_addf(out, "warning=%s ", range_format(&sample->warning, range));
	if (sample->serials.set)
		text_addf(out, "serials=%s ", range_format(&sample->serials, range));
	if (sample->format.index)
		text_addf(out, "format=%u ", sample->format.index);
	if (sample->verbose)
		text_addf(out, "verbose=%u ", sample->verbose);
	text_addf(out, "%s%s", sample->tcp ? "tcp " : "", sample->diagnose ? "" : "no-diagnose ");
	text_cut(out, out->length ? out->length - 1 : 0);
}

/* "|" parts the words. */
static enum options_result parse(const char *line, struct text *said)
{
	char *words[64] = { (char *)"check_sample" }, copy[1024], *at = copy;
	struct arena arena = { 0 };
	struct sample sample = { 0 };
	struct fault fault = { 0 };
	enum options_result result;
	int count = 1;

	snprintf(copy, sizeof(copy), "%s", line);
	while (*line && at)
		words[count++] = strsep(&at, "|");
	text_cut(said, 0);
	result = options_parse(&sample_table, count, words, &sample, &arena, said, &fault);
	if (result == OPTIONS_RUN) {
		/* Nothing may still point into the words. */
		memset(copy, 'x', sizeof(copy) - 1);
		sample_write(&sample, said);
	}
	if (result == OPTIONS_WRONG)
		text_add(said, fault.text);
	arena_free(&arena);
	return result;
}

static void good_lines(void)
{
	static const struct {
		const char *line, *values;
	} table[] = {
		{ "", "" },
		{ "-H|192.0.2.1", "H=192.0.2.1" },
		{ "-H192.0.2.1", "H=192.0.2.1" },
		{ "--hostname|ns1", "H=ns1" },
		{ "--hostname=ns1", "H=ns1" },
		{ "--host=ns1", "H=ns1" },
		{ "-H|a|-H|b", "H=b" },
		{ "-z|a|-D|b|--zone=c|--domain|d", "z=a z=b z=c z=d" },
		{ "-z|1|-z|2|-z|3|-z|4|-z|5|-z|6|-z|7|-z|8|-z|9",
			"z=1 z=2 z=3 z=4 z=5 z=6 z=7 z=8 z=9" },
		{ "-F|x", "file=x" },
		{ "--zones-file=-", "file=-" },
		{ "-p|5300", "port=5300" },
		{ "-P5300", "port=5300" },
		{ "--port=65535", "port=65535" },
		{ "-r|0", "retries=0" },
		{ "-r|18446744073709551615", "retries=18446744073709551615" },
		{ "-t|250ms", "timeout=0.25" },
		{ "--time-limit=1m", "timeout=60" },
		{ "-w|1m:1h", "warning=60:3600" },
		{ "-w|-5:5", "warning=-5:5" },
		{ "--serial-warning=@1:2", "serials=@1:2" },
		{ "-o|json", "format=1" },
		{ "-o|json|-o|text", "" },
		{ "-vvv", "verbose=3" },
		{ "-v|--verbose|-v", "verbose=3" },
		{ "-vH|a", "H=a verbose=1" },
		{ "--tcp", "tcp" },
		{ "--no-diagnose", "no-diagnose" },
		{ "--no-diagnose|--diagnose", "" },
		{ "--diagnose|--no-diagnose", "no-diagnose" },
		{ "-v|--", "verbose=1" },
		{ "-z|--", "z=--" },
		{ "-H|--zone", "H=--zone" },
	};
	struct text said = { 0 };
	size_t at;

	for (at = 0; at < sizeof(table) / sizeof(*table); at++) {
		ok(parse(table[at].line, &said) == OPTIONS_RUN, "\"%s\" is right", table[at].line);
		is_string(text_string(&said), table[at].values, "... and means");
	}
	text_free(&said);
}

static const struct {
	const char *line, *said;
} wrong[] = {
	{ "example.com",
		"\"example.com\" stands without an option before it; \"check_sample --help\" shows all options" },
	{ "-v|x|-z|a", "\"x\" stands without" },
	{ "--|x", "\"x\" stands without" },
	{ "-", "\"-\" stands without" },
	{ "-z|a|", "\"\" stands without" },
	{ "--hostnam|x", "ran" },
	{ "--hostnames=x",
		"unknown option --hostnames; did you mean --hostname? \"check_sample --help\" shows all" },
	{ "--timelimit=1s", "did you mean --time-limit?" },
	{ "--verison", "did you mean --version?" },
	{ "--extra-opt=x", "did you mean --extra-opts?" },
	{ "--extra-optsx", "did you mean --extra-opts?" },
	{ "--something=x", "unknown option --something; \"check_sample --help\" shows all" },
	{ "--manual-pag", "unknown option --manual-pag; \"" },
	{ "-v|--manual-page", "unknown option --manual-page; \"" },
	{ "--zo=x", "--zo may be any of --zone, --zones-file" },
	{ "--ver", "--ver may be any of --verbose, --version" },
	{ "-Z|a", "unknown option -Z; did you mean -z? \"" },
	{ "-h1", "ran" },
	{ "-vx", "unknown option -x; \"check_sample --help\" shows all" },
	{ "-5", "unknown option -5; \"" },
	{ "-\xc3\xa4", "unknown option -\\xc3; \"" },
	{ "-W|a|-H", "unknown option -W; did you mean -w?" },
	{ "-H", "-H/--hostname needs an argument: --hostname=HOST[@PORT]; for example --hostname=192.0.2.1@5300" },
	{ "--zone", "-z/--zone needs an argument: --zone=ZONE; for example --zone=example.com" },
	{ "--domain", "-z/--zone needs an argument" },
	{ "-r", "-r/--retries needs an argument: --retries=N" },
	{ "--tcp=1", "--tcp takes no argument" },
	{ "--help=1", "-h/--help takes no argument" },
	{ "-H|", "-H/--hostname: the argument is empty; for example --hostname=192.0.2.1@5300" },
	{ "--zone=", "-z/--zone: the argument is empty; for example --zone=example.com" },
	{ "-p|0", "-P/--port: \"0\" is no whole number from 1 to 65535; for example --port=5300" },
	{ "-p|65536", "is no whole number" },
	{ "-p|x", "is no whole number" },
	{ "-p|", "is no whole number" },
	{ "-r|-1", "-r/--retries: \"-1\" is no whole number from 0 to 18446744073709551615" },
	{ "-t|5x",
		"-t/--timeout: \"5x\" is no duration; right is a number with ms, s, m, h or d: 90s, 5m, 1.5h; for "
		"example --timeout=9s" },
	{ "-t=5", "\"=5\" is no duration" },
	{ "-w|5:1", "-w/--warning: the range \"5:1\" ends before it starts; right is" },
	{ "--serial-warning=5m", "--serial-warning: \"5m\" is no range; right is" },
	{ "-o|xml", "-o/--output-format: \"xml\" is none of text, json" },
	{ "-o|", "is none of text, json" },
};

static void wrong_lines(void)
{
	struct text said = { 0 };
	size_t at;

	for (at = 0; at < sizeof(wrong) / sizeof(*wrong); at++) {
		enum options_result result = parse(wrong[at].line, &said);

		if (!strcmp(wrong[at].said, "ran")) {
			ok(result != OPTIONS_WRONG, "\"%s\" is right", wrong[at].line);
			continue;
		}
		ok(result == OPTIONS_WRONG, "\"%s\" is wrong", wrong[at].line);
		ok(strstr(text_string(&said), wrong[at].said) != NULL, "... says: %s",
			text_string(&said));
	}
	text_free(&said);
}

static void shown(void)
{
	static const struct {
		const char *line, *begins;
	} table[] = {
		{ "-V", "check_sample v1.2.3 (dns-replication-plugins)\n" },
		{ "--version", "check_sample v1.2.3 (dns-replication-plugins)\n" },
		{ "-v|-V|example.com", "check_sample v1.2.3 (dns-replication-plugins)\n" },
		{ "-h", "check_sample v1.2.3 (dns-replication-plugins)\ndo the samples agree?\n\nUsage: " },
		{ "--help",
			"check_sample v1.2.3 (dns-replication-plugins)\ndo the samples agree?\n\nUsage: " },
		{ "--manual-page", ".TH CHECK_SAMPLE 1 " },
		{ "--option-table", "H\thostname\t-\tHOST[@PORT]\ttext\tno\tThe primary.\t-\n" },
	};
	struct text said = { 0 };
	size_t at;

	for (at = 0; at < sizeof(table) / sizeof(*table); at++) {
		ok(parse(table[at].line, &said) == OPTIONS_SHOWN, "\"%s\" is shown",
			table[at].line);
		text_cut(&said, strlen(table[at].begins));
		is_string(text_string(&said), table[at].begins, "... and begins");
	}
	text_free(&said);
}

static void presets(void)
{
	struct sample sample = { 0 };
	struct arena arena = { 0 };
	struct text out = { 0 };
	struct fault fault = { 0 };
	char *words[] = { (char *)"check_sample", NULL };

	ok(options_parse(&sample_table, 1, words, &sample, &arena, &out, &fault) == OPTIONS_RUN,
		"nothing is given");
	ok(sample.port.value == 53 && sample.port.set, "a preset is as if given");
	ok(sample.timeout.seconds > 8.9 && sample.timeout.set, "durations too");
	ok(sample.format.set && !sample.format.index, "choices too");
	ok(sample.diagnose && !sample.tcp, "what is on by default is on");
	ok(!sample.retries.set && !sample.warning.set && !sample.hostname && !sample.zones.count,
		"the rest is not given");
	ok(!out.length && !*fault.text, "and nothing is said");
	ok(options_parse(&sample_table, 0, words + 1, &sample, &arena, &out, &fault) == OPTIONS_RUN,
		"no argv at all");
	arena_free(&arena);
}

int main(void)
{
	good_lines();
	wrong_lines();
	shown();
	presets();
	return done_testing();
}
