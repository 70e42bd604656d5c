/*
 * DNS cookies at a server (RFC 7873), in the form that RFC 9018 gives them. Pure: the secret and
 * the time are arguments.
 */
#ifndef COMMON_ENGINE_COOKIE_H
#define COMMON_ENGINE_COOKIE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/address.h"

enum {
	COOKIE_SECRET = 16,
	COOKIE_CLIENT = 8, /* bytes of the client's part */
	COOKIE_WHOLE = 24, /* with the server's */
};

/* May a COOKIE option be so long (RFC 7873 5.2.2)? */
bool cookie_length_good(size_t length);
/* The client's part and a server cookie of now (RFC 9018 4). `client` is who asks. */
void cookie_make(const uint8_t secret[COOKIE_SECRET], const uint8_t client_part[COOKIE_CLIENT],
	const struct address *client, uint32_t now_s, uint8_t out[COOKIE_WHOLE]);

#endif
