/* Records out of a master file, in canonical form, for stories about whole zones. */
#ifndef T_UNIT_ZONE_TEXT_H
#define T_UNIT_ZONE_TEXT_H

#include <stdlib.h>

#include "common/dns/canonical.h"
#include "common/dns/zone_file.h"

struct zone_text {
	struct canonical *canonical;
	void (*each)(void *context, const struct canonical *record);
	void *context;
};

__attribute__((unused)) static bool zone_text_record(void *context,
	const struct zone_record *record, struct fault *fault)
{
	struct zone_text *text = context;
	struct message message = { .bytes = record->rdata, .length = record->rdata_length };
	struct record wire = { .type = record->type,
		.class = record->class,
		.ttl = record->ttl,
		.rdata_length = record->rdata_length };
	size_t length = name_length(record->owner);

	memcpy(wire.owner, record->owner, length);
	if (!canonical_read(text->canonical, &message, &wire, length, false))
		return fault_set(fault, "malformed rdata");
	text->each(text->context, text->canonical);
	return true;
}

/* Calls each(context, record) for every record; false: the text is no zone. */
__attribute__((unused)) static bool zone_text_read(const char *content, const uint8_t *origin,
	bool with_ttl, void (*each)(void *context, const struct canonical *record), void *context)
{
	struct zone_text text = { .each = each, .context = context };
	struct zone_file_reader reader = { .record = zone_text_record, .context = &text };
	struct fault fault = { { 0 } };
	bool good;

	text.canonical = malloc(sizeof(*text.canonical));
	if (!text.canonical)
		abort();
	canonical_begin(text.canonical, DNS_IN, with_ttl);
	good = zone_file_read("text", content, strlen(content), origin, &reader, &fault);
	if (!good)
		printf("# %s\n", fault.text);
	free(text.canonical);
	return good;
}

#endif
