/*
 * The canary record on a real primary: read, then replaced or removed by UPDATE (RFC 2136) where it
 * still is what was read. Two runs at once do not disturb each other: the later one reads again.
 */
#ifndef COMMON_CHECKS_CANARY_RECORD_H
#define COMMON_CHECKS_CANARY_RECORD_H

#include "common/base/text.h"
#include "common/checks/check.h"
#include "common/dns/canary_token.h"
#include "common/dns/tsig.h"

struct canary_record {
	struct loop *loop;
	struct address primary, source;
	const struct tsig_key *key;               /* or NULL */
	uint8_t zone[NAME_WIRE], name[NAME_WIRE]; /* the record's */
	int64_t deadline_us;
	int64_t now_us; /* Unix time of the token, unless the record that is there is later */
	struct canary_token token; /* that the record holds now */
	struct text trouble;       /* why it is not changed, after "the primary" */
};

/* `name` from `zone`; false: it is too long. */
bool canary_record_name(struct canary_record *record);
/* With `remove` it is removed where it is there. False with the trouble. */
bool canary_record_change(struct canary_record *record, bool remove);

#endif
