/*
 * PowerDNS servers as one run saw them by their HTTP API: settings, zones, autoprimaries, and of
 * zones in trouble metadata, NS set and what the log says. Filled by probe/pdns_api.c or out of a
 * scenario, read by the judges.
 *
 * Nothing here is a fault: a server that is silent, refuses the key or sends HTML is an outcome.
 * What was not asked, or what a version does not say, is "not known", never 0 or "no".
 *
 * Owner of all texts and arrays: the observations' arena. Zones are numbered as in the plan.
 */
#ifndef COMMON_MODEL_PDNS_H
#define COMMON_MODEL_PDNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/address.h"
#include "common/base/arena.h"

/* How one request, or a server as a whole, ended. */
enum pdns_outcome {
	PDNS_NOT_ASKED, /* nobody wanted to know, or the deadline came first */
	PDNS_ANSWERED,
	PDNS_UNREACHABLE,  /* no address, no route, nothing listens, the connection broke */
	PDNS_TIMEOUT,      /* silent, or trickling until the deadline */
	PDNS_TLS_FAILED,   /* certificate, name, version */
	PDNS_UNAUTHORIZED, /* 401, 403: the key, or webserver-allow-from */
	PDNS_NOT_FOUND,    /* 404: no such zone, or no such path in this version */
	PDNS_REDIRECT,     /* 3xx: never followed, the key would go with it */
	PDNS_HTTP_ERROR,   /* any other status: a proxy's 502, 500 of a backend */
	PDNS_NOT_JSON,     /* 200, but HTML or something else that PowerDNS does not say */
	PDNS_TRUNCATED,    /* the body ends too early */
	PDNS_TOO_BIG,      /* more than a sane server has to say */
	PDNS_OUTCOME_COUNT
};

/* Settings that matter to replication, each by its newest name; the two spellings of one are one.
 */
enum pdns_setting {
	PDNS_PRIMARY,       /* master until 4.4, both until 4.8 */
	PDNS_SECONDARY,     /* slave */
	PDNS_AUTOSECONDARY, /* superslave */
	PDNS_ALLOW_AXFR_IPS,
	PDNS_ALLOW_NOTIFY_FROM,
	PDNS_ALLOW_UNSIGNED_NOTIFY,
	PDNS_ALLOW_UNSIGNED_AUTOPRIMARY, /* allow-unsigned-supermaster */
	PDNS_XFR_CYCLE_INTERVAL,         /* slave-cycle-interval */
	PDNS_SECONDARY_DO_RENOTIFY,      /* slave-renotify */
	PDNS_CACHE_TTL,
	PDNS_QUERY_CACHE_TTL,
	PDNS_NEGQUERY_CACHE_TTL,
	PDNS_ZONE_CACHE_REFRESH_INTERVAL, /* since 4.5 */
	PDNS_ALSO_NOTIFY,
	PDNS_ONLY_NOTIFY,
	PDNS_FORWARD_NOTIFY,
	PDNS_TRUSTED_NOTIFICATION_PROXY,
	PDNS_PREVENT_SELF_NOTIFICATION,
	PDNS_SEND_SIGNED_NOTIFY,
	PDNS_DISABLE_AXFR,
	PDNS_DEFAULT_SOA_EDIT,
	PDNS_DEFAULT_SOA_EDIT_SIGNED,
	PDNS_LOCAL_ADDRESS,
	PDNS_LOCAL_PORT,
	PDNS_QUERY_LOCAL_ADDRESS, /* transfers are asked for from there */
	PDNS_LAUNCH,
	PDNS_SETTING_COUNT
};

enum pdns_kind {
	PDNS_KIND_UNKNOWN, /* a word that no version of today has */
	PDNS_NATIVE,
	PDNS_MASTER,
	PDNS_SLAVE,
	PDNS_PRODUCER, /* of a catalog zone, since 4.7 */
	PDNS_CONSUMER,
	PDNS_KIND_COUNT
};

/* What is known of a yes-or-no. */
enum pdns_switch { PDNS_NOT_KNOWN, PDNS_OFF, PDNS_ON };

/* A list of primaries, once for all zones that have it. */
struct pdns_masters {
	const char *text; /* "192.0.2.1, 192.0.2.2:5300" */
	const struct address *addresses;
	uint32_t address_count;
};

/* One zone on one server, as its list of zones says. Small: there are a hundred thousand. */
struct pdns_zone {
	int64_t last_check_s;           /* Unix time by the server's clock; 0: never */
	uint32_t zone;                  /* index into the plan's zones */
	uint32_t serial, edited_serial; /* edited: as DNS shows it, where has_edited_serial */
	uint32_t notified_serial;
	uint32_t masters;          /* index into the server's masters; [0]: none */
	uint32_t account, catalog; /* indexes into observations.texts; 0: none, or not told */
	uint8_t kind;              /* enum pdns_kind */
	uint8_t dnssec;            /* enum pdns_switch: the short list does not tell */
	bool has_edited_serial, has_catalog /* the version tells of catalogs */;
};

/* A row of supermasters. */
struct pdns_autoprimary {
	const char *ip;         /* as it stands there */
	struct address address; /* family 0: `ip` is no address */
	const char *nameserver; /* lower case, with the final dot */
	const char *account;
	bool is_dotted; /* the name stands there with a final dot */
};

/* Metadata of a zone, one kind each; values are lists. */
enum pdns_metadata {
	PDNS_META_ALLOW_AXFR_FROM,
	PDNS_META_TSIG_ALLOW_AXFR,
	PDNS_META_AXFR_MASTER_TSIG,
	PDNS_META_ALSO_NOTIFY,
	PDNS_META_AXFR_SOURCE,
	PDNS_META_SOA_EDIT,
	PDNS_META_SOA_EDIT_API,
	PDNS_META_SLAVE_RENOTIFY,
	PDNS_META_PRESIGNED,
	PDNS_META_COUNT
};

struct pdns_values {
	const char *const *items; /* NULL where count is 0 */
	uint32_t count;
};

/* What an NS name means that is no server's: it may be another name for the same addresses, as
 * customers like to have their own. */
struct pdns_ns_address {
	uint32_t name; /* index into `ns` */
	struct address address;
};

/* What is asked only of a zone in trouble. */
struct pdns_detail {
	uint32_t zone;             /* index into the plan's zones */
	enum pdns_outcome outcome; /* of the zone itself; NOT_FOUND: it is not there */
	enum pdns_outcome metadata_outcome, records_outcome; /* ANSWERED: below is all there is */
	bool has_soa_edit_api;                               /* it was told, also where it is "" */
	const char *soa_edit, *soa_edit_api;                 /* "" is unset; never NULL */
	struct pdns_values metadata[PDNS_META_COUNT];
	struct pdns_values ns; /* names at the apex: lower case, with the final dot */
	const struct pdns_ns_address *ns_addresses;
	uint32_t ns_address_count;
	bool ns_unresolved; /* there are more, or may be: no resolver tells */
	bool has_soa;       /* the seconds below */
	uint32_t refresh_s, retry_s, expire_s;
	uint32_t edited_serial; /* as DNS shows it */
	bool has_edited_serial;
};

/* A line of the log's ring, and how often it stands there; without time. */
struct pdns_log {
	const char *text;
	uint32_t times;
};

struct pdns_server {
	const char *name;    /* as --url=NAME=... has it: what it is called in reports */
	const char *url;     /* where its API is; without anything secret */
	const char *tls_ca;  /* the file of --tls-ca; NULL: the system's CAs are trusted */
	const char *trouble; /* what happened, a sentence's second half: "it answers HTTP 502"; NULL
	                      */
	const char *version; /* "4.7.3"; NULL: not asked (of servers in trouble only) */
	/* Where its DNS service is, for lists of addresses: --address, else local-address, else
	 * what NAME means. None: not known. */
	const struct address *addresses;
	/* Where its transfers come from, if query-local-address says; else none: one of the above.
	 */
	const struct address *sources;
	struct pdns_zone *zones;      /* in the plan's order of zones */
	uint32_t *zone_rows;          /* plan's zone → index into zones + 1; 0: not there */
	struct pdns_masters *masters; /* [0]: none */
	struct pdns_autoprimary *autoprimaries;
	struct pdns_detail *details; /* of zones in trouble */
	struct pdns_log *logs;       /* lines about transfers, NOTIFY and autoprimaries */
	const char *settings[PDNS_SETTING_COUNT]; /* NULL: not known, or not in this version */
	uint32_t address_count, source_count, zone_count, master_count, autoprimary_count,
		detail_count, log_count;
	uint32_t server;           /* index into the plan's servers */
	uint32_t requests;         /* how many it was asked */
	enum pdns_outcome outcome; /* ANSWERED: zones and settings are both there */
	enum pdns_outcome zones_outcome, settings_outcome;
	enum pdns_outcome autoprimaries_outcome; /* NOT_FOUND: before 4.6 */
	enum pdns_outcome logs_outcome;
	bool is_primary;           /* the first --url */
	bool old_names, new_names; /* it knows "master"; it knows "primary". 4.5 to 4.8: both */
	bool api_elsewhere; /* the plan's address is that of its API, and not of its DNS service */
	bool place_unknown; /* no resolver tells where its name's addresses are */
	bool all_zones;     /* its whole list was read; false: only those that -z names */
};

/* Its row for a zone of the plan; NULL: it does not have it, or the list is not known. */
const struct pdns_zone *pdns_find_zone(const struct pdns_server *server, uint32_t zone);
/* What was asked about the zone in full; NULL: nothing. */
const struct pdns_detail *pdns_find_detail(const struct pdns_server *server, uint32_t zone);
/* yes and no as PowerDNS reads them. */
enum pdns_switch pdns_setting_switch(const struct pdns_server *server, enum pdns_setting setting);
/* A number of seconds; false: not known, or none. */
bool pdns_setting_number(const struct pdns_server *server, enum pdns_setting setting,
	uint32_t *value);
/* "primary", or "master" where its version has only that. */
const char *pdns_setting_name(const struct pdns_server *server, enum pdns_setting setting);
/* By a name of either spelling; false: it does not matter to replication. `*is_old`: "master". */
bool pdns_setting_from_name(const char *name, enum pdns_setting *setting, bool *is_old);
/* Is it that version or later? By the version, else by the names of its settings and what its
 * lists tell; false where that is not known. */
bool pdns_is_from(const struct pdns_server *server, unsigned major, unsigned minor);

/* The addresses of a list as settings and zones have them, between blanks, commas and semicolons:
 * "192.0.2.1", "192.0.2.1:5300", "[2001:db8::1]:5300", "2001:db8::1". What is no address is left
 * out. Ports are 0 where none is given. Their number. */
uint32_t pdns_addresses(const char *list, struct arena *arena, const struct address **addresses);
/* Sorts its zones as the plan has them, and fills zone_rows; what stands there twice is once. */
void pdns_index_zones(struct pdns_server *server, size_t zone_count, struct arena *arena);

const char *pdns_outcome_name(enum pdns_outcome outcome);    /* "answered", "not_json" */
const char *pdns_kind_name(enum pdns_kind kind);             /* "Master", as the API has it */
enum pdns_kind pdns_kind_from_name(const char *name);        /* any case; also Primary, Secondary */
const char *pdns_metadata_name(enum pdns_metadata metadata); /* "ALLOW-AXFR-FROM" */
bool pdns_metadata_from_name(const char *name, enum pdns_metadata *metadata);

#endif
