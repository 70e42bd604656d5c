/*
 * Whatever users and their ini files say: --extra-opts, options, ranges, durations, addresses. What
 * is accepted must be written and read back as the same; texts that are cleaned or quoted must be
 * UTF-8.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/address.h"
#include "common/base/duration.h"
#include "common/base/json_write.h"
#include "common/base/options_private.h"
#include "common/base/utf8.h"
#include "t/unit/options_sample.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);

static void must(bool good)
{
	if (!good)
		abort();
}

static void must_be_utf8(const char *bytes, size_t length)
{
	while (length) {
		size_t character = utf8_length(bytes, length);

		must(character > 0);
		bytes += character;
		length -= character;
	}
}

static void try_options(char *word)
{
	char *words[] = { (char *)"check_sample", word, NULL };
	struct sample sample = { 0 };
	struct arena arena = { 0 };
	struct text out = { 0 };
	struct fault fault = { 0 };

	/* What a word may open is no business of a fuzzer. */
	if (!strncmp(word, "--extra-opts", strlen("--extra-opts")))
		return;
	must((options_parse(&sample_table, 2, words, &sample, &arena, &out, &fault) ==
		     OPTIONS_WRONG) == (*fault.text != '\0'));
	text_free(&out);
	arena_free(&arena);
}

static void try_ini(const char *ini, size_t length)
{
	struct extra_options options = { 0 };
	struct arena arena = { 0 };
	struct fault fault = { 0 };
	size_t at;

	if (!extra_opts_parse(ini, length, "s", &arena, &options, &fault))
		must(*fault.text != '\0');
	for (at = 0; at < options.count; at++) {
		must(*options.items[at].word == '-' && options.items[at].line > 1);
		try_options(options.items[at].word);
	}
	arena_free(&arena);
}

static void try_range(const char *string, enum range_unit unit)
{
	struct range range = { 0 }, again = { 0 };
	struct fault fault = { 0 };
	char out[80];

	if (!range_parse(string, unit, &range, &fault)) {
		must(*fault.text && !range.set);
		return;
	}
	must(range.set && range.start <= range.end);
	/* Exponents are written for what is larger than perfdata can use, and are not read. */
	if (!strchr(range_format(&range, out), 'e'))
		must(range_parse(out, RANGE_PLAIN, &again, &fault) && again.start == range.start &&
			again.end == range.end && again.inside == range.inside);
	must(range_alerts(&range, range.start) == range.inside);
}

static void try_duration(const char *string)
{
	struct fault fault = { 0 };
	double seconds = -1;
	char out[32];

	if (!duration_parse(string, &seconds, &fault)) {
		must(*fault.text != '\0');
		return;
	}
	must(seconds >= 0 && seconds < 4e9);
	must(strlen(duration_format((int64_t)seconds, out)) < sizeof(out));
}

static void try_address(const char *string)
{
	struct address address, again;
	struct fault fault = { 0 };
	char out[ADDRESS_TEXT], host[64];
	uint16_t port;

	if (!address_split(string, host, sizeof(host), &port, &fault))
		must(*fault.text != '\0');
	if (!address_from_text(string, &address))
		return;
	address_to_text_port(&address, out);
	must(address_from_text(out, &again));
	if (address.port == 53)
		again.port = 53;
	must(address_equal(&address, &again) && !memcmp(&address, &again, sizeof(address)));
}

static void try_text(const char *string, size_t length)
{
	char clean[CLEAN_MOST + 1], cleaner[CLEAN_MOST + 1];
	struct text out = { 0 };
	struct json_writer json;
	size_t clean_length = utf8_clean(string, length, clean);

	must(clean_length <= CLEAN_MOST && !clean[clean_length] &&
		!strpbrk(clean, "|<>\n\r\t\x1b"));
	must_be_utf8(clean, clean_length);
	must(utf8_clean(clean, clean_length, cleaner) == clean_length && !strcmp(clean, cleaner));
	json_write_begin(&json, &out);
	json_write_string(&json, string);
	must_be_utf8(text_string(&out), out.length);
	must(!strpbrk(text_string(&out), "\n\r\t"));
	text_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
	char *string = malloc(length + 1);

	must(string != NULL);
	if (length)
		memcpy(string, data, length);
	string[length] = '\0';
	try_ini((const char *)data, length);
	try_options(string);
	try_range(string, RANGE_PLAIN);
	try_range(string, RANGE_SECONDS);
	try_duration(string);
	try_address(string);
	try_text(string, length);
	free(string);
	return 0;
}
