#include "common/probe/pdns_record.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/arena.h"
#include "common/base/utf8.h"
#include "common/model/pdns.h"

enum { ANSWER_MOST = 65536, RECORD_TTL_S = 1 };

/* A request, and what it brought. */
struct asked {
	struct text url, body;
	struct http_request request;
};

void pdns_zone_path(const char *name, struct text *out)
{
	text_add(out, "/zones/");
	for (const char *at = name; *at; at++) {
		if (strchr("abcdefghijklmnopqrstuvwxyz0123456789-.", *at) && name[1])
			text_add_byte(out, *at);
		else
			text_addf(out, "=%02X", (unsigned char)*at);
	}
}

static bool take(void *context, const char *bytes, size_t length)
{
	struct asked *asked = context;

	if (asked->body.length + length > ANSWER_MOST)
		return false;
	text_add_bytes(&asked->body, bytes, length);
	return true;
}

static void ask(const struct pdns_record *record, struct http *http, struct asked *asked,
	const char *method, const char *rest, const char *body)
{
	*asked = (struct asked){ 0 };
	text_addf(&asked->url, "%s/api/v1/servers/localhost", record->base);
	pdns_zone_path(record->zone, &asked->url);
	text_add(&asked->url, rest);
	asked->request = (struct http_request){ .url = text_string(&asked->url),
		.socket = record->socket,
		.key = record->key,
		.method = method,
		.body = body,
		.take = take,
		.context = asked };
	http_ask(http, &asked->request, 1);
}

static void forget(struct asked *asked)
{
	text_free(&asked->url);
	text_free(&asked->body);
}

/* --- What it says no with --------------------------------------------------------------------- */

/* {"error": "..."}, where an error's page is that. */
static bool read_error(const struct http_request *request, char clean[CLEAN_MOST + 1])
{
	json_error_t error;
	json_t *json = json_loads(request->complaint, JSON_REJECT_DUPLICATES, &error);
	const char *text = json_string_value(json_object_get(json, "error"));
	bool has = text && utf8_clean(text, strlen(text), clean);

	json_decref(json);
	return has;
}

static bool complain(const struct asked *asked, enum change_obstacle *obstacle, struct fault *why)
{
	const struct http_request *request = &asked->request;
	char clean[CLEAN_MOST + 1];

	if (request->outcome == PDNS_NOT_FOUND) {
		*obstacle = OBSTACLE_ZONE;
		return fault_set(why, "it does not have the zone, or its API is off (HTTP 404)");
	}
	if (request->outcome == PDNS_UNAUTHORIZED)
		*obstacle = OBSTACLE_KEY;
	if (request->outcome == PDNS_TLS_FAILED)
		*obstacle = OBSTACLE_TLS;
	if (request->status == 422)
		*obstacle = OBSTACLE_RECORD;
	if (request->outcome != PDNS_UNAUTHORIZED && read_error(request, clean))
		return fault_set(why, "%s: %s", request->said, clean);
	return fault_set(why, "%s", request->said);
}

/* --- The zone --------------------------------------------------------------------------------- */

static bool is_kind(enum pdns_kind kind, enum pdns_kind one, enum pdns_kind other)
{
	return kind == one || kind == other;
}

/* Would secondaries take a change? */
static bool judge_zone(const json_t *zone, enum pdns_kind *kind, enum change_obstacle *obstacle,
	struct fault *why)
{
	const char *name = json_string_value(json_object_get(zone, "kind")),
		   *edit = json_string_value(json_object_get(zone, "soa_edit_api"));

	if (!name)
		return fault_set(why, "what it says of the zone has no kind: no API of PowerDNS");
	*kind = pdns_kind_from_name(name);
	if (is_kind(*kind, PDNS_SLAVE, PDNS_CONSUMER)) {
		*obstacle = OBSTACLE_SECONDARY;
		return fault_set(why, "it is a secondary of the zone; nothing was changed");
	}
	if (*kind != PDNS_NATIVE && edit && !*edit) {
		*obstacle = OBSTACLE_SERIAL;
		return fault_set(why,
			"soa_edit_api of the zone is empty, so the serial would stay and no secondary would take the change; nothing was changed");
	}
	return true;
}

static bool look(const struct pdns_record *record, struct http *http, enum pdns_kind *kind,
	enum change_obstacle *obstacle, struct fault *why)
{
	struct asked asked;
	json_error_t error;
	json_t *zone;
	bool good;

	ask(record, http, &asked, NULL, "?rrsets=false", NULL);
	if (asked.request.outcome != PDNS_ANSWERED) {
		good = complain(&asked, obstacle, why);
		forget(&asked);
		return good;
	}
	zone = json_loadb(text_string(&asked.body), asked.body.length, JSON_REJECT_DUPLICATES,
		&error);
	good = zone ? judge_zone(zone, kind, obstacle, why)
		    : fault_set(why, "what it says of the zone is no JSON: no API of PowerDNS");
	json_decref(zone);
	forget(&asked);
	return good;
}

/* --- The change ------------------------------------------------------------------------------- */

static char *make_patch(const struct pdns_record *record)
{
	json_t *all = record->content
		? json_pack("{s:[{s:s, s:s, s:s, s:i, s:[{s:s, s:b}]}]}", "rrsets", "name",
			  record->name, "type", "TXT", "changetype", "REPLACE", "ttl", RECORD_TTL_S,
			  "records", "content", record->content, "disabled", 0)
		: json_pack("{s:[{s:s, s:s, s:s}]}", "rrsets", "name", record->name, "type", "TXT",
			  "changetype", "DELETE");
	char *text = all ? json_dumps(all, JSON_COMPACT) : NULL;

	json_decref(all);
	if (!text)
		out_of_memory();
	return text;
}

static bool patch(const struct pdns_record *record, struct http *http,
	enum change_obstacle *obstacle, struct fault *why)
{
	char *body = make_patch(record);
	struct asked asked;
	bool good;

	ask(record, http, &asked, "PATCH", "", body);
	good = asked.request.outcome == PDNS_ANSWERED || complain(&asked, obstacle, why);
	forget(&asked);
	free(body);
	return good;
}

static bool notify(const struct pdns_record *record, struct http *http, struct fault *why)
{
	enum change_obstacle obstacle;
	struct asked asked;
	bool good;

	ask(record, http, &asked, "PUT", "/notify", "");
	good = asked.request.outcome == PDNS_ANSWERED || complain(&asked, &obstacle, why);
	forget(&asked);
	return good;
}

bool pdns_record_change(const struct pdns_record *record, enum change_obstacle *obstacle,
	bool *was_made, struct fault *why)
{
	struct http *http = http_new(&record->http);
	enum pdns_kind kind = PDNS_NATIVE;

	*obstacle = OBSTACLE_NONE;
	*was_made = look(record, http, &kind, obstacle, why) && patch(record, http, obstacle, why);
	if (*was_made)
		record->made();
	if (*was_made && kind != PDNS_NATIVE && !notify(record, http, why)) {
		http_free(http);
		return false;
	}
	http_free(http);
	return *was_made;
}
