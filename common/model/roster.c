#include "common/model/roster.h"

#include <string.h>

#include "common/dns/name.h"
#include "common/dns/wire.h"

enum { VERSION = 1, HAS_FIRST = 1, HAS_GONE = 2, IS_MOVING = 4, ENTRY_BYTES = NAME_WIRE + 13 };

bool roster_read(const uint8_t *bytes, size_t length, roster_each *each, void *context)
{
	struct wire_reader reader = wire_read(bytes, length);

	if (wire_read_u8(&reader) != VERSION)
		return false;
	while (wire_left(&reader) > 0 && !reader.failed) {
		struct roster_entry entry = { .zone = reader.bytes + reader.at };
		size_t name = name_check(entry.zone, wire_left(&reader));
		uint8_t flags;

		if (!name)
			return false;
		wire_skip(&reader, name);
		flags = wire_read_u8(&reader);
		if (flags & HAS_FIRST)
			entry.first_s = (int64_t)wire_read_u48(&reader);
		if (flags & HAS_GONE)
			entry.gone_s = (int64_t)wire_read_u48(&reader);
		entry.is_moving = flags & IS_MOVING;
		if (reader.failed || !each(context, &entry))
			return false;
	}
	return !reader.failed;
}

void roster_begin(struct text *out)
{
	text_add_byte(out, VERSION);
}

void roster_add(struct text *out, const struct roster_entry *entry)
{
	uint8_t bytes[ENTRY_BYTES];
	struct wire_writer writer = wire_write(bytes, sizeof(bytes));

	wire_write_name(&writer, entry->zone);
	wire_write_u8(&writer,
		(uint8_t)((entry->first_s ? HAS_FIRST : 0) | (entry->gone_s ? HAS_GONE : 0) |
			(entry->is_moving ? IS_MOVING : 0)));
	if (entry->first_s)
		wire_write_u48(&writer, (uint64_t)entry->first_s);
	if (entry->gone_s)
		wire_write_u48(&writer, (uint64_t)entry->gone_s);
	text_add_bytes(out, bytes, writer.length);
}

static bool is_new(const struct roster_policy *policy, const struct roster_entry *entry)
{
	return entry->first_s && policy->now_s - entry->first_s < policy->grace_s;
}

/* A clock that was set back makes nothing older than it is. */
static enum roster_fate fate_of_gone(const struct roster_policy *policy,
	const struct roster_entry *entry)
{
	return policy->now_s - entry->gone_s < policy->forget_s ? ROSTER_GONE : ROSTER_DROPPED;
}

enum roster_fate roster_update(const struct roster_policy *policy, bool listed, bool moving,
	struct roster_entry *entry, bool *changed)
{
	enum roster_fate fate;

	if (!listed && policy->has_failed)
		return entry->gone_s            ? fate_of_gone(policy, entry)
			: is_new(policy, entry) ? ROSTER_NEW
						: ROSTER_STAYS;
	if (listed) {
		*changed |= entry->gone_s || entry->is_moving != moving;
		if (entry->gone_s) /* it is there again, and has to be transferred again */
			entry->first_s = policy->now_s;
		entry->gone_s = 0;
		entry->is_moving = moving;
		return is_new(policy, entry) ? ROSTER_NEW : ROSTER_STAYS;
	}
	if (!entry->gone_s) {
		*changed = true;
		if (entry->is_moving)
			return ROSTER_DROPPED;
		entry->gone_s = policy->now_s;
	}
	fate = fate_of_gone(policy, entry);
	*changed |= fate == ROSTER_DROPPED;
	return fate;
}
