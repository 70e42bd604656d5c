/*
 * Lists of zones. However the bytes are cut into pieces, the same zones come out; each is a valid
 * name in lower case, and what is printed of it is read as the same zone.
 */
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/dns/name.h"
#include "common/dns/zone_list.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);

static void must(bool good)
{
	if (!good)
		abort();
}

static bool take_zone(void *context, const struct zone_list_entry *entry, struct fault *why)
{
	uint8_t lower[NAME_WIRE], again[NAME_WIRE];
	char text[NAME_TEXT];

	must(name_check(entry->zone, NAME_WIRE) == name_length(entry->zone));
	memcpy(lower, entry->zone, name_length(entry->zone));
	name_lower(lower);
	must(!memcmp(lower, entry->zone, name_length(lower)));
	must(name_from_text(name_to_text(entry->zone, text), again, why) == name_length(lower));
	must(!memcmp(again, lower, name_length(lower)));
	must(!entry->primary || (*entry->primary && !strpbrk(entry->primary, " \t\n")));
	text_addf(context, "%llu %s %s\n", (unsigned long long)entry->line, text,
		entry->primary ? entry->primary : "");
	return true;
}

static void take_broken(void *context, uint64_t line, const char *why)
{
	must(*why);
	text_addf(context, "%llu %s\n", (unsigned long long)line, why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
	struct text whole = { 0 }, pieces = { 0 };
	struct zone_list list = { .zone = take_zone, .broken = take_broken, .context = &whole };
	struct zone_list again = { .zone = take_zone, .broken = take_broken, .context = &pieces };

	zone_list_feed(&list, (const char *)data, length);
	zone_list_end(&list);
	for (size_t at = 0, piece = 1; at < length; at += piece, piece = piece % 5 + 1) {
		if (piece > length - at)
			piece = length - at;
		zone_list_feed(&again, (const char *)data + at, piece);
	}
	zone_list_end(&again);
	must(!strcmp(text_string(&whole), text_string(&pieces)));
	text_free(&whole);
	text_free(&pieces);
	return 0;
}
