#include "common/checks/dns_informants.h"

#include <string.h>
#include <strings.h>

#include "common/checks/zone_sources.h"
#include "common/dns/name.h"
#include "common/model/informant.h"

enum { NAME_AND_HOST = 2 };

static const struct option_list *list_of(const struct run *run, enum informant_kind kind)
{
	const struct dns_replication_values *values = run->values;

	return kind == INFORMANT_API ? &values->pdns_api : &values->mysql;
}

static struct meant_name mean(struct run *run, const char *text)
{
	struct meant_name meant = { 0 };
	struct address address;
	uint8_t name[NAME_WIRE];
	struct fault why = { { 0 } };

	if (address_from_text(text, &address)) {
		meant.addresses = arena_copy(&run->arena, &address, sizeof(address));
		meant.count = 1;
	} else if (name_from_text(text, name, &why)) {
		name_lower(name);
		meant.name = arena_copy(&run->arena, name, name_length(name));
	}
	return meant;
}

/* "ns1.example.com" of "http://ns1.example.com:8081/prefix", "2001:db8::1" of "https://[2001:..."
 */
static const char *host_of(struct run *run, const char *url)
{
	const char *host = strstr(url, "://");

	if (!host || !strncasecmp(url, "unix:", 5))
		return "";
	host += 3;
	return *host == '['
		? arena_printf(&run->arena, "%.*s", (int)strcspn(host + 1, "]"), host + 1)
		: arena_printf(&run->arena, "%.*s", (int)strcspn(host, ":/"), host);
}

static const char *name_of(struct run *run, const char *item)
{
	return arena_printf(&run->arena, "%.*s", (int)strcspn(item, "="), item);
}

bool dns_informants_want(struct run *run, struct dns_setup *setup)
{
	struct discovery *discovery = &setup->discovery;
	size_t most = list_of(run, INFORMANT_API)->count + list_of(run, INFORMANT_DATABASE)->count;
	struct meant_name *meant = arena_array(&run->arena, NAME_AND_HOST * most, sizeof(*meant));

	discovery->meant = meant;
	for (enum informant_kind kind = 0; kind < INFORMANT_KIND_COUNT; kind++) {
		const struct option_list *list = list_of(run, kind);

		for (size_t i = 0; i < list->count; i++) {
			const char *item = list->items[i];

			*meant++ = mean(run, name_of(run, item));
			*meant++ = kind == INFORMANT_API
				? mean(run, host_of(run, strchr(item, '=') + 1))
				: (struct meant_name){ 0 };
		}
	}
	discovery->meant_count = NAME_AND_HOST * most;
	return true;
}

static bool gives_zones(const struct dns_setup *setup, enum informant_kind kind, size_t index)
{
	enum zone_source_kind wanted = kind == INFORMANT_API ? ZONE_SOURCE_PDNS : ZONE_SOURCE_MYSQL;

	for (size_t i = 0; index == 0 && i < setup->sources->count; i++) {
		if (setup->sources->items[i].kind == wanted)
			return true;
	}
	return false;
}

/* No server of it can be in the plan: it is excluded, or of a family that -4 and -6 leave out. */
static bool is_left_out(const struct discovery *discovery, const struct meant_name *meant)
{
	size_t unwanted = 0;

	for (size_t i = 0; i < meant->count; i++)
		unwanted +=
			!(meant->addresses[i].family == 4 ? discovery->want4 : discovery->want6);
	return meant->is_left_out || (meant->count && unwanted == meant->count);
}

static void note(struct run *run, const struct dns_setup *setup, enum informant_kind kind,
	size_t index, const struct meant_name *meant)
{
	const char *name = name_of(run, list_of(run, kind)->items[index]);

	name = observations_string(&run->seen, name, strlen(name));
	if (!name || is_left_out(&setup->discovery, meant))
		return;
	run->seen.informants[run->seen.informant_count++] = (struct informant){ .kind = kind,
		.name = name,
		.addresses = meant[0].addresses,
		.address_count = (uint32_t)meant[0].count,
		.hosts = meant[1].addresses,
		.host_count = (uint32_t)meant[1].count,
		.gives_zones = gives_zones(setup, kind, index),
		.could_tell = kind == INFORMANT_API };
}

void dns_informants_note(struct run *run, const struct dns_setup *setup)
{
	const struct meant_name *meant = setup->discovery.meant;

	run->seen.informants = arena_array(&run->seen.arena,
		setup->discovery.meant_count / NAME_AND_HOST, sizeof(*run->seen.informants));
	for (enum informant_kind kind = 0; kind < INFORMANT_KIND_COUNT; kind++) {
		for (size_t i = 0; i < list_of(run, kind)->count; i++) {
			note(run, setup, kind, i, meant);
			meant += NAME_AND_HOST;
		}
	}
}
