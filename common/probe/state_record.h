/*
 * One zone's history as bytes. Pure. Network order; a record of another version, or one that ends
 * early, is no record.
 *
 *   u8 version (1); u8 serials; serials × (u32 serial, u64 first seen);
 *   u8 servers; servers × (u8 family, u16 port, u32 scope, 16 bytes address, u8 outcome, u8 listed,
 * u64 since, u8 length + name, u8 length + NSID)
 */
#ifndef COMMON_PROBE_STATE_RECORD_H
#define COMMON_PROBE_STATE_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/text.h"
#include "common/model/history.h"

/* False, and an empty history, where the record is damaged. */
bool state_record_parse(const uint8_t *bytes, size_t length, struct arena *arena,
	struct zone_history *history);
/* Appends. */
void state_record_write(const struct zone_history *history, struct text *out);

#endif
