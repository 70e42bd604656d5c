/*
 * The last changes of one zone, step by step, for IXFR (RFC 1995 5). Pure. It holds no more than a
 * transfer of the whole zone would: what is older is forgotten, and who asks for it gets the zone.
 */
#ifndef COMMON_ENGINE_JOURNAL_H
#define COMMON_ENGINE_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/engine/difference.h"
#include "common/engine/transfer_stream.h"

enum { JOURNAL_LEAST = 1000 }; /* records that it holds even of the smallest zone */

/* {0} is empty. */
struct journal {
	struct difference *oldest, *newest;
	size_t records;
	/* The stream that was asked for last: many secondaries ask for the same. */
	struct transfer_stream *stream;
	uint32_t stream_from;
};

/* Takes over one step or several, that lead to the version; what does not lead to the first of
 * them is forgotten. */
void journal_add(struct journal *journal, struct difference *steps,
	const struct zone_version *version);
/* The first step from this serial on, or NULL: not known, or longer than the zone. */
const struct difference *journal_since(const struct journal *journal, uint32_t serial,
	const struct zone_version *version);
/* The same as the messages of an IXFR; the journal's, as long as nobody holds it
 * (transfer_stream_hold()). */
struct transfer_stream *journal_stream(struct journal *journal, uint32_t serial,
	const struct zone_version *version);
void journal_clear(struct journal *journal);

#endif
