/*
 * Questions of class CH about the server itself (RFC 4892). Pure.
 */
#ifndef COMMON_ENGINE_IDENTITY_H
#define COMMON_ENGINE_IDENTITY_H

#include <stdint.h>

#include "common/engine/reply.h"

/* Answers the question, which stands in the reply already; the rcode. `version` and `nsid` are of
 * at most 255 bytes, or NULL: they are not told. */
uint16_t identity_answer(struct reply *reply, const struct record *question, const char *version,
	const char *nsid);

#endif
