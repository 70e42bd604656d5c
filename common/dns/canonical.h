/*
 * Records in canonical form (RFC 4034 6.2, RFC 6840 5.1), so that equal records are equal bytes:
 * names in full and in lower case, also inside the rdata of the types that the RFCs name. Made for
 * streams of millions of records: nothing is allocated, and an owner that stays is not read again.
 */
#ifndef COMMON_DNS_CANONICAL_H
#define COMMON_DNS_CANONICAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/dns/message.h"

enum {
	CANONICAL_TYPES = 258,       /* types below have a shape, maybe (common/dns/rdata.h) */
	CANONICAL_FIELDS = 2 + 2 + 4 /* type, class and TTL, behind the owner */
};

/* How rdata of one type is read. */
struct canonical_shape {
	uint8_t kind;       /* canonical.c's */
	uint8_t prefix;     /* bytes before the name, or all of them */
	bool is_lower_case; /* the name */
};

struct canonical {
	/* The record as bytes: owner, type, class, TTL (0 without `with_ttl`), rdata. */
	size_t length, owner_length;
	uint16_t type, class;
	uint32_t ttl; /* as it came */
	uint8_t bytes[NAME_WIRE + CANONICAL_FIELDS + MESSAGE_MOST + NAME_WIRE];
	/* private */
	bool with_ttl;
	struct canonical_shape shapes[CANONICAL_TYPES];
};

/* For records of this class. `with_ttl`: records that differ in their TTL alone are different. */
void canonical_begin(struct canonical *self, uint16_t class, bool with_ttl);
/*
 * The record at `record` in `message` (whose bytes alone are meant; the rdata lies within them),
 * whose owner is `owner_length` bytes long; `same_owner`: it is the one of the last call. False
 * where the rdata is not of its type's shape. Rdata of types that are not known is taken as it is.
 */
bool canonical_read(struct canonical *self, const struct message *message,
	const struct record *record, size_t owner_length, bool same_owner);

/* The parts of such bytes. */
struct canonical_parts {
	const uint8_t *owner, *rdata;
	uint16_t type, class;
	uint32_t ttl;
	size_t rdata_length;
};

struct canonical_parts canonical_split(const uint8_t *bytes, size_t length);
/* The order of RFC 4034 6.1 and 6.3: by owner, type and rdata; then by TTL. <0, 0, >0. */
int canonical_compare(const struct canonical_parts *a, const struct canonical_parts *b);

#endif
