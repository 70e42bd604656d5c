/* What the option table looks like to people: --help, the manual page, the list for the house test.
 */
#include <stdlib.h>

#include "t/unit/options_sample.h"
#include "t/unit/tap.h"

static size_t columns(const char *line, size_t length)
{
	size_t count = 0;

	for (; length; length--)
		count += ((unsigned char)*line++ & 0xc0) != 0x80;
	return count;
}

/* The length of the longest line. */
static size_t widest(const char *text)
{
	size_t most = 0;

	while (*text) {
		size_t length = strcspn(text, "\n");

		if (columns(text, length) > most)
			most = columns(text, length);
		text += length + (text[length] == '\n');
	}
	return most;
}

static void has(const struct text *text, const char *wanted)
{
	if (!ok(strstr(text_string(text), wanted) != NULL, "has \"%s\"", wanted))
		printf("# %s\n", text_string(text));
}

static void help(void)
{
	static const char *const wanted[] = {
		"check_sample v1.2.3 (dns-replication-plugins)\ndo the samples agree?\n\nUsage: check_sample [OPTION]...\n\n"
		"A first paragraph.\n\nA second \\ paragraph",
		"\n\nWhat is asked:\n  -H, --hostname=HOST[@PORT]\n        The primary.\n  -z, --zone=ZONE (also -D, --domain)\n"
		"        A zone; its name may be international: m\xc3\xbcnchen.example. This sentence is\n        here so",
		"with a quote. Repeatable.\n",
		"      --zones-file=FILE (also -F)\n",
		"  -t, --timeout=DURATION (also --time-limit)\n        The whole run; default 9s.\n",
		"        The port. Default: 53.\n",
		"  -v, --verbose\n        Say more.\n",
		"\n\nHow:\n",
		"\n\nGeneral:\n  -h, --help\n        Show this help.\n",
		"\n\nExamples:\n  check_sample -H 192.0.2.1 -z example.com\n      Asks one server.\n  check_sample -z a\n"
		"  check_sample -z b\n      .ends with two commands.\n",
	};
	struct text out = { 0 };
	size_t at;

	options_help(&sample_table, &out);
	for (at = 0; at < sizeof(wanted) / sizeof(*wanted); at++)
		has(&out, wanted[at]);
	ok(widest(text_string(&out)) == 80,
		"no line is longer than 80 columns, and one is as long");
	ok(!strstr(text_string(&out), "manual-page") && !strstr(text_string(&out), "option-table"),
		"the hidden ones are hidden");
	ok(!strstr(text_string(&out), " \n"), "no line ends in a blank");
	text_free(&out);
}

static void list(void)
{
	static const char wanted[] =
		"H\thostname\t-\tHOST[@PORT]\ttext\tno\tThe primary.\t-\n"
		"z\tzone\tdomain\tZONE\tlist\tyes\tA zone; its name may be international: m\xc3\xbcnchen.example. This "
		"sentence is here so that the help takes more than one line, and 'this' one begins with a quote.\t-\n"
		"-\tzones-file\t-\tFILE\ttext\tno\tZones from a file.\t-\n"
		"P\tport\t-\tPORT\tnumber\tno\tThe port.\t53\n"
		"r\tretries\t-\tN\tnumber\tno\tHow often. Default: by time.\t-\n"
		"t\ttimeout\ttime-limit\tDURATION\tduration\tno\tThe whole run; default 9s.\t9s\n"
		"w\twarning\t-\tRANGE\tduration-range\tno\tLag.\t-\n"
		"-\tserial-warning\t-\tRANGE\trange\tno\tSerials behind.\t-\n"
		"o\toutput-format\t-\tFORMAT\tchoice\tno\tHow it is said.\ttext\n"
		"v\tverbose\t-\t-\tcount\tyes\tSay more.\t-\n"
		"-\ttcp\t-\t-\tflag\tno\tBy TCP.\t-\n"
		"-\tdiagnose\t-\t-\tflag\tno\tAsk why (the default).\t-\n"
		"-\tno-diagnose\t-\t-\tnot\tno\tDon't ask why.\t-\n"
		"h\thelp\t-\t-\tflag\tno\tShow this help.\t-\n"
		"V\tversion\t-\t-\tflag\tno\tShow the version.\t-\n"
		"-\textra-opts\t-\t[SECTION][@FILE]\tlist\tyes\t";
	struct text out = { 0 };

	options_list(&sample_table, &out);
	text_cut(&out, strlen(wanted));
	is_string(text_string(&out), wanted, "a line for each option");
	text_free(&out);
}

static void manual_page(void)
{
	static const char *const wanted[] = {
		".TH CHECK_SAMPLE 8 2001-09-09 \"dns\\-replication\\-plugins 1.2.3\" \"System administration\"\n.SH NAME\n"
		"check_sample \\- do the samples agree?\n.SH SYNOPSIS\n\\fBcheck_sample\\fR [\\fIOPTION\\fR]...\n"
		".SH DESCRIPTION\nA first paragraph.\n.PP\nA second \\e paragraph, with \\(dqquotes\\(dq and",
		".SH OPTIONS\n.SS What is asked\n.TP\n\\fB\\-H\\fR, \\fB\\-\\-hostname\\fR=\\fIHOST[@PORT]\\fR\nThe primary.\n",
		".TP\n\\fB\\-z\\fR, \\fB\\-\\-zone\\fR=\\fIZONE\\fR (also \\fB\\-D\\fR, \\fB\\-\\-domain\\fR)\nA zone;",
		"m\\[u00FC]nchen.example",
		"and \\(aqthis\\(aq",
		".TP\n\\fB\\-\\-zones\\-file\\fR=\\fIFILE\\fR (also \\fB\\-F\\fR)\n",
		"(also \\fB\\-\\-time\\-limit\\fR)\nThe whole run; default 9s.\n",
		".SH EXIT STATUS\n0: OK. 1: WARNING. 2: CRITICAL. 3: UNKNOWN,",
		".SH FILES\n.TP\n\\fB/etc/sample\\fR\nWhat is sampled.\n.TP\n\\fB/etc/monitoring\\-plugins/",
		".TP\n\\fBcheck_sample \\-z a\\fR\n.TQ\n\\fBcheck_sample \\-z b\\fR\n\\&.ends with two commands.\n",
		".SH SEE ALSO\n\\fBaxfrd\\fR(8),\n\\fBdns\\fR,\n\\fBcheck_dns\\fR(1)\n",
	};
	struct text out = { 0 };
	size_t at;

	setenv("SOURCE_DATE_EPOCH", "1000000000", 1);
	options_manual_page(&sample_table, 8, sample_table.see_also, &out);
	for (at = 0; at < sizeof(wanted) / sizeof(*wanted); at++)
		has(&out, wanted[at]);
	text_free(&out);
}

/* As little as a program can say of itself, and bytes that a formatter would trip over. */
static void small_manual_page(void)
{
	static const struct option_row rows[] = {
		{ .name = "odd",
			.kind = OPTION_TEXT,
			.argument = "~X",
			.help = "`a^b' \xff \xe2\x82\xac \xf0\x9f\x98\x80 tab\there .dot" },
		{ .name = NULL },
	};
	static const struct option_table table = { .program = "small",
		.version = "0",
		.purpose = "be small",
		.exit_status = "Always 0.",
		.rows = rows };
	struct text out = { 0 };

	setenv("SOURCE_DATE_EPOCH", "never", 1);
	options_manual_page(&table, 1, NULL, &out);
	has(&out, ".TH SMALL 1 20");
	has(&out, "\"User commands\"\n");
	has(&out,
		".SH DESCRIPTION\nbe small\n.SH OPTIONS\n.TP\n\\fB\\-\\-odd\\fR=\\fI\\(tiX\\fR\n");
	has(&out, "\\(gaa\\(hab\\(aq ? \\[u20AC] \\[u1F600] tab here \\&.dot\n");
	has(&out, ".SH EXIT STATUS\nAlways 0.\n.SH FILES\n.TP\n\\fB/etc/monitoring");
	ok(!strstr(text_string(&out), "SEE ALSO") && !strstr(text_string(&out), "EXAMPLES"),
		"no empty sections");
	text_cut(&out, 0);
	options_manual_page(&table, 1, "", &out);
	ok(!strstr(text_string(&out), "SEE ALSO"), "nor for an empty string");
	text_cut(&out, 0);
	options_help(&table, &out);
	ok(!strstr(text_string(&out), "Examples"), "nor in the help");
	text_free(&out);
}

int main(void)
{
	help();
	list();
	manual_page();
	small_manual_page();
	return done_testing();
}
