/*
 * A zone version as the messages of an AXFR (RFC 5936 2.2), rendered once and sent to whoever asks:
 * only id, question and the first message's additional section are the client's own. Pure.
 */
#ifndef COMMON_ENGINE_TRANSFER_STREAM_H
#define COMMON_ENGINE_TRANSFER_STREAM_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/text.h"

struct zone_version;

enum {
	TRANSFER_STREAM_MESSAGE = 16384, /* bytes of a message: all of it can be pointed at */
	TRANSFER_STREAM_ROOM = 1024,     /* left free in the greatest message, for OPT and TSIG */
	TRANSFER_STREAM_RDATA =
		65535 - TRANSFER_STREAM_ROOM - 12 - 259 - 265, /* of one record at most */
};

struct transfer_stream {
	struct text bytes; /* messages, each behind its length in two bytes (RFC 1035 4.2.2); ids
	                      are 0 */
	uint32_t messages;
	size_t records; /* with the SOA at both ends */
};

/* The version's stream; rendered by the first call, the version's own. */
const struct transfer_stream *transfer_stream_of(struct zone_version *version);
void transfer_stream_free(struct transfer_stream *stream);

#endif
