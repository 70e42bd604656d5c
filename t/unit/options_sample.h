/*
 * A program with an option of every kind, for the tests of the option table.
 */
#ifndef T_UNIT_OPTIONS_SAMPLE_H
#define T_UNIT_OPTIONS_SAMPLE_H

#include "common/base/options.h"

struct sample {
	const char *hostname, *file;
	struct option_list zones;
	struct option_number port, retries;
	struct option_duration timeout;
	struct range warning, serials;
	struct option_choice format;
	uint32_t verbose;
	bool tcp, diagnose;
};

static const char *const sample_formats[] = { "text", "json", NULL };

#define SAMPLE_AT(member) offsetof(struct sample, member)

static const struct option_row sample_rows[] = {
	{ .heading = "What is asked",
		.letter = 'H',
		.name = "hostname",
		.kind = OPTION_TEXT,
		.offset = SAMPLE_AT(hostname),
		.argument = "HOST[@PORT]",
		.help = "The primary.",
		.example = "--hostname=192.0.2.1@5300" },
	{ .letter = 'z',
		.name = "zone",
		.alias_letter = 'D',
		.alias = "domain",
		.kind = OPTION_LIST,
		.offset = SAMPLE_AT(zones),
		.argument = "ZONE",
		.help = "A zone; its name may be international: m\xc3\xbcnchen.example. This sentence is here so that the "
			"help takes more than one line, and 'this' one begins with a quote.",
		.example = "--zone=example.com" },
	{ .name = "zones-file",
		.alias_letter = 'F',
		.kind = OPTION_TEXT,
		.offset = SAMPLE_AT(file),
		.argument = "FILE",
		.help = "Zones from a file." },
	{ .letter = 'P',
		.alias_letter = 'p',
		.name = "port",
		.kind = OPTION_NUMBER,
		.offset = SAMPLE_AT(port),
		.argument = "PORT",
		.help = "The port.",
		.example = "--port=5300",
		.least = 1,
		.most = 65535,
		.preset = "53" },
	{ .letter = 'r',
		.name = "retries",
		.kind = OPTION_NUMBER,
		.offset = SAMPLE_AT(retries),
		.argument = "N",
		.help = "How often. Default: by time.",
		.most = UINT64_MAX },
	{ .heading = "How",
		.letter = 't',
		.name = "timeout",
		.alias = "time-limit",
		.kind = OPTION_DURATION,
		.offset = SAMPLE_AT(timeout),
		.argument = "DURATION",
		.help = "The whole run; default 9s.",
		.example = "--timeout=9s",
		.preset = "9s" },
	{ .letter = 'w',
		.name = "warning",
		.kind = OPTION_DURATION_RANGE,
		.offset = SAMPLE_AT(warning),
		.argument = "RANGE",
		.help = "Lag.",
		.example = "--warning=5m" },
	{ .name = "serial-warning",
		.kind = OPTION_RANGE,
		.offset = SAMPLE_AT(serials),
		.argument = "RANGE",
		.help = "Serials behind." },
	{ .letter = 'o',
		.name = "output-format",
		.kind = OPTION_CHOICE,
		.offset = SAMPLE_AT(format),
		.argument = "FORMAT",
		.help = "How it is said.",
		.choices = sample_formats,
		.preset = "text" },
	{ .letter = 'v',
		.name = "verbose",
		.kind = OPTION_COUNT,
		.offset = SAMPLE_AT(verbose),
		.help = "Say more." },
	{ .name = "tcp", .kind = OPTION_FLAG, .offset = SAMPLE_AT(tcp), .help = "By TCP." },
	{ .name = "diagnose",
		.kind = OPTION_FLAG,
		.offset = SAMPLE_AT(diagnose),
		.help = "Ask why (the default).",
		.on_by_default = true },
	{ .name = "no-diagnose",
		.kind = OPTION_NOT,
		.offset = SAMPLE_AT(diagnose),
		.help = "Don't ask why." },
	{ .name = NULL },
};

static const struct option_table sample_table = {
	.program = "check_sample",
	.version = "1.2.3",
	.purpose = "do the samples agree?",
	.description =
		"A first paragraph.\n\nA second \\ paragraph, with \"quotes\" and enough words in it that it has to be "
		"broken into several lines.",
	.examples =
		"check_sample -H 192.0.2.1 -z example.com\n\tAsks one server.\ncheck_sample -z a\ncheck_sample -z b\n"
		"\t.ends with two commands.\n",
	.rows = sample_rows,
	.files = "/etc/sample\n\tWhat is sampled.\n",
	.see_also = "axfrd(8), dns, check_dns(1)",
};

#endif
