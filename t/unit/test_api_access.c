/* Who may transfer, by the APIs of both: addresses of both families, keys, metadata of the zone. */
#include "t/unit/api_letter.h"

#define BIND_IS_BEHIND .pairs = { PRIMARY(9), { 2, L, .serial = 7, .earlier = 7, BIND } }, AN_HOUR
#define LETS_NOBODY_IN                                                                             \
	{                                                                                          \
		.host = 1, .settings = { SET(PRIMARY, "yes"), SET(ALLOW_AXFR_IPS, "") },           \
		.zones = MASTER(9), .detail = {                                                    \
			.is_asked = true                                                           \
		}                                                                                  \
	}
#define NOBODY_IS_LET_IN                                                                                            \
	"ns1.example.com denies it the transfer: 192.0.2.2 is in neither allow-axfr-ips= nor ALLOW-AXFR-FROM, and " \
	"there is no TSIG-ALLOW-AXFR"

static const struct api_letter letters[] = {
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
		{ BIND_IS_BEHIND, .said = "W secondary_behind 2 =3540 by axfr_denied" }, 2,
		NOBODY_IS_LET_IN, NULL, "then on ns2.example.com: rndc retransfer example.com",
		{ LETS_NOBODY_IN } },
	{ "c: of BIND, whose API was named and does not answer",
		{ BIND_IS_BEHIND,
			.said = "W secondary_behind 2 =3540 by axfr_denied; U api_unreachable 2@-" },
		2, NOBODY_IS_LET_IN, NULL, "then on ns2.example.com: rndc retransfer example.com",
		{ LETS_NOBODY_IN, { .host = 2, .outcome = PDNS_TIMEOUT } } },
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
	{ "c: a log that is about others is no evidence",
		{ STALE, .said = "W secondary_behind 2 =3540 by axfr_denied" }, 2,
		"ns1.example.com denies it the transfer: disable-axfr=yes", NULL,
		"on ns1.example.com: sed -i '$ a disable-axfr=no' /etc/powerdns/pdns.conf && systemctl restart pdns; then on "
		"ns2.example.com: pdns_control retrieve example.com",
		{ { .host = 1,
			.settings = { SET(DISABLE_AXFR, "yes") },
			.zones = MASTER(9),
			.log = "AXFR-out zone 'example.com', client '192.0.2.77', failed: client may not request AXFR" } } },
};

int main(void)
{
	api_letter_all(letters, sizeof(letters) / sizeof(letters[0]));
	return done_testing();
}
