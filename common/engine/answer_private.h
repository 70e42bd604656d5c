/*
 * What the parts of an answer share: answer.c (records), denial.c (that there are none).
 */
#ifndef COMMON_ENGINE_ANSWER_PRIVATE_H
#define COMMON_ENGINE_ANSWER_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/engine/reply.h"

enum { MOST_ALIASES = 16, MOST_PROOFS = MOST_ALIASES + 1, YXDOMAIN = 6 };

/* What NSEC or NSEC3 records are to prove. */
enum proof_kind {
	PROOF_NO_DATA,          /* the name exists, the type does not */
	PROOF_NO_NAME,          /* nor does the name, or a wildcard for it */
	PROOF_WILDCARD,         /* there is nothing closer than this wildcard */
	PROOF_NO_WILDCARD_DATA, /* nor has it the type */
	PROOF_NO_DS,            /* the delegation is not signed */
};

struct proof {
	enum proof_kind kind;
	const uint8_t *name;
	const struct zone_node *node; /* of the name, the closest encloser, the wildcard, the cut */
};

struct answering {
	struct reply *reply;
	const struct zone_version *version;
	uint16_t type;
	bool dnssec_ok;
	uint8_t aliases[MOST_ALIASES][NAME_WIRE]; /* the question's name and what CNAMEs led to */
	unsigned alias_count;
	struct proof proofs[MOST_PROOFS];
	unsigned proof_count;
	const struct zone_rrset *servers; /* whose addresses are to be added, or NULL */
	const uint8_t *cut;               /* of a referral, else NULL */
};

/* An RRset's records under another owner (a wildcard's) or TTL limit than its own, with its
 * signatures where they were asked for. */
struct placing {
	enum message_section section;
	const uint8_t *owner;
	const struct zone_node *node;
	const struct zone_rrset *rrset;
	uint32_t most_ttl;
};

void answer_rrset(const struct answering *self, const struct placing *at);

#endif
