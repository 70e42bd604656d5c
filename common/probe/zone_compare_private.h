/*
 * What the two passes of a comparison share. Not for other rooms.
 */
#ifndef COMMON_PROBE_ZONE_COMPARE_PRIVATE_H
#define COMMON_PROBE_ZONE_COMPARE_PRIVATE_H

#include "common/dns/canonical.h"
#include "common/dns/digest.h"
#include "common/dns/record_pile.h"
#include "common/probe/zone_compare.h"

/* What becomes of a record. */
enum side_mode {
	SIDE_SUM,       /* into the side's own digest */
	SIDE_ADD,       /* into the digest that both sides share, */
	SIDE_TAKE_AWAY, /* and out of it again */
	SIDE_KEEP,      /* into the pile, where its bucket differs */
};

/* One pair's stream. */
struct side {
	const struct zone_compare *compare;
	enum side_mode mode;
	struct digest digest;                /* of the first pass */
	struct digest *shared;               /* ADD, TAKE_AWAY */
	const struct digest_buckets *wanted; /* all but SUM */
	struct record_pile pile;             /* KEEP */
	struct record_pile zone;             /* the whole of it, for ZONEMD */
	bool keeps_zone;
	bool is_open;                     /* still to be compared */
	bool was_compared;                /* its digest is of a whole transfer */
	uint32_t serial, previous_serial; /* of the first pass; of the try before */
	struct canonical canonical, with_ttl;
};

struct comparing {
	const struct zone_compare *compare;
	struct side *sides; /* per pair */
	struct zone_transfer_taker *takers;
	bool *wanted;                 /* per pair: in the transfers to come */
	struct zone_transfer *before; /* what stood there before them */
	uint32_t reference;           /* pair; PLAN_NONE */
	uint8_t key[DIGEST_KEY];
	struct arena arena;
};

enum pass_end {
	PASS_WHOLE,
	PASS_CHANGED, /* another serial than in the first pass */
	PASS_FAILED,  /* it did not come to its end this time */
};

/* Transfers the wanted pairs once more, without a trace in what was seen of them; false for our own
 * troubles. */
bool compare_transfer_again(struct comparing *self, enum pass_end *end, struct fault *fault);
/* The second pass, for a pair whose sums differ: fills its comparison; *changed: the zone did,
 * meanwhile. */
bool compare_locate(struct comparing *self, uint32_t pair, bool *changed, struct fault *fault);

#endif
