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

/* One record in uncompressed wire form. */
struct zone_record {
	const uint8_t *owner;
	uint16_t type, class;
	uint32_t ttl;
	const uint8_t *rdata;
	uint16_t rdata_length;
};

struct zone_file_reader {
	/* Appends the content of PATH (as it stands in the file) to `content`. */
	bool (*include)(void *context, const char *path, struct text *content, struct fault *fault);
	/* Called for each record, in the file's order; false ends the reading with the fault it
	 * set. */
	bool (*record)(void *context, const struct zone_record *record, struct fault *fault);
	void *context;
};

/* The fault reads "FILE:LINE: reason". `origin` in wire form. `file` is for messages only. Includes
 * nest 10 deep at most. */
bool zone_file_read(const char *file, const char *content, size_t length, const uint8_t *origin,
	const struct zone_file_reader *reader, struct fault *fault);

/* One record as a line of a master file, without newline, by ldns. */
void zone_record_text(const struct zone_record *record, struct text *out);

#endif
