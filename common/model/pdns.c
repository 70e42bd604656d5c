#include "common/model/pdns.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/number.h"

static const struct {
	const char *name, *old; /* old: until 4.8; NULL: it never had another name */
} settings[PDNS_SETTING_COUNT] = {
	[PDNS_PRIMARY] = { "primary", "master" },
	[PDNS_SECONDARY] = { "secondary", "slave" },
	[PDNS_AUTOSECONDARY] = { "autosecondary", "superslave" },
	[PDNS_ALLOW_AXFR_IPS] = { "allow-axfr-ips", NULL },
	[PDNS_ALLOW_NOTIFY_FROM] = { "allow-notify-from", NULL },
	[PDNS_ALLOW_UNSIGNED_NOTIFY] = { "allow-unsigned-notify", NULL },
	[PDNS_ALLOW_UNSIGNED_AUTOPRIMARY] = { "allow-unsigned-autoprimary",
		"allow-unsigned-supermaster" },
	[PDNS_XFR_CYCLE_INTERVAL] = { "xfr-cycle-interval", "slave-cycle-interval" },
	[PDNS_SECONDARY_DO_RENOTIFY] = { "secondary-do-renotify", "slave-renotify" },
	[PDNS_CACHE_TTL] = { "cache-ttl", NULL },
	[PDNS_QUERY_CACHE_TTL] = { "query-cache-ttl", NULL },
	[PDNS_NEGQUERY_CACHE_TTL] = { "negquery-cache-ttl", NULL },
	[PDNS_ZONE_CACHE_REFRESH_INTERVAL] = { "zone-cache-refresh-interval", NULL },
	[PDNS_ALSO_NOTIFY] = { "also-notify", NULL },
	[PDNS_ONLY_NOTIFY] = { "only-notify", NULL },
	[PDNS_FORWARD_NOTIFY] = { "forward-notify", NULL },
	[PDNS_TRUSTED_NOTIFICATION_PROXY] = { "trusted-notification-proxy", NULL },
	[PDNS_PREVENT_SELF_NOTIFICATION] = { "prevent-self-notification", NULL },
	[PDNS_SEND_SIGNED_NOTIFY] = { "send-signed-notify", NULL },
	[PDNS_DISABLE_AXFR] = { "disable-axfr", NULL },
	[PDNS_DEFAULT_SOA_EDIT] = { "default-soa-edit", NULL },
	[PDNS_DEFAULT_SOA_EDIT_SIGNED] = { "default-soa-edit-signed", NULL },
	[PDNS_LOCAL_ADDRESS] = { "local-address", NULL },
	[PDNS_LOCAL_PORT] = { "local-port", NULL },
	[PDNS_QUERY_LOCAL_ADDRESS] = { "query-local-address", NULL },
	[PDNS_LAUNCH] = { "launch", NULL },
};

static const char *const outcomes[PDNS_OUTCOME_COUNT] = {
	[PDNS_NOT_ASKED] = "not_asked",
	[PDNS_ANSWERED] = "answered",
	[PDNS_UNREACHABLE] = "unreachable",
	[PDNS_TIMEOUT] = "timeout",
	[PDNS_TLS_FAILED] = "tls_failed",
	[PDNS_UNAUTHORIZED] = "unauthorized",
	[PDNS_NOT_FOUND] = "not_found",
	[PDNS_REDIRECT] = "redirect",
	[PDNS_HTTP_ERROR] = "http_error",
	[PDNS_NOT_JSON] = "not_json",
	[PDNS_TRUNCATED] = "truncated",
	[PDNS_TOO_BIG] = "too_big",
};

static const char *const kinds[PDNS_KIND_COUNT] = {
	[PDNS_KIND_UNKNOWN] = "Unknown",
	[PDNS_NATIVE] = "Native",
	[PDNS_MASTER] = "Master",
	[PDNS_SLAVE] = "Slave",
	[PDNS_PRODUCER] = "Producer",
	[PDNS_CONSUMER] = "Consumer",
};

static const char *const metadata_names[PDNS_META_COUNT] = {
	[PDNS_META_ALLOW_AXFR_FROM] = "ALLOW-AXFR-FROM",
	[PDNS_META_TSIG_ALLOW_AXFR] = "TSIG-ALLOW-AXFR",
	[PDNS_META_AXFR_MASTER_TSIG] = "AXFR-MASTER-TSIG",
	[PDNS_META_ALSO_NOTIFY] = "ALSO-NOTIFY",
	[PDNS_META_AXFR_SOURCE] = "AXFR-SOURCE",
	[PDNS_META_SOA_EDIT] = "SOA-EDIT",
	[PDNS_META_SOA_EDIT_API] = "SOA-EDIT-API",
	[PDNS_META_SLAVE_RENOTIFY] = "SLAVE-RENOTIFY",
	[PDNS_META_PRESIGNED] = "PRESIGNED",
};

const struct pdns_zone *pdns_find_zone(const struct pdns_server *server, uint32_t zone)
{
	uint32_t row = server->zone_rows ? server->zone_rows[zone] : 0;

	return row ? &server->zones[row - 1] : NULL;
}

const struct pdns_detail *pdns_find_detail(const struct pdns_server *server, uint32_t zone)
{
	for (uint32_t i = 0; i < server->detail_count; i++) {
		if (server->details[i].zone == zone)
			return &server->details[i];
	}
	return NULL;
}

/* ArgvMap::mustDo() of PowerDNS: anything but "no" and "off" is yes. */
enum pdns_switch pdns_setting_switch(const struct pdns_server *server, enum pdns_setting setting)
{
	const char *value = server->settings[setting];

	if (!value)
		return PDNS_NOT_KNOWN;
	return strcmp(value, "no") != 0 && strcmp(value, "off") != 0 ? PDNS_ON : PDNS_OFF;
}

bool pdns_setting_number(const struct pdns_server *server, enum pdns_setting setting,
	uint32_t *value)
{
	uint64_t number;

	if (!server->settings[setting] ||
		!number_whole(server->settings[setting], 0, UINT32_MAX, &number))
		return false;
	*value = (uint32_t)number;
	return true;
}

const char *pdns_setting_name(const struct pdns_server *server, enum pdns_setting setting)
{
	bool only_old = server->old_names && !server->new_names;

	return only_old && settings[setting].old ? settings[setting].old : settings[setting].name;
}

bool pdns_setting_from_name(const char *name, enum pdns_setting *setting, bool *is_old)
{
	for (enum pdns_setting each = 0; each < PDNS_SETTING_COUNT; each++) {
		*is_old = settings[each].old && !strcmp(name, settings[each].old);
		if (*is_old || !strcmp(name, settings[each].name)) {
			*setting = each;
			return true;
		}
	}
	return false;
}

/* As many hundreds as major, and the minor. */
static unsigned number_of(unsigned major, unsigned minor)
{
	return major * 100 + minor;
}

/* What the names of settings and the columns of lists prove, where no version was told. */
static unsigned least_version(const struct pdns_server *server)
{
	if (server->new_names && !server->old_names)
		return number_of(4, 9);
	if (server->zone_count && server->zones[0].has_catalog)
		return number_of(4, 7);
	if (server->new_names || server->settings[PDNS_ZONE_CACHE_REFRESH_INTERVAL])
		return number_of(4, 5);
	return 0;
}

bool pdns_is_from(const struct pdns_server *server, unsigned major, unsigned minor)
{
	char *end = NULL;
	unsigned long said = server->version ? strtoul(server->version, &end, 10) : 0;
	unsigned version = least_version(server);

	if (end && *end == '.' && said < 1000)
		version = number_of((unsigned)said, (unsigned)strtoul(end + 1, NULL, 10) % 100);
	return version >= number_of(major, minor);
}

/* "[2001:db8::1]:5300", "192.0.2.1:5300", or an address alone. */
static bool read_address(char *word, struct address *address)
{
	char *end = *word == '[' ? strchr(word, ']') : NULL, *colon = strchr(word, ':');
	uint64_t port = 0;

	if (end) {
		colon = end[1] == ':' ? end + 1 : NULL;
		*end = '\0';
		word++;
	} else if (colon && strchr(colon + 1, ':')) {
		colon = NULL;
	}
	if (colon) {
		*colon = '\0';
		if (!number_whole(colon + 1, 1, UINT16_MAX, &port))
			return false;
	}
	if (strchr(word, '@') || !address_from_text(word, address))
		return false;
	address->port = (uint16_t)port;
	return true;
}

uint32_t pdns_addresses(const char *list, struct arena *arena, const struct address **addresses)
{
	char *copy = arena_string(arena, list), *word;
	struct address *found = arena_array(arena, strlen(list) / 2 + 1, sizeof(*found));
	uint32_t count = 0;

	while ((word = strsep(&copy, ", ;\t"))) {
		if (*word && read_address(word, &found[count]))
			count++;
	}
	*addresses = found;
	return count;
}

static int compare_zones(const void *left, const void *right)
{
	const struct pdns_zone *a = left, *b = right;

	return a->zone < b->zone ? -1 : a->zone > b->zone;
}

void pdns_index_zones(struct pdns_server *server, size_t zone_count, struct arena *arena)
{
	uint32_t kept = 0;

	server->zone_rows = arena_array(arena, zone_count, sizeof(*server->zone_rows));
	if (server->zone_count)
		qsort(server->zones, server->zone_count, sizeof(*server->zones), compare_zones);
	for (uint32_t i = 0; i < server->zone_count; i++) {
		uint32_t *row = &server->zone_rows[server->zones[i].zone];

		if (*row)
			continue;
		server->zones[kept] = server->zones[i];
		*row = ++kept;
	}
	server->zone_count = kept;
}

const char *pdns_outcome_name(enum pdns_outcome outcome)
{
	return outcomes[outcome];
}

const char *pdns_kind_name(enum pdns_kind kind)
{
	return kinds[kind];
}

enum pdns_kind pdns_kind_from_name(const char *name)
{
	for (enum pdns_kind each = 0; each < PDNS_KIND_COUNT; each++) {
		if (!strcasecmp(name, kinds[each]))
			return each;
	}
	if (!strcasecmp(name, "Primary"))
		return PDNS_MASTER;
	return strcasecmp(name, "Secondary") != 0 ? PDNS_KIND_UNKNOWN : PDNS_SLAVE;
}

const char *pdns_metadata_name(enum pdns_metadata metadata)
{
	return metadata_names[metadata];
}

bool pdns_metadata_from_name(const char *name, enum pdns_metadata *metadata)
{
	for (enum pdns_metadata each = 0; each < PDNS_META_COUNT; each++) {
		if (!strcmp(name, metadata_names[each])) {
			*metadata = each;
			return true;
		}
	}
	return false;
}
