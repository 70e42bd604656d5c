/* Catalog zones (RFC 9432): members that did not arrive, and members that should be gone. */
#include <string.h>
#include <strings.h>

#include "common/judge/api_judge.h"

/* The catalog that a row belongs to; "" where it belongs to none, or that is not told. */
static const char *catalog_of(const struct api_judge *self, const struct pdns_zone *row)
{
	return row ? self->facts->seen->texts[row->catalog] : "";
}

static const struct pdns_zone *row_named(const struct api_judge *self,
	const struct pdns_server *pdns, const char *name)
{
	const struct pdns_zone *found = NULL;
	struct text each = { 0 };

	for (uint32_t i = 0; !found && i < pdns->zone_count; i++) {
		if (pdns->zones[i].kind != PDNS_CONSUMER && pdns->zones[i].kind != PDNS_SLAVE)
			continue;
		text_cut(&each, 0);
		plan_zone_text(self->facts->plan, pdns->zones[i].zone, &each);
		if (!strncasecmp(name, text_string(&each), each.length) &&
			(!name[each.length] || !strcmp(name + each.length, ".")))
			found = &pdns->zones[i];
	}
	text_free(&each);
	return found;
}

static void say_kind(struct api_judge *self, const struct api_case *found, const char *catalog)
{
	struct text task = { 0 };

	api_task(&task, found, TASK_CONSUME);
	api_say(self, FINDING_CATALOG_MEMBER_MISSING, found->zone, found->secondary,
		"has it as Slave, and it is Producer on %s: as that it brings no members",
		api_name(self->facts, found->primary_at))
		->advice = api_printf(self, "on %s: %s && pdns_control retrieve %s",
		api_name(self->facts, found->secondary_at), text_string(&task), catalog);
	text_free(&task);
}

/* Lists of versions before 4.9 have a member for the catalog, and nothing in it; single zones tell.
 */
static bool tells_catalog(const struct pdns_server *pdns, uint32_t zone)
{
	const struct pdns_detail *detail = pdns_find_detail(pdns, zone);

	return pdns_is_from(pdns, 4, 9) || !api_row(pdns, zone) ||
		(api_row(pdns, zone)->has_catalog && detail && detail->outcome == PDNS_ANSWERED);
}

static void judge_member(struct api_judge *self, const struct api_case *found)
{
	const struct pdns_zone *ours = api_row(found->primary, found->zone);
	const struct pdns_zone *theirs = api_row(found->secondary, found->zone);
	const char *catalog = catalog_of(self, theirs);
	struct text task = { 0 };

	if (!theirs || !*catalog || !found->primary->all_zones || *catalog_of(self, ours) ||
		!tells_catalog(found->primary, found->zone) ||
		!row_named(self, found->secondary, catalog))
		return;
	api_task(&task, found, TASK_REMOVE);
	api_say(self, FINDING_CATALOG_MEMBER_EXTRA, found->zone, found->secondary,
		"has it as a member of %s, which it is not on %s", catalog,
		api_name(self->facts, found->primary_at))
		->advice = api_printf(self, "on %s: pdns_control retrieve %s; if it stays: %s",
		api_name(self->facts, found->secondary_at), catalog, text_string(&task));
	text_free(&task);
}

void api_judge_catalog(struct api_judge *self, uint32_t zone, const struct pdns_server *primary,
	const struct pdns_server *secondary)
{
	struct api_case found =
		api_case_of(self->facts, &self->verdict->findings.arena, zone, primary, secondary);
	const struct pdns_zone *ours = api_row(primary, zone), *theirs = api_row(secondary, zone);
	struct text name = { 0 };

	if (ours && theirs && ours->kind == PDNS_PRODUCER && theirs->kind == PDNS_SLAVE) {
		plan_zone_text(self->facts->plan, zone, &name);
		say_kind(self, &found, text_string(&name));
	}
	judge_member(self, &found);
	text_free(&name);
}
