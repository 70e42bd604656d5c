/*
 * What each question came to. A server that is silent, refuses or lies is an observation, never an
 * error: judges read it, nobody "handles" it.
 *
 * Observations stand in arrays parallel to the plan's: `soa[pair]` for plan->assigned[pair],
 * `servers[index]` for plan->servers[index]. Filled by probes, read-only for the judges. What
 * repeats over many zones (SOA fields, texts, NS sets) is kept once, and 0 means none.
 */
#ifndef COMMON_MODEL_OBSERVATION_H
#define COMMON_MODEL_OBSERVATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/map.h"
#include "common/dns/message.h"

/* How one question ended. */
enum outcome {
	OUTCOME_NOT_ASKED, /* the deadline came first, or nobody wanted to know */
	OUTCOME_ANSWERED,  /* as asked */
	OUTCOME_TIMEOUT,
	OUTCOME_PORT_CLOSED, /* ECONNREFUSED: ICMP port unreachable, TCP reset at connect */
	OUTCOME_UNREACHABLE, /* EHOSTUNREACH, ENETUNREACH from the network, EACCES/EPERM of a local
	                        firewall */
	OUTCOME_NO_ROUTE,    /* this machine has no route at all: nothing was sent */
	OUTCOME_CONNECTION_BROKEN, /* TCP: accepted, then closed or reset without an answer */
	OUTCOME_MALFORMED,
	OUTCOME_REFUSED,
	OUTCOME_SERVFAIL,
	OUTCOME_NOTAUTH,
	OUTCOME_NXDOMAIN,
	OUTCOME_NO_SOA,            /* NOERROR without the SOA: no data, or a referral */
	OUTCOME_NOT_AUTHORITATIVE, /* an SOA, but without AA; the serial is valid */
	OUTCOME_RCODE,             /* any other rcode */
	OUTCOME_TSIG_FAILED, /* the answer's signature is absent or wrong, or the server says ours
	                        is */
	OUTCOME_COUNT,
};

/* "answered", "port_closed", ...: for JSON and scenarios. */
const char *outcome_name(enum outcome outcome);
bool outcome_from_name(const char *name, enum outcome *outcome);
/* "does not answer", "has its port closed", ...: why there is no answer, behind who was asked.
 * NULL: there is one. */
const char *outcome_trouble(enum outcome outcome);

enum transport { TRANSPORT_UDP, TRANSPORT_TCP };

/* One SOA question to one server for one zone. */
struct soa_observation {
	uint32_t serial;               /* valid for ANSWERED and NOT_AUTHORITATIVE */
	uint32_t round_trip_us;        /* of the try that was answered */
	uint32_t fields;               /* index into observations.fields */
	uint32_t expire_s;             /* EDNS EXPIRE; EXPIRE_NONE where not said */
	uint32_t signature_expiration; /* RRSIG of the SOA, Unix time mod 2^32; both 0: unsigned */
	uint32_t signature_inception;
	uint32_t nsid, ede_text; /* indexes into observations.texts */
	uint32_t earlier_serial; /* where `confirmed`: the serial of the first round; see
	                            judge/serials.c */
	uint32_t ns_set;         /* index into observations.ns_sets; 0: not asked or no answer */
	uint16_t rcode;
	uint16_t ede_code;   /* EDE_NONE where not said */
	uint8_t outcome;     /* enum outcome */
	uint8_t ns_outcome;  /* enum outcome of the NS question */
	uint8_t udp_outcome; /* what became of UDP, where TCP answered instead: TIMEOUT,
	                        PORT_CLOSED, ... */
	uint8_t transport;   /* enum transport of the answer */
	uint8_t tries;
	uint8_t confirmed; /* asked a second time, at least a second later: all above is of that
	                      answer */
	uint16_t tsig_error;
};

/* tsig_error where it is not the other side's word (RFC 8945 3): what we found ourselves. */
enum { TSIG_ERROR_UNSIGNED = 0xffff, TSIG_ERROR_BAD_MAC = 0xfffe, TSIG_ERROR_NOTAUTH = 0xfffd };

enum { EXPIRE_NONE = 0xffffffff, EDE_NONE = 0xffff };

/* What is asked only where something is wrong: what would show the why, and whose words advice
 * should be in. */
enum diagnosis {
	DIAGNOSIS_TRANSFER,   /* the first message of an AXFR: what the server says to this host */
	DIAGNOSIS_SOA_BY_TCP, /* past whatever answers by UDP only */
	DIAGNOSIS_NS,         /* the NS set, into the pair's ns_set */
	DIAGNOSIS_SOFTWARE,   /* version.bind of class CH */
	DIAGNOSIS_IDENTITY,   /* id.server of class CH (RFC 4892) */
	DIAGNOSIS_COUNT,
};

/* What DIAGNOSIS_TRANSFER or DIAGNOSIS_SOA_BY_TCP came to. */
struct transfer_observation {
	uint32_t zone, server; /* indexes into the plan */
	uint8_t outcome;       /* ANSWERED: the transfer began; REFUSED, NOTAUTH, ... */
	uint8_t soa;           /* 1: it was an SOA question by TCP */
	uint16_t rcode, ede_code, tsig_error;
	uint32_t ede_text;
	uint32_t serial; /* of the opening SOA, where ANSWERED */
};

struct zone_transfer;
struct zone_comparison;
struct content_observation;
struct database;
struct propagation;
struct change;
struct pdns_server;
struct backend;
struct informant;

struct server_observation {
	uint8_t udp_outcome;  /* how UDP ended, where it is known not to work: then it is not waited
	                         for again; else NOT_ASKED */
	uint8_t tcp_outcome;  /* of the TCP probe; NOT_ASKED where none was made */
	bool no_edns;         /* it is asked without */
	uint8_t backend;      /* 1 + index into observations.backends; 0: none is known */
	const char *software; /* as software_name() has it; NULL: not asked, or not told */
	const char *identity; /* id.server; NULL */
};

/* Sorted names in lower-case wire form, one behind the other: equal sets are equal bytes. */
struct ns_set {
	const uint8_t *names;
	size_t length;
	uint32_t count;
};

/* What an SOA says besides its serial, as short as it is: struct soa_fields has 528 bytes. Seconds.
 */
struct soa_content {
	uint32_t refresh, retry, expire, minimum;
	uint8_t mname_length, rname_length;
	uint8_t names[]; /* MNAME, RNAME; wire form, lower case */
};

static inline const uint8_t *soa_mname(const struct soa_content *content)
{
	return content->names;
}

static inline const uint8_t *soa_rname(const struct soa_content *content)
{
	return content->names + content->mname_length;
}

struct observations {
	struct soa_observation *soa;        /* plan->pair_count */
	struct server_observation *servers; /* plan->server_count */
	struct transfer_observation *transfers;
	size_t transfer_count;
	struct zone_transfer *zone_transfers;     /* plan->pair_count; NULL: not this program's */
	struct zone_comparison *zone_comparisons; /* the same */
	struct propagation *propagations;         /* the same */
	struct change *change;                    /* what they are about */
	struct content_observation *contents;     /* of diagnoses */
	size_t content_count;
	struct database *databases; /* plan->server_count; NULL: not this program's */
	size_t database_count;
	struct backend *backends; /* --mysql; NULL: none */
	size_t backend_count;
	struct informant *informants; /* whom --pdns-api and --mysql name; NULL: none */
	size_t informant_count;
	struct pdns_server *pdns; /* by --url or --pdns-api; NULL: none was asked */
	size_t pdns_count;
	const struct soa_content **fields; /* [0]: the root's names and zeros */
	size_t field_count;
	uint32_t last_fields; /* many zones in a row have the same */
	const char **texts;   /* [0] is "" */
	size_t text_count;
	struct ns_set *ns_sets; /* [0] is empty */
	size_t ns_set_count;
	uint64_t queries, retries;
	bool deadline_reached;      /* something was never asked */
	struct index_map field_map; /* for those who fill */
	struct map text_map, ns_map;
	struct arena arena;
};

void observations_begin(struct observations *seen, size_t pair_count, size_t server_count);
/* The same room anew, where the plan was closed only after other things had been seen. */
void observations_room(struct observations *seen, size_t pair_count, size_t server_count);
void observations_free(struct observations *seen);
/* The index of an equal entry, made where it was absent. Texts are cleaned: control bytes, '|', '<'
 * and '>' become blanks or similar, UTF-8 is checked, 255 bytes at most. */
uint32_t observations_text(struct observations *seen, const void *bytes, size_t length);
/* A copy that is cleaned like that and lives as long as `seen`; NULL where nothing is left. */
const char *observations_string(struct observations *seen, const void *bytes, size_t length);
uint32_t observations_fields(struct observations *seen, const struct soa_fields *fields);
/* `names`: `count` wire-form names in any order and case, duplicates allowed. */
uint32_t observations_ns_set(struct observations *seen, const uint8_t *const *names, size_t count);

#endif
