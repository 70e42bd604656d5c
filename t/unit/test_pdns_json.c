/* What PowerDNS's API says as JSON, in pieces of any size, into the model. */
#include "common/probe/pdns_json.h"
#include "t/unit/tap.h"

struct world {
	struct plan plan;
	struct observations seen;
	struct pdns_server server;
	struct pdns_detail detail;
};

static void begin(struct world *world)
{
	static const uint8_t zone[] = "\7example\3com";

	*world = (struct world){ 0 };
	plan_begin(&world->plan);
	plan_add_zone(&world->plan, zone);
	observations_begin(&world->seen, 0, 0);
}

static void end(struct world *world)
{
	observations_free(&world->seen);
	plan_free(&world->plan);
}

static enum pdns_outcome feed(struct world *world, enum pdns_document document, const char *json,
	size_t length, size_t piece, struct fault *why)
{
	struct pdns_reader reader = { .document = document,
		.plan = &world->plan,
		.adds_zones = true,
		.seen = &world->seen,
		.server = &world->server,
		.detail = &world->detail };

	pdns_reader_begin(&reader);
	for (size_t at = 0; at < length; at += piece) {
		if (!pdns_reader_feed(&reader, json + at,
			    length - at < piece ? length - at : piece))
			break;
	}
	*why = (struct fault){ { 0 } };
	return pdns_reader_end(&reader, why);
}

static enum pdns_outcome read_json(struct world *world, enum pdns_document document,
	const char *json)
{
	struct fault why;

	return feed(world, document, json, strlen(json), 1000, &why);
}

static const struct {
	const char *name;
	enum pdns_document document;
	const char *json;
	enum pdns_outcome outcome;
	const char *why;
} stories[] = {
	{ "no zones", PDNS_DOCUMENT_ZONES, "[]", PDNS_ANSWERED, "" },
	{ "a zone", PDNS_DOCUMENT_ZONES, "[{\"name\":\"example.com.\",\"kind\":\"Native\"}]",
		PDNS_ANSWERED, "" },
	{ "HTML", PDNS_DOCUMENT_ZONES, "<html>", PDNS_NOT_JSON,
		"the JSON is broken: it is no JSON" },
	{ "packed", PDNS_DOCUMENT_ZONES, "\x1f\x8b\x08", PDNS_NOT_JSON,
		"the JSON is broken: it is no JSON" },
	{ "nothing", PDNS_DOCUMENT_ZONES, "", PDNS_NOT_JSON, "the JSON is broken: it is empty" },
	{ "an error of its own", PDNS_DOCUMENT_ZONES, "{\"error\":\"x\"}", PDNS_NOT_JSON,
		"the JSON is broken: it is no list" },
	{ "cut in an element", PDNS_DOCUMENT_ZONES, "[{\"name\":\"exa", PDNS_TRUNCATED,
		"the JSON ends too early" },
	{ "cut between two", PDNS_DOCUMENT_ZONES,
		"[{\"name\":\"example.com.\",\"kind\":\"Native\"},", PDNS_TRUNCATED,
		"the JSON ends too early" },
	{ "a broken element", PDNS_DOCUMENT_ZONES, "[{\"name\":example.com.}]", PDNS_NOT_JSON,
		"the JSON is broken: invalid token near 'example'" },
	{ "an element without a name", PDNS_DOCUMENT_ZONES, "[{\"kind\":\"Native\"}]",
		PDNS_NOT_JSON, "it is not what PowerDNS says: a zone without name or kind" },
	{ "a setting without a value", PDNS_DOCUMENT_SETTINGS, "[{\"name\":\"primary\"}]",
		PDNS_NOT_JSON, "it is not what PowerDNS says: a setting without name or value" },
	{ "an autoprimary without a name", PDNS_DOCUMENT_AUTOPRIMARIES, "[{\"ip\":\"192.0.2.1\"}]",
		PDNS_NOT_JSON,
		"it is not what PowerDNS says: an autoprimary without ip or nameserver" },
	{ "metadata without values", PDNS_DOCUMENT_METADATA, "[{\"kind\":\"SOA-EDIT\"}]",
		PDNS_NOT_JSON, "it is not what PowerDNS says: metadata without kind or values" },
	{ "an RRset without a type", PDNS_DOCUMENT_RECORDS,
		"{\"rrsets\":[{\"name\":\"example.com.\"}]}", PDNS_NOT_JSON,
		"it is not what PowerDNS says: an RRset without name or type" },
	{ "a zone that has no name", PDNS_DOCUMENT_ZONE, "{}", PDNS_NOT_JSON,
		"it is not what PowerDNS says: a zone without a name" },
	{ "a server without a version", PDNS_DOCUMENT_SERVER, "{\"id\":\"localhost\"}",
		PDNS_NOT_JSON, "it is not what PowerDNS says: it tells no version" },
	{ "half an object", PDNS_DOCUMENT_SERVER, "{\"version\":\"4", PDNS_TRUNCATED,
		"the JSON ends too early" },
	{ "a list for an object", PDNS_DOCUMENT_SERVER, "[]", PDNS_NOT_JSON, "the JSON is broken" },
	{ "brackets that do not match", PDNS_DOCUMENT_SERVER, "{]", PDNS_NOT_JSON,
		"the JSON is broken: its brackets do not match" },
};

static void stories_told(void)
{
	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		size_t length = strlen(stories[i].json);

		for (size_t piece = 1; piece <= length + 1; piece += length ? length : 1) {
			struct world world;
			struct fault why;

			begin(&world);
			ok(feed(&world, stories[i].document, stories[i].json, length, piece,
				   &why) == stories[i].outcome,
				"%s, by %zu", stories[i].name, piece);
			is_string(why.text, stories[i].why, stories[i].name);
			end(&world);
		}
	}
}

static void served(void)
{
	struct world world;
	const struct pdns_server *server = &world.server;

	begin(&world);
	read_json(&world, PDNS_DOCUMENT_ZONES,
		"[{\"name\":\"example.com.\",\"kind\":\"Master\",\"serial\":9},{\"name\":\"b.example.\",\"kind\":\"Master\",\"serial\":4}]");
	pdns_index_zones(&world.server, world.plan.zone_count, &world.seen.arena);
	ok(read_json(&world, PDNS_DOCUMENT_SERVED,
		   "[{\"name\":\"Example.com.\",\"kind\":\"Master\",\"serial\":9,\"edited_serial\":2026111901},"
		   "{\"name\":\"b.example.\",\"serial\":4},{\"name\":\"new.example.\",\"edited_serial\":1},{\"name\":\"b..internal\"}]") ==
			PDNS_ANSWERED,
		"the serials that are served");
	is_integer(server->zone_count, 2, "of the zones that are known");
	ok(server->zones[0].has_edited_serial && server->zones[0].edited_serial == 2026111901 &&
			server->zones[0].serial == 9,
		"beside that of the database");
	ok(!server->zones[1].has_edited_serial, "where it is told (since 4.2)");
	ok(read_json(&world, PDNS_DOCUMENT_SERVED, "[{\"serial\":9}]") == PDNS_NOT_JSON,
		"a zone without a name");
	end(&world);
}

static void zones(void)
{
	struct world world;
	const struct pdns_server *server = &world.server;

	begin(&world);
	ok(read_json(&world, PDNS_DOCUMENT_ZONES,
		   "[{\"name\":\"b.example.\",\"kind\":\"Slave\",\"masters\":[\"192.0.2.1\",\"[2001:db8::1]:5300\"],"
		   "\"serial\":4294967295,\"notified_serial\":7,\"last_check\":1795327712,\"account\":\"x\",\"catalog\":\"cat.\"},"
		   "{\"name\":\"Example.COM.\",\"kind\":\"Master\",\"masters\":[],\"serial\":-1,\"dnssec\":true,\"edited_serial\":9},"
		   "{\"name\":\"c.example.\",\"kind\":\"Mirror\",\"masters\":[\"192.0.2.1\",\"[2001:db8::1]:5300\"]},"
		   "{\"name\":\"example.com..internal\",\"kind\":\"Native\"}]") == PDNS_ANSWERED,
		"zones");
	pdns_index_zones(&world.server, world.plan.zone_count, &world.seen.arena);
	is_integer((int64_t)world.plan.zone_count, 3, "a variant is none of DNS's zones");
	is_integer(server->zone_count, 3, "and not counted");
	is_integer(pdns_find_zone(server, 0)->edited_serial, 9, "edited_serial");
	ok(pdns_find_zone(server, 0)->has_edited_serial && !pdns_find_zone(server, 0)->serial,
		"a number that is no serial is none");
	ok(pdns_find_zone(server, 0)->dnssec == PDNS_ON &&
			pdns_find_zone(server, 1)->dnssec == PDNS_NOT_KNOWN,
		"dnssec, where it is told");
	ok(pdns_find_zone(server, 1)->kind == PDNS_SLAVE &&
			pdns_find_zone(server, 2)->kind == PDNS_KIND_UNKNOWN,
		"kinds");
	ok(pdns_find_zone(server, 1)->serial == 4294967295u &&
			pdns_find_zone(server, 1)->notified_serial == 7 &&
			pdns_find_zone(server, 1)->last_check_s == 1795327712,
		"numbers");
	ok(pdns_find_zone(server, 1)->has_catalog && !pdns_find_zone(server, 2)->has_catalog,
		"catalogs, where they are told");
	is_string(world.seen.texts[pdns_find_zone(server, 1)->catalog], "cat.", "which");
	is_integer(pdns_find_zone(server, 1)->masters, pdns_find_zone(server, 2)->masters,
		"equal lists of masters are one");
	is_string(server->masters[pdns_find_zone(server, 1)->masters].text,
		"192.0.2.1, [2001:db8::1]:5300", "as they stand there");
	is_integer(server->masters[pdns_find_zone(server, 1)->masters].address_count, 2,
		"two addresses");
	is_integer(server->masters[pdns_find_zone(server, 1)->masters].addresses[1].port, 5300,
		"with ports");
	is_integer(pdns_find_zone(server, 0)->masters, 0, "none is 0");
	end(&world);
}

static void settings(void)
{
	struct world world;
	const struct pdns_server *server = &world.server;

	begin(&world);
	read_json(&world, PDNS_DOCUMENT_SETTINGS,
		"[{\"name\":\"master\",\"value\":\"yes\"},{\"name\":\"primary\",\"value\":\"no\"},"
		"{\"name\":\"secondary\",\"value\":\"no\"},{\"name\":\"slave\",\"value\":\"yes\"},"
		"{\"name\":\"slave-cycle-interval\",\"value\":\"33\"},{\"name\":\"xfr-cycle-interval\",\"value\":\"60\"},"
		"{\"name\":\"secondary-do-renotify\",\"value\":\"no\"},{\"name\":\"slave-renotify\",\"value\":\"no\"},"
		"{\"name\":\"api-key\",\"value\":\"secret\"}]");
	ok(server->old_names && server->new_names, "both spellings");
	is_string(server->settings[PDNS_PRIMARY], "yes", "either says yes");
	is_string(server->settings[PDNS_SECONDARY], "yes", "in any order");
	is_string(server->settings[PDNS_XFR_CYCLE_INTERVAL], "60", "of numbers the new one counts");
	is_string(server->settings[PDNS_SECONDARY_DO_RENOTIFY], "no", "no and no");
	ok(!server->settings[PDNS_AUTOSECONDARY], "what is not told is not known");
	end(&world);
}

static void details(void)
{
	struct world world;
	const struct pdns_detail *detail = &world.detail;

	begin(&world);
	read_json(&world, PDNS_DOCUMENT_ZONE,
		"{\"name\":\"example.com.\",\"soa_edit\":\"INCREMENT-WEEKS\",\"soa_edit_api\":\"\",\"edited_serial\":5}");
	ok(detail->has_soa_edit_api && !*detail->soa_edit_api, "unset is known to be");
	is_string(detail->soa_edit, "INCREMENT-WEEKS", "soa_edit");
	ok(detail->has_edited_serial && detail->edited_serial == 5, "edited_serial");
	read_json(&world, PDNS_DOCUMENT_METADATA,
		"[{\"kind\":\"ALLOW-AXFR-FROM\",\"metadata\":[\"AUTO-NS\",\"192.0.2.0/24\"]},{\"kind\":\"X-MINE\",\"metadata\":[\"y\"]},"
		"{\"kind\":\"ALSO-NOTIFY\",\"metadata\":[]}]");
	is_integer(detail->metadata[PDNS_META_ALLOW_AXFR_FROM].count, 2, "values");
	is_string(detail->metadata[PDNS_META_ALLOW_AXFR_FROM].items[1], "192.0.2.0/24",
		"in their order");
	is_integer(detail->metadata[PDNS_META_ALSO_NOTIFY].count, 0, "none");
	read_json(&world, PDNS_DOCUMENT_RECORDS,
		"{\"name\":\"example.com.\",\"rrsets\":[{\"name\":\"sub.example.com.\",\"type\":\"NS\",\"records\":[{\"content\":\"ns9.example.com.\"}]},"
		"{\"name\":\"example.com.\",\"type\":\"SOA\",\"records\":[{\"content\":\"ns1.example.com. h.example.com. 5 10800 3600 604800 60\"}]},"
		"{\"name\":\"example.com.\",\"type\":\"NS\",\"records\":[{\"content\":\"NS1.example.com.\",\"disabled\":false},"
		"{\"content\":\"ns2.example.com.\",\"disabled\":true}]}]}");
	is_integer(detail->ns.count, 1, "the NS set of the apex, without what is disabled");
	is_string(detail->ns.items[0], "ns1.example.com.", "in lower case");
	ok(detail->has_soa && detail->refresh_s == 10800 && detail->retry_s == 3600 &&
			detail->expire_s == 604800,
		"the SOA's times");
	end(&world);
}

static void rows(void)
{
	struct world world;
	const struct pdns_server *server = &world.server;

	begin(&world);
	read_json(&world, PDNS_DOCUMENT_AUTOPRIMARIES,
		"[{\"ip\":\"192.0.2.1\",\"nameserver\":\"NS2.example.com\",\"account\":\"a\"},{\"ip\":\"no\",\"nameserver\":\"a b..\"}]");
	ok(!server->autoprimaries[0].is_dotted && server->autoprimaries[1].is_dotted,
		"whether the name has its final dot there");
	is_integer(server->autoprimary_count, 2, "autoprimaries");
	is_string(server->autoprimaries[0].nameserver, "ns2.example.com.",
		"a name in one spelling");
	ok(server->autoprimaries[0].address.family == 4 && !server->autoprimaries[1].address.family,
		"addresses, where they are any");
	read_json(&world, PDNS_DOCUMENT_LOGS,
		"[{\"name\":\"a\",\"type\":\"StatisticItem\",\"value\":\"1\"},{\"name\":\"logmessages\",\"value\":["
		"{\"name\":\"nameserver 'x' does not resolve!\",\"value\":\"3\"},{\"name\":\"Done launching threads\",\"value\":\"1\"}]},"
		"{\"name\":\"queries\",\"value\":[{\"name\":\"notify.primary.example/A\",\"value\":\"9\"}]}]");
	is_integer(server->log_count, 1, "what is evidence, of the log alone");
	ok(server->logs[0].times == 3, "how often");
	read_json(&world, PDNS_DOCUMENT_SERVER, "{\"version\":\"4.7.3\"}");
	is_string(server->version, "4.7.3", "the version");
	end(&world);
}

static void bounds(void)
{
	struct world world;
	struct text json = { 0 };
	struct fault why;

	begin(&world);
	text_add(&json, "[");
	for (size_t i = 0; i < 10001; i++)
		text_addf(&json, "%s{\"ip\":\"192.0.2.1\",\"nameserver\":\"ns2.\"}", i ? "," : "");
	text_add(&json, "]");
	ok(feed(&world, PDNS_DOCUMENT_AUTOPRIMARIES, json.bytes, json.length, 65536, &why) ==
			PDNS_TOO_BIG,
		"ten thousand autoprimaries are enough");
	is_string(why.text, "it lists too many autoprimaries", "and that is said");
	text_cut(&json, 0);
	text_add(&json, "[");
	while (json.length < 5 << 20)
		text_add(&json, "                                                                ");
	ok(feed(&world, PDNS_DOCUMENT_SETTINGS, json.bytes, json.length, 65536, &why) ==
			PDNS_TOO_BIG,
		"blanks without end");
	is_string(why.text, "it sends more than a server has to say", "the same");
	text_free(&json);
	end(&world);
}

int main(void)
{
	stories_told();
	zones();
	served();
	settings();
	details();
	rows();
	bounds();
	return done_testing();
}
