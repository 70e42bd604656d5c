/*
 * Transfers and NOTIFY as the responder decides and renders them, with signatures, read back by the
 * client's side (common/dns/transfer.h).
 */
#include "common/dns/transfer.h"
#include "common/engine/transfer_stream.h"
#include "t/unit/engine_world.h"

enum { NOW_S = 1800000000 };

static struct tsig_key key_of(const char *name)
{
	char content[256];
	struct tsig_key key;
	struct fault fault = { 0 };

	snprintf(content, sizeof(content),
		"key \"%s\" { algorithm hmac-sha256; secret \"c2VjcmV0IG9mIHRoZSB0ZXN0\"; };",
		name);
	if (!tsig_key_parse(content, strlen(content), &key, &fault))
		abort();
	return key;
}

static bool count_record(void *context, const struct zone_record *record, bool deleting)
{
	(void)deleting;
	(void)record;
	++*(size_t *)context;
	return true;
}

struct story {
	const char *name, *client, *fault, *key;
	struct question question; /* its name is set by the test */
	enum transport transport;
	bool not_the_top, unknown_zone, server_has_key;
	int64_t signed_at_s;
	const char *answer; /* its beginning */
	const char *reason; /* of the event, or NULL */
};

/* The whole way: message after message through the client's parser and its signatures. */
static void read_back(const struct story *story, struct response *response,
	struct tsig_chain *chain, const struct question *question)
{
	struct transfer transfer;
	struct text out = { 0 };
	enum transfer_out_state state = TRANSFER_OUT_MORE;
	enum transfer_state seen = TRANSFER_MORE;
	enum tsig_result tsig = TSIG_GOOD;
	size_t records = 0;
	const struct transfer_stream *stream = response->transfer.stream;

	transfer_begin(&transfer, question);
	while (state == TRANSFER_OUT_MORE && seen == TRANSFER_MORE) {
		struct message message;
		uint16_t error;

		text_cut(&out, 0);
		state = transfer_out_next(&response->transfer, NOW_S, &out);
		if (state == TRANSFER_OUT_CUT)
			break;
		if (story->key && tsig == TSIG_GOOD &&
			message_parse((uint8_t *)out.bytes + 2, out.length - 2, &message))
			tsig = tsig_verify(chain, &message, NOW_S, &error);
		seen = transfer_message(&transfer, (uint8_t *)out.bytes + 2, out.length - 2,
			count_record, &records);
	}
	if (story->fault && (strstr(story->fault, "truncate") || strstr(story->fault, "reset"))) {
		is_integer(state, TRANSFER_OUT_CUT, "it is cut");
		ok(seen == TRANSFER_MORE && response->reset_after == (story->fault[0] == 'r'),
			"and not complete");
	} else {
		is_integer(state, TRANSFER_OUT_DONE, "all is sent");
		is_integer(seen, TRANSFER_DONE, "the client has all");
		ok(records >= stream->records - 1, "all records");
		is_integer((int64_t)transfer.messages, stream->messages, "all messages");
		ok(transfer.form == TRANSFER_FULL, "AXFR-style");
		is_integer(tsig, story->fault ? TSIG_BAD_MAC : TSIG_GOOD, "signatures");
	}
	text_free(&out);
}

static void test_story(const struct story *story, struct zone_store *store)
{
	struct tsig_key ours = key_of("ours"), theirs = key_of(story->key ? story->key : "none");
	struct access_rule net = { .everywhere = true,
		.prefix = { .address = { .family = 4, .bytes = { 192, 0, 2, 0 } }, .bits = 24 } };
	struct responder responder = { .zones = store,
		.keys = { &ours, story->server_has_key },
		.transfer_to = { &net, 1 } };
	static uint8_t bytes[MESSAGE_MOST];
	uint8_t asked[MESSAGE_QUESTION + TSIG_ROOM], name[NAME_WIRE];
	struct question question = story->question;
	struct request request = { .bytes = asked, .transport = story->transport, .now_s = NOW_S };
	struct response response;
	struct message message;
	struct text out = { 0 };
	struct tsig_chain chain = { .key = &theirs };
	struct fault fault = { 0 };
	const char *unused;

	store->zones[0]->faults = (struct fault_set){ 0 };
	if (story->fault)
		fault_set_parse(story->fault, &store->zones[0]->faults, &unused, &fault);
	name_from_text(story->unknown_zone   ? "example.org"
			: story->not_the_top ? "www.example.com"
					     : "eXample.com",
		name, &fault);
	question.name = name;
	question.id = 4711;
	address_from_text(story->client ? story->client : "192.0.2.7@5353", &request.client);
	request.length = message_question(&question, asked, sizeof(asked));
	if (story->key)
		tsig_sign(&chain, asked, &request.length, sizeof(asked),
			(uint64_t)(NOW_S + story->signed_at_s), 0);
	respond(&responder, &request, bytes,
		story->transport == TRANSPORT_UDP ? MESSAGE_UDP_SIZE : sizeof(bytes), &response);
	world_describe(&response, bytes, &message, &out);
	if (!ok(!strncmp(text_string(&out), story->answer, strlen(story->answer)), "%s: %s",
		    story->name, story->answer))
		printf("# got %s\n", text_string(&out));
	is_string(response.reason, story->reason, "why");
	if (response.kind == RESPONSE_TRANSFER)
		read_back(story, &response, &chain, &question);
	transfer_out_end(&response.transfer);
	tsig_chain_free(&chain);
	text_free(&out);
}

static void test_stories(void)
{
	static const struct story stories[] = {
#define AXFR    .question = { .type = DNS_AXFR }, .transport = TRANSPORT_TCP
#define IXFR(n) .question = { .type = DNS_IXFR, .has_serial = true, .serial = n }
		{ "AXFR", AXFR, .answer = "transfer" },
		{ "AXFR with EDNS",
			.question = { .type = DNS_AXFR,
				.edns = true,
				.want_expire = true,
				.recursion_desired = true },
			.transport = TRANSPORT_TCP, .answer = "transfer" },
		{ "AXFR over UDP", .question = { .type = DNS_AXFR }, .answer = "REFUSED\n" },
		{ "AXFR from elsewhere", .client = "198.51.100.1@1", AXFR, .answer = "REFUSED\n",
			.reason = "address not allowed" },
		{ "AXFR of another zone", .unknown_zone = true, AXFR, .answer = "NOTAUTH\n",
			.reason = "not a zone of ours" },
		{ "AXFR below the top", .not_the_top = true, AXFR, .answer = "NOTAUTH\n",
			.reason = "not a zone of ours" },
		{ "AXFR unsigned, a key here", .server_has_key = true, AXFR, .answer = "REFUSED\n",
			.reason = "not signed" },
		{ "AXFR signed", .key = "ours", .server_has_key = true, AXFR,
			.answer = "transfer" },
		{ "AXFR signed, answered with wrong signatures", .key = "ours",
			.fault = "wrong-tsig", .server_has_key = true, AXFR, .answer = "transfer" },
		{ "AXFR signed with another key", .key = "others", .server_has_key = true, AXFR,
			.answer = "NOTAUTH\n", .reason = "its key is not known here (BADKEY)" },
		{ "AXFR signed, no key here", .key = "ours", AXFR, .answer = "NOTAUTH\n",
			.reason = "its key is not known here (BADKEY)" },
		{ "AXFR signed an hour ago", .key = "ours", .server_has_key = true,
			.signed_at_s = -3600, AXFR, .answer = "NOTAUTH\n",
			.reason = "its clock is wrong, or ours (BADTIME)" },
		{ "a fault refuses", .fault = "refuse-axfr", AXFR, .answer = "REFUSED\n",
			.reason = "a fault refuses it" },
		{ "a fault truncates", .fault = "truncate-transfer", AXFR, .answer = "transfer" },
		{ "a fault resets", .fault = "reset-transfer", AXFR, .answer = "transfer" },
		{ "a fault truncates what is signed", .fault = "truncate-transfer", .key = "ours",
			.server_has_key = true, AXFR, .answer = "transfer" },
		{ "IXFR from long ago", IXFR(1), .transport = TRANSPORT_TCP, .answer = "transfer" },
		{ "IXFR, up to date", IXFR(2026112201), .transport = TRANSPORT_TCP,
			.answer = "NOERROR aa\nanswer eXample.com. 3600 IN SOA" },
		{ "IXFR from the future", IXFR(2026112202), .transport = TRANSPORT_TCP,
			.answer = "NOERROR aa\nanswer eXample.com. 3600 IN SOA" },
		{ "IXFR over UDP", IXFR(1),
			.answer = "NOERROR aa\nanswer eXample.com. 3600 IN SOA" },
		{ "IXFR without serial", .question = { .type = DNS_IXFR },
			.transport = TRANSPORT_TCP, .answer = "FORMERR\n" },
		{ "IXFR from elsewhere", .client = "2001:db8::1@1", IXFR(1), .answer = "REFUSED\n",
			.reason = "address not allowed" },
		{ "a signed SOA question", .key = "ours", .server_has_key = true,
			.question = { .type = DNS_SOA }, .answer = "NOERROR aa\nanswer" },
		{ "the same with a wrong signature", .fault = "wrong-tsig", .key = "ours",
			.server_has_key = true, .question = { .type = DNS_SOA },
			.answer = "NOERROR aa\nanswer" },
	};
	struct zone_store store = { 0 };

	world_load(&store, "example.com", world_zone);
	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++)
		test_story(&stories[i], &store);
	zone_store_free(&store);
}

static void test_notify(void)
{
	static const struct story stories[] = {
#define NOTIFY                                                                                     \
	.question = { .type = DNS_SOA, .opcode = DNS_NOTIFY, .has_serial = true, .serial = 77 }
		{ "from the primary", NOTIFY, .answer = "NOERROR aa\n" },
		{ "of another port", .client = "192.0.2.7@9", NOTIFY, .answer = "NOERROR aa\n" },
		{ "without serial", .question = { .type = DNS_SOA, .opcode = DNS_NOTIFY },
			.answer = "NOERROR aa\n" },
		{ "from elsewhere", .client = "192.0.2.8@5353", NOTIFY, .answer = "REFUSED\n",
			.reason = "not from its primary" },
		{ "from elsewhere, IPv6", .client = "::1@5353", NOTIFY, .answer = "REFUSED\n",
			.reason = "not from its primary" },
		{ "of another zone", .unknown_zone = true, NOTIFY, .answer = "NOTAUTH\n",
			.reason = "not a zone of ours" },
		{ "below the top", .not_the_top = true, NOTIFY, .answer = "NOTAUTH\n",
			.reason = "not a zone of ours" },
		{ "of a type other than SOA", .question = { .type = DNS_A, .opcode = DNS_NOTIFY },
			.answer = "FORMERR\n" },
		{ "unsigned, a key here", .server_has_key = true, NOTIFY, .answer = "REFUSED\n",
			.reason = "not signed" },
		{ "signed", .key = "ours", .server_has_key = true, NOTIFY,
			.answer = "NOERROR aa\n" },
		{ "dropped", .fault = "drop-notify", NOTIFY, .answer = "silence",
			.reason = "a fault drops it" },
	};
	struct zone_store store = { 0 };
	struct peer peer = { 0 };
	struct zone *zone = world_load(&store, "example.com", world_zone);
	static const struct story at_primary = { "at the primary", NOTIFY, .answer = "REFUSED\n",
		.reason = "we are its primary" };

	address_from_text("192.0.2.7@53", &peer.address);
	zone->primaries = &peer;
	zone->primary_count = 1;
	test_story(&at_primary, &store);
	zone->is_secondary = true;
	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++)
		test_story(&stories[i], &store);
	zone_store_free(&store);
}

/* Many messages, a record too long for the usual size of a message, letters kept as they are. */
static void test_big_zone(void)
{
	struct text content = { 0 }, out = { 0 };
	struct zone_store store = { 0 };
	struct zone *zone;
	struct zone_version *version;
	static const struct story story = { "of many messages", .key = "ours",
		.server_has_key = true, AXFR, .answer = "transfer" };

	text_add(&content, "$TTL 60\n@ SOA ns1 hostmaster 7 2 3 4 5\n@ NS ns1\n");
	for (unsigned i = 0; i < 5000; i++)
		text_addf(&content, "Host%u A 192.0.2.%u\nhost%u.Sub MX %u mail.Sub\n", i, i % 256,
			i, i);
	text_add(&content, "long TYPE65280 \\# 40000 ");
	for (unsigned i = 0; i < 40000; i++)
		text_add(&content, "ab");
	text_add(&content, "\nlast A 192.0.2.1\n");
	zone = world_load(&store, "example.com", text_string(&content));
	test_story(&story, &store);
	version = zone_version_hold(zone->version);
	zone_put_version(zone, NULL);
	ok(transfer_stream_of(version)->messages > 10 &&
			transfer_stream_of(version) == transfer_stream_of(version),
		"rendered once, %u messages", transfer_stream_of(version)->messages);
	ok(memmem(transfer_stream_of(version)->bytes.bytes,
		   transfer_stream_of(version)->bytes.length, "\7Host499\xc0", 9) != NULL,
		"letters keep their case");
	zone_version_release(version);
	zone_store_free(&store);
	text_free(&content);
	text_free(&out);
}

int main(void)
{
	test_stories();
	test_notify();
	test_big_zone();
	return done_testing();
}
