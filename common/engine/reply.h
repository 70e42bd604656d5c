/*
 * Writes one response message: header, question, records with compressed names (RFC 1035 4.1.4).
 * Pure. A record that does not fit is taken back whole and sets `full`; what was written before
 * stays good.
 */
#ifndef COMMON_ENGINE_REPLY_H
#define COMMON_ENGINE_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/dns/message.h"
#include "common/dns/wire.h"
#include "common/engine/zone_version.h"

/* Powers of two: a message over UDP has few names, and many are written. */
enum { REPLY_SLOTS = 1024, REPLY_SLOTS_SMALL = 64, REPLY_SMALL = 1500 };

/* A name that stands in the message, with which others are expected to end: the question's. */
struct reply_base {
	uint16_t at, length; /* 0: none */
	uint8_t labels;
	uint32_t hash;
};

struct reply {
	struct wire_writer writer;
	uint16_t flags; /* with opcode and the lower bits of the rcode; written by reply_end() */
	uint16_t counts[4]; /* by enum message_section */
	bool full;
	bool keeps_case; /* point only at names of the same case: transfers keep it (RFC 5936 3.4)
	                  */
	struct reply_base base;
	uint32_t slot_count;
	uint16_t slots[REPLY_SLOTS]; /* slot_count of them: offsets of names already written, by
	                                hash; 0: free */
};

/* Reserves the header. `capacity` is the message's limit, at least MESSAGE_HEADER. */
void reply_begin(struct reply *reply, uint8_t *out, size_t capacity, uint16_t id, uint16_t flags);
void reply_question(struct reply *reply, const uint8_t *name, uint16_t type, uint16_t class);
/* Sections in their order only. False: `full`, nothing was written. */
bool reply_record(struct reply *reply, enum message_section section, const uint8_t *owner,
	uint16_t type, uint32_t ttl, const struct zone_rdata *rdata);
/* The same of a record of any origin, of class IN. */
bool reply_rdata(struct reply *reply, enum message_section section,
	const struct zone_record *record);
/* Everything after the question away; the names there are forgotten. */
void reply_empty(struct reply *reply);
/* What stands so far is not pointed at. */
void reply_forget_names(struct reply *reply);
/* Fills the header in; the message's length. */
size_t reply_end(struct reply *reply);

#endif
