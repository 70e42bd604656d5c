/*
 * Rdata as master files show it → wire form. Private to zone_file.c.
 */
#ifndef COMMON_DNS_ZONE_RDATA_H
#define COMMON_DNS_ZONE_RDATA_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/fault.h"
#include "common/dns/wire.h"

struct zone_rdata_request {
	uint16_t type, class;
	const uint8_t *origin;
};

/* `text` is changed. The fault says what is wrong, without place and type. */
bool zone_rdata_read(const struct zone_rdata_request *request, char *text, struct wire_writer *out,
	struct fault *fault);

#endif
