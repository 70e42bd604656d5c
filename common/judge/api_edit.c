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
	const struct pdns_detail *detail = api_detail(self);

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
	const char *edit = detail ? weekly_edit(self, detail) : NULL, *own;
	uint32_t served;

	if (!row || !edit || !api_serial(self->primary, self->zone, &served) ||
		served == row->serial || served == row->serial + 2)
		return false;
	own = arena_printf(self->arena,
		"serves %u for every change of this week: it has %s, and %u in its database",
		served, edit, row->serial);
	api_found(self, FINDING_SOA_EDIT, self->primary_at, "%s %s",
		api_name(self->facts, self->primary_at), own);
	self->own = own;
	advise(self);
	return true;
}

static bool is_unset(const char *edit)
{
	return edit && (!*edit || !strcasecmp(edit, "NONE"));
}

/* It came with its signatures: SOA-EDIT does nothing there, and pdnsutil refuses to raise its
 * serial (DNSSECKeeper::getSoaEdit). */
static bool is_presigned(const struct pdns_detail *detail)
{
	const struct pdns_values *values = &detail->metadata[PDNS_META_PRESIGNED];

	return values->count && !strcmp(values->items[0], "1");
}

static bool find_foreign_signer(struct api_case *self)
{
	const char *name = api_name(self->facts, self->primary_at);
	struct text advice = { 0 }, zone = { 0 };

	api_found(self, FINDING_NONE, self->primary_at,
		"it is signed elsewhere (PRESIGNED on %s), and that did not raise the serial",
		name);
	plan_zone_text(self->facts->plan, self->zone, &zone);
	text_addf(&advice,
		"where %s is signed: sign it again with a higher serial, and load it on %s; then on %s: ",
		text_string(&zone), name, name);
	api_task(&advice, self, TASK_NOTIFY);
	api_advise(self, &advice);
	text_free(&zone);
	return true;
}

bool api_explain_signatures(struct api_case *self)
{
	const struct pdns_detail *detail = detail_of(self);
	const char *name = api_name(self->facts, self->primary_at);
	const char *own = detail ? metadata(detail) : NULL;

	if (detail && is_presigned(detail))
		return find_foreign_signer(self);
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

/* What came signed is left alone (default-soa-edit-signed does nothing there), all else is not. */
bool api_explain_own_edit(struct api_case *self)
{
	const struct pdns_zone *row = api_row(self->secondary, self->zone);
	const struct pdns_detail *detail =
		row ? pdns_find_detail(self->secondary, self->zone) : NULL;
	struct text advice = { 0 };
	const char *edit;

	if (!detail || !api_is_secondary_kind(row) || !detail->has_edited_serial ||
		detail->edited_serial == row->serial)
		return false;
	edit = metadata(detail);
	if (!*edit)
		edit = self->secondary->settings[PDNS_DEFAULT_SOA_EDIT];
	if (!edit || is_unset(edit))
		return false;
	api_found(self, FINDING_SOA_EDIT, self->secondary_at,
		"it has %u in its database, as transferred, and makes another serial of it: %s=%s",
		row->serial, *metadata(detail) ? "SOA-EDIT" : "default-soa-edit", edit);
	api_on(&advice, self, self->secondary_at);
	if (*metadata(detail))
		api_task(&advice, self, TASK_NO_SOA_EDIT);
	else
		api_set(&advice, self->secondary, PDNS_DEFAULT_SOA_EDIT, "");
	api_advise(self, &advice);
	return true;
}
