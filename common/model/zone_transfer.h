/*
 * What one zone transfer came to, as check_zone_transfer asks for it: how it ended, how far it came
 * and what it brought. One stands beside each pair of the plan (observations.zone_transfers). As
 * with every observation a server that refuses, breaks off or lies is a result.
 */
#ifndef COMMON_MODEL_ZONE_TRANSFER_H
#define COMMON_MODEL_ZONE_TRANSFER_H

#include <stdbool.h>
#include <stdint.h>

#include "common/dns/transfer.h"

/* How a transfer ended. */
enum transfer_end {
	TRANSFER_END_NOT_ASKED, /* the deadline came first */
	TRANSFER_END_COMPLETE,
	TRANSFER_END_CURRENT, /* IXFR: the server has nothing newer than what was asked with */
	TRANSFER_END_BEGAN,   /* it began, and that was all there was to know */
	TRANSFER_END_RCODE,   /* the first message said so: `rcode` */
	TRANSFER_END_TIMEOUT, /* the deadline came before its end */
	TRANSFER_END_PORT_CLOSED,
	TRANSFER_END_UNREACHABLE,
	TRANSFER_END_NO_ROUTE, /* from this machine: nothing was sent */
	TRANSFER_END_CUT,      /* closed or reset by the other side */
	TRANSFER_END_BROKEN,   /* what came is no transfer of this zone: `trouble` */
	TRANSFER_END_UNSIGNED, /* a signature is missing that must be there */
	TRANSFER_END_TSIG,     /* a signature is wrong, or the server says ours is: `trouble` */
	TRANSFER_END_TLS,      /* no TLS session with this server: `trouble` */
	TRANSFER_END_COUNT,
};

/* How far it came. */
enum transfer_phase {
	TRANSFER_CONNECTING,
	TRANSFER_SHAKING_HANDS, /* TCP is connected, TLS not yet */
	TRANSFER_ASKED,         /* the question is out; no message yet */
	TRANSFER_STREAMING,     /* messages came */
	TRANSFER_PHASE_COUNT,
};

/* Texts are the observations' (cleaned), or static; "" where there is nothing to say. */
struct zone_transfer {
	enum transfer_end end;
	enum transfer_phase phase;
	enum transfer_form form;
	uint16_t rcode;
	uint16_t ede_code; /* EDE_NONE where not said */
	const char *ede_text;
	const char *trouble; /* a sentence's second half: "a record outside the zone" */
	int error;           /* errno of a connection that was cut; 0: closed in order */
	bool inside_message; /* where it was cut */
	bool has_serial;
	uint32_t serial;                   /* of the opening SOA */
	uint64_t records, messages, bytes; /* the closing SOA is no record; DNS messages' bytes */
	int64_t duration_us;               /* from connect to end */
	int64_t first_message_us;          /* from connect; 0: none came */
	bool is_signed;                    /* every signature that must be there was good */
	const char *tls_version;           /* "TLSv1.3"; "" without TLS */
	const char *tls_cipher;
	bool tls_alpn;              /* the server agreed to "dot" */
	int64_t certificate_ends_s; /* Unix time; 0: not known */
};

/* "complete", "up_to_date", "timeout", ...: for JSON and scenarios. */
const char *transfer_end_name(enum transfer_end end);
const char *transfer_phase_name(enum transfer_phase phase);
/* "full", "differences"; "unknown". */
const char *transfer_form_name(enum transfer_form form);

#endif
