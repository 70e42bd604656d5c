/*
 * Names: what users type, what master files hold, what stands in packets. The first byte tells
 * which. Text → name → text → name must come to the same; parents contain their children; the order
 * is one.
 */
#include <stdlib.h>
#include <string.h>

#include "common/dns/name.h"
#include "common/dns/wire.h"

#define ORIGIN ((const uint8_t *)"\7example\3com")

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);

static void must(bool good)
{
	if (!good)
		abort();
}

static void check_name(const uint8_t *name, size_t length)
{
	char text[NAME_TEXT], display[NAME_TEXT];
	uint8_t back[NAME_WIRE], low[NAME_WIRE];
	struct fault fault;

	must(name_length(name) == length && name_check(name, length) == length);
	must(name_from_text(name_to_text(name, text), back, &fault) == length);
	must(!memcmp(name, back, length));
	must(name_from_master(text, ORIGIN, back, &fault) == length && !memcmp(name, back, length));
	memcpy(low, name, length);
	name_lower(low);
	must(name_equal(name, low) && !name_compare(name, low));
	must(name_from_text(name_to_display(name, display), back, &fault) == length);
	must(!memcmp(low, back, length));
	must(name_within(name, name_parent(name)) && name_within(name, (const uint8_t *)""));
	must(!*name || name_compare(name, name_parent(name)) > 0);
	must(name_labels(name) <= 127);
}

static void check_pair(const uint8_t *a, const uint8_t *b)
{
	int order = name_compare(a, b), back = name_compare(b, a);

	must((order < 0) == (back > 0) && !order == name_equal(a, b));
	must(!(name_within(a, b) && name_within(b, a)) || name_equal(a, b));
}

static void try_text(const uint8_t *data, size_t length, bool master)
{
	char *text = strndup((const char *)data, length);
	struct fault fault = { 0 };
	uint8_t name[NAME_WIRE];
	size_t got = master ? name_from_master(text, ORIGIN, name, &fault)
			    : name_from_text(text, name, &fault);

	must(got || *fault.text);
	if (got) {
		check_name(name, got);
		check_pair(name, ORIGIN);
	}
	free(text);
}

static void try_wire(const uint8_t *data, size_t length)
{
	uint8_t last[NAME_WIRE] = { 0 };

	for (size_t at = 0; at < length; at++) {
		struct wire_reader reader = wire_read(data, length), skipper = reader;
		struct wire_reader matcher = reader;
		uint8_t name[NAME_WIRE];
		size_t got;

		reader.at = skipper.at = at;
		got = wire_read_name(&reader, name);
		wire_skip_name(&skipper);
		must(got ? !reader.failed && !skipper.failed && reader.at == skipper.at
			 : reader.failed);
		matcher.at = at;
		if (wire_match_name(&matcher, last))
			must(got && !memcmp(name, last, got) && matcher.at == reader.at);
		if (!got)
			continue;
		matcher.at = at;
		must(wire_match_name(&matcher, name) && matcher.at == reader.at);
		check_name(name, got);
		check_pair(name, last);
		memcpy(last, name, got);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
	if (!length)
		return 0;
	switch (data[0]) {
	case 't':
		try_text(data + 1, length - 1, false);
		break;
	case 'm':
		try_text(data + 1, length - 1, true);
		break;
	case 'w':
		try_wire(data + 1, length - 1 < 512 ? length - 1 : 512);
		break;
	}
	return 0;
}
