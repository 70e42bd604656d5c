/*
 * Master files (RFC 1035 5) by ldns over memory. $ORIGIN, $TTL, $INCLUDE through a reader that is
 * passed in (so that this room opens no file).
 */
#ifndef COMMON_DNS_ZONE_FILE_H
#define COMMON_DNS_ZONE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/fault.h"
#include "common/base/text.h"

/* One record in uncompressed wire form. Of the shape that its type has (common/dns/rdata.h). */
struct zone_record {
	const uint8_t *owner;
	uint16_t type, class;
	uint32_t ttl;
	const uint8_t *rdata;
	uint16_t rdata_length;
};

struct zone_file_reader {
	/* Appends the content of PATH (as it stands in the file, without quotes) to `content`.
	 * NULL: $INCLUDE is a fault. */
	bool (*include)(void *context, const char *path, struct text *content, struct fault *fault);
	/* Called for each record, in the file's order; false ends the reading with the fault it
	 * set. */
	bool (*record)(void *context, const struct zone_record *record, struct fault *fault);
	void *context;
};

/*
 * Whether owners lie in the zone, whether there is an SOA, and the like, is the caller's to judge:
 * `origin` is only what relative names are relative to. Without a TTL of its own a record has that
 * of $TTL, else the last one said, else (the SOA) its minimum. Bytes over 127 stand for themselves.
 * The fault reads "FILE:LINE: reason", also where a callback set it; of a record over several lines
 * it is the first. Includes nest 10 deep at most. $GENERATE is not known.
 */
bool zone_file_read(const char *file, const char *content, size_t length, const uint8_t *origin,
	const struct zone_file_reader *reader, struct fault *fault);

/*
 * Appends one record as a line of a master file, without newline, fields parted by tabs. Rdata as
 * ldns prints it; where it does not understand it, or where the text would not be read back as the
 * same bytes, as RFC 3597 5 shows it. So a line always stands for its record alone.
 */
void zone_record_text(const struct zone_record *record, struct text *out);

#endif
