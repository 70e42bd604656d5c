/*
 * DNS messages made record by record, for stories about good and bad ones. Nothing is compressed
 * but what the caller's rdata says; the question's name stands at offset 12.
 */
#ifndef T_UNIT_PACKET_H
#define T_UNIT_PACKET_H

#include "common/dns/message.h"

#define ZONE ((const uint8_t *)"\7example\3com")

/* A message under construction. */
struct packet {
	uint8_t bytes[4096];
	struct wire_writer out;
};

__attribute__((unused)) static void begin(struct packet *packet, uint16_t flags)
{
	packet->out = wire_write(packet->bytes, sizeof(packet->bytes));
	wire_write_u16(&packet->out, 4711);
	wire_write_u16(&packet->out, flags);
	for (unsigned i = 0; i < 4; i++)
		wire_write_u16(&packet->out, 0);
}

__attribute__((unused)) static void count(struct packet *packet, enum message_section section)
{
	packet->bytes[4 + 2 * section + 1]++;
}

__attribute__((unused)) static void add_question(struct packet *packet, const uint8_t *name,
	uint16_t type)
{
	count(packet, MESSAGE_QUESTIONS);
	wire_write_name(&packet->out, name);
	wire_write_u16(&packet->out, type);
	wire_write_u16(&packet->out, DNS_IN);
}

__attribute__((unused)) static void add_raw(struct packet *packet, enum message_section section,
	const uint8_t *owner, uint16_t type, uint16_t class, uint32_t ttl, const void *rdata,
	size_t length)
{
	count(packet, section);
	wire_write_name(&packet->out, owner);
	wire_write_u16(&packet->out, type);
	wire_write_u16(&packet->out, class);
	wire_write_u32(&packet->out, ttl);
	wire_write_u16(&packet->out, (uint16_t)length);
	wire_write_bytes(&packet->out, rdata, length);
}

__attribute__((unused)) static void add(struct packet *packet, enum message_section section,
	const uint8_t *owner, uint16_t type, const void *rdata, size_t length)
{
	add_raw(packet, section, owner, type, DNS_IN, 300, rdata, length);
}

/* MNAME ns1 and RNAME hostmaster, both ending in a pointer to the question's name. */
__attribute__((unused)) static void add_soa(struct packet *packet, enum message_section section,
	const uint8_t *owner, uint32_t serial)
{
	uint8_t rdata[64];
	struct wire_writer out = wire_write(rdata, sizeof(rdata));

	wire_write_bytes(&out, "\3Ns1\300\14\12hostmaster\300\14", 19);
	wire_write_u32(&out, serial);
	wire_write_u32(&out, 10800);
	wire_write_u32(&out, 3600);
	wire_write_u32(&out, 604800);
	wire_write_u32(&out, 300);
	add(packet, section, owner, DNS_SOA, rdata, out.length);
}

__attribute__((unused)) static void add_signature(struct packet *packet, uint16_t covered,
	uint32_t expiration, uint32_t inception)
{
	uint8_t rdata[64];
	struct wire_writer out = wire_write(rdata, sizeof(rdata));

	wire_write_u16(&out, covered);
	wire_write_bytes(&out, "\15\2\0\0\1\54", 6);
	wire_write_u32(&out, expiration);
	wire_write_u32(&out, inception);
	wire_write_bytes(&out, "\1\2\7example\3com\0signature", 24);
	add(packet, MESSAGE_ANSWER, ZONE, DNS_RRSIG, rdata, out.length);
}

__attribute__((unused)) static void add_edns(struct packet *packet, const void *options,
	size_t length)
{
	add_raw(packet, MESSAGE_ADDITIONAL, (const uint8_t *)"", DNS_OPT, 1232, 0x8000, options,
		length);
}

__attribute__((unused)) static bool parse(struct packet *packet, struct message *message)
{
	return message_parse(packet->bytes, packet->out.length, message);
}

#endif
