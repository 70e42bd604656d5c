/*
 * A zone version or its differences as the messages of an AXFR (RFC 5936 2.2) or IXFR, rendered
 * once and sent to whoever asks: only id, question and the first message's additional section are
 * the client's own. Pure.
 */
#ifndef COMMON_ENGINE_TRANSFER_STREAM_H
#define COMMON_ENGINE_TRANSFER_STREAM_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/text.h"
#include "common/dns/zone_file.h"

struct zone_version;
struct transfer_rendering;

enum {
	TRANSFER_STREAM_MESSAGE = 16384, /* bytes of a message: all of it can be pointed at */
	TRANSFER_STREAM_ROOM = 1024,     /* left free in the greatest message, for OPT and TSIG */
	TRANSFER_STREAM_RDATA =
		65535 - TRANSFER_STREAM_ROOM - 12 - 259 - 265, /* of one record at most */
};

/* Counted: a transfer on its way holds it. */
struct transfer_stream {
	struct text bytes; /* messages, each behind its length in two bytes (RFC 1035 4.2.2); ids
	                      are 0 */
	uint32_t messages;
	size_t records; /* with the SOA at both ends */
	uint32_t references;
};

/* The version's stream; rendered by the first call, the version's own. */
struct transfer_stream *transfer_stream_of(struct zone_version *version);
struct transfer_stream *transfer_stream_hold(struct transfer_stream *stream);
/* Gives the reference back; NULL is allowed. */
void transfer_stream_release(struct transfer_stream *stream);

/* Record by record, for the zone of this name. */
struct transfer_rendering *transfer_rendering_new(const uint8_t *apex);
void transfer_rendering_add(struct transfer_rendering *rendering, const struct zone_record *record);
/* The finished stream, one reference, the caller's. */
struct transfer_stream *transfer_rendering_end(struct transfer_rendering *rendering);

#endif
