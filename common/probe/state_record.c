#include "common/probe/state_record.h"

#include <string.h>

#include "common/dns/wire.h"
#include "common/model/observation.h"

enum { VERSION = 1, SERIAL_BYTES = 12, SERVER_BYTES = 35 + 255 + 1 + 255 };

static int64_t read_time(struct wire_reader *reader)
{
	uint64_t high = wire_read_u32(reader);

	return (int64_t)(high << 32 | wire_read_u32(reader));
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

static bool read_server(struct wire_reader *reader, struct arena *arena,
	struct zone_history *history)
{
	struct server_past server = { .address.family = wire_read_u8(reader) };
	const uint8_t *bytes;

	server.address.port = wire_read_u16(reader);
	server.address.scope = wire_read_u32(reader);
	bytes = wire_read_bytes(reader, sizeof(server.address.bytes));
	if (bytes)
		memcpy(server.address.bytes, bytes, sizeof(server.address.bytes));
	server.outcome = wire_read_u8(reader);
	server.listed = wire_read_u8(reader) != 0;
	server.since_s = read_time(reader);
	server.name = read_string(reader, arena);
	server.nsid = read_string(reader, arena);
	if (reader->failed || server.outcome >= OUTCOME_COUNT || !history_is_date(server.since_s) ||
		(server.address.family != 4 && server.address.family != 6))
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
	wire_write_u32(writer, (uint32_t)((uint64_t)seconds >> 32));
	wire_write_u32(writer, (uint32_t)seconds);
}

static void write_string(struct wire_writer *writer, const char *string)
{
	size_t length = strlen(string);

	if (length > 255)
		length = 255;
	wire_write_u8(writer, (uint8_t)length);
	wire_write_bytes(writer, string, length);
}

static void write_server(struct wire_writer *writer, const struct server_past *server)
{
	wire_write_u8(writer, server->address.family);
	wire_write_u16(writer, server->address.port);
	wire_write_u32(writer, server->address.scope);
	wire_write_bytes(writer, server->address.bytes, sizeof(server->address.bytes));
	wire_write_u8(writer, server->outcome);
	wire_write_u8(writer, server->listed);
	write_time(writer, server->since_s);
	write_string(writer, server->name);
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
