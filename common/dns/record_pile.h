/*
 * Records in canonical form, kept, sorted and compared as multisets: the second pass of a
 * comparison, and ZONEMD. 12 to 24 bytes a record beside its own.
 */
#ifndef COMMON_DNS_RECORD_PILE_H
#define COMMON_DNS_RECORD_PILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/dns/canonical.h"
#include "common/dns/zone_file.h"

struct record_pile {
	uint8_t *bytes; /* each: length (4), TTL as it came (4), the record */
	size_t length, capacity;
	size_t *starts; /* into bytes */
	size_t count, room;
};

void record_pile_free(struct record_pile *self);
void record_pile_add(struct record_pile *self, const struct canonical *record);
/* Forgets the records, and keeps the memory. */
void record_pile_clear(struct record_pile *self);
/* Into canonical order (RFC 4034 6). */
void record_pile_sort(struct record_pile *self);
struct canonical_parts record_pile_get(const struct record_pile *self, size_t index);
/* The same for what prints records: with the TTL as it came. */
struct zone_record record_pile_record(const struct record_pile *self, size_t index);

/* Called in canonical order; `here`: it stands in `a`, else in `b`. */
typedef void record_pile_difference(void *context, const struct zone_record *record, bool here);
/* What stands in one of two sorted piles alone, or more often in one of them (then so often as it
 * is more). */
void record_pile_compare(const struct record_pile *a, const struct record_pile *b,
	record_pile_difference *each, void *context);

#endif
