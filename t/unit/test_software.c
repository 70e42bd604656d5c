/* What servers say to version.bind, and what is made of it. */
#include "common/model/software.h"
#include "t/unit/tap.h"

static const struct {
	const char *said, *name; /* NULL: nothing is known */
	enum software_kind kind;
	uint32_t version;
} stories[] = {
	{ "PowerDNS Authoritative Server 4.7.3 (built Dec  9 2022 by root@example)",
		"PowerDNS Authoritative Server 4.7.3", SOFTWARE_POWERDNS, 4007 },
	{ "PowerDNS Authoritative Server 4.7.3", "PowerDNS Authoritative Server 4.7.3",
		SOFTWARE_POWERDNS, 4007 },
	{ "PowerDNS Authoritative Server 5.0.0-beta1", "PowerDNS Authoritative Server 5.0.0-beta1",
		SOFTWARE_POWERDNS, 5000 },
	{ "PowerDNS Authoritative Server", "PowerDNS Authoritative Server", SOFTWARE_POWERDNS, 0 },
	{ "Served by PowerDNS - https://www.powerdns.com/", "PowerDNS", SOFTWARE_POWERDNS, 0 },
	{ "PowerDNS Recursor 4.8.4", NULL, SOFTWARE_UNKNOWN, 0 },
	{ "9.18.28-1~deb12u2-Debian", "BIND 9.18.28-1~deb12u2-Debian", SOFTWARE_BIND, 9018 },
	{ "9.11.4-P2-RedHat-9.11.4-26.P2.el7", "BIND 9.11.4-P2-RedHat-9.11.4-26.P2.el7",
		SOFTWARE_BIND, 9011 },
	{ "BIND 9.20.0", "BIND 9.20.0", SOFTWARE_BIND, 9020 },
	{ "9.9.9.9 is my resolver", "BIND 9.9.9.9", SOFTWARE_BIND, 9009 },
	{ "NSD 4.6.1", "NSD 4.6.1", SOFTWARE_NSD, 4006 },
	{ "NSD", "NSD", SOFTWARE_NSD, 0 },
	{ "NSD none of your business", "NSD", SOFTWARE_NSD, 0 },
	{ "Knot DNS 3.2.6", "Knot DNS 3.2.6", SOFTWARE_KNOT, 3002 },
	{ "Knot DNS 99999999999999999999.1", "Knot DNS 99999999999999999999.1", SOFTWARE_KNOT, 0 },
	{ "unbound 1.17.1", NULL, SOFTWARE_UNKNOWN, 0 },
	{ "surely you must be joking", NULL, SOFTWARE_UNKNOWN, 0 },
	{ "", NULL, SOFTWARE_UNKNOWN, 0 },
};

static void stories_told(void)
{
	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		char name[SOFTWARE_NAME], again[SOFTWARE_NAME];
		const char *found = software_name(stories[i].said, name);
		struct software software = software_of(found);

		is_string(found ? found : "(none)", stories[i].name ? stories[i].name : "(none)",
			stories[i].said);
		ok(software.kind == stories[i].kind, "%s: whose words", stories[i].said);
		ok(software.version == stories[i].version, "%s: version", stories[i].said);
		ok(!found || !strcmp(software_name(found, again), found), "%s: a fixed point",
			stories[i].said);
	}
}

static void long_ones(void)
{
	char said[300] = "NSD 4.", name[SOFTWARE_NAME];

	memset(said + 6, '7', 250);
	ok(software_name(said, name) && strlen(name) < SOFTWARE_NAME, "a long one is cut");
	is_integer(software_of(name).version, 0, "and its number is none");
}

int main(void)
{
	stories_told();
	long_ones();
	return done_testing();
}
