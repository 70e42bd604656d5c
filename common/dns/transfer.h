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
	struct question question; /* id, name, type, serial asked with; the name is the caller's */
	enum transfer_form form;
	uint32_t serial;  /* of the opening SOA */
	uint64_t records; /* handed over */
	uint64_t messages, bytes;
	uint16_t rcode;
	const char *broken; /* static */
	/* private from here */
	enum transfer_state state;
	uint32_t soa_ttl; /* the opening SOA, until it is known what it is */
	uint16_t soa_length;
	uint8_t soa[NAME_WIRE + NAME_WIRE + 20];
	unsigned soa_seen;
	bool deleting;
	uint32_t current_serial;
};

/*
 * Called for each record in the stream's order. A full zone begins with its SOA; the closing one is
 * not handed over. Differences are, for each step: the old SOA and what else goes (`deleting`), the
 * new SOA and what else comes; their opening and closing SOA are not handed over. Every record is
 * in the zone, of the class that was asked for, and of its type's shape. What was handed over
 * counts only once the state is DONE (and the last message's signature is good). False ends the
 * transfer (BROKEN, "stopped").
 */
typedef bool transfer_record(void *context, const struct zone_record *record, bool deleting);

/* `question` as it was sent by message_question(): DNS_AXFR, or DNS_IXFR with its serial. */
void transfer_begin(struct transfer *transfer, const struct question *question);
/* One whole message. Any state but MORE is final. A message behind the end is BROKEN. */
enum transfer_state transfer_message(struct transfer *transfer, const uint8_t *bytes, size_t length,
	transfer_record *each, void *context);

#endif
