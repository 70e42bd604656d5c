#include "common/engine/zone_patch.h"

#include <stdlib.h>
#include <string.h>

#include "common/dns/rdata.h"
/* A record that some step touched, and what is to become of it. */
struct touched {
	struct zone_record record;
	bool is_there;
	bool is_done;
};

struct zone_patch {
	struct zone_version *base;
	struct arena arena;
	struct touched *touched;
	size_t count, capacity;
	struct map by_content; /* lower-case owner, type, rdata; the index in `touched` */
	struct difference *steps, *step;
	bool was_deleting;
};

struct zone_patch *zone_patch_new(struct zone_version *base)
{
	struct zone_patch *patch = memory_resize(NULL, 1, sizeof(*patch));

	*patch = (struct zone_patch){ .base = zone_version_hold(base) };
	return patch;
}

void zone_patch_free(struct zone_patch *patch)
{
	if (!patch)
		return;
	zone_version_release(patch->base);
	difference_free(patch->steps);
	map_free(&patch->by_content);
	arena_free(&patch->arena);
	free(patch->touched);
	free(patch);
}

static bool refuse(struct fault *fault, const struct zone_record *record, const char *reason)
{
	char name[NAME_TEXT], type[16];

	return fault_set(fault, "%s %s: %s", name_to_text(record->owner, name),
		type_text(record->type, type), reason);
}

static void key_of(const struct zone_record *record, struct text *key)
{
	uint8_t owner[NAME_WIRE];
	size_t length = name_length(record->owner);

	text_cut(key, 0);
	memcpy(owner, record->owner, length);
	name_lower(owner);
	text_add_bytes(key, owner, length);
	text_add_bytes(key, &record->type, sizeof(record->type));
	text_add_bytes(key, record->rdata, record->rdata_length);
}

static struct touched *find(const struct zone_patch *patch, const struct zone_record *record)
{
	struct text key = { 0 };
	uint32_t *index;

	key_of(record, &key);
	index = map_get(&patch->by_content, key.bytes, key.length);
	text_free(&key);
	return index ? &patch->touched[*index] : NULL;
}

static bool is_in_base(const struct zone_patch *patch, const struct zone_record *record)
{
	const struct zone_node *node = zone_version_node(patch->base, record->owner);
	const struct zone_rrset *rrset = node ? zone_node_rrset(node, record->type) : NULL;
	const struct zone_rdata *rdata = rrset ? rrset->first : NULL;

	while (rdata &&
		(rdata->length != record->rdata_length ||
			memcmp(rdata->bytes, record->rdata, rdata->length)))
		rdata = rdata->next;
	return rdata;
}

static struct touched *touch(struct zone_patch *patch, const struct zone_record *record)
{
	struct touched *touched = find(patch, record);
	struct text key = { 0 };

	if (touched)
		return touched;
	if (patch->count == patch->capacity) {
		patch->capacity = patch->capacity ? 2 * patch->capacity : 16;
		patch->touched =
			memory_resize(patch->touched, patch->capacity, sizeof(*patch->touched));
	}
	touched = &patch->touched[patch->count];
	*touched = (struct touched){ .record = *record, .is_there = is_in_base(patch, record) };
	touched->record.owner =
		arena_copy(&patch->arena, record->owner, name_length(record->owner));
	touched->record.rdata = arena_copy(&patch->arena, record->rdata, record->rdata_length);
	key_of(record, &key);
	map_put(&patch->by_content, arena_copy(&patch->arena, key.bytes, key.length), key.length,
		(uint32_t)patch->count++, NULL);
	text_free(&key);
	return touched;
}

static bool begin_step(struct zone_patch *patch, const struct zone_record *record,
	struct fault *fault)
{
	uint32_t before = patch->step ? patch->step->to : patch->base->serial;
	struct difference *step = difference_new();

	*(patch->step ? &patch->step->next : &patch->steps) = step;
	patch->step = step;
	if (record->type != DNS_SOA)
		return refuse(fault, record, "differences that do not begin with an SOA");
	difference_record(step, record, true);
	if (step->from != before)
		return fault_set(fault, "differences from serial %u, where %u was to follow",
			step->from, before);
	return true;
}

/* Into the step that it belongs to: what goes behind something that came begins the next. */
static bool note(struct zone_patch *patch, const struct zone_record *record, bool deleting,
	struct fault *fault)
{
	bool begins = deleting && !patch->was_deleting;

	patch->was_deleting = deleting;
	if (begins)
		return begin_step(patch, record, fault);
	if (!patch->step || (!deleting && !patch->step->come.length && record->type != DNS_SOA))
		return refuse(fault, record, "differences without an SOA");
	difference_record(patch->step, record, deleting);
	return true;
}

bool zone_patch_record(struct zone_patch *patch, const struct zone_record *record, bool deleting,
	struct fault *fault)
{
	struct touched *touched;

	if (!rdata_check(record->type, record->class, record->rdata, record->rdata_length))
		return refuse(fault, record, "malformed data");
	if (!note(patch, record, deleting, fault))
		return false;
	touched = touch(patch, record);
	if (deleting && !touched->is_there)
		return refuse(fault, record, "is to go, and is not there");
	touched->is_there = !deleting;
	touched->record.ttl = record->ttl;
	return true;
}

static bool add_unless_touched(struct zone_patch *patch, struct zone_version *version,
	const struct zone_record *record, struct fault *fault)
{
	struct touched *touched = find(patch, record);

	if (!touched)
		return zone_version_add(version, record, fault);
	if (!touched->is_there || touched->is_done)
		return true;
	touched->is_done = true;
	return zone_version_add(version, &touched->record, fault);
}

static bool copy_node(struct zone_patch *patch, struct zone_version *version,
	const struct zone_node *node, struct fault *fault)
{
	for (const struct zone_rrset *rrset = node->rrsets; rrset; rrset = rrset->next)
		for (const struct zone_rdata *rdata = rrset->first; rdata; rdata = rdata->next)
			if (!add_unless_touched(patch, version,
				    &(struct zone_record){ node->name, rrset->type, DNS_IN,
					    rdata->ttl, rdata->bytes, rdata->length },
				    fault))
				return false;
	return true;
}

static bool fill(struct zone_patch *patch, struct zone_version *version, struct fault *fault)
{
	for (size_t i = 0; i < patch->base->node_count; i++)
		if (!copy_node(patch, version, &patch->base->nodes[i], fault))
			return false;
	for (size_t i = 0; i < patch->count; i++)
		if (patch->touched[i].is_there && !patch->touched[i].is_done &&
			!zone_version_add(version, &patch->touched[i].record, fault))
			return false;
	return zone_version_finish(version, fault);
}

struct zone_version *zone_patch_finish(struct zone_patch *patch, struct difference **steps,
	struct fault *fault)
{
	struct zone_version *version = zone_version_new(patch->base->apex);

	if (!patch->step || !patch->step->come.length) {
		fault_set(fault, "differences that end halfway");
	} else if (fill(patch, version, fault)) {
		*steps = patch->steps;
		patch->steps = patch->step = NULL;
		return version;
	}
	zone_version_release(version);
	return NULL;
}
