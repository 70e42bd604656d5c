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
	struct message message; /* the last one; its bytes only while the caller has them */
	uint16_t rcode;
	const char *broken;                      /* static */
	uint8_t soa[NAME_WIRE + NAME_WIRE + 20]; /* the opening SOA's rdata, in full */
	uint16_t soa_length;                     /* 0: none yet */
	uint32_t soa_ttl;
	/* private from here */
	enum transfer_state state;
	bool deleting;
	uint32_t current_serial;
	uint8_t zone_length;
	struct record at;  /* the record that is read; its owner stays until another comes */
	uint8_t at_length; /* of the owner */
	size_t at_target;  /* where the owner's first label stands, 0: not in this message */
	struct wire_suffixes suffixes;
	bool owner_is_other; /* than that of the item handed over before */
};

/* A record where it stands in the stream: nothing is copied but the owner. */
struct transfer_item {
	const struct message *message; /* its bytes and length, which the record's rdata refers to;
	                                  nothing else of it is meant */
	const struct record *record;   /* the owner's letters as they came */
	uint8_t owner_length;
	bool same_owner; /* as the item handed over before; false says nothing */
	bool deleting;   /* differences: it goes */
};

/*
 * Called for each record in the stream's order. A full zone begins with its SOA; the closing one is
 * not handed over. Differences are, for each step: the old SOA and what else goes (`deleting`), the
 * new SOA and what else comes; their opening and closing SOA are not handed over. Every record is
 * in the zone and of the class that was asked for, SOAs are whole; other rdata is the receiver's to
 * check (rdata_expand()). What was handed over counts only once the state is DONE (and the last
 * message's signature is good). NULL, or a static text that ends the transfer as BROKEN:
 * "malformed rdata".
 */
typedef const char *transfer_take_item(void *context, const struct transfer_item *item);

/* The same with the rdata in full, and of its type's shape. False ends the transfer (BROKEN,
 * "stopped"). */
typedef bool transfer_record(void *context, const struct zone_record *record, bool deleting);

/* `question` as it was sent by message_question(): DNS_AXFR, or DNS_IXFR with its serial. */
void transfer_begin(struct transfer *transfer, const struct question *question);
/* One whole message. Any state but MORE is final. A message behind the end is BROKEN. */
enum transfer_state transfer_message(struct transfer *transfer, const uint8_t *bytes, size_t length,
	transfer_record *each, void *context);
/* The same, for whoever reads rdata where it stands. */
enum transfer_state transfer_message_items(struct transfer *transfer, const uint8_t *bytes,
	size_t length, transfer_take_item *each, void *context);

#endif
