#include "common/dns/update.h"

static void write_record(struct wire_writer *out, const struct update *update, uint16_t type,
	uint16_t class, uint32_t ttl, const struct update_rdata *rdata)
{
	wire_write_name(out, update->name);
	wire_write_u16(out, type);
	wire_write_u16(out, class);
	wire_write_u32(out, ttl);
	wire_write_u16(out, rdata ? rdata->length : 0);
	if (rdata)
		wire_write_bytes(out, rdata->bytes, rdata->length);
}

/* RFC 2136 2.4.2: the RRset is exactly this; 2.4.3: there is none. */
static uint16_t write_prerequisites(struct wire_writer *out, const struct update *update)
{
	if (update->before.bytes) {
		write_record(out, update, update->type, DNS_IN, 0, &update->before);
		return 1;
	}
	write_record(out, update, update->type, DNS_CLASS_NONE, 0, NULL);
	write_record(out, update, DNS_CNAME, DNS_CLASS_NONE, 0, NULL);
	return 2;
}

/* RFC 2136 2.5.2: delete the RRset; 2.5.1: add to it. */
static uint16_t write_changes(struct wire_writer *out, const struct update *update)
{
	write_record(out, update, update->type, DNS_CLASS_ANY, 0, NULL);
	if (!update->after.bytes)
		return 1;
	write_record(out, update, update->type, DNS_IN, update->ttl, &update->after);
	return 2;
}

size_t update_message(const struct update *update, uint16_t id, uint8_t *bytes, size_t capacity)
{
	enum { PREREQUISITES = 6, CHANGES = 8 }; /* offsets of the counts */
	struct wire_writer out = wire_write(bytes, capacity);
	uint16_t count;

	wire_write_u16(&out, id);
	wire_write_u16(&out, DNS_UPDATE << 11);
	wire_write_u16(&out, 1);
	for (unsigned i = 0; i < 3; i++)
		wire_write_u16(&out, 0);
	wire_write_name(&out, update->zone);
	wire_write_u16(&out, DNS_SOA);
	wire_write_u16(&out, DNS_IN);
	count = write_prerequisites(&out, update);
	wire_patch_u16(&out, PREREQUISITES, count);
	count = write_changes(&out, update);
	wire_patch_u16(&out, CHANGES, count);
	return out.failed ? 0 : out.length;
}
