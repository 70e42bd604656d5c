#include "common/probe/mysql_zones.h"

#include <string.h>

#include "common/base/text.h"
#include "common/base/utf8.h"
#include "common/dns/name.h"

enum { COLUMN_NAME, COLUMN_TYPE, COLUMN_SOA, COLUMN_SOA_EDIT, COLUMN_COUNT };

struct taking {
	struct arena *arena;
	struct database_zones *zones;
	size_t capacity;
};

void mysql_zones_copy(struct mysql_zones_wanted *wanted, struct arena *arena)
{
	const char **names = arena_array(arena, wanted->name_count, sizeof(*names));

	for (size_t i = 0; i < wanted->name_count; i++)
		names[i] = arena_string(arena, wanted->names[i]);
	wanted->names = names;
	if (wanted->schema)
		wanted->schema = arena_string(arena, wanted->schema);
}

/* --- Where the tables are -------------------------------------------------------------------- */

static void take_schema(void *context, const struct sql_row *row)
{
	struct taking *taking = context;

	if (row->values[0] && !*taking->zones->schema)
		taking->zones->schema = arena_string(taking->arena, row->values[0]);
}

static bool fail(struct taking *taking, const char *error)
{
	char clean[CLEAN_MOST + 1];

	utf8_clean(error, strlen(error), clean);
	taking->zones->error = arena_string(taking->arena, clean);
	return false;
}

/* The one that was named, the connection's own, or the one that looks like PowerDNS's. */
static bool find_schema(struct mysql_session *session, const char *named, struct taking *taking)
{
	if (named) {
		taking->zones->schema = named;
		return true;
	}
	if (mysql_ask(session, "SELECT DATABASE()", take_schema, taking))
		return fail(taking, mysql_session_error(session));
	if (*taking->zones->schema)
		return true;
	if (mysql_ask(session,
		    "SELECT table_schema FROM information_schema.columns WHERE table_name='domains' AND column_name='notified_serial' "
		    "ORDER BY table_schema",
		    take_schema, taking))
		return fail(taking, mysql_session_error(session));
	return *taking->zones->schema ||
		fail(taking,
			"no database that it may read has PowerDNS's tables (SELECT on domains, records and domainmetadata is needed)");
}

/* --- Rows ------------------------------------------------------------------------------------ */

static struct database_zone *add_zone(struct taking *taking)
{
	struct database_zones *zones = taking->zones;

	if (zones->count == taking->capacity) {
		struct database_zone *old = zones->items;

		taking->capacity = taking->capacity ? 2 * taking->capacity : 64;
		zones->items = arena_array(taking->arena, taking->capacity, sizeof(*old));
		if (zones->count)
			memcpy(zones->items, old, zones->count * sizeof(*old));
	}
	return &zones->items[zones->count++];
}

static void take_zone(void *context, const struct sql_row *row)
{
	struct taking *taking = context;
	const char *const *values = row->values;
	struct fault fault = { { 0 } };
	uint8_t name[NAME_WIRE];
	struct database_zone zone = { .name = NULL };
	size_t length;

	if (row->count < COLUMN_COUNT || !values[COLUMN_NAME])
		return;
	length = name_from_text(values[COLUMN_NAME], name, &fault);
	if (!length) /* PowerDNS can't serve it, either */
		return;
	name_lower(name);
	zone.name = arena_copy(taking->arena, name, length);
	zone.kind = (uint8_t)zone_kind_from_text(values[COLUMN_TYPE]);
	zone.soa_edit = (uint8_t)soa_edit_from_text(values[COLUMN_SOA_EDIT]);
	zone.has_serial =
		values[COLUMN_SOA] && soa_content_serial(values[COLUMN_SOA], &zone.serial);
	*add_zone(taking) = zone;
}

/* A name between backticks. */
static void add_identifier(struct text *out, const char *name)
{
	text_add_byte(out, '`');
	for (; *name; name++) {
		if (*name == '`')
			text_add_byte(out, '`');
		text_add_byte(out, *name);
	}
	text_add_byte(out, '`');
}

static void add_table(struct text *out, const char *schema, const char *table, const char *alias)
{
	add_identifier(out, schema);
	text_addf(out, ".%s %s", table, alias);
}

static void add_names(struct text *out, struct mysql_session *session,
	const struct mysql_zones_wanted *wanted, struct arena *arena)
{
	for (size_t i = 0; i < wanted->name_count; i++)
		text_addf(out, "%s'%s'", i ? ", " : " WHERE d.name IN (",
			mysql_quote(session, wanted->names[i], arena));
	if (wanted->name_count)
		text_add_byte(out, ')');
}

struct database_zones *mysql_zones_read(struct mysql_session *session,
	const struct mysql_zones_wanted *wanted, struct arena *arena)
{
	struct database_zones *zones = arena_alloc(arena, sizeof(*zones));
	struct taking taking = { .arena = arena, .zones = zones };
	struct text statement = { 0 };

	zones->schema = "";
	if (!find_schema(session, wanted->schema, &taking))
		return zones;
	text_add(&statement, "SELECT d.name, d.type, r.content, m.content FROM ");
	add_table(&statement, zones->schema, "domains", "d");
	text_add(&statement, " LEFT JOIN ");
	add_table(&statement, zones->schema, "records", "r");
	text_add(&statement,
		" ON r.domain_id=d.id AND r.type='SOA' AND r.name=d.name AND r.disabled=0 LEFT JOIN ");
	add_table(&statement, zones->schema, "domainmetadata", "m");
	text_add(&statement, " ON m.domain_id=d.id AND m.kind='SOA-EDIT'");
	add_names(&statement, session, wanted, arena);
	if (mysql_stream(session, text_string(&statement), take_zone, &taking))
		fail(&taking, mysql_session_error(session));
	text_free(&statement);
	return zones;
}
