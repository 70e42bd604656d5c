/*
 * Hashed names (RFC 5155 5). Pure.
 */
#ifndef COMMON_DNS_NSEC3_H
#define COMMON_DNS_NSEC3_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NSEC3_LABEL = 33 }; /* 32 letters and digits behind their length */

/* What NSEC3 and NSEC3PARAM records begin with. */
struct nsec3_parameters {
	uint8_t algorithm; /* 1: SHA-1, the only one */
	uint8_t flags;
	uint16_t iterations;
	uint8_t salt_length;
	const uint8_t *salt; /* into the rdata */
};

/* False where the rdata is shorter than that. */
bool nsec3_parameters_read(const uint8_t *rdata, size_t length,
	struct nsec3_parameters *parameters);
/* Do both hash alike (flags aside)? */
bool nsec3_parameters_equal(const struct nsec3_parameters *a, const struct nsec3_parameters *b);
/* The first label of the name's NSEC3 owner, in lower case; false for an unknown algorithm, or
 * where OpenSSL has no SHA-1. */
bool nsec3_label(const struct nsec3_parameters *parameters, const uint8_t *name,
	uint8_t label[NSEC3_LABEL]);

#endif
