/*
 * The canary record on a real primary: read, then replaced or removed by UPDATE (RFC 2136) where it
 * still is what was read. Two runs at once do not disturb each other: the later one reads again.
 * PowerDNS's API knows no such condition: there the last one wins, and what somebody else wrote
 * since it was read is a change as good as ours.
 */
#ifndef COMMON_CHECKS_CANARY_RECORD_H
#define COMMON_CHECKS_CANARY_RECORD_H

#include "common/base/text.h"
#include "common/checks/canary_api.h"
#include "common/checks/check.h"
#include "common/dns/canary_token.h"
#include "common/dns/tsig.h"

struct canary_record {
	struct loop *loop;
	struct address primary, source;
	const struct tsig_key *key;               /* or NULL */
	struct canary_api *api;                   /* NULL: by UPDATE */
	uint8_t zone[NAME_WIRE], name[NAME_WIRE]; /* the record's */
	int64_t deadline_us;
	int64_t now_us; /* Unix time of the token, unless the record that is there is later */
	struct canary_token token; /* that the record holds now */
	int64_t newer_than_us;     /* tokens after this are ours, or as good */
	int64_t made_us;           /* clock_monotonic_us() when it was there */
	struct text trouble;       /* why it is not changed, after "the primary" */
};

/* `name` from `zone`; false: it is too long. */
bool canary_record_name(struct canary_record *record);
/* With `remove` it is removed where it is there. False with the trouble. */
bool canary_record_change(struct canary_record *record, bool remove);
/* Does a server with this token serve the change? */
bool canary_record_is_shown(const struct canary_record *record, const struct canary_token *token);

#endif
