#include "common/probe/state_record.h"

#include <string.h>

#include "common/dns/wire.h"
#include "common/model/observation.h"

enum { VERSION = 2, SERIAL_BYTES = 10, SERVER_BYTES = 30 + 255 + 1 + 255 };

/* What is as usual takes no room: with 100,000 zones every byte is 100 KB, in file and memory. */
enum {
	IS_IPV6 = 1,
	IS_LISTED = 2,
	HAS_PORT = 4, /* another than 53 */
	HAS_SCOPE = 8,
	HAS_NAME = 16, /* another than the address's text */
	HAS_NSID = 32,
	KNOWN_FLAGS = 63,
};
enum { USUAL_PORT = 53 };

static int64_t read_time(struct wire_reader *reader)
{
	return (int64_t)wire_read_u48(reader);
}

static const char *read_string(struct wire_reader *reader, struct arena *arena)
{
	uint8_t length = wire_read_u8(reader);
	const uint8_t *bytes = wire_read_bytes(reader, length);
	char *copy = arena_alloc(arena, (size_t)length + 1);

	if (bytes)
		memcpy(copy, bytes, length);
	return copy;
}

static void read_address(struct wire_reader *reader, uint8_t flags, struct address *address)
{
	size_t length = flags & IS_IPV6 ? 16 : 4;
	const uint8_t *bytes = wire_read_bytes(reader, length);

	*address = (struct address){ .family = flags & IS_IPV6 ? 6 : 4, .port = USUAL_PORT };
	if (bytes)
		memcpy(address->bytes, bytes, length);
	if (flags & HAS_PORT)
		address->port = wire_read_u16(reader);
	if (flags & HAS_SCOPE)
		address->scope = wire_read_u32(reader);
}

static bool read_server(struct wire_reader *reader, struct arena *arena,
	struct zone_history *history)
{
	uint8_t flags = wire_read_u8(reader);
	struct server_past server = { .outcome = wire_read_u8(reader),
		.listed = flags & IS_LISTED,
		.since_s = read_time(reader),
		.nsid = "" };
	char text[ADDRESS_TEXT];

	read_address(reader, flags, &server.address);
	server.name = flags & HAS_NAME ? read_string(reader, arena)
				       : address_to_text(&server.address, text);
	if (flags & HAS_NSID)
		server.nsid = read_string(reader, arena);
	if (reader->failed || flags > KNOWN_FLAGS || server.outcome >= OUTCOME_COUNT ||
		!history_is_date(server.since_s))
		return false;
	history_see_server(history, &server, arena);
	return true;
}

static bool read_serial(struct wire_reader *reader, struct arena *arena,
	struct zone_history *history)
{
	struct seen_serial serial = { .serial = wire_read_u32(reader) };

	serial.first_seen_s = read_time(reader);
	return !reader->failed && history_put_serial(history, &serial, arena);
}

static bool read_record(struct wire_reader *reader, struct arena *arena,
	struct zone_history *history)
{
	uint8_t count;

	if (wire_read_u8(reader) != VERSION)
		return false;
	for (count = wire_read_u8(reader); count > 0; count--) {
		if (!read_serial(reader, arena, history))
			return false;
	}
	for (count = wire_read_u8(reader); count > 0; count--) {
		if (!read_server(reader, arena, history))
			return false;
	}
	return !reader->failed && wire_left(reader) == 0;
}

bool state_record_parse(const uint8_t *bytes, size_t length, struct arena *arena,
	struct zone_history *history)
{
	struct wire_reader reader = wire_read(bytes, length);

	*history = (struct zone_history){ 0 };
	if (!read_record(&reader, arena, history)) {
		*history = (struct zone_history){ 0 };
		return false;
	}
	history->known = true;
	history->changed = false;
	return true;
}

static void write_time(struct wire_writer *writer, int64_t seconds)
{
	wire_write_u48(writer, (uint64_t)seconds);
}

static void write_string(struct wire_writer *writer, const char *string)
{
	size_t length = strlen(string);

	if (length > 255)
		length = 255;
	wire_write_u8(writer, (uint8_t)length);
	wire_write_bytes(writer, string, length);
}

static uint8_t flags_of(const struct server_past *server)
{
	char text[ADDRESS_TEXT];
	unsigned flags = 0;

	flags |= server->address.family == 6 ? IS_IPV6 : 0;
	flags |= server->listed ? IS_LISTED : 0;
	flags |= server->address.port != USUAL_PORT ? HAS_PORT : 0;
	flags |= server->address.scope ? HAS_SCOPE : 0;
	flags |= strcmp(server->name, address_to_text(&server->address, text)) ? HAS_NAME : 0;
	flags |= *server->nsid ? HAS_NSID : 0;
	return (uint8_t)flags;
}

static void write_server(struct wire_writer *writer, const struct server_past *server)
{
	uint8_t flags = flags_of(server);

	wire_write_u8(writer, flags);
	wire_write_u8(writer, server->outcome);
	write_time(writer, server->since_s);
	wire_write_bytes(writer, server->address.bytes, flags & IS_IPV6 ? 16 : 4);
	if (flags & HAS_PORT)
		wire_write_u16(writer, server->address.port);
	if (flags & HAS_SCOPE)
		wire_write_u32(writer, server->address.scope);
	if (flags & HAS_NAME)
		write_string(writer, server->name);
	if (flags & HAS_NSID)
		write_string(writer, server->nsid);
}

void state_record_write(const struct zone_history *history, struct text *out)
{
	uint8_t bytes[3 + HISTORY_SERIALS * SERIAL_BYTES + HISTORY_SERVERS * SERVER_BYTES]; /* 35 KB
	                                                                                     */
	struct wire_writer writer = wire_write(bytes, sizeof(bytes));

	wire_write_u8(&writer, VERSION);
	wire_write_u8(&writer, history->serial_count);
	for (uint32_t i = 0; i < history->serial_count; i++) {
		wire_write_u32(&writer, history->serials[i].serial);
		write_time(&writer, history->serials[i].first_seen_s);
	}
	wire_write_u8(&writer, history->server_count);
	for (uint32_t i = 0; i < history->server_count; i++)
		write_server(&writer, &history->servers[i]);
	text_add_bytes(out, writer.bytes, writer.length);
}
