/*
 * One version of a zone, immutable once finished: its records by name, with what RFC 1034 4.3.2
 * asks of them (exact names, empty non-terminals, closest enclosers, wildcards, zone cuts). A
 * version is counted: whoever serves from it over time (a transfer) holds a reference, and it dies
 * with the last one, so a reload disturbs nobody.
 *
 * Made by zone_version_new(), zone_version_add() for each record, zone_version_finish(); read-only
 * from then on.
 */
#ifndef COMMON_ENGINE_ZONE_VERSION_H
#define COMMON_ENGINE_ZONE_VERSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/fault.h"
#include "common/base/map.h"
#include "common/dns/message.h"
#include "common/dns/zone_file.h"
#include "common/engine/zone_chain.h"

struct transfer_stream;

/* One record's data, names in it uncompressed. */
struct zone_rdata {
	struct zone_rdata *next; /* canonical order (RFC 4034 6.3) once finished */
	uint32_t ttl;            /* the RRset's; RRSIGs keep their own (RFC 4034 3) */
	uint16_t length;
	uint8_t bytes[];
};

struct zone_rrset {
	struct zone_rrset *next;
	struct zone_rdata *first;
	uint32_t count;
	uint16_t type;
};

/* A name of the zone. One without RRsets is an empty non-terminal (RFC 8020). */
struct zone_node {
	const uint8_t *name; /* letters as the file has them */
	struct zone_rrset *rrsets;
	bool is_hash; /* an NSEC3 owner and nothing else: for questions it is no name */
};

struct zone_version {
	uint8_t apex[NAME_WIRE]; /* lower case */
	uint32_t serial;
	struct soa_fields soa;
	size_t record_count, node_count;
	struct zone_chain chain;
	/* private from here */
	uint32_t references;
	size_t node_capacity;
	struct zone_node *nodes; /* [0] is the apex */
	struct map by_name;      /* lower-case name to index in nodes */
	struct arena arena;
	struct transfer_stream *stream; /* rendered by the first transfer */
};

/* One reference, the caller's. */
struct zone_version *zone_version_new(const uint8_t *apex);
/* False with the reason: outside the zone, not class IN, CNAME beside other data, a second SOA, an
 * SOA below the apex, malformed data. */
bool zone_version_add(struct zone_version *version, const struct zone_record *record,
	struct fault *fault);
/* Sorts, drops duplicates, and checks what only the whole shows: an SOA and NS at the apex. */
bool zone_version_finish(struct zone_version *version, struct fault *fault);
struct zone_version *zone_version_hold(struct zone_version *version);
/* Gives the reference back; NULL is allowed. */
void zone_version_release(struct zone_version *version);

/* From the text of a master file. `file` names it in faults, "FILE:LINE: reason"; `include` opens
 * $INCLUDE files (NULL: they are refused). NULL with the fault. */
typedef bool zone_include(void *context, const char *path, struct text *content,
	struct fault *fault);
struct zone_version *zone_version_parse(const char *file, const struct text *content,
	const uint8_t *apex, zone_include *include, struct fault *fault);

enum zone_match_kind {
	ZONE_MATCH_NAME,     /* the name exists; perhaps without records */
	ZONE_MATCH_WILDCARD, /* *.closest-encloser stands for it (RFC 4592) */
	ZONE_MATCH_REFERRAL, /* at or below a zone cut */
	ZONE_MATCH_DNAME,    /* below a DNAME (RFC 6672) */
	ZONE_MATCH_NOTHING,  /* no such name */
};

struct zone_match {
	enum zone_match_kind kind;
	const struct zone_node *node; /* of the name, the wildcard, the cut, the DNAME; the closest
	                                 encloser for NOTHING */
};

/* `name` is at or below the apex. A DS question is answered above the cut (RFC 4035 3.1.4.1). */
struct zone_match zone_version_find(const struct zone_version *version, const uint8_t *name,
	uint16_t type);
/* The node of exactly this name, also below cuts (glue); NULL where there is none. */
const struct zone_node *zone_version_node(const struct zone_version *version, const uint8_t *name);
const struct zone_rrset *zone_node_rrset(const struct zone_node *node, uint16_t type);

#endif
