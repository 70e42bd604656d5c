/*
 * Serial number arithmetic (RFC 1982, SERIAL_BITS 32). Serials are never compared with < anywhere
 * else.
 */
#ifndef COMMON_DNS_SERIAL_H
#define COMMON_DNS_SERIAL_H

#include <stdint.h>

enum serial_order {
	SERIAL_EQUAL,
	SERIAL_BEHIND,    /* the first is older */
	SERIAL_AHEAD,     /* the first is newer */
	SERIAL_UNDEFINED, /* 2^31 apart: RFC 1982 3.2 defines no order */
};

enum serial_order serial_compare(uint32_t theirs, uint32_t ours);
/* How many steps of +1 lead from `from` to `to` (modulo 2^32). */
uint32_t serial_distance(uint32_t from, uint32_t to);

#endif
