/*
 * The why, as far as an outsider can know it: one story for each failure of replication that is
 * known, by its letter (HACKING.md, "Failures and their letters"). What looks alike from outside
 * must be said alike.
 */
#include "t/unit/story.h"

#define PDNS .software = "PowerDNS Authoritative Server 4.7.3"
#define BIND .software = "BIND 9.18.28"
#define NSD_ .software = "NSD 4.6.1"
#define KNOT .software = "Knot DNS 3.2.6"

#define PRIMARY(N)                                                                                 \
	{                                                                                          \
		1, P | L, .serial = (N), .earlier = (N), PDNS                                      \
	}
#define BEHIND(N)                                                                                  \
	{                                                                                          \
		2, L, .serial = (N), .earlier = (N), PDNS                                          \
	}
#define AXFR(HOST, ...)                                                                            \
	{                                                                                          \
		.server = (HOST), .outcome = OUTCOME_ANSWERED, __VA_ARGS__                         \
	}
#define DENIED(HOST)                                                                               \
	{                                                                                          \
		.server = (HOST), .outcome = OUTCOME_NOTAUTH, .rcode = 9                           \
	}
#define REFUSED(HOST)                                                                              \
	{                                                                                          \
		.server = (HOST), .outcome = OUTCOME_REFUSED, .rcode = 5                           \
	}
#define ABSENT .outcome = OUTCOME_REFUSED, .rcode = 5
/* Two changes ago an hour ago: less than the SOA's refresh of two hours. */
#define AN_HOUR .seen_before = { { 7, DAY }, { 9, HOUR - 60 } }
#define A_DAY   .seen_before = { { 7, 2 * DAY }, { 9, DAY } }

#define UNKNOWN_ALLOWED                                                                                                     \
	"ns1.example.com does transfer the zone to this host; whether to ns2.example.com, too, and whether NOTIFY reaches " \
	"it, is not visible from here: its log tells"
#define UNKNOWN_DENIED                                                                                                      \
	"ns1.example.com refuses transfers to this host (NOTAUTH), as it should to strangers; whether to ns2.example.com, " \
	"too, and whether NOTIFY reaches it, is not visible from here: its log tells"
#define BY_ITSELF "by itself it asks every 2h (SOA refresh)"

static const struct letter {
	const char *name;
	struct story story;
	int host; /* whose first finding is looked at; 0: nobody has one */
	const char *why, *evidence;
	const char *advice; /* somewhere in it; NULL: it does not matter */
} letters[] = {
	{ "ok", { .pairs = { PRIMARY(9), BEHIND(9) }, .said = "" }, 0, NULL, NULL, NULL },

	/* a primary=no, b Native, c AXFR denied, d secondary=no, t: all the same from outside */
	{ "a b c d: transfers work from here",
		{ .pairs = { PRIMARY(9), BEHIND(7) },
			AN_HOUR,
			.transfers = { AXFR(1, .serial = 9), DENIED(2) },
			.said = "W secondary_behind 2 =3540" },
		2, NULL, BY_ITSELF "; " UNKNOWN_ALLOWED,
		"if it works, on ns2.example.com: pdns_control retrieve example.com, and see journalctl -u pdns -S -1h -g "
		"example.com; so that NOTIFY is sent to it, on ns1.example.com: primary=yes in pdns.conf and pdnsutil set-kind "
		"example.com primary" },
	{ "a b c d: transfers are refused here",
		{ .pairs = { PRIMARY(9), BEHIND(7) },
			AN_HOUR,
			.transfers = { DENIED(1), DENIED(2) },
			.said = "W secondary_behind 2 =3540" },
		2, NULL, BY_ITSELF "; " UNKNOWN_DENIED,
		"if that is refused, on ns1.example.com: pdnsutil add-meta example.com ALLOW-AXFR-FROM 192.0.2.2" },
	{ "a b c d: for longer than a refresh takes",
		{ .pairs = { PRIMARY(9), BEHIND(7) },
			A_DAY,
			.transfers = { AXFR(1, .serial = 9), DENIED(2) },
			.said = "C secondary_behind 2 =86400" },
		2, NULL,
		"it should have asked by itself every 2h, so this is more than a lost NOTIFY; " UNKNOWN_ALLOWED,
		NULL },
	{ "a b c d: EXPIRE tells since when",
		{ .pairs = { PRIMARY(9),
			  { 2, L, .serial = 7, .earlier = 7, .expire_s = 14 * DAY - 7800, BIND } },
			.first_run = true,
			.transfers = { REFUSED(1) },
			.said = "W secondary_behind 2" },
		2, "no successful refresh for 2h 10m",
		"ns1.example.com refuses transfers to this host (REFUSED), as it should to strangers; whether to ns2.example.com, "
		"too, and whether NOTIFY reaches it, is not visible from here: its log tells",
		"on ns2.example.com: rndc retransfer example.com" },
	{ "it asks somebody else",
		{ .pairs = { PRIMARY(9),
			  { 2, L, .serial = 7, .earlier = 7, .expire_s = 14 * DAY - 60, BIND } },
			AN_HOUR,
			.said = "W secondary_behind 2 =3540" },
		2, "it refreshed 1m ago, after the change: it may ask another primary", NULL,
		NULL },
	{ "i, but it asks somebody, who is not this primary",
		{ .pairs = { PRIMARY(9), { 2, A, .serial = 7, .earlier = 7, .expire_s = 14 * DAY } },
			.first_run = true,
			.ns_names = { 1, 3 },
			.said = "W secondary_behind 2" },
		2, "it refreshed just now: it asks another primary, or is one itself", NULL, NULL },
	{ "refreshed just now, since when is not known",
		{ .pairs = { PRIMARY(9), { 2, L, .serial = 7, .earlier = 7, .expire_s = 14 * DAY } },
			.first_run = true,
			.said = "W secondary_behind 2" },
		2, "it refreshed just now: it asks another primary, or is one itself", NULL, NULL },
	{ "an EXPIRE above the SOA's tells no refresh",
		{ .pairs = { PRIMARY(9), { 2, L, .serial = 7, .earlier = 7, .expire_s = 15 * DAY } },
			.first_run = true,
			.said = "W secondary_behind 2" },
		2, NULL, NULL, NULL },

	/* c2: configured, never transferred */
	{ "c2 PowerDNS: as if it were not there",
		{ .pairs = { PRIMARY(9), { 2, L, ABSENT, PDNS } },
			.transfers = { AXFR(1, .serial = 9), DENIED(2) },
			.said = "C zone_refused 2" },
		2, NULL,
		"PowerDNS says so both of a zone that it does not have and of one that it could not transfer yet",
		"on ns2.example.com: pdnsutil create-secondary-zone example.com 192.0.2.1; pdns_control retrieve example.com" },
	{ "c2 BIND",
		{ .pairs = { PRIMARY(9), { 2, L, .outcome = OUTCOME_SERVFAIL, .rcode = 2, BIND } },
			.transfers = { DENIED(1) },
			.said = "C zone_servfail 2" },
		2, NULL, UNKNOWN_DENIED, "on ns2.example.com: rndc retransfer example.com" },
	{ "c2 NSD",
		{ .pairs = { PRIMARY(9),
			  { 2, L, .outcome = OUTCOME_SERVFAIL, .rcode = 2, .ede_code = 14, NSD_ } },
			.transfers = { DENIED(1) },
			.said = "C zone_not_loaded 2" },
		2, NULL, UNKNOWN_DENIED,
		"on ns2.example.com: nsd-control force_transfer example.com" },
	{ "c2 Knot",
		{ .pairs = { PRIMARY(9),
			  { 2, L, .outcome = OUTCOME_SERVFAIL, .rcode = 2, .ede_code = 24, KNOT } },
			.transfers = { DENIED(1) },
			.said = "C zone_expired 2" },
		2, NULL, UNKNOWN_DENIED, "on ns2.example.com: knotc zone-retransfer example.com" },

	/* e autosecondary=no, f g h autoprimary: absent, and how to let it come by itself */
	{ "e f g h: the row that it takes",
		{ .pairs = { PRIMARY(9), { 2, L, ABSENT, PDNS } },
			.transfers = { DENIED(1), DENIED(2) },
			.said = "C zone_refused 2" },
		2, NULL,
		"PowerDNS says so both of a zone that it does not have and of one that it could not transfer yet",
		"192.0.2.1 with ns2.example.com in pdnsutil list-autoprimaries, else pdnsutil add-autoprimary 192.0.2.1 "
		"ns2.example.com" },

	/* i no NS record, j the name has no address */
	{ "i",
		{ .pairs = { PRIMARY(9), { 2, A, .serial = 7, .earlier = 7, PDNS } },
			AN_HOUR,
			.ns_names = { 1, 3 },
			.transfers = { AXFR(1, .serial = 9) },
			.said = "W secondary_behind 2 =3540" },
		2, "no NS record names it, so NOTIFY goes there only where the primary is told to",
		UNKNOWN_ALLOWED,
		"on ns1.example.com: pdnsutil add-meta example.com ALSO-NOTIFY 192.0.2.2" },
	{ "i, but for longer than a refresh takes",
		{ .pairs = { PRIMARY(9), { 2, A, .serial = 7, .earlier = 7 } },
			A_DAY,
			.ns_names = { 1, 3 },
			.said = "C secondary_behind 2 =86400" },
		2, NULL,
		"no NS record names it, so NOTIFY goes there only where the primary is told to; it should have asked by itself "
		"every 2h, so this is more than a lost NOTIFY",
		NULL },
	{ "an NS record names it",
		{ .pairs = { PRIMARY(9), BEHIND(7) },
			AN_HOUR,
			.ns_names = { 1, 2 },
			.said = "W secondary_behind 2 =3540" },
		2, NULL, NULL, NULL },
	{ "j",
		{ .pairs = { PRIMARY(9), { 2, A, .serial = 7, .earlier = 7, PDNS } },
			AN_HOUR,
			.ns_names = { 1, 2 },
			.unresolved = 2,
			.said = "W secondary_behind 2 =3540 by ns_unresolvable; W ns_unresolvable" },
		2, "its NS name has no address in the DNS, so no NOTIFY goes there", NULL,
		"dig ns2.example.com A; dig ns2.example.com AAAA; then add its addresses; then on ns1.example.com: pdns_control "
		"notify example.com" },

	/* k no higher serial */
	{ "k: another SOA at the same serial",
		{ .pairs = { PRIMARY(9), { 2, L, .serial = 9, .fields = 2 } },
			.said = "W soa_differs 2" },
		2, NULL,
		"the zone was changed without a higher serial, or one of them changes it by itself",
		"on ns1.example.com: pdnsutil increase-serial example.com && pdns_control notify example.com" },

	/* l ahead, l2 undefined */
	{ "l",
		{ .pairs = { PRIMARY(9), { 2, L, .serial = 12, .earlier = 12, NSD_ } },
			.transfers = { AXFR(1, .serial = 9) },
			.said = "C secondary_ahead 2 =3" },
		2, NULL,
		"the AXFR of ns1.example.com begins with 9, too, so that is no cache: its serial was set back, or the zone was "
		"changed on ns2.example.com",
		"on ns1.example.com: pdnsutil replace-rrset example.com @ SOA 'ns1.example.com. hostmaster.example.com. 13 7200 "
		"3600 1209600 3600' && pdns_control notify example.com, or on ns2.example.com: nsd-control force_transfer "
		"example.com" },
	{ "l: transfers are refused here",
		{ .pairs = { PRIMARY(9), BEHIND(12) },
			.transfers = { DENIED(1) },
			.said = "C secondary_ahead 2 =3" },
		2, NULL, NULL, NULL },
	{ "l2", { .pairs = { PRIMARY(1), BEHIND(0x80000001) }, .said = "C serial_undefined 2" }, 2,
		NULL, NULL,
		"first pdnsutil replace-rrset example.com @ SOA 'ns1.example.com. hostmaster.example.com. 2147483648 7200 3600 "
		"1209600 3600' && pdns_control notify example.com, and once every other server has that: pdnsutil replace-rrset "
		"example.com @ SOA 'ns1.example.com. hostmaster.example.com. 2147483650 7200 " },

	/* m1 down, m2 m3 no TCP, m4 no UDP */
	{ "m1: the primary is down, and a secondary expires",
		{ .pairs = { { 1, P | L, .outcome = OUTCOME_PORT_CLOSED },
			  { 2, L, .serial = 7, .expire_s = HOUR, BIND } },
			.said = "C server_port_closed 1; C expire_near 2 =3600 by server_port_closed; "
				"W refresh_overdue 2 =1206000 by server_port_closed" },
		2, "the primary ns1.example.com does not answer here, either", NULL,
		"first bring ns1.example.com back; then on ns2.example.com: rndc retransfer example.com" },
	{ "m1: the primary is unreachable, and a secondary has expired",
		{ .pairs = { { 1, P | L, .outcome = OUTCOME_UNREACHABLE },
			  { 2, L, .outcome = OUTCOME_SERVFAIL, .rcode = 2 } },
			.said = "C server_unreachable 1; C zone_servfail 2 by server_unreachable" },
		2, "the primary ns1.example.com does not answer here, either", NULL, NULL },
	{ "m1: one of its addresses is gone, the other serves",
		{ .pairs = { { 1, P, .outcome = OUTCOME_TIMEOUT }, { 4, P, .serial = 7 },
			  { 2, L, .serial = 7, .expire_s = HOUR } },
			.said = "C server_timeout 1; C expire_near 2 =3600; W refresh_overdue 2 =1206000" },
		2, NULL, NULL, NULL },
	{ "m1: a silent primary is no reason never to have heard of the zone",
		{ .pairs = { { 1, P, .outcome = OUTCOME_TIMEOUT }, { 2, L, ABSENT, BIND } },
			.said = "C server_timeout 1; C zone_refused 2" },
		2, NULL, NULL, NULL },
	{ "m1: a secondary that is down can't be asked why",
		{ .pairs = { PRIMARY(9), { 2, L, .outcome = OUTCOME_PORT_CLOSED } },
			.said = "C server_port_closed 2" },
		2, NULL, NULL, "on ns2.example.com: ss -lntup" },
	{ "m2 m3",
		{ .pairs = { { 1, P | L, .serial = 9, .earlier = 9, .tcp_outcome = OUTCOME_TIMEOUT },
			  BEHIND(7) },
			.first_run = true,
			.said = "C tcp_unreachable 1; W secondary_behind 2 by tcp_unreachable" },
		2, "ns1.example.com does not answer by TCP, so nothing can be transferred from it",
		NULL,
		"dig @192.0.2.1 +tcp +norec example.com SOA; then open TCP port 53 on ns1.example.com; then on ns2.example.com: "
		"pdns_control retrieve example.com" },
	{ "m3: TCP breaks in the transfer only",
		{ .pairs = { PRIMARY(9), BEHIND(7) },
			.first_run = true,
			.transfers = { { .server = 1, .outcome = OUTCOME_CONNECTION_BROKEN } },
			.said = "W secondary_behind 2" },
		2, "ns1.example.com does not get a transfer under way by TCP", NULL, NULL },
	{ "m4: the primary's",
		{ .pairs = { { 1, P | L, .serial = 9, .earlier = 9, .udp_outcome = OUTCOME_TIMEOUT,
				     .by_tcp = true },
			  BEHIND(7) },
			.first_run = true,
			.said = "C udp_unreachable 1; W secondary_behind 2 by udp_unreachable" },
		2,
		"ns1.example.com does not answer by UDP, by which secondaries ask for its serial",
		NULL,
		"dig @192.0.2.1 +notcp +norec example.com SOA; then open UDP port 53 on ns1.example.com; then on ns2" },
	{ "m4: the secondary's",
		{ .pairs = { PRIMARY(9),
			  { 2, L, .serial = 7, .earlier = 7, .udp_outcome = OUTCOME_TIMEOUT,
				  .by_tcp = true } },
			.first_run = true,
			.said = "C udp_unreachable 2; W secondary_behind 2 by udp_unreachable" },
		0, NULL, NULL, NULL },

	{ "m4: UDP was lost once, for one of two zones",
		{ .pairs = { PRIMARY(9),
			  { 2, L, .serial = 7, .earlier = 7, .udp_outcome = OUTCOME_TIMEOUT,
				  .by_tcp = true },
			  { 2, L, 1, .serial = 7 }, { 1, P, 1, .serial = 7 } },
			.first_run = true,
			.said = "W secondary_behind 2" },
		2, NULL, NULL, NULL },

	/* n expired */
	{ "n: the primary is silent",
		{ .pairs = { { 1, P | L, .outcome = OUTCOME_TIMEOUT },
			  { 2, L, .outcome = OUTCOME_SERVFAIL, .rcode = 2, .ede_code = 24, NSD_ } },
			.said = "C server_timeout 1; C zone_expired 2 by server_timeout" },
		2, "the primary ns1.example.com does not answer here, either", NULL,
		"first bring ns1.example.com back" },
	{ "n: the primary answers us",
		{ .pairs = { PRIMARY(9),
			  { 2, L, .outcome = OUTCOME_SERVFAIL, .rcode = 2, .ede_code = 24, NSD_ } },
			.transfers = { AXFR(1, .serial = 9) },
			.said = "C zone_expired 2" },
		2, NULL, UNKNOWN_ALLOWED,
		"on ns2.example.com: dig @192.0.2.1 -b 192.0.2.2 example.com AXFR" },

	/* o TSIG */
	{ "o: BADKEY at the primary",
		{ .pairs = { PRIMARY(9), BEHIND(7) },
			.first_run = true,
			.policy = { .has_key = true },
			.transfers = { { .server = 1,
				.outcome = OUTCOME_TSIG_FAILED,
				.rcode = 9,
				.tsig_error = DNS_BADKEY } },
			.said = "W secondary_behind 2 by tsig_failed" },
		2, "ns1.example.com does not transfer with this key (BADKEY: it does not know it)",
		NULL,
		"compare the key's name, algorithm and secret on ns1.example.com (pdnsutil list-tsig-keys), on ns2.example.com "
		"(pdnsutil list-tsig-keys) and in the key file here" },
	{ "o: BADSIG",
		{ .pairs = { PRIMARY(9), BEHIND(7) },
			.first_run = true,
			.transfers = { { .server = 1,
				.outcome = OUTCOME_TSIG_FAILED,
				.tsig_error = 16 } },
			.said = "W secondary_behind 2 by tsig_failed" },
		2, "ns1.example.com does not transfer with this key (BADSIG: the secrets differ)",
		NULL, NULL },
	{ "o: BADTIME",
		{ .pairs = { PRIMARY(9), BEHIND(7) },
			.first_run = true,
			.transfers = { { .server = 1,
				.outcome = OUTCOME_TSIG_FAILED,
				.tsig_error = 18 } },
			.said = "W secondary_behind 2 by tsig_failed" },
		2,
		"ns1.example.com does not transfer with this key (BADTIME: the clocks differ by more than 5 minutes)",
		NULL, NULL },
	{ "o: unsigned",
		{ .pairs = { PRIMARY(9), BEHIND(7) },
			.first_run = true,
			.transfers = { { .server = 1,
				.outcome = OUTCOME_TSIG_FAILED,
				.tsig_error = TSIG_ERROR_UNSIGNED } },
			.said = "W secondary_behind 2 by tsig_failed" },
		2, "ns1.example.com does not transfer with this key (its answer is not signed)",
		NULL, NULL },
	{ "o: signed wrongly",
		{ .pairs = { PRIMARY(9), BEHIND(7) },
			.first_run = true,
			.transfers = { { .server = 1,
				.outcome = OUTCOME_TSIG_FAILED,
				.tsig_error = TSIG_ERROR_BAD_MAC } },
			.said = "W secondary_behind 2 by tsig_failed" },
		2,
		"ns1.example.com does not transfer with this key (its answer's signature is wrong)",
		NULL, NULL },
	{ "o: the secondary lacks the key",
		{ .pairs = { PRIMARY(9),
			  { 2, L, .outcome = OUTCOME_TSIG_FAILED, .tsig_error = DNS_BADKEY, BIND } },
			.policy = { .has_key = true },
			.said = "C tsig_failed 2" },
		2, NULL, NULL,
		"compare the key's name, algorithm and secret on ns2.example.com (the key statements of named.conf) with the key "
		"file here" },
	{ "o: the primary refuses our key already for the SOA",
		{ .pairs = { { 1, P | L, .outcome = OUTCOME_TSIG_FAILED, .tsig_error = DNS_BADKEY },
			  { 2, L, .serial = 7, .expire_s = HOUR } },
			.said = "C tsig_failed 1; C expire_near 2 =3600 by tsig_failed; W refresh_overdue 2 =1206000 by tsig_failed" },
		2, "the primary ns1.example.com does not accept the key", NULL, NULL },

	/* p2 old signatures: the finding says it all. q: pending is no trouble */
	{ "p2",
		{ .pairs = { { 1, P | L, .serial = 7, .signature_left_s = 12 * DAY,
				     .validity_s = 14 * DAY, PDNS },
			  { 2, L, .serial = 7, .signature_left_s = 2 * DAY,
				  .validity_s = 14 * DAY } },
			.said = "W signature_expiring 2 =172800; W signature_stale 2 =864000" },
		2, NULL, NULL,
		"on ns1.example.com: pdnsutil increase-serial example.com && pdns_control notify example.com" },
	{ "q",
		{ .pairs = { PRIMARY(9), BEHIND(7) },
			.seen_before = { { 7, DAY }, { 9, 50 } },
			.said = "O secondary_behind 2 =50" },
		2, NULL, NULL, NULL },

	/* r deleted on the primary */
	{ "r",
		{ .pairs = { { 1, P | L, ABSENT, PDNS }, { 2, L, .serial = 7, KNOT },
			  { 3, L, .outcome = OUTCOME_SERVFAIL, .rcode = 2 } },
			.said = "C zone_refused 1; C zone_servfail 3 by zone_refused; W orphan_zone 2 by zone_refused" },
		3, "the primary ns1.example.com does not serve the zone, either (REFUSED)", NULL,
		"first on ns1.example.com: pdnsutil check-zone example.com; then on ns3.example.com: " },
	{ "r: orphans",
		{ .pairs = { { 1, P | L, ABSENT }, { 2, L, .serial = 7, KNOT } },
			.said = "C zone_refused 1; W orphan_zone 2 by zone_refused" },
		2, NULL, NULL,
		"on ns2.example.com: take example.com out of knot.conf (or the catalog), then knotc reload" },
	{ "r: nobody has it",
		{ .pairs = { { 1, P | L, .outcome = OUTCOME_NO_SOA }, { 2, L, ABSENT } },
			.said = "C zone_refused 2 by no_soa; C no_soa 1" },
		2, "the primary ns1.example.com does not serve the zone, either", NULL, NULL },

	{ "r: the primary is no authority any more",
		{ .pairs = { { 1, P | L, .serial = 9, .outcome = OUTCOME_NOT_AUTHORITATIVE },
			  { 2, L, .outcome = OUTCOME_SERVFAIL, .rcode = 2 } },
			.said = "C zone_servfail 2 by not_authoritative; C not_authoritative 1" },
		2, "the primary ns1.example.com does not serve the zone, either", NULL, NULL },
	{ "r: the primary has lost it itself",
		{ .pairs = { { 1, P | L, .outcome = OUTCOME_SERVFAIL, .rcode = 2, .ede_code = 14,
				     NSD_ },
			  { 2, L, .outcome = OUTCOME_SERVFAIL, .rcode = 2, .ede_code = 24, KNOT } },
			.said = "C zone_expired 2 by zone_not_loaded; C zone_not_loaded 1" },
		2, "the primary ns1.example.com does not serve the zone, either (SERVFAIL)", NULL,
		"first on ns1.example.com: nsd-control zonestatus example.com; then on ns2.example.com: knotc zone-retransfer" },
	{ "r: the primary says something odd",
		{ .pairs = { { 1, P | L, .outcome = OUTCOME_RCODE, .rcode = 4, BIND },
			  { 2, L, .outcome = OUTCOME_SERVFAIL, .rcode = 2 } },
			.said = "C zone_servfail 2 by unexpected_rcode; C unexpected_rcode 1" },
		2, "the primary ns1.example.com does not serve the zone, either (NOTIMP)", NULL,
		NULL },
	{ "an odd answer: what the server's log says of it",
		{ .pairs = { PRIMARY(9), { 2, L, .outcome = OUTCOME_RCODE, .rcode = 4, BIND } },
			.said = "C unexpected_rcode 2" },
		2, NULL, NULL,
		"; then on ns2.example.com: journalctl -u named -S -1h -g example.com" },

	/* s absent on a secondary */
	{ "s BIND: not there",
		{ .pairs = { PRIMARY(9), { 2, L, ABSENT, BIND } },
			.transfers = { AXFR(1, .serial = 9), DENIED(2) },
			.said = "C zone_refused 2" },
		2, "its AXFR is NOTAUTH: the zone is not configured there", NULL,
		"on ns2.example.com: add zone \"example.com\" { type secondary; primaries { 192.0.2.1; }; " },
	{ "s BIND: there, and denied",
		{ .pairs = { PRIMARY(9), { 2, L, ABSENT, BIND } },
			.transfers = { REFUSED(2) },
			.said = "C zone_refused 2" },
		2, NULL,
		"it knows the zone (its AXFR is REFUSED, not NOTAUTH): look at who may query it",
		NULL },
	{ "s NSD: not there",
		{ .pairs = { PRIMARY(9), { 2, L, ABSENT, .ede_code = 20, NSD_ } },
			.transfers = { DENIED(2) },
			.said = "C zone_refused 2" },
		2, "its AXFR is NOTAUTH: the zone is not configured there", NULL,
		"request-xfr: 192.0.2.1 NOKEY" },
	{ "s Knot: it says NOTAUTH for both",
		{ .pairs = { PRIMARY(9), { 2, L, ABSENT, .ede_code = 20, KNOT } },
			.transfers = { DENIED(2) },
			.said = "C zone_refused 2" },
		2, NULL, NULL,
		"add the zone example.com with a master at 192.0.2.1 to knot.conf, then knotc reload" },
	{ "s: who does not say what it is",
		{ .pairs = { PRIMARY(9), { 2, L, ABSENT } },
			.transfers = { DENIED(2) },
			.said = "C zone_refused 2" },
		2, NULL, NULL,
		"then configure example.com on ns2.example.com, or remove its NS record; PowerDNS: pdnsutil list-autoprimaries" },
	{ "s: and nothing can be transferred at all",
		{ .pairs = { { 1, P | L, .serial = 9, .tcp_outcome = OUTCOME_PORT_CLOSED },
			  { 2, L, ABSENT, PDNS } },
			.said = "C tcp_unreachable 1; C zone_refused 2 by tcp_unreachable" },
		2, "ns1.example.com does not answer by TCP, so nothing can be transferred from it",
		"PowerDNS says so both of a zone that it does not have and of one that it could not transfer yet",
		"then open TCP port 53 on ns1.example.com; then dig @192.0.2.2" },

	/* u caches */
	{ "u: the primary's hide what a secondary has already",
		{ .pairs = { PRIMARY(9), { 2, L, .serial = 10, .earlier = 10 } },
			.transfers = { AXFR(1, .serial = 10) },
			.said = "W secondary_ahead 2 =1 by cache_stale; O cache_stale 1" },
		2,
		"ns1.example.com has 10 itself (its AXFR begins with that) and still answers from a cache",
		NULL, "on ns1.example.com: pdns_control purge 'example.com$', or wait" },
	{ "u: the secondary's own",
		{ .pairs = { PRIMARY(9), BEHIND(7) },
			.first_run = true,
			.transfers = { AXFR(1, .serial = 9), AXFR(2, .serial = 9) },
			.said = "W secondary_behind 2 by cache_stale; O cache_stale 2" },
		2, "it has 9 already (its AXFR begins with that) and still answers from a cache",
		NULL, "on ns2.example.com: pdns_control purge 'example.com$'" },
	{ "u: no cache hides anything",
		{ .pairs = { PRIMARY(9), BEHIND(7) },
			.first_run = true,
			.transfers = { AXFR(1, .serial = 9), AXFR(2, .serial = 7) },
			.said = "W secondary_behind 2" },
		2, NULL, UNKNOWN_ALLOWED, NULL },
	{ "u: its own hide a step of the way only",
		{ .pairs = { PRIMARY(9), BEHIND(7) },
			.first_run = true,
			.transfers = { AXFR(1, .serial = 9), AXFR(2, .serial = 8) },
			.said = "W secondary_behind 2; O cache_stale 2" },
		2, NULL, "its AXFR begins with 8, its answers are from a cache; " UNKNOWN_ALLOWED,
		NULL },
	{ "u: a new zone on a secondary",
		{ .pairs = { PRIMARY(9), { 2, L, ABSENT, PDNS } },
			.transfers = { AXFR(2, .serial = 9) },
			.said = "C zone_refused 2 by cache_stale; O cache_stale 2" },
		2,
		"it has the zone already (its AXFR begins with serial 9) and does not show it yet",
		NULL, NULL },
	{ "u: a new zone on the primary",
		{ .pairs = { { 1, P | L, ABSENT, PDNS }, { 2, L, ABSENT } },
			.transfers = { AXFR(1, .serial = 9) },
			.said = "C zone_refused 1 by cache_stale; C zone_refused 2 by zone_refused; O cache_stale 1" },
		1,
		"it has the zone already (its AXFR begins with serial 9) and does not show it yet",
		NULL, NULL },
	{ "u: BIND has no such cache",
		{ .pairs = { PRIMARY(9), { 2, L, ABSENT, BIND } },
			.transfers = { AXFR(2, .serial = 9) },
			.said = "C zone_refused 2" },
		2, NULL,
		"it has the zone (its AXFR begins with serial 9): look at who may query it", NULL },
	{ "u: nor is that why authority is lacking",
		{ .pairs = { PRIMARY(9),
			  { 2, L, .serial = 9, .outcome = OUTCOME_NOT_AUTHORITATIVE, PDNS } },
			.transfers = { AXFR(2, .serial = 9) },
			.said = "C not_authoritative 2" },
		2, NULL, "it has the zone (its AXFR begins with serial 9)", NULL },
	{ "u: one that signs by itself has serials of its own",
		{ .pairs = { PRIMARY(9), { 2, L, .serial = 3, .independent = true } },
			.transfers = { AXFR(2, .serial = 4) },
			.said = "" },
		0, NULL, NULL, NULL },

	/* what else the first message of a transfer shows */
	{ "the primary transfers an older zone than it shows",
		{ .pairs = { PRIMARY(9), BEHIND(7) },
			.first_run = true,
			.transfers = { AXFR(1, .serial = 7) },
			.said = "W secondary_behind 2" },
		2, "ns1.example.com itself transfers serial 7 only, though it answers with 9", NULL,
		NULL },
	{ "rubbish",
		{ .pairs = { PRIMARY(9), BEHIND(7) },
			.first_run = true,
			.transfers = { { .server = 1, .outcome = OUTCOME_MALFORMED } },
			.said = "W secondary_behind 2" },
		2, "ns1.example.com answers a transfer with something that is none", NULL, NULL },
	{ "SERVFAIL",
		{ .pairs = { PRIMARY(9), BEHIND(7) },
			.first_run = true,
			.transfers = { { .server = 1, .outcome = OUTCOME_SERVFAIL, .rcode = 2 } },
			.said = "W secondary_behind 2" },
		2, "ns1.example.com answers a transfer with SERVFAIL", NULL, NULL },
	{ "nothing",
		{ .pairs = { PRIMARY(9), BEHIND(7) },
			.first_run = true,
			.transfers = { { .server = 1, .outcome = OUTCOME_NO_SOA } },
			.said = "W secondary_behind 2" },
		2, "ns1.example.com answers a transfer with nothing", NULL, NULL },
	{ "by TCP it says more",
		{ .pairs = { PRIMARY(9), BEHIND(7) },
			.first_run = true,
			.transfers = { { .server = 2,
				.outcome = OUTCOME_ANSWERED,
				.soa = 1,
				.serial = 9 } },
			.said = "W secondary_behind 2" },
		2, NULL, "by TCP it answers with serial 9", NULL },
	{ "by TCP it does not say less",
		{ .pairs = { PRIMARY(9), BEHIND(7) },
			.first_run = true,
			.transfers = { { .server = 2,
				.outcome = OUTCOME_ANSWERED,
				.soa = 1,
				.serial = 7 } },
			.said = "W secondary_behind 2" },
		2, NULL, NULL, NULL },
	{ "who is only the newest is nobody's primary",
		{ .pairs = { { 3, L, .serial = 9, .earlier = 9, .tcp_outcome = OUTCOME_TIMEOUT },
			  BEHIND(7) },
			.first_run = true,
			.said = "C tcp_unreachable 3; W secondary_behind 2" },
		2, NULL, NULL, "on ns2.example.com: pdns_control retrieve example.com" },
};

static const struct finding *finding_about(const struct world *world, int host)
{
	for (size_t i = 0; i < world->verdict.findings.count; i++) {
		const struct finding *finding = &world->verdict.findings.items[i];

		if (finding->server != PLAN_NONE &&
			story_host(&world->plan.servers[finding->server]) == host)
			return finding;
	}
	return NULL;
}

static void tell_letter(const struct letter *letter)
{
	struct world world;
	struct text said = { 0 };
	const struct finding *finding;

	story_judge(&world, &letter->story);
	story_findings(&world, &said);
	is_string(text_string(&said), letter->story.said, letter->name);
	finding = finding_about(&world, letter->host);
	if (letter->host && finding) {
		is_string(finding->why, letter->why, "  why");
		is_string(finding->evidence, letter->evidence, "  evidence");
		if (letter->advice && !ok(strstr(finding->advice, letter->advice), "  advice"))
			printf("#      got: %s\n# expected: ... %s ...\n", finding->advice,
				letter->advice);
	}
	text_free(&said);
	story_free(&world);
}

/* Diagnosis never raises a state: without what it asked, everything is at least as bad. */
static void never_raises(void)
{
	unsigned raised = 0;

	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++) {
		struct story story = letters[i].story;
		struct world with, without;

		story_judge(&with, &story);
		memset(story.transfers, 0, sizeof(story.transfers));
		for (size_t pair = 0; pair < STORY_PAIRS; pair++)
			story.pairs[pair].software = NULL;
		story_judge(&without, &story);
		raised += severity_rank(with.verdict.severity) >
			severity_rank(without.verdict.severity);
		story_free(&with);
		story_free(&without);
	}
	is_integer(raised, 0, "what was asked for the why raises no state");
}

int main(void)
{
	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++)
		tell_letter(&letters[i]);
	never_raises();
	return done_testing();
}
