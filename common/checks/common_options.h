/*
 * The options that all check programs share (CONTRACT.md), and what they mean.
 */
#ifndef COMMON_CHECKS_COMMON_OPTIONS_H
#define COMMON_CHECKS_COMMON_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/address.h"
#include "common/base/arena.h"
#include "common/base/fault.h"
#include "common/base/options.h"
#include "common/model/finding.h"
#include "common/model/policy.h"
#include "common/net/exchange.h"

/* A program's values begin with these. */
struct common_values {
	const char *hostname;
	struct option_number port;
	bool ipv4, ipv6;
	struct option_list source;
	struct option_duration timeout;
	struct option_choice timeout_result;
	struct range warning, critical;
	uint32_t verbose;
	struct option_list severity;
	struct option_number top;
	struct option_choice output_format;
	struct option_list write;
	const char *key_file;
	const char *state_dir;
	bool no_state;
	bool plan, observe;
	const char *replay;
};

enum output_format { OUTPUT_TEXT, OUTPUT_JSON, OUTPUT_PROMETHEUS, OUTPUT_HTML };

extern const char *const output_formats[];
extern const char *const state_choices[];

/* clang-format off */
/* The rows, for the head of a program's table: `W` and `C` are the presets of -w and -c, `MEANING`
 * what they are about, `HOST` says what -H means, `PORT` is the preset of -p. */
#define COMMON_OPTION_ROWS_FOR(HOST, PORT_LETTER, PORT, PORT_HELP, W, C, MEANING) \
	{ \
		.letter = 'H', \
		.name = "hostname", \
		.kind = OPTION_TEXT, \
		.offset = offsetof(struct common_values, hostname), \
		.argument = "HOST[@PORT]", \
		.heading = "Whom to ask", \
		.example = "--hostname=192.0.2.1@5300", \
		.help = (HOST) \
	}, \
		{ .letter = 'p', \
			.alias_letter = (PORT_LETTER), \
			.name = "port", \
			.kind = OPTION_NUMBER, \
			.offset = offsetof(struct common_values, port), \
			.argument = "PORT", \
			.least = 1, \
			.most = 65535, \
			.preset = (PORT), \
			.example = "--port=5300", \
			.help = (PORT_HELP) }, \
		{ .letter = '4', \
			.name = "ipv4", \
			.kind = OPTION_FLAG, \
			.offset = offsetof(struct common_values, ipv4), \
			.help = "Ask IPv4 addresses only." }, \
		{ .letter = '6', \
			.name = "ipv6", \
			.kind = OPTION_FLAG, \
			.offset = offsetof(struct common_values, ipv6), \
			.help = "Ask IPv6 addresses only." }, \
		{ .name = "source", \
			.kind = OPTION_LIST, \
			.offset = offsetof(struct common_values, source), \
			.argument = "ADDRESS", \
			.example = "--source=192.0.2.10", \
			.help = "Ask from this address; once for IPv4, once for IPv6." }, \
		{ .letter = 'k', \
			.name = "tsig-key-file", \
			.kind = OPTION_TEXT, \
			.offset = offsetof(struct common_values, key_file), \
			.argument = "FILE", \
			.example = "--tsig-key-file=/etc/icinga2/transfer.key", \
			.help = "Sign every question with the TSIG key in FILE (BIND's syntax, as tsig-keygen writes it)." }, \
		{ .letter = 't', \
			.name = "timeout", \
			.kind = OPTION_DURATION, \
			.offset = offsetof(struct common_values, timeout), \
			.argument = "DURATION", \
			.heading = "Time", \
			.preset = "9s", \
			.example = "--timeout=9s", \
			.help = "Length of the whole run; questions end a second earlier. What is known then is judged and printed." }, \
		{ .name = "timeout-result", \
			.kind = OPTION_CHOICE, \
			.offset = offsetof(struct common_values, timeout_result), \
			.argument = "STATE", \
			.preset = "unknown", \
			.choices = state_choices, \
			.example = "--timeout-result=critical", \
			.help = "State where not everything was asked before the deadline: ok, warning, critical or unknown." }, \
		{ .letter = 'w', \
			.name = "warning", \
			.kind = OPTION_DURATION_RANGE, \
			.offset = offsetof(struct common_values, warning), \
			.argument = "RANGE", \
			.heading = "Thresholds and severities", \
			.preset = (W), \
			.example = "--warning=5m", \
			.help = "WARNING where " MEANING " is outside of this range (s m h d)." }, \
		{ .letter = 'c', \
			.name = "critical", \
			.kind = OPTION_DURATION_RANGE, \
			.offset = offsetof(struct common_values, critical), \
			.argument = "RANGE", \
			.preset = (C), \
			.example = "--critical=1h", \
			.help = "CRITICAL where " MEANING \
				" is outside of this range (s m h d)." }, \
		{ .name = "severity", \
			.kind = OPTION_LIST, \
			.offset = offsetof(struct common_values, severity), \
			.argument = "[ROLE:]FINDING=STATE", \
			.example = "--severity=secondary:server_timeout=warning", \
			.help = "Give a finding another severity; ROLE is primary or secondary, STATE ok, warning, critical or unknown. " \
				"Repeatable." }, \
		{ .letter = 'o', \
			.name = "output-format", \
			.kind = OPTION_CHOICE, \
			.offset = offsetof(struct common_values, output_format), \
			.argument = "FORMAT", \
			.heading = "Output", \
			.preset = "text", \
			.choices = output_formats, \
			.example = "--output-format=json", \
			.help = "text, json, prometheus or html; the exit code is the same." }, \
		{ .name = "write", \
			.kind = OPTION_LIST, \
			.offset = offsetof(struct common_values, write), \
			.argument = "FORMAT:FILE", \
			.example = "--write=json:/run/dns.json", \
			.help = "Write FILE besides, at once and whole; FORMAT is text, json, prometheus, html or scenario (what was seen, to mail it " \
				"in or to --replay it). Repeatable." }, \
		{ .name = "top", \
			.kind = OPTION_NUMBER, \
			.offset = offsetof(struct common_values, top), \
			.argument = "N", \
			.preset = "10", \
			.most = 1000000, \
			.example = "--top=10", \
			.help = "Findings shown as text, the worst first." }, \
		{ .letter = 'v', \
			.name = "verbose", \
			.kind = OPTION_COUNT, \
			.offset = offsetof(struct common_values, verbose), \
			.help = "Show findings of severity ok, too, and what each server said. Up to three times." }, \
		{ .name = "plan", \
			.kind = OPTION_FLAG, \
			.offset = offsetof(struct common_values, plan), \
			.help = "Say who would be asked what, and from where; send nothing." }, \
		{ .name = "observe", \
			.kind = OPTION_FLAG, \
			.offset = offsetof(struct common_values, observe), \
			.help = "Print what was seen, as --write=scenario:FILE has it, instead of a report; the exit code is 0." }, \
		{ .name = "replay", \
			.kind = OPTION_TEXT, \
			.offset = offsetof(struct common_values, replay), \
			.argument = "FILE", \
			.example = "--replay=ns3.scenario", \
			.help = "Judge what a file of --write=scenario says instead of asking anybody." }, \
		{ .name = "state-dir", \
			.kind = OPTION_TEXT, \
			.offset = offsetof(struct common_values, state_dir), \
			.argument = "DIR", \
			.heading = "State between runs", \
			.example = "--state-dir=/var/lib/dns-replication-plugins", \
			.help = "Keep there what earlier runs saw: when a serial came up, since when nothing moved. Default: $MP_STATE_PATH, else /var/lib/dns-replication-plugins " \
				"if it can be written, else $XDG_STATE_HOME or ~/.local/state." }, \
	{ \
		.name = "no-state", .kind = OPTION_FLAG, \
		.offset = offsetof(struct common_values, no_state), \
		.help = "Keep nothing: a lag is then not known." \
	}
/* clang-format on */
/* As most programs have them. */
#define COMMON_OPTION_ROWS(W, C, MEANING)                                                              \
	COMMON_OPTION_ROWS_FOR(                                                                        \
		"The primary: name or address. It is the reference for serials and gives the NS set.", \
		0, "53", "Port of every server that has none of its own.", W, C, MEANING)

/* Severities into the policy; thresholds of -w and -c as the lag's. */
bool common_policy(const struct common_values *values, struct arena *arena, struct policy *policy,
	struct fault *fault);
/* Addresses and families into the exchange's settings. */
bool common_sources(const struct common_values *values, struct exchange_settings *settings,
	struct fault *fault);

/* A file to be written besides. */
struct output_file {
	bool is_scenario;
	enum output_format format;
	const char *path;
};
/* One --write; false with the right form. */
bool common_output_file(const char *text, struct output_file *file, struct fault *fault);

#endif
