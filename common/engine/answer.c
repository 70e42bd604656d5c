#include "common/engine/answer_private.h"

#include "common/engine/answer.h"
#include "common/engine/denial.h"

#include <string.h>

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static uint16_t covered_type(const struct zone_rdata *rrsig)
{
	return rrsig->length < 2 ? 0 : wire_u16(rrsig->bytes);
}

static void add_signatures(const struct answering *self, const struct placing *at)
{
	const struct zone_rrset *signatures = zone_node_rrset(at->node, DNS_RRSIG);
	const struct zone_rdata *rdata = signatures ? signatures->first : NULL;

	for (; rdata; rdata = rdata->next)
		if (covered_type(rdata) == at->rrset->type)
			reply_record(self->reply, at->section, at->owner, DNS_RRSIG,
				least(rdata->ttl, at->most_ttl), rdata);
}

void answer_rrset(const struct answering *self, const struct placing *at)
{
	uint16_t type = at->rrset->type;

	for (const struct zone_rdata *rdata = at->rrset->first; rdata; rdata = rdata->next)
		reply_record(self->reply, at->section, at->owner, type,
			least(rdata->ttl, at->most_ttl), rdata);
	if (self->dnssec_ok && type != DNS_RRSIG)
		add_signatures(self, at);
}

/* Proofs stand in the authority section, so they wait until the answer section is complete. */
static void prove(struct answering *self, struct proof proof)
{
	if (self->dnssec_ok && self->version->chain.count && self->proof_count < MOST_PROOFS)
		self->proofs[self->proof_count++] = proof;
}

/* The SOA of a negative answer, with the time it may be kept (RFC 2308 3). */
static void add_soa(const struct answering *self)
{
	const struct zone_node *apex = &self->version->nodes[0];

	answer_rrset(self,
		&(struct placing){ MESSAGE_AUTHORITY, apex->name, apex,
			zone_node_rrset(apex, DNS_SOA), self->version->soa.minimum });
}

static void add_addresses_of(const struct answering *self, const uint8_t *name, bool required)
{
	static const uint16_t types[] = { DNS_A, DNS_AAAA };
	const struct zone_node *node = name_within(name, self->version->apex)
		? zone_version_node(self->version, name)
		: NULL;
	bool was_full = self->reply->full;

	for (unsigned i = 0; node && i < 2; i++) {
		const struct zone_rrset *rrset = zone_node_rrset(node, types[i]);

		if (rrset)
			answer_rrset(self,
				&(struct placing){ MESSAGE_ADDITIONAL, node->name, node, rrset,
					UINT32_MAX });
	}
	if (!required)
		self->reply->full = was_full;
}

/* Addresses of name servers. Those below the cut can be found nowhere else, so they must not lack
 * (RFC 9471). */
static void add_addresses(const struct answering *self, const struct zone_rrset *servers,
	const uint8_t *cut)
{
	for (unsigned required = 2; required--;)
		for (const struct zone_rdata *rdata = servers->first; rdata; rdata = rdata->next)
			if ((cut && name_within(rdata->bytes, cut)) == (bool)required)
				add_addresses_of(self, rdata->bytes, required);
}

static uint16_t refer(struct answering *self, const struct zone_node *cut)
{
	const struct zone_rrset *servers = zone_node_rrset(cut, DNS_NS),
				*ds = zone_node_rrset(cut, DNS_DS);

	if (!self->reply->counts[MESSAGE_ANSWER])
		self->reply->flags &= (uint16_t)~DNS_AA;
	for (const struct zone_rdata *rdata = servers->first; rdata; rdata = rdata->next)
		reply_record(self->reply, MESSAGE_AUTHORITY, cut->name, DNS_NS, rdata->ttl, rdata);
	if (ds && self->dnssec_ok)
		answer_rrset(self,
			&(struct placing){ MESSAGE_AUTHORITY, cut->name, cut, ds, UINT32_MAX });
	if (!ds)
		prove(self, (struct proof){ PROOF_NO_DS, cut->name, cut });
	self->servers = servers;
	self->cut = cut->name;
	return DNS_NOERROR;
}

static bool only_for_dnssec(uint16_t type)
{
	return type == DNS_RRSIG || type == DNS_NSEC || type == DNS_NSEC3;
}

static uint16_t answer_nodata(struct answering *self, const struct zone_match *match,
	const uint8_t *name)
{
	enum proof_kind kind =
		match->kind == ZONE_MATCH_WILDCARD ? PROOF_NO_WILDCARD_DATA : PROOF_NO_DATA;

	add_soa(self);
	prove(self, (struct proof){ kind, name, match->node });
	return DNS_NOERROR;
}

static uint16_t answer_any(struct answering *self, const struct zone_match *match,
	const uint8_t *name)
{
	for (const struct zone_rrset *rrset = match->node->rrsets; rrset; rrset = rrset->next) {
		if (only_for_dnssec(rrset->type) && !self->dnssec_ok)
			continue;
		for (const struct zone_rdata *rdata = rrset->first; rdata; rdata = rdata->next)
			reply_record(self->reply, MESSAGE_ANSWER, name, rrset->type, rdata->ttl,
				rdata);
	}
	if (!self->reply->counts[MESSAGE_ANSWER])
		return answer_nodata(self, match, name);
	if (match->kind == ZONE_MATCH_WILDCARD)
		prove(self, (struct proof){ PROOF_WILDCARD, name, match->node });
	return DNS_NOERROR;
}

/* Goes on with this name, if it is of the zone and new; NULL: the answer ends here. */
static const uint8_t *follow(struct answering *self, const uint8_t *target)
{
	if (!name_within(target, self->version->apex) || self->alias_count == MOST_ALIASES)
		return NULL;
	for (unsigned i = 0; i < self->alias_count; i++)
		if (name_equal(self->aliases[i], target))
			return NULL;
	memcpy(self->aliases[self->alias_count], target, name_length(target));
	return self->aliases[self->alias_count++];
}

/* Answers from the node of the name (or its wildcard); *next is where a CNAME leads. */
static uint16_t answer_node(struct answering *self, const struct zone_match *match,
	const uint8_t *name, const uint8_t **next)
{
	const struct zone_node *node = match->node;
	const struct zone_rrset *rrset = zone_node_rrset(node, self->type);

	if (self->type == DNS_ANY)
		return answer_any(self, match, name);
	if (!rrset) {
		rrset = zone_node_rrset(node, DNS_CNAME);
		if (!rrset)
			return answer_nodata(self, match, name);
		*next = follow(self, rrset->first->bytes);
	}
	answer_rrset(self, &(struct placing){ MESSAGE_ANSWER, name, node, rrset, UINT32_MAX });
	if (match->kind == ZONE_MATCH_WILDCARD)
		prove(self, (struct proof){ PROOF_WILDCARD, name, node });
	if (self->type == DNS_NS)
		self->servers = rrset;
	return DNS_NOERROR;
}

/* The DNAME, and the CNAME that it makes of the name (RFC 6672 3.1, 3.3). */
static uint16_t answer_dname(struct answering *self, const struct zone_node *node,
	const uint8_t *name, const uint8_t **next)
{
	const struct zone_rrset *dname = zone_node_rrset(node, DNS_DNAME);
	size_t kept = name_length(name) - name_length(node->name);
	size_t added = name_length(dname->first->bytes);
	_Alignas(struct zone_rdata) uint8_t room[sizeof(struct zone_rdata) + NAME_WIRE] = { 0 };
	struct zone_rdata *cname = (struct zone_rdata *)room;

	answer_rrset(self,
		&(struct placing){ MESSAGE_ANSWER, node->name, node, dname, UINT32_MAX });
	if (kept + added > NAME_WIRE)
		return YXDOMAIN;
	cname->length = (uint16_t)(kept + added);
	memcpy(cname->bytes, name, kept);
	memcpy(cname->bytes + kept, dname->first->bytes, added);
	reply_record(self->reply, MESSAGE_ANSWER, name, DNS_CNAME, dname->first->ttl, cname);
	*next = follow(self, cname->bytes);
	return DNS_NOERROR;
}

static uint16_t answer_match(struct answering *self, const struct zone_match *match,
	const uint8_t *name, const uint8_t **next)
{
	switch (match->kind) {
	case ZONE_MATCH_NAME:
	case ZONE_MATCH_WILDCARD:
		return answer_node(self, match, name, next);
	case ZONE_MATCH_REFERRAL:
		return refer(self, match->node);
	case ZONE_MATCH_DNAME:
		return answer_dname(self, match->node, name, next);
	case ZONE_MATCH_NOTHING:
		break;
	}
	add_soa(self);
	prove(self, (struct proof){ PROOF_NO_NAME, name, match->node });
	return DNS_NXDOMAIN;
}

uint16_t answer_question(struct reply *reply, const struct zone_version *version,
	const uint8_t *name, uint16_t type, bool dnssec_ok)
{
	struct answering self; /* its names are not worth to be cleared for every question */
	uint16_t rcode = DNS_NOERROR;

	self.reply = reply;
	self.version = version;
	self.type = type;
	self.dnssec_ok = dnssec_ok;
	self.alias_count = self.proof_count = 0;
	self.servers = NULL;
	self.cut = NULL;
	reply->flags |= DNS_AA;
	name = follow(&self, name);
	while (name) {
		const uint8_t *next = NULL;
		struct zone_match match = zone_version_find(version, name, type);

		rcode = answer_match(&self, &match, name, &next);
		name = next;
	}
	denial_write(&self);
	if (self.servers)
		add_addresses(&self, self.servers, self.cut);
	return rcode;
}
