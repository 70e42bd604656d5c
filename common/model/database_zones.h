/*
 * The zones in PowerDNS's tables of one database (domains, records, domainmetadata), as one
 * statement saw them; and the databases that DNS servers of the run read (--mysql). Filled by
 * probe/mysql_zones.c or out of a scenario, read by judge/backends.c.
 */
#ifndef COMMON_MODEL_DATABASE_ZONES_H
#define COMMON_MODEL_DATABASE_ZONES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/model/database.h"
#include "common/model/observation.h"
#include "common/model/plan.h"

/* domains.type: who is to copy the zone. Producer and Consumer are catalogs (4.7). */
enum zone_kind {
	ZONE_KIND_OTHER,
	ZONE_KIND_NATIVE, /* nobody but the database */
	ZONE_KIND_PRIMARY,
	ZONE_KIND_SECONDARY,
	ZONE_KIND_COUNT
};

/* Metadata SOA-EDIT (https://doc.powerdns.com/authoritative/dnssec/operational.html): how the
 * serial that is served is made of the one in the database. */
enum soa_edit {
	SOA_EDIT_UNSET, /* default-soa-edit counts, which no database knows */
	SOA_EDIT_NONE,
	SOA_EDIT_INCREMENT_WEEKS,
	SOA_EDIT_INCEPTION_EPOCH,
	SOA_EDIT_INCEPTION_INCREMENT,
	SOA_EDIT_EPOCH,
	SOA_EDIT_OTHER, /* of another version: any serial may be right */
	SOA_EDIT_COUNT
};

struct database_zone {
	const uint8_t *name; /* wire form, lower case */
	uint32_t serial;     /* of its SOA record; valid where has_serial */
	uint8_t kind;        /* enum zone_kind */
	uint8_t soa_edit;    /* enum soa_edit */
	bool has_serial;     /* false: no SOA record, or one that is none */
};

struct database_zones {
	const char *schema; /* "pdns"; "": none was found */
	const char *error;  /* why they could not be read, cleaned; NULL: they were */
	struct database_zone *items;
	size_t count;
};

/* A database that the PowerDNS of a server of this run reads. */
struct backend {
	const char *name;                     /* as --mysql has it, "ns2.example.com" */
	uint32_t server;                      /* the first of that name; PLAN_NONE: none is asked */
	struct database *database;            /* its replication; `zones` is set */
	const struct database_zone **of_zone; /* plan's zone → its row; NULL: none. As a whole NULL:
	                                         the zones are not known */
};

/* Which servers of the plan (closed; seen->servers is there) read which of seen->backends, by
 * name or address; and which rows their zones have: sets what is set by that. Rows of other zones
 * are dropped. */
void backends_place(const struct plan *plan, struct observations *seen);
/* Of check_mysql_replication --dns: whatever is asked by DNS reads the first of seen->databases. */
void database_place(const struct plan *plan, struct observations *seen);
/* The backend of a server; NULL: none is known. */
const struct backend *backend_of(const struct observations *seen, uint32_t server);

const char *zone_kind_name(enum zone_kind kind); /* "NATIVE", as PowerDNS has it */
enum zone_kind zone_kind_from_text(const char *text);
const char *soa_edit_name(enum soa_edit edit); /* "INCREMENT-WEEKS" */
enum soa_edit soa_edit_from_text(const char *text);
/* The third word of an SOA record's content; false: it is none. */
bool soa_content_serial(const char *content, uint32_t *serial);
/* May a server whose database has `serial` serve `served` by its SOA-EDIT? Of UNSET: by any that
 * default-soa-edit may be. */
bool soa_edit_allows(enum soa_edit edit, uint32_t serial, uint32_t served, int64_t now_s);

#endif
