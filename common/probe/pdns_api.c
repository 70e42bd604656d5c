#include "common/probe/pdns_api.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/dns/name.h"
#include "common/probe/pdns_json.h"
#include "common/probe/pdns_record.h"

struct pdns_api {
	struct pdns_api_settings settings;
	struct http *http;
	struct address *peers;
	struct arena arena; /* URLs, tasks */
};

/* One request, and what reads its answer. */
struct task {
	struct pdns_reader reader;
	struct fault why;
	enum pdns_outcome outcome;
};

struct tasks {
	struct task *items;
	struct http_request *requests; /* parallel */
	size_t count;
};

struct pdns_api *pdns_api_new(const struct pdns_api_settings *settings)
{
	struct pdns_api *api = memory_resize(NULL, 1, sizeof(*api));

	*api = (struct pdns_api){ .settings = *settings, .http = http_new(&settings->http) };
	api->peers = arena_array(&api->arena, settings->count, sizeof(*api->peers));
	return api;
}

void pdns_api_free(struct pdns_api *api)
{
	http_free(api->http);
	arena_free(&api->arena);
	free(api);
}

struct address pdns_api_peer(const struct pdns_api *api, size_t index)
{
	return api->peers[index];
}

static bool feed(void *context, const char *bytes, size_t length)
{
	return pdns_reader_feed(context, bytes, length);
}

static struct tasks new_tasks(struct pdns_api *api, size_t most)
{
	return (struct tasks){ .items = arena_array(&api->arena, most, sizeof(struct task)),
		.requests = arena_array(&api->arena, most, sizeof(struct http_request)) };
}

/* `path`: behind .../servers/localhost. */
static struct task *add_task(struct pdns_api *api, struct tasks *tasks, size_t index,
	const struct pdns_reader *reader, const char *path)
{
	const struct pdns_source *source = &api->settings.sources[index];
	struct task *task = &tasks->items[tasks->count];

	task->reader = *reader;
	pdns_reader_begin(&task->reader);
	tasks->requests[tasks->count++] =
		(struct http_request){ .url = arena_printf(&api->arena,
					       "%s/api/v1/servers/localhost%s", source->base, path),
			.socket = source->socket,
			.key = source->key,
			.take = feed,
			.context = &task->reader };
	reader->server->requests++;
	return task;
}

static void run_tasks(struct pdns_api *api, struct tasks *tasks)
{
	http_ask(api->http, tasks->requests, tasks->count);
	for (size_t i = 0; i < tasks->count; i++) {
		struct http_request *request = &tasks->requests[i];
		struct task *task = &tasks->items[i];
		struct fault why = { { 0 } };
		enum pdns_outcome read = pdns_reader_end(&task->reader, &why);

		task->outcome = request->outcome;
		fault_set(&task->why, "%s", request->said);
		if (request->outcome == PDNS_ANSWERED) {
			task->outcome = read;
			task->why = why;
		}
	}
}

/* --- Round 1 --------------------------------------------------------------------------------- */

/* Only what no version could take for anything else. */
static bool is_plain(const char *name)
{
	return !name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789._-")];
}

static const char *zones_path(struct pdns_api *api, bool *all)
{
	const uint8_t *only = api->settings.only_zone;
	char name[NAME_TEXT];

	*all = !only || !is_plain(name_to_text(only, name));
	/* Versions before 4.2 do not know these, and take no offence. Of one zone what SOA-EDIT
	 * makes of its serial costs nothing. */
	return *all ? "/zones?dnssec=false" : arena_printf(&api->arena, "/zones?zone=%s", name);
}

static void settle_server(struct pdns_server *server, const struct task *zones,
	const struct task *settings, struct observations *seen)
{
	const struct task *worst = settings->outcome == PDNS_ANSWERED ? zones : settings;

	server->zones_outcome = zones->outcome;
	server->settings_outcome = settings->outcome;
	server->outcome = worst->outcome;
	if (worst->outcome != PDNS_ANSWERED)
		server->trouble =
			observations_string(seen, worst->why.text, strlen(worst->why.text));
	if (zones->outcome != PDNS_ANSWERED)
		server->zone_count = 0; /* half a list would make zones absent */
	if (settings->outcome != PDNS_ANSWERED)
		memset(server->settings, 0, sizeof(server->settings));
}

void pdns_api_survey(struct pdns_api *api, struct plan *plan, struct observations *seen,
	struct pdns_server *servers)
{
	struct tasks tasks = new_tasks(api, 2 * api->settings.count);

	for (size_t i = 0; i < api->settings.count; i++) {
		struct pdns_reader reader = { .document = PDNS_DOCUMENT_ZONES,
			.plan = plan,
			.adds_zones = api->settings.adds_zones,
			.seen = seen,
			.server = &servers[i] };

		servers[i].name = arena_string(&seen->arena, api->settings.sources[i].name);
		servers[i].url = arena_string(&seen->arena, api->settings.sources[i].shown);
		if (api->settings.http.ca_file)
			servers[i].tls_ca = arena_string(&seen->arena, api->settings.http.ca_file);
		servers[i].is_primary = i == 0;
		add_task(api, &tasks, i, &reader, zones_path(api, &servers[i].all_zones));
		reader.document = PDNS_DOCUMENT_SETTINGS;
		add_task(api, &tasks, i, &reader, "/config");
		seen->queries += 2;
	}
	run_tasks(api, &tasks);
	for (size_t i = 0; i < api->settings.count; i++) {
		settle_server(&servers[i], &tasks.items[2 * i], &tasks.items[2 * i + 1], seen);
		api->peers[i] = tasks.requests[2 * i].peer;
	}
}

/* What does not come leaves the first list as it was; that it did not is told. */
static void settle_served(struct pdns_server *server, const struct task *task,
	struct observations *seen)
{
	const char *why = observations_string(seen, task->why.text, strlen(task->why.text));

	if (task->outcome == PDNS_ANSWERED)
		return;
	server->outcome = task->outcome;
	server->trouble = arena_printf(&seen->arena,
		"it does not tell its zones' serials as SOA-EDIT makes them: %s",
		why ? why : pdns_outcome_name(task->outcome));
}

void pdns_api_ask_served(struct pdns_api *api, struct plan *plan, struct observations *seen,
	struct pdns_server *servers, const bool *wanted)
{
	struct tasks tasks = new_tasks(api, api->settings.count);
	size_t next = 0;

	for (size_t i = 0; i < api->settings.count; i++) {
		struct pdns_reader reader = { .document = PDNS_DOCUMENT_SERVED,
			.plan = plan,
			.seen = seen,
			.server = &servers[i] };

		if (wanted[i])
			add_task(api, &tasks, i, &reader, "/zones");
	}
	seen->queries += tasks.count;
	run_tasks(api, &tasks);
	for (size_t i = 0; i < api->settings.count; i++) {
		if (wanted[i])
			settle_served(&servers[i], &tasks.items[next++], seen);
	}
}

/* --- Round 2 --------------------------------------------------------------------------------- */

static const char *zone_path(struct pdns_api *api, const char *name, const char *rest)
{
	struct text path = { 0 };
	const char *copy;

	pdns_zone_path(name, &path);
	text_add(&path, rest);
	copy = arena_string(&api->arena, text_string(&path));
	text_free(&path);
	return copy;
}

/* For the query of a URL. */
static const char *records_query(struct pdns_api *api, const char *name)
{
	struct text query = { 0 };
	const char *copy;

	text_add(&query, "?rrset_name="); /* since 4.6; before, all records come */
	for (const char *at = name; *at; at++) {
		if (strchr("abcdefghijklmnopqrstuvwxyz0123456789-._", *at))
			text_add_byte(&query, *at);
		else
			text_addf(&query, "%%%02X", (unsigned char)*at);
	}
	copy = arena_string(&api->arena, text_string(&query));
	text_free(&query);
	return copy;
}

/* What stands in the three requests about a zone: in this order. */
enum { OF_ZONE = 3, OF_SERVER = 3 };

static void ask_zone(struct pdns_api *api, struct tasks *tasks, uint32_t index,
	struct pdns_reader reader)
{
	char name[NAME_TEXT];

	name_to_text(reader.plan->zones[reader.detail->zone].name, name);
	reader.document = PDNS_DOCUMENT_ZONE;
	add_task(api, tasks, index, &reader, zone_path(api, name, "?rrsets=false"));
	reader.document = PDNS_DOCUMENT_METADATA;
	add_task(api, tasks, index, &reader, zone_path(api, name, "/metadata"));
	reader.document = PDNS_DOCUMENT_RECORDS;
	add_task(api, tasks, index, &reader, zone_path(api, name, records_query(api, name)));
}

static void ask_server(struct pdns_api *api, struct tasks *tasks, uint32_t index,
	struct pdns_reader reader)
{
	reader.document = PDNS_DOCUMENT_SERVER;
	add_task(api, tasks, index, &reader, "");
	reader.document = PDNS_DOCUMENT_AUTOPRIMARIES;
	add_task(api, tasks, index, &reader, "/autoprimaries");
	reader.document = PDNS_DOCUMENT_LOGS;
	add_task(api, tasks, index, &reader, "/statistics");
}

static void settle_details(struct pdns_server *server, const struct tasks *tasks, size_t *next)
{
	for (uint32_t i = 0; i < server->detail_count; i++) {
		struct pdns_detail *detail = &server->details[i];

		detail->outcome = tasks->items[(*next)++].outcome;
		detail->metadata_outcome = tasks->items[(*next)++].outcome;
		detail->records_outcome = tasks->items[(*next)++].outcome;
	}
}

static bool is_named(const struct pdns_question *questions, size_t count, uint32_t index)
{
	for (size_t i = 0; i < count; i++) {
		if (questions[i].index == index)
			return true;
	}
	return false;
}

static void make_details(struct pdns_server *server, struct observations *seen,
	const struct pdns_question *questions, size_t count, uint32_t index)
{
	server->details = arena_array(&seen->arena, count, sizeof(*server->details));
	server->detail_count = 0;
	for (size_t i = 0; i < count; i++) {
		if (questions[i].index == index && questions[i].zone != PLAN_NONE &&
			!pdns_find_detail(server, questions[i].zone))
			server->details[server->detail_count++] =
				(struct pdns_detail){ .zone = questions[i].zone,
					.soa_edit = "",
					.soa_edit_api = "" };
	}
}

void pdns_api_inspect(struct pdns_api *api, struct plan *plan, struct observations *seen,
	struct pdns_server *servers, const struct pdns_question *questions, size_t count)
{
	struct tasks tasks = new_tasks(api, OF_SERVER * api->settings.count + OF_ZONE * count);
	size_t next = 0;

	for (uint32_t i = 0; i < api->settings.count; i++) {
		struct pdns_reader reader = { .plan = plan, .seen = seen, .server = &servers[i] };

		if (!is_named(questions, count, i))
			continue;
		ask_server(api, &tasks, i, reader);
		make_details(&servers[i], seen, questions, count, i);
		for (uint32_t d = 0; d < servers[i].detail_count; d++) {
			reader.detail = &servers[i].details[d];
			ask_zone(api, &tasks, i, reader);
		}
	}
	seen->queries += tasks.count;
	run_tasks(api, &tasks);
	for (uint32_t i = 0; i < api->settings.count; i++) {
		if (!is_named(questions, count, i))
			continue;
		next++; /* the version: it is told, or it is not */
		servers[i].autoprimaries_outcome = tasks.items[next++].outcome;
		servers[i].logs_outcome = tasks.items[next++].outcome;
		settle_details(&servers[i], &tasks, &next);
	}
}
