#include "common/engine/access.h"

#include <stdlib.h>
#include <string.h>

enum { PREFIX_TEXT = 128 };

static bool parse_bits(const char *text, uint8_t most, uint8_t *bits)
{
	char *end;
	unsigned long value;

	if (*text < '0' || *text > '9')
		return false;
	value = strtoul(text, &end, 10);
	if (*end || value > most)
		return false;
	*bits = (uint8_t)value;
	return true;
}

bool prefix_parse(const char *text, struct prefix *prefix, struct fault *fault)
{
	char host[PREFIX_TEXT];
	const char *slash = strchr(text, '/');
	size_t length = slash ? (size_t)(slash - text) : strlen(text);
	uint8_t most;

	*prefix = (struct prefix){ .never = !strcmp(text, "none") };
	if (prefix->never || !strcmp(text, "any"))
		return true;
	if (length >= sizeof(host))
		return fault_set(fault, "not a prefix: %s", text);
	memcpy(host, text, length);
	host[length] = '\0';
	if (!address_from_text(host, &prefix->address) || prefix->address.port)
		return fault_set(fault, "not a prefix: %s (192.0.2.0/24, 2001:db8::/32, any, none)",
			text);
	most = prefix->address.family == 4 ? 32 : 128;
	prefix->bits = most;
	if (slash && !parse_bits(slash + 1, most, &prefix->bits))
		return fault_set(fault, "%s: the length of the prefix is 0 to %u", text, most);
	return true;
}

bool prefix_holds(const struct prefix *prefix, const struct address *address)
{
	size_t whole = prefix->bits / 8;
	uint8_t mask = (uint8_t)(0xff00U >> prefix->bits % 8);

	if (prefix->never)
		return false;
	if (!prefix->address.family)
		return true;
	if (prefix->address.family != address->family)
		return false;
	if (memcmp(prefix->address.bytes, address->bytes, whole))
		return false;
	return !mask || !((prefix->address.bytes[whole] ^ address->bytes[whole]) & mask);
}

bool same_host(const struct address *a, const struct address *b)
{
	return a->family == b->family && !memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

bool access_allowed(const struct prefix *prefixes, size_t count, const struct address *address)
{
	if (!count)
		return address_is_loopback(address);
	for (size_t i = 0; i < count; i++)
		if (prefix_holds(&prefixes[i], address))
			return true;
	return false;
}
