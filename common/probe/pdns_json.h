/*
 * What PowerDNS's API says as JSON, into the model (common/model/pdns.h): piece by piece and
 * element by element, so that a hundred thousand zones never stand in memory as text. No I/O.
 */
#ifndef COMMON_PROBE_PDNS_JSON_H
#define COMMON_PROBE_PDNS_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/fault.h"
#include "common/base/json_split.h"
#include "common/base/map.h"
#include "common/base/text.h"
#include "common/model/observation.h"
#include "common/model/pdns.h"
#include "common/model/plan.h"

enum pdns_document {
	PDNS_DOCUMENT_ZONES,         /* .../zones */
	PDNS_DOCUMENT_SETTINGS,      /* .../config */
	PDNS_DOCUMENT_SERVER,        /* .../localhost: the version */
	PDNS_DOCUMENT_AUTOPRIMARIES, /* .../autoprimaries */
	PDNS_DOCUMENT_LOGS,          /* .../statistics, of which the log's ring */
	PDNS_DOCUMENT_ZONE,          /* .../zones/ID?rrsets=false */
	PDNS_DOCUMENT_METADATA,      /* .../zones/ID/metadata */
	PDNS_DOCUMENT_RECORDS,       /* .../zones/ID?rrset_name=APEX, of which NS and SOA */
	PDNS_DOCUMENT_SERVED,        /* .../zones again, of which what DNS shows: edited_serial */
	PDNS_DOCUMENT_COUNT
};

struct pdns_reader {
	enum pdns_document document;
	struct plan *plan;          /* zones are looked for there */
	bool adds_zones;            /* and added where they are not; else left out */
	struct observations *seen;  /* owns what is kept */
	struct pdns_server *server; /* filled */
	struct pdns_detail *detail; /* filled by ZONE, METADATA and RECORDS */
	/* private from here */
	struct json_split split;
	struct text whole; /* of a document that is one object */
	size_t length;
	struct pdns_zone *zones;
	size_t zone_capacity, master_capacity, autoprimary_capacity, log_capacity;
	struct map masters;
	struct fault why;
	bool is_too_big;
};

/* The members above `private` are set, the others zero. */
void pdns_reader_begin(struct pdns_reader *reader);
/* False: nothing more is wanted of it. */
bool pdns_reader_feed(struct pdns_reader *reader, const char *bytes, size_t length);
/* ANSWERED, NOT_JSON, TRUNCATED or TOO_BIG; `why` is then a sentence's second half. */
enum pdns_outcome pdns_reader_end(struct pdns_reader *reader, struct fault *why);

#endif
