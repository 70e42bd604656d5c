/*
 * A change on its way, as check_dns_propagation makes and follows it: what became of the change
 * itself, and for each server the time of every step that was seen. As with every observation a
 * server that stops somewhere is a result.
 *
 * Times are microseconds since the change was there to be taken: the hidden primary serves it and
 * sends NOTIFY, or the real primary has confirmed it.
 */
#ifndef COMMON_MODEL_PROPAGATION_H
#define COMMON_MODEL_PROPAGATION_H

#include <stdbool.h>
#include <stdint.h>

#include "common/model/software.h"

enum change_kind {
	CHANGE_BY_ENGINE, /* we are the hidden primary */
	CHANGE_BY_UPDATE, /* RFC 2136 at the real primary */
	CHANGE_BY_PDNS,   /* its PowerDNS API */
	CHANGE_KIND_COUNT,
};

/* What stands in the way of a change by the API, as far as it is known. */
enum change_obstacle {
	OBSTACLE_NONE,      /* or none that has advice of its own */
	OBSTACLE_KEY,       /* it wants another api-key */
	OBSTACLE_ZONE,      /* it does not have the zone */
	OBSTACLE_SECONDARY, /* it has the zone from another server */
	OBSTACLE_SERIAL,    /* it would not raise the serial: no secondary would take the change */
	OBSTACLE_RECORD,    /* it does not take such a record there */
	OBSTACLE_TLS,       /* certificate, name, version */
	OBSTACLE_COUNT,
};

enum { PROPAGATION_NEVER = -1 };

/* The change itself. Texts are the observations' (cleaned), or static; "" where there is nothing to
 * say. */
struct change {
	enum change_kind kind;
	enum change_obstacle obstacle;
	bool was_made;
	bool is_cleanup;       /* the record was to be removed, and nothing else */
	bool is_incremental;   /* --ixfr: differences are expected */
	uint32_t serial;       /* of the zone that the hidden primary serves */
	int64_t taken_us;      /* how long the real primary took to confirm it */
	int64_t waited_us;     /* how long the servers were followed */
	int64_t notify_us;     /* when its own NOTIFY came to --listen; PROPAGATION_NEVER */
	const char *token;     /* that the record holds */
	const char *api;       /* its URL, by CHANGE_BY_PDNS; "" */
	const char *tls_ca;    /* the file of --tls-ca; "": the system's CAs are trusted */
	const char *listen;    /* where secondaries have to ask us: an address; "" */
	const char *trouble;   /* why the change was not made, or no NOTIFY of it is sent */
	const char *strangers; /* who else asked, and when: "198.51.100.7 (12 ms)" */
};

/* One server's way to it. */
struct propagation {
	int64_t notify_us;   /* it answered NOTIFY */
	int64_t soa_us;      /* it asked for the SOA; its first question of that kind, as below */
	int64_t request_us;  /* it asked for the transfer */
	int64_t transfer_us; /* that was complete */
	int64_t publish_us;  /* an answer of its own shows the change */
	int64_t lacked_us;   /* the last question was sent whose answer lacks it */
	uint8_t notify_outcome; /* enum outcome of our NOTIFY; NOT_ASKED where none was sent */
	uint8_t notify_tries;
	uint16_t notify_rcode;
	bool has_before;        /* it served a serial before */
	uint32_t before;        /* which */
	bool asked_incremental; /* by IXFR, from `asked_from` */
	bool knows_from;        /* which is a serial whose differences we have */
	uint32_t asked_from;
	bool got_differences;
	uint32_t failures;   /* transfers and questions of it that we refused or that broke */
	const char *trouble; /* of the last one; "" */
	const char *token;   /* what its record holds; "" */
	uint32_t questions;  /* that it was asked */
};

/* Where it stopped. */
enum propagation_step {
	STEP_NOTIFY,
	STEP_SOA,
	STEP_REQUEST,
	STEP_TRANSFER,
	STEP_PUBLISH,
	STEP_NONE, /* it serves the change */
	STEP_COUNT,
};

struct propagation propagation_begin(void);
/* Steps that are seen prove those before them, whatever came of these. */
enum propagation_step propagation_stopped_at(const struct change *change,
	const struct propagation *seen, enum software_kind software);
/* How exactly the time of publication is known: it may have been so much earlier. */
int64_t propagation_doubt_us(const struct propagation *seen);

/* "engine", "update", "pdns". */
const char *change_kind_name(enum change_kind kind);
const char *change_obstacle_name(enum change_obstacle obstacle); /* "none", "key" */

/*
 * How long to wait for the next question to a server, `since_us` after what is expected to show
 * soon, so that what shows in the first half second is seen within five milliseconds, later within
 * a few per cent, and no run asks more than PROPAGATION_QUESTIONS.
 */
enum { PROPAGATION_QUESTIONS = 200 };
int64_t propagation_wait_us(int64_t since_us, bool is_expected);

#endif
