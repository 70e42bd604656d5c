/*
 * Lists of zones and their files, and zones that leave a store.
 */
#include <string.h>

#include "common/engine/zone_roll.h"
#include "common/engine/zone_store.h"
#include "t/unit/tap.h"

static void test_stories(void)
{
	static const struct {
		const char *path, *content, *seen; /* "zone=file ...", or the fault */
	} stories[] = {
		{ "list", "", "" },
		{ "list", "# nothing\n\n \t\n", "" },
		{ "list", "a.test a.zone", "a.test.=a.zone " },
		{ "/etc/list", "A.Test\ta.zone # ours\r\n/b.test /b\n",
			"a.test.=/etc/a.zone /b.test.=/b " },
		{ "list", "a.test\n", "list:1: right is ZONE FILE" },
		{ "list", "\na.test x y\n", "list:2: right is ZONE FILE" },
		{ "list", "a.test x\nb.test y\na.TEST. z\n", "list:3: a.TEST. is given twice" },
		{ "list", "a..b x\n", "list:1: zone \"a..b\": empty label" },
	};
	struct text seen = { 0 };

	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		struct arena arena = { 0 };
		struct zone_roll roll;
		struct fault fault = { 0 };
		char name[NAME_TEXT];

		text_cut(&seen, 0);
		if (!zone_roll_parse(stories[i].path, stories[i].content,
			    strlen(stories[i].content), &arena, &roll, &fault))
			text_add(&seen, fault.text);
		else
			for (size_t j = 0; j < roll.count; j++)
				text_addf(&seen, "%s=%s ", name_to_text(roll.entries[j].name, name),
					roll.entries[j].file);
		is_string(text_string(&seen), stories[i].seen, "a list");
		arena_free(&arena);
	}
	text_free(&seen);
}

static void test_many(void)
{
	struct arena arena = { 0 };
	struct text content = { 0 };
	struct zone_roll roll;
	struct fault fault = { 0 };

	for (unsigned i = 0; i < 1000; i++)
		text_addf(&content, "zone%u.test file%u\n", i, i);
	ok(zone_roll_parse("list", text_string(&content), content.length, &arena, &roll, &fault),
		"a thousand lines %s", fault.text);
	is_integer((long)roll.count, 1000, "are a thousand zones");
	is_string(roll.entries[999].file, "file999", "in their order");
	ok(!zone_roll_parse("list", "a.test b\0c", 10, &arena, &roll, &fault), "a NUL byte");
	text_free(&content);
	arena_free(&arena);
}

static bool is_odd(struct zone *zone)
{
	return (zone->name[5] - '0') % 2;
}

static void test_sweep(void)
{
	struct zone_store store = { 0 };
	struct fault fault = { 0 };
	uint8_t name[NAME_WIRE];
	char text[16];

	for (unsigned i = 0; i < 10; i++) {
		snprintf(text, sizeof(text), "zone%u", i);
		name_from_text(text, name, &fault);
		zone_store_add(&store, name);
	}
	zone_store_sweep(&store, is_odd);
	is_integer((long)store.count, 5, "five of ten zones stay");
	for (unsigned i = 0; i < 10; i++) {
		snprintf(text, sizeof(text), "zone%u", i);
		name_from_text(text, name, &fault);
		ok((zone_store_exact(&store, name) == NULL) == (i % 2 == 1) &&
				(i % 2 || store.zones[i / 2] == zone_store_exact(&store, name)),
			"%s", text);
	}
	name_from_text("zone1", name, &fault);
	ok(zone_store_add(&store, name) == store.zones[5], "one may come back");
	zone_store_free(&store);
}

int main(void)
{
	test_stories();
	test_many();
	test_sweep();
	return done_testing();
}
