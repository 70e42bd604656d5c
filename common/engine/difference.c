#include "common/engine/difference.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Before each record's owner and rdata. */
struct packed {
	uint32_t ttl;
	uint16_t type, owner_length, rdata_length;
};

struct difference *difference_new(void)
{
	struct difference *difference = memory_resize(NULL, 1, sizeof(*difference));

	*difference = (struct difference){ 0 };
	return difference;
}

void difference_free(struct difference *difference)
{
	while (difference) {
		struct difference *next = difference->next;

		text_free(&difference->gone);
		text_free(&difference->come);
		free(difference);
		difference = next;
	}
}

/* The serial stands before the last 16 bytes (RFC 1035 3.3.13). */
static uint32_t serial_of(const struct zone_record *soa)
{
	struct wire_reader reader = wire_read(soa->rdata, soa->rdata_length);

	wire_skip(&reader, soa->rdata_length - 20U);
	return wire_read_u32(&reader);
}

void difference_record(struct difference *difference, const struct zone_record *record,
	bool deleting)
{
	struct text *list = deleting ? &difference->gone : &difference->come;
	struct packed packed = { record->ttl, record->type, (uint16_t)name_length(record->owner),
		record->rdata_length };

	assert(list->length || record->type == DNS_SOA);
	if (!list->length)
		*(deleting ? &difference->from : &difference->to) = serial_of(record);
	text_add_bytes(list, &packed, sizeof(packed));
	text_add_bytes(list, record->owner, packed.owner_length);
	text_add_bytes(list, record->rdata, packed.rdata_length);
	difference->records++;
}

bool difference_next(const struct text *list, size_t *at, struct zone_record *record)
{
	const uint8_t *bytes = (const uint8_t *)list->bytes + *at;
	struct packed packed;

	if (*at == list->length)
		return false;
	memcpy(&packed, bytes, sizeof(packed));
	record->owner = bytes + sizeof(packed);
	record->rdata = record->owner + packed.owner_length;
	record->type = packed.type;
	record->class = DNS_IN;
	record->ttl = packed.ttl;
	record->rdata_length = packed.rdata_length;
	*at += sizeof(packed) + packed.owner_length + packed.rdata_length;
	return true;
}

static void add_rdata(struct difference *difference, const uint8_t *owner, uint16_t type,
	const struct zone_rdata *rdata, bool deleting)
{
	difference_record(difference,
		&(struct zone_record){ owner, type, DNS_IN, rdata->ttl, rdata->bytes,
			rdata->length },
		deleting);
}

static int compare_rdata(const struct zone_rdata *a, const struct zone_rdata *b)
{
	size_t common = a->length < b->length ? a->length : b->length;
	int order = common ? memcmp(a->bytes, b->bytes, common) : 0;

	return order ? order : (a->length > b->length) - (a->length < b->length);
}

/* Both lists are in the same order and without duplicates. */
static void compare_rrsets(struct difference *difference, const uint8_t *owner, uint16_t type,
	const struct zone_rdata *old, const struct zone_rdata *new)
{
	while (old || new) {
		int order = !old ? 1 : !new ? -1 : compare_rdata(old, new);
		bool is_same = !order && old->ttl == new->ttl;

		if (order <= 0 && !is_same)
			add_rdata(difference, owner, type, old, true);
		if (order >= 0 && !is_same)
			add_rdata(difference, owner, type, new, false);
		old = order <= 0 ? old->next : old;
		new = order >= 0 ? new->next : new;
	}
}

static const struct zone_rdata *first_of(const struct zone_node *node, uint16_t type)
{
	const struct zone_rrset *rrset = node ? zone_node_rrset(node, type) : NULL;

	return rrset ? rrset->first : NULL;
}

/* The SOA is done already. */
static void compare_nodes(struct difference *difference, const struct zone_node *old,
	const struct zone_node *new)
{
	const struct zone_rrset *rrset;

	for (rrset = old ? old->rrsets : NULL; rrset; rrset = rrset->next)
		if (rrset->type != DNS_SOA)
			compare_rrsets(difference, old->name, rrset->type, rrset->first,
				first_of(new, rrset->type));
	for (rrset = new ? new->rrsets : NULL; rrset; rrset = rrset->next)
		if (rrset->type != DNS_SOA && !first_of(old, rrset->type))
			compare_rrsets(difference, new->name, rrset->type, NULL, rrset->first);
}

struct difference *difference_between(const struct zone_version *older,
	const struct zone_version *newer)
{
	struct difference *difference = difference_new();

	add_rdata(difference, older->nodes[0].name, DNS_SOA, first_of(&older->nodes[0], DNS_SOA),
		true);
	add_rdata(difference, newer->nodes[0].name, DNS_SOA, first_of(&newer->nodes[0], DNS_SOA),
		false);
	for (size_t i = 0; i < older->node_count; i++)
		compare_nodes(difference, &older->nodes[i],
			zone_version_node(newer, older->nodes[i].name));
	for (size_t i = 0; i < newer->node_count; i++)
		if (!zone_version_node(older, newer->nodes[i].name))
			compare_nodes(difference, NULL, &newer->nodes[i]);
	return difference;
}
