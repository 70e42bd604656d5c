/* PowerDNS's rows, and what may be served of them. */
#include "common/model/database_zones.h"

#include "common/dns/name.h"
#include "t/unit/tap.h"

enum { NOW = 1795324740, WEEKS = NOW / 604800, WEEK_BEGIN = WEEKS * 604800 }; /* 2026-11-22 */

static const struct {
	const char *name;
	enum soa_edit edit;
	uint32_t serial, served;
	bool allowed;
} edits[] = {
	{ "none: the same", SOA_EDIT_NONE, 7, 7, true },
	{ "none: another", SOA_EDIT_NONE, 7, 8, false },
	{ "weeks", SOA_EDIT_INCREMENT_WEEKS, 7, 7 + WEEKS, true },
	{ "weeks, its clock is behind", SOA_EDIT_INCREMENT_WEEKS, 7, 6 + WEEKS, true },
	{ "weeks, not added", SOA_EDIT_INCREMENT_WEEKS, 7, 7, false },
	{ "weeks, of an older row", SOA_EDIT_INCREMENT_WEEKS, 9, 6 + WEEKS, false },
	{ "weeks, wrapped", SOA_EDIT_INCREMENT_WEEKS, 0xffffffff, WEEKS - 1, true },
	{ "epoch of the week", SOA_EDIT_INCEPTION_EPOCH, 7, WEEK_BEGIN, true },
	{ "epoch of the week: the larger one", SOA_EDIT_INCEPTION_EPOCH, 2026112201, 2026112201,
		true },
	{ "epoch of the week: neither", SOA_EDIT_INCEPTION_EPOCH, 7, 9, false },
	{ "inception: its date", SOA_EDIT_INCEPTION_INCREMENT, 2026010101, 2026111900, true },
	{ "inception: two more", SOA_EDIT_INCEPTION_INCREMENT, 2026111901, 2026111903, true },
	{ "inception: untouched", SOA_EDIT_INCEPTION_INCREMENT, 2026112203, 2026112203, true },
	{ "inception: a date long past", SOA_EDIT_INCEPTION_INCREMENT, 2026010103, 2026010102,
		false },
	{ "epoch", SOA_EDIT_EPOCH, 7, NOW - 30, true },
	{ "epoch of last year", SOA_EDIT_EPOCH, 7, NOW - 31536000, false },
	{ "of another version", SOA_EDIT_OTHER, 7, 12345, true },
	{ "unset: the same", SOA_EDIT_UNSET, 7, 7, true },
	{ "unset: an older one", SOA_EDIT_UNSET, 9, 7, false },
	{ "unset: a newer one", SOA_EDIT_UNSET, 7, 9, false },
	{ "unset, by default weeks", SOA_EDIT_UNSET, 7, 7 + WEEKS, true },
	{ "unset, by default the epoch", SOA_EDIT_UNSET, 7, NOW, true },
	{ "unset, by default an inception", SOA_EDIT_UNSET, 2026010101, 2026111900, true },
};

static const struct {
	const char *content;
	bool good;
	uint32_t serial;
} contents[] = {
	{ "ns1.example.com hostmaster.example.com 2026112201 3600 600 86400 60", true, 2026112201 },
	{ "  a\tb   7", true, 7 },
	{ "a b 4294967295 1", true, 4294967295 },
	{ "a b 4294967296 1", false, 0 },
	{ "a b seven", false, 0 },
	{ "a b -7", false, 0 },
	{ "a b", false, 0 },
	{ "", false, 0 },
	{ "a b 00000000000000000000000000000000000000000000000000000007", false, 0 },
};

static void texts(void)
{
	for (size_t i = 0; i < sizeof(edits) / sizeof(*edits); i++)
		ok(soa_edit_allows(edits[i].edit, edits[i].serial, edits[i].served, NOW) ==
				edits[i].allowed,
			"SOA-EDIT %s", edits[i].name);
	for (size_t i = 0; i < sizeof(contents) / sizeof(*contents); i++) {
		uint32_t serial = 0;

		ok(soa_content_serial(contents[i].content, &serial) == contents[i].good &&
				serial == contents[i].serial,
			"the serial of \"%s\"", contents[i].content);
	}
	for (enum zone_kind kind = 0; kind < ZONE_KIND_COUNT; kind++)
		ok(zone_kind_from_text(zone_kind_name(kind)) == kind, "kind %s",
			zone_kind_name(kind));
	for (enum soa_edit edit = 0; edit < SOA_EDIT_COUNT; edit++)
		ok(soa_edit_from_text(soa_edit_name(edit)) == edit, "SOA-EDIT \"%s\"",
			soa_edit_name(edit));
	ok(soa_edit_from_text(NULL) == SOA_EDIT_UNSET &&
			soa_edit_from_text("new") == SOA_EDIT_OTHER,
		"no metadata, and an unknown one");
	ok(zone_kind_from_text("native") == ZONE_KIND_NATIVE &&
			zone_kind_from_text(NULL) == ZONE_KIND_OTHER,
		"any case, and none");
}

static void name_of(const char *text, uint8_t name[NAME_WIRE])
{
	struct fault fault;

	name_from_text(text, name, &fault);
}

static void add_server(struct plan *plan, const char *name, const char *place)
{
	struct address address;
	uint8_t wire[NAME_WIRE];

	name_of(name, wire);
	address_from_text(place, &address);
	plan_add_server(plan, *name ? wire : NULL, &address);
}

static void places(void)
{
	uint8_t wanted[NAME_WIRE], other[NAME_WIRE];
	struct database_zone rows[] = { { .name = other, .serial = 1 },
		{ .name = wanted, .serial = 7 }, { .name = wanted, .serial = 8 } };
	struct database_zones zones = { .schema = "pdns", .items = rows, .count = 3 },
			      unread = { .schema = "", .error = "denied" };
	struct database known = { .zones = &zones }, silent = { .zones = &unread };
	struct backend backends[] = { { .name = "NS2.example.com", .database = &known },
		{ .name = "192.0.2.3", .database = &silent },
		{ .name = "ns9.example.com", .database = &silent } };
	struct server_observation servers[4] = { { 0 } };
	struct observations seen = { .servers = servers, .backends = backends, .backend_count = 3 };
	struct plan plan;

	name_of("example.com", wanted);
	name_of("example.net", other);
	plan_begin(&plan);
	plan_add_zone(&plan, wanted);
	add_server(&plan, "ns1.example.com", "192.0.2.1@53");
	add_server(&plan, "ns2.example.com", "192.0.2.2@53");
	add_server(&plan, "ns2.example.com", "2001:db8::2@53");
	add_server(&plan, "ns3.example.com", "192.0.2.3@53");
	plan_close(&plan);
	backends_place(&plan, &seen);
	ok(!backend_of(&seen, 0), "a server without a database");
	ok(backend_of(&seen, 1) == &backends[0] && backend_of(&seen, 2) == &backends[0],
		"all addresses of a name, in any case");
	ok(backend_of(&seen, 3) == &backends[1], "by its address");
	ok(backends[0].server == 1 && backends[2].server == PLAN_NONE, "the first; nobody");
	ok(backends[0].of_zone[0]->serial == 7, "the first row of the zone");
	ok(zones.count == 1, "rows of other zones are dropped");
	ok(!backends[1].of_zone, "what could not be read is not known");
	arena_free(&seen.arena);
	plan_free(&plan);
}

int main(void)
{
	texts();
	places();
	return done_testing();
}
