/* What PowerDNS's API says, in the words of its versions. */
#include "common/model/pdns.h"
#include "t/unit/tap.h"

static const struct {
	const char *version; /* NULL: not told */
	bool old_names, new_names, zone_cache, catalog;
	unsigned major, minor;
	bool is_from;
	const char *primary; /* what it calls that */
} versions[] = {
	{ "4.1.14", true, false, false, false, 4, 2, false, "master" },
	{ "4.4.1", true, false, false, false, 4, 4, true, "master" },
	{ "4.7.3", true, true, true, true, 4, 7, true, "primary" },
	{ "4.7.3", true, true, true, true, 4, 8, false, "primary" },
	{ "5.0.0-rc1", false, true, true, true, 4, 9, true, "primary" },
	{ "4.10.0", false, true, true, true, 4, 9, true, "primary" },
	{ NULL, true, false, false, false, 4, 5, false, "master" },
	{ NULL, true, true, false, false, 4, 5, true, "primary" },
	{ NULL, true, true, true, true, 4, 7, true, "primary" },
	{ NULL, true, true, true, true, 4, 9, false, "primary" },
	{ NULL, false, true, true, true, 4, 9, true, "primary" },
	{ NULL, false, true, true, true, 5, 0, false, "primary" },
	{ "nonsense", true, false, true, false, 4, 5, true, "master" },
	{ "nonsense", false, false, false, false, 4, 1, false, "primary" },
};

static void versions_told(void)
{
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		struct pdns_zone zone = { .has_catalog = versions[i].catalog };
		struct pdns_server server = { .version = versions[i].version,
			.old_names = versions[i].old_names,
			.new_names = versions[i].new_names,
			.zones = &zone,
			.zone_count = 1 };

		if (versions[i].zone_cache)
			server.settings[PDNS_ZONE_CACHE_REFRESH_INTERVAL] = "300";
		ok(pdns_is_from(&server, versions[i].major, versions[i].minor) ==
				versions[i].is_from,
			"%s: from %u.%u", versions[i].version ? versions[i].version : "not told",
			versions[i].major, versions[i].minor);
		is_string(pdns_setting_name(&server, PDNS_PRIMARY), versions[i].primary,
			"its word");
		is_string(pdns_setting_name(&server, PDNS_CACHE_TTL), "cache-ttl",
			"a word that never changed");
	}
}

static void settings_read(void)
{
	struct pdns_server server = { .name = "ns1" };
	enum pdns_setting setting;
	uint32_t number = 7;
	bool is_old;

	ok(pdns_setting_switch(&server, PDNS_PRIMARY) == PDNS_NOT_KNOWN, "nothing is not no");
	server.settings[PDNS_PRIMARY] = "no";
	ok(pdns_setting_switch(&server, PDNS_PRIMARY) == PDNS_OFF, "no");
	server.settings[PDNS_PRIMARY] = "off";
	ok(pdns_setting_switch(&server, PDNS_PRIMARY) == PDNS_OFF, "off");
	server.settings[PDNS_PRIMARY] = "yes";
	ok(pdns_setting_switch(&server, PDNS_PRIMARY) == PDNS_ON, "yes");
	ok(!pdns_setting_number(&server, PDNS_CACHE_TTL, &number), "no number is not 0");
	server.settings[PDNS_CACHE_TTL] = "20";
	ok(pdns_setting_number(&server, PDNS_CACHE_TTL, &number) && number == 20, "a number");
	server.settings[PDNS_CACHE_TTL] = "soon";
	ok(!pdns_setting_number(&server, PDNS_CACHE_TTL, &number), "a word is none");
	ok(pdns_setting_from_name("superslave", &setting, &is_old) &&
			setting == PDNS_AUTOSECONDARY && is_old,
		"the old spelling");
	ok(pdns_setting_from_name("autosecondary", &setting, &is_old) &&
			setting == PDNS_AUTOSECONDARY && !is_old,
		"the new one");
	ok(!pdns_setting_from_name("api-key", &setting, &is_old), "others do not matter");
}

static void names_and_back(void)
{
	enum pdns_metadata metadata;

	for (enum pdns_metadata each = 0; each < PDNS_META_COUNT; each++)
		ok(pdns_metadata_from_name(pdns_metadata_name(each), &metadata) && metadata == each,
			"%s", pdns_metadata_name(each));
	ok(!pdns_metadata_from_name("X-MINE", &metadata), "metadata of one's own");
	for (enum pdns_kind each = 0; each < PDNS_KIND_COUNT; each++)
		ok(pdns_kind_from_name(pdns_kind_name(each)) == each, "%s", pdns_kind_name(each));
	ok(pdns_kind_from_name("MASTER") == PDNS_MASTER, "as the database has it");
	ok(pdns_kind_from_name("primary") == PDNS_MASTER, "as later versions may");
	ok(pdns_kind_from_name("Secondary") == PDNS_SLAVE, "the same");
	ok(pdns_kind_from_name("Mirror") == PDNS_KIND_UNKNOWN, "a word of tomorrow");
}

static void found(void)
{
	struct pdns_zone zones[] = { { .zone = 2, .serial = 9 } };
	struct pdns_detail details[] = { { .zone = 2 } };
	uint32_t rows[] = { 0, 0, 1 };
	struct pdns_server server = { .zones = zones,
		.zone_count = 1,
		.zone_rows = rows,
		.details = details,
		.detail_count = 1 },
			   silent = { .name = "ns2" };

	ok(pdns_find_zone(&server, 2) == &zones[0], "it has the zone");
	ok(!pdns_find_zone(&server, 1), "and not that one");
	ok(!pdns_find_zone(&silent, 2), "a silent one has nothing");
	ok(pdns_find_detail(&server, 2) == &details[0] && !pdns_find_detail(&server, 1), "details");
}

int main(void)
{
	versions_told();
	settings_read();
	names_and_back();
	found();
	return done_testing();
}
