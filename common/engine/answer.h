/*
 * The answer to one question out of one zone version (RFC 1034 4.3.2, 2308, 4592, 6672). Pure.
 */
#ifndef COMMON_ENGINE_ANSWER_H
#define COMMON_ENGINE_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "common/engine/reply.h"

/*
 * Fills answer, authority and additional section and AA; returns the rcode. The question stands in
 * the reply already; its name is at or below the zone's. Where `reply->full` is set something that
 * must not lack did not fit: answer with TC.
 */
uint16_t answer_question(struct reply *reply, const struct zone_version *version,
	const uint8_t *name, uint16_t type, bool dnssec_ok);

#endif
