/* check_dns_replication: its options, and the road that it walks. */
#include "config.h"

#include "common/checks/dns_replication.h"

#define ROW(field) .offset = offsetof(struct dns_replication_values, field)

/* clang-format off */
static const struct option_row rows[] = {
	{ .letter = 'z', .name = "zone", .alias = "domain", .alias_letter = 'D', .kind = OPTION_LIST, ROW(zone), .argument = "ZONE",
		.heading = "Zones", .example = "--zone=example.com", .help = "Zone to check; also as UTF-8. Repeatable." },
	{ .letter = 'f', .name = "zones-file", .kind = OPTION_TEXT, ROW(zones_file), .argument = "FILE", .example = "--zones-file=zones.txt",
		.help = "Zones to check, a line each: ZONE [PRIMARY[@PORT]]; # begins a comment; - is standard input. A zone without a primary of its own has that of --hostname." },
	{ .name = "zones-from", .kind = OPTION_LIST, ROW(zones_from), .argument = "SOURCE", .example = "--zones-from=catalog:catalog.example",
		.help = "Zones to check, as a server lists them: catalog:ZONE are the members of a catalog zone (RFC 9432), "
		"transferred from --hostname; bind:URL those that BIND serves, by its statistics channel (JSON), e.g. bind:http://192.0.2.1:8053; "
		"mysql those of the first --mysql's database, which should be the primary's; pdns those of the first --pdns-api. Repeatable." },
	{ .name = "exclude", .kind = OPTION_LIST, ROW(exclude), .argument = "GLOB", .example = "--exclude='*.example.net'",
		.help = "Leave out zones whose names match: * is any text, dots too, ? one byte, [a-z] a range. Repeatable." },
	{ .name = "shard", .kind = OPTION_TEXT, ROW(shard), .argument = "I/N", .example = "--shard=1/4",
		.help = "Check only this slice of the zones, the I-th of N; a zone stays in its slice when others come or go." },
	{ .name = "new-zone-grace", .kind = OPTION_DURATION, ROW(new_zone_grace), .argument = "DURATION", .preset = "10m", .example = "--new-zone-grace=10m",
		.help = "For so long a zone that is new in a list may be absent on secondaries: that is a WARNING only. Not for standard input." },
	{ .name = "forget", .kind = OPTION_DURATION, ROW(forget), .argument = "DURATION", .preset = "7d", .example = "--forget=7d",
		.help = "For so long zones that vanished from a list are asked for: who still serves them is an orphan_zone. Not for standard input." },
	COMMON_OPTION_ROWS("5m", "1h", "a lag (the age of the oldest change that a server lacks)"),
	{ .letter = 'a', .name = "add-server", .kind = OPTION_LIST, ROW(add_server), .argument = "NAME[=ADDRESS][@PORT]",
		.heading = "Servers", .example = "--add-server=ns4.example.net=192.0.2.4@53",
		.help = "Ask this server, too, for every zone of the run, whether an NS record names it or not. Repeatable." },
	{ .name = "exclude-server", .kind = OPTION_LIST, ROW(exclude_server), .argument = "NAME",
		.example = "--exclude-server=ns9.example.com", .help = "Leave out this server (name or address). Repeatable." },
	{ .name = "mysql", .kind = OPTION_LIST, ROW(mysql), .argument = "NAME=OPTION-FILE[:GROUP]", .example = "--mysql=ns2.example.com=/etc/icinga2/ns2.cnf",
		.help = "Ask the MySQL or MariaDB that the PowerDNS of the server NAME reads, too, by check_mysql_replication: its replication, and the serials that it has. "
		"NAME is as its NS record or --add-server has it, or its address; where it is no server's, source_unmatched is said. The primary's first. Repeatable." },
	{ .name = "pdns-api", .kind = OPTION_LIST, ROW(pdns_api), .argument = "NAME=URL", .example = "--pdns-api=ns1.example.com=http://192.0.2.1:8081",
		.help = "Where something is wrong, ask the PowerDNS of the server NAME why, by its API and check_pdns_replication: for its settings, and about the zones in trouble. "
		"It names causes and never makes a state worse. NAME is as its NS record or --add-server has it, or its address; where it is no server's, source_unmatched is said. Repeatable." },
	{ .name = "api-key-file", .kind = OPTION_TEXT, ROW(api_access.key_file), .argument = "FILE", .example = "--api-key-file=/etc/icinga2/pdns-api.key",
		.help = "File with the api-key of all these servers, or with lines \"NAME KEY\"; not readable by others." },
	{ .name = "tls-ca", .kind = OPTION_TEXT, ROW(api_access.tls_ca), .argument = "FILE", .example = "--tls-ca=/etc/ssl/dns-ca.pem",
		.help = "Certificates of the CAs to be trusted with https:// of --pdns-api. Default: the system's." },
	{ .letter = 'n', .name = "no-ns", .kind = OPTION_FLAG, ROW(no_ns),
		.help = "Ask no NS question at all: only the servers of -H and -a." },
	{ .letter = 'N', .name = "expect-ns", .kind = OPTION_LIST, ROW(expect_ns), .argument = "NAMES",
		.example = "--expect-ns=ns1.example.com,ns2.example.com", .help = "Warn where the zone's NS set is another one." },
	{ .name = "compare-ns", .kind = OPTION_FLAG, ROW(compare_ns),
		.help = "Compare the NS sets of all servers, also with many zones (with one zone that is always done)." },
	{ .name = "address", .kind = OPTION_LIST, ROW(address), .argument = "NAME=ADDRESS[,ADDRESS][@PORT]",
		.example = "--address=ns2.example.com=192.0.2.2,2001:db8::2",
		.help = "What a name means here (NAT, split horizon, labs). Repeatable." },
	{ .letter = 's', .name = "resolver", .kind = OPTION_TEXT, ROW(resolver), .argument = "ADDRESS[@PORT]",
		.example = "--resolver=192.0.2.53", .help = "Resolver for names that the primary does not know. Default: the system's." },
	{ .name = "serials-independent", .kind = OPTION_LIST, ROW(serials_independent), .argument = "NAME",
		.example = "--serials-independent=ns5.example.com",
		.help = "This server signs by itself and has serials of its own: alive and authoritative is enough. Repeatable." },
	{ .name = "tcp", .kind = OPTION_FLAG, ROW(tcp), .heading = "Questions", .help = "Ask by TCP only." },
	{ .name = "no-tcp-probe", .kind = OPTION_FLAG, ROW(no_tcp_probe),
		.help = "Do not probe TCP beside UDP (one connection per server and run)." },
	{ .letter = 'r', .name = "retries", .kind = OPTION_NUMBER, ROW(retries), .argument = "N", .preset = "2", .most = 20,
		.example = "--retries=2", .help = "How often an unanswered UDP question is asked again." },
	{ .name = "rate", .kind = OPTION_NUMBER, ROW(rate), .argument = "QPS", .least = 1, .most = 10000000, .example = "--rate=200",
		.help = "Questions per second and server at most. Default: 1000; no limit for servers on loopback." },
	{ .name = "wait", .kind = OPTION_DURATION, ROW(wait), .argument = "DURATION", .example = "--wait=60s",
		.help = "Ask again, twice a second, until all servers serve what the primary does, at most for so long; then judge. Raises --timeout to that + 2s." },
	{ .name = "diagnose", .kind = OPTION_FLAG, ROW(diagnose), .on_by_default = true,
		.help = "Ask further questions about servers in trouble, to show the why. On by default." },
	{ .name = "no-diagnose", .kind = OPTION_NOT, ROW(diagnose), .help = "Ask nothing further." },
	{ .name = "serial-warning", .kind = OPTION_RANGE, ROW(serial_warning), .argument = "RANGE", .heading = "Further thresholds",
		.example = "--serial-warning=5", .help = "WARNING where a server is behind by a number of serials outside of this range." },
	{ .name = "serial-critical", .kind = OPTION_RANGE, ROW(serial_critical), .argument = "RANGE", .example = "--serial-critical=20",
		.help = "CRITICAL where it is." },
	{ .name = "expire-warning", .kind = OPTION_TEXT, ROW(expire_warning), .argument = "DURATION|PERCENT", .preset = "50%",
		.example = "--expire-warning=50%", .help = "WARNING where so little is left until a server stops serving the zone (EDNS EXPIRE); "
		"a share is that of the SOA's expire." },
	{ .name = "expire-critical", .kind = OPTION_TEXT, ROW(expire_critical), .argument = "DURATION|PERCENT", .preset = "25%",
		.example = "--expire-critical=25%", .help = "CRITICAL where so little is left." },
	{ .name = "signature-warning", .kind = OPTION_DURATION, ROW(signature_warning), .argument = "DURATION",
		.example = "--signature-warning=3d", .help = "WARNING where the SOA's signature is valid for no longer. "
		"Default: 3d, or a quarter of its validity if that is less." },
	{ .name = "signature-critical", .kind = OPTION_DURATION, ROW(signature_critical), .argument = "DURATION",
		.example = "--signature-critical=1d", .help = "CRITICAL where it is valid for no longer. "
		"Default: 1d, or a tenth of its validity if that is less." },
	{ .name = "quorum", .kind = OPTION_NUMBER, ROW(quorum), .argument = "N", .least = 1, .most = 1000, .example = "--quorum=2",
		.help = "CRITICAL only where fewer than N servers of a zone are good; else what is wrong with servers is a WARNING." },
	{ .name = NULL },
};
/* clang-format on */

static const struct check check = {
	.options = {
		.program = "check_dns_replication",
		.version = PACKAGE_VERSION,
		.purpose = "check whether all servers of a zone serve what the primary serves",
		.description =
			"Asks the primary and every server that a zone's NS records name for the SOA record, compares the serials (RFC 1982) and says who is "
			"behind, for how long, what is visible of the cause, and what to type next.\n\n"
			"With --hostname the primary is the reference. Without it the server that the SOA's MNAME names is, if it answers and nothing is "
			"newer; else the newest serial is. A difference is confirmed by a second question, at least a second later. A lag is the age of the "
			"oldest change that a server lacks: it counts from the first run that saw that change, so busy zones do not alarm while their servers keep up.",
		.examples =
			"check_dns_replication --hostname=192.0.2.1 --zone=example.com\n"
			"\tCompare every NS-listed server of example.com with the primary 192.0.2.1.\n"
			"check_dns_replication -z example.com -a ns4.example.net=192.0.2.4 -w 2m -c 15m\n"
			"\tThe same without a named primary, with a server that no NS record names.\n"
			"check_dns_replication -H ns1.example.com -z example.com -o json\n"
			"\tEverything that is known, for programs.\n"
			"check_dns_replication -H 192.0.2.1 --zones-from=catalog:catalog.example --write=html:dns.html\n"
			"\tEvery member of a catalog zone in one run, and a page of the worst.\n"
			"check_dns_replication -H 192.0.2.1 -f zones.txt --shard=1/4 --wait=60s\n"
			"\tA quarter of the zones in a file, as soon as all servers have them, after a minute at most.\n",
		.files = "/var/lib/dns-replication-plugins/check_dns_replication.tdb\n"
			 "\tWhich serial was first seen when, and how servers came out (--state-dir).\n",
		.see_also = "axfrd(8), dig(1)",
		.section = 1,
		.rows = rows,
	},
	.title = "DNS REPLICATION",
	.values_size = sizeof(struct dns_replication_values),
	.least_timeout_s = dns_replication_least_timeout_s,
	.prepare = dns_replication_prepare,
	.observe = dns_replication_observe,
	.show_plan = dns_replication_show_plan,
	.judge = dns_replication_judge,
	.remember = dns_replication_remember,
};

int main(int argc, char **argv)
{
	return check_main(&check, argc, argv);
}
