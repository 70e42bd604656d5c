/*
 * A zone, a responder and a client on paper: questions as a line, answers as text.
 */
#ifndef T_UNIT_ENGINE_WORLD_H
#define T_UNIT_ENGINE_WORLD_H

#include <stdlib.h>

#include "common/base/text.h"
#include "common/engine/responder.h"
#include "t/unit/tap.h"

static const char world_zone[] =
	"$TTL 3600\n"
	"@ IN SOA ns1 hostmaster 2026112201 7200 900 1209600 300\n"
	"@ NS ns1\n@ NS ns2.sub\n@ A 192.0.2.80\n@ RRSIG SOA 8 2 3600 20261222000000 20261122000000 1 example.com. AAAA\n"
	"@ RRSIG A 8 2 3600 20261222000000 20261122000000 1 example.com. BBBB\n@ NSEC ns1 A SOA\n"
	"ns1 A 192.0.2.1\nns1 AAAA 2001:db8::1\n"
	"www CNAME web\nweb 60 A 192.0.2.81\nweb A 192.0.2.82\n"
	"round CNAME about\nabout CNAME round\nout CNAME www.elsewhere.test.\ndead CNAME gone\n"
	"cut CNAME host.sub\n"
	"*.wild A 192.0.2.99\n*.wild MX 10 Mail.Example.COM.\nhere.wild TXT \"here\"\n*.alias CNAME web\n"
	"a.b.c.ent TXT \"deep\"\n"
	"sub NS ns2.sub\nsub NS ns1\nsub NS ns.elsewhere.test.\nsub DS 1 8 2 AABB\nns2.sub A 192.0.2.2\n"
	"sub RRSIG DS 8 3 3600 20261222000000 20261122000000 1 example.com. CCCC\n"
	"old DNAME new\nx.new A 192.0.2.7\n"
	"Case A 192.0.2.3\n";

/* Fills a zone of the store from text; ends the test where it does not parse. */
__attribute__((unused)) static struct zone *world_load(struct zone_store *store, const char *name,
	const char *content)
{
	struct fault fault = { 0 };
	struct text text = { 0 };
	uint8_t wire[NAME_WIRE];
	struct zone *zone;

	if (!name_from_text(name, wire, &fault))
		abort();
	zone = zone_store_add(store, wire);
	if (content) {
		text_add(&text, content);
		zone->version = zone_version_parse("zone", &text, wire, NULL, &fault);
		text_free(&text);
		if (!zone->version) {
			printf("Bail out! %s\n", fault.text);
			abort();
		}
	}
	return zone;
}

/* One line a record: "answer web.example.com. 60 IN A 192.0.2.81". */
__attribute__((unused)) static void world_records(const struct message *message, struct text *out)
{
	static const char *const names[] = { "", "answer ", "authority ", "additional " };
	static uint8_t rdata[MESSAGE_MOST];
	struct record_cursor cursor = message_records(message);
	struct record record;
	enum message_section section;

	while (message_next(&cursor, &record, &section)) {
		struct zone_record plain = { record.owner, record.type, record.class, record.ttl,
			rdata, 0 };

		if (record.type == DNS_OPT || record.type == DNS_TSIG)
			continue;
		plain.rdata_length = (uint16_t)record_rdata(message, &record, rdata, sizeof(rdata));
		text_add(out, names[section]);
		zone_record_text(&plain, out);
		text_add(out, "\n");
	}
	for (size_t i = 0; i < out->length; i++)
		if (out->bytes[i] == '\t')
			out->bytes[i] = ' ';
}

/* "NOERROR aa\nanswer ...\n", "silence", "close", "transfer". The message stays in `out`. */
__attribute__((unused)) static void world_describe(const struct response *response,
	const uint8_t *bytes, struct message *message, struct text *out)
{
	char rcode[16];

	text_cut(out, 0);
	if (response->kind != RESPONSE_MESSAGE) {
		text_add(out,
			response->kind == RESPONSE_NOTHING         ? "silence"
				: response->kind == RESPONSE_CLOSE ? "close"
								   : "transfer");
		return;
	}
	if (!message_parse(bytes, response->length, message)) {
		text_add(out, "malformed");
		return;
	}
	text_addf(out, "%s%s%s\n", rcode_text(message->rcode, rcode),
		message->flags & DNS_AA ? " aa" : "", message->flags & DNS_TC ? " tc" : "");
	world_records(message, out);
}

#endif
