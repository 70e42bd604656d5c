/*
 * The engine's whole protocol, pure: one message in; out comes the answer, a transfer to be sent,
 * or nothing. It reads no clock and no socket and changes no zone: what follows from a message (a
 * zone to be refreshed, a line for the log) it reports.
 */
#ifndef COMMON_ENGINE_RESPONDER_H
#define COMMON_ENGINE_RESPONDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/address.h"
#include "common/dns/tsig.h"
#include "common/engine/access.h"
#include "common/engine/faults.h"
#include "common/engine/transfer_out.h"
#include "common/engine/zone_store.h"
#include "common/model/observation.h"

/* Read-only while it serves; what it points at is the owner's. */
struct responder {
	const struct zone_store *zones;
	struct key_ring keys; /* with any, transfers and NOTIFY must be signed, unless a rule says
	                         with what */
	struct access_list transfer_to; /* none for a zone: loopback */
	struct access_list notify_from; /* besides the zone's primaries */
	struct fault_set faults;        /* for what concerns no zone of ours */
	uint32_t tcp_idle_ms; /* of a connection, for those who ask (RFC 7828); 0: not said */
	const char *version;  /* to version.bind: "axfrd 0.1.0" */
	const char *nsid;     /* at most EDNS_NSID_MOST bytes, or NULL */
	const uint8_t *cookie_secret; /* COOKIE_SECRET bytes; NULL: cookies are ignored */
};

struct request {
	const uint8_t *bytes;
	size_t length;
	enum transport transport;
	struct address client;
	int64_t now_s;  /* Unix time, for signatures and cookies */
	int64_t now_us; /* clock_monotonic_us(), for EXPIRE */
};

enum response_kind {
	RESPONSE_NOTHING,  /* silence */
	RESPONSE_MESSAGE,  /* `length` bytes */
	RESPONSE_TRANSFER, /* `transfer`, the caller's to end */
	RESPONSE_CLOSE,    /* TCP: close the connection without a word */
};

/* What the log and the secondary want to know. */
enum response_event {
	EVENT_NONE,
	EVENT_NOTIFY, /* accepted: refresh the zone */
	EVENT_NOTIFY_REFUSED,
	EVENT_NOTIFY_DROPPED,
	EVENT_TRANSFER,
	EVENT_TRANSFER_REFUSED,
	EVENT_SOA,        /* asked of a zone's apex */
	EVENT_IXFR_WHOLE, /* differences in one message, over UDP */
	EVENT_SIGNATURE_REFUSED,
};

struct response {
	enum response_kind kind;
	size_t length;
	bool reset_after;  /* a fault: when the transfer is cut, reset the connection */
	uint32_t delay_ms; /* a fault: send it this late */
	enum response_event event;
	struct zone *zone; /* that the event is about, or NULL */
	uint16_t type;     /* the same */
	bool has_serial;   /* NOTIFY or IXFR said one */
	uint32_t serial;
	const char *reason;           /* why it was refused; static */
	uint8_t name[NAME_WIRE];      /* the event's question */
	struct transfer_out transfer; /* {0} in effect, where the kind is another */
};

/* `out` holds `capacity` bytes: MESSAGE_MOST, over UDP at least MESSAGE_UDP_SIZE. */
void respond(const struct responder *responder, const struct request *request, uint8_t *out,
	size_t capacity, struct response *response);

#endif
