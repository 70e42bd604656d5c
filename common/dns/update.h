/*
 * DNS UPDATE (RFC 2136), as much of it as replaces or removes one RRset of one record, and only
 * where it still is what it was: the prerequisites guard everything else. Pure.
 */
#ifndef COMMON_DNS_UPDATE_H
#define COMMON_DNS_UPDATE_H

#include <stddef.h>
#include <stdint.h>

#include "common/dns/message.h"

enum { DNS_YXDOMAIN = 6, DNS_YXRRSET = 7, DNS_NXRRSET = 8 };

struct update_rdata {
	const uint8_t *bytes; /* NULL: there is none */
	uint16_t length;
};

struct update {
	const uint8_t *zone, *name; /* wire form */
	uint16_t type;
	uint32_t ttl;
	struct update_rdata before; /* the RRset as it is now; none: it must not exist (2.4.3), nor
	                               a CNAME of that name */
	struct update_rdata after;  /* none: it is removed */
};

/* The message; its length, or 0 where `capacity` does not hold it. */
size_t update_message(const struct update *update, uint16_t id, uint8_t *bytes, size_t capacity);

#endif
