/*
 * One record of a zone replaced or removed by the API of the PowerDNS that is its primary, and
 * NOTIFY sent of it, which PowerDNS does not do of itself until its next cycle. Where it could not
 * reach secondaries nothing is changed: the zone is another server's there, or the serial would
 * stay.
 */
#ifndef COMMON_PROBE_PDNS_RECORD_H
#define COMMON_PROBE_PDNS_RECORD_H

#include <stdbool.h>

#include "common/base/text.h"
#include "common/model/propagation.h"
#include "common/probe/http.h"

struct pdns_record {
	struct http_settings http;
	const char *base, *socket; /* see http_base() */
	const char *key;           /* NULL: none. Stays the caller's */
	const char *zone, *name;   /* with the final dot */
	const char *content;       /* of one TXT record, as in a zone file; NULL: removed */
	void (*made)(void);        /* the change is there; NOTIFY follows */
};

/* False: what stands in the way, and `why` as a sentence's second half; where it `was_made`, it is
 * the NOTIFY that was not taken. */
bool pdns_record_change(const struct pdns_record *record, enum change_obstacle *obstacle,
	bool *was_made, struct fault *why);

/* "/zones/ID": as PowerDNS makes a zone's id, what is no letter, digit, dot or hyphen is =XX; of
 * the root all. */
void pdns_zone_path(const char *name, struct text *out);

#endif
