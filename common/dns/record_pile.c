#include "common/dns/record_pile.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/arena.h"

enum { HEAD = 8, FIRST_BYTES = 1 << 16, FIRST_RECORDS = 1 << 10 };

void record_pile_free(struct record_pile *self)
{
	free(self->bytes);
	free(self->starts);
	*self = (struct record_pile){ 0 };
}

void record_pile_clear(struct record_pile *self)
{
	self->length = self->count = 0;
}

/* By half: a pile that is let grow to what it may hold is not twice as large then. */
static size_t grown(size_t size, size_t first, size_t wanted)
{
	size_t more = size ? size + size / 2 : first;

	return more < wanted ? wanted : more;
}

void record_pile_add(struct record_pile *self, const struct canonical *record)
{
	uint32_t length = (uint32_t)record->length;
	size_t wanted = self->length + HEAD + length;
	uint8_t *to;

	if (wanted > self->capacity) {
		self->capacity = grown(self->capacity, FIRST_BYTES, wanted);
		self->bytes = memory_resize(self->bytes, self->capacity, 1);
	}
	if (self->count == self->room) {
		self->room = grown(self->room, FIRST_RECORDS, self->count + 1);
		self->starts = memory_resize(self->starts, self->room, sizeof(self->starts[0]));
	}
	to = self->bytes + self->length;
	memcpy(to, &length, 4);
	memcpy(to + 4, &record->ttl, 4);
	memcpy(to + HEAD, record->bytes, length);
	self->starts[self->count++] = self->length;
	self->length = wanted;
}

static struct canonical_parts parts_at(const uint8_t *head)
{
	uint32_t length;

	memcpy(&length, head, 4);
	return canonical_split(head + HEAD, length);
}

struct canonical_parts record_pile_get(const struct record_pile *self, size_t index)
{
	return parts_at(self->bytes + self->starts[index]);
}

struct zone_record record_pile_record(const struct record_pile *self, size_t index)
{
	struct canonical_parts parts = record_pile_get(self, index);
	struct zone_record record = {
		.owner = parts.owner,
		.type = parts.type,
		.class = parts.class,
		.rdata = parts.rdata,
		.rdata_length = (uint16_t)parts.rdata_length,
	};

	memcpy(&record.ttl, self->bytes + self->starts[index] + 4, 4);
	return record;
}

static int compare_starts(const void *a, const void *b, void *context)
{
	const uint8_t *bytes = context;
	struct canonical_parts one = parts_at(bytes + *(const size_t *)a);
	struct canonical_parts other = parts_at(bytes + *(const size_t *)b);

	return canonical_compare(&one, &other);
}

void record_pile_sort(struct record_pile *self)
{
	if (self->count)
		qsort_r(self->starts, self->count, sizeof(self->starts[0]), compare_starts,
			self->bytes);
}

static int compare_heads(const struct record_pile *a, size_t at_a, const struct record_pile *b,
	size_t at_b)
{
	struct canonical_parts one, other;

	if (at_a == a->count || at_b == b->count)
		return at_a == a->count ? 1 : -1;
	one = record_pile_get(a, at_a);
	other = record_pile_get(b, at_b);
	return canonical_compare(&one, &other);
}

void record_pile_compare(const struct record_pile *a, const struct record_pile *b,
	record_pile_difference *each, void *context)
{
	size_t at_a = 0, at_b = 0;

	while (at_a < a->count || at_b < b->count) {
		int order = compare_heads(a, at_a, b, at_b);
		struct zone_record record;

		if (order < 0) {
			record = record_pile_record(a, at_a++);
			each(context, &record, true);
		} else if (order > 0) {
			record = record_pile_record(b, at_b++);
			each(context, &record, false);
		} else {
			at_a++;
			at_b++;
		}
	}
}
