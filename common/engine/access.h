/*
 * Who may: lists of address prefixes ("192.0.2.0/24", "2001:db8::/32", a plain address for one
 * host, "any", "none").
 */
#ifndef COMMON_ENGINE_ACCESS_H
#define COMMON_ENGINE_ACCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/address.h"
#include "common/base/fault.h"

struct prefix {
	struct address address; /* family 0: every address ("any") */
	uint8_t bits;
	bool never; /* "none" */
};

bool prefix_parse(const char *text, struct prefix *prefix, struct fault *fault);
bool prefix_holds(const struct prefix *prefix, const struct address *address);
/* Whatever the ports are. */
bool same_host(const struct address *a, const struct address *b);
/* Without any prefix: loopback only. */
bool access_allowed(const struct prefix *prefixes, size_t count, const struct address *address);

#endif
