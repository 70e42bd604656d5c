/*
 * Is where an API answers where the DNS service is, too? Taken for granted of a server whose
 * local-address says nothing (0.0.0.0), until zones of others say that they come from elsewhere:
 * then the APIs are in a network of their own, and what lists of addresses hold is not known.
 */
#include "common/judge/address_lists.h"
#include "common/judge/api_private.h"

static bool holds(const struct pdns_masters *masters, const struct address *address)
{
	for (uint32_t i = 0; i < masters->address_count; i++) {
		if (address_same_host(&masters->addresses[i], address))
			return true;
	}
	return false;
}

/* Some secondary's primary is at that address. */
static bool is_confirmed(const struct observations *seen, const struct address *address)
{
	for (size_t s = 0; s < seen->pdns_count; s++) {
		for (uint32_t m = 0; m < seen->pdns[s].master_count; m++) {
			if (holds(&seen->pdns[s].masters[m], address))
				return true;
		}
	}
	return false;
}

/* One of its zones comes to another server from an address that is nobody's. */
static bool is_refuted(const struct facts *facts, const struct pdns_server *primary,
	const struct pdns_server *secondary)
{
	for (uint32_t i = 0; i < secondary->zone_count; i++) {
		const struct pdns_zone *row = &secondary->zones[i];
		struct api_case self = { .facts = facts,
			.zone = row->zone,
			.primary = primary,
			.secondary = secondary,
			.primary_at = primary->server,
			.secondary_at = secondary->server };

		if (api_is_primary_kind(api_row(primary, row->zone)) &&
			api_follows(&self) == PDNS_OFF)
			return true;
	}
	return false;
}

static bool is_guess(const struct pdns_server *pdns)
{
	return pdns->server != PLAN_NONE && !pdns->address_count;
}

static bool is_any_refuted(const struct facts *facts)
{
	const struct observations *seen = facts->seen;

	for (size_t p = 0; p < seen->pdns_count; p++) {
		const struct pdns_server *each = &seen->pdns[p];

		if (!is_guess(each) ||
			is_confirmed(seen, &facts->plan->servers[each->server].address))
			continue;
		for (size_t s = 0; s < seen->pdns_count; s++) {
			if (s != p && is_refuted(facts, each, &seen->pdns[s]))
				return true;
		}
	}
	return false;
}

void judge_pdns_places(const struct facts *facts, struct pdns_server *servers)
{
	bool is_refuted = is_any_refuted(facts);

	for (size_t i = 0; i < facts->seen->pdns_count; i++) {
		struct pdns_server *each = &servers[i];
		const struct address *address = &facts->plan->servers[each->server].address;

		each->api_elsewhere = is_guess(each) &&
			(address_is_loopback(address) ||
				(is_refuted && !is_confirmed(facts->seen, address)));
	}
}
