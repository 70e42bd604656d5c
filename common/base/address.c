#include "common/base/address.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "common/base/number.h"

/* "fe80::1%eth0" in `host` loses its zone (RFC 4007 11), which is an interface's name or index. */
static bool scope_take(char *host, uint32_t *scope)
{
	char *percent = strchr(host, '%');
	uint64_t index;

	*scope = 0;
	if (!percent)
		return true;
	*percent = '\0';
	*scope = if_nametoindex(percent + 1);
	if (!*scope && number_whole(percent + 1, 1, INT32_MAX, &index))
		*scope = (uint32_t)index;
	return *scope != 0;
}

bool address_from_text(const char *text, struct address *address)
{
	char host[ADDRESS_TEXT];
	struct fault unused;

	*address = (struct address){ 0 };
	/* What is longer than any address may still be a name. */
	if (!address_split(text, host, sizeof(host), &address->port, &unused))
		return false;
	if (inet_pton(AF_INET, host, address->bytes) == 1) {
		address->family = 4;
		return true;
	}
	if (scope_take(host, &address->scope) && inet_pton(AF_INET6, host, address->bytes) == 1) {
		address->family = 6;
		return true;
	}
	*address = (struct address){ 0 };
	return false;
}

static void scope_add(uint32_t scope, char out[ADDRESS_TEXT])
{
	size_t length = strlen(out);
	char name[IF_NAMESIZE];

	if (if_indextoname(scope, name))
		snprintf(out + length, ADDRESS_TEXT - length, "%%%s", name);
	else
		snprintf(out + length, ADDRESS_TEXT - length, "%%%u", scope);
}

char *address_to_text(const struct address *address, char out[ADDRESS_TEXT])
{
	*out = '\0';
	if (address->family == 4)
		inet_ntop(AF_INET, address->bytes, out, ADDRESS_TEXT);
	else if (address->family == 6)
		inet_ntop(AF_INET6, address->bytes, out, ADDRESS_TEXT);
	if (address->scope)
		scope_add(address->scope, out);
	return out;
}

char *address_to_text_port(const struct address *address, char out[ADDRESS_TEXT])
{
	size_t length = strlen(address_to_text(address, out));

	if (address->port && address->port != 53)
		snprintf(out + length, ADDRESS_TEXT - length, "@%u", address->port);
	return out;
}

bool address_equal(const struct address *a, const struct address *b)
{
	return a->family == b->family && a->port == b->port && a->scope == b->scope &&
		!memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

socklen_t address_to_sockaddr(const struct address *address, struct sockaddr_storage *out)
{
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)out;
	struct sockaddr_in *four = (struct sockaddr_in *)out;

	memset(out, 0, sizeof(*out));
	if (address->family == 4) {
		four->sin_family = AF_INET;
		four->sin_port = htons(address->port);
		memcpy(&four->sin_addr, address->bytes, 4);
		return sizeof(*four);
	}
	if (address->family != 6)
		return 0;
	six->sin6_family = AF_INET6;
	six->sin6_port = htons(address->port);
	six->sin6_scope_id = address->scope;
	memcpy(&six->sin6_addr, address->bytes, 16);
	return sizeof(*six);
}

bool address_from_sockaddr(const struct sockaddr *from, struct address *address)
{
	*address = (struct address){ 0 };
	if (from->sa_family == AF_INET) {
		const struct sockaddr_in *four = (const struct sockaddr_in *)from;

		address->family = 4;
		address->port = ntohs(four->sin_port);
		memcpy(address->bytes, &four->sin_addr, 4);
		return true;
	}
	if (from->sa_family == AF_INET6) {
		const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)from;

		address->family = 6;
		address->port = ntohs(six->sin6_port);
		address->scope = six->sin6_scope_id;
		memcpy(address->bytes, &six->sin6_addr, 16);
		return true;
	}
	return false;
}

bool address_split(const char *text, char *host, size_t capacity, uint16_t *port,
	struct fault *fault)
{
	const char *at = strrchr(text, '@');
	size_t length = at ? (size_t)(at - text) : strlen(text);
	uint64_t number = 0;

	*port = 0;
	if (strstr(text, "://")) /* which may hold a password */
		return fault_set(fault, "a URL is no host; right is HOST or HOST@PORT");
	if (!length)
		return fault_set(fault, "\"%s\" names no host; right is HOST or HOST@PORT", text);
	if (length >= capacity)
		return fault_set(fault, "\"%.40s...\" is too long for a host name", text);
	if (at && !number_whole(at + 1, 1, 65535, &number))
		return fault_set(fault,
			"\"%s\" is no port in \"%s\"; right is HOST@PORT with a port from 1 to 65535",
			at + 1, text);
	*port = (uint16_t)number;
	memcpy(host, text, length);
	host[length] = '\0';
	return true;
}

bool address_is_loopback(const struct address *address)
{
	static const uint8_t one[16] = { [15] = 1 };

	if (address->family == 4)
		return address->bytes[0] == 127;
	return address->family == 6 && !memcmp(address->bytes, one, sizeof(one));
}
