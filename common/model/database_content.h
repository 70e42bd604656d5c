/*
 * PowerDNS's data in a primary's and a replica's database, compared zone by zone: --content of
 * check_mysql_replication. Filled by probe/mysql_content.c, read by judge/database_content.c. The
 * database under test is "here", its primary is "there". Key material is never part of it: of keys
 * there is a hash that the servers compute, and that stays in the probe.
 */
#ifndef COMMON_MODEL_DATABASE_CONTENT_H
#define COMMON_MODEL_DATABASE_CONTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What became of the comparison as a whole. */
enum content_outcome {
	CONTENT_NOT_ASKED, /* the deadline came before it began, or a database can't be asked */
	CONTENT_COMPARED,
	CONTENT_NO_DATABASE, /* none was named, or there is none of that name */
	CONTENT_NO_SCHEMA,   /* it lacks tables or columns that PowerDNS needs: `error` */
	CONTENT_DENIED,      /* the user may not read a table: `table` */
	CONTENT_STOPPED,     /* replication does not run, so both can't come to one position */
	CONTENT_NO_POSITION, /* the primary does not tell where it is: `error` */
	CONTENT_NOT_REACHED, /* the replica did not come to the primary's position in time */
	CONTENT_TIMEOUT,     /* begun, and not done before the deadline */
	CONTENT_FAILED,      /* any other error of a server: `error` */
	CONTENT_OUTCOME_COUNT
};

/* PowerDNS's tables, as a zone consists of them. */
enum content_part {
	CONTENT_DOMAIN, /* its row in domains: type, master, account, options, catalog */
	CONTENT_RECORDS,
	CONTENT_METADATA,
	CONTENT_KEYS, /* cryptokeys */
	CONTENT_PART_COUNT
};

struct content_count {
	uint64_t here, there; /* rows */
	bool differs;         /* in number or in what they say */
};

/* What the differing item is; both and only_... tell where it is. */
struct content_sample {
	enum content_part part;
	const char *name; /* a record's name, a kind of metadata, a key's flags, a column */
	const char *type; /* of a record; else "" */
	bool here, there; /* both: it says something else */
};

enum content_relation { CONTENT_DIFFERENT, CONTENT_UNSETTLED, CONTENT_RELATION_COUNT };

/* A zone (or what belongs to none) that is not the same on both sides. */
struct content_difference {
	const char *zone; /* as the database spells it; "" the root */
	enum content_relation relation;
	bool is_here, is_there; /* has a row in domains */
	struct content_count parts[CONTENT_PART_COUNT];
	const char *soa_here, *soa_there; /* content of its SOA record; NULL: none, or not looked
	                                     at */
	const struct content_sample *samples;
	size_t sample_count;
	bool has_more_samples;
};

struct database_content {
	enum content_outcome outcome;
	bool is_primary; /* whose trouble it is */
	uint32_t error_number;
	const char *error;  /* cleaned; "" */
	const char *table;  /* which, or which columns, of CONTENT_DENIED and CONTENT_NO_SCHEMA; ""
	                     */
	const char *user;   /* as a GRANT wants it; "" not known */
	const char *schema; /* PowerDNS's database; "" not known */
	const char *position; /* at which both were compared: GTIDs, or file:position; "" */
	uint64_t zones, zones_there, records, records_there;
	uint32_t statements;    /* asked of one database at most */
	const char *uncompared; /* "cryptokeys.content, tsigkeys.secret": columns that the user may
	                           not read on either side; "" */
	const char *only_here, *only_there; /* "records.auth": columns; "" */
	/* What belongs to no zone. */
	struct content_count tsig_keys, orphans; /* orphans: records of no zone */
	const struct content_sample *tsig_samples;
	size_t tsig_sample_count;
	/* By name; the first `difference_count` of `different` + `unsettled`, which may be more. */
	const struct content_difference *differences;
	size_t difference_count;
	uint64_t different, unsettled;
};

const char *content_outcome_name(enum content_outcome outcome);
const char *content_part_name(enum content_part part);
const char *content_relation_name(enum content_relation relation);

/* The serial of an SOA record's content ("ns1 hostmaster 7 ..."), its third token; false where it
 * is no SOA. */
bool content_soa_serial(const char *content, uint32_t *serial);

#endif
