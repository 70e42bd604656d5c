#include "common/dns/canonical.h"

#include <string.h>

#include "common/dns/rdata.h"

/* The shapes that nearly all records have, told apart once instead of letter by letter. */
enum kind {
	KIND_REST,      /* `prefix` bytes at least */
	KIND_EXACT,     /* `prefix` bytes */
	KIND_NAME,      /* a name behind them, nothing more */
	KIND_NAME_REST, /* a name behind them, and any bytes */
	KIND_STRINGS,   /* character strings, one at least */
	KIND_FIELDS,    /* whatever rdata_fields() says */
};

static unsigned field_bytes(char field)
{
	if (field == 'A')
		return 16;
	return field >= '0' && field <= '9' ? (unsigned)(field - '0') : 0;
}

static enum kind kind_of(const char *rest)
{
	static const struct {
		const char *rest;
		enum kind kind;
	} kinds[] = { { "", KIND_EXACT }, { "*", KIND_REST }, { "n", KIND_NAME },
		{ "n*", KIND_NAME_REST } };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!strcmp(rest, kinds[i].rest))
			return kinds[i].kind;
	}
	return KIND_FIELDS;
}

static struct canonical_shape shape_of(uint16_t type, uint16_t class)
{
	const char *fields = rdata_fields(type, class);
	struct canonical_shape shape = { .kind = KIND_REST };

	if (!fields)
		return shape;
	shape.is_lower_case = rdata_names_fold(type);
	if (!strcmp(fields, "S")) {
		shape.kind = KIND_STRINGS;
		return shape;
	}
	while (field_bytes(*fields))
		shape.prefix = (uint8_t)(shape.prefix + field_bytes(*fields++));
	shape.kind = (uint8_t)kind_of(fields);
	return shape;
}

void canonical_begin(struct canonical *self, uint16_t class, bool with_ttl)
{
	self->length = self->owner_length = 0;
	self->with_ttl = with_ttl;
	for (size_t type = 0; type < CANONICAL_TYPES; type++)
		self->shapes[type] = shape_of((uint16_t)type, class);
}

static bool are_strings(const uint8_t *rdata, size_t length)
{
	size_t at = 0;

	while (at < length)
		at += rdata[at] + 1u;
	return length && at == length;
}

/* The prefix is written; then the name, and what is behind it. */
static bool read_name(struct canonical *self, const struct canonical_shape *shape,
	const struct message *message, const struct record *record)
{
	struct wire_reader from = wire_read(message->bytes, record->rdata + record->rdata_length);
	uint8_t *name = self->bytes + self->length;
	size_t length, rest;

	from.at = record->rdata + shape->prefix;
	length = wire_read_name(&from, name);
	if (!length)
		return false;
	if (shape->is_lower_case)
		name_lower_bytes(name, length);
	self->length += length;
	rest = from.length - from.at;
	memcpy(name + length, message->bytes + from.at, rest);
	self->length += rest;
	return shape->kind == KIND_NAME_REST || !rest;
}

static bool read_fields(struct canonical *self, const struct canonical_shape *shape,
	const struct message *message, const struct record *record)
{
	struct wire_writer out = wire_write(self->bytes + self->length, MESSAGE_MOST);

	if (!rdata_expand(message, record, &out))
		return false;
	if (shape->is_lower_case)
		rdata_fold_names(record->type, record->class, out.bytes, out.length);
	self->length += out.length;
	return true;
}

static bool read_rdata(struct canonical *self, const struct canonical_shape *shape,
	const struct message *message, const struct record *record)
{
	const uint8_t *rdata = message->bytes + record->rdata;
	size_t copied = record->rdata_length;

	if (shape->kind == KIND_FIELDS)
		return read_fields(self, shape, message, record);
	if (record->rdata_length < shape->prefix)
		return false;
	if (shape->kind == KIND_NAME || shape->kind == KIND_NAME_REST)
		copied = shape->prefix;
	memcpy(self->bytes + self->length, rdata, copied);
	self->length += copied;
	if (shape->kind == KIND_EXACT)
		return copied == shape->prefix;
	if (shape->kind == KIND_STRINGS)
		return are_strings(rdata, copied);
	return shape->kind == KIND_REST || read_name(self, shape, message, record);
}

static void put_u32(uint8_t *to, uint32_t value)
{
	to[0] = (uint8_t)(value >> 24);
	to[1] = (uint8_t)(value >> 16);
	to[2] = (uint8_t)(value >> 8);
	to[3] = (uint8_t)value;
}

bool canonical_read(struct canonical *self, const struct message *message,
	const struct record *record, size_t owner_length, bool same_owner)
{
	static const struct canonical_shape any = { .kind = KIND_REST };
	const struct canonical_shape *shape =
		record->type < CANONICAL_TYPES ? &self->shapes[record->type] : &any;

	if (!same_owner || owner_length != self->owner_length) {
		memcpy(self->bytes, record->owner, owner_length);
		name_lower_bytes(self->bytes, owner_length);
		self->owner_length = owner_length;
	}
	self->type = record->type;
	self->class = record->class;
	self->ttl = record->ttl;
	put_u32(self->bytes + owner_length, (uint32_t)record->type << 16 | record->class);
	put_u32(self->bytes + owner_length + 4, self->with_ttl ? record->ttl : 0);
	self->length = owner_length + CANONICAL_FIELDS;
	return read_rdata(self, shape, message, record) &&
		self->length <= owner_length + CANONICAL_FIELDS + MESSAGE_MOST;
}

struct canonical_parts canonical_split(const uint8_t *bytes, size_t length)
{
	struct wire_reader reader = wire_read(bytes, length);
	struct canonical_parts parts = { .owner = bytes };

	wire_skip(&reader, name_length(bytes));
	parts.type = wire_read_u16(&reader);
	parts.class = wire_read_u16(&reader);
	parts.ttl = wire_read_u32(&reader);
	parts.rdata = bytes + reader.at;
	parts.rdata_length = wire_left(&reader);
	return parts;
}

int canonical_compare(const struct canonical_parts *a, const struct canonical_parts *b)
{
	size_t shorter = a->rdata_length < b->rdata_length ? a->rdata_length : b->rdata_length;
	int order = name_compare(a->owner, b->owner);

	if (!order)
		order = (a->type > b->type) - (a->type < b->type);
	if (!order && shorter)
		order = memcmp(a->rdata, b->rdata, shorter);
	if (!order)
		order = (a->rdata_length > b->rdata_length) - (a->rdata_length < b->rdata_length);
	return order ? order : (a->ttl > b->ttl) - (a->ttl < b->ttl);
}
