/* check_zone_transfer: its options, and the road that it walks. */
#include "config.h"

#include "common/checks/zone_transfer.h"

#define ROW(field) .offset = offsetof(struct zone_transfer_values, field)

/* clang-format off */
static const struct option_row rows[] = {
	{ .letter = 'z', .name = "zone", .alias = "domain", .alias_letter = 'D', .kind = OPTION_TEXT, ROW(zone), .argument = "ZONE",
		.heading = "What to transfer", .example = "--zone=example.com", .help = "The zone; also as UTF-8." },
	{ .name = "ixfr", .kind = OPTION_NUMBER, ROW(ixfr), .argument = "SERIAL", .most = UINT32_MAX, .example = "--ixfr=2026112201",
		.help = "Ask for the differences since this serial (IXFR) instead of the whole zone." },
	{ .name = "expect", .kind = OPTION_CHOICE, ROW(expect), .argument = "OUTCOME", .preset = "allowed", .choices = transfer_expectations,
		.example = "--expect=refused", .help = "allowed: the transfer must succeed. refused: it must be refused (REFUSED or NOTAUTH); "
		"silence, a closed port or a broken connection proves nothing and is UNKNOWN." },
	{ .name = "min-records", .kind = OPTION_NUMBER, ROW(min_records), .argument = "N", .most = UINT32_MAX, .example = "--min-records=100",
		.help = "CRITICAL where the zone holds fewer records." },
	{ .name = "tls", .kind = OPTION_FLAG, ROW(tls), .heading = "Transfers over TLS (RFC 9103)",
		.help = "Over TLS 1.3, with a certificate that must be good for the server's name (that of --hostname), or for its address where it has no name." },
	{ .name = "tls-ca", .kind = OPTION_TEXT, ROW(tls_ca), .argument = "FILE", .example = "--tls-ca=/etc/ssl/dns-ca.pem",
		.help = "Trust these certificates (PEM) only. Default: the system's." },
	{ .name = "tls-hostname", .kind = OPTION_TEXT, ROW(tls_hostname), .argument = "NAME", .example = "--tls-hostname=ns1.example.com",
		.help = "The name that the certificate must have. Default: that of --hostname, or its address." },
	{ .name = "compare", .kind = OPTION_LIST, ROW(compare), .argument = "HOST[@PORT]", .heading = "What the zone holds", .example = "--compare=192.0.2.2@5300",
		.help = "Repeatable. The zone must hold the same there as on --hostname's server, whatever the order and the letters' case of names; "
		"every address of a name is compared." },
	{ .name = "ignore", .kind = OPTION_TEXT, ROW(ignore), .argument = "TYPES", .example = "--ignore=RRSIG,NSEC",
		.help = "Types of records that may differ, e.g. RRSIG,NSEC,NSEC3,DNSKEY where every server signs by itself." },
	{ .name = "with-ttl", .kind = OPTION_FLAG, ROW(with_ttl), .help = "TTLs must be equal, too." },
	{ .name = "diff", .kind = OPTION_TEXT, ROW(diff), .argument = "FILE", .example = "--diff=/tmp/example.com.diff",
		.help = "Write all records that differ into this file, as lines of a master file behind '- ' (only on --hostname's server) or '+ ' (only on the other)." },
	{ .name = "zonemd", .kind = OPTION_FLAG, ROW(zonemd),
		.help = "The zone must fit the digest that it carries of itself (ZONEMD, RFC 8976: scheme SIMPLE, SHA-384 or SHA-512)." },
	COMMON_OPTION_ROWS_FOR("The server to transfer from, name or address; every address of a name is asked.",
		0, NULL, "Port of every server that has none of its own. Default: 53, with --tls 853.",
		NULL, NULL, "the transfer's duration"),
	{ .name = NULL },
};
/* clang-format on */

static const struct check check = {
	.options = {
		.program = "check_zone_transfer",
		.version = PACKAGE_VERSION,
		.purpose = "check whether a zone can be transferred by those who may, and not by others",
		.description =
			"Asks the server for the zone by AXFR, or for its differences by IXFR, as a secondary does, and trusts nothing of what comes: every message, record and "
			"signature is checked (RFC 5936, RFC 1995, RFC 8945).\n\n"
			"With --expect=refused it proves that strangers are refused: run it from an address (--source) that may not transfer. "
			"What a refusal means depends on the server: BIND and NSD answer REFUSED where the transfer is denied and NOTAUTH where they do not serve the zone; "
			"PowerDNS and Knot answer NOTAUTH for both. So a server that refuses is asked for the SOA, too.\n\n"
			"With --compare it proves that servers with the same serial hold the same records, which serials alone never prove: whoever edits a zone without a new serial "
			"leaves its secondaries as they are. All servers are read at once and in constant memory; where they differ the zone is read again for the records in question. "
			"A zone that changed meanwhile is compared again.",
		.examples =
			"check_zone_transfer --hostname=192.0.2.1 --zone=example.com\n"
			"\tCan this host transfer the zone from 192.0.2.1?\n"
			"check_zone_transfer -H 192.0.2.1 -z example.com -k transfer.key --min-records=100 -w 2s -c 10s\n"
			"\tSigned, with at least 100 records, within 2 or 10 seconds.\n"
			"check_zone_transfer -H 192.0.2.1 -z example.com --expect=refused --source=198.51.100.7\n"
			"\tIs this address refused?\n"
			"check_zone_transfer -H 192.0.2.1 -z example.com --compare=192.0.2.2 --compare=192.0.2.3 --diff=/tmp/example.com.diff\n"
			"\tDo all three hold the same? The records that differ go into the file.\n"
			"check_zone_transfer -H 192.0.2.2 -z example.com --zonemd\n"
			"\tDoes the zone there fit its own digest?\n",
		.see_also = "check_dns_replication(1), axfrd(8), dig(1)",
		.section = 1,
		.rows = rows,
	},
	.title = "ZONE TRANSFER",
	.values_size = sizeof(struct zone_transfer_values),
	.prepare = zone_transfer_prepare,
	.observe = zone_transfer_observe,
	.show_plan = zone_transfer_show_plan,
	.judge = zone_transfer_judge,
};

int main(int argc, char **argv)
{
	return check_main(&check, argc, argv);
}
