#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/base/clock.h"
#include "common/dns/catalog.h"
#include "common/dns/serial.h"
#include "common/engine/catalog_zone.h"
#include "common/engine/engine_private.h"
#include "common/engine/secondary.h"
#include "common/engine/zone_roll.h"

enum { ZONE_FILE_MOST = 1 << 30 };

/* --- Zones from files ------------------------------------------------------------------------- */

static bool read_include(void *context, const char *path, struct text *content, struct fault *fault)
{
	(void)context;
	return text_read_file(content, path, ZONE_FILE_MOST, fault);
}

static struct zone_version *read_zone(const struct zone *zone, struct fault *fault)
{
	struct text content = { 0 };
	struct zone_version *version = NULL;

	if (text_read_file(&content, zone->file, ZONE_FILE_MOST, fault))
		version = zone_version_parse(zone->file, &content, zone->name, read_include, fault);
	text_free(&content);
	return version;
}

/* One version after the other, so that the journal has the steps. */
static bool load_texts(const struct engine_zone *from, struct zone *zone, struct fault *fault)
{
	for (size_t i = 0; i < from->text_count; i++) {
		struct text content = { 0 };
		struct zone_version *version;

		text_add(&content, from->texts[i]);
		version = zone_version_parse("zone", &content, zone->name, NULL, fault);
		text_free(&content);
		if (!version)
			return false;
		zone_put_version(zone, version);
	}
	return true;
}

static bool load(struct engine *self, struct zone *zone, struct fault *fault)
{
	struct zone_version *version = read_zone(zone, fault);
	char name[NAME_TEXT];

	if (!version)
		return false;
	zone_put_version(zone, version);
	engine_say(self, "%s: serial %" PRIu32 ", %zu records from %s",
		name_to_text(zone->name, name), version->serial, version->record_count, zone->file);
	return true;
}

/* A pipe would be waited for, while nobody is answered. */
static bool check_file(const char *file, struct fault *fault)
{
	struct stat seen;

	return stat(file, &seen) || S_ISREG(seen.st_mode) ||
		fault_set(fault, "%s is no regular file and can't be read again", file);
}

/* A zone that was not there at the start; where it can't be loaded, the next reload tries again. */
static void load_late(struct engine *self, struct zone *zone)
{
	struct fault fault = { 0 };
	char name[NAME_TEXT];

	if (check_file(zone->file, &fault) && load(self, zone, &fault))
		engine_start_zone(self, zone);
	else
		engine_say(self, "%s: %s; it answers SERVFAIL until it can be read",
			name_to_text(zone->name, name), fault.text);
}

static void reload(struct engine *self, struct zone *zone)
{
	struct fault fault = { 0 };
	uint32_t old = zone->version ? zone->version->serial : 0;
	char name[NAME_TEXT];

	name_to_text(zone->name, name);
	if (!zone->version) {
		load_late(self, zone);
		return;
	}
	if (fault_set_has(&zone->faults, FAULT_STALE_SERIAL)) {
		engine_say(self, "%s: not read again: a fault keeps serial %" PRIu32, name, old);
		return;
	}
	if (!check_file(zone->file, &fault) || !load(self, zone, &fault)) {
		engine_say(self, "%s: %s; serial %" PRIu32 " stays", name, fault.text, old);
		return;
	}
	switch (serial_compare(zone->version->serial, old)) {
	case SERIAL_EQUAL:
		engine_say(self, "%s: the serial is as before: secondaries take no change", name);
		return;
	case SERIAL_BEHIND:
	case SERIAL_UNDEFINED:
		engine_say(self,
			"%s: serial %" PRIu32 " is not newer than %" PRIu32
			": secondaries keep theirs",
			name, zone->version->serial, old);
		break;
	case SERIAL_AHEAD:
		break;
	}
	notify_sender_send(self->notify, zone->name, zone->version->serial);
}

/* --- Which zones there are -------------------------------------------------------------------- */

static struct zone *new_zone(struct engine *self, const uint8_t *name, const char *file)
{
	struct zone *zone = zone_store_add(&self->store, name);

	if (!zone)
		return NULL;
	zone->faults = engine_faults_of(self, zone->name);
	if (file) {
		zone->file = memory_resize(NULL, strlen(file) + 1, 1);
		memcpy(zone->file, file, strlen(file) + 1);
	}
	return zone;
}

static bool add_zone(struct engine *self, const struct engine_zone *from, struct fault *fault)
{
	struct zone *zone = new_zone(self, from->name, from->file);
	char name[NAME_TEXT];

	if (!zone)
		return fault_set(fault, "%s is given twice", name_to_text(from->name, name));
	zone->is_secondary = !from->file && !from->text_count;
	zone->is_catalog = from->is_catalog;
	zone->only_hears = from->only_hears;
	zone->primaries = from->primaries;
	zone->primary_count = from->primary_count;
	if (from->text_count)
		return load_texts(from, zone, fault);
	return !from->file || load(self, zone, fault);
}

static bool goes(struct zone *zone)
{
	if ((!zone->is_listed && !zone->catalog) || zone->is_wanted)
		return false;
	secondary_free(zone->secondary);
	return true;
}

/* --- The catalog that lists them -------------------------------------------------------------- */

/* Its serial is the time, since nothing of it is kept: who consumes it sees each start. */
static struct zone_version *make_catalog(const struct engine *self, const struct zone *zone,
	struct fault *fault)
{
	uint32_t serial = (uint32_t)clock_now_s();

	if (zone->version && serial_compare(serial, zone->version->serial) != SERIAL_AHEAD)
		serial = zone->version->serial + 1;
	return catalog_zone_make(zone->name, &self->store, serial, fault);
}

static bool add_catalog(struct engine *self, struct fault *fault)
{
	const uint8_t *name = self->settings.catalog;
	struct zone_version *version;
	struct zone *zone;
	char text[NAME_TEXT];

	if (!name)
		return true;
	zone = new_zone(self, name, NULL);
	if (!zone)
		return fault_set(fault, "the catalog %s is a zone, too", name_to_text(name, text));
	zone->is_catalog = true;
	version = make_catalog(self, zone, fault);
	if (!version)
		return false;
	zone_put_version(zone, version);
	return true;
}

/* The zones are others than before. */
static void renew_catalog(struct engine *self)
{
	const uint8_t *name = self->settings.catalog;
	struct zone *zone = name ? zone_store_exact(&self->store, name) : NULL;
	struct fault fault = { 0 };
	struct zone_version *version = zone ? make_catalog(self, zone, &fault) : NULL;
	char text[NAME_TEXT];

	if (!version)
		return;
	zone_put_version(zone, version);
	engine_say(self, "%s: serial %" PRIu32 ", the zones are others", name_to_text(name, text),
		version->serial);
	notify_sender_send(self->notify, zone->name, version->serial);
}

/* --- The list of zones and their files -------------------------------------------------------- */

static bool read_roll(struct engine *self, struct arena *arena, struct zone_roll *roll,
	struct fault *fault)
{
	const char *path = self->settings.zones_file;
	struct text content = { 0 };
	bool good = text_read_file(&content, path, ZONE_FILE_MOST, fault) &&
		zone_roll_parse(path, text_string(&content), content.length, arena, roll, fault);
	char name[NAME_TEXT];

	for (size_t i = 0; good && i < roll->count; i++) {
		const struct zone *zone = zone_store_exact(&self->store, roll->entries[i].name);

		if (zone && !zone->is_listed)
			good = fault_set(fault, "%s: %s is given elsewhere, too", path,
				name_to_text(zone->name, name));
	}
	text_free(&content);
	return good;
}

static void set_file(struct zone *zone, const char *file)
{
	size_t length = strlen(file) + 1;

	zone->file = memory_resize(zone->file, length, 1);
	memcpy(zone->file, file, length);
}

/* Those that the list has no more. */
static size_t drop_unlisted(struct engine *self, const struct zone_roll *roll)
{
	size_t before = self->store.count;
	char name[NAME_TEXT];

	for (size_t i = 0; i < self->store.count; i++)
		self->store.zones[i]->is_wanted = !self->store.zones[i]->is_listed;
	for (size_t i = 0; i < roll->count; i++) {
		struct zone *zone = zone_store_exact(&self->store, roll->entries[i].name);

		if (!zone)
			continue;
		zone->is_wanted = true;
		set_file(zone, roll->entries[i].file);
	}
	for (size_t i = 0; i < self->store.count; i++)
		if (!self->store.zones[i]->is_wanted)
			engine_say(self, "%s: no longer listed; it is served no more",
				name_to_text(self->store.zones[i]->name, name));
	zone_store_sweep(&self->store, goes);
	return before - self->store.count;
}

static struct zone *add_listed(struct engine *self, const struct zone_roll_entry *entry)
{
	struct zone *zone = new_zone(self, entry->name, entry->file);

	zone->is_listed = true;
	return zone;
}

static bool load_roll(struct engine *self, struct fault *fault)
{
	struct arena arena = { 0 };
	struct zone_roll roll;
	bool good = read_roll(self, &arena, &roll, fault);

	for (size_t i = 0; good && i < roll.count; i++)
		good = load(self, add_listed(self, &roll.entries[i]), fault);
	arena_free(&arena);
	return good;
}

static size_t add_new(struct engine *self, const struct zone_roll *roll)
{
	size_t before = self->store.count;

	for (size_t i = 0; i < roll->count; i++)
		if (!zone_store_exact(&self->store, roll->entries[i].name))
			load_late(self, add_listed(self, &roll->entries[i]));
	return self->store.count - before;
}

bool engine_load(struct engine *self, struct fault *fault)
{
	for (size_t i = 0; i < self->settings.zone_count; i++)
		if (!add_zone(self, &self->settings.zones[i], fault))
			return false;
	return (!self->settings.zones_file || load_roll(self, fault)) && add_catalog(self, fault);
}

static void reload_all(struct engine *self)
{
	for (size_t i = 0; i < self->store.count; i++) {
		struct zone *zone = self->store.zones[i];

		if (zone->secondary)
			secondary_refresh(zone->secondary, NULL);
		else if (zone->file)
			reload(self, zone);
	}
}

void engine_reload(struct engine *self)
{
	struct arena arena = { 0 };
	struct zone_roll roll = { 0 };
	struct fault fault = { 0 };
	bool has_roll = self->settings.zones_file && read_roll(self, &arena, &roll, &fault);
	size_t changes = has_roll ? drop_unlisted(self, &roll) : 0;

	if (fault.text[0])
		engine_say(self, "%s; the zones stay as they are", fault.text);
	reload_all(self);
	changes += has_roll ? add_new(self, &roll) : 0;
	if (changes)
		renew_catalog(self);
	arena_free(&arena);
}

/* --- Members of catalogs of others ------------------------------------------------------------ */

static void read_catalog(const struct zone_version *version, struct catalog *catalog)
{
	for (size_t i = 0; i < version->node_count; i++) {
		const struct zone_node *node = &version->nodes[i];

		for (const struct zone_rrset *rrset = node->rrsets; rrset; rrset = rrset->next)
			for (const struct zone_rdata *rdata = rrset->first; rdata;
				rdata = rdata->next)
				catalog_record(catalog,
					&(struct zone_record){ node->name, rrset->type, DNS_IN,
						rdata->ttl, rdata->bytes, rdata->length });
	}
}

/* A member of this catalog, there already or new; NULL where something else has that name. */
static struct zone *member_zone(struct engine *self, struct zone *catalog, const uint8_t *name,
	bool *is_new)
{
	struct zone *zone = new_zone(self, name, NULL);

	*is_new = zone != NULL;
	if (!zone) {
		zone = zone_store_exact(&self->store, name);
		return zone->catalog == catalog ? zone : NULL;
	}
	zone->is_secondary = true;
	zone->catalog = catalog;
	zone->primaries = catalog->primaries;
	zone->primary_count = catalog->primary_count;
	return zone;
}

static size_t add_members(struct engine *self, struct zone *catalog, const struct catalog *seen)
{
	size_t added = 0;
	char name[NAME_TEXT], from[NAME_TEXT];

	for (size_t i = 0; i < seen->count; i++) {
		const uint8_t *member = seen->members[i].zone;
		bool is_new;
		struct zone *zone = member ? member_zone(self, catalog, member, &is_new) : NULL;

		if (zone)
			zone->is_wanted = true;
		else if (member)
			engine_say(self, "%s: listed by %s, but served already: nothing changes",
				name_to_text(member, name), name_to_text(catalog->name, from));
		if (!zone || !is_new)
			continue;
		engine_say(self, "%s: a new member of %s", name_to_text(member, name),
			name_to_text(catalog->name, from));
		engine_start_zone(self, zone);
		added++;
	}
	return added;
}

static size_t drop_members(struct engine *self, const struct zone *catalog)
{
	size_t before = self->store.count;
	char name[NAME_TEXT], from[NAME_TEXT];

	for (size_t i = 0; i < before; i++) {
		const struct zone *zone = self->store.zones[i];

		if (zone->catalog == catalog && !zone->is_wanted)
			engine_say(self, "%s: no longer a member of %s; it is served no more",
				name_to_text(zone->name, name), name_to_text(catalog->name, from));
	}
	zone_store_sweep(&self->store, goes);
	return before - self->store.count;
}

void engine_take_members(struct engine *self, struct zone *zone)
{
	struct catalog catalog;
	char name[NAME_TEXT];
	size_t changes;

	catalog_begin(&catalog, zone->name);
	read_catalog(zone->version, &catalog);
	if (!catalog_end(&catalog)) {
		engine_say(self, "%s: a broken catalog: %s; its members stay as they are",
			name_to_text(zone->name, name), catalog.broken);
		catalog_free(&catalog);
		return;
	}
	for (size_t i = 0; i < self->store.count; i++)
		self->store.zones[i]->is_wanted = self->store.zones[i]->catalog != zone;
	changes = add_members(self, zone, &catalog);
	changes += drop_members(self, zone);
	catalog_free(&catalog);
	if (changes)
		renew_catalog(self);
}
