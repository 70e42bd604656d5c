/*
 * The HMACs of TSIG (RFC 8945 6). Private to this room.
 */
#ifndef COMMON_DNS_TSIG_ALGORITHM_H
#define COMMON_DNS_TSIG_ALGORITHM_H

#include <openssl/evp.h>
#include <stddef.h>
#include <stdint.h>

struct tsig_algorithm {
	const char *text;    /* in key files */
	const uint8_t *name; /* on the wire */
	const EVP_MD *(*digest)(void);
};

/* Both without regard to case; NULL where unknown. */
const struct tsig_algorithm *tsig_algorithm_by_name(const uint8_t *name);
/* With or without a final dot, MD5 by its short name, too. */
const struct tsig_algorithm *tsig_algorithm_by_text(const char *text, size_t length);

#endif
