#include "common/model/database_zones.h"

#include <string.h>
#include <strings.h>

#include "common/base/clock.h"
#include "common/base/number.h"
#include "common/model/informant.h"

enum { DAY_S = 86400, WEEK_S = 7 * DAY_S };

const char *zone_kind_name(enum zone_kind kind)
{
	switch (kind) {
	case ZONE_KIND_NATIVE:
		return "NATIVE";
	case ZONE_KIND_PRIMARY:
		return "MASTER";
	case ZONE_KIND_SECONDARY:
		return "SLAVE";
	case ZONE_KIND_OTHER:
	case ZONE_KIND_COUNT:
		break;
	}
	return "OTHER";
}

enum zone_kind zone_kind_from_text(const char *text)
{
	for (enum zone_kind kind = 0; text && kind < ZONE_KIND_COUNT; kind++) {
		if (!strcasecmp(text, zone_kind_name(kind)))
			return kind;
	}
	return ZONE_KIND_OTHER;
}

const char *soa_edit_name(enum soa_edit edit)
{
	switch (edit) {
	case SOA_EDIT_UNSET:
		return "";
	case SOA_EDIT_NONE:
		return "NONE";
	case SOA_EDIT_INCREMENT_WEEKS:
		return "INCREMENT-WEEKS";
	case SOA_EDIT_INCEPTION_EPOCH:
		return "INCEPTION-EPOCH";
	case SOA_EDIT_INCEPTION_INCREMENT:
		return "INCEPTION-INCREMENT";
	case SOA_EDIT_EPOCH:
		return "EPOCH";
	case SOA_EDIT_OTHER:
	case SOA_EDIT_COUNT:
		break;
	}
	return "OTHER";
}

enum soa_edit soa_edit_from_text(const char *text)
{
	for (enum soa_edit edit = 0; text && edit < SOA_EDIT_COUNT; edit++) {
		if (!strcasecmp(text, soa_edit_name(edit)))
			return edit;
	}
	return text ? SOA_EDIT_OTHER : SOA_EDIT_UNSET;
}

bool soa_content_serial(const char *content, uint32_t *serial)
{
	static const char blanks[] = " \t";
	char digits[NUMBER_TEXT];
	uint64_t number;
	size_t length;

	for (int skipped = 0; skipped < 2; skipped++) {
		content += strspn(content, blanks);
		content += strcspn(content, blanks);
	}
	content += strspn(content, blanks);
	length = strcspn(content, blanks);
	if (length >= sizeof(digits))
		return false;
	memcpy(digits, content, length);
	digits[length] = '\0';
	if (!number_whole(digits, 0, UINT32_MAX, &number))
		return false;
	*serial = (uint32_t)number;
	return true;
}

/* Weeks begin on Thursdays, as 1970 did (pdns/serialtweaker.cc). PowerDNS's clock and ours may
 * stand on two sides of that moment. */
static bool is_week_added(uint32_t serial, uint32_t served, int64_t now_s)
{
	uint32_t added = served - serial, week = (uint32_t)(now_s / WEEK_S);

	return added + 1 >= week && added <= week + 1;
}

static bool is_week_begin(uint32_t served, int64_t now_s)
{
	uint32_t begin = (uint32_t)(now_s / WEEK_S * WEEK_S);

	return served == begin || served == begin - WEEK_S || served == begin + WEEK_S;
}

/* 2026-11-22T...: 20261122 */
static uint32_t date_number(int64_t now_s)
{
	char utc[32];
	uint32_t number = 0;

	clock_format_utc(now_s, utc);
	for (const char *at = utc; *at && *at != 'T'; at++) {
		if (*at != '-')
			number = number * 10 + (uint32_t)(*at - '0');
	}
	return number;
}

/* YYYYMMDD00 of this week's or the last one's first day, in local time there; a serial of those
 * days gets two more. */
static bool is_inception(uint32_t serial, uint32_t served, int64_t now_s)
{
	if (served == serial || served == serial + 2)
		return true;
	for (int64_t days = -1; days <= 15; days++) {
		if (served / 100 == date_number(now_s - days * DAY_S))
			return true;
	}
	return false;
}

static bool is_now(uint32_t served, int64_t now_s)
{
	return served + DAY_S >= (uint32_t)now_s && served <= (uint32_t)now_s + DAY_S;
}

bool soa_edit_allows(enum soa_edit edit, uint32_t serial, uint32_t served, int64_t now_s)
{
	switch (edit) {
	case SOA_EDIT_NONE:
		return served == serial;
	case SOA_EDIT_INCREMENT_WEEKS:
		return is_week_added(serial, served, now_s);
	case SOA_EDIT_INCEPTION_EPOCH: /* the larger of both */
		return served == serial || is_week_begin(served, now_s);
	case SOA_EDIT_INCEPTION_INCREMENT:
		return is_inception(serial, served, now_s);
	case SOA_EDIT_EPOCH:
		return is_now(served, now_s);
	case SOA_EDIT_OTHER:
	case SOA_EDIT_COUNT:
		return true;
	case SOA_EDIT_UNSET:
		break;
	}
	return served == serial || is_week_added(serial, served, now_s) ||
		is_week_begin(served, now_s) || is_now(served, now_s) ||
		(served > serial + 2 && is_inception(serial, served, now_s));
}

/* The first --mysql that names a server counts. */
static void place_servers(const struct plan *plan, struct observations *seen, size_t index)
{
	struct backend *backend = &seen->backends[index];
	const struct informant named = { .name = backend->name },
			       *known = informant_find(seen, INFORMANT_DATABASE, backend->name);

	backend->server = PLAN_NONE;
	for (uint32_t server = 0; server < plan->server_count; server++) {
		if (seen->servers[server].backend ||
			!informant_fits(known ? known : &named, &plan->servers[server]))
			continue;
		seen->servers[server].backend = (uint8_t)(index + 1);
		if (backend->server == PLAN_NONE)
			backend->server = server;
	}
}

static void place_rows(const struct plan *plan, struct backend *backend, struct arena *arena)
{
	struct database_zones *zones = backend->database->zones;
	size_t kept = 0;

	if (!zones || zones->error)
		return;
	backend->of_zone = arena_array(arena, plan->zone_count, sizeof(*backend->of_zone));
	for (size_t i = 0; i < zones->count; i++) {
		uint32_t zone = plan_find_zone(plan, zones->items[i].name);

		if (zone == PLAN_NONE || backend->of_zone[zone])
			continue;
		zones->items[kept] = zones->items[i];
		backend->of_zone[zone] = &zones->items[kept++];
	}
	zones->count = kept;
}

void backends_place(const struct plan *plan, struct observations *seen)
{
	for (size_t i = 0; i < seen->backend_count; i++) {
		place_servers(plan, seen, i);
		place_rows(plan, &seen->backends[i], &seen->arena);
	}
}

void database_place(const struct plan *plan, struct observations *seen)
{
	if (plan->server_count <= seen->database_count)
		return;
	seen->backend_count = 1;
	seen->backends = arena_alloc(&seen->arena, sizeof(*seen->backends));
	*seen->backends = (struct backend){ .name = plan->servers[0].display,
		.server = (uint32_t)seen->database_count,
		.database = seen->databases };
	for (size_t server = seen->database_count; server < plan->server_count; server++)
		seen->servers[server].backend = 1;
	place_rows(plan, seen->backends, &seen->arena);
}

const struct backend *backend_of(const struct observations *seen, uint32_t server)
{
	uint8_t number = seen->servers[server].backend;

	return number ? &seen->backends[number - 1] : NULL;
}
