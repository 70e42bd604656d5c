#include "common/engine/denial.h"

#include <string.h>

#include "common/engine/answer_private.h"

/* Of one answer: at most three a proof. */
enum { MOST_SHOWN = 3 * MOST_PROOFS };

struct shown {
	const struct answering *answering;
	const struct zone_node *nodes[MOST_SHOWN];
	unsigned count;
};

static void show(struct shown *self, const struct zone_node *node)
{
	const struct zone_version *version = self->answering->version;
	uint16_t type = version->chain.hashed ? DNS_NSEC3 : DNS_NSEC;

	for (unsigned i = 0; i < self->count; i++)
		if (self->nodes[i] == node)
			return;
	if (!node || self->count == MOST_SHOWN)
		return;
	self->nodes[self->count++] = node;
	answer_rrset(self->answering,
		&(struct placing){ MESSAGE_AUTHORITY, node->name, node, zone_node_rrset(node, type),
			UINT32_MAX });
}

static void show_match(struct shown *self, const uint8_t *name)
{
	show(self, zone_chain_match(self->answering->version, name));
}

static void show_cover(struct shown *self, const uint8_t *name)
{
	show(self, zone_chain_cover(self->answering->version, name));
}

static void show_wildcard_of(struct shown *self, const uint8_t *encloser)
{
	uint8_t wildcard[NAME_WIRE];
	size_t length = name_length(encloser);

	if (length + 2 > NAME_WIRE)
		return;
	memcpy(wildcard, "\1*", 2);
	memcpy(wildcard + 2, encloser, length);
	show_cover(self, wildcard);
}

/* The ancestor of `name` (or itself) with so many labels. */
static const uint8_t *with_labels(const uint8_t *name, unsigned labels)
{
	for (unsigned left = name_labels(name); left > labels; left--)
		name = name_parent(name);
	return name;
}

/* RFC 5155 7.2.1: the closest encloser that has an NSEC3 record (with opt-out others may lie
 * between), and that the next closer name has none. The encloser. */
static const uint8_t *show_closest(struct shown *self, const uint8_t *name, const uint8_t *encloser)
{
	const struct zone_version *version = self->answering->version;
	unsigned least = name_labels(version->apex), labels = name_labels(encloser);
	const struct zone_node *match;

	while (!(match = zone_chain_match(version, encloser)) && labels > least) {
		encloser = name_parent(encloser);
		labels--;
	}
	show(self, match);
	show_cover(self, with_labels(name, labels + 1));
	return encloser;
}

static void prove_by_nsec(struct shown *self, const struct proof *proof)
{
	switch (proof->kind) {
	case PROOF_NO_DATA:
		show_cover(self, proof->name); /* of an empty name: the one before it */
		return;
	case PROOF_NO_NAME:
		show_cover(self, proof->name);
		show_wildcard_of(self, proof->node->name);
		return;
	case PROOF_WILDCARD:
		show_cover(self, proof->name);
		return;
	case PROOF_NO_WILDCARD_DATA:
		show_cover(self, proof->name);
		show_cover(self, proof->node->name);
		return;
	case PROOF_NO_DS:
		show_match(self, proof->name);
		return;
	}
}

/* A match, or (with opt-out) that the next closer name is not signed. */
static void show_match_or_closest(struct shown *self, const uint8_t *name)
{
	const struct zone_node *match = zone_chain_match(self->answering->version, name);

	if (match)
		show(self, match);
	else
		show_closest(self, name, name_parent(name));
}

static void prove_by_nsec3(struct shown *self, const struct proof *proof)
{
	const uint8_t *parent = name_parent(proof->node->name);

	switch (proof->kind) {
	case PROOF_NO_DATA:
	case PROOF_NO_DS:
		show_match_or_closest(self, proof->name);
		return;
	case PROOF_NO_NAME:
		show_wildcard_of(self, show_closest(self, proof->name, proof->node->name));
		return;
	case PROOF_WILDCARD: /* the signature's labels tell the closest encloser */
		show_cover(self, with_labels(proof->name, name_labels(parent) + 1));
		return;
	case PROOF_NO_WILDCARD_DATA:
		show_closest(self, proof->name, parent);
		show_match(self, proof->node->name);
		return;
	}
}

void denial_write(const struct answering *self)
{
	struct shown shown;

	if (!self->proof_count)
		return;
	shown.answering = self;
	shown.count = 0;
	for (unsigned i = 0; i < self->proof_count; i++) {
		if (self->version->chain.hashed)
			prove_by_nsec3(&shown, &self->proofs[i]);
		else
			prove_by_nsec(&shown, &self->proofs[i]);
	}
}
