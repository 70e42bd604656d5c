/*
 * The why, where the API of PowerDNS servers is asked, too: what looks alike from outside
 * (t/unit/test_cause.c) is told apart. What DNS itself proves stays the cause.
 */
#include "t/unit/letter.h"

#define SET(NAME, VALUE)                                                                           \
	{                                                                                          \
		PDNS_##NAME, VALUE                                                                 \
	}
#define SAYS_PRIMARY                                                                               \
	SET(PRIMARY, "yes"), SET(ALLOW_AXFR_IPS, "192.0.2.2,192.0.2.3"),                           \
		SET(XFR_CYCLE_INTERVAL, "60")
#define SAYS_SECONDARY                                                                             \
	SET(SECONDARY, "yes"), SET(AUTOSECONDARY, "yes"), SET(ALLOW_NOTIFY_FROM, "0.0.0.0/0,::/0")
#define MASTER(N)                                                                                  \
	{                                                                                          \
		{                                                                                  \
			PDNS_MASTER, (N), (N), (N), 0, NULL, NULL                                  \
		}                                                                                  \
	}
#define EDITED(N, SERVED)                                                                          \
	{                                                                                          \
		{                                                                                  \
			PDNS_MASTER, (N), (SERVED), (N), 0, NULL, NULL                             \
		}                                                                                  \
	}
/* The primary's are ten days younger. */
#define OLD_SIGNATURE                                                                              \
	.pairs = { { 1, P | L, .serial = 7, .signature_left_s = 12 * DAY,                          \
			   .validity_s = 14 * DAY },                                               \
		{ 2, L, .serial = 7, .signature_left_s = 2 * DAY, .validity_s = 14 * DAY } }
#define SAYS_OLD_SIGNATURE(BY)                                                                     \
	"W signature_expiring 2 =172800" BY "; W signature_stale 2 =864000" BY
#define SLAVE(N)                                                                                   \
	{                                                                                          \
		{                                                                                  \
			PDNS_SLAVE, (N), (N), 0, 600, "192.0.2.1", NULL                            \
		}                                                                                  \
	}
#define STALE .pairs = { PRIMARY(9), BEHIND(7) }, AN_HOUR, .ns_names = { 1, 2 }
#define GONE  .pairs = { PRIMARY(9), { 2, L, ABSENT, PDNS } }, .ns_names = { 1, 2 }
#define ALL_RIGHT                                                                                  \
	{                                                                                          \
		.host = 1, .settings = { SAYS_PRIMARY }, .zones = MASTER(9), .detail = {           \
			.is_asked = true                                                           \
		}                                                                                  \
	}
#define FOLLOWER .host = 2, .settings = { SAYS_SECONDARY }

/* As struct letter, and what the API said. */
static const struct api_letter {
	const char *name;
	struct story story;
	int host;
	const char *why, *evidence, *advice;
	struct said said[SAID_MOST];
} letters[] = {
	{ "a", { STALE, .said = "W secondary_behind 2 =3540 by primary_disabled" }, 2,
		"ns1.example.com has primary=no, so it sends no NOTIFY", NULL,
		"on ns1.example.com: sed -i '$ a primary=yes' /etc/powerdns/pdns.conf && systemctl restart pdns; then: pdns_control "
		"notify example.com",
		{ { .host = 1, .settings = { SET(PRIMARY, "no") }, .zones = MASTER(9) } } },
	{ "b", { STALE, .said = "W secondary_behind 2 =3540 by zone_kind_native" }, 2,
		"the zone is Native on ns1.example.com, so no NOTIFY is sent for it", NULL,
		"on ns1.example.com: pdnsutil set-kind example.com primary && pdns_control notify example.com",
		{ { .host = 1,
			.settings = { SET(PRIMARY, "yes") },
			.zones = { { PDNS_NATIVE, 9, 9, 0, 0, NULL, NULL } } } } },
	{ "c: and its log says so", { STALE, .said = "W secondary_behind 2 =3540 by axfr_denied" },
		2,
		"ns1.example.com denies it the transfer: 192.0.2.2 is in neither allow-axfr-ips=127.0.0.0/8,::1 nor "
		"ALLOW-AXFR-FROM, and there is no TSIG-ALLOW-AXFR",
		"the log of ns1.example.com says: AXFR-out zone 'example.com', client '192.0.2.2', failed: client may not request "
		"AXFR (3 times)",
		"on ns1.example.com: pdnsutil add-meta example.com ALLOW-AXFR-FROM 192.0.2.2; then on ns2.example.com: pdns_control "
		"retrieve example.com",
		{ { .host = 1,
			.settings = { SET(PRIMARY, "yes"), SET(ALLOW_AXFR_IPS, "127.0.0.0/8,::1") },
			.zones = MASTER(9),
			.detail = { .is_asked = true },
			.log = "AXFR-out zone 'example.com', client '192.0.2.2', failed: client may not request AXFR" } } },
	{ "c: of BIND, whom no API tells of",
		{ .pairs = { PRIMARY(9), { 2, L, .serial = 7, .earlier = 7, BIND } },
			AN_HOUR,
			.said = "W secondary_behind 2 =3540 by axfr_denied" },
		2,
		"ns1.example.com denies it the transfer: 192.0.2.2 is in neither allow-axfr-ips= nor ALLOW-AXFR-FROM, and "
		"there is no TSIG-ALLOW-AXFR",
		NULL, "then on ns2.example.com: rndc retransfer example.com",
		{ { .host = 1,
			.settings = { SET(PRIMARY, "yes"), SET(ALLOW_AXFR_IPS, "") },
			.zones = MASTER(9),
			.detail = { .is_asked = true } } } },
	{ "c: IPv6 is not let in, by which it asks",
		{ STALE, .said = "W secondary_behind 2 =3540 by axfr_denied" }, 2,
		"ns1.example.com denies it the transfer: 2001:db8::2 is in neither allow-axfr-ips=192.0.2.2,127.0.0.0/8 nor "
		"ALLOW-AXFR-FROM, and there is no TSIG-ALLOW-AXFR",
		NULL,
		"on ns1.example.com: pdnsutil add-meta example.com ALLOW-AXFR-FROM 2001:db8::2; then on ns2.example.com: "
		"pdns_control retrieve example.com",
		{ { .host = 1,
			  .settings = { SET(PRIMARY, "yes"),
				  SET(ALLOW_AXFR_IPS, "192.0.2.2,127.0.0.0/8") },
			  .zones = MASTER(9),
			  .detail = { .is_asked = true },
			  .addresses = "2001:db8::1" },
			{ FOLLOWER, .addresses = "2001:db8::2",
				.zones = { { PDNS_SLAVE, 7, 7, 0, 600, "2001:db8::1", NULL } } } } },
	{ "c: one of the families by which it asks is let in",
		{ STALE, .said = "W secondary_behind 2 =3540" }, 2, NULL,
		"by its API it last reached its primary 10m ago", NULL,
		{ { .host = 1,
			  .settings = { SAYS_PRIMARY },
			  .zones = MASTER(9),
			  .detail = { .is_asked = true },
			  .addresses = "2001:db8::1" },
			{ FOLLOWER, .addresses = "2001:db8::2",
				.zones = { { PDNS_SLAVE, 7, 7, 0, 600, "2001:db8::1, 192.0.2.1",
					NULL } } } } },
	{ "c: neither of its addresses is let in",
		{ STALE, .said = "W secondary_behind 2 =3540 by axfr_denied" }, 2,
		"ns1.example.com denies it the transfer: 192.0.2.2, 2001:db8::2 are in neither allow-axfr-ips=::1 nor "
		"ALLOW-AXFR-FROM, and there is no TSIG-ALLOW-AXFR",
		NULL, "ALLOW-AXFR-FROM 192.0.2.2; then",
		{ { .host = 1,
			  .settings = { SET(PRIMARY, "yes"), SET(ALLOW_AXFR_IPS, "::1") },
			  .zones = MASTER(9),
			  .detail = { .is_asked = true } },
			{ FOLLOWER, .addresses = "2001:db8::2",
				.zones = { { PDNS_SLAVE, 7, 7, 0, 600, NULL, NULL } } } } },
	{ "c: AUTO-NS, in the letters that its operator has chosen",
		{ STALE, .said = "W secondary_behind 2 =3540" }, 2, NULL,
		"by its API it last reached its primary 10m ago", NULL,
		{ { .host = 1,
			  .settings = { SET(PRIMARY, "yes"), SET(ALLOW_AXFR_IPS, "") },
			  .zones = MASTER(9),
			  .detail = { .is_asked = true, .allow_axfr_from = "auto-ns" } },
			{ FOLLOWER, .zones = SLAVE(7) } } },
	{ "o: another key than is let in",
		{ STALE, .said = "W secondary_behind 2 =3540 by axfr_denied" }, 2,
		"ns1.example.com denies it the transfer: it signs with the key transfer.new (AXFR-MASTER-TSIG), and "
		"TSIG-ALLOW-AXFR is transfer.old",
		"the log of ns1.example.com says: AXFR-out zone 'example.com', client '192.0.2.2:4321', denied: key with name "
		"'transfer.new' and algorithm 'hmac-sha256' does not grant access (3 times)",
		"on ns1.example.com: pdnsutil activate-tsig-key example.com transfer.new primary; then on ns2.example.com: "
		"pdns_control retrieve example.com",
		{ { .host = 1,
			  .settings = { SAYS_PRIMARY },
			  .zones = MASTER(9),
			  .detail = { .is_asked = true, .tsig_allow_axfr = "transfer.old" },
			  .log = "AXFR-out zone 'example.com', client '192.0.2.2:4321', denied: key with name 'transfer.new' "
				 "and algorithm 'hmac-sha256' does not grant access" },
			{ FOLLOWER, .zones = SLAVE(7),
				.detail = { .is_asked = true,
					.axfr_master_tsig = "transfer.new" } } } },
	{ "o: a key where none is let in, although its address is",
		{ STALE, .said = "W secondary_behind 2 =3540 by axfr_denied" }, 2,
		"ns1.example.com denies it the transfer: it signs with the key k (AXFR-MASTER-TSIG), and TSIG-ALLOW-AXFR is "
		"not set",
		NULL,
		"on ns1.example.com: pdnsutil tsigkey activate example.com k primary; then on",
		{ { .host = 1,
			  .settings = { SAYS_PRIMARY },
			  .zones = MASTER(9),
			  .detail = { .is_asked = true },
			  .version = "5.0.1" },
			{ FOLLOWER, .zones = SLAVE(7),
				.detail = { .is_asked = true, .axfr_master_tsig = "k" } } } },
	{ "o: the same key, in another spelling", { STALE, .said = "W secondary_behind 2 =3540" },
		2, NULL, "by its API it last reached its primary 10m ago", NULL,
		{ { .host = 1,
			  .settings = { SET(PRIMARY, "yes"), SET(ALLOW_AXFR_IPS, "") },
			  .zones = MASTER(9),
			  .detail = { .is_asked = true,
				  .tsig_allow_axfr = "other, Transfer.Key." } },
			{ FOLLOWER, .zones = SLAVE(7),
				.detail = { .is_asked = true,
					.axfr_master_tsig = "transfer.key" } } } },
	{ "o: only a key lets in, and it has none; its names are those of 4.4",
		{ STALE, .said = "W secondary_behind 2 =3540 by axfr_denied" }, 2,
		"ns1.example.com denies it the transfer: only the key k (TSIG-ALLOW-AXFR) lets in, and the zone has no "
		"AXFR-MASTER-TSIG on ns2.example.com",
		NULL,
		"on ns2.example.com: pdnsutil activate-tsig-key example.com k slave; then on ns2.example.com: pdns_control "
		"retrieve example.com",
		{ { .host = 1,
			  .settings = { SET(PRIMARY, "yes"), SET(ALLOW_AXFR_IPS, "") },
			  .zones = MASTER(9),
			  .detail = { .is_asked = true, .tsig_allow_axfr = "k" } },
			{ FOLLOWER, .zones = SLAVE(7), .old_names = true,
				.detail = { .is_asked = true } } } },
	{ "o: only a key lets in, and nobody knows what it has",
		{ STALE, .said = "W secondary_behind 2 =3540" }, 2, NULL,
		"by its API it last reached its primary 10m ago", NULL,
		{ { .host = 1,
			  .settings = { SET(PRIMARY, "yes"), SET(ALLOW_AXFR_IPS, "") },
			  .zones = MASTER(9),
			  .detail = { .is_asked = true, .tsig_allow_axfr = "k" } },
			{ FOLLOWER, .zones = SLAVE(7) } } },
	{ "i: who transfers from another address is told where it answers",
		{ .pairs = { PRIMARY(9), { 2, A, .serial = 7, .earlier = 7, PDNS } },
			AN_HOUR,
			.ns_names = { 1, 3 },
			.said = "W secondary_behind 2 =3540" },
		2,
		"no NS record names it, nor do also-notify and ALSO-NOTIFY, so no NOTIFY goes there",
		NULL, "pdnsutil add-meta example.com ALSO-NOTIFY 192.0.2.2 &&",
		{ { .host = 1,
			  .settings = { SET(PRIMARY, "yes"), SET(ALLOW_AXFR_IPS, "203.0.113.2") },
			  .zones = MASTER(9),
			  .detail = { .is_asked = true,
				  .ns = "ns1.example.com., ns3.example.com." } },
			{ FOLLOWER, .zones = SLAVE(7), .sources = "203.0.113.2" } } },
	{ "a line of the log alone accuses nobody", { STALE, .said = "W secondary_behind 2 =3540" },
		2, NULL, "by its API it last reached its primary 10m ago", NULL,
		{ { .host = 1,
			  .settings = { SAYS_PRIMARY },
			  .zones = MASTER(9),
			  .detail = { .is_asked = true },
			  .log = "AXFR-out zone 'example.com', client '192.0.2.2', failed: client may not request AXFR" },
			{ FOLLOWER, .zones = SLAVE(7) } } },
	{ "d", { STALE, .said = "W secondary_behind 2 =3540 by secondary_disabled" }, 2,
		"it has secondary=no, so it neither asks its primary nor takes NOTIFY", NULL,
		"on ns2.example.com: sed -i '$ a secondary=yes' /etc/powerdns/pdns.conf && systemctl restart pdns; then: pdns_control "
		"retrieve example.com",
		{ ALL_RIGHT,
			{ .host = 2, .settings = { SET(SECONDARY, "no") }, .zones = SLAVE(7) } } },
	{ "d: slave=no of 4.4",
		{ STALE, .said = "W secondary_behind 2 =3540 by secondary_disabled" }, 2,
		"it has slave=no, so it neither asks its primary nor takes NOTIFY", NULL,
		"sed -i '$ a slave=yes' /etc",
		{ ALL_RIGHT,
			{ .host = 2,
				.settings = { SET(SECONDARY, "no") },
				.zones = SLAVE(7),
				.old_names = true } } },
	{ "its own zone is no secondary's", { STALE, .said = "W secondary_behind 2 =3540" }, 2,
		"the zone is Master there: it transfers it from nobody", NULL,
		"on ns2.example.com: pdnsutil set-kind example.com secondary && pdnsutil change-secondary-zone-primary example.com "
		"192.0.2.1 && pdns_control retrieve example.com",
		{ ALL_RIGHT, { FOLLOWER, .zones = MASTER(7) } } },
	{ "t1", { STALE, .said = "W secondary_behind 2 =3540 by notify_rejected" }, 2,
		"it rejects NOTIFY from its primary 192.0.2.1: allow-notify-from=", NULL,
		"on ns2.example.com: sed -i '$ a allow-notify-from=192.0.2.1' /etc/powerdns/pdns.conf && systemctl restart pdns; then: "
		"pdns_control retrieve example.com",
		{ ALL_RIGHT,
			{ .host = 2,
				.settings = { SET(SECONDARY, "yes"), SET(ALLOW_NOTIFY_FROM, "") },
				.zones = SLAVE(7) } } },
	{ "t3", { STALE, .said = "W secondary_behind 2 =3540 by notify_rejected" }, 2,
		"it rejects NOTIFY without a signature (allow-unsigned-notify=no), and the zone has no TSIG-ALLOW-AXFR on "
		"ns1.example.com",
		NULL, "sed -i '$ a allow-unsigned-notify=yes' /etc",
		{ ALL_RIGHT,
			{ .host = 2,
				.settings = { SET(SECONDARY, "yes"),
					SET(ALLOW_UNSIGNED_NOTIFY, "no") },
				.zones = SLAVE(7) } } },
	{ "t4", { STALE, .said = "W secondary_behind 2 =3540 by notify_rejected" }, 2,
		"its primary is 198.51.100.9, not ns1.example.com (192.0.2.1): it asks there, and rejects NOTIFY from elsewhere",
		NULL,
		"on ns2.example.com: pdnsutil change-secondary-zone-primary example.com 192.0.2.1 && pdns_control retrieve "
		"example.com",
		{ ALL_RIGHT,
			{ FOLLOWER,
				.zones = { { PDNS_SLAVE, 7, 7, 0, 60, "198.51.100.9", NULL } } } } },
	{ "it follows another server of the zone",
		{ .pairs = { PRIMARY(9), BEHIND(7), { 3, L, .serial = 9, .earlier = 9 } },
			AN_HOUR,
			.said = "W secondary_behind 2 =3540" },
		2, NULL, "by its API it last reached its primary 1m ago", NULL,
		{ ALL_RIGHT,
			{ FOLLOWER,
				.zones = { { PDNS_SLAVE, 7, 7, 0, 60, "192.0.2.3", NULL } } } } },
	{ "behind NAT the primary has another address",
		{ STALE, .said = "W secondary_behind 2 =3540" }, 2, NULL,
		"by its API it last reached its primary 1m ago", NULL,
		{ ALL_RIGHT,
			{ FOLLOWER, .zones = { { PDNS_SLAVE, 7, 7, 0, 60, "10.0.0.1", NULL } } } } },
	{ "q", { STALE, .said = "W secondary_behind 2 =3540 by notify_pending" }, 2,
		"ns1.example.com has not sent NOTIFY of 9 yet, only of 7",
		"it looks for changes every 60s (xfr-cycle-interval)",
		"on ns1.example.com: pdns_control notify example.com",
		{ { .host = 1,
			.settings = { SAYS_PRIMARY },
			.zones = { { PDNS_MASTER, 9, 9, 7, 0, NULL, NULL } },
			.detail = { .is_asked = true } } } },
	{ "i",
		{ .pairs = { PRIMARY(9), { 2, A, .serial = 7, .earlier = 7, PDNS } },
			AN_HOUR,
			.ns_names = { 1, 3 },
			.said = "W secondary_behind 2 =3540" },
		2,
		"no NS record names it, nor do also-notify and ALSO-NOTIFY, so no NOTIFY goes there",
		NULL,
		"on ns1.example.com: pdnsutil add-meta example.com ALSO-NOTIFY 192.0.2.2 && pdns_control notify example.com",
		{ { .host = 1,
			.settings = { SAYS_PRIMARY },
			.zones = MASTER(9),
			.detail = { .is_asked = true,
				.ns = "ns1.example.com., ns3.example.com." } } } },
	{ "j: DNS itself shows it",
		{ .pairs = { PRIMARY(9), { 2, A, .serial = 7, .earlier = 7, PDNS } },
			AN_HOUR,
			.ns_names = { 1, 2 },
			.unresolved = 2,
			.said = "W secondary_behind 2 =3540 by ns_unresolvable; W ns_unresolvable" },
		2, "its NS name has no address in the DNS, so no NOTIFY goes there", NULL, NULL,
		{ ALL_RIGHT, { FOLLOWER, .zones = SLAVE(7) } } },
	{ "m: what is in the way of all stays the cause",
		{ .pairs = { { 1, P | L, .serial = 9, .earlier = 9, .tcp_outcome = OUTCOME_TIMEOUT },
			  BEHIND(7) },
			AN_HOUR,
			.said = "C tcp_unreachable 1; W secondary_behind 2 =3540 by tcp_unreachable" },
		2, "ns1.example.com does not answer by TCP, so nothing can be transferred from it",
		NULL, NULL,
		{ { .host = 1, .settings = { SET(PRIMARY, "no") }, .zones = MASTER(9) } } },

	/* Absent */
	{ "c2", { GONE, .said = "C zone_refused 2 by axfr_denied" }, 2,
		"ns1.example.com denies it the transfer: 192.0.2.2 is in neither allow-axfr-ips= nor ALLOW-AXFR-FROM, and there is "
		"no TSIG-ALLOW-AXFR",
		NULL, "ALLOW-AXFR-FROM 192.0.2.2; then on ns2.example.com: pdns_control retrieve",
		{ { .host = 1,
			  .settings = { SET(PRIMARY, "yes"), SET(ALLOW_AXFR_IPS, "") },
			  .zones = MASTER(9),
			  .detail = { .is_asked = true } },
			{ FOLLOWER, .zones = { { PDNS_SLAVE, 0, 0, 0, 0, "192.0.2.1", NULL } } } } },
	{ "c2: for no visible reason", { GONE, .said = "C zone_refused 2 by never_transferred" }, 2,
		"by its API it has the zone and never transferred it", NULL, NULL,
		{ ALL_RIGHT,
			{ FOLLOWER, .zones = { { PDNS_SLAVE, 0, 0, 0, 0, "192.0.2.1", NULL } } } } },
	{ "c2 of Knot, whom no API tells of",
		{ .pairs = { PRIMARY(9),
			  { 2, L, .outcome = OUTCOME_SERVFAIL, .rcode = 2, .ede_code = 24, KNOT } },
			.said = "C zone_expired 2 by axfr_denied" },
		2,
		"ns1.example.com denies it the transfer: 192.0.2.2 is in neither allow-axfr-ips= nor ALLOW-AXFR-FROM, and there is "
		"no TSIG-ALLOW-AXFR",
		NULL, "then on ns2.example.com: knotc zone-retransfer example.com",
		{ { .host = 1,
			.settings = { SET(PRIMARY, "yes"), SET(ALLOW_AXFR_IPS, "") },
			.zones = MASTER(9),
			.detail = { .is_asked = true } } } },
	{ "e", { GONE, .said = "C zone_refused 2 by autosecondary_disabled" }, 2,
		"it has autosecondary=no, so new zones do not come by themselves", NULL,
		"on ns2.example.com: sed -i '$ a autosecondary=yes' /etc/powerdns/pdns.conf && systemctl restart pdns; then: pdnsutil "
		"add-autoprimary 192.0.2.1 ns2.example.com; then on ns1.example.com: pdns_control notify example.com",
		{ ALL_RIGHT,
			{ .host = 2,
				.settings = { SET(SECONDARY, "yes"), SET(AUTOSECONDARY, "no") },
				.autoprimaries = "" } } },
	{ "v: what it consumes is not known",
		{ GONE, .said = "C zone_refused 2 by catalog_member_missing" }, 2,
		"it is a member of the catalog c.example on ns1.example.com, and yet it did not come by that one",
		NULL,
		"on ns2.example.com: pdns_control retrieve c.example; or, for this zone alone, on ns2.example.com: pdnsutil "
		"create-secondary-zone example.com 192.0.2.1",
		{ { .host = 1,
			  .settings = { SAYS_PRIMARY },
			  .zones = { { PDNS_MASTER, 9, 9, 9, 0, NULL, "c.example." } } },
			{ .host = 2,
				.settings = { SET(SECONDARY, "yes"), SET(AUTOSECONDARY, "no") },
				.autoprimaries = "",
				.only_named = true } } },
	{ "v: nor is it, and an autoprimary should bring it",
		{ GONE, .said = "C zone_refused 2 by autoprimary_wrong_address" }, 2,
		"it has other autoprimaries (198.51.100.1) than ns1.example.com (192.0.2.1)", NULL,
		NULL,
		{ { .host = 1,
			  .settings = { SAYS_PRIMARY },
			  .zones = { { PDNS_MASTER, 9, 9, 9, 0, NULL, "c.example." } } },
			{ FOLLOWER, .autoprimaries = "198.51.100.1 ns2.example.com",
				.only_named = true } } },
	{ "v: it consumes no catalog",
		{ GONE, .said = "C zone_refused 2 by autosecondary_disabled" }, 2,
		"it has autosecondary=no, so new zones do not come by themselves", NULL, NULL,
		{ { .host = 1,
			  .settings = { SAYS_PRIMARY },
			  .zones = { { PDNS_MASTER, 9, 9, 9, 0, NULL, "c.example." } } },
			{ .host = 2,
				.settings = { SET(SECONDARY, "yes"), SET(AUTOSECONDARY, "no") },
				.autoprimaries = "" } } },
	{ "f", { GONE, .said = "C zone_refused 2 by autoprimary_missing" }, 2,
		"it has no autoprimary, so NOTIFY creates no zone", NULL,
		"on ns2.example.com: pdnsutil add-autoprimary 192.0.2.1 ns2.example.com; then on ns1.example.com: pdns_control "
		"notify example.com",
		{ ALL_RIGHT, { FOLLOWER, .autoprimaries = "" } } },
	{ "g", { GONE, .said = "C zone_refused 2 by autoprimary_wrong_address" }, 2,
		"it has other autoprimaries (198.51.100.1) than ns1.example.com (192.0.2.1)", NULL,
		"pdnsutil add-autoprimary 192.0.2.1 ns2.example.com",
		{ ALL_RIGHT, { FOLLOWER, .autoprimaries = "198.51.100.1 ns2.example.com" } } },
	{ "h", { GONE, .said = "C zone_refused 2 by autoprimary_wrong_name" }, 2,
		"it has the autoprimary 192.0.2.1 with the name ns9.example.com, which is none of the zone's NS "
		"names",
		NULL, "pdnsutil add-autoprimary 192.0.2.1 ns2.example.com",
		{ ALL_RIGHT, { FOLLOWER, .autoprimaries = "192.0.2.1 ns9.example.com" } } },
	{ "h: with the final dot, which PowerDNS does not look for",
		{ GONE, .said = "C zone_refused 2 by autoprimary_wrong_name" }, 2,
		"it has the autoprimary 192.0.2.1 with the name ns2.example.com., and PowerDNS looks for it without the "
		"final dot",
		NULL,
		"on ns2.example.com: pdnsutil add-autoprimary 192.0.2.1 ns2.example.com; then on ns1.example.com: pdns_control "
		"notify example.com",
		{ ALL_RIGHT, { FOLLOWER, .autoprimaries = "192.0.2.1 ns2.example.com." } } },
	{ "h: of several rows the best one is named",
		{ GONE, .said = "C zone_refused 2 by autoprimary_wrong_name" }, 2,
		"it has the autoprimary 192.0.2.1 with the name ns2.example.com., and PowerDNS looks for it without the "
		"final dot",
		NULL, NULL,
		{ ALL_RIGHT,
			{ FOLLOWER,
				.autoprimaries =
					"198.51.100.1 ns2.example.com, 192.0.2.1 ns2.example.com., 192.0.2.1 ns9.example.com" } } },
	{ "g: with a port, which PowerDNS does not look for",
		{ GONE, .said = "C zone_refused 2 by autoprimary_wrong_address" }, 2,
		"it has other autoprimaries (192.0.2.1:53) than ns1.example.com (192.0.2.1)", NULL,
		"pdnsutil add-autoprimary 192.0.2.1 ns2.example.com",
		{ ALL_RIGHT, { FOLLOWER, .autoprimaries = "192.0.2.1:53 ns2.example.com" } } },
	{ "g: IPv6 in another spelling than PowerDNS's",
		{ GONE, .said = "C zone_refused 2 by autoprimary_wrong_address" }, 2,
		"it has the autoprimary 2001:db8:0:0::1, and PowerDNS, which compares texts, looks for 2001:db8::1",
		NULL,
		"on ns2.example.com: pdnsutil add-autoprimary 192.0.2.1 ns2.example.com; then",
		{ { .host = 1,
			  .settings = { SAYS_PRIMARY },
			  .zones = MASTER(9),
			  .detail = { .is_asked = true },
			  .addresses = "2001:db8::1" },
			{ FOLLOWER, .addresses = "2001:db8::2",
				.autoprimaries = "2001:db8:0:0::1 ns2.example.com" } } },
	{ "IPv6 in capital letters is the same",
		{ GONE, .said = "C zone_refused 2 by zone_missing_on_secondary" }, 2,
		"it does not have the zone yet, and all is in order for it to come with NOTIFY",
		NULL, NULL,
		{ { .host = 1,
			  .settings = { SAYS_PRIMARY },
			  .zones = MASTER(9),
			  .detail = { .is_asked = true },
			  .addresses = "2001:db8::1" },
			{ FOLLOWER, .autoprimaries = "2001:DB8::1 ns2.example.com" } } },
	{ "all is in order: nobody called",
		{ GONE, .said = "C zone_refused 2 by zone_missing_on_secondary" }, 2,
		"it does not have the zone yet, and all is in order for it to come with NOTIFY",
		NULL, "on ns1.example.com: pdns_control notify example.com",
		{ ALL_RIGHT, { FOLLOWER, .autoprimaries = "192.0.2.1 ns2.example.com" } } },
	{ "absent because no NOTIFY is sent",
		{ GONE, .said = "C zone_refused 2 by primary_disabled" }, 2,
		"ns1.example.com has primary=no, so it sends no NOTIFY", NULL,
		"systemctl restart pdns; then: pdnsutil set-kind example.com primary && pdns_control notify example.com",
		{ { .host = 1,
			  .settings = { SET(PRIMARY, "no") },
			  .zones = { { PDNS_NATIVE, 9, 9, 0, 0, NULL, NULL } } },
			{ FOLLOWER, .autoprimaries = "192.0.2.1 ns2.example.com" } } },

	/* Serials */
	{ "k2",
		{ .pairs = { PRIMARY(9), { 2, L, .serial = 9, .fields = 2 } },
			.said = "W soa_differs 2 by soa_edit_api_unset" },
		2,
		"soa_edit_api is empty on ns1.example.com, so changes by the API do not raise the serial",
		NULL,
		"on ns1.example.com: pdnsutil set-meta example.com SOA-EDIT-API DEFAULT && pdnsutil increase-serial example.com && "
		"pdns_control notify example.com",
		{ { .host = 1,
			.zones = MASTER(9),
			.detail = { .is_asked = true, .soa_edit_api = "" } } } },
	{ "p",
		{ .pairs = { PRIMARY(2026111901), { 2, L, .serial = 2026111901, .fields = 2 } },
			.said = "W soa_differs 2 by soa_edit" },
		2,
		"ns1.example.com serves 2026111901 for every change of this week: it has SOA-EDIT=INCEPTION-INCREMENT, and 11 in "
		"its database",
		NULL,
		"on ns1.example.com: pdnsutil increase-serial example.com && pdnsutil set-meta example.com SOA-EDIT INCREMENT-WEEKS "
		"&& pdns_control notify example.com",
		{ { .host = 1,
			.zones = EDITED(11, 2026111901),
			.detail = { .is_asked = true,
				.soa_edit = "INCEPTION-INCREMENT",
				.soa_edit_api = "" } } } },
	{ "p: by the default",
		{ .pairs = { PRIMARY(1795046400), { 2, L, .serial = 1795046400, .fields = 2 } },
			.said = "W soa_differs 2 by soa_edit" },
		2,
		"ns1.example.com serves 1795046400 for every change of this week: it has "
		"default-soa-edit-signed=inception-epoch, and 11 in its database",
		NULL, NULL,
		{ { .host = 1,
			.settings = { SET(DEFAULT_SOA_EDIT_SIGNED, "inception-epoch") },
			.zones = EDITED(11, 1795046400),
			.detail = { .is_asked = true } } } },
	{ "p: the zone's own goes before the default, and raises it every week",
		{ .pairs = { PRIMARY(2979), { 2, L, .serial = 2979, .fields = 2 } },
			.said = "W soa_differs 2" },
		2, NULL,
		"the zone was changed without a higher serial, or one of them changes it by itself",
		NULL,
		{ { .host = 1,
			.settings = { SET(DEFAULT_SOA_EDIT, "INCEPTION-EPOCH") },
			.zones = EDITED(11, 2979),
			.detail = { .is_asked = true, .soa_edit = "INCREMENT-WEEKS" } } } },
	{ "p: serials of this week hide nothing",
		{ .pairs = { PRIMARY(2026111904), { 2, L, .serial = 2026111904, .fields = 2 } },
			.said = "W soa_differs 2" },
		2, NULL,
		"the zone was changed without a higher serial, or one of them changes it by itself",
		NULL,
		{ { .host = 1,
			.zones = EDITED(2026111902, 2026111904),
			.detail = { .is_asked = true, .soa_edit = "INCEPTION-INCREMENT" } } } },
	{ "p2", { OLD_SIGNATURE, .said = SAYS_OLD_SIGNATURE(" by soa_edit") }, 2,
		"ns1.example.com has SOA-EDIT unset, so new signatures do not raise the serial",
		NULL,
		"on ns1.example.com: pdnsutil increase-serial example.com && pdnsutil set-meta example.com SOA-EDIT INCREMENT-WEEKS "
		"&& pdns_control notify example.com",
		{ { .host = 1,
			.settings = { SET(DEFAULT_SOA_EDIT, ""), SET(DEFAULT_SOA_EDIT_SIGNED, "") },
			.zones = MASTER(7),
			.detail = { .is_asked = true } } } },
	{ "p2: NONE", { OLD_SIGNATURE, .said = SAYS_OLD_SIGNATURE(" by soa_edit") }, 2,
		"ns1.example.com has SOA-EDIT NONE, so new signatures do not raise the serial",
		NULL, NULL,
		{ { .host = 1,
			.settings = { SET(DEFAULT_SOA_EDIT_SIGNED, "INCREMENT-WEEKS") },
			.zones = MASTER(7),
			.detail = { .is_asked = true, .soa_edit = "NONE" } } } },
	{ "p2: the default is not known", { OLD_SIGNATURE, .said = SAYS_OLD_SIGNATURE("") }, 2,
		NULL, NULL, NULL,
		{ { .host = 1, .zones = MASTER(7), .detail = { .is_asked = true } } } },
	{ "u: the secondary's own cache",
		{ STALE, .said = "W secondary_behind 2 =3540 by cache_stale" }, 2,
		"it has 9 already, as its API says, and still answers from a cache", NULL,
		"on ns2.example.com: pdns_control purge 'example.com$'",
		{ ALL_RIGHT, { FOLLOWER, .zones = SLAVE(9) } } },
	{ "u: the primary's",
		{ .pairs = { PRIMARY(9), { 2, L, .serial = 12, .earlier = 12 } },
			.said = "C secondary_ahead 2 =3 by cache_stale" },
		2, "ns1.example.com has 12 itself, as its API says, and still answers from a cache",
		NULL, "on ns1.example.com: pdns_control purge 'example.com$'",
		{ { .host = 1, .settings = { SAYS_PRIMARY }, .zones = MASTER(12) } } },
	{ "u: the serial in the database is not what DNS shows (trap 6)",
		{ .pairs = { PRIMARY(9), { 2, L, .serial = 12, .earlier = 12 } },
			.said = "C secondary_ahead 2 =3" },
		2, NULL, NULL, NULL,
		{ { .host = 1,
			.settings = { SAYS_PRIMARY },
			.zones = { { PDNS_MASTER, 12, 9, 12, 0, NULL, NULL } } } } },

	/* Nothing is known */
	{ "an API that nobody could ask",
		{ STALE, .said = "W secondary_behind 2 =3540; U api_unreachable 1@-" }, 2, NULL,
		NULL, NULL, { { .host = 1, .outcome = PDNS_TIMEOUT } } },
	{ "all is well", { .pairs = { PRIMARY(9), BEHIND(9) }, .said = "" }, 0, NULL, NULL, NULL,
		{ { .host = 1, .settings = { SET(PRIMARY, "no") }, .zones = MASTER(9) } } },
};

int main(void)
{
	unsigned raised = 0;

	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++) {
		const struct api_letter *each = &letters[i];
		struct letter letter = { each->name, each->story, each->host, each->why,
			each->evidence, each->advice };

		letter_tell(&letter, each->said);
		raised += letter_raises(&letter, each->said);
	}
	is_integer(raised, 0, "what the API says raises no state");
	return done_testing();
}
