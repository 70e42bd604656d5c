#include "common/probe/mysql_look.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/number.h"
#include "common/base/text.h"
#include "common/base/utf8.h"

enum {
	/* https://dev.mysql.com/doc/mysql-errors/8.4/en/ */
	SERVER_NO_DATABASE_ACCESS = 1044,
	SERVER_NO_SUCH_DATABASE = 1049,
	SERVER_TABLE_DENIED = 1142,
	SERVER_COLUMN_DENIED = 1143,
	SERVER_NO_SUCH_TABLE = 1146,
	SERVER_STATEMENT_TIMEOUT_MARIADB = 1969,
	SERVER_STATEMENT_TIMEOUT_MYSQL = 3024,
};

enum table { DOMAINS, RECORDS, METADATA, KEYS, TSIG, TABLE_COUNT };

static const char *const table_names[TABLE_COUNT] = {
	[DOMAINS] = "domains",
	[RECORDS] = "records",
	[METADATA] = "domainmetadata",
	[KEYS] = "cryptokeys",
	[TSIG] = "tsigkeys",
};

/*
 * What is compared of each table. Not notified_serial and last_check, in which a PowerDNS notes
 * what it did itself; not ids; not comments, which nobody serves; and no column that is not known
 * here: PowerDNS does not read it either, and its time stamps and triggers are its owner's.
 */
enum column_use {
	COLUMN_KEY = 1,     /* tells rows apart, and is not hashed */
	COLUMN_NEEDED = 2,  /* of all versions' schemas */
	COLUMN_NAME = 4,    /* a domain name: its case does not matter (RFC 4343) */
	COLUMN_MAIN = 8,    /* says most, and is hashed on its own, too */
	COLUMN_SECRET = 16, /* key material: an administrator may keep it from this user */
	COLUMN_NUMBER = 32
};

static const struct column {
	enum table table;
	unsigned use;
	const char *name;
} columns[] = {
	{ DOMAINS, COLUMN_KEY | COLUMN_NEEDED, "id" },
	{ DOMAINS, COLUMN_KEY | COLUMN_NEEDED, "name" },
	{ DOMAINS, COLUMN_NEEDED | COLUMN_MAIN, "type" },
	{ DOMAINS, 0, "master" },
	{ DOMAINS, 0, "account" },
	{ DOMAINS, 0, "options" }, /* 4.7 */
	{ DOMAINS, 0, "catalog" }, /* 4.7 */
	{ RECORDS, COLUMN_KEY | COLUMN_NEEDED, "domain_id" },
	{ RECORDS, COLUMN_NEEDED | COLUMN_NAME, "name" },
	{ RECORDS, COLUMN_NEEDED, "type" },
	{ RECORDS, COLUMN_NEEDED | COLUMN_MAIN, "content" },
	{ RECORDS, COLUMN_NUMBER, "ttl" },
	{ RECORDS, COLUMN_NUMBER, "prio" },
	{ RECORDS, COLUMN_NUMBER, "disabled" },
	{ RECORDS, 0, "ordername" },
	{ RECORDS, COLUMN_NUMBER, "auth" },
	{ METADATA, COLUMN_KEY | COLUMN_NEEDED, "domain_id" },
	{ METADATA, COLUMN_NEEDED, "kind" },
	{ METADATA, COLUMN_NEEDED | COLUMN_MAIN, "content" },
	{ KEYS, COLUMN_KEY | COLUMN_NEEDED, "domain_id" },
	{ KEYS, COLUMN_NEEDED | COLUMN_NUMBER, "flags" },
	{ KEYS, COLUMN_NUMBER, "active" },
	{ KEYS, COLUMN_NUMBER, "published" }, /* 4.3 */
	{ KEYS, COLUMN_MAIN | COLUMN_SECRET, "content" },
	{ TSIG, COLUMN_NEEDED | COLUMN_NAME, "name" },
	{ TSIG, COLUMN_NEEDED, "algorithm" },
	{ TSIG, COLUMN_MAIN | COLUMN_SECRET, "secret" },
};
enum { COLUMN_COUNT = sizeof(columns) / sizeof(*columns) };

static uint32_t bit(size_t column)
{
	return (uint32_t)1 << column;
}

/* NULL where the server sends fewer columns than were asked for. */
static const char *value_at(const struct sql_row *row, size_t column)
{
	return column < row->count ? row->values[column] : NULL;
}

/* --- Statements, and what they fail by -----------------------------------------------------------
 */

static void note_trouble(struct look *look, enum content_outcome outcome, const char *table)
{
	char clean[CLEAN_MOST + 1];
	const char *error = mysql_session_error(look->session);

	utf8_clean(error, strlen(error), clean);
	look->outcome = outcome;
	look->error = arena_string(&look->arena, clean);
	look->table = table;
}

void look_note_user(struct look *look)
{
	look->user = mysql_session_user(look->session, &look->arena);
}

static enum content_outcome outcome_of(uint32_t number)
{
	switch (number) {
	case SERVER_NO_SUCH_DATABASE:
		return CONTENT_NO_DATABASE;
	case SERVER_NO_DATABASE_ACCESS:
	case SERVER_TABLE_DENIED:
	case SERVER_COLUMN_DENIED:
		return CONTENT_DENIED;
	case SERVER_NO_SUCH_TABLE:
		return CONTENT_NO_SCHEMA;
	case SERVER_STATEMENT_TIMEOUT_MARIADB:
	case SERVER_STATEMENT_TIMEOUT_MYSQL:
		return CONTENT_TIMEOUT;
	default:
		return CONTENT_FAILED;
	}
}

/* Nothing more is asked after the first trouble. */
static bool ask(struct look *look, const char *statement, const char *table, mysql_row *each,
	void *context)
{
	if (look->outcome != CONTENT_COMPARED)
		return false;
	look->statements++;
	look->error_number = mysql_stream(look->session, statement, each, context);
	if (!look->error_number)
		return true;
	note_trouble(look, outcome_of(look->error_number), table);
	look_note_user(look);
	return false;
}

static void ignore_row(void *context, const struct sql_row *row)
{
	(void)context;
	(void)row;
}

/* Where the server can't, it can't. */
static void try(struct look *look, const char *statement)
{
	look->statements++;
	mysql_ask(look->session, statement, ignore_row, NULL);
}

/* --- What there is -------------------------------------------------------------------------------
 */

static void take_column(void *context, const struct sql_row *row)
{
	struct look *look = context;

	for (size_t i = 0; value_at(row, 0) && value_at(row, 1) && i < COLUMN_COUNT; i++) {
		if (!strcasecmp(value_at(row, 0), table_names[columns[i].table]) &&
			!strcasecmp(value_at(row, 1), columns[i].name))
			look->columns |= bit(i);
	}
}

static void take_schema(void *context, const struct sql_row *row)
{
	struct look *look = context;

	if (value_at(row, 0))
		look->schema = arena_string(&look->arena, value_at(row, 0));
}

static void choose(struct look *look, const char *schema)
{
	look->schema = schema ? schema : "";
	if (!schema) {
		ask(look, "SELECT DATABASE()", "", take_schema, look);
		if (look->outcome == CONTENT_COMPARED && !*look->schema)
			look->outcome = CONTENT_NO_DATABASE;
		return;
	}
	look->statements++;
	look->error_number = mysql_choose(look->session, schema);
	if (!look->error_number)
		return;
	note_trouble(look, outcome_of(look->error_number), "");
	look_note_user(look);
}

void look_begin(struct look *look, const char *schema, enum database_flavour flavour,
	uint32_t most_ms)
{
	look->outcome = CONTENT_COMPARED;
	look->error = look->table = look->user = "";
	choose(look, schema);
	if (look->outcome != CONTENT_COMPARED)
		return;
	/* No statement goes on for long where nobody waits for it any more. */
	try(look,
		flavour == DATABASE_MARIADB
			? arena_printf(&look->arena, "SET SESSION max_statement_time=%.3f",
				  most_ms / 1e3)
			: arena_printf(&look->arena, "SET SESSION max_execution_time=%u", most_ms));
	/* The same language on both sides, however names are quoted. */
	try(look, "SET SESSION sql_mode=''");
	/* With any other level a snapshot is none. */
	try(look, "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ");
	ask(look,
		"SELECT table_name, column_name FROM information_schema.columns WHERE table_schema=DATABASE() "
		"AND table_name IN ('domains', 'records', 'domainmetadata', 'cryptokeys', 'tsigkeys')",
		"", take_column, look);
}

static bool has_table(const struct look *look, enum table table)
{
	for (size_t i = 0; i < COLUMN_COUNT; i++) {
		if (columns[i].table == table && look->columns & bit(i))
			return true;
	}
	return false;
}

/* A table that is not seen is not there, or not to be seen: the server says which. */
static void check_table(struct look *look, enum table table)
{
	if (has_table(look, table))
		return;
	if (ask(look, arena_printf(&look->arena, "SELECT 1 FROM %s LIMIT 0", table_names[table]),
		    table_names[table], ignore_row, NULL)) {
		look->outcome = CONTENT_NO_SCHEMA; /* a table with none of the columns */
		look->table = table_names[table];
	}
}

void look_check_columns(struct look *look)
{
	uint32_t lacking = 0;

	for (enum table table = DOMAINS; table < TABLE_COUNT; table++)
		check_table(look, table);
	if (look->outcome != CONTENT_COMPARED)
		return;
	for (size_t i = 0; i < COLUMN_COUNT; i++) {
		if (columns[i].use & COLUMN_NEEDED && !(look->columns & bit(i)))
			lacking |= bit(i);
	}
	if (!lacking)
		return;
	look->outcome = CONTENT_NO_SCHEMA;
	look->table = look_column_names(lacking, &look->arena);
}

const char *look_column_names(uint32_t wanted, struct arena *arena)
{
	struct text names = { 0 };
	const char *copy;

	for (size_t i = 0; i < COLUMN_COUNT; i++) {
		if (wanted & bit(i))
			text_addf(&names, "%s%s.%s", names.length ? ", " : "",
				table_names[columns[i].table], columns[i].name);
	}
	copy = arena_string(arena, text_string(&names));
	text_free(&names);
	return copy;
}

uint32_t look_key_columns(void)
{
	uint32_t found = 0;

	for (size_t i = 0; i < COLUMN_COUNT; i++) {
		if (columns[i].use & COLUMN_SECRET)
			found |= bit(i);
	}
	return found;
}

/* --- Statements ----------------------------------------------------------------------------------
 */

/* NULL is neither the empty text nor 0; CONCAT_WS() would leave it out. */
static void add_column(struct text *out, const struct column *column)
{
	if (column->use & COLUMN_NUMBER)
		text_addf(out, ",IFNULL(t.%s,'')", column->name);
	else if (column->use & COLUMN_NAME)
		text_addf(out, ",IFNULL(LOWER(t.%s),CHAR(1 USING utf8mb4))", column->name);
	else
		text_addf(out, ",IFNULL(t.%s,CHAR(1 USING utf8mb4))", column->name);
}

/*
 * A row's hash, a number of 64 bits, whatever character set the columns have: the CRC of all
 * columns times that of the one that says most. The product is not linear, so that contents that
 * change places show.
 */
static void add_hash(struct text *out, enum table table, uint32_t with)
{
	const char *main_column = NULL;

	text_add(out, "CRC32(CONVERT(CONCAT_WS(CHAR(0 USING utf8mb4)");
	for (size_t i = 0; i < COLUMN_COUNT; i++) {
		const struct column *column = &columns[i];

		if (column->table != table || column->use & COLUMN_KEY || !(with & bit(i)))
			continue;
		add_column(out, column);
		if (column->use & COLUMN_MAIN)
			main_column = column->name;
	}
	text_add(out, ") USING utf8mb4))");
	if (main_column)
		text_addf(out, "*(CRC32(CONVERT(IFNULL(t.%s,'') USING utf8mb4))|1)", main_column);
}

static void add_choice(struct text *out, enum table table, zone_choice zones)
{
	if (!zones || table == TSIG)
		return;
	if (table == DOMAINS)
		text_addf(out, " WHERE t.name IN (%s)", zones);
	else
		text_addf(out, " WHERE t.domain_id IN (SELECT id FROM domains WHERE name IN (%s))",
			zones);
}

/* --- Fingerprints --------------------------------------------------------------------------------
 */

struct taking {
	struct look *look;
	struct zone_prints *prints;
	enum content_part part;
};

/* Of a sum that may be longer than 64 bits, the lower ones would do; any function of its digits
 * does. */
static uint64_t number_of(const char *digits)
{
	uint64_t number = 0;

	for (; digits && *digits >= '0' && *digits <= '9'; digits++)
		number = number * 10 + (uint64_t)(*digits - '0');
	return number;
}

static void take_domain(void *context, const struct sql_row *row)
{
	struct taking *taking = context;

	if (value_at(row, 0) && value_at(row, 1))
		zone_prints_add(taking->prints, number_of(value_at(row, 0)), value_at(row, 1),
			number_of(value_at(row, 2)));
}

static void take_rows(void *context, const struct sql_row *row)
{
	struct taking *taking = context;

	zone_prints_count(taking->prints, number_of(value_at(row, 0)), taking->part,
		number_of(value_at(row, 1)), number_of(value_at(row, 2)));
}

static void take_tsig(void *context, const struct sql_row *row)
{
	struct taking *taking = context;

	taking->prints->tsig_count = (uint32_t)number_of(value_at(row, 0));
	taking->prints->tsig_hash = number_of(value_at(row, 1));
}

/* SELECT before, the hash, what follows; FROM the table, for these zones; and the end. */
static void look_at(struct taking *taking, enum table table, uint32_t with, zone_choice zones,
	const char *const pieces[3], mysql_row *each)
{
	struct text statement = { 0 };

	text_addf(&statement, "SELECT %s", pieces[0]);
	add_hash(&statement, table, with);
	text_addf(&statement, "%s FROM %s t", pieces[1], table_names[table]);
	add_choice(&statement, table, zones);
	text_add(&statement, pieces[2]);
	ask(taking->look, text_string(&statement), table_names[table], each, taking);
	text_free(&statement);
}

void look_at_zones(struct look *look, uint32_t with, zone_choice zones, struct zone_prints *prints)
{
	static const char *const domains[] = { "t.id,t.name,", "", " ORDER BY t.id" },
				 *const sums[] = { "t.domain_id,COUNT(*),SUM(", ")",
					 " GROUP BY t.domain_id" },
				 *const all[] = { "COUNT(*),SUM(", ")", "" };
	static const enum table tables[CONTENT_PART_COUNT] = { [CONTENT_RECORDS] = RECORDS,
		[CONTENT_METADATA] = METADATA,
		[CONTENT_KEYS] = KEYS };
	struct taking taking = { look, prints, CONTENT_DOMAIN };

	ask(look, "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY", "", ignore_row, NULL);
	look_at(&taking, DOMAINS, with, zones, domains, take_domain);
	for (taking.part = CONTENT_RECORDS; taking.part < CONTENT_PART_COUNT; taking.part++)
		look_at(&taking, tables[taking.part], with, zones, sums, take_rows);
	look_at(&taking, TSIG, with, NULL, all, take_tsig);
	ask(look, "COMMIT", "", ignore_row, NULL);
	zone_prints_close(prints);
}

/* --- Rows in words -------------------------------------------------------------------------------
 */

struct listing {
	struct look *look;
	struct look_items *items;
	enum content_part part;
};

static const char *keep(struct look *look, const char *value)
{
	return value ? arena_pack(&look->arena, value, strlen(value) + 1) : "";
}

static void take_item(void *context, const struct sql_row *row)
{
	struct listing *listing = context;
	struct look_items *list = listing->items;

	if (list->count == list->capacity) {
		list->capacity = list->capacity ? 2 * list->capacity : 64;
		list->items = memory_resize(list->items, list->capacity, sizeof(*list->items));
	}
	list->items[list->count++] = (struct look_item){ keep(listing->look, value_at(row, 0)),
		listing->part, keep(listing->look, value_at(row, 1)),
		keep(listing->look, value_at(row, 2)), number_of(value_at(row, 3)) };
}

int look_item_compare(const void *left, const void *right)
{
	const struct look_item *a = left, *b = right;
	int order = strcasecmp(a->zone, b->zone);

	if (!order)
		order = (int)a->part - (int)b->part;
	if (!order)
		order = strcasecmp(a->name, b->name);
	if (!order)
		order = strcmp(a->type, b->type);
	if (!order)
		order = a->hash < b->hash ? -1 : a->hash > b->hash;
	return order;
}

/* What tells rows of a table apart for a reader: never what is secret. */
static void list_rows(struct listing *listing, enum table table, const char *labels, uint32_t with,
	zone_choice zones)
{
	struct text statement = { 0 };

	text_addf(&statement, "SELECT %s,%s,", table == TSIG ? "''" : "d.name", labels);
	add_hash(&statement, table, with);
	text_addf(&statement, " FROM %s t", table_names[table]);
	if (table != TSIG)
		text_addf(&statement, " JOIN domains d ON d.id=t.domain_id WHERE d.name IN (%s)",
			zones);
	ask(listing->look, text_string(&statement), table_names[table], take_item, listing);
	text_free(&statement);
}

/* A zone's row is told by its columns. */
static void list_domains(struct listing *listing, uint32_t with, zone_choice zones)
{
	for (size_t i = 0; i < COLUMN_COUNT; i++) {
		struct text statement = { 0 };

		if (columns[i].table != DOMAINS || columns[i].use & COLUMN_KEY || !(with & bit(i)))
			continue;
		text_addf(&statement, "SELECT t.name,'%s','',", columns[i].name);
		add_hash(&statement, DOMAINS, bit(i));
		text_addf(&statement, " FROM domains t WHERE t.name IN (%s)", zones);
		ask(listing->look, text_string(&statement), "domains", take_item, listing);
		text_free(&statement);
	}
}

void look_at_rows(struct look *look, uint32_t with, zone_choice zones, bool tsig,
	struct look_items *items)
{
	struct listing listing = { look, items, CONTENT_DOMAIN };

	ask(look, "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY", "", ignore_row, NULL);
	if (tsig) {
		listing.part = CONTENT_RECORDS; /* with a name and a type, as records have */
		list_rows(&listing, TSIG, "t.name,t.algorithm", with, NULL);
	} else {
		list_domains(&listing, with, zones);
		listing.part = CONTENT_RECORDS;
		list_rows(&listing, RECORDS, "t.name,t.type", with, zones);
		listing.part = CONTENT_METADATA;
		list_rows(&listing, METADATA, "t.kind,''", with, zones);
		listing.part = CONTENT_KEYS;
		list_rows(&listing, KEYS, "t.flags,''", with, zones);
	}
	ask(look, "COMMIT", "", ignore_row, NULL);
	if (items->count)
		qsort(items->items, items->count, sizeof(*items->items), look_item_compare);
}

struct soas {
	look_soa *each;
	void *context;
};

static void take_soa(void *context, const struct sql_row *row)
{
	const struct soas *soas = context;
	char clean[CLEAN_MOST + 1];

	if (!value_at(row, 0) || !value_at(row, 1))
		return;
	utf8_clean(value_at(row, 1), strlen(value_at(row, 1)), clean);
	soas->each(soas->context, value_at(row, 0), clean);
}

void look_at_soas(struct look *look, uint32_t with, zone_choice zones, look_soa *each,
	void *context)
{
	struct soas soas = { each, context };
	struct text statement = { 0 };
	bool has_disabled = false;

	for (size_t i = 0; i < COLUMN_COUNT; i++)
		has_disabled |= with & bit(i) && !strcmp(columns[i].name, "disabled");
	text_addf(&statement,
		"SELECT d.name,t.content FROM records t JOIN domains d ON d.id=t.domain_id WHERE t.type='SOA'"
		"%s AND d.name IN (%s)",
		has_disabled ? " AND NOT t.disabled" : "", zones);
	ask(look, text_string(&statement), "records", take_soa, &soas);
	text_free(&statement);
}
