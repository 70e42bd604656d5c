/*
 * One transfer on its way to one client: rendered messages with the client's id,
 * question, EDNS and signatures. Pure; it holds a reference to the version, so a reload does not
 * disturb it.
 */
#ifndef COMMON_ENGINE_TRANSFER_OUT_H
#define COMMON_ENGINE_TRANSFER_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/text.h"
#include "common/dns/message.h"
#include "common/dns/tsig.h"
#include "common/engine/edns.h"
#include "common/engine/faults.h"
#include "common/engine/transfer_stream.h"
#include "common/engine/zone_version.h"

struct transfer_out {
	struct zone_version *version;   /* a reference; NULL: no transfer */
	struct transfer_stream *stream; /* a reference: the version's own, or differences to it */
	bool is_incremental;
	uint32_t from;      /* then: the client's serial */
	uint16_t id, flags; /* flags: RD as it came */
	uint8_t question[NAME_WIRE + 4];
	size_t question_length;
	uint8_t additional[EDNS_MOST];
	size_t additional_length;
	struct tsig_chain chain;
	bool is_signed, has_wrong_tsig;
	size_t end;     /* where a fault ends it; the stream's length without one */
	size_t at;      /* how far the stream is sent */
	uint64_t bytes; /* handed out */
};

enum transfer_out_state { TRANSFER_OUT_MORE, TRANSFER_OUT_DONE, TRANSFER_OUT_CUT };

/* For this question, of which `edns` and `chain` (taken over; NULL: unsigned) are the answer's.
 * `differences` to the version, or NULL: all of it. */
void transfer_out_begin(struct transfer_out *transfer, struct zone_version *version,
	struct transfer_stream *differences, const struct message *question,
	const struct edns_answer *edns, struct tsig_chain *chain, const struct fault_set *faults);
/* Appends the next message behind its two bytes of length. CUT: as far as the fault lets it. */
enum transfer_out_state transfer_out_next(struct transfer_out *transfer, int64_t now_s,
	struct text *out);
/* So that transfer_out_end() does nothing; cheaper than {0}. */
static inline void transfer_out_none(struct transfer_out *transfer)
{
	transfer->version = NULL;
	transfer->stream = NULL;
	transfer->chain.unsigned_bytes.bytes = NULL;
}
/* Also for {0}. */
void transfer_out_end(struct transfer_out *transfer);

#endif
