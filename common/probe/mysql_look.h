/*
 * One look at PowerDNS's tables in one database: fingerprints of its zones, computed by the server
 * in a snapshot that only reads. Nothing of a key leaves the server but a hash. Works with the
 * schemas of PowerDNS 4.1 to 5.0: what columns there are is asked, and only what both databases
 * have is compared.
 */
#ifndef COMMON_PROBE_MYSQL_LOOK_H
#define COMMON_PROBE_MYSQL_LOOK_H

#include "common/model/database_content.h"
#include "common/model/zone_print.h"
#include "common/probe/mysql_session.h"

/* One of the two databases. All that it points at is in its arena. */
struct look {
	struct mysql_session *session;
	struct arena arena;
	const char *schema;
	uint32_t columns; /* it has: a bit each, in the order of the table in mysql_look.c */
	uint32_t statements;
	/* CONTENT_COMPARED: no trouble so far. */
	enum content_outcome outcome;
	uint32_t error_number;
	const char *error, *table;
	const char *user; /* as a GRANT wants it, where that is missing; else "" */
};

/* A list of zones, as it stands between the brackets of IN (...); NULL: all. */
typedef const char *zone_choice;

/* Chooses the database (NULL: the option file's) and asks for its columns; no statement may take
 * longer than `most_ms`. */
void look_begin(struct look *look, const char *schema, enum database_flavour flavour,
	uint32_t most_ms);
/* Notes whose privilege is missing. */
void look_note_user(struct look *look);
/* Notes what the columns lack of what PowerDNS needs. */
void look_check_columns(struct look *look);
/* "records.auth, cryptokeys.published": of these bits; "" none. */
const char *look_column_names(uint32_t columns, struct arena *arena);
/* Of the columns that matter: those that nobody may see who may not see keys. */
uint32_t look_key_columns(void);

/* Fingerprints, by `columns`; closed. The caller frees them. */
void look_at_zones(struct look *look, uint32_t columns, zone_choice zones,
	struct zone_prints *prints);

/* A row in words, for samples. */
struct look_item {
	const char *zone; /* as it is spelled; "" of tsigkeys */
	enum content_part part;
	const char *name, *type; /* as in struct content_sample */
	uint64_t hash;
};

struct look_items {
	struct look_item *items; /* by zone, part, name, type and hash */
	size_t count, capacity;
};

/* All rows of these zones; with `tsig`, those of tsigkeys alone. The caller frees the list. */
void look_at_rows(struct look *look, uint32_t columns, zone_choice zones, bool tsig,
	struct look_items *items);
int look_item_compare(const void *left, const void *right);

/* The contents of the zones' SOA records. */
typedef void look_soa(void *context, const char *zone, const char *content);
void look_at_soas(struct look *look, uint32_t columns, zone_choice zones, look_soa *each,
	void *context);

#endif
