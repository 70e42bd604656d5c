/*
 * What the judges of zone transfers share among themselves. Not for other rooms.
 */
#ifndef COMMON_JUDGE_TRANSFER_PRIVATE_H
#define COMMON_JUDGE_TRANSFER_PRIVATE_H

#include "common/judge/judge.h"
#include "common/model/zone_transfer.h"

/* One transfer, and whose it is. */
struct judged_transfer {
	const struct facts *facts;
	struct verdict *verdict;
	uint32_t zone, pair;
	const struct server *server;
	const struct zone_transfer *transfer;
	const struct transfer_policy *policy;
};

/* A finding about this transfer; the text is copied. */
struct finding *transfer_say(const struct judged_transfer *seen, enum finding_code code,
	const struct text *text);
/* A copy for a finding, NULL of an empty text, which is freed. */
const char *transfer_kept(const struct judged_transfer *seen, struct text *text);
/* "REFUSED, EDE 18 Prohibited (text)" */
void transfer_add_rcode(const struct zone_transfer *transfer, struct text *out);
/* "3 messages, 12345 bytes, 200 records in 8.0 s": how much came before it ended. */
void transfer_add_progress(const struct zone_transfer *transfer, struct text *out);
/* The address that the server has to know, as far as it is ours to say. */
void transfer_add_source(const struct judged_transfer *seen, struct text *out);
/* "AXFR", "IXFR" */
void transfer_add_type(const struct judged_transfer *seen, struct text *out);
/* A question by hand, of this type; and the same transfer. */
void transfer_add_dig(const struct judged_transfer *seen, const char *type, struct text *out);
void transfer_add_dig_transfer(const struct judged_transfer *seen, struct text *out);

/* Each a finding about how it failed. */
void transfer_judge_rcode(const struct judged_transfer *seen);
void transfer_judge_timeout(const struct judged_transfer *seen);
void transfer_judge_closed(const struct judged_transfer *seen);
void transfer_judge_unreachable(const struct judged_transfer *seen);
void transfer_judge_cut(const struct judged_transfer *seen);
void transfer_judge_broken(const struct judged_transfer *seen);
void transfer_judge_signature(const struct judged_transfer *seen);
void transfer_judge_tls(const struct judged_transfer *seen);
/* What it brought, beside what the reference brought; and its ZONEMD. */
void transfer_judge_comparison(const struct judged_transfer *seen);

#endif
