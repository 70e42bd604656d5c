/*
 * What PowerDNS servers say by their API, as rows of stories (t/unit/story.h): host N is the server
 * of that number there. What is not said is not known.
 */
#ifndef T_UNIT_PDNS_STORY_H
#define T_UNIT_PDNS_STORY_H

#include "common/judge/api.h"
#include "t/unit/story.h"

struct said_zone {
	enum pdns_kind kind;               /* PDNS_KIND_UNKNOWN: it does not have the zone */
	uint32_t serial, edited, notified; /* edited 0: not told */
	int64_t checked_s;                 /* how long ago; 0: never */
	const char *masters, *catalog;
};

struct said_detail {
	bool is_asked; /* of zone 0 */
	bool no_metadata;
	const char *ns;         /* NULL: ns1, ns2 */
	const char *other_name; /* of host 2: its address, by which the last of ns names it */
	bool ns_unresolved;
	const char *allow_axfr_from, *tsig_allow_axfr, *axfr_master_tsig, *also_notify;
	const char *soa_edit, *soa_edit_api, *presigned;
	uint32_t edited; /* 0: not told */
	uint32_t refresh_s, retry_s, expire_s;
};

struct said_setting {
	enum pdns_setting setting;
	const char *value;
};

struct said {
	int host;                        /* 0: nobody more */
	struct said_setting settings[8]; /* up to value NULL */
	struct said_zone zones[4];       /* by the story's zones */
	struct said_detail detail;
	const char *autoprimaries; /* "192.0.2.1 ns2.example.com, ..."; NULL: not asked; "" */
	const char *log;           /* one line of it */
	const char *version, *sources, *addresses;
	bool old_names;            /* 4.4: not the new ones */
	bool no_names;             /* its settings were not told */
	bool only_named;           /* of its list only the story's zones were asked for */
	enum pdns_outcome outcome; /* 0: answered */
	const char *trouble;
};

enum { SAID_MOST = 4, SAID_WORDS = 8 };

/* The words of a list, each a string of the arena; their number. */
static uint32_t said_words(struct arena *arena, const char *list, const char **words)
{
	uint32_t count = 0;

	while (list && count < SAID_WORDS) {
		size_t length;

		list += strspn(list, ", ");
		length = strcspn(list, ", ");
		if (!length)
			break;
		words[count++] = arena_printf(arena, "%.*s", (int)length, list);
		list += length;
	}
	return count;
}

static struct pdns_values said_values(struct arena *arena, const char *list)
{
	const char **words = arena_array(arena, SAID_WORDS, sizeof(*words));
	struct pdns_values values = { words, said_words(arena, list, words) };

	return values;
}

static uint32_t said_addresses(struct arena *arena, const char *list,
	const struct address **addresses)
{
	const char *words[SAID_WORDS];
	uint32_t count = said_words(arena, list, words);
	struct address *items = arena_array(arena, SAID_WORDS, sizeof(*items));

	for (uint32_t i = 0; i < count; i++)
		address_from_text(words[i], &items[i]);
	*addresses = items;
	return count;
}

static void said_zones(struct world *world, const struct said *said, struct pdns_server *server)
{
	struct arena *arena = &world->seen.arena;

	server->zones = arena_array(arena, 4, sizeof(*server->zones));
	server->zone_rows = arena_array(arena, 4, sizeof(*server->zone_rows));
	server->masters = arena_array(arena, 5, sizeof(*server->masters));
	server->masters[0].text = "";
	server->master_count = 1;
	server->all_zones = !said->only_named;
	for (uint32_t z = 0; z < world->plan.zone_count; z++) {
		const struct said_zone *from = &said->zones[z];
		struct pdns_zone *row = &server->zones[server->zone_count];
		struct pdns_masters *masters = &server->masters[z + 1];

		if (from->kind == PDNS_KIND_UNKNOWN)
			continue;
		*row = (struct pdns_zone){ .zone = z,
			.kind = (uint8_t)from->kind,
			.serial = from->serial,
			.edited_serial = from->edited,
			.has_edited_serial = from->edited != 0,
			.notified_serial = from->notified,
			.has_catalog = said->version != NULL,
			.last_check_s = from->checked_s ? STORY_NOW - from->checked_s : 0 };
		if (from->catalog)
			row->catalog = observations_text(&world->seen, from->catalog,
				strlen(from->catalog));
		if (from->masters) {
			masters->text = from->masters;
			masters->address_count =
				said_addresses(arena, from->masters, &masters->addresses);
			row->masters = z + 1;
			server->master_count = 5;
		}
		server->zone_rows[z] = ++server->zone_count;
	}
}

static void said_other_name(struct arena *arena, const char *text, struct pdns_detail *detail)
{
	struct pdns_ns_address *at = arena_alloc(arena, sizeof(*at));

	if (!text)
		return;
	at->name = detail->ns.count - 1;
	address_from_text(text, &at->address);
	detail->ns_addresses = at;
	detail->ns_address_count = 1;
}

static void said_details(struct arena *arena, const struct said_detail *from,
	struct pdns_server *server)
{
	struct pdns_detail *detail;

	if (!from->is_asked)
		return;
	detail = arena_alloc(arena, sizeof(*detail));
	*detail = (struct pdns_detail){ .outcome = PDNS_ANSWERED,
		.metadata_outcome = from->no_metadata ? PDNS_TIMEOUT : PDNS_ANSWERED,
		.records_outcome = PDNS_ANSWERED,
		.has_soa_edit_api = true,
		.soa_edit = from->soa_edit ? from->soa_edit : "",
		.soa_edit_api = from->soa_edit_api ? from->soa_edit_api : "DEFAULT",
		.edited_serial = from->edited,
		.has_edited_serial = from->edited != 0,
		.ns = said_values(arena,
			from->ns ? from->ns : "ns1.example.com., ns2.example.com."),
		.has_soa = true,
		.refresh_s = from->refresh_s ? from->refresh_s : 7200,
		.retry_s = from->retry_s ? from->retry_s : HOUR,
		.expire_s = from->expire_s ? from->expire_s : 14 * DAY };
	said_other_name(arena, from->other_name, detail);
	detail->ns_unresolved = from->ns_unresolved;
	detail->metadata[PDNS_META_ALLOW_AXFR_FROM] = said_values(arena, from->allow_axfr_from);
	detail->metadata[PDNS_META_TSIG_ALLOW_AXFR] = said_values(arena, from->tsig_allow_axfr);
	detail->metadata[PDNS_META_AXFR_MASTER_TSIG] = said_values(arena, from->axfr_master_tsig);
	detail->metadata[PDNS_META_ALSO_NOTIFY] = said_values(arena, from->also_notify);
	detail->metadata[PDNS_META_PRESIGNED] = said_values(arena, from->presigned);
	server->details = detail;
	server->detail_count = 1;
}

static void said_autoprimaries(struct arena *arena, const char *list, struct pdns_server *server)
{
	const char *words[SAID_WORDS];
	uint32_t count = said_words(arena, list, words);

	server->autoprimaries_outcome = list ? PDNS_ANSWERED : PDNS_NOT_FOUND;
	server->autoprimaries = arena_array(arena, SAID_WORDS, sizeof(*server->autoprimaries));
	for (uint32_t i = 0; i + 1 < count; i += 2) {
		struct pdns_autoprimary *row = &server->autoprimaries[server->autoprimary_count++];

		row->ip = words[i];
		row->account = "";
		row->is_dotted = words[i + 1][strlen(words[i + 1]) - 1] == '.';
		row->nameserver =
			arena_printf(arena, "%s%s", words[i + 1], row->is_dotted ? "" : ".");
		address_from_text(words[i], &row->address);
	}
}

static void said_server(struct world *world, const struct said *said, struct pdns_server *server)
{
	struct arena *arena = &world->seen.arena;

	server->server = story_server(world, said->host);
	server->name = world->plan.servers[server->server].display;
	server->url = "http://192.0.2.99:8081";
	server->outcome = said->outcome ? said->outcome : PDNS_ANSWERED;
	server->zones_outcome = server->settings_outcome = server->outcome;
	server->trouble = said->trouble;
	server->version = said->version;
	server->old_names = !said->no_names;
	server->new_names = !said->old_names && !said->no_names;
	server->address_count = said_addresses(arena, said->addresses, &server->addresses);
	server->source_count = said_addresses(arena, said->sources, &server->sources);
	for (size_t i = 0; i < 8 && said->settings[i].value; i++)
		server->settings[said->settings[i].setting] = said->settings[i].value;
	said_zones(world, said, server);
	said_details(arena, &said->detail, server);
	said_autoprimaries(arena, said->autoprimaries, server);
	if (said->log) {
		server->logs = arena_alloc(arena, sizeof(*server->logs));
		*server->logs = (struct pdns_log){ said->log, 3 };
		server->log_count = 1;
	}
}

/* Adds to what the story's world saw. */
__attribute__((unused)) static void said_all(struct world *world, const struct said said[SAID_MOST])
{
	world->seen.pdns = arena_array(&world->seen.arena, SAID_MOST, sizeof(*world->seen.pdns));
	for (size_t i = 0; i < SAID_MOST && said[i].host; i++) {
		said_server(world, &said[i], &world->seen.pdns[i]);
		world->seen.pdns[i].is_primary = i == 0;
		world->seen.pdns_count++;
	}
}

#endif
