/*
 * The why, as far as an outsider can know it: one story for each failure of replication that is
 * known, by its letter (HACKING.md, "Failures and their letters"). What looks alike from outside
 * must be said alike.
 */
#include "t/unit/letter.h"

static const struct letter letters[] = {
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
};

int main(void)
{
	return letter_all(letters, sizeof(letters) / sizeof(letters[0]));
}
