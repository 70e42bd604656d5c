#include "common/probe/pdns_json.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/utf8.h"
#include "common/dns/name.h"

enum {
	MEGABYTE = 1 << 20,
	KEPT_LOGS = 400,
	KEPT_ROWS = 10000, /* autoprimaries, names of an NS set, values of a kind of metadata */
	KEPT_MASTERS = 100000,
	KEPT_ZONES = 10 * 1000 * 1000,
};

/* What each document may weigh at most; how it is cut. */
static const struct {
	size_t most;
	bool is_object;   /* one, read as a whole */
	const char *list; /* the key of its list; NULL: it is one itself */
} documents[PDNS_DOCUMENT_COUNT] = {
	[PDNS_DOCUMENT_ZONES] = { (size_t)1024 * MEGABYTE, false, NULL },
	[PDNS_DOCUMENT_SETTINGS] = { (size_t)4 * MEGABYTE, false, NULL },
	[PDNS_DOCUMENT_SERVER] = { JSON_SPLIT_OBJECT, true, NULL },
	[PDNS_DOCUMENT_AUTOPRIMARIES] = { (size_t)4 * MEGABYTE, false, NULL },
	[PDNS_DOCUMENT_LOGS] = { (size_t)32 * MEGABYTE, false, "value" },
	[PDNS_DOCUMENT_ZONE] = { JSON_SPLIT_OBJECT, true, NULL },
	[PDNS_DOCUMENT_METADATA] = { (size_t)4 * MEGABYTE, false, NULL },
	[PDNS_DOCUMENT_RECORDS] = { (size_t)64 * MEGABYTE, false, "rrsets" },
	[PDNS_DOCUMENT_SERVED] = { (size_t)1024 * MEGABYTE, false, NULL },
};

static bool lacks(struct pdns_reader *reader, const char *what)
{
	return fault_set(&reader->why, "it is not what PowerDNS says: %s", what);
}

static bool swells(struct pdns_reader *reader, const char *what)
{
	reader->is_too_big = true;
	return fault_set(&reader->why, "%s", what);
}

/* NULL where it is absent or no string. */
static const char *string_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

/* Of a serial or a time; `known` (may be NULL) says whether there is a good one. */
static int64_t number_of(const json_t *object, const char *key, int64_t most, bool *known)
{
	const json_t *value = json_object_get(object, key);
	double number = json_number_value(value);
	bool good = json_is_number(value) && number >= 0 && number <= (double)most;

	if (known)
		*known = good;
	return good ? (int64_t)number : 0;
}

static uint32_t serial_of(const json_t *object, const char *key, bool *known)
{
	return (uint32_t)number_of(object, key, UINT32_MAX, known);
}

static char *keep(struct pdns_reader *reader, const char *text)
{
	return arena_string(&reader->seen->arena, text);
}

/* A name in one spelling: lower case, with the final dot; as it stands where it is none. */
static const char *keep_name(struct pdns_reader *reader, const char *text)
{
	struct fault why = { { 0 } };
	uint8_t name[NAME_WIRE];
	char printed[NAME_TEXT];

	if (!name_from_text(text, name, &why))
		return observations_string(reader->seen, text, strlen(text));
	name_lower(name);
	return keep(reader, name_to_text(name, printed));
}

/* --- Zones ----------------------------------------------------------------------------------- */

/* The plan's zone; PLAN_NONE: it is not wanted, or a name that DNS does not know, such as that of
 * a variant ("example.com..internal", 5.0). */
static uint32_t zone_of(struct pdns_reader *reader, const char *text)
{
	struct fault why = { { 0 } };
	uint8_t name[NAME_WIRE];

	if (!name_from_text(text, name, &why))
		return PLAN_NONE;
	if (reader->adds_zones)
		return plan_add_zone(reader->plan, name);
	name_lower(name);
	return plan_find_zone(reader->plan, name);
}

static void join_masters(const json_t *list, struct text *out)
{
	const json_t *each;
	size_t i;

	json_array_foreach(list, i, each)
	{
		const char *master = json_string_value(each);

		if (!master)
			continue;
		text_add(out, out->length ? ", " : "");
		text_add(out, master);
	}
}

/* Its index among the server's lists of masters. */
static uint32_t masters_of(struct pdns_reader *reader, const json_t *list)
{
	struct pdns_server *server = reader->server;
	struct text text = { 0 };
	const uint32_t *known;
	uint32_t index = 0;

	join_masters(list, &text);
	known = text.length ? map_get(&reader->masters, text.bytes, text.length) : &index;
	if (known) {
		index = *known;
	} else if (server->master_count < KEPT_MASTERS) {
		struct pdns_masters *masters;
		char *copy = keep(reader, text.bytes);

		MEMORY_ROOM(server->masters, server->master_count, reader->master_capacity);
		index = server->master_count++;
		masters = &server->masters[index];
		masters->text = copy;
		masters->address_count =
			pdns_addresses(copy, &reader->seen->arena, &masters->addresses);
		map_put(&reader->masters, copy, text.length, index, NULL);
	}
	text_free(&text);
	return index;
}

static uint32_t text_of(struct pdns_reader *reader, const json_t *object, const char *key)
{
	const char *text = string_of(object, key);

	return text && *text ? observations_text(reader->seen, text, strlen(text)) : 0;
}

static uint8_t switch_of(const json_t *value)
{
	return json_is_boolean(value) ? json_is_true(value) ? PDNS_ON : PDNS_OFF : PDNS_NOT_KNOWN;
}

static bool take_zone(struct pdns_reader *reader, const json_t *object)
{
	struct pdns_server *server = reader->server;
	const char *name = string_of(object, "name"), *kind = string_of(object, "kind");
	struct pdns_zone *zone;
	uint32_t index;

	if (!name || !kind)
		return lacks(reader, "a zone without name or kind");
	index = zone_of(reader, name);
	if (index == PLAN_NONE)
		return true;
	if (server->zone_count == KEPT_ZONES)
		return swells(reader, "it lists more than ten million zones");
	MEMORY_ROOM(reader->zones, server->zone_count, reader->zone_capacity);
	zone = &reader->zones[server->zone_count++];
	*zone = (struct pdns_zone){ .zone = index,
		.kind = (uint8_t)pdns_kind_from_name(kind),
		.serial = serial_of(object, "serial", NULL),
		.notified_serial = serial_of(object, "notified_serial", NULL),
		.last_check_s = number_of(object, "last_check", INT32_MAX * (int64_t)1000, NULL),
		.masters = masters_of(reader, json_object_get(object, "masters")),
		.account = text_of(reader, object, "account"),
		.catalog = text_of(reader, object, "catalog"),
		.has_catalog = json_object_get(object, "catalog") != NULL,
		.dnssec = switch_of(json_object_get(object, "dnssec")) };
	zone->edited_serial = serial_of(object, "edited_serial", &zone->has_edited_serial);
	return true;
}

/* Of zones that are known already; what has come since is for the next run. */
static bool take_served(struct pdns_reader *reader, const json_t *object)
{
	const char *name = string_of(object, "name");
	const struct pdns_zone *row;
	struct fault why = { { 0 } };
	uint8_t wire[NAME_WIRE];
	struct pdns_zone *zone;
	uint32_t index;

	if (!name)
		return lacks(reader, "a zone without name");
	if (!name_from_text(name, wire, &why))
		return true;
	name_lower(wire);
	index = plan_find_zone(reader->plan, wire);
	row = index == PLAN_NONE ? NULL : pdns_find_zone(reader->server, index);
	if (!row)
		return true;
	zone = &reader->server->zones[row - reader->server->zones];
	zone->edited_serial = serial_of(object, "edited_serial", &zone->has_edited_serial);
	return true;
}

/* --- The other lists ------------------------------------------------------------------------- */

/* Where a version knows both spellings, a switch that either of them sets is on; of other values
 * the new spelling's counts. */
static bool take_setting(struct pdns_reader *reader, const json_t *object)
{
	struct pdns_server *server = reader->server;
	const char *name = string_of(object, "name"), *value = string_of(object, "value"), *known;
	enum pdns_setting setting;
	bool is_old;

	if (!name || !value)
		return lacks(reader, "a setting without name or value");
	if (!pdns_setting_from_name(name, &setting, &is_old))
		return true;
	if (setting == PDNS_PRIMARY && is_old)
		server->old_names = true;
	else if (setting == PDNS_PRIMARY)
		server->new_names = true;
	known = server->settings[setting];
	if (known && (!strcmp(known, "yes") || (is_old && strcmp(value, "yes") != 0)))
		return true;
	server->settings[setting] = keep(reader, value);
	return true;
}

static bool take_autoprimary(struct pdns_reader *reader, const json_t *object)
{
	struct pdns_server *server = reader->server;
	const char *ip = string_of(object, "ip"), *nameserver = string_of(object, "nameserver"),
		   *account = string_of(object, "account");
	struct pdns_autoprimary row = { 0 };

	if (!ip || !nameserver)
		return lacks(reader, "an autoprimary without ip or nameserver");
	if (server->autoprimary_count == KEPT_ROWS)
		return swells(reader, "it lists too many autoprimaries");
	row.ip = keep(reader, ip);
	address_from_text(ip, &row.address);
	row.nameserver = keep_name(reader, nameserver);
	row.nameserver = row.nameserver ? row.nameserver : "";
	row.is_dotted = *nameserver && nameserver[strlen(nameserver) - 1] == '.';
	row.account = account ? keep(reader, account) : "";
	MEMORY_ROOM(server->autoprimaries, server->autoprimary_count, reader->autoprimary_capacity);
	server->autoprimaries[server->autoprimary_count++] = row;
	return true;
}

/* Is it about transfers, NOTIFY or who is whose primary? Keys of other rings have no blanks. */
static bool is_evidence(const char *line)
{
	static const char *const words[] = { "XFR", "NOTIFY", "otif", "master", "primary", "slave",
		"secondar", "TSIG", "does not resolve", "denied", "stale", "fresh" };

	for (size_t i = 0; strchr(line, ' ') && i < sizeof(words) / sizeof(words[0]); i++) {
		if (strstr(line, words[i]))
			return true;
	}
	return false;
}

static bool take_log(struct pdns_reader *reader, const json_t *object)
{
	struct pdns_server *server = reader->server;
	const char *name = string_of(object, "name"), *value = string_of(object, "value"), *clean;
	unsigned long times = value ? strtoul(value, NULL, 10) : 0;

	if (!name || !is_evidence(name) || server->log_count == KEPT_LOGS)
		return true;
	clean = observations_string(reader->seen, name, strlen(name));
	if (!clean)
		return true;
	MEMORY_ROOM(server->logs, server->log_count, reader->log_capacity);
	server->logs[server->log_count++] = (struct pdns_log){ .text = clean,
		.times = times < UINT32_MAX ? (uint32_t)times : UINT32_MAX };
	return true;
}

/* --- Of one zone ----------------------------------------------------------------------------- */

static bool take_metadata(struct pdns_reader *reader, const json_t *object)
{
	const char *kind = string_of(object, "kind");
	const json_t *list = json_object_get(object, "metadata"), *each;
	enum pdns_metadata metadata;
	const char **items;
	uint32_t count = 0;
	size_t i;

	if (!kind || !json_is_array(list))
		return lacks(reader, "metadata without kind or values");
	if (!pdns_metadata_from_name(kind, &metadata))
		return true;
	items = arena_array(&reader->seen->arena, json_array_size(list), sizeof(*items));
	json_array_foreach(list, i, each)
	{
		if (json_is_string(each))
			items[count++] = keep(reader, json_string_value(each));
	}
	reader->detail->metadata[metadata] =
		(struct pdns_values){ .items = count ? items : NULL, .count = count };
	return true;
}

/* The names of an NS set that are not disabled. */
static void take_ns(struct pdns_reader *reader, const json_t *records)
{
	const char **items =
		arena_array(&reader->seen->arena, json_array_size(records), sizeof(*items));
	struct pdns_values *ns = &reader->detail->ns;
	const json_t *each;
	size_t i;

	ns->items = items;
	json_array_foreach(records, i, each)
	{
		const char *content = string_of(each, "content"),
			   *name = content ? keep_name(reader, content) : NULL;

		if (name && !json_is_true(json_object_get(each, "disabled")))
			items[ns->count++] = name;
	}
}

/* "MNAME RNAME serial refresh retry expire minimum" */
static void take_soa(struct pdns_detail *detail, const json_t *records)
{
	const char *content = string_of(json_array_get(records, 0), "content");
	unsigned refresh, retry, expire;

	if (!content || sscanf(content, "%*s %*s %*u %u %u %u", &refresh, &retry, &expire) != 3)
		return;
	detail->has_soa = true;
	detail->refresh_s = refresh;
	detail->retry_s = retry;
	detail->expire_s = expire;
}

/* Is the RRset at the apex? Versions before 4.6 send all there are. */
static bool is_apex(const struct pdns_reader *reader, const char *text)
{
	struct fault why = { { 0 } };
	uint8_t name[NAME_WIRE];

	return name_from_text(text, name, &why) &&
		name_equal(name, reader->plan->zones[reader->detail->zone].name);
}

static bool take_rrset(struct pdns_reader *reader, const json_t *object)
{
	const char *name = string_of(object, "name"), *type = string_of(object, "type");
	const json_t *records = json_object_get(object, "records");

	if (!name || !type)
		return lacks(reader, "an RRset without name or type");
	if (!strcmp(type, "NS") && is_apex(reader, name))
		take_ns(reader, records);
	else if (!strcmp(type, "SOA") && is_apex(reader, name))
		take_soa(reader->detail, records);
	return true;
}

/* Lists of 4.7 and 4.8 do not tell catalogs, but this does. */
static void take_catalog(struct pdns_reader *reader, const json_t *object)
{
	struct pdns_server *server = reader->server;
	uint32_t row = server->zone_rows ? server->zone_rows[reader->detail->zone] : 0,
		 catalog = text_of(reader, object, "catalog");

	if (row && catalog)
		server->zones[row - 1].catalog = catalog;
}

static bool take_detail(struct pdns_reader *reader, const json_t *object)
{
	struct pdns_detail *detail = reader->detail;
	const char *edit = string_of(object, "soa_edit"), *api = string_of(object, "soa_edit_api");

	if (!string_of(object, "name"))
		return lacks(reader, "a zone without a name");
	take_catalog(reader, object);
	detail->soa_edit = edit ? keep(reader, edit) : "";
	detail->has_soa_edit_api = api != NULL;
	detail->soa_edit_api = api ? keep(reader, api) : "";
	detail->edited_serial = serial_of(object, "edited_serial", &detail->has_edited_serial);
	return true;
}

static bool take_server(struct pdns_reader *reader, const json_t *object)
{
	const char *version = string_of(object, "version");

	if (!version)
		return lacks(reader, "it tells no version");
	reader->server->version = observations_string(reader->seen, version, strlen(version));
	return true;
}

/* --- Documents ------------------------------------------------------------------------------- */

static bool take_element(struct pdns_reader *reader, const json_t *object)
{
	switch (reader->document) {
	case PDNS_DOCUMENT_ZONES:
		return take_zone(reader, object);
	case PDNS_DOCUMENT_SETTINGS:
		return take_setting(reader, object);
	case PDNS_DOCUMENT_SERVER:
		return take_server(reader, object);
	case PDNS_DOCUMENT_AUTOPRIMARIES:
		return take_autoprimary(reader, object);
	case PDNS_DOCUMENT_LOGS:
		return take_log(reader, object);
	case PDNS_DOCUMENT_ZONE:
		return take_detail(reader, object);
	case PDNS_DOCUMENT_METADATA:
		return take_metadata(reader, object);
	case PDNS_DOCUMENT_RECORDS:
		return take_rrset(reader, object);
	case PDNS_DOCUMENT_SERVED:
		return take_served(reader, object);
	case PDNS_DOCUMENT_COUNT:
		break;
	}
	return false;
}

static bool take_object(void *context, const char *bytes, size_t length)
{
	struct pdns_reader *reader = context;
	json_error_t error;
	json_t *object = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, &error);
	bool good = json_is_object(object);

	if (good)
		good = take_element(reader, object);
	else
		fault_set(&reader->why, "the JSON is broken%s%s", object ? "" : ": ",
			object ? "" : error.text);
	json_decref(object);
	return good;
}

void pdns_reader_begin(struct pdns_reader *reader)
{
	struct pdns_server *server = reader->server;

	reader->split = (struct json_split){ .list = documents[reader->document].list,
		.object = take_object,
		.context = reader };
	if (reader->document != PDNS_DOCUMENT_ZONES)
		return;
	MEMORY_ROOM(server->masters, server->master_count, reader->master_capacity);
	server->masters[server->master_count++] = (struct pdns_masters){ .text = "" };
}

bool pdns_reader_feed(struct pdns_reader *reader, const char *bytes, size_t length)
{
	reader->length += length;
	if (reader->length > documents[reader->document].most)
		return swells(reader, "it sends more than a server has to say");
	if (!documents[reader->document].is_object)
		return json_split_feed(&reader->split, bytes, length);
	text_add_bytes(&reader->whole, bytes, length);
	return true;
}

/* What grew by doubling goes where it stays. */
static void *settle(struct pdns_reader *reader, void *array, size_t count, size_t size)
{
	void *copy = count ? arena_copy(&reader->seen->arena, array, count * size) : NULL;

	free(array);
	return copy;
}

static void settle_all(struct pdns_reader *reader)
{
	struct pdns_server *server = reader->server;

	if (reader->document == PDNS_DOCUMENT_ZONES) {
		server->zones =
			settle(reader, reader->zones, server->zone_count, sizeof(*server->zones));
		server->masters = settle(reader, server->masters, server->master_count,
			sizeof(*server->masters));
	} else if (reader->document == PDNS_DOCUMENT_AUTOPRIMARIES) {
		server->autoprimaries = settle(reader, server->autoprimaries,
			server->autoprimary_count, sizeof(*server->autoprimaries));
	} else if (reader->document == PDNS_DOCUMENT_LOGS) {
		server->logs =
			settle(reader, server->logs, server->log_count, sizeof(*server->logs));
	}
	map_free(&reader->masters);
	text_free(&reader->whole);
}

/* Of a document that is one object: is it there to its end? */
static enum pdns_outcome end_object(struct pdns_reader *reader, struct fault *why)
{
	/* Only brackets and strings: tells "too early" from "broken". */
	struct json_split whole = { .list = "", .object = take_object, .context = reader };
	const char *broken;

	json_split_feed(&whole, text_string(&reader->whole), reader->whole.length);
	broken = whole.broken;
	if (!broken && whole.has_begun && !whole.has_ended) {
		json_split_end(&whole);
		fault_set(why, "the JSON ends too early");
		return PDNS_TRUNCATED;
	}
	broken = json_split_end(&whole);
	if (broken)
		fault_set(&reader->why, "the JSON is broken: %s", broken);
	else
		take_object(reader, text_string(&reader->whole), reader->whole.length);
	if (!*reader->why.text)
		return PDNS_ANSWERED;
	*why = reader->why;
	return PDNS_NOT_JSON;
}

static enum pdns_outcome end_list(struct pdns_reader *reader, struct fault *why)
{
	bool is_short =
		!reader->split.broken && reader->split.has_begun && !reader->split.has_ended;
	const char *broken = json_split_end(&reader->split);

	if (*reader->why.text) {
		*why = reader->why;
		return PDNS_NOT_JSON;
	}
	if (!broken)
		return PDNS_ANSWERED;
	fault_set(why, is_short ? "the JSON ends too early" : "the JSON is broken: %s", broken);
	return is_short ? PDNS_TRUNCATED : PDNS_NOT_JSON;
}

enum pdns_outcome pdns_reader_end(struct pdns_reader *reader, struct fault *why)
{
	enum pdns_outcome outcome = documents[reader->document].is_object ? end_object(reader, why)
									  : end_list(reader, why);

	if (reader->is_too_big) {
		*why = reader->why;
		outcome = PDNS_TOO_BIG;
	}
	settle_all(reader);
	return outcome;
}
