#include "common/probe/http_url.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "common/base/address.h"
#include "common/base/number.h"

enum { HOST_MOST = 255, PORT_MOST = 65535 };

static bool wrong(struct fault *fault, const char *why)
{
	return fault_set(fault, "the URL is wrong: %s", why);
}

static bool is_printable(const char *text)
{
	for (; *text; text++) {
		if (*text <= ' ' || *text > '~')
			return false;
	}
	return true;
}

/* What stands behind the host: "", or ":PORT". */
static bool check_port(const char *text, size_t length, struct fault *fault)
{
	char digits[NUMBER_TEXT] = "";
	uint64_t port;

	if (!length)
		return true;
	if (*text != ':' || length >= sizeof(digits))
		return wrong(fault, "behind the host there may be :PORT alone");
	memcpy(digits, text + 1, length - 1);
	return number_whole(digits, 1, PORT_MOST, &port) ||
		wrong(fault, "its port is no number from 1 to 65535");
}

/* "[2001:db8::1]", and what stands behind it. */
static bool check_bracketed(const char *host, size_t length, struct fault *fault)
{
	const char *end = memchr(host, ']', length);
	char text[ADDRESS_TEXT] = "";
	struct address address;
	size_t inner;

	if (!end)
		return wrong(fault, "a [ without its ]");
	inner = (size_t)(end - host) - 1;
	if (inner < sizeof(text))
		memcpy(text, host + 1, inner);
	if (!address_from_text(text, &address) || address.family != 6 || address.port)
		return wrong(fault, "between [ and ] stands no IPv6 address");
	return check_port(end + 1, length - inner - 2, fault);
}

static bool check_host(const char *host, size_t length, struct fault *fault)
{
	const char *colon = memchr(host, ':', length);
	size_t name = colon ? (size_t)(colon - host) : length;

	if (*host == '[')
		return check_bracketed(host, length, fault);
	if (!name || name > HOST_MOST)
		return wrong(fault, name ? "its host is too long" : "it names no host");
	if (colon && memchr(colon + 1, ':', length - name - 1))
		return wrong(fault,
			"an IPv6 address stands between [ and ], as in http://[2001:db8::1]:8081");
	return check_port(host + name, length - name, fault);
}

bool http_url_check(const char *text, struct fault *fault)
{
	const char *host;

	if (!strncasecmp(text, "unix:", 5))
		return text[5] == '/' || fault_set(fault, "the socket's path must begin with /");
	if (strncasecmp(text, "http://", 7) && strncasecmp(text, "https://", 8))
		return fault_set(fault, "the URL is none of http://, https:// and unix:/");
	if (strchr(text, '@'))
		return fault_set(fault,
			"a URL with a user name is not taken; the key is in --api-key-file");
	if (strpbrk(text, "?#"))
		return fault_set(fault,
			"a URL with ? or # is not taken; the key is in --api-key-file");
	if (!is_printable(text))
		return wrong(fault, "it holds a byte that no URL may have");
	host = strstr(text, "://") + 3;
	return check_host(host, strcspn(host, "/"), fault);
}
