/*
 * SOA-EDIT: PowerDNS serves another serial than its database has. INCEPTION-INCREMENT and
 * INCEPTION-EPOCH make one serial of all from before this week (pdns/serialtweaker.cc), so that
 * changes below it are seen by nobody until the next one; and where it is unset, new signatures
 * leave the serial as it is.
 */
#include <string.h>
#include <strings.h>

#include "common/judge/api_cause.h"

static const char *metadata(const struct pdns_detail *detail)
{
	const struct pdns_values *values = &detail->metadata[PDNS_META_SOA_EDIT];

	return *detail->soa_edit ? detail->soa_edit : values->count ? values->items[0] : "";
}

static bool is_weekly(const char *edit)
{
	return edit &&
		(!strcasecmp(edit, "INCEPTION-INCREMENT") || !strcasecmp(edit, "INCEPTION-EPOCH"));
}

/* "SOA-EDIT=INCEPTION-INCREMENT", from wherever it is in force; NULL: nothing of that kind. */
static const char *weekly_edit(const struct api_case *self, const struct pdns_detail *detail)
{
	static const enum pdns_setting defaults[] = { PDNS_DEFAULT_SOA_EDIT_SIGNED,
		PDNS_DEFAULT_SOA_EDIT };
	const char *own = metadata(detail);

	if (*own)
		return is_weekly(own) ? arena_printf(self->arena, "SOA-EDIT=%s", own) : NULL;
	for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++) {
		const char *value = self->primary->settings[defaults[i]];

		if (is_weekly(value))
			return arena_printf(self->arena, "%s=%s",
				pdns_setting_name(self->primary, defaults[i]), value);
	}
	return NULL;
}

static void advise(struct api_case *self)
{
	struct text advice = { 0 };

	api_on(&advice, self, self->primary_at);
	api_task(&advice, self, TASK_SOA_EDIT);
	api_advise(self, &advice);
}

static const struct pdns_detail *detail_of(const struct api_case *self)
{
	const struct pdns_detail *detail =
		self->primary ? pdns_find_detail(self->primary, self->zone) : NULL;

	return detail && detail->outcome == PDNS_ANSWERED &&
			!api_is_secondary_kind(api_row(self->primary, self->zone))
		? detail
		: NULL;
}

/* Serials of this week's own days are raised by two, and hide nothing. */
bool api_find_hiding(struct api_case *self)
{
	const struct pdns_zone *row = api_row(self->primary, self->zone);
	const struct pdns_detail *detail = detail_of(self);
	const char *edit = detail ? weekly_edit(self, detail) : NULL;
	uint32_t served;

	if (!row || !edit || !api_serial(self->primary, self->zone, &served) ||
		served == row->serial || served == row->serial + 2)
		return false;
	self->own = arena_printf(self->arena,
		"serves %u for every change of this week: it has %s, and %u in its database",
		served, edit, row->serial);
	api_found(self, FINDING_SOA_EDIT, self->primary_at, "%s %s",
		api_name(self->facts, self->primary_at), self->own);
	advise(self);
	return true;
}

static bool is_unset(const char *edit)
{
	return edit && (!*edit || !strcasecmp(edit, "NONE"));
}

bool api_explain_signatures(struct api_case *self)
{
	const struct pdns_detail *detail = detail_of(self);
	const char *name = api_name(self->facts, self->primary_at);
	const char *own = detail ? metadata(detail) : NULL;

	if (!own || !is_unset(own) ||
		(!*own &&
			(!is_unset(self->primary->settings[PDNS_DEFAULT_SOA_EDIT_SIGNED]) ||
				!is_unset(self->primary->settings[PDNS_DEFAULT_SOA_EDIT]))))
		return false;
	api_found(self, FINDING_SOA_EDIT, self->primary_at,
		"%s has SOA-EDIT %s, so new signatures do not raise the serial", name,
		*own ? own : "unset");
	advise(self);
	return true;
}
