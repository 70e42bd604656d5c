/* check_pdns_replication: its options, and the road that it walks. */
#include "config.h"

#include "common/checks/pdns_replication.h"

#define ROW(field) .offset = offsetof(struct pdns_replication_values, field)

/* clang-format off */
static const struct option_row rows[] = {
	COMMON_OPTION_ROWS_FOR("The primary, where its API listens at http://HOST:8081; --url says any other place.",
		0, NULL, "TCP port of the API of --hostname. Default: 8081.",
		"5m", "1h", "the time that a change waits for its NOTIFY or transfer"),
	{ .name = "url", .kind = OPTION_LIST, ROW(urls), .argument = "NAME=URL", .example = "--url=ns1.example.com=http://192.0.2.1:8081",
		.heading = "PowerDNS", .help = "A server, by the name that its zones' NS records have for it, and its API: http://, https:// or unix:/SOCKET. "
			"The first is the primary. Repeatable." },
	{ .name = "api-key-file", .kind = OPTION_TEXT, ROW(api_access.key_file), .argument = "FILE", .example = "--api-key-file=/etc/icinga2/pdns-api.key",
		.help = "File with the api-key of all servers, or with lines \"NAME KEY\"; not readable by others." },
	{ .name = "tls-ca", .kind = OPTION_TEXT, ROW(api_access.tls_ca), .argument = "FILE", .example = "--tls-ca=/etc/ssl/dns-ca.pem",
		.help = "Certificates of the CAs to be trusted with https://. Default: the system's." },
	{ .name = "address", .kind = OPTION_LIST, ROW(addresses), .argument = "NAME=ADDRESS[,ADDRESS][@PORT]",
		.example = "--address=ns2.example.com=192.0.2.2", .help = "Where the DNS service of a server is, if neither local-address nor its name tells. Repeatable." },
	{ .letter = 'z', .name = "zone", .kind = OPTION_LIST, ROW(zones), .argument = "ZONE", .heading = "What to judge", .example = "--zone=example.com",
		.help = "Judge this zone only; repeatable. Default: all zones." },
	{ .name = "catalog", .kind = OPTION_TEXT, ROW(catalog), .argument = "ZONE", .example = "--catalog=catalog.example",
		.help = "Judge this catalog zone and its members. Versions before 4.9 do not tell of members: then all zones." },
	{ .name = "new-zone-grace", .kind = OPTION_DURATION, ROW(new_zone_grace), .argument = "DURATION", .preset = "10m", .example = "--new-zone-grace=10m",
		.help = "A zone that earlier runs did not see on a secondary, and that has no contents there yet, is a WARNING only for so long, if nothing bars its transfer." },
	{ .name = "inspect", .kind = OPTION_LIST, ROW(inspect), .argument = "ZONE", .example = "--inspect=example.com",
		.help = "Ask for this zone's metadata, NS set and SOA on all servers, even if nothing seems wrong with it. Repeatable." },
	{ .name = NULL },
};
/* clang-format on */

static const struct check check = {
	.options = {
		.program = "check_pdns_replication",
		.version = PACKAGE_VERSION,
		.purpose = "check that PowerDNS servers are configured so that replication works",
		.description =
			"Asks PowerDNS servers by their HTTP API for settings and zones, and says what keeps changes from arriving: who sends no NOTIFY, who refuses it, who may not transfer, "
			"which zone nobody provisions, which one was never transferred, and what to type in the words of the server's version.\n\n"
			"Where all is well each server is asked twice. Metadata, NS sets, autoprimaries and the log are asked for only where zones are in trouble, or the lists do not tell enough, and for at most eight zones on each server: if there are more, runs take turns, and inspection_partial says so. A primary on which SOA-EDIT makes other serials is asked for its list once more, with the serials that it serves. NS names of such zones that no --url has are looked up by the system's resolver: they may be a customer's own names for the same addresses.\n\n"
			"State between runs tells since when the primary has a serial that others lack: a change on its way is OK until --warning. Who is behind when no earlier run is known is a WARNING. "
			"It also tells since when a secondary has had a zone without contents: for --new-zone-grace that is a WARNING only, unless something bars the transfer or the first run found it so. "
			"The state is that of the first server named.\n\n"
			"A default installation, native replication and a secondary that has all its zones without autosecondary are OK. "
			"Works with PowerDNS Authoritative Server 4.1 to 5.1. The API must be on (api=yes, api-key=...) and let this host in (webserver-allow-from).",
		.examples =
			"check_pdns_replication --url=ns1.example.com=http://192.0.2.1:8081 --url=ns2.example.com=http://192.0.2.2:8081 --api-key-file=/etc/icinga2/pdns-api.key\n"
			"\tDo all zones of the first server replicate to the second?\n"
			"check_pdns_replication -H 192.0.2.1 --api-key-file=/etc/icinga2/pdns-api.key -z example.com\n"
			"\tIs this zone of one server configured well?\n"
			"check_pdns_replication --url=ns1.example.com=unix:/run/pdns/api.sock --catalog=catalog.example\n"
			"\tBy the API's socket (PowerDNS 5.0), a catalog zone alone.\n",
		.see_also = "check_dns_replication(1), pdns_server(1), pdns_control(1), pdnsutil(1)",
		.section = 1,
		.rows = rows,
	},
	.title = "PDNS REPLICATION",
	.values_size = sizeof(struct pdns_replication_values),
	.has_pdns = true,
	.prepare = pdns_replication_prepare,
	.observe = pdns_replication_observe,
	.show_plan = pdns_replication_show_plan,
	.judge = pdns_replication_judge,
	.remember = pdns_replication_remember,
};

int main(int argc, char **argv)
{
	return check_main(&check, argc, argv);
}
