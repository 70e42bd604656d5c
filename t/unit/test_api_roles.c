/* Who is whose primary: chains, several primaries, and whom NOTIFY goes past. */
#include "t/unit/api_story.h"

#define NOBODYS_SECONDARY                                                                          \
	.host = 1,                                                                                 \
	.settings = { SET(PRIMARY, "yes"), SET(SECONDARY, "no"), SET(AUTOSECONDARY, "no") }

#define OWN_NAMES "ns1.customer.example., ns2.customer.example."

static const struct api_story stories[] = {
	{ "a chain: the second is the third's primary",
		{ { PRIMARY(.zones = { MASTER(9) }) }, { SECONDARY(.zones = { SLAVE(9) }) },
			{ .host = 3,
				.settings = { SECONDARY_SETTINGS },
				.zones = { { PDNS_SLAVE, 9, 9, 0, 60, "192.0.2.2", NULL } } } },
		.expected = "" },
	{ "two primaries with zones of their own, and secondary=no",
		{ { .host = 1,
			  .settings = { SET(PRIMARY, "yes"), SET(SECONDARY, "no"),
				  SET(AUTOSECONDARY, "no") },
			  .zones = { MASTER(9) } },
			{ .host = 2,
				.settings = { SET(PRIMARY, "yes"), SET(SECONDARY, "no"),
					SET(AUTOSECONDARY, "no") },
				.zones = { { 0 }, MASTER(9) } } },
		.expected = "", .zones = 2, .is_quiet = true },
	{ "two masters, and the first does not have the zone (any more)",
		{ { NOBODYS_SECONDARY }, { .host = 3, .zones = { MASTER(9) } },
			{ SECONDARY(.zones = { { PDNS_SLAVE, 9, 9, 0, 60, "192.0.2.1, 192.0.2.3",
					    NULL } }) } },
		.expected = "" },
	{ "two masters, and one of them is not asked",
		{ { PRIMARY() },
			{ SECONDARY(.zones = { { PDNS_SLAVE, 9, 9, 0, 60, "192.0.2.1, 198.51.100.1",
					    NULL } }) } },
		.expected = "" },
	{ "a chain, of which the end lacks the change",
		{ { PRIMARY(.zones = { MASTER(9) }) },
			{ .host = 2,
				.settings = { SECONDARY_SETTINGS, SET(ALLOW_AXFR_IPS, "127.0.0.1") },
				.zones = { SLAVE(9) },
				.detail = DETAIL() },
			{ .host = 3,
				.settings = { SECONDARY_SETTINGS },
				.zones = { { PDNS_SLAVE, 8, 8, 0, 60, "192.0.2.2", NULL } } } },
		.expected = "C axfr_denied 2; W secondary_behind 3 by axfr_denied",
		.text = "denies ns3.example.com the transfer: 192.0.2.3 is in neither",
		.advice =
			"on ns2.example.com: pdnsutil add-meta example.com ALLOW-AXFR-FROM 192.0.2.3" },
	{ "a chain that passes no NOTIFY on",
		{ { PRIMARY(.zones = { MASTER(9) }) },
			{ .host = 2,
				.settings = { SECONDARY_SETTINGS, SET(SECONDARY_DO_RENOTIFY, "no") },
				.zones = { SLAVE(9) },
				.detail = DETAIL(.ns = "ns3.example.com.") },
			{ .host = 3,
				.settings = { SECONDARY_SETTINGS },
				.zones = { { PDNS_SLAVE, 8, 8, 0, 60, "192.0.2.2", NULL } } } },
		.expected = "W secondary_behind 3",
		.advice = "on ns2.example.com: sed -i '$ a secondary-do-renotify=yes' /etc" },
	{ "i: only-notify leaves it out, NS record or not",
		{ { .host = 1,
			  .settings = { PRIMARY_SETTINGS, SET(ONLY_NOTIFY, "198.51.100.0/24") },
			  .zones = { MASTER(9) },
			  .detail = DETAIL() },
			{ SECONDARY(.zones = { SLAVE(8) }) } },
		.expected = "W secondary_behind 2",
		.advice =
			"on ns1.example.com: pdnsutil add-meta example.com ALSO-NOTIFY 192.0.2.2 && pdns_control notify example.com" },
	{ "i: also-notify goes past only-notify",
		{ { .host = 1,
			  .settings = { PRIMARY_SETTINGS, SET(ONLY_NOTIFY, ""),
				  SET(ALSO_NOTIFY, "192.0.2.2") },
			  .zones = { { PDNS_MASTER, 9, 9, 8, 0, NULL, NULL } },
			  .detail = DETAIL() },
			{ SECONDARY(.zones = { SLAVE(8) }) } },
		.expected = "W secondary_behind 2 by notify_pending; O notify_pending 1" },
	{ "a: two take it, and it is one zone all the same",
		{ { .host = 1,
			  .settings = { SET(PRIMARY, "no"), SET(ALLOW_AXFR_IPS, ACL) },
			  .zones = { MASTER(9) } },
			{ SECONDARY(.zones = { SLAVE(9) }) },
			{ .host = 3, .settings = { SECONDARY_SETTINGS }, .zones = { SLAVE(9) } } },
		.expected = "C primary_disabled 1@-", .text = "of the 1 zone that" },
	{ "r: deleted on all of its primaries",
		{ { PRIMARY() }, { .host = 3 },
			{ SECONDARY(.zones = { { PDNS_SLAVE, 9, 9, 0, 60, "192.0.2.1, 192.0.2.3",
					    NULL } }) } },
		.expected = "W orphan_zone 2" },
	{ "s: absent on a secondary whose zone is another primary's",
		{ { NOBODYS_SECONDARY },
			{ .host = 3,
				.zones = { MASTER(9) },
				.detail = DETAIL(.ns = "ns3.example.com., ns2.example.com.") },
			{ SECONDARY() } },
		.expected = "C zone_missing_on_secondary 2",
		.text = "does not have the zone, and ns3.example.com has it",
		.advice = "on ns3.example.com: pdns_control notify example.com" },
	/* NS names of the customer's own, for the same addresses */
	{ "s: absent, and named otherwise",
		{ { PRIMARY(.zones = { MASTER(9) },
			  .detail = DETAIL(.ns = OWN_NAMES, .other_name = "192.0.2.2")) },
			{ SECONDARY() } },
		.expected = "C zone_missing_on_secondary 2",
		.text = "does not have the zone, and ns1.example.com has it" },
	{ "g: the autoprimary's row holds its name, and the zone another one",
		{ { PRIMARY(.zones = { MASTER(9) },
			  .detail = DETAIL(.ns = OWN_NAMES, .other_name = "192.0.2.2")) },
			{ .host = 2,
				.settings = { SECONDARY_SETTINGS, SET(AUTOSECONDARY, "yes") },
				.autoprimaries = "192.0.2.1 ns2.example.com" } },
		.expected =
			"C autoprimary_wrong_name 2; C zone_missing_on_secondary 2 by autoprimary_wrong_name",
		.text = "with the name ns2.example.com, which is none of the zone's NS names",
		.advice =
			"pdnsutil add-autoprimary 192.0.2.1 ns2.customer.example; then on ns1.example.com: pdns_control notify example.com; or, for this zone alone, on ns2.example.com: pdnsutil create-secondary-zone example.com 192.0.2.1" },
	{ "g: with that one NOTIFY brings it",
		{ { PRIMARY(.zones = { MASTER(9) },
			  .detail = DETAIL(.ns = OWN_NAMES, .other_name = "192.0.2.2")) },
			{ .host = 2,
				.settings = { SECONDARY_SETTINGS, SET(AUTOSECONDARY, "yes") },
				.autoprimaries = "192.0.2.1 ns2.customer.example" } },
		.expected = "C zone_missing_on_secondary 2",
		.advice = "on ns1.example.com: pdns_control notify example.com" },
	{ "i: named otherwise it is told",
		{ { PRIMARY(.zones = { MASTER(9) },
			  .detail = DETAIL(.ns = OWN_NAMES, .other_name = "192.0.2.2")) },
			{ SECONDARY(.zones = { SLAVE(8) }) } },
		.expected = "W secondary_behind 2", .advice = "pdns_control retrieve example.com" },
	{ "i: it is another server that has that name",
		{ { PRIMARY(.zones = { MASTER(9) },
			  .detail = DETAIL(.ns = OWN_NAMES, .other_name = "198.51.100.2")) },
			{ SECONDARY(.zones = { SLAVE(8) }) } },
		.expected = "W secondary_behind 2", .advice = "ALSO-NOTIFY 192.0.2.2" },
	{ "i: no resolver tells whose name that is",
		{ { PRIMARY(.zones = { MASTER(9) },
			  .detail = DETAIL(.ns = OWN_NAMES, .ns_unresolved = true)) },
			{ SECONDARY(.zones = { SLAVE(8) }) } },
		.expected = "W secondary_behind 2", .advice = "pdns_control retrieve example.com" },
	{ "i: behind NAT nobody here knows it by that address",
		{ { PRIMARY(.zones = { MASTER(9) },
			  .detail = DETAIL(.ns = OWN_NAMES, .other_name = "198.51.100.2")) },
			{ SECONDARY(.zones = { SLAVE(8) }, .addresses = "10.0.0.2") } },
		.expected = "W secondary_behind 2", .advice = "pdns_control retrieve example.com" },
	/* Beyond the bound of those that are asked about */
	{ "an older serial than the database has is behind, whatever SOA-EDIT makes of it",
		{ { PRIMARY(.zones = { { PDNS_MASTER, 9, 0, 9, 0, NULL, NULL } }) },
			{ SECONDARY(.zones = { SLAVE(8) }) } },
		.expected = "W secondary_behind 2", .text = "has serial 8, ns1.example.com has 9" },
	{ "but with EPOCH, which serves the time",
		{ { .host = 1,
			  .settings = { PRIMARY_SETTINGS, SET(DEFAULT_SOA_EDIT, "EPOCH") },
			  .zones = { { PDNS_MASTER, 2026112201, 0, 2026112201, 0, NULL, NULL } } },
			{ SECONDARY(.zones = { SLAVE(1795361322) }) } },
		.expected = "" },

	/* APIs in a network of their own (in these stories it is 192.0.2.0/24) */
	{ "where the API is says nothing of who may transfer",
		{ { .host = 1,
			  .settings = { SET(PRIMARY, "yes"), SET(ALLOW_AXFR_IPS, "198.51.100.2") },
			  .zones = { { PDNS_MASTER, 9, 9, 8, 0, NULL, NULL } },
			  .detail = DETAIL() },
			{ SECONDARY(.zones = { { PDNS_SLAVE, 8, 8, 0, 60, "198.51.100.1",
					    NULL } }) } },
		.expected = "W secondary_behind 2 by notify_pending; O notify_pending 1" },
	{ "and --address, local-address or its name say it",
		{ { .host = 1,
			  .settings = { SET(PRIMARY, "yes"), SET(ALLOW_AXFR_IPS, "127.0.0.1") },
			  .zones = { MASTER(9) },
			  .addresses = "198.51.100.1",
			  .detail = DETAIL() },
			{ SECONDARY(.zones = { { PDNS_SLAVE, 8, 8, 0, 60, "198.51.100.1", NULL } },
				.addresses = "198.51.100.2") } },
		.expected = "C axfr_denied 1; W secondary_behind 2 by axfr_denied" },
	{ "where zones come from there, it is the same",
		{ { .host = 1,
			  .settings = { SET(PRIMARY, "yes"), SET(ALLOW_AXFR_IPS, "127.0.0.1") },
			  .zones = { MASTER(9), MASTER(5) },
			  .detail = DETAIL() },
			{ SECONDARY(.zones = { SLAVE(8),
					    { PDNS_SLAVE, 5, 5, 0, 60, "198.51.100.1", NULL } }) } },
		.expected = "C axfr_denied 1; W secondary_behind 2 by axfr_denied", .zones = 2 },
};

static void is_quiet(const struct api_story *told)
{
	struct story story = { .pairs = { { 1, P, .zone = 0 }, { 2, P, .zone = 1 } } };
	struct pdns_doubt doubts[PDNS_DOUBTS_MOST];
	struct world world;

	story_begin(&world, &story);
	said_all(&world, told->said);
	is_integer((int64_t)judge_pdns_doubts(&world.facts, &(struct pdns_turn){ 0 }, doubts), 0,
		"  and nothing more is asked");
	story_free(&world);
}

int main(void)
{
	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		tell(&stories[i]);
		if (stories[i].is_quiet)
			is_quiet(&stories[i]);
	}
	return done_testing();
}
