/* Addresses as users write them. */
#include <netinet/in.h>
#include <stdlib.h>

#include "common/base/address.h"
#include "t/unit/tap.h"

static const struct {
	const char *text;
	uint8_t family; /* 0: no address */
	uint16_t port;
	const char *written; /* with the port */
} addresses[] = {
	{ "192.0.2.1", 4, 0, "192.0.2.1" },
	{ "192.0.2.1@5300", 4, 5300, "192.0.2.1@5300" },
	{ "192.0.2.1@53", 4, 53, "192.0.2.1" },
	{ "192.0.2.1@65535", 4, 65535, "192.0.2.1@65535" },
	{ "2001:db8::1", 6, 0, "2001:db8::1" },
	{ "2001:DB8:0:0::1@5300", 6, 5300, "2001:db8::1@5300" },
	{ "::", 6, 0, "::" },
	{ "::ffff:192.0.2.1", 6, 0, "::ffff:192.0.2.1" },
	{ "fe80::1%lo@53", 6, 53, "fe80::1%lo" },
	{ "fe80::1%1", 6, 0, "fe80::1%lo" },
	{ "fe80::1%999999@5300", 6, 5300, "fe80::1%999999@5300" },
	{ "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255%lo@65535", 6, 65535,
		"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff%lo@65535" },
	{ "", 0, 0, "" },
	{ "@53", 0, 0, "" },
	{ "192.0.2.1@", 0, 0, "" },
	{ "192.0.2.1@0", 0, 0, "" },
	{ "192.0.2.1@65536", 0, 0, "" },
	{ "192.0.2.1@99999999999999999999999", 0, 0, "" },
	{ "192.0.2.1@-1", 0, 0, "" },
	{ "192.0.2.1@ 53", 0, 0, "" },
	{ "192.0.2.1@domain", 0, 0, "" },
	{ "192.0.2.1%lo", 0, 0, "" },
	{ "192.0.2", 0, 0, "" },
	{ "192.0.2.256", 0, 0, "" },
	{ "ns1.example.com", 0, 0, "" },
	{ "fe80::1%", 0, 0, "" },
	{ "fe80::1%no-such-interface", 0, 0, "" },
	{ "fe80::1%99999999999", 0, 0, "" },
	{ "2001:db8:::1", 0, 0, "" },
	{ "[2001:db8::1]", 0, 0, "" },
	{ "a-name-that-is-much-longer-than-any-address-can-be-and-so-can-only-be-a-host.example.com",
		0, 0, "" },
};

static void stories(void)
{
	static const struct address none;
	char out[ADDRESS_TEXT], name[160];
	size_t at;

	for (at = 0; at < sizeof(addresses) / sizeof(*addresses); at++) {
		struct address address, again;
		bool is_address = address_from_text(addresses[at].text, &address);

		snprintf(name, sizeof(name), "\"%s\": family", addresses[at].text);
		is_integer(address.family, addresses[at].family, name);
		ok(is_address == (addresses[at].family != 0), "... is %s",
			is_address ? "an address" : "none");
		is_integer(address.port, addresses[at].port, "... its port");
		is_string(address_to_text_port(&address, out), addresses[at].written,
			"... written again");
		if (!is_address)
			ok(!memcmp(&address, &none, sizeof(none)), "... and nothing is left in it");
		else
			ok(address_from_text(out, &again) &&
					!memcmp(again.bytes, address.bytes, 16) &&
					again.scope == address.scope,
				"... reads back");
	}
	address_from_text("192.0.2.1@5300", &(struct address){ 0 });
}

static void splits(void)
{
	static const struct {
		const char *text, *host;
		uint16_t port;
		const char *fault;
	} table[] = {
		{ "ns1.example.com", "ns1.example.com", 0, NULL },
		{ "ns1.example.com@5300", "ns1.example.com", 5300, NULL },
		{ "a@b@53", "a@b", 53, NULL },
		{ "123456789012345", "123456789012345", 0, NULL },
		{ "1234567890123456", "", 0, "too long" },
		{ "1234567890123456@53", "", 0, "too long" },
		{ "", "", 0, "names no host" },
		{ "@53", "", 0, "names no host" },
		{ "a@", "", 0, "from 1 to 65535" },
		{ "a@0", "", 0, "from 1 to 65535" },
		{ "a@65536", "", 0, "from 1 to 65535" },
		{ "a@1x", "", 0, "from 1 to 65535" },
		{ "a@+1", "", 0, "from 1 to 65535" },
	};
	size_t at;

	for (at = 0; at < sizeof(table) / sizeof(*table); at++) {
		struct fault fault = { 0 };
		char host[16] = "";
		uint16_t port = 7;
		bool good = address_split(table[at].text, host, sizeof(host), &port, &fault);

		ok(good == !table[at].fault, "split \"%s\"", table[at].text);
		is_string(host, table[at].host, "... its host");
		is_integer(port, table[at].port, "... its port");
		ok(table[at].fault ? strstr(fault.text, table[at].fault) != NULL : !*fault.text,
			"... says: %s", fault.text);
	}
}

static void sockets(void)
{
	static const char *const texts[] = { "192.0.2.1@5300", "2001:db8::1@53",
		"fe80::1%lo@5353" };
	struct sockaddr_storage socket;
	struct address address, back;
	size_t at;

	for (at = 0; at < sizeof(texts) / sizeof(*texts); at++) {
		socklen_t length;

		address_from_text(texts[at], &address);
		length = address_to_sockaddr(&address, &socket);
		is_integer(length,
			address.family == 4 ? sizeof(struct sockaddr_in)
					    : sizeof(struct sockaddr_in6),
			texts[at]);
		ok(address_from_sockaddr((struct sockaddr *)&socket, &back) &&
				address_equal(&address, &back),
			"... comes back from a socket");
		ok(!memcmp(&address, &back, sizeof(back)), "... byte by byte");
	}
	is_integer(address_to_sockaddr(&(struct address){ 0 }, &socket), 0,
		"no address, no socket address");
	ok(!address_from_sockaddr((struct sockaddr *)&socket, &back) && !back.family,
		"and none comes back");
}

static void equality(void)
{
	static const char *const texts[] = { "192.0.2.1", "192.0.2.2", "192.0.2.1@53",
		"c000:201::", "c000:201::%lo" };
	struct address a, b;
	size_t one, other;

	for (one = 0; one < 5; one++)
		for (other = 0; other < 5; other++) {
			address_from_text(texts[one], &a);
			address_from_text(texts[other], &b);
			ok(address_equal(&a, &b) == (one == other), "%s and %s", texts[one],
				texts[other]);
		}
}

static void loopback(void)
{
	static const struct {
		const char *text;
		bool is_loopback;
	} table[] = { { "127.0.0.1", true }, { "127.255.255.255@53", true }, { "128.0.0.1", false },
		{ "::1", true }, { "::2", false }, { "7f00:1::", false },
		{ "::ffff:127.0.0.1", false } };
	struct address address;
	size_t at;

	for (at = 0; at < sizeof(table) / sizeof(*table); at++) {
		address_from_text(table[at].text, &address);
		ok(address_is_loopback(&address) == table[at].is_loopback, "%s is%s loopback",
			table[at].text, table[at].is_loopback ? "" : " not");
	}
	ok(!address_is_loopback(&(struct address){ 0 }), "no address is not loopback");
}

int main(void)
{
	stories();
	splits();
	sockets();
	equality();
	loopback();
	return done_testing();
}
