/*
 * Lists of networks as PowerDNS's settings have them: "192.0.2.0/24, 2001:db8::1 !192.0.2.9".
 */
#ifndef COMMON_JUDGE_ADDRESS_LISTS_H
#define COMMON_JUDGE_ADDRESS_LISTS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/address.h"

/* Is the address allowed? The most specific network that holds it decides; '!' forbids. */
bool address_list_holds(const char *list, const struct address *address);
/* Does a plain address of the list, whatever its port, equal this one? */
bool address_list_names(const char *list, const struct address *address);
/* The first network that is wider than /24 or /48 (loopback does not count) into `out`; false:
 * none. */
bool address_list_wide(const char *list, char out[ADDRESS_TEXT]);
/* Whatever the ports are. */
bool address_same_host(const struct address *a, const struct address *b);
/* Nobody outside can mean the same by it: RFC 1918, RFC 6598, RFC 4193, loopback, link-local. */
bool address_is_private(const struct address *address);

#endif
