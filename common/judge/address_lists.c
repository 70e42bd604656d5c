#include "common/judge/address_lists.h"

#include <stdio.h>
#include <string.h>

/* One entry: a network and whether it is let in. */
struct network {
	struct address address;
	unsigned bits;
	bool is_forbidden;
	const char *text; /* from here .. */
	size_t length;    /* so many bytes, without '!' */
};

static unsigned width_of(const struct address *address)
{
	return address->family == 6 ? 128 : 32;
}

/* The digits of a prefix's length; false where it is none. */
static bool read_bits(const char *text, size_t length, unsigned most, unsigned *bits)
{
	*bits = 0;
	for (size_t i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9' || *bits > most)
			return false;
		*bits = *bits * 10 + (unsigned)(text[i] - '0');
	}
	return length > 0 && *bits <= most;
}

/* The entry that begins at `text`. */
static bool read_network(const char *text, size_t length, struct network *network)
{
	const char *slash;
	char address[ADDRESS_TEXT];
	size_t part;

	network->is_forbidden = length > 0 && *text == '!';
	text += network->is_forbidden;
	length -= network->is_forbidden;
	network->text = text;
	network->length = length;
	slash = memchr(text, '/', length);
	part = slash ? (size_t)(slash - text) : length;
	if (part >= sizeof(address))
		return false;
	memcpy(address, text, part);
	address[part] = '\0';
	if (!address_from_text(address, &network->address))
		return false;
	network->bits = width_of(&network->address);
	return !slash || read_bits(slash + 1, length - part - 1, network->bits, &network->bits);
}

/* The next entry behind *at, which moves on; false at the end. What is no network is passed over.
 */
static bool next_network(const char **at, struct network *network)
{
	for (;;) {
		size_t length;

		*at += strspn(*at, ", \t;");
		length = strcspn(*at, ", \t;");
		if (!length)
			return false;
		*at += length;
		if (read_network(*at - length, length, network))
			return true;
	}
}

static bool holds(const struct network *network, const struct address *address)
{
	unsigned whole = network->bits / 8, rest = network->bits % 8;

	if (network->address.family != address->family ||
		memcmp(network->address.bytes, address->bytes, whole) != 0)
		return false;
	return !rest || !((network->address.bytes[whole] ^ address->bytes[whole]) >> (8 - rest));
}

bool address_list_holds(const char *list, const struct address *address)
{
	struct network network;
	unsigned best = 0;
	bool is_allowed = false;

	while (next_network(&list, &network)) {
		if (!holds(&network, address) || network.bits < best)
			continue;
		best = network.bits;
		is_allowed = !network.is_forbidden;
	}
	return is_allowed;
}

bool address_same_host(const struct address *a, const struct address *b)
{
	return a->family == b->family && !memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

/* "192.0.2.1:5300", "[2001:db8::1]:5300": without the port. */
static size_t without_port(const char *text, size_t length, const char **start)
{
	const char *colon = memchr(text, ':', length), *close = memchr(text, ']', length);

	*start = text;
	if (*text == '[' && close) {
		*start = text + 1;
		return (size_t)(close - text) - 1;
	}
	if (colon && !memchr(colon + 1, ':', length - (size_t)(colon - text) - 1))
		return (size_t)(colon - text);
	return length;
}

bool address_list_names(const char *list, const struct address *address)
{
	struct network network;
	size_t length;

	for (list += strspn(list, ", \t;"); (length = strcspn(list, ", \t;")) > 0;
		list += length, list += strspn(list, ", \t;")) {
		const char *start;
		size_t plain = without_port(list, length, &start);

		if (read_network(start, plain, &network) && !network.is_forbidden &&
			network.bits == width_of(&network.address) &&
			address_same_host(&network.address, address))
			return true;
	}
	return false;
}

static bool is_wide(const struct network *network)
{
	return !network->is_forbidden && !address_is_loopback(&network->address) &&
		network->bits < (network->address.family == 6 ? 48 : 24);
}

bool address_list_wide(const char *list, char out[ADDRESS_TEXT])
{
	struct network network;

	while (next_network(&list, &network)) {
		if (!is_wide(&network))
			continue;
		snprintf(out, ADDRESS_TEXT, "%.*s", (int)network.length, network.text);
		return true;
	}
	return false;
}

bool address_is_private(const struct address *address)
{
	return address_list_holds("10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,100.64.0.0/10,"
				  "169.254.0.0/16,127.0.0.0/8,fc00::/7,fe80::/10,::1",
		address);
}
