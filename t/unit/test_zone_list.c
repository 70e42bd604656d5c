/* Lists of zones: every line's zone and primary, or why it says none; cut into pieces anywhere. */
#include "common/base/text.h"
#include "common/dns/name.h"
#include "common/dns/zone_list.h"
#include "t/unit/tap.h"

/* What a list comes to: "1:example.com.=192.0.2.1 2!reason " */
static bool take_zone(void *context, const struct zone_list_entry *entry, struct fault *why)
{
	char name[NAME_TEXT];

	name_to_text(entry->zone, name);
	if (!strncmp(name, "refused.", 8))
		return fault_set(why, "refused");
	text_addf(context, "%llu:%s", (unsigned long long)entry->line, name);
	if (entry->primary)
		text_addf(context, "=%s", entry->primary);
	text_add_byte(context, ' ');
	return true;
}

static void take_broken(void *context, uint64_t line, const char *why)
{
	text_addf(context, "%llu!%s ", (unsigned long long)line, why);
}

static const char *read_pieces(struct text *out, const char *bytes, size_t length, size_t piece)
{
	struct zone_list list = { .zone = take_zone, .broken = take_broken, .context = out };

	text_cut(out, 0);
	for (size_t at = 0; at < length; at += piece)
		zone_list_feed(&list, bytes + at, length - at < piece ? length - at : piece);
	zone_list_end(&list);
	return text_string(out);
}

static void read_all(const char *bytes, size_t length, const char *want, const char *name)
{
	struct text out = { 0 };

	is_string(read_pieces(&out, bytes, length, 65536), want, name);
	for (size_t piece = 1; piece < 7; piece++) {
		if (strcmp(read_pieces(&out, bytes, length, piece), want))
			ok(false, "%s: in pieces of %zu: %s", name, piece, text_string(&out));
	}
	text_free(&out);
}

static void stories(void)
{
	static const struct {
		const char *name, *list, *want;
	} table[] = {
		{ "nothing", "", "" },
		{ "empty lines and blanks", "\n \n\t\r\n\n", "" },
		{ "a zone", "example.com\n", "1:example.com. " },
		{ "the last line without its end", "a.test\nb.test", "1:a.test. 2:b.test. " },
		{ "CRLF", "a.test\r\nb.test 192.0.2.1\r\n", "1:a.test. 2:b.test.=192.0.2.1 " },
		{ "lower case, the final dot, the root", "Example.COM.\n.\n",
			"1:example.com. 2:. " },
		{ "a primary with a port", "\ta.test \t 2001:db8::1@5300  \n",
			"1:a.test.=2001:db8::1@5300 " },
		{ "comments", "# all\na.test # one\n#b.test\nc.test 192.0.2.1#x\n",
			"2:a.test. 4:c.test.=192.0.2.1 " },
		{ "an escaped # is none", "a\\#b.test\na\\\\#b.test\n", "1:a#b.test. 2:a\\\\. " },
		{ "a byte order mark",
			"\xef\xbb\xbf"
			"a.test\n",
			"1:a.test. " },
		{ "UTF-8",
			"b\xc3\xbc"
			"cher.example\n",
			"1:xn--bcher-kva.example. " },
		{ "three words", "a.test 192.0.2.1 x\nb.test\n",
			"1!more than ZONE and PRIMARY 2:b.test. " },
		{ "an empty label", "a..test\n", "1!\"a..test\" is no domain name: empty label " },
		{ "the caller refuses", "refused.test\nb.test\n", "1!refused 2:b.test. " },
		{ "a lone CR is no end of line", "a.test\rb.test\n",
			"1!it has a byte 13: is this text in UTF-8? " },
		{ "nor is it in a CR CR LF", "a.test\r\r\n",
			"1!it has a byte 13: is this text in UTF-8? " },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		read_all(table[i].list, strlen(table[i].list), table[i].want, table[i].name);
	}
	read_all("a\0b.test\nc.test\n", 16, "1!it has a byte 0: is this text in UTF-8? 2:c.test. ",
		"a zero byte");
	read_all("#\0\na.test\n", 10, "2:a.test. ", "but a comment may hold what it wants");
	read_all("\xff\xfe"
		 "a\0\n\0",
		6,
		"1!it has a byte 0: is this text in UTF-8? "
		"2!it has a byte 0: is this text in UTF-8? ",
		"UTF-16");
}

/* A label of 63 bytes, and 64; a line of 4096, and more; a comment of any length. */
static void bounds(void)
{
	struct text list = { 0 }, out = { 0 };

	text_addf(&list, "%.63s.test\n",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
	text_addf(&list, "%.64s.test\n",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
	read_pieces(&out, list.bytes, list.length, 100);
	ok(strstr(text_string(&out), "2!") && strstr(text_string(&out), "label over 63 bytes"),
		"a label of 64 bytes is broken, one of 63 is not");
	text_cut(&list, 0);
	text_add(&list, "a.test");
	while (list.length < ZONE_LIST_LINE)
		text_add_byte(&list, ' ');
	text_add(&list, "\n");
	is_string(read_pieces(&out, list.bytes, list.length, 1000), "1:a.test. ", "4096 bytes fit");
	text_cut(&list, list.length - 1);
	text_add(&list, " \nb.test\n");
	is_string(read_pieces(&out, list.bytes, list.length, 1000),
		"1!longer than 4096 bytes 2:b.test. ", "4097 do not");
	text_cut(&list, 6);
	text_add(&list, " # ");
	while (list.length < 3 * ZONE_LIST_LINE)
		text_add(&list, "comment ");
	text_add(&list, "\nb.test\n");
	is_string(read_pieces(&out, list.bytes, list.length, 1000), "1:a.test. 2:b.test. ",
		"a comment has no bound");
	text_free(&list);
	text_free(&out);
}

static void many_lines(void)
{
	struct text list = { 0 }, out = { 0 };

	for (unsigned i = 0; i < 20000; i++)
		text_addf(&list, "z%u.test\n", i);
	read_pieces(&out, list.bytes, list.length, 4096);
	ok(strstr(text_string(&out), " 20000:z19999.test. "), "lines are counted");
	text_free(&list);
	text_free(&out);
}

int main(void)
{
	stories();
	bounds();
	many_lines();
	return done_testing();
}
