/* Whom a secondary's zone comes from: of several primaries, of a chain of secondaries. */
#include "common/dns/serial.h"
#include "common/judge/address_lists.h"
#include "common/judge/api_judge.h"

struct api_case api_case_of(const struct facts *facts, struct arena *arena, uint32_t zone,
	const struct pdns_server *primary, const struct pdns_server *secondary)
{
	return (struct api_case){ .facts = facts,
		.arena = arena,
		.zone = zone,
		.primary = primary,
		.secondary = secondary,
		.primary_at = primary->server,
		.secondary_at = secondary->server,
		.code = FINDING_NONE,
		.culprit = PLAN_NONE };
}

/* How well it would do as the primary; 0: not at all. */
enum rank { NO_PRIMARY, FIRST_NAMED, FIRST_HAS_IT, FOLLOWED, IS_PRIMARY, FOLLOWED_HAS_IT };

static enum rank rank_of(const struct facts *facts, uint32_t zone, const struct pdns_server *each,
	const struct pdns_server *secondary)
{
	struct api_case one = api_case_of(facts, NULL, zone, each, secondary);
	const struct pdns_zone *row = api_row(each, zone);
	bool is_followed = api_follows(&one) == PDNS_ON;

	if (is_followed)
		return row ? FOLLOWED_HAS_IT : FOLLOWED;
	if (api_is_primary_kind(row))
		return IS_PRIMARY;
	if (!each->is_primary)
		return NO_PRIMARY;
	return row ? FIRST_HAS_IT : FIRST_NAMED;
}

const struct pdns_server *api_primary_of(const struct facts *facts, uint32_t zone,
	const struct pdns_server *secondary)
{
	const struct observations *seen = facts->seen;
	const struct pdns_server *best = NULL;
	enum rank best_rank = NO_PRIMARY;

	for (size_t i = 0; i < seen->pdns_count; i++) {
		const struct pdns_server *each = &seen->pdns[i];
		enum rank rank =
			each == secondary ? NO_PRIMARY : rank_of(facts, zone, each, secondary);

		if (rank <= best_rank)
			continue;
		best = each;
		best_rank = rank;
	}
	return best;
}

static bool is_server_at(const struct facts *facts, const struct pdns_server *pdns,
	const struct address *address)
{
	struct address own[API_ADDRESSES];
	size_t count = api_addresses(facts, pdns, pdns->server, own);

	for (size_t i = 0; i < count; i++) {
		if (address_same_host(&own[i], address))
			return true;
	}
	return false;
}

static bool lacks_at(const struct facts *facts, uint32_t zone, const struct address *address)
{
	for (size_t i = 0; i < facts->seen->pdns_count; i++) {
		const struct pdns_server *each = &facts->seen->pdns[i];

		if (is_server_at(facts, each, address))
			return api_lacks(each, zone);
	}
	return false;
}

bool api_is_orphan(const struct api_case *self)
{
	const struct pdns_zone *row = api_row(self->secondary, self->zone);
	const struct pdns_masters *masters;

	if (!api_is_secondary_kind(row))
		return false;
	masters = &self->secondary->masters[row->masters];
	for (uint32_t i = 0; i < masters->address_count; i++) {
		if (!lacks_at(self->facts, self->zone, &masters->addresses[i]))
			return false;
	}
	return masters->address_count > 0;
}

bool api_serves_others_only(const struct pdns_server *pdns)
{
	return pdns->all_zones && pdns->master_count <= 1 && /* no zone of it names a primary */
		pdns_setting_switch(pdns, PDNS_PRIMARY) == PDNS_ON &&
		pdns_setting_switch(pdns, PDNS_SECONDARY) == PDNS_OFF &&
		pdns_setting_switch(pdns, PDNS_AUTOSECONDARY) == PDNS_OFF;
}

/* --- Chains ----------------------------------------------------------------------------------- */

static uint32_t server_at(const struct facts *facts, const struct address *address)
{
	for (uint32_t s = 0; s < facts->plan->server_count; s++) {
		if (address_same_host(&facts->plan->servers[s].address, address))
			return s;
	}
	return PLAN_NONE;
}

void api_look_upstream(struct api_case *self)
{
	const struct pdns_zone *row = api_row(self->secondary, self->zone);
	const struct pdns_masters *masters;

	if (!api_is_secondary_kind(row) || api_follows(self) == PDNS_ON)
		return;
	masters = &self->secondary->masters[row->masters];
	for (uint32_t i = 0; i < masters->address_count; i++) {
		uint32_t at = server_at(self->facts, &masters->addresses[i]);

		if (at == PLAN_NONE || at == self->secondary_at ||
			api_lacks(api_server_at(self->facts, at), self->zone))
			continue;
		self->primary_at = at;
		self->primary = api_server_at(self->facts, at);
		return;
	}
}

bool api_find_upstream(struct api_case *self)
{
	const struct pdns_zone *ours = api_row(self->primary, self->zone);
	const struct pdns_zone *theirs = api_row(self->secondary, self->zone);
	struct text advice = { 0 };
	const char *name = api_name(self->facts, self->primary_at);

	if (!api_is_secondary_kind(ours) || !api_is_secondary_kind(theirs) ||
		api_follows(self) != PDNS_ON || api_never_transferred(theirs) ||
		serial_compare(theirs->serial, ours->serial) == SERIAL_BEHIND)
		return false;
	api_found(self, FINDING_NONE, self->primary_at,
		"it follows %s, which has no newer serial itself", name);
	text_addf(&advice, "mend %s first; then on %s: ", name,
		api_name(self->facts, self->secondary_at));
	api_task(&advice, self, TASK_RETRANSFER);
	api_advise(self, &advice);
	return true;
}
