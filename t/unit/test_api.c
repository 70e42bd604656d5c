/*
 * check_pdns_replication's judgement: for each finding a story in which it must speak, and those of
 * sound sites in which it must not.
 */
#include "t/unit/api_story.h"

static const struct api_story stories[] = {
	/* Sound sites */
	{ "as it should be",
		{ { PRIMARY(.zones = { MASTER(9) }) }, { SECONDARY(.zones = { SLAVE(9) }) } },
		.expected = "" },
	{ "a default installation",
		{ { .host = 1,
			.settings = { SET(PRIMARY, "no"), SET(SECONDARY, "no"),
				SET(AUTOSECONDARY, "no"), SET(ALLOW_AXFR_IPS, "127.0.0.0/8,::1"),
				SET(ALLOW_NOTIFY_FROM, "0.0.0.0/0,::/0") },
			.zones = { NATIVE(1) } } },
		.expected = "" },
	{ "a native site: the database is replicated",
		{ { .host = 1,
			  .settings = { SET(PRIMARY, "no"), SET(SECONDARY, "no"),
				  SET(ALLOW_AXFR_IPS, "127.0.0.0/8,::1") },
			  .zones = { NATIVE(7) } },
			{ .host = 2,
				.settings = { SET(PRIMARY, "no"), SET(SECONDARY, "no"),
					SET(ALLOW_AXFR_IPS, "127.0.0.0/8,::1") },
				.zones = { NATIVE(6) } } },
		.expected = "" },
	{ "a secondary without autosecondary that has all its zones",
		{ { PRIMARY(.zones = { MASTER(9) }) },
			{ .host = 2,
				.settings = { SECONDARY_SETTINGS, SET(AUTOSECONDARY, "no") },
				.zones = { SLAVE(9) },
				.autoprimaries = "" } },
		.expected = "" },
	{ "a hidden primary, whose API nobody asks",
		{ { SECONDARY(.zones = { { PDNS_SLAVE, 9, 9, 0, 60, "198.51.100.1", NULL } }) } },
		.expected = "" },
	{ "several primaries: one zone is another's",
		{ { PRIMARY(.zones = { MASTER(9) }) },
			{ SECONDARY(.zones = { SLAVE(9),
					    { PDNS_SLAVE, 4, 4, 0, 60, "198.51.100.1", NULL } }) } },
		.expected = "", .zones = 2 },
	{ "two servers that are each other's secondary",
		{ { .host = 1,
			  .settings = { SET(PRIMARY, "yes"), SET(SECONDARY, "yes"),
				  SET(ALLOW_AXFR_IPS, ACL) },
			  .zones = { MASTER(9), { PDNS_SLAVE, 4, 4, 0, 60, "192.0.2.2", NULL } } },
			{ .host = 2,
				.settings = { SET(PRIMARY, "yes"), SET(SECONDARY, "yes"),
					SET(ALLOW_AXFR_IPS, "192.0.2.1") },
				.zones = { SLAVE(9), MASTER(4) } } },
		.expected = "", .zones = 2 },
	{ "NAT: inside the primary has another address",
		{ { PRIMARY(.zones = { MASTER(9) }) },
			{ SECONDARY(.zones = { { PDNS_SLAVE, 9, 9, 0, 60, "10.0.0.1", NULL } }) } },
		.expected = "" },
	{ "IPv6",
		{ { PRIMARY(.zones = { MASTER(9) }, .addresses = "2001:db8::1") },
			{ SECONDARY(.zones = { { PDNS_SLAVE, 9, 9, 0, 60, "2001:db8::1",
					    NULL } }) } },
		.expected = "" },
	{ "TSIG alone lets in",
		{ { .host = 1,
			  .settings = { SET(PRIMARY, "yes"), SET(ALLOW_AXFR_IPS, "") },
			  .zones = { MASTER(9) },
			  .detail = DETAIL(.tsig_allow_axfr = "key.") },
			{ .host = 2,
				.settings = { SET(SECONDARY, "yes"),
					SET(ALLOW_UNSIGNED_NOTIFY, "no") },
				.zones = { SLAVE(8) },
				.detail = DETAIL(.axfr_master_tsig = "key.") } },
		.expected = "W secondary_behind 2", .text = "has serial 8, ns1.example.com has 9" },
	{ "names in another case",
		{ { PRIMARY(.zones = { MASTER(9) },
			  .detail = DETAIL(.ns = "NS1.Example.COM., NS2.Example.COM")) },
			{ SECONDARY(.zones = { SLAVE(9) }) } },
		.expected = "" },
	{ "a version that says little",
		{ { .host = 1, .zones = { MASTER(9) }, .old_names = true },
			{ .host = 2, .zones = { SLAVE(9) }, .old_names = true } },
		.expected = "" },
	{ "a zone that is not the secondary's",
		{ { PRIMARY(.zones = { MASTER(9) },
			  .detail = DETAIL(.ns = "ns1.example.com., ns9.example.com.")) },
			{ SECONDARY(.autoprimaries = "") } },
		.expected = "" },
	{ "a zone of which nobody knows whose it is",
		{ { PRIMARY(.zones = { MASTER(9) }) }, { SECONDARY(.autoprimaries = "") } },
		.expected = "" },

	/* Serials */
	{ "SOA-EDIT: what is served is the edited serial (trap 6)",
		{ { PRIMARY(.zones = { { PDNS_MASTER, 9, 2026111901, 9, 0, NULL, NULL } }) },
			{ SECONDARY(.zones = { SLAVE(2026111901) }) } },
		.expected = "" },
	{ "SOA-EDIT, and it lacks the change",
		{ { PRIMARY(.zones = { { PDNS_MASTER, 9, 2026111901, 9, 0, NULL, NULL } }) },
			{ SECONDARY(.zones = { SLAVE(2026111801) }) } },
		.expected = "W secondary_behind 2",
		.text = "has serial 2026111801, ns1.example.com has 2026111901" },
	{ "the short list does not tell the edited serial: nothing is known",
		{ { PRIMARY(.zones = { { PDNS_MASTER, 9, 0, 9, 0, NULL, NULL } }) },
			{ SECONDARY(.zones = { SLAVE(2026111801) }) } },
		.expected = "" },
	{ "notified_serial equal proves nothing (trap 1)",
		{ { .host = 1,
			  .settings = { SET(PRIMARY, "no"), SET(ALLOW_AXFR_IPS, ACL) },
			  .zones = { MASTER(9) } },
			{ SECONDARY(.zones = { SLAVE(8) }) } },
		.expected = "C primary_disabled 1@-; W secondary_behind 2 by primary_disabled",
		.text = "primary=no, so it sends no NOTIFY of the 1 zone that others transfer from it",
		.advice =
			"on ns1.example.com: sed -i '$ a primary=yes' /etc/powerdns/pdns.conf && systemctl restart pdns" },
	{ "behind for a moment, and for how long",
		{ { PRIMARY(.zones = { MASTER(9) }) }, { SECONDARY(.zones = { SLAVE(8) }) } },
		.expected = "O secondary_behind 2 =60",
		.text = "has serial 8 for 1m (since 05:18:00Z), ns1.example.com has 9",
		.seen_s = 60 },
	{ "behind for too long",
		{ { PRIMARY(.zones = { MASTER(9) }) }, { SECONDARY(.zones = { SLAVE(8) }) } },
		.expected = "C secondary_behind 2 =7200", .text = "has serial 8 for 2h",
		.seen_s = 7200 },
	{ "NOTIFY is pending for too long",
		{ { PRIMARY(.zones = { { PDNS_MASTER, 9, 9, 8, 0, NULL, NULL } }) } },
		.expected = "W notify_pending 1 =600",
		.text = "has not sent NOTIFY of serial 9 for 10m (since 05:09Z), only of 8",
		.advice = "on ns1.example.com: pdns_control notify example.com", .seen_s = 600 },
	{ "NOTIFY is pending for far too long",
		{ { PRIMARY(.zones = { { PDNS_MASTER, 9, 9, 8, 0, NULL, NULL } }) } },
		.expected = "C notify_pending 1 =7200", .seen_s = 7200 },
	{ "NOTIFY is pending for a moment",
		{ { PRIMARY(.zones = { { PDNS_MASTER, 9, 9, 8, 0, NULL, NULL } }) } },
		.expected = "O notify_pending 1 =30", .seen_s = 30 },
	{ "NOTIFY is pending, since before the first run",
		{ { PRIMARY(.zones = { { PDNS_MASTER, 9, 9, 8, 0, NULL, NULL } }) } },
		.expected = "W notify_pending 1 =600", .text = "serial 9 for at least 10m (since",
		.seen_s = 600, .seen_first = true },
	{ "NOTIFY is pending, and serials are counted otherwise than served (SOA-EDIT)",
		{ { PRIMARY(.zones = { { PDNS_MASTER, 9, 100, 8, 0, NULL, NULL } }) },
			{ SECONDARY(.zones = { SLAVE(100) }) } },
		.expected = "O notify_pending 1", .seen_s = 7200 },
	{ "no NOTIFY ever: a backend that keeps no count of them",
		{ { PRIMARY(.zones = { { PDNS_MASTER, 9, 9, 0, 0, NULL, NULL } }) } },
		.expected = "", .seen_s = 7200 },
	{ "of two backends one keeps none",
		{ { .host = 1,
			.settings = { PRIMARY_SETTINGS, SET(LAUNCH, "gsqlite3:own, bind") },
			.zones = { { PDNS_MASTER, 9, 9, 0, 0, NULL, NULL } } } },
		.expected = "", .seen_s = 7200 },
	{ "no NOTIFY ever: a backend that keeps count",
		{ { .host = 1,
			.settings = { PRIMARY_SETTINGS, SET(LAUNCH, "gsqlite3:own, gmysql") },
			.zones = { { PDNS_MASTER, 9, 9, 0, 0, NULL, NULL } } } },
		.expected = "C notify_pending 1 =86400", .seen_s = 7200 },
	{ "behind since before the first run",
		{ { PRIMARY(.zones = { MASTER(9) }) }, { SECONDARY(.zones = { SLAVE(8) }) } },
		.expected = "W secondary_behind 2 =600", .text = "for at least 10m (since",
		.seen_s = 600, .seen_first = true },
	{ "NOTIFY is on its way",
		{ { PRIMARY(.zones = { { PDNS_MASTER, 9, 9, 8, 0, NULL, NULL } }) },
			{ SECONDARY(.zones = { SLAVE(8) }) } },
		.expected = "W secondary_behind 2 by notify_pending; O notify_pending 1" },
	{ "a serial that wrapped is no pending one",
		{ { PRIMARY(.zones = { { PDNS_MASTER, 0xfffffff0, 0xfffffff0, 5, 0, NULL,
				    NULL } }) },
			{ SECONDARY(.zones = { SLAVE(0xfffffff0) }) } },
		.expected = "" },

	/* Settings */
	{ "a: primary=no, and somebody takes its zones",
		{ { .host = 1,
			  .settings = { SET(PRIMARY, "no"), SET(ALLOW_AXFR_IPS, ACL) },
			  .zones = { MASTER(9) } },
			{ SECONDARY(.zones = { SLAVE(9) }) } },
		.expected = "C primary_disabled 1@-" },
	{ "a: nobody takes them",
		{ { .host = 1, .settings = { SET(PRIMARY, "no") }, .zones = { MASTER(9) } } },
		.expected = "" },
	{ "a: master=no of 4.4",
		{ { .host = 1,
			  .settings = { SET(PRIMARY, "no"), SET(ALLOW_AXFR_IPS, ACL) },
			  .zones = { MASTER(9) },
			  .old_names = true },
			{ SECONDARY(.zones = { SLAVE(9) }) } },
		.expected = "C primary_disabled 1@-", .text = "master=no",
		.advice = "sed -i '$ a master=yes' /etc" },
	{ "d: secondary=no",
		{ { PRIMARY(.zones = { MASTER(9) }) },
			{ .host = 2, .settings = { SET(SECONDARY, "no") }, .zones = { SLAVE(9) } } },
		.expected = "C secondary_disabled 2@-",
		.advice =
			"on ns2.example.com: sed -i '$ a secondary=yes' /etc/powerdns/pdns.conf && systemctl restart pdns" },
	{ "t1: allow-notify-from",
		{ { PRIMARY(.zones = { MASTER(9) }) },
			{ .host = 2,
				.settings = { SET(SECONDARY, "yes"),
					SET(ALLOW_NOTIFY_FROM, "198.51.100.0/24") },
				.zones = { SLAVE(9) } } },
		.expected = "C notify_rejected 2@-",
		.text = "rejects NOTIFY from the primary 192.0.2.1 of 1 zone: allow-notify-from=198.51.100.0/24",
		.advice = "sed -i '$ a allow-notify-from=198.51.100.0/24,192.0.2.1' /etc" },
	{ "t1: one of two masters is enough",
		{ { SECONDARY(.zones = { { PDNS_SLAVE, 9, 9, 0, 60, "198.51.100.1, 192.0.2.1",
				      NULL } }) } },
		.expected = "" },
	{ "t1: a trusted proxy sends them",
		{ { .host = 2,
			.settings = { SET(SECONDARY, "yes"), SET(ALLOW_NOTIFY_FROM, ""),
				SET(TRUSTED_NOTIFICATION_PROXY, "192.0.2.77") },
			.zones = { SLAVE(9) } } },
		.expected = "" },
	{ "t3: unsigned NOTIFY is rejected, and there is no key",
		{ { PRIMARY(.zones = { MASTER(9) }, .detail = DETAIL()) },
			{ .host = 2,
				.settings = { SET(SECONDARY, "yes"),
					SET(ALLOW_UNSIGNED_NOTIFY, "no") },
				.zones = { SLAVE(8) },
				.detail = DETAIL() } },
		.expected = "C notify_rejected 2; W secondary_behind 2 by notify_rejected" },
	{ "t4: another master, who answers something older",
		{ { PRIMARY(.zones = { MASTER(9) }, .addresses = "192.0.2.1") },
			{ SECONDARY(.zones = { { PDNS_SLAVE, 8, 8, 0, 60, "198.51.100.1",
					    NULL } }) } },
		.expected = "C notify_rejected 2; W secondary_behind 2 by notify_rejected",
		.text = "its primary is 198.51.100.1, not ns1.example.com (192.0.2.1)",
		.advice =
			"on ns2.example.com: pdnsutil change-secondary-zone-primary example.com 192.0.2.1 && pdns_control retrieve example.com" },
	{ "who may transfer: too many",
		{ { .host = 1,
			.settings = { SET(ALLOW_AXFR_IPS, "127.0.0.0/8,192.0.2.0/24,0.0.0.0/0") },
			.zones = { NATIVE(9) } } },
		.expected = "W axfr_acl_wide 1@-", .text = "anybody in 0.0.0.0/0 may" },
	{ "who may transfer: all of IPv6",
		{ { .host = 1,
			.settings = { SET(ALLOW_AXFR_IPS, "2001:db8::/32") },
			.zones = { NATIVE(9) } } },
		.expected = "W axfr_acl_wide 1@-" },
	{ "who may transfer: a network each",
		{ { .host = 1,
			.settings = { SET(ALLOW_AXFR_IPS, "192.0.2.0/24 2001:db8::/48 !0.0.0.0/0") },
			.zones = { NATIVE(9) } } },
		.expected = "" },

	/* Zones */
	{ "b: Native, and the secondary waits for it",
		{ { PRIMARY(.zones = { NATIVE(9) }) }, { SECONDARY(.zones = { SLAVE(9) }) } },
		.expected = "W zone_kind_native 1",
		.advice =
			"on ns1.example.com: pdnsutil set-kind example.com primary && pdns_control notify example.com" },
	{ "b: and is behind",
		{ { PRIMARY(.zones = { NATIVE(9) }) }, { SECONDARY(.zones = { SLAVE(8) }) } },
		.expected = "W secondary_behind 2 by zone_kind_native; W zone_kind_native 1" },
	{ "b: the secondary should have it",
		{ { PRIMARY(.zones = { NATIVE(9) }, .detail = DETAIL()) },
			{ SECONDARY(.autoprimaries = "") } },
		.expected = "W zone_kind_native 1" },
	{ "c: denied",
		{ { .host = 1,
			  .settings = { SET(PRIMARY, "yes"),
				  SET(ALLOW_AXFR_IPS, "127.0.0.0/8,::1") },
			  .zones = { MASTER(9) },
			  .detail = DETAIL() },
			{ SECONDARY(.zones = { SLAVE(8) }) } },
		.expected = "C axfr_denied 1; W secondary_behind 2 by axfr_denied",
		.text = "denies ns2.example.com the transfer: 192.0.2.2 is in neither "
			"allow-axfr-ips=127.0.0.0/8,::1 nor ALLOW-AXFR-FROM, and there is no TSIG-ALLOW-AXFR",
		.advice =
			"on ns1.example.com: pdnsutil add-meta example.com ALLOW-AXFR-FROM 192.0.2.2; then on ns2.example.com: "
			"pdns_control retrieve example.com" },
	{ "the short list does not tell the edited serial, the zone itself does",
		{ { PRIMARY(.zones = { { PDNS_MASTER, 9, 0, 9, 0, NULL, NULL } },
			  .detail = DETAIL()) },
			{ SECONDARY(.zones = { SLAVE(8) }) } },
		.expected = "W secondary_behind 2", .text = "has serial 8, ns1.example.com has 9" },
	{ "a zone that the primary takes from elsewhere itself",
		{ { .host = 1,
			  .settings = { SET(SECONDARY, "yes") },
			  .zones = { { PDNS_SLAVE, 9, 9, 0, 60, "198.51.100.9", NULL } } },
			{ SECONDARY(.autoprimaries = "") } },
		.expected = "" },
	{ "whether ALSO-NOTIFY names it is not known: nobody is accused",
		{ { PRIMARY(.zones = { MASTER(9) },
			  .detail = DETAIL(.ns = "ns1.example.com.", .no_metadata = true)) },
			{ SECONDARY(.autoprimaries = "") } },
		.expected = "" },
	{ "t1: a list with IPv6 in capital letters can be typed",
		{ { PRIMARY(.zones = { MASTER(9) }) },
			{ .host = 2,
				.settings = { SET(SECONDARY, "yes"),
					SET(ALLOW_NOTIFY_FROM, "2001:DB8::/32") },
				.zones = { SLAVE(9) } } },
		.expected = "C notify_rejected 2@-",
		.advice =
			"on ns2.example.com: sed -i '$ a allow-notify-from=2001:DB8::/32,192.0.2.1' /etc/powerdns/pdns.conf && systemctl restart pdns" },
	{ "t1: a list that no shell should be given is edited",
		{ { PRIMARY(.zones = { MASTER(9) }) },
			{ .host = 2,
				.settings = { SET(SECONDARY, "yes"),
					SET(ALLOW_NOTIFY_FROM, "198.51.100.0/24;'") },
				.zones = { SLAVE(9) } } },
		.expected = "C notify_rejected 2@-",
		.advice =
			"on ns2.example.com: sensible-editor +/allow-notify-from /etc/powerdns/pdns.conf && systemctl restart pdns" },
	{ "c: its metadata is not known",
		{ { .host = 1,
			  .settings = { SET(PRIMARY, "yes"), SET(ALLOW_AXFR_IPS, "127.0.0.0/8") },
			  .zones = { MASTER(9) } },
			{ SECONDARY(.zones = { SLAVE(8) }) } },
		.expected = "W secondary_behind 2" },
	{ "c: ALLOW-AXFR-FROM lets it in",
		{ { .host = 1,
			  .settings = { SET(PRIMARY, "yes"), SET(ALLOW_AXFR_IPS, "127.0.0.0/8") },
			  .zones = { MASTER(9) },
			  .detail = DETAIL(.allow_axfr_from = "192.0.2.0/30") },
			{ SECONDARY(.zones = { SLAVE(8) }) } },
		.expected = "W secondary_behind 2" },
	{ "c: AUTO-NS lets it in",
		{ { .host = 1,
			  .settings = { SET(PRIMARY, "yes"), SET(ALLOW_AXFR_IPS, "127.0.0.0/8") },
			  .zones = { MASTER(9) },
			  .detail = DETAIL(.allow_axfr_from = "AUTO-NS") },
			{ SECONDARY(.zones = { SLAVE(8) }) } },
		.expected = "W secondary_behind 2" },
	{ "c: it transfers from another address, which is let in",
		{ { .host = 1,
			  .settings = { SET(PRIMARY, "yes"), SET(ALLOW_AXFR_IPS, "203.0.113.2") },
			  .zones = { MASTER(9) },
			  .detail = DETAIL() },
			{ SECONDARY(.zones = { SLAVE(8) }, .sources = "203.0.113.2") } },
		.expected = "W secondary_behind 2" },
	{ "c: disable-axfr",
		{ { .host = 1,
			  .settings = { SET(PRIMARY, "yes"), SET(DISABLE_AXFR, "yes") },
			  .zones = { MASTER(9) } },
			{ SECONDARY(.zones = { SLAVE(8) }) } },
		.expected = "C axfr_denied 1; W secondary_behind 2 by axfr_denied",
		.advice = "sed -i '$ a disable-axfr=no' /etc" },
	{ "c2: never transferred",
		{ { .host = 1,
			  .settings = { SET(PRIMARY, "yes"), SET(ALLOW_AXFR_IPS, "") },
			  .zones = { MASTER(9) },
			  .detail = DETAIL() },
			{ SECONDARY(.zones = { { PDNS_SLAVE, 0, 0, 0, 0, "192.0.2.1", NULL } }) } },
		.expected = "C axfr_denied 1; C never_transferred 2 by axfr_denied" },
	{ "c2: and nothing is known of why",
		{ { PRIMARY(.zones = { MASTER(9) }) },
			{ SECONDARY(.zones = { { PDNS_SLAVE, 0, 0, 0, 0, "192.0.2.1", NULL } }) } },
		.expected = "C never_transferred 2",
		.advice =
			"on ns2.example.com: pdns_control retrieve example.com; journalctl -u pdns -S -1h -g example.com" },
	{ "e: autosecondary=no",
		{ { PRIMARY(.zones = { MASTER(9) }, .detail = DETAIL()) },
			{ .host = 2,
				.settings = { SECONDARY_SETTINGS, SET(AUTOSECONDARY, "no") },
				.autoprimaries = "192.0.2.1 ns2.example.com" } },
		.expected =
			"C autosecondary_disabled 2@-; C zone_missing_on_secondary 2 by autosecondary_disabled",
		.advice =
			"on ns2.example.com: sed -i '$ a autosecondary=yes' /etc/powerdns/pdns.conf && systemctl restart pdns; then on "
			"ns1.example.com: pdns_control notify example.com; or, for this zone alone, on ns2.example.com: pdnsutil "
			"create-secondary-zone example.com 192.0.2.1; pdns_control retrieve example.com" },
	{ "f: no autoprimary",
		{ { PRIMARY(.zones = { MASTER(9) }, .detail = DETAIL()) },
			{ .host = 2,
				.settings = { SECONDARY_SETTINGS, SET(AUTOSECONDARY, "yes") },
				.autoprimaries = "" } },
		.expected =
			"C autoprimary_missing 2@-; C zone_missing_on_secondary 2 by autoprimary_missing",
		.advice =
			"on ns2.example.com: pdnsutil add-autoprimary 192.0.2.1 ns2.example.com; then on ns1.example.com: "
			"pdns_control notify example.com" },
	{ "f: by 5.0",
		{ { PRIMARY(.zones = { MASTER(9) }, .detail = DETAIL()) },
			{ .host = 2,
				.settings = { SECONDARY_SETTINGS, SET(AUTOSECONDARY, "yes") },
				.autoprimaries = "",
				.version = "5.0.1" } },
		.expected =
			"C autoprimary_missing 2@-; C zone_missing_on_secondary 2 by autoprimary_missing",
		.advice = "pdnsutil autoprimary add 192.0.2.1 ns2.example.com" },
	{ "g: another address",
		{ { PRIMARY(.zones = { MASTER(9) }, .detail = DETAIL()) },
			{ .host = 2,
				.settings = { SECONDARY_SETTINGS, SET(AUTOSECONDARY, "yes") },
				.autoprimaries = "198.51.100.1 ns2.example.com" } },
		.expected =
			"C autoprimary_wrong_address 2@-; C zone_missing_on_secondary 2 by autoprimary_wrong_address" },
	{ "h: another name",
		{ { PRIMARY(.zones = { MASTER(9) }, .detail = DETAIL()) },
			{ .host = 2,
				.settings = { SECONDARY_SETTINGS, SET(AUTOSECONDARY, "yes") },
				.autoprimaries = "192.0.2.1 ns7.example.com" } },
		.expected =
			"C autoprimary_wrong_name 2; C zone_missing_on_secondary 2 by autoprimary_wrong_name" },
	{ "h: one of two rows fits",
		{ { PRIMARY(.zones = { MASTER(9) }, .detail = DETAIL()) },
			{ .host = 2,
				.settings = { SECONDARY_SETTINGS, SET(AUTOSECONDARY, "yes") },
				.autoprimaries =
					"192.0.2.1 ns7.example.com, 192.0.2.1 ns2.example.com" } },
		.expected = "C zone_missing_on_secondary 2",
		.advice =
			"on ns1.example.com: pdns_control notify example.com; or, for this zone alone" },
	{ "f: a version that does not tell autoprimaries",
		{ { PRIMARY(.zones = { MASTER(9) }, .detail = DETAIL()) },
			{ .host = 2,
				.settings = { SECONDARY_SETTINGS, SET(AUTOSECONDARY, "yes") },
				.old_names = true } },
		.expected = "C zone_missing_on_secondary 2" },
	{ "i: ALSO-NOTIFY names it, where no NS record does",
		{ { PRIMARY(.zones = { MASTER(9) },
			  .detail = DETAIL(.ns = "ns1.example.com.",
				  .also_notify = "192.0.2.2:53")) },
			{ .host = 2,
				.settings = { SECONDARY_SETTINGS, SET(AUTOSECONDARY, "no") } } },
		.expected =
			"C autosecondary_disabled 2@-; C zone_missing_on_secondary 2 by autosecondary_disabled" },
	{ "i: nobody tells it",
		{ { PRIMARY(.zones = { MASTER(9) }, .detail = DETAIL(.ns = "ns1.example.com.")) },
			{ SECONDARY(.zones = { SLAVE(8) }) } },
		.expected = "W secondary_behind 2",
		.advice =
			"on ns1.example.com: pdnsutil add-meta example.com ALSO-NOTIFY 192.0.2.2 && pdns_control notify example.com" },
	{ "k2: changes by the API do not raise the serial",
		{ { PRIMARY(.zones = { MASTER(9) }, .detail = DETAIL(.soa_edit_api = "")) },
			{ SECONDARY(.zones = { SLAVE(9) }) } },
		.expected = "O soa_edit_api_unset 1",
		.advice =
			"on ns1.example.com: pdnsutil set-meta example.com SOA-EDIT-API DEFAULT" },
	{ "p: all changes of a week have one serial",
		{ { PRIMARY(.zones = { { PDNS_MASTER, 9, 2026111901, 9, 0, NULL, NULL } },
			  .detail = DETAIL(.soa_edit = "INCEPTION-INCREMENT")) },
			{ SECONDARY(.zones = { SLAVE(2026111901) }) } },
		.expected = "O soa_edit 1",
		.text = "serves 2026111901 for every change of this week: it has SOA-EDIT=INCEPTION-INCREMENT, and 9 in its database",
		.advice =
			"on ns1.example.com: pdnsutil increase-serial example.com && pdnsutil set-meta example.com SOA-EDIT "
			"INCREMENT-WEEKS && pdns_control notify example.com" },
	{ "n: PowerDNS does not let zones expire",
		{ { PRIMARY(.zones = { MASTER(9) }) },
			{ SECONDARY(.zones = { { PDNS_SLAVE, 9, 9, 0, 20 * DAY, "192.0.2.1",
					    NULL } },
				.detail = DETAIL()) } },
		.expected = "W last_check_old 2 =1728000",
		.text = "last reached its primary 20d ago, and should every 2h (SOA refresh); by the SOA it has expired" },
	{ "n: not yet due",
		{ { PRIMARY(.zones = { MASTER(9) }) },
			{ SECONDARY(.zones = { { PDNS_SLAVE, 9, 9, 0, 4 * HOUR, "192.0.2.1",
					    NULL } },
				.detail = DETAIL()) } },
		.expected = "" },
	{ "r: deleted on the primary", { { PRIMARY() }, { SECONDARY(.zones = { SLAVE(9) }) } },
		.expected = "W orphan_zone 2",
		.advice =
			"if it was meant to go, on ns2.example.com: pdnsutil delete-zone example.com" },
	{ "v: a member did not come",
		{ { PRIMARY(.zones = { { PDNS_MASTER, 9, 9, 9, 0, NULL, "b.example." },
				    { PDNS_PRODUCER, 3, 3, 3, 0, NULL, NULL } }) },
			{ SECONDARY(.zones = { { 0 },
					    { PDNS_CONSUMER, 3, 3, 0, 60, "192.0.2.1", NULL } },
				.autoprimaries = "") } },
		.expected = "", .zones = 2 },
	{ "v: a member did not come, and it should",
		{ { PRIMARY(.zones = { { PDNS_MASTER, 9, 9, 9, 0, NULL, "b.example." },
				    { PDNS_PRODUCER, 3, 3, 3, 0, NULL, NULL } },
			  .detail = DETAIL()) },
			{ SECONDARY(.zones = { { 0 },
					    { PDNS_CONSUMER, 3, 3, 0, 60, "192.0.2.1", NULL } },
				.autoprimaries = "") } },
		.expected = "C catalog_member_missing 2",
		.advice = "on ns2.example.com: pdns_control retrieve b.example", .zones = 2 },
	{ "v: the catalog is no catalog there",
		{ { PRIMARY(.zones = { MASTER(9), { PDNS_PRODUCER, 3, 3, 3, 0, NULL, NULL } }) },
			{ SECONDARY(.zones = { SLAVE(9),
					    { PDNS_SLAVE, 3, 3, 0, 60, "192.0.2.1", NULL } }) } },
		.expected = "C catalog_member_missing 2@1",
		.advice =
			"on ns2.example.com: pdnsutil set-kind b.example consumer && pdns_control retrieve b.example",
		.zones = 2 },
	{ "v: no member any more, and still there",
		{ { PRIMARY(.zones = { MASTER(9), { PDNS_PRODUCER, 3, 3, 3, 0, NULL, NULL } },
			  .version = "4.9.0") },
			{ SECONDARY(
					.zones = { { PDNS_SLAVE, 9, 9, 0, 60, "192.0.2.1",
							   "b.example." },
						{ PDNS_CONSUMER, 3, 3, 0, 60, "192.0.2.1",
							NULL } }) } },
		.expected = "W catalog_member_extra 2",
		.advice =
			"on ns2.example.com: pdns_control retrieve b.example; if it stays: pdnsutil delete-zone example.com",
		.zones = 2 },
	{ "v: no member any more, by a version that says so of single zones alone",
		{ { PRIMARY(.zones = { MASTER(9), { PDNS_PRODUCER, 3, 3, 3, 0, NULL, NULL } },
			  .version = "4.7.3", .detail = DETAIL()) },
			{ SECONDARY(
					.zones = { { PDNS_SLAVE, 9, 9, 0, 60, "192.0.2.1",
							   "b.example." },
						{ PDNS_CONSUMER, 3, 3, 0, 60, "192.0.2.1",
							NULL } }) } },
		.expected = "W catalog_member_extra 2", .zones = 2 },
	{ "v: no member any more, by a version that would not say",
		{ { PRIMARY(.zones = { MASTER(9), { PDNS_PRODUCER, 3, 3, 3, 0, NULL, NULL } },
			  .version = "4.7.3") },
			{ SECONDARY(
					.zones = { { PDNS_SLAVE, 9, 9, 0, 60, "192.0.2.1",
							   "b.example." },
						{ PDNS_CONSUMER, 3, 3, 0, 60, "192.0.2.1",
							NULL } }) } },
		.expected = "", .zones = 2 },

	/* Whom nobody could ask */
	{ "the key is wrong",
		{ { PRIMARY(.outcome = PDNS_UNAUTHORIZED, .trouble = "it answers HTTP 401") },
			{ SECONDARY(.zones = { SLAVE(9) }) } },
		.expected = "U api_unauthorized 1@-",
		.text = "API does not let us in: it answers HTTP 401" },
	{ "nothing answers",
		{ { PRIMARY(.outcome = PDNS_TIMEOUT) }, { SECONDARY(.zones = { SLAVE(9) }) } },
		.expected = "U api_unreachable 1@-", .advice = "curl -i http://192.0.2.99:8081" },
};

/* Where all is well nothing more is asked; else both sides of the zone. */
static void doubts(void)
{
	struct story story = { .pairs = { { 1, P | L, .zone = 0 }, { 2, 0, .zone = 0 } } };

	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		struct pdns_doubt doubts[PDNS_DOUBTS_MOST];
		struct world world;
		size_t count;

		if (stories[i].zones > 1)
			continue;
		story_begin(&world, &story);
		said_all(&world, stories[i].said);
		count = judge_pdns_doubts(&world.facts, doubts);
		if (!strcmp(stories[i].name, "as it should be"))
			is_integer((int64_t)count, 0, "nothing is in doubt");
		if (!strcmp(stories[i].name, "c: denied"))
			is_integer((int64_t)count, 2,
				"a zone in doubt is asked about on both servers");
		if (!strcmp(stories[i].name, "r: deleted on the primary"))
			is_integer((int64_t)count, 0, "who is certain asks nothing");
		story_free(&world);
	}
}

/* What can't be remembered is said, and no finding of replication. */
static void state_trouble(void)
{
	struct story story = { .pairs = { { 1, P | L, .zone = 0 }, { 2, 0, .zone = 0 } } };
	struct world world;
	struct text said = { 0 };

	story_begin(&world, &story);
	said_all(&world, stories[0].said);
	world.past.trouble = "/var/lib/x/pdns.tdb: Permission denied";
	judge_pdns(&world.facts, &world.verdict);
	story_findings(&world, &said);
	is_string(text_string(&said), "W state_unusable@-", "a state that can't be kept");
	is_string(world.verdict.findings.items[0].text,
		"the state can't be kept: /var/lib/x/pdns.tdb: Permission denied", "  text");
	text_free(&said);
	story_free(&world);
}

/* Whose serials are kept, and of which zones they are looked at. */
static void serials(void)
{
	static const struct {
		const char *name;
		struct said said[SAID_MOST];
		bool known;
		uint32_t serial;
		bool needed;
	} rows[] = {
		{ "nobody has the zone", { { PRIMARY() }, { SECONDARY() } }, false, 0, false },
		{ "the primary alone", { { PRIMARY(.zones = { MASTER(9) }) } }, true, 9, false },
		{ "only a secondary", { { SECONDARY(.zones = { SLAVE(9) }) } }, false, 0, false },
		{ "both have the same",
			{ { PRIMARY(.zones = { { PDNS_MASTER, 9, 0, 9, 0, NULL, NULL } }) },
				{ SECONDARY(.zones = { SLAVE(9) }) } },
			true, 9, false },
		{ "what is served is not known",
			{ { PRIMARY(.zones = { { PDNS_MASTER, 9, 0, 9, 0, NULL, NULL } }) },
				{ SECONDARY(.zones = { SLAVE(8) }) } },
			false, 0, true },
		{ "the secondary is behind",
			{ { PRIMARY(.zones = { MASTER(9) }) },
				{ SECONDARY(.zones = { SLAVE(8) }) } },
			true, 9, true },
		{ "SOA-EDIT, and the secondary has what is served",
			{ { PRIMARY(.zones = { { PDNS_MASTER, 9, 100, 9, 0, NULL, NULL } }) },
				{ SECONDARY(.zones = { SLAVE(100) }) } },
			true, 100, false },
		{ "SOA-EDIT where nobody transfers the zone: NOTIFY goes by the list",
			{ { PRIMARY(.zones = { { PDNS_MASTER, 9, 100, 8, 0, NULL, NULL } }) } },
			true, 9, true },
		{ "never transferred is no copy",
			{ { PRIMARY(.zones = { { PDNS_MASTER, 9, 0, 9, 0, NULL, NULL } }) },
				{ SECONDARY(.zones = { { PDNS_SLAVE, 0, 0, 0, 0, "192.0.2.1",
						    NULL } }) } },
			true, 9, false },
		{ "rather the primary than a Native one before it",
			{ { PRIMARY(.zones = { NATIVE(5) }) },
				{ .host = 3, .zones = { MASTER(9) } } },
			true, 9, false },
		{ "of two primaries the first of --url",
			{ { PRIMARY(.zones = { MASTER(5) }) },
				{ .host = 3, .zones = { MASTER(9) } } },
			true, 5, false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct story story = { .pairs = { { 1, P | L, .zone = 0 }, { 2, 0, .zone = 0 },
					       { 3, 0, .zone = 0 } } };
		struct world world;
		bool needed = false;
		uint32_t serial = 0;

		story_begin(&world, &story);
		said_all(&world, rows[i].said);
		is_integer(judge_pdns_serial(&world.facts, 0, &serial), rows[i].known,
			rows[i].name);
		if (rows[i].known)
			is_integer(serial, rows[i].serial, "  its serial");
		judge_pdns_needs_past(&world.facts, &needed);
		is_integer(needed, rows[i].needed, "  since when is asked, or not");
		story_free(&world);
	}
}

/* The first of --url has the zone, too, and it is another one. */
static void another_primary(void)
{
	struct story story = { .pairs = { { 1, P | L, .zone = 0 }, { 2, 0, .zone = 0 },
				       { 3, 0, .zone = 0 } },
		.seen_before = { { 8, DAY }, { 9, 2 * HOUR } } };
	struct said said[SAID_MOST] = { { PRIMARY(.zones = { MASTER(9) }) },
		{ .host = 3, .settings = { PRIMARY_SETTINGS }, .zones = { MASTER(9) } },
		{ SECONDARY(.zones = { { PDNS_SLAVE, 8, 8, 0, 60, "192.0.2.3", NULL } }) } };
	struct world world;
	struct text text = { 0 };

	story_begin(&world, &story);
	said_all(&world, said);
	judge_pdns(&world.facts, &world.verdict);
	story_findings(&world, &text);
	is_string(text_string(&text), "W secondary_behind 2",
		"behind a primary whose serials are not kept: since when is not known");
	text_free(&text);
	story_free(&world);
}

/* What reports show of lags beside findings. */
static void lags(void)
{
	struct verdict verdict = { 0 };
	unsigned wrong = 0;

	for (uint32_t i = 0; i < 100; i++)
		verdict_add_lag(&verdict,
			&(struct api_lag){ .zone = i / 2 * 3, .server = i % 2, .lag_s = i });
	for (uint32_t zone = 0; zone < 150; zone++) {
		for (uint32_t server = 0; server < 3; server++) {
			const struct api_lag *lag = verdict_find_lag(&verdict, zone, server);
			bool is_there = zone % 3 == 0 && server < 2;

			wrong += is_there ? !lag || lag->lag_s != zone / 3 * 2 + server : !!lag;
		}
	}
	is_integer(wrong, 0, "each lag is found by zone and server, and no other");
	verdict_free(&verdict);
}

int main(void)
{
	state_trouble();
	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++)
		tell(&stories[i]);
	doubts();
	serials();
	another_primary();
	lags();
	return done_testing();
}
