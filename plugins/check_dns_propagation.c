/* check_dns_propagation: its options, and the road that it walks. */
#include "config.h"

#include "common/checks/dns_propagation.h"

#define ROW(field) .offset = offsetof(struct dns_propagation_values, field)

/* clang-format off */
static const struct option_row rows[] = {
	{ .letter = 'z', .name = "zone", .alias = "domain", .alias_letter = 'D', .kind = OPTION_TEXT, ROW(zone), .argument = "ZONE",
		.heading = "What to change", .example = "--zone=canary.example.com",
		.help = "The zone; also as UTF-8. With --listen alone one of its own, that nobody else serves." },
	{ .letter = 'S', .name = "secondary", .kind = OPTION_LIST, ROW(secondaries), .argument = "NAME[=ADDRESS][@PORT]",
		.example = "--secondary=ns2.example.com=192.0.2.2",
		.help = "A server that has to serve the change: a name, an address, or both. Further addresses behind commas (NAME=ADDRESS,ADDRESS) are those "
			"that its questions may come from, too. Repeatable." },
	{ .name = "listen", .kind = OPTION_TEXT, ROW(listen), .argument = "ADDRESS[@PORT]", .example = "--listen=192.0.2.10",
		.help = "Be the zone's hidden primary on this address (port 53) for the length of the run; the secondaries are configured for it. "
			"With --change: be one more secondary, to see when the primary's own NOTIFY comes." },
	{ .name = "change", .kind = OPTION_CHOICE, ROW(change), .argument = "WAY", .choices = change_ways, .example = "--change=update",
		.help = "Replace the TXT record _replication-canary of the zone on the primary (--hostname): by update (RFC 2136; the key of -k then signs that alone), "
			"or by pdns (the API of PowerDNS; primary or native)." },
	{ .name = "pdns-api", .kind = OPTION_TEXT, ROW(pdns_api), .argument = "NAME=URL", .example = "--pdns-api=ns1.example.com=http://192.0.2.1:8081",
		.help = "With --change=pdns: the primary, by the name that its key has in --api-key-file, and its API. Default: http://HOST:8081 of --hostname." },
	{ .name = "api-key-file", .kind = OPTION_TEXT, ROW(api_access.key_file), .argument = "FILE", .example = "--api-key-file=/etc/icinga2/pdns-api.key",
		.help = "File with the api-key of that server, or with lines \"NAME KEY\"; not readable by others." },
	{ .name = "tls-ca", .kind = OPTION_TEXT, ROW(api_access.tls_ca), .argument = "FILE", .example = "--tls-ca=/etc/ssl/dns-ca.pem",
		.help = "Certificates of the CAs to be trusted with https:// of --pdns-api. Default: the system's." },
	{ .name = "cleanup", .kind = OPTION_FLAG, ROW(cleanup), .help = "With --change: remove that record, and nothing else." },
	{ .name = "ixfr", .kind = OPTION_FLAG, ROW(ixfr), .help = "Differences (IXFR) are expected: whoever takes the whole zone is named." },
	{ .name = "axfr", .kind = OPTION_FLAG, ROW(axfr), .help = "Offer the whole zone only, also to those who ask for differences." },
	COMMON_OPTION_ROWS_FOR("With --change: the primary, name or address.",
		0, "53", "Port of every server that has none of its own.",
		"5s", "8s", "the time until a server serves the change"),
	{ .name = NULL },
};
/* clang-format on */

static const struct check check = {
	.options = {
		.program = "check_dns_propagation",
		.version = PACKAGE_VERSION,
		.purpose = "make a change now, and measure how long every secondary takes to serve it",
		.description =
			"Passive checks see a broken path only when the next change is lost. This one makes a harmless change on purpose and follows it to every secondary: NOTIFY, "
			"question for the SOA, transfer, publication. Where it stops is said, with what to do on that server.\n\n"
			"Servers are asked by UDP; one that truncates its answers, or says nothing by UDP, is asked by TCP.\n\n"
			"With --listen it is itself the primary of a canary zone, for some seconds, and sees each step to the microsecond. The zone's serial is the time; the zone "
			"lives six weeks without a run. The secondaries need it once in their configuration, with the --listen address as its primary (contrib/canary).\n\n"
			"With --change it replaces one TXT record of a real zone on its real primary, _replication-canary, and asks every server until it serves the new one. "
			"Nothing else is touched; the record stays, and --cleanup removes it.",
		.examples =
			"check_dns_propagation --zone=canary.example.com --listen=192.0.2.10 --secondary=ns2.example.com --secondary=ns3.example.com\n"
			"\tBe the hidden primary on 192.0.2.10: how long do ns2 and ns3 take?\n"
			"check_dns_propagation -z canary.example.com --listen=192.0.2.10 -S ns2.example.com=192.0.2.2 -k canary.key --ixfr\n"
			"\tThe same signed, and by differences.\n"
			"check_dns_propagation -z example.com --change=update -H 192.0.2.1 -k update.key -S 192.0.2.2 -S 192.0.2.3\n"
			"\tChange the real zone by RFC 2136.\n"
			"check_dns_propagation -z example.com --change=pdns -H 192.0.2.1 --api-key-file=/etc/icinga2/pdns-api.key -S 192.0.2.2 -S 192.0.2.3\n"
			"\tChange it by PowerDNS's API.\n",
		.see_also = "check_dns_replication(1), axfrd(8), dig(1)",
		.section = 1,
		.rows = rows,
	},
	.title = "DNS PROPAGATION",
	.values_size = sizeof(struct dns_propagation_values),
	.has_steps = true,
	.prepare = dns_propagation_prepare,
	.observe = dns_propagation_observe,
	.show_plan = dns_propagation_show_plan,
	.judge = dns_propagation_judge,
};

int main(int argc, char **argv)
{
	return check_main(&check, argc, argv);
}
