#include "common/engine/catalog_zone.h"

#include <inttypes.h>

enum { REFRESH_S = 60, RETRY_S = 10, EXPIRE_S = 604800 };

/* FNV-1a: the label that stands for a member has to stay the same as long as it is one (RFC 9432
 * 4.1). */
static uint64_t label_of(const uint8_t *zone)
{
	uint64_t hash = 14695981039346656037U;
	size_t length = name_length(zone);

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ zone[i]) * 1099511628211U;
	return hash;
}

struct zone_version *catalog_zone_make(const uint8_t *name, const struct zone_store *store,
	uint32_t serial, struct fault *fault)
{
	struct text content = { 0 };
	struct zone_version *version;
	char zone[NAME_TEXT];

	text_addf(&content,
		"@ 0 SOA invalid. invalid. %" PRIu32
		" %d %d %d 0\n@ 0 NS invalid.\nversion 0 TXT \"2\"\n",
		serial, REFRESH_S, RETRY_S, EXPIRE_S);
	for (size_t i = 0; i < store->count; i++)
		if (!store->zones[i]->is_catalog && !name_equal(store->zones[i]->name, name))
			text_addf(&content, "%016" PRIx64 ".zones 0 PTR %s\n",
				label_of(store->zones[i]->name),
				name_to_text(store->zones[i]->name, zone));
	version = zone_version_parse("the catalog", &content, name, NULL, fault);
	text_free(&content);
	return version;
}
