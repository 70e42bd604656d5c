/*
 * The message stream of an AXFR (RFC 5936) or IXFR (RFC 1995) → records, for a client that trusts
 * nothing. Pure: the caller brings one message after the other. TSIG is the caller's
 * (common/dns/tsig.h).
 */
#ifndef COMMON_DNS_TRANSFER_H
#define COMMON_DNS_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/dns/message.h"
#include "common/dns/zone_file.h"

enum transfer_state {
	TRANSFER_MORE, /* bring the next message */
	TRANSFER_DONE,
	TRANSFER_REFUSED, /* an rcode other than NOERROR: `rcode` */
	TRANSFER_BROKEN,  /* `broken` says how, as a sentence's second half */
	TRANSFER_CURRENT, /* IXFR: one SOA, no newer than ours: up to date */
};

enum transfer_form { TRANSFER_UNKNOWN, TRANSFER_FULL, TRANSFER_DIFFERENCES };

struct transfer {
	struct question question; /* id, name, type, serial asked with */
	enum transfer_form form;
	uint32_t serial; /* of the opening SOA */
	uint64_t records, messages, bytes;
	uint16_t rcode;
	const char *broken; /* static */
	/* private from here */
	unsigned soa_seen;
	bool deleting;
	uint32_t current_serial;
};

/* `deleting`: a record that an IXFR takes away. False ends the transfer (BROKEN, "stopped"). */
typedef bool transfer_record(void *context, const struct zone_record *record, bool deleting);

void transfer_begin(struct transfer *transfer, const struct question *question);
enum transfer_state transfer_message(struct transfer *transfer, const uint8_t *bytes, size_t length,
	transfer_record *each, void *context);

#endif
