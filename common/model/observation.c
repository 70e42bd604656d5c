#include "common/model/observation.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/utf8.h"
#include "common/dns/name.h"

static const struct {
	const char *name, *trouble;
} outcomes[OUTCOME_COUNT] = {
	[OUTCOME_NOT_ASKED] = { "not_asked", "was not asked" },
	[OUTCOME_ANSWERED] = { "answered", NULL },
	[OUTCOME_TIMEOUT] = { "timeout", "does not answer" },
	[OUTCOME_PORT_CLOSED] = { "port_closed", "has its port closed" },
	[OUTCOME_UNREACHABLE] = { "unreachable", "is unreachable" },
	[OUTCOME_NO_ROUTE] = { "no_route", "can't be reached: no route" },
	[OUTCOME_CONNECTION_BROKEN] = { "connection_broken", "closes the connection" },
	[OUTCOME_MALFORMED] = { "malformed", "gives a malformed answer" },
	[OUTCOME_REFUSED] = { "refused", NULL },
	[OUTCOME_SERVFAIL] = { "servfail", NULL },
	[OUTCOME_NOTAUTH] = { "notauth", NULL },
	[OUTCOME_NXDOMAIN] = { "nxdomain", NULL },
	[OUTCOME_NO_SOA] = { "no_soa", NULL },
	[OUTCOME_NOT_AUTHORITATIVE] = { "not_authoritative", NULL },
	[OUTCOME_RCODE] = { "rcode", NULL },
	[OUTCOME_TSIG_FAILED] = { "tsig_failed", "gives an answer with a wrong signature" },
};

const char *outcome_name(enum outcome outcome)
{
	assert(outcome < OUTCOME_COUNT);
	return outcomes[outcome].name;
}

const char *outcome_trouble(enum outcome outcome)
{
	assert(outcome < OUTCOME_COUNT);
	return outcomes[outcome].trouble;
}

bool outcome_from_name(const char *name, enum outcome *outcome)
{
	enum outcome known;

	for (known = OUTCOME_NOT_ASKED; known < OUTCOME_COUNT; known++)
		if (!strcmp(outcomes[known].name, name)) {
			*outcome = known;
			return true;
		}
	return false;
}

/* One more element at the end of an array that is full at every power of two; `count` is at
 * least 1. */
static void *grown(void *items, size_t count, size_t item_size)
{
	return count & (count - 1) ? items : memory_resize(items, count * 2, item_size);
}

/* The index of an equal key. Where there is none yet, `next` becomes it, and a copy of the key is
 * returned; else NULL. */
static const void *copied_if_new(struct observations *seen, struct map *map, const void *key,
	size_t length, size_t next, uint32_t *index)
{
	const uint32_t *known = map_get(map, key, length);
	const void *copy;

	*index = known ? *known : (uint32_t)next;
	if (known)
		return NULL;
	copy = arena_copy(&seen->arena, key, length);
	map_put(map, copy, length, *index, NULL);
	return copy;
}

uint32_t observations_text(struct observations *seen, const void *bytes, size_t length)
{
	char clean[CLEAN_MOST + 1];
	size_t clean_length = utf8_clean(bytes, length, clean);
	const char *copy;
	uint32_t index;

	if (!clean_length)
		return 0;
	/* With its NUL, so that the copy is a string. */
	copy = copied_if_new(seen, &seen->text_map, clean, clean_length + 1, seen->text_count,
		&index);
	if (copy) {
		seen->texts = grown(seen->texts, seen->text_count, sizeof(*seen->texts));
		seen->texts[seen->text_count++] = copy;
	}
	return index;
}

static size_t name_put(uint8_t *out, const uint8_t *name)
{
	size_t length = name_length(name);

	memcpy(out, name, length);
	name_lower(out);
	return length;
}

const char *observations_string(struct observations *seen, const void *bytes, size_t length)
{
	char clean[CLEAN_MOST + 1];
	size_t clean_length = utf8_clean(bytes, length, clean);

	return clean_length ? arena_copy(&seen->arena, clean, clean_length + 1) : NULL;
}

static size_t content_length(const struct soa_content *content)
{
	return offsetof(struct soa_content, names) + content->mname_length + content->rname_length;
}

static const void *content_key(const void *owner, uint32_t index, size_t *length)
{
	const struct soa_content *content = ((const struct observations *)owner)->fields[index];

	*length = content_length(content);
	return content;
}

/* The largest there is. */
union content_room {
	struct soa_content content;
	uint8_t bytes[offsetof(struct soa_content, names) + (size_t)2 * NAME_WIRE];
};

static void content_of(const struct soa_fields *fields, union content_room *room)
{
	struct soa_content *content = &room->content;

	memset(content, 0, sizeof(*content));
	content->refresh = fields->refresh;
	content->retry = fields->retry;
	content->expire = fields->expire;
	content->minimum = fields->minimum;
	content->mname_length = (uint8_t)name_put(content->names, fields->mname);
	content->rname_length =
		(uint8_t)name_put(content->names + content->mname_length, fields->rname);
}

/* To the letter: what differs in case only is found by its key. */
static bool content_alike(const struct soa_content *content, const struct soa_fields *fields)
{
	return content->refresh == fields->refresh && content->retry == fields->retry &&
		content->expire == fields->expire && content->minimum == fields->minimum &&
		!memcmp(soa_mname(content), fields->mname, content->mname_length) &&
		!memcmp(soa_rname(content), fields->rname, content->rname_length);
}

void observations_room(struct observations *seen, size_t pair_count, size_t server_count)
{
	seen->soa = arena_array(&seen->arena, pair_count, sizeof(*seen->soa));
	for (size_t pair = 0; pair < pair_count; pair++) {
		seen->soa[pair].expire_s = EXPIRE_NONE;
		seen->soa[pair].ede_code = EDE_NONE;
	}
	seen->servers = arena_array(&seen->arena, server_count, sizeof(*seen->servers));
}

void observations_begin(struct observations *seen, size_t pair_count, size_t server_count)
{
	static const struct soa_fields no_fields;
	union content_room room;

	*seen = (struct observations){ 0 };
	observations_room(seen, pair_count, server_count);
	seen->field_map.key_of = content_key;
	seen->fields = memory_resize(NULL, 1, sizeof(*seen->fields));
	seen->texts = memory_resize(NULL, 1, sizeof(*seen->texts));
	seen->ns_sets = memory_resize(NULL, 1, sizeof(*seen->ns_sets));
	content_of(&no_fields, &room);
	seen->fields[0] = arena_copy(&seen->arena, &room, content_length(&room.content));
	seen->texts[0] = "";
	seen->ns_sets[0] = (struct ns_set){ 0 };
	seen->field_count = seen->text_count = seen->ns_set_count = 1;
}

void observations_free(struct observations *seen)
{
	free(seen->fields);
	free(seen->texts);
	free(seen->ns_sets);
	index_map_free(&seen->field_map);
	map_free(&seen->text_map);
	map_free(&seen->ns_map);
	arena_free(&seen->arena);
	*seen = (struct observations){ 0 };
}

uint32_t observations_fields(struct observations *seen, const struct soa_fields *fields)
{
	union content_room room;
	size_t length;
	uint32_t index = seen->last_fields;

	if (index && content_alike(seen->fields[index], fields))
		return index;
	content_of(fields, &room);
	length = content_length(&room.content);
	index = index_map_put(&seen->field_map, seen, &room, length, (uint32_t)seen->field_count);
	if (index == seen->field_count) {
		seen->fields = grown(seen->fields, seen->field_count, sizeof(*seen->fields));
		seen->fields[seen->field_count++] = arena_copy(&seen->arena, &room, length);
	}
	seen->last_fields = index;
	return index;
}

/* A name in lower case; fixed places, so that qsort() can move them. */
struct lower_name {
	uint8_t name[NAME_WIRE];
};

static int lower_name_compare(const void *a, const void *b)
{
	return name_compare(((const struct lower_name *)a)->name,
		((const struct lower_name *)b)->name);
}

/* Sorted, without duplicates, one behind the other over the array's own bytes: no name is longer
 * than its place. */
static struct ns_set ns_set_pack(struct lower_name *names, size_t count)
{
	struct ns_set set = { .names = names[0].name };
	const uint8_t *last = NULL;
	uint8_t *end = names[0].name;
	size_t at;

	qsort(names, count, sizeof(*names), lower_name_compare);
	for (at = 0; at < count; at++) {
		size_t length = name_length(names[at].name);

		if (last && name_equal(last, names[at].name))
			continue;
		memmove(end, names[at].name, length);
		last = end;
		end += length;
		set.count++;
	}
	set.length = (size_t)(end - set.names);
	return set;
}

uint32_t observations_ns_set(struct observations *seen, const uint8_t *const *names, size_t count)
{
	struct lower_name *lower;
	const uint8_t *copy;
	struct ns_set set;
	uint32_t index;
	size_t at;

	if (!count)
		return 0;
	lower = memory_resize(NULL, count, sizeof(*lower));
	for (at = 0; at < count; at++)
		name_put(lower[at].name, names[at]);
	set = ns_set_pack(lower, count);
	copy = copied_if_new(seen, &seen->ns_map, set.names, set.length, seen->ns_set_count,
		&index);
	if (copy) {
		set.names = copy;
		seen->ns_sets = grown(seen->ns_sets, seen->ns_set_count, sizeof(*seen->ns_sets));
		seen->ns_sets[seen->ns_set_count++] = set;
	}
	free(lower);
	return index;
}
