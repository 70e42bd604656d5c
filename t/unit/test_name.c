/* Names: text to wire and back, comparing, order. */
#include <dlfcn.h>
#include <stdlib.h>

#include "common/dns/name.h"
#include "t/unit/tap.h"

static bool library_hidden;

/* In front of libc's, so that a machine without libidn2 can be shown. */
void *dlopen(const char *file, int flags)
{
	void *(*real)(const char *, int);

	*(void **)&real = dlsym(RTLD_NEXT, "dlopen");
	return library_hidden ? NULL : real(file, flags);
}

#define B63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define L63 "\77" B63
#define B61 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct text_story {
	const char *text;
	const char *wire; /* NULL: refused */
	const char *back; /* the text it gives; or why it is refused */
} text_stories[] = {
	{ ".", "", "." },
	{ "example.com", "\7example\3com", "example.com." },
	{ "example.com.", "\7example\3com", "example.com." },
	{ "ExAmple.Com", "\7ExAmple\3Com", "ExAmple.Com." },
	{ "a\\.b.c", "\3a.b\1c", "a\\.b.c." },
	{ "\\065.c", "\1A\1c", "A.c." },
	{ "\\255\\032", "\2\377\40", "\\255\\032." },
	{ "a\\@b\\$\\;\\(\\)\\\"\\\\", "\11a@b$;()\"\\", "a\\@b\\$\\;\\(\\)\\\"\\\\." },
	{ "_dmarc.*.x-1", "\6_dmarc\1*\3x-1", "_dmarc.*.x-1." },
	{ "1/26.2.0.192.in-addr.arpa", "\0041/26\0012\0010\003192\7in-addr\4arpa",
		"1/26.2.0.192.in-addr.arpa." },
	{ B63 ".a", L63 "\1a", B63 ".a." },
	{ B63 "." B63 "." B63 "." B61, L63 L63 L63 "\75" B61, B63 "." B63 "." B63 "." B61 "." },
	{ "m\303\274ller.de", "\15xn--mller-kva\2de", "xn--mller-kva.de." },
	{ "_sip.M\303\234LLER.De", "\4_sip\15xn--mller-kva\2De", "_sip.xn--mller-kva.De." },
	{ "a.stra\303\237e", "\1a\15xn--strae-oqa", "a.xn--strae-oqa." },
	{ "a\\.b.\303\244", "\3a.b\7xn--4ca", "a\\.b.xn--4ca." },
	{ "\346\227\245\346\234\254\343\200\202jp.", "\12xn--wgv71a\2jp", NULL },
	{ "\303\244.", "\7xn--4ca", "xn--4ca." },
	{ "", NULL, "empty name" },
	{ "..", NULL, "empty label" },
	{ ".a", NULL, "empty label" },
	{ "a..b", NULL, "empty label" },
	{ "a..", NULL, "empty label" },
	{ "a..\303\244", NULL, "empty label" },
	{ "\303\244..a", NULL, "empty label" },
	{ "a" B63 ".b", NULL, "label over 63 bytes" },
	{ B63 "." B63 "." B63 "." B61 "a", NULL, "name over 255 bytes" },
	{ B63 "." B63 "." B63 "." B61 ".a", NULL, "name over 255 bytes" },
	{ "a\\", NULL, "backslash at the end" },
	{ "a\\.\303\244\\", NULL, "an escape in an internationalised label" },
	{ "a\\1", NULL, "backslash and digit, but not three digits" },
	{ "a\\12x", NULL, "backslash and digit, but not three digits" },
	{ "a\\256", NULL, "escape \\256 over 255" },
	{ "a\\046\303\244", NULL, "an escape in an internationalised label" },
	{ "\303", NULL, "internationalised label: string encoding error" },
	{ "a.\342\200\246", NULL,
		"internationalised label: string contains a disallowed character" },
};

static void test_texts(void)
{
	for (size_t i = 0; i < sizeof(text_stories) / sizeof(text_stories[0]); i++) {
		const struct text_story *story = &text_stories[i];
		struct fault fault = { 0 };
		uint8_t name[NAME_WIRE];
		char text[NAME_TEXT];
		size_t length = name_from_text(story->text, name, &fault);

		if (!story->wire) {
			ok(!length, "'%.40s' is refused", story->text);
			is_string(fault.text, story->back, "  and says why");
			continue;
		}
		ok(length == strlen(story->wire) + 1 && !memcmp(name, story->wire, length),
			"'%.40s' to wire%s%s", story->text, *fault.text ? ": " : "", fault.text);
		is_integer((int64_t)name_length(name), (int64_t)length, "  its length");
		is_integer((int64_t)name_check(name, length), (int64_t)length, "  is whole");
		if (story->back)
			is_string(name_to_text(name, text), story->back, "  and back");
	}
}

static void test_long_international(void)
{
	struct fault fault = { 0 };
	uint8_t name[NAME_WIRE];
	char text[4000];

	for (size_t i = 0; i < 2000; i++)
		memcpy(text + 2 * i, "\303\244", 2);
	text[3998] = '\0';
	ok(!name_from_text(text, name, &fault), "1999 umlauts are refused");
	is_string(fault.text, "label over 63 bytes", "as too long");
	text[200] = '\0';
	ok(!name_from_text(text, name, &fault), "100 umlauts, too: %s", fault.text);
	library_hidden = true;
	ok(!name_from_text("\303\244", name, &fault), "without libidn2");
	is_string(fault.text, "internationalised names need libidn2 (Debian: libidn2-0)",
		"the fault says what is missing");
	is_integer((int64_t)name_from_text("a", name, &fault), 3, "ASCII needs no libidn2");
	library_hidden = false;
}

static void test_master(void)
{
	static const struct text_story stories[] = {
		/* the origin is example.com. */
		{ "www", "\3www\7example\3com", "" },
		{ "www.", "\3www", "" },
		{ "@", "\7example\3com", "" },
		{ "\\@", "\1@\7example\3com", "" },
		{ ".", "", "" },
		{ "a.b", "\1a\1b\7example\3com", "" },
		{ "a\\.", "\2a.\7example\3com", "" },
		{ "a\\\\.", "\2a\\", "" },
		{ "\303\244", "\2\303\244\7example\3com", "" },
		{ B63 "." B63 "." B63, L63 L63 L63 "\7example\3com", "" },
		{ "", NULL, "empty name" },
		{ "..", NULL, "empty label" },
		{ "a..b", NULL, "empty label" },
		{ B63 "." B63 "." B63 "." B61, NULL, "name over 255 bytes" },
	};

	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		struct fault fault = { 0 };
		uint8_t name[NAME_WIRE];
		size_t length = name_from_master(stories[i].text, (const uint8_t *)"\7example\3com",
			name, &fault);

		if (stories[i].wire)
			ok(length == strlen(stories[i].wire) + 1 &&
					!memcmp(name, stories[i].wire, length),
				"master '%.20s'", stories[i].text);
		else
			ok(!length && !strcmp(fault.text, stories[i].back),
				"master '%.20s' is refused: %s", stories[i].text, fault.text);
	}
}

static const uint8_t *wire(const char *text)
{
	static uint8_t names[4][NAME_WIRE];
	static unsigned next;
	struct fault fault;
	uint8_t *name = names[next++ % 4];

	if (!name_from_text(text, name, &fault))
		abort();
	return name;
}

static void test_display(void)
{
	char text[NAME_TEXT];
	uint8_t name[NAME_WIRE];

	is_string(name_to_display(wire("."), text), ".", "the root keeps its dot");
	is_string(name_to_display(wire("Ns1.Example.COM."), text), "ns1.example.com",
		"as people write");
	is_string(name_to_display(wire("a\\.b"), text), "a\\.b", "an escaped dot stays");
	memset(name, 1, sizeof(name));
	for (size_t i = 0; i < 250; i += 64)
		name[i] = i == 192 ? 61 : 63;
	name[254] = 0;
	is_integer((int64_t)strlen(name_to_text(name, text)), 250 * 4 + 4, "the longest text fits");
	memcpy(name, wire("AZaz[@`{."), 10);
	name_lower(name);
	ok(!memcmp(name, "\10azaz[@`{", 10), "only letters become lower case");
}

static void test_relations(void)
{
	ok(name_equal(wire("A.example"), wire("a.EXAMPLE")), "equal without regard to case");
	ok(!name_equal(wire("a.example"), wire("b.example")), "another label");
	ok(!name_equal(wire("a.example"), wire("example")), "another length");
	ok(!name_equal(wire("a\\.b"), wire("a.b")), "a dot is no label's end");
	ok(!name_equal(wire("@"), wire("`")), "@ and ` are no letters");
	ok(name_within(wire("example"), wire("Example")), "itself is within");
	ok(name_within(wire("a.b.example"), wire("EXAMPLE")), "below is within");
	ok(name_within(wire("example"), wire(".")), "all is within the root");
	ok(!name_within(wire("."), wire("example")), "the root is not within");
	ok(!name_within(wire("badexample"), wire("example")), "a longer label is not within");
	ok(!name_within(wire("example"), wire("a.example")), "above is not within");
	is_integer(name_labels(wire(".")), 0, "no labels");
	is_integer(name_labels(wire("a.b.c")), 3, "three labels");
	ok(name_equal(name_parent(wire("a.b.c")), wire("b.c")), "parent");
	ok(name_equal(name_parent(wire(".")), wire(".")), "the root's parent");
}

static void test_order(void)
{
	static const char *const sorted[] = {
		/* RFC 4034 6.1's own example */
		"example",
		"a.example",
		"yljkjljk.a.example",
		"Z.a.example",
		"zABC.a.EXAMPLE",
		"z.example",
		"\\001.z.example",
		"*.z.example",
		"\\200.z.example",
	};
	size_t count = sizeof(sorted) / sizeof(sorted[0]), wrong = 0;

	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < count; j++) {
			int order = name_compare(wire(sorted[i]), wire(sorted[j]));

			wrong += (i < j) != (order < 0) || (i > j) != (order > 0);
		}
	}
	is_integer((int64_t)wrong, 0, "canonical order as RFC 4034 6.1 shows it");
	ok(name_compare(wire("."), wire("a")) < 0, "the root comes first");
	is_integer(name_compare(wire("A.b"), wire("a.B")), 0, "case has no order");
}

static void test_check(void)
{
	uint8_t bytes[300];

	is_integer((int64_t)name_check((const uint8_t *)"", 0), 0, "no bytes are no name");
	is_integer((int64_t)name_check((const uint8_t *)"\1a", 2), 0, "no root");
	is_integer((int64_t)name_check((const uint8_t *)"\2a", 2), 0, "label over the end");
	is_integer((int64_t)name_check((const uint8_t *)"\300\0", 2), 0, "a pointer");
	is_integer((int64_t)name_check((const uint8_t *)"\1a\0bc", 5), 3,
		"what follows is not its");
	memset(bytes, 1, sizeof(bytes));
	is_integer((int64_t)name_check(bytes, sizeof(bytes)), 0, "over 255 bytes");
	bytes[254] = 0;
	is_integer((int64_t)name_check(bytes, sizeof(bytes)), 255, "255 bytes");
}

/* Any wire name → text → the same wire name. */
static void test_round_trips(void)
{
	uint32_t state = 1;

	for (unsigned round = 0; round < 20000; round++) {
		uint8_t name[NAME_WIRE], back[NAME_WIRE];
		char text[NAME_TEXT];
		struct fault fault = { 0 };
		size_t length = 0;
		unsigned labels = (state = state * 1664525 + 1013904223) >> 29;

		for (unsigned label = 0; label < labels && length < 190; label++) {
			uint8_t bytes =
				(uint8_t)(((state = state * 1664525 + 1013904223) >> 26) % 63 + 1);

			name[length++] = bytes;
			while (bytes--)
				name[length++] =
					(uint8_t)((state = state * 1664525 + 1013904223) >> 24);
		}
		name[length++] = 0;
		if (name_from_text(name_to_text(name, text), back, &fault) != length ||
			memcmp(name, back, length)) {
			ok(false, "round trip of %s: %s", text, fault.text);
			return;
		}
	}
	ok(true, "20000 names of random bytes survive the way to text and back");
}

/* Every byte at every place of the words that are made small at once. */
static void test_lower_bytes(void)
{
	unsigned wrong = 0;

	for (unsigned byte = 0; byte < 256; byte++) {
		for (unsigned at = 1; at < 20; at++) {
			uint8_t name[NAME_WIRE] = { 19, [20] = 0 };

			for (unsigned i = 1; i < 20; i++)
				name[i] = (uint8_t)(byte ^ (i - at));
			name_lower(name);
			for (unsigned i = 1; i < 20; i++) {
				unsigned was = (uint8_t)(byte ^ (i - at));

				wrong += name[i] != (was >= 'A' && was <= 'Z' ? was + 32 : was);
			}
			wrong += name[0] != 19 || name[20] != 0;
		}
	}
	is_integer(wrong, 0, "small letters, and nothing else");
}

int main(void)
{
	test_lower_bytes();
	test_texts();
	test_long_international();
	test_master();
	test_display();
	test_relations();
	test_order();
	test_check();
	test_round_trips();
	return done_testing();
}
