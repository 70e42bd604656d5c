#include "common/engine/reply.h"

#include <stddef.h>
#include <string.h>

enum { POINTER = 0xc000, MOST_POINTED = 0x3fff, MOST_LABELS = 127, MOST_PROBES = 8 };

/* The types of RFC 1035, the only ones whose names may be compressed (RFC 3597 4): `skip` bytes,
 * then `names` names, then plain bytes. */
struct shape {
	uint16_t type;
	uint8_t skip, names;
};

static struct shape shape_of(uint16_t type)
{
	static const struct shape shapes[] = {
		{ DNS_NS, 0, 1 },
		{ DNS_CNAME, 0, 1 },
		{ DNS_PTR, 0, 1 },
		{ DNS_SOA, 0, 2 },
		{ 15 /* MX */, 2, 1 },
		{ 14 /* MINFO */, 0, 2 },
		{ 3 /* MD */, 0, 1 },
		{ 4 /* MF */, 0, 1 },
		{ 7 /* MB */, 0, 1 },
		{ 8 /* MG */, 0, 1 },
		{ 9 /* MR */, 0, 1 },
	};

	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
		if (shapes[i].type == type)
			return shapes[i];
	return (struct shape){ type, 0, 0 };
}

static uint8_t lower(uint8_t byte)
{
	return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte + 32) : byte;
}

void reply_begin(struct reply *reply, uint8_t *out, size_t capacity, uint16_t id, uint16_t flags)
{
	memset(reply, 0, offsetof(struct reply, slots));
	reply->writer = wire_write(out, capacity);
	reply->flags = flags;
	reply->slot_count = capacity <= REPLY_SMALL ? REPLY_SLOTS_SMALL : REPLY_SLOTS;
	reply_forget_names(reply);
	wire_write_u16(&reply->writer, id);
	wire_write_u16(&reply->writer, 0);
	for (unsigned i = 0; i < 4; i++)
		wire_write_u16(&reply->writer, 0);
}

/* Is the name that begins at `at` (with pointers, all of them ours) the same as `name`? */
static bool same_name(const struct reply *reply, size_t at, const uint8_t *name)
{
	const uint8_t *bytes = reply->writer.bytes;

	for (;;) {
		while ((bytes[at] & 0xc0) == 0xc0)
			at = (size_t)(bytes[at] & 0x3f) << 8 | bytes[at + 1];
		if (bytes[at] != *name)
			return false;
		if (!*name)
			return true;
		for (unsigned i = 1; i <= *name; i++)
			if (reply->keeps_case ? bytes[at + i] != name[i]
					      : lower(bytes[at + i]) != lower(name[i]))
				return false;
		at += *name + 1U;
		name += *name + 1U;
	}
}

/* FNV-1a over one label, on top of the hash of the labels behind it. */
static uint32_t hash_label(uint32_t hash, const uint8_t *label)
{
	for (unsigned i = 0; i <= *label; i++)
		hash = (hash ^ lower(label[i])) * 16777619U;
	return hash;
}

/* The slot of this name: one that holds it, or a free one (*slot 0), or NULL where the
 * neighbourhood is full. */
static uint16_t *find_slot(struct reply *reply, uint32_t hash, const uint8_t *name)
{
	for (uint32_t probe = 0; probe < MOST_PROBES; probe++) {
		uint16_t *slot = &reply->slots[(hash + probe) & (reply->slot_count - 1)];

		if (!*slot || same_name(reply, *slot, name))
			return slot;
	}
	return NULL;
}

/* A name to be written: its labels, and how many of them stand before one that is known. */
struct labels {
	const uint8_t *at[MOST_LABELS];
	uint16_t *slots[MOST_LABELS];
	uint32_t hashes[MOST_LABELS]; /* each with those behind it */
	unsigned count;
	uint16_t length;
	uint32_t hash;  /* of what is behind them */
	uint16_t known; /* where that stands; 0: nothing is */
};

static void split(const uint8_t *name, struct labels *labels)
{
	const uint8_t *label = name;

	labels->count = 0;
	labels->known = 0;
	labels->hash = 2166136261U;
	for (; *label; label += *label + 1U)
		labels->at[labels->count++] = label;
	labels->length = (uint16_t)(label + 1 - name);
}

/* The same bytes, mostly; else perhaps other letters, or behind a pointer. */
static bool is_base(const struct reply *reply, const uint8_t *name)
{
	const struct reply_base *base = &reply->base;

	return (base->at + base->length <= reply->writer.length &&
		       !memcmp(reply->writer.bytes + base->at, name, base->length)) ||
		same_name(reply, base->at, name);
}

/* Most names of an answer end with the name that was asked for: that saves looking at its labels.
 */
static void cut_base(const struct reply *reply, const uint8_t *name, struct labels *labels)
{
	const struct reply_base *base = &reply->base;
	const uint8_t *tail = name + labels->length - base->length;
	unsigned rest = labels->count - base->labels; /* wraps round where there are too few */

	if (!base->length || rest >= labels->count || labels->at[rest] != tail ||
		!is_base(reply, tail))
		return;
	labels->count = rest;
	labels->known = base->at;
	labels->hash = base->hash;
}

/* Labels first, the places where they stand only once the name is whole: no half name may be
 * pointed at. */
static void write_labels(struct reply *reply, const uint8_t *name, struct labels *labels)
{
	size_t start = reply->writer.length;
	unsigned written = 0;

	split(name, labels);
	cut_base(reply, name, labels);
	for (unsigned i = labels->count; i--;)
		labels->hashes[i] = labels->hash = hash_label(labels->hash, labels->at[i]);
	for (; written < labels->count; written++) {
		uint16_t *slot = find_slot(reply, labels->hashes[written], labels->at[written]);

		labels->slots[written] = slot;
		if (slot && *slot) {
			labels->known = *slot;
			break;
		}
		wire_write_bytes(&reply->writer, labels->at[written], *labels->at[written] + 1U);
	}
	if (labels->known)
		wire_write_u16(&reply->writer, (uint16_t)(POINTER | labels->known));
	else
		wire_write_u8(&reply->writer, 0);
	for (unsigned i = 0; i < written && !reply->writer.failed; i++) {
		size_t at = start + (size_t)(labels->at[i] - name);

		if (labels->slots[i] && !*labels->slots[i] && at <= MOST_POINTED)
			*labels->slots[i] = (uint16_t)at;
	}
}

static void write_name(struct reply *reply, const uint8_t *name)
{
	struct labels labels;

	write_labels(reply, name, &labels);
}

/* The first name of a message; of others that follow it none is looked for. */
static void write_base(struct reply *reply, const uint8_t *name)
{
	size_t at = reply->writer.length;
	struct labels labels;

	write_labels(reply, name, &labels);
	if (reply->writer.failed || labels.known || !labels.count || at > MOST_POINTED)
		return;
	reply->base = (struct reply_base){ .at = (uint16_t)at,
		.length = labels.length,
		.labels = (uint8_t)labels.count,
		.hash = labels.hash };
}

/* Takes back what was written from `length` on. */
static void forget(struct reply *reply, size_t length)
{
	for (unsigned i = 0; i < reply->slot_count; i++)
		if (reply->slots[i] >= length)
			reply->slots[i] = 0;
	if (reply->base.at >= length)
		reply->base.length = 0;
	reply->writer.length = length;
	reply->writer.failed = false;
}

static void write_rdata(struct reply *reply, const struct zone_record *record)
{
	struct shape shape = shape_of(record->type);
	size_t at = shape.skip, length_at = reply->writer.length;

	wire_write_u16(&reply->writer, record->rdata_length);
	wire_write_bytes(&reply->writer, record->rdata, at);
	for (unsigned i = 0; i < shape.names; i++) {
		write_name(reply, record->rdata + at);
		at += name_length(record->rdata + at);
	}
	wire_write_bytes(&reply->writer, record->rdata + at, record->rdata_length - at);
	if (!reply->writer.failed)
		wire_patch_u16(&reply->writer, length_at,
			(uint16_t)(reply->writer.length - length_at - 2));
}

void reply_question(struct reply *reply, const uint8_t *name, uint16_t type, uint16_t class)
{
	size_t start = reply->writer.length;

	write_base(reply, name);
	wire_write_u16(&reply->writer, type);
	wire_write_u16(&reply->writer, class);
	if (reply->writer.failed) {
		forget(reply, start);
		reply->full = true;
		return;
	}
	reply->counts[MESSAGE_QUESTIONS]++;
}

bool reply_rdata(struct reply *reply, enum message_section section,
	const struct zone_record *record)
{
	size_t start = reply->writer.length;

	write_name(reply, record->owner);
	wire_write_u16(&reply->writer, record->type);
	wire_write_u16(&reply->writer, DNS_IN);
	wire_write_u32(&reply->writer, record->ttl);
	write_rdata(reply, record);
	if (reply->writer.failed) {
		forget(reply, start);
		reply->full = true;
		return false;
	}
	reply->counts[section]++;
	return true;
}

bool reply_record(struct reply *reply, enum message_section section, const uint8_t *owner,
	uint16_t type, uint32_t ttl, const struct zone_rdata *rdata)
{
	return reply_rdata(reply, section,
		&(struct zone_record){ owner, type, DNS_IN, ttl, rdata->bytes, rdata->length });
}

void reply_empty(struct reply *reply)
{
	struct wire_reader reader = wire_read(reply->writer.bytes, reply->writer.length);

	wire_skip(&reader, MESSAGE_HEADER);
	if (reply->counts[MESSAGE_QUESTIONS]) {
		wire_skip_name(&reader);
		wire_skip(&reader, 4);
	}
	forget(reply, reader.at);
	reply->full = false;
	memset(&reply->counts[MESSAGE_ANSWER], 0, 3 * sizeof(reply->counts[0]));
}

void reply_forget_names(struct reply *reply)
{
	reply->base.length = 0;
	memset(reply->slots, 0, reply->slot_count * sizeof(reply->slots[0]));
}

size_t reply_end(struct reply *reply)
{
	wire_patch_u16(&reply->writer, 2, reply->flags);
	for (unsigned i = 0; i < 4; i++)
		wire_patch_u16(&reply->writer, 4 + 2 * i, reply->counts[i]);
	return reply->writer.length;
}
