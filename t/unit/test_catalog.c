/* Catalog zones: members, properties that are nothing to us, and every way to be broken. */
#include "common/base/text.h"
#include "common/dns/catalog.h"
#include "common/dns/name.h"
#include "t/unit/tap.h"

#define ORIGIN ((const uint8_t *)"\7catalog\4test")

#define VERSION "version TXT \"2\"\n"

static const struct {
	const char *name, *zone, *members, *broken;
} stories[] = {
	{ "an empty one", VERSION, "", NULL },
	{ "members", VERSION "a.zones PTR example.com.\nb.zones PTR EXAMPLE.net.\n",
		"example.com. example.net. ", NULL },
	{ "the version behind the members", "a.zones PTR example.com.\n" VERSION, "example.com. ",
		NULL },
	{ "version 1", "version TXT \"1\"\na.zones PTR example.com.\n", "example.com. ", NULL },
	{ "in upper case",
		"VERSION TXT \"2\"\nA.ZONES PTR example.com.\nCOO.a.Zones PTR other.test.\n",
		"example.com.+ ", NULL },
	{ "groups, extensions, and what BIND's version 1 has besides",
		VERSION
		"a.zones PTR example.com.\ngroup.a.zones TXT \"x\"\nx.ext.a.zones TXT \"y\"\n"
		"primaries.a.zones A 192.0.2.1\n@ NS invalid.\nx.ext A 192.0.2.1\nzones TXT z\n"
		"allow-query.a.zones APL 1:192.0.2.0/24\n",
		"example.com. ", NULL },
	{ "a member that moves",
		VERSION "coo.a.zones PTR other.test.\na.zones PTR example.com.\n"
			"b.zones PTR example.net.\n",
		"example.com.+ example.net. ", NULL },
	{ "a property without its member", VERSION "coo.a.zones PTR other.test.\n", "", NULL },
	{ "no PTR at a node", VERSION "a.zones TXT example.com.\n", "", NULL },
	{ "deeper names are nothing", VERSION "x.a.zones PTR example.com.\n", "", NULL },
	{ "no version", "a.zones PTR example.com.\n", "example.com. ",
		"it does not say its version: is it a catalog?" },
	{ "version 3", "version TXT \"3\"\n", "", "its version is neither \"1\" nor \"2\"" },
	{ "a longer version", "version TXT \"22\"\n", "",
		"its version is neither \"1\" nor \"2\"" },
	{ "a version in two strings", "version TXT \"2\" \"2\"\n", "",
		"its version is neither \"1\" nor \"2\"" },
	{ "two versions", VERSION "version TXT \"1\"\n", "", "it says its version more than once" },
	{ "two members at a node", VERSION "a.zones PTR example.com.\nA.zones PTR example.net.\n",
		"example.com. ", "two members have the same node a.zones.catalog.test" },
	{ "a member at two nodes", VERSION "a.zones PTR example.com.\nb.zones PTR Example.COM.\n",
		"example.com. example.com. ", "two nodes name the same member example.com" },
};

static bool take_record(void *context, const struct zone_record *record, struct fault *fault)
{
	(void)fault;
	catalog_record(context, record);
	return true;
}

static void story(size_t index)
{
	struct zone_file_reader reader = { .record = take_record };
	struct catalog catalog;
	struct text zone = { 0 }, members = { 0 };
	struct fault fault = { { 0 } };
	char name[NAME_TEXT];

	catalog_begin(&catalog, ORIGIN);
	reader.context = &catalog;
	text_addf(&zone, "@ 0 SOA invalid. invalid. 1 2 3 4 5\n%s", stories[index].zone);
	ok(zone_file_read("catalog", zone.bytes, zone.length, ORIGIN, &reader, &fault), "%s: %s",
		stories[index].name, fault.text);
	ok(catalog_end(&catalog) == !stories[index].broken, "%s: good or broken",
		stories[index].name);
	is_string(catalog.broken, stories[index].broken, stories[index].name);
	for (size_t i = 0; i < catalog.count; i++) {
		if (catalog.members[i].zone)
			text_addf(&members, "%s%s ", name_to_text(catalog.members[i].zone, name),
				catalog.members[i].is_moving ? "+" : "");
	}
	is_string(text_string(&members), stories[index].members, stories[index].name);
	text_free(&zone);
	text_free(&members);
	catalog_free(&catalog);
}

int main(void)
{
	struct catalog catalog;

	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++)
		story(i);
	catalog_begin(&catalog, ORIGIN);
	catalog_record(&catalog,
		&(struct zone_record){ .owner = (const uint8_t *)"\7version\5other",
			.type = 16,
			.class = 1,
			.rdata = (const uint8_t *)"\1"
						  "2",
			.rdata_length = 2 });
	ok(!catalog_end(&catalog), "a record outside of the zone is nothing");
	catalog_free(&catalog);
	return done_testing();
}
