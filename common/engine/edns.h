/*
 * The OPT record of an answer (RFC 6891 6.1.2), with the options that the engine knows. Pure.
 */
#ifndef COMMON_ENGINE_EDNS_H
#define COMMON_ENGINE_EDNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/dns/wire.h"
#include "common/engine/cookie.h"

enum {
	EDNS_NSID_MOST = 64,  /* bytes of an NSID */
	EDNS_ERROR_MOST = 64, /* bytes of an extended error's text */
	EDNS_COOKIE_MOST = 4 + COOKIE_WHOLE,
	EDNS_KEEPALIVE_MOST = 4 + 2,
	EDNS_MOST = 11 + 4 + EDNS_NSID_MOST + 8 + EDNS_COOKIE_MOST + EDNS_KEEPALIVE_MOST + 6 +
		EDNS_ERROR_MOST,
};

struct edns_answer {
	bool present;     /* the question had one */
	bool dnssec_ok;   /* DO comes back (RFC 3225 3) */
	uint16_t rcode;   /* its upper eight bits stand here */
	const char *nsid; /* RFC 5001; NULL: none */
	bool has_expire;
	uint32_t expire_s; /* RFC 7314 */
	bool has_cookie;
	uint8_t cookie[COOKIE_WHOLE]; /* RFC 7873 */
	bool has_keepalive;
	uint16_t keepalive_100ms; /* RFC 7828 */
	bool has_error;
	uint16_t error;         /* RFC 8914 */
	const char *error_text; /* or NULL */
};

/* Nothing where it is not present. */
void edns_write(struct wire_writer *writer, const struct edns_answer *edns);

#endif
