/* Lists of networks, as PowerDNS's settings have them. */
#include "common/judge/address_lists.h"
#include "t/unit/tap.h"

static const struct {
	const char *list, *address;
	bool holds, names;
} stories[] = {
	{ "", "192.0.2.1", false, false },
	{ "192.0.2.1", "192.0.2.1", true, true },
	{ "192.0.2.0/24", "192.0.2.255", true, false },
	{ "192.0.2.0/24", "192.0.3.0", false, false },
	{ "192.0.2.128/25", "192.0.2.127", false, false },
	{ "192.0.2.128/25", "192.0.2.128", true, false },
	{ "0.0.0.0/0", "203.0.113.7", true, false },
	{ "0.0.0.0/0", "2001:db8::1", false, false },
	{ "127.0.0.0/8, ::1\t192.0.2.1;198.51.100.2", "198.51.100.2", true, true },
	{ "2001:db8::/33", "2001:db8:7fff::1", true, false },
	{ "2001:db8::/33", "2001:db8:8000::1", false, false },
	{ "192.0.2.0/24,!192.0.2.9", "192.0.2.9", false, false },
	{ "!192.0.2.9,192.0.2.0/24", "192.0.2.9", false, false },
	{ "!192.0.2.0/24,192.0.2.9", "192.0.2.9", true, true },
	{ "192.0.2.1:5300", "192.0.2.1", false, true },
	{ "[2001:db8::1]:5300", "2001:db8::1", false, true },
	{ "2001:db8::1", "2001:db8::1", true, true },
	/* nothing that is a network */
	{ "192.0.2.0/33", "192.0.2.1", false, false },
	{ "192.0.2.0/", "192.0.2.1", false, false },
	{ "192.0.2.0/2x", "192.0.2.1", false, false },
	{ "everybody, 192.0.2.1", "192.0.2.1", true, true },
	{ "a-name-that-is-longer-than-any-address-can-ever-be-so-that-it-does-not-fit-into-what-is-there.example",
		"192.0.2.1", false, false },
};

static const struct {
	const char *list, *wide;
} widths[] = {
	{ "", "" },
	{ "127.0.0.0/8,::1", "" },
	{ "192.0.2.0/24,2001:db8::/48", "" },
	{ "192.0.2.0/23", "192.0.2.0/23" },
	{ "192.0.2.1,2001:db8::/47", "2001:db8::/47" },
	{ "!0.0.0.0/0,192.0.2.1", "" },
	{ "0.0.0.0/0", "0.0.0.0/0" },
};

int main(void)
{
	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		struct address address;

		address_from_text(stories[i].address, &address);
		is_integer(address_list_holds(stories[i].list, &address), stories[i].holds,
			stories[i].list);
		is_integer(address_list_names(stories[i].list, &address), stories[i].names,
			"  by name");
	}
	for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
		char wide[ADDRESS_TEXT] = "";

		address_list_wide(widths[i].list, wide);
		is_string(wide, widths[i].wide, widths[i].list);
	}
	return done_testing();
}
