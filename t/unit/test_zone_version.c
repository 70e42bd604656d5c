/*
 * Zone versions: what is loaded, what is refused and why, which node answers.
 */
#include "common/engine/transfer_stream.h"
#include "common/engine/zone_store.h"
#include "t/unit/engine_world.h"

static struct zone_version *parse(const char *content, struct fault *fault)
{
	struct text text = { 0 };
	uint8_t apex[NAME_WIRE];
	struct zone_version *version;

	name_from_text("example.com", apex, fault);
	text_add(&text, content);
	version = zone_version_parse("FILE", &text, apex, NULL, fault);
	text_free(&text);
	return version;
}

#define TOP "@ 60 SOA ns hostmaster 1 2 3 4 5\n@ 60 NS ns\n"

static void test_refusals(void)
{
	static const struct {
		const char *name, *content, *reason;
	} stories[] = {
		{ "no SOA", "@ 60 NS ns\n",
			"FILE: example.com.: no SOA record at the top of the zone" },
		{ "no NS", "@ 60 SOA ns h 1 2 3 4 5\n",
			"FILE: example.com.: no NS records at the top of the zone" },
		{ "an SOA below", TOP "a 60 SOA ns h 1 2 3 4 5\n",
			"FILE:3: a.example.com.: an SOA below the top of the zone" },
		{ "a second SOA", TOP "@ 60 SOA ns h 2 2 3 4 5\n",
			"FILE:3: example.com.: a second SOA" },
		{ "outside", TOP "www.example.org. 60 A 192.0.2.1\n",
			"FILE:3: www.example.org.: outside the zone" },
		{ "CNAME beside data", TOP "a 60 A 192.0.2.1\na 60 CNAME b\n",
			"FILE:4: a.example.com.: a CNAME stands beside other records" },
		{ "data beside CNAME", TOP "a 60 CNAME b\na 60 TXT \"x\"\n",
			"FILE:4: a.example.com.: a CNAME stands beside other records" },
		{ "two CNAMEs", TOP "a 60 CNAME b\na 60 CNAME c\n",
			"FILE:4: a.example.com.: a second CNAME" },
		{ "another class", TOP "a 60 CH TXT \"x\"\n", "class" },
		{ "an include", TOP "$INCLUDE other.zone\n",
			"$INCLUDE other.zone is not allowed here" },
	};

	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		struct fault fault = { 0 };
		struct zone_version *version = parse(stories[i].content, &fault);

		ok(!version && strstr(fault.text, stories[i].reason), "%s: %s", stories[i].name,
			fault.text);
		zone_version_release(version);
	}
}

static bool read_part(void *context, const char *path, struct text *content, struct fault *fault)
{
	(void)context;
	(void)fault;
	text_addf(content, "part A 192.0.2.5 ; %s\n", path);
	return true;
}

static void test_include(void)
{
	struct fault fault = { 0 };
	struct text text = { 0 };
	uint8_t apex[NAME_WIRE];
	struct zone_version *version;

	name_from_text("example.com", apex, &fault);
	text_add(&text, "$TTL 9\n" TOP "$INCLUDE part.zone\n");
	version = zone_version_parse("FILE", &text, apex, read_part, &fault);
	ok(version && version->record_count == 3, "an included file counts: %s", fault.text);
	zone_version_release(version);
	text_free(&text);
}

static void test_contents(void)
{
	struct fault fault = { 0 };
	struct zone_version *version = parse(TOP
		"@ 60 SOA ns hostmaster 1 2 3 4 5\na 90 A 192.0.2.2\nA 60 A 192.0.2.1\n"
		"a 70 A 192.0.2.2\na 50 RRSIG A 8 2 60 20261222000000 20261122000000 1 example.com. AAAA\n"
		"a 70 RRSIG A 8 2 60 20261222000000 20261122000000 2 example.com. AAAA\n"
		"b 60 CNAME a\nb 60 RRSIG CNAME 8 2 60 20261222000000 20261122000000 1 example.com. AAAA\n"
		"x.y.z 60 A 192.0.2.9\n",
		&fault);
	const struct zone_rrset *rrset;

	if (!ok(version != NULL, "it is a zone: %s", fault.text))
		return;
	is_integer((int64_t)version->record_count, 9, "duplicates are dropped (RFC 2181 5)");
	is_integer((int64_t)version->node_count, 6, "names, two of them empty non-terminals");
	is_integer(version->serial, 1, "serial");
	is_integer(version->soa.minimum, 5, "minimum");
	rrset = zone_node_rrset(&version->nodes[1], DNS_A);
	is_integer(rrset->count, 2, "two addresses");
	is_integer(rrset->first->ttl, 60, "the least TTL is for all (RFC 2181 5.2)");
	is_integer(rrset->first->next->ttl, 60, "of all records");
	is_integer(rrset->first->bytes[3], 1, "in canonical order");
	rrset = zone_node_rrset(&version->nodes[1], DNS_RRSIG);
	is_integer(rrset->first->ttl + rrset->first->next->ttl, 120,
		"signatures keep their own TTLs");
	zone_version_release(version);
}

static void test_too_much_data(void)
{
	static uint8_t rdata[65535];
	uint8_t apex[NAME_WIRE];
	struct fault fault = { 0 };
	struct zone_record record = { apex, 65280, DNS_IN, 60, rdata, TRANSFER_STREAM_RDATA };
	struct zone_version *version;

	name_from_text("example.com", apex, &fault);
	version = zone_version_new(apex);
	ok(zone_version_add(version, &record, &fault), "as much as a message carries");
	record.rdata_length++;
	ok(!zone_version_add(version, &record, &fault) && strstr(fault.text, "more data than"),
		"one byte more: %s", fault.text);
	record = (struct zone_record){ apex, DNS_NS, DNS_IN, 60, rdata, 5 };
	ok(!zone_version_add(version, &record, &fault) && strstr(fault.text, "malformed"),
		"an NS that is no name: %s", fault.text);
	record = (struct zone_record){ apex, DNS_A, DNS_IN, UINT32_MAX, rdata, 4 };
	ok(zone_version_add(version, &record, &fault) &&
			!zone_node_rrset(&version->nodes[0], DNS_A)->first->ttl,
		"a negative TTL is 0 (RFC 2181 8)");
	record = (struct zone_record){ apex, DNS_TXT, DNS_CH, 60, rdata, 1 };
	ok(!zone_version_add(version, &record, &fault) && strstr(fault.text, "class"),
		"another class: %s", fault.text);
	zone_version_release(version);
}

static void test_matches(void)
{
	static const struct {
		const char *name;
		uint16_t type;
		enum zone_match_kind kind;
		const char *node;
	} stories[] = {
		{ "example.com", DNS_A, ZONE_MATCH_NAME, "example.com." },
		{ "EXAMPLE.com", DNS_DS, ZONE_MATCH_NAME, "example.com." },
		{ "case.example.com", DNS_A, ZONE_MATCH_NAME, "Case.example.com." },
		{ "c.ent.example.com", DNS_A, ZONE_MATCH_NAME, "c.ent.example.com." },
		{ "d.c.ent.example.com", DNS_A, ZONE_MATCH_NOTHING, "c.ent.example.com." },
		{ "nope.example.com", DNS_A, ZONE_MATCH_NOTHING, "example.com." },
		{ "x.wild.example.com", DNS_A, ZONE_MATCH_WILDCARD, "*.wild.example.com." },
		{ "y.x.wild.example.com", DNS_A, ZONE_MATCH_WILDCARD, "*.wild.example.com." },
		{ "here.wild.example.com", DNS_A, ZONE_MATCH_NAME, "here.wild.example.com." },
		{ "x.here.wild.example.com", DNS_A, ZONE_MATCH_NOTHING, "here.wild.example.com." },
		{ "*.wild.example.com", DNS_A, ZONE_MATCH_NAME, "*.wild.example.com." },
		{ "wild.example.com", DNS_A, ZONE_MATCH_NAME, "wild.example.com." },
		{ "sub.example.com", DNS_A, ZONE_MATCH_REFERRAL, "sub.example.com." },
		{ "sub.example.com", DNS_DS, ZONE_MATCH_NAME, "sub.example.com." },
		{ "ns2.sub.example.com", DNS_A, ZONE_MATCH_REFERRAL, "sub.example.com." },
		{ "ns2.sub.example.com", DNS_DS, ZONE_MATCH_REFERRAL, "sub.example.com." },
		{ "old.example.com", DNS_A, ZONE_MATCH_NAME, "old.example.com." },
		{ "a.b.old.example.com", DNS_A, ZONE_MATCH_DNAME, "old.example.com." },
	};
	struct zone_store store = { 0 };
	struct zone *zone = world_load(&store, "example.com", world_zone);

	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		struct fault fault = { 0 };
		uint8_t name[NAME_WIRE];
		char text[NAME_TEXT];
		struct zone_match match;

		name_from_text(stories[i].name, name, &fault);
		match = zone_version_find(zone->version, name, stories[i].type);
		is_integer(match.kind, stories[i].kind, stories[i].name);
		is_string(name_to_text(match.node->name, text), stories[i].node, "its node");
	}
	zone_store_free(&store);
}

/* A closest encloser so long that no wildcard fits below it. */
static void test_longest_name(void)
{
	struct zone_version *version;
	uint8_t apex[NAME_WIRE], name[NAME_WIRE] = { 0 };
	struct zone_record record = { name, DNS_A, DNS_IN, 60, (const uint8_t *)"\300\0\2\1", 4 };
	struct fault fault = { 0 };
	struct zone_match match;
	size_t at = 0;

	name_from_text(".", apex, &fault);
	version = zone_version_new(apex);
	for (; at + 2 < NAME_WIRE; at += 2)
		memcpy(name + at, "\1a", 2);
	ok(zone_version_add(version, &record, &fault), "127 labels: %s", fault.text);
	is_integer((int64_t)version->node_count, 128, "and each of their parents");
	name[1] = 'b';
	match = zone_version_find(version, name, DNS_A);
	is_integer(match.kind, ZONE_MATCH_NOTHING, "beside it is nothing");
	zone_version_release(version);
}

static void test_store(void)
{
	struct zone_store store = { 0 };
	struct zone *parent = world_load(&store, "example.com", world_zone), *child;
	struct zone_version *held = zone_version_hold(parent->version);
	struct fault fault = { 0 };
	uint8_t name[NAME_WIRE];

	child = world_load(&store, "Sub.example.com", NULL);
	name_from_text("www.SUB.example.com", name, &fault);
	ok(zone_store_find(&store, name, DNS_A) == child, "the longest zone answers");
	name_from_text("sub.example.com", name, &fault);
	ok(zone_store_find(&store, name, DNS_A) == child, "at its top, too");
	ok(zone_store_find(&store, name, DNS_DS) == parent, "but DS is the parent's");
	ok(zone_store_exact(&store, name) == child, "exactly");
	ok(!zone_store_add(&store, name), "not twice");
	name_from_text("example.com", name, &fault);
	ok(zone_store_find(&store, name, DNS_DS) == parent, "DS without a parent here");
	name_from_text("example.org", name, &fault);
	ok(!zone_store_find(&store, name, DNS_A), "no zone");
	zone_put_version(parent, NULL);
	is_integer(held->serial, 2026112201, "a held version lives on");
	ok(!zone_has_expired(parent, 100), "a primary never expires");
	zone_put_version(child, held);
	child->is_secondary = true;
	child->expires_us = 100;
	ok(!zone_has_expired(child, 99) && zone_has_expired(child, 100),
		"a secondary does, in time");
	for (char i = 'a'; i < 'k'; i++) {
		char text[] = { i, 0 };

		world_load(&store, text, NULL);
	}
	is_integer((int64_t)store.count, 12, "more zones");
	zone_store_free(&store);
}

int main(void)
{
	test_refusals();
	test_include();
	test_contents();
	test_too_much_data();
	test_matches();
	test_longest_name();
	test_store();
	return done_testing();
}
