/* What to type, by software and version; what is pasted into a shell must stay one word. */
#include "common/dns/name.h"
#include "common/judge/commands.h"
#include "t/unit/tap.h"

static struct server server_at(const char *address, const char *name)
{
	struct server server = { .name = name, .display = name, .named = name != NULL };

	address_from_text(address, &server.address);
	return server;
}

static void tell(const char *zone, struct command command, const char *primary,
	const char *secondary, const char *expected)
{
	struct fault fault = { { 0 } };
	uint8_t name[NAME_WIRE];
	struct server from = server_at(primary, "ns1.example.com"),
		      to = server_at(secondary, "ns2.example.com");
	struct text out = { 0 };

	name_from_text(zone, name, &fault);
	command.zone = name;
	command.primary = &from;
	command.secondary = &to;
	command_add(&out, &command);
	is_string(text_string(&out), expected, expected);
	text_free(&out);
}

static const struct {
	enum task task;
	const char *software, *said;
} stories[] = {
	{ TASK_RETRANSFER, "PowerDNS Authoritative Server 4.7.3",
		"pdns_control retrieve example.com" },
	{ TASK_RETRANSFER, "BIND 9.18.28", "rndc retransfer example.com" },
	{ TASK_RETRANSFER, "NSD 4.6.1", "nsd-control force_transfer example.com" },
	{ TASK_RETRANSFER, "Knot DNS 3.2.6", "knotc zone-retransfer example.com" },
	{ TASK_RETRANSFER, NULL,
		"pdns_control retrieve example.com (PowerDNS), rndc retransfer example.com (BIND), nsd-control force_transfer "
		"example.com (NSD) or knotc zone-retransfer example.com (Knot)" },
	/* versions */
	{ TASK_ADD_SECONDARY, "PowerDNS Authoritative Server 4.4.1",
		"pdnsutil create-slave-zone example.com 192.0.2.1:5300; pdns_control retrieve example.com" },
	{ TASK_ADD_SECONDARY, "PowerDNS Authoritative Server 4.5.0",
		"pdnsutil create-secondary-zone example.com 192.0.2.1:5300; pdns_control retrieve example.com" },
	{ TASK_ADD_SECONDARY, "PowerDNS Authoritative Server 4.9.2",
		"pdnsutil create-secondary-zone example.com 192.0.2.1:5300; pdns_control retrieve example.com" },
	{ TASK_ADD_SECONDARY, "PowerDNS",
		"pdnsutil create-secondary-zone example.com 192.0.2.1:5300; pdns_control retrieve example.com" },
	{ TASK_ADD_SECONDARY, "PowerDNS Authoritative Server 5.0.1",
		"pdnsutil zone create-secondary example.com 192.0.2.1:5300; pdns_control retrieve example.com" },
	{ TASK_PROVISION, "PowerDNS Authoritative Server 4.1.9",
		"or let it come by itself (superslave=yes in pdns.conf, pdnsutil add-supermaster 192.0.2.1 ns2.example.com, and NOTIFY)" },
	{ TASK_PROVISION, "PowerDNS Authoritative Server 5.1.0",
		"or let it come by itself (autosecondary=yes in pdns.conf, 192.0.2.1 with ns2.example.com in pdnsutil autoprimary "
		"list, else pdnsutil autoprimary add 192.0.2.1 ns2.example.com, and NOTIFY)" },
	{ TASK_PROVISION, "NSD 4.6.1", "" },
	{ TASK_RAISE, "PowerDNS Authoritative Server 5.0.1",
		"pdnsutil zone increase-serial example.com && pdns_control notify example.com" },
	{ TASK_RAISE_TO, "PowerDNS Authoritative Server 4.7.3",
		"pdnsutil replace-rrset example.com @ SOA 'a. b. 8 1 2 3 4' && pdns_control notify example.com" },
	{ TASK_RAISE_TO, "PowerDNS Authoritative Server 5.0.0",
		"pdnsutil rrset replace example.com example.com. SOA 'a. b. 8 1 2 3 4' && pdns_control notify example.com" },
	{ TASK_RAISE_TO, "BIND 9.18.1",
		"set the serial in the zone's file to 8, then rndc reload example.com" },
	{ TASK_ADD_SECONDARY, "BIND 9.11.4",
		"add zone \"example.com\" { type slave; masters { 192.0.2.1 port 5300; }; file \"example.com.secondary\"; }; to "
		"named.conf, then rndc reconfig" },
	{ TASK_ADD_SECONDARY, "BIND 9.18.1",
		"add zone \"example.com\" { type secondary; primaries { 192.0.2.1 port 5300; }; file \"example.com.secondary\"; }; to "
		"named.conf, then rndc reconfig" },
	{ TASK_ADD_SECONDARY, "NSD 4.6.1",
		"add the zone example.com with \"request-xfr: 192.0.2.1@5300 NOKEY\" and \"allow-notify: 192.0.2.1 NOKEY\" to "
		"nsd.conf, then nsd-control reconfig" },
	{ TASK_ALLOW, "NSD 4.6.1",
		"add \"provide-xfr: 192.0.2.2 NOKEY\" to the zone in nsd.conf, then nsd-control reconfig" },
	{ TASK_SET_PRIMARY, "PowerDNS Authoritative Server 4.4.1",
		"pdnsutil set-kind example.com master" },
	{ TASK_SET_PRIMARY, "PowerDNS Authoritative Server 4.9.1",
		"pdnsutil set-kind example.com primary" },
	{ TASK_BE_SECONDARY, "PowerDNS Authoritative Server 4.1.1",
		"pdnsutil set-kind example.com slave" },
	{ TASK_FOLLOW, "PowerDNS Authoritative Server 4.4.1",
		"pdnsutil change-slave-zone-master example.com 192.0.2.1:5300" },
	{ TASK_FOLLOW, "PowerDNS Authoritative Server 5.0.1",
		"pdnsutil zone change-primary example.com 192.0.2.1:5300" },
	{ TASK_ALLOW_KEY, "PowerDNS Authoritative Server 4.4.1",
		"pdnsutil activate-tsig-key example.com transfer.key master" },
	{ TASK_ALLOW_KEY, "PowerDNS Authoritative Server 4.7.3",
		"pdnsutil activate-tsig-key example.com transfer.key primary" },
	{ TASK_USE_KEY, "PowerDNS Authoritative Server 4.1.1",
		"pdnsutil activate-tsig-key example.com transfer.key slave" },
	{ TASK_USE_KEY, "PowerDNS Authoritative Server 5.0.1",
		"pdnsutil tsigkey activate example.com transfer.key secondary" },
	{ TASK_ADD_AUTOPRIMARY, "PowerDNS Authoritative Server 4.4.1",
		"pdnsutil add-supermaster 192.0.2.1 ns2.example.com" },
	{ TASK_ADD_AUTOPRIMARY, "PowerDNS Authoritative Server 4.9.1",
		"pdnsutil add-autoprimary 192.0.2.1 ns2.example.com" },
	{ TASK_ADD_AUTOPRIMARY, "PowerDNS Authoritative Server 5.0.1",
		"pdnsutil autoprimary add 192.0.2.1 ns2.example.com" },
	{ TASK_SOA_EDIT_API, "PowerDNS Authoritative Server 5.1.0",
		"pdnsutil metadata set example.com SOA-EDIT-API DEFAULT" },
	{ TASK_SOA_EDIT, "PowerDNS Authoritative Server 4.1.14",
		"pdnsutil increase-serial example.com && pdnsutil set-meta example.com SOA-EDIT INCREMENT-WEEKS && pdns_control "
		"notify example.com" },
	{ TASK_SOA_EDIT, "PowerDNS Authoritative Server 5.0.1",
		"pdnsutil zone increase-serial example.com && pdnsutil metadata set example.com SOA-EDIT INCREMENT-WEEKS && "
		"pdns_control notify example.com" },
	{ TASK_CONSUME, "PowerDNS Authoritative Server 4.4.0", "" },
	{ TASK_CONSUME, "PowerDNS Authoritative Server 4.7.3",
		"pdnsutil set-kind example.com consumer" },
	{ TASK_PRODUCE, "PowerDNS Authoritative Server 5.0.0",
		"pdnsutil zone set-kind example.com producer" },
	{ TASK_ALLOW, "PowerDNS Authoritative Server 4.7.3",
		"pdnsutil add-meta example.com ALLOW-AXFR-FROM 192.0.2.2" },
	{ TASK_ALSO_NOTIFY, "PowerDNS Authoritative Server 4.7.3",
		"pdnsutil add-meta example.com ALSO-NOTIFY 192.0.2.2" },
	{ TASK_BE_PRIMARY, "PowerDNS Authoritative Server 4.3.0",
		"master=yes in pdns.conf and pdnsutil set-kind example.com master" },
	{ TASK_BE_PRIMARY, "PowerDNS Authoritative Server 5.0.0",
		"primary=yes in pdns.conf and pdnsutil zone set-kind example.com primary" },
	{ TASK_PURGE, "PowerDNS Authoritative Server 4.7.3", "pdns_control purge 'example.com$'" },
	{ TASK_PURGE, NULL, "pdns_control purge 'example.com$' (PowerDNS)" },
};

static void dialects(void)
{
	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++)
		tell("example.com",
			(struct command){ .task = stories[i].task,
				.software = stories[i].software,
				.serial = 8,
				.soa = "a. b. 8 1 2 3 4",
				.key = "transfer.key" },
			"192.0.2.1@5300", "192.0.2.2@53", stories[i].said);
}

/* Zones come from lists that strangers may write into. */
static void shells(void)
{
	const char *const bind = "BIND 9.18.1", *const pdns = "PowerDNS Authoritative Server 4.7.3";

	tell("x;reboot", (struct command){ .task = TASK_RETRANSFER, .software = bind },
		"192.0.2.1@53", "192.0.2.2@53", "rndc retransfer 'x\\;reboot'");
	tell("x'$(reboot)", (struct command){ .task = TASK_PURGE, .software = pdns },
		"192.0.2.1@53", "192.0.2.2@53", "pdns_control purge 'x'\\''\\$\\(reboot\\)$'");
	tell("-rf", (struct command){ .task = TASK_RETRANSFER, .software = bind }, "192.0.2.1@53",
		"192.0.2.2@53", "rndc retransfer '-rf'");
	tell("a.b",
		(struct command){ .task = TASK_RAISE_TO, .software = pdns, .soa = "x. '`reboot`" },
		"192.0.2.1@53", "192.0.2.2@53",
		"pdnsutil replace-rrset a.b @ SOA 'x. '\\''`reboot`' && pdns_control notify a.b");
}

static void addresses(void)
{
	tell("b.example",
		(struct command){ .task = TASK_ADD_SECONDARY,
			.software = "PowerDNS Authoritative Server 4.7.3" },
		"2001:db8::1@5300", "192.0.2.2@53",
		"pdnsutil create-secondary-zone b.example [2001:db8::1]:5300; pdns_control retrieve b.example");
	tell("b.example",
		(struct command){ .task = TASK_ADD_SECONDARY, .software = "Knot DNS 3.2.6" },
		"2001:db8::1@53", "192.0.2.2@53",
		"add the zone b.example with a master at 2001:db8::1 to knot.conf, then knotc reload");
}

/* Nobody to name: the words say what belongs there. */
static void nobody(void)
{
	struct command command = { .task = TASK_PROVISION,
		.zone = (const uint8_t *)"\7example\3com",
		.software = "PowerDNS" };
	struct text out = { 0 };

	ok(command_add(&out, &command), "there are words");
	ok(strstr(text_string(&out), "else pdnsutil add-autoprimary ADDRESS NS-NAME,"),
		"without names");
	text_cut(&out, 0);
	command.task = TASK_RAISE_TO;
	ok(command_add(&out, &command), "there are words");
	ok(strstr(text_string(&out), " SOA SOA && "), "without an SOA");
	text_free(&out);
}

int main(void)
{
	dialects();
	shells();
	addresses();
	nobody();
	return done_testing();
}
