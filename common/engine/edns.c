#include "common/engine/edns.h"

#include <string.h>

#include "common/dns/message.h"

static void write_option(struct wire_writer *writer, uint16_t code, const char *bytes,
	size_t length)
{
	wire_write_u16(writer, code);
	wire_write_u16(writer, (uint16_t)length);
	wire_write_bytes(writer, bytes, length);
}

static void write_options(struct wire_writer *writer, const struct edns_answer *edns)
{
	if (edns->nsid)
		write_option(writer, EDNS_NSID, edns->nsid, strlen(edns->nsid));
	if (edns->has_expire) {
		wire_write_u16(writer, EDNS_EXPIRE);
		wire_write_u16(writer, 4);
		wire_write_u32(writer, edns->expire_s);
	}
	if (edns->has_cookie)
		write_option(writer, EDNS_COOKIE, (const char *)edns->cookie, sizeof(edns->cookie));
	if (edns->has_keepalive) {
		wire_write_u16(writer, EDNS_TCP_KEEPALIVE);
		wire_write_u16(writer, 2);
		wire_write_u16(writer, edns->keepalive_100ms);
	}
	if (edns->has_error) {
		const char *text = edns->error_text ? edns->error_text : "";

		wire_write_u16(writer, EDNS_EDE);
		wire_write_u16(writer, (uint16_t)(2 + strlen(text)));
		wire_write_u16(writer, edns->error);
		wire_write_bytes(writer, text, strlen(text));
	}
}

void edns_write(struct wire_writer *writer, const struct edns_answer *edns)
{
	size_t length_at;

	if (!edns->present)
		return;
	wire_write_u8(writer, 0);
	wire_write_u16(writer, DNS_OPT);
	wire_write_u16(writer, MESSAGE_UDP_SIZE);
	wire_write_u8(writer, (uint8_t)(edns->rcode >> 4));
	wire_write_u8(writer, 0);
	wire_write_u16(writer, edns->dnssec_ok ? 0x8000 : 0);
	length_at = writer->length;
	wire_write_u16(writer, 0);
	write_options(writer, edns);
	if (!writer->failed)
		wire_patch_u16(writer, length_at, (uint16_t)(writer->length - length_at - 2));
}
