/*
 * The responder on any bytes. The first byte chooses transport, client and faults; what comes back
 * must be a whole message within its limits, or a transfer that ends.
 */
#include <stdlib.h>

#include "t/unit/engine_world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);

static void must(bool true_always)
{
	if (!true_always)
		abort();
}

static void drain(struct transfer_out *transfer)
{
	struct text out = { 0 };
	enum transfer_out_state state = TRANSFER_OUT_MORE;

	while (state == TRANSFER_OUT_MORE) {
		text_cut(&out, 0);
		state = transfer_out_next(transfer, 1800000000, &out);
		must(out.length > MESSAGE_HEADER && out.length <= MESSAGE_MOST + 2);
	}
	text_free(&out);
}

static void serve(const uint8_t *data, size_t length, struct zone_store *store)
{
	static uint8_t bytes[MESSAGE_MOST];
	struct tsig_key key;
	struct fault fault;
	static const char key_text[] = "key \"k\" { algorithm hmac-sha256; secret \"c2VjcmV0\"; };";
	struct responder responder = { .zones = store,
		.tcp_idle_ms = 10000,
		.version = "axfrd",
		.cookie_secret = (const uint8_t *)"0123456789abcdef",
		.nsid = "here" };
	struct request request = { data + 1, length - 1, *data & 1 ? TRANSPORT_TCP : TRANSPORT_UDP,
		{ .family = 4, .port = 1, .bytes = { 127, 0, 0, *data >> 7 } }, 1800000000,
		1000000 };
	struct response response;
	struct message message;

	must(tsig_key_parse(key_text, sizeof(key_text) - 1, &key, &fault));
	responder.keys = (struct key_ring){ &key, *data >> 6 & 1 };
	store->zones[0]->faults.bits = *data & 2 ? 1U << (*data >> 2 & 15) << (*data & 1) * 10 : 0;
	respond(&responder, &request, bytes,
		request.transport == TRANSPORT_UDP ? MESSAGE_UDP_SIZE : sizeof(bytes), &response);
	if (response.kind == RESPONSE_TRANSFER)
		drain(&response.transfer);
	if (response.kind == RESPONSE_MESSAGE && !store->zones[0]->faults.bits) {
		must(message_parse(bytes, response.length, &message));
		must(message.flags & DNS_QR && bytes[0] == data[1] && bytes[1] == data[2]);
		must(request.transport == TRANSPORT_TCP || response.length <= MESSAGE_UDP_SIZE);
	}
	transfer_out_end(&response.transfer);
}

/* A zone with a journal, for IXFR from serial 1. */
static void load_changed(struct zone_store *store)
{
	struct zone_store other = { 0 };
	struct zone *zone = world_load(store, "j.test", "@ 1 SOA a b 1 2 3 4 5\n@ 1 NS a\n"),
		    *newer = world_load(&other, "j.test",
			    "@ 1 SOA a b 2 2 3 4 5\n@ 1 NS a\nx 1 TXT \"x\"\n");

	zone_put_version(zone, zone_version_hold(newer->version));
	zone_store_free(&other);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
	static const struct peer primary = { .address = { .family = 4, .bytes = { 127 } } };
	static struct zone_store store; /* read by all inputs, for their speed; never freed */

	if (!store.count) {
		world_load(&store, "example.com", world_zone);
		world_load(&store, "s.test", "@ 1 SOA a b 1 2 3 4 5\n@ 1 NS a\n")->is_secondary =
			true;
		store.zones[1]->expires_us = 2000000;
		store.zones[1]->primaries = &primary;
		store.zones[1]->primary_count = 1;
		world_load(&store, "empty.test", NULL)->is_secondary = true;
		load_changed(&store);
	}
	if (length)
		serve(data, length, &store);
	return 0;
}
