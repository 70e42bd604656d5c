/*
 * Digests that a zone carries of itself (ZONEMD, RFC 8976): scheme SIMPLE, SHA-384 and SHA-512.
 * That the ZONEMD record itself is to be trusted (DNSSEC) is not said here.
 */
#ifndef COMMON_DNS_ZONEMD_H
#define COMMON_DNS_ZONEMD_H

#include <stdbool.h>
#include <stdint.h>

#include "common/dns/record_pile.h"

enum zonemd_result {
	ZONEMD_MISSING,     /* the zone has none */
	ZONEMD_UNSUPPORTED, /* none of a scheme and a hash known here */
	ZONEMD_GOOD,        /* one of them fits: that is enough (RFC 8976 4) */
	ZONEMD_OLD,         /* made for another serial than the zone's */
	ZONEMD_DIFFERS,     /* the zone's content gives another digest */
	ZONEMD_REPEATED,    /* two of the same scheme and hash, which must not be (RFC 8976 2) */
};

/* About the record that decided. */
struct zonemd_verdict {
	enum zonemd_result result;
	uint32_t serial; /* as the record says */
	uint8_t scheme, hash;
	unsigned records; /* at the apex */
};

/* The whole zone, read `with_ttl` and sorted; `serial` is its SOA's. */
struct zonemd_verdict zonemd_verify(const struct record_pile *zone, const uint8_t *apex,
	uint32_t serial);
/* "SHA-384", "hash algorithm 240": a static string, or written into `out`. */
const char *zonemd_hash_text(uint8_t hash, char out[32]);

#endif
