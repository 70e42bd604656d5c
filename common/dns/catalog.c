#include "common/dns/catalog.h"

#include <stdlib.h>
#include <string.h>

#include "common/dns/message.h"
#include "common/dns/name.h"

void catalog_begin(struct catalog *catalog, const uint8_t *zone)
{
	*catalog = (struct catalog){ .zone = zone };
}

/* Only the first thing is said: the others may well follow from it. */
static void breaks(struct catalog *catalog, const char *why, const uint8_t *name)
{
	char text[NAME_TEXT];

	if (!catalog->broken)
		catalog->broken = name
			? arena_printf(&catalog->arena, "%s %s", why, name_to_display(name, text))
			: why;
}

static bool is_label(const uint8_t *name, const char *label)
{
	return name[0] == strlen(label) && !memcmp(name + 1, label, name[0]);
}

/* RFC 9432 4.2.1: one TXT record of one string. */
static void take_version(struct catalog *catalog, const struct zone_record *record)
{
	const uint8_t *text = record->rdata;

	if (++catalog->versions > 1)
		breaks(catalog, "it says its version more than once", NULL);
	else if (record->rdata_length != 2 || text[0] != 1 || (text[1] != '1' && text[1] != '2'))
		breaks(catalog, "its version is neither \"1\" nor \"2\"", NULL);
}

/* What belongs to one <unique-N>.zones. */
static struct catalog_member *member_of(struct catalog *catalog, const uint8_t *node)
{
	const uint8_t *key = arena_copy(&catalog->arena, node, name_length(node));
	uint32_t index =
		*map_put(&catalog->nodes, key, name_length(key), (uint32_t)catalog->count, NULL);

	if (index < catalog->count)
		return &catalog->members[index];
	if (catalog->count == catalog->capacity) {
		catalog->capacity = catalog->capacity ? catalog->capacity * 2 : 16;
		catalog->members = memory_resize(catalog->members, catalog->capacity,
			sizeof(*catalog->members));
	}
	catalog->members[catalog->count] = (struct catalog_member){ NULL, false };
	return &catalog->members[catalog->count++];
}

static void take_member(struct catalog *catalog, const uint8_t *node,
	const struct zone_record *record)
{
	struct catalog_member *member = member_of(catalog, node);
	uint8_t *zone;
	bool was_new;

	if (member->zone) {
		breaks(catalog, "two members have the same node", node);
		return;
	}
	zone = arena_copy(&catalog->arena, record->rdata, record->rdata_length);
	name_lower(zone);
	member->zone = zone;
	map_put(&catalog->zones, zone, name_length(zone), 0, &was_new);
	if (!was_new)
		breaks(catalog, "two nodes name the same member", zone);
}

void catalog_record(struct catalog *catalog, const struct zone_record *record)
{
	uint8_t owner[NAME_WIRE];
	const uint8_t *parent, *above;
	unsigned depth;

	if (record->class != DNS_IN || !name_within(record->owner, catalog->zone))
		return;
	depth = name_labels(record->owner) - name_labels(catalog->zone);
	memcpy(owner, record->owner, name_length(record->owner));
	name_lower(owner);
	parent = name_parent(owner);
	above = name_parent(parent);
	if (depth == 1 && record->type == DNS_TXT && is_label(owner, "version"))
		take_version(catalog, record);
	else if (depth == 2 && record->type == DNS_PTR && is_label(parent, "zones"))
		take_member(catalog, owner, record);
	else if (depth == 3 && record->type == DNS_PTR && is_label(owner, "coo") &&
		is_label(above, "zones"))
		member_of(catalog, parent)->is_moving = true;
}

bool catalog_end(struct catalog *catalog)
{
	if (catalog->versions == 0)
		breaks(catalog, "it does not say its version: is it a catalog?", NULL);
	return !catalog->broken;
}

void catalog_free(struct catalog *catalog)
{
	free(catalog->members);
	map_free(&catalog->nodes);
	map_free(&catalog->zones);
	arena_free(&catalog->arena);
	*catalog = (struct catalog){ 0 };
}
