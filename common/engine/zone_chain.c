#include "common/engine/zone_chain.h"

#include <stdlib.h>
#include <string.h>

#include "common/engine/zone_version.h"

static int compare_nodes(const void *left, const void *right)
{
	const struct zone_node *a = *(const struct zone_node *const *)left,
			       *b = *(const struct zone_node *const *)right;

	return name_compare(a->name, b->name);
}

/* The zone's way to hash (RFC 5155 4: a record with flags other than zero is to be ignored). */
static bool read_parameters(struct zone_version *version)
{
	const struct zone_rrset *rrset = zone_node_rrset(&version->nodes[0], DNS_NSEC3PARAM);
	const struct zone_rdata *rdata = rrset ? rrset->first : NULL;

	for (; rdata; rdata = rdata->next)
		if (nsec3_parameters_read(rdata->bytes, rdata->length,
			    &version->chain.parameters) &&
			!version->chain.parameters.flags)
			return true;
	return false;
}

static bool is_of_chain(const struct zone_chain *chain, const struct zone_node *node)
{
	const struct zone_rrset *rrset =
		zone_node_rrset(node, chain->hashed ? DNS_NSEC3 : DNS_NSEC);
	struct nsec3_parameters parameters;

	if (!rrset || !chain->hashed)
		return rrset;
	return nsec3_parameters_read(rrset->first->bytes, rrset->first->length, &parameters) &&
		nsec3_parameters_equal(&parameters, &chain->parameters);
}

/* Has it nothing but what NSEC3 owners have? Then it is no name of the zone (RFC 5155 7.2.8). */
static bool is_only_hash(const struct zone_node *node)
{
	const struct zone_rrset *rrset = node->rrsets;

	while (rrset && (rrset->type == DNS_NSEC3 || rrset->type == DNS_RRSIG))
		rrset = rrset->next;
	return node->rrsets && !rrset;
}

void zone_chain_make(struct zone_version *version)
{
	struct zone_chain *chain = &version->chain;
	size_t count = 0;

	chain->hashed = read_parameters(version);
	if (!chain->hashed && !zone_node_rrset(&version->nodes[0], DNS_NSEC))
		return;
	for (size_t i = 0; i < version->node_count; i++) {
		version->nodes[i].is_hash = chain->hashed && is_only_hash(&version->nodes[i]);
		count += is_of_chain(chain, &version->nodes[i]);
	}
	chain->nodes = arena_array(&version->arena, count, sizeof(*chain->nodes));
	for (size_t i = 0; i < version->node_count; i++)
		if (is_of_chain(chain, &version->nodes[i]))
			chain->nodes[chain->count++] = &version->nodes[i];
	qsort(chain->nodes, chain->count, sizeof(*chain->nodes), compare_nodes);
}

/* The name as the chain's owners are; `room` holds it where it is hashed. NULL: not possible. */
static const uint8_t *owner_of(const struct zone_version *version, const uint8_t *name,
	uint8_t room[NAME_WIRE])
{
	size_t length = name_length(version->apex);

	if (!version->chain.hashed)
		return name;
	if (length + NSEC3_LABEL > NAME_WIRE ||
		!nsec3_label(&version->chain.parameters, name, room))
		return NULL;
	memcpy(room + NSEC3_LABEL, version->apex, length);
	return room;
}

/* The last owner that is not behind `owner`; before the first one stands the last (RFC 4034 4.1.1).
 */
static const struct zone_node *last_up_to(const struct zone_chain *chain, const uint8_t *owner)
{
	size_t low = 0, high = chain->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (name_compare(chain->nodes[middle]->name, owner) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return chain->nodes[low ? low - 1 : chain->count - 1];
}

const struct zone_node *zone_chain_cover(const struct zone_version *version, const uint8_t *name)
{
	uint8_t room[NAME_WIRE];
	const uint8_t *owner = version->chain.count ? owner_of(version, name, room) : NULL;

	return owner ? last_up_to(&version->chain, owner) : NULL;
}

const struct zone_node *zone_chain_match(const struct zone_version *version, const uint8_t *name)
{
	uint8_t room[NAME_WIRE];
	const uint8_t *owner = version->chain.count ? owner_of(version, name, room) : NULL;
	const struct zone_node *node = owner ? last_up_to(&version->chain, owner) : NULL;

	return node && name_equal(node->name, owner) ? node : NULL;
}
