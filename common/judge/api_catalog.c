/* Catalog zones (RFC 9432): members that did not arrive, and members that should be gone. */
#include "common/judge/api_judge.h"

static bool follows_catalog(const struct api_judge *self, const struct pdns_server *pdns,
	const char *catalog)
{
	for (uint32_t i = 0; i < pdns->zone_count; i++) {
		const struct pdns_zone *row = &pdns->zones[i];

		if ((row->kind == PDNS_CONSUMER || row->kind == PDNS_SLAVE) &&
			api_is_zone(self->facts, row, catalog))
			return true;
	}
	return false;
}

static void say_kind(struct api_judge *self, const struct api_case *found)
{
	struct text task = { 0 }, name = { 0 };

	plan_zone_text(self->facts->plan, found->zone, &name);
	api_task(&task, found, TASK_CONSUME);
	text_add(&task, " && pdns_control retrieve ");
	command_word(&task, text_string(&name));
	api_say(self, FINDING_CATALOG_MEMBER_MISSING, found->zone, found->secondary,
		"has it as Slave, and it is Producer on %s: as that it brings no members",
		api_name(self->facts, found->primary_at))
		->advice = api_printf(self, "on %s: %s", api_name(self->facts, found->secondary_at),
		text_string(&task));
	text_free(&task);
	text_free(&name);
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
	const char *catalog = api_catalog(self->facts, theirs, found->arena);
	struct text task = { 0 };

	if (!theirs || !*catalog || !found->primary->all_zones ||
		*api_catalog(self->facts, ours, found->arena) ||
		!tells_catalog(found->primary, found->zone) ||
		!follows_catalog(self, found->secondary, catalog))
		return;
	text_add(&task, "pdns_control retrieve ");
	command_word(&task, catalog);
	text_add(&task, "; if it stays: ");
	api_task(&task, found, TASK_REMOVE);
	api_say(self, FINDING_CATALOG_MEMBER_EXTRA, found->zone, found->secondary,
		"has it as a member of %s, which it is not on %s", catalog,
		api_name(self->facts, found->primary_at))
		->advice = api_printf(self, "on %s: %s", api_name(self->facts, found->secondary_at),
		text_string(&task));
	text_free(&task);
}

void api_judge_catalog(struct api_judge *self, uint32_t zone, const struct pdns_server *primary,
	const struct pdns_server *secondary)
{
	struct api_case found =
		api_case_of(self->facts, &self->verdict->findings.arena, zone, primary, secondary);
	const struct pdns_zone *ours = api_row(primary, zone), *theirs = api_row(secondary, zone);

	if (ours && theirs && ours->kind == PDNS_PRODUCER && theirs->kind == PDNS_SLAVE)
		say_kind(self, &found);
	judge_member(self, &found);
}
