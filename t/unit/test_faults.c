/*
 * Faults on purpose: how they are asked for, and what each does to an answer.
 */
#include "common/engine/spoil.h"
#include "t/unit/engine_world.h"

static void test_parsing(void)
{
	static const struct {
		const char *text;
		enum engine_fault fault;
		uint32_t number;
		const char *zone;
	} stories[] = {
		{ "lame", FAULT_LAME, 0, NULL },
		{ "lame:example.com", FAULT_LAME, 0, "example.com" },
		{ "slow=250", FAULT_SLOW, 250, NULL },
		{ "slow=250:example.com", FAULT_SLOW, 250, "example.com" },
		{ "ede=65535", FAULT_EDE, 65535, NULL },
		{ "ede=0:.", FAULT_EDE, 0, "." },
		{ "no-tcp", FAULT_NO_TCP, 0, NULL },
		{ "wrong-question", FAULT_WRONG_QUESTION, 0, NULL },
	};

	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		struct fault_set set;
		const char *zone;
		struct fault fault = { 0 };

		ok(fault_set_parse(stories[i].text, &set, &zone, &fault), "%s: %s", stories[i].text,
			fault.text);
		ok(fault_set_has(&set, stories[i].fault) && set.bits == 1U << stories[i].fault,
			"that one alone");
		is_integer(stories[i].fault == FAULT_EDE ? set.ede_code : set.slow_ms,
			stories[i].number, "its number");
		is_string(zone, stories[i].zone, "its zone");
	}
}

static void test_wrong(void)
{
	static const struct {
		const char *text, *reason;
	} stories[] = {
		{ "lamé", "unknown fault lamé; known are refuse-axfr, " },
		{ "", "unknown fault" },
		{ "lam", "slow=MS" },
		{ "lame=1", "lame takes no number" },
		{ "slow", "slow wants a number: slow=MS" },
		{ "slow:example.com", "slow wants a number: slow=MS" },
		{ "slow=", "from 0 to 600000" },
		{ "slow=fast", "from 0 to 600000" },
		{ "slow=600001", "from 0 to 600000" },
		{ "slow=99999999999999999999", "from 0 to 600000" },
		{ "ede=65536:example.com", "from 0 to 65535" },
	};

	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		struct fault_set set;
		const char *zone;
		struct fault fault = { 0 };

		ok(!fault_set_parse(stories[i].text, &set, &zone, &fault) &&
				strstr(fault.text, stories[i].reason),
			"\"%s\": %s", stories[i].text, fault.text);
	}
}

static void test_table(void)
{
	struct text help = { 0 };
	struct fault_set all = { 0 };

	fault_set_help(&help);
	for (unsigned i = 0; i < FAULT_COUNT; i++) {
		const char *name = fault_name((enum engine_fault)i), *zone;
		struct fault fault = { 0 };
		struct fault_set set = { 0 };
		char text[64];

		snprintf(text, sizeof(text), "%s%s", name,
			i == FAULT_SLOW || i == FAULT_EDE ? "=7" : "");
		ok(strstr(text_string(&help), name) && fault_set_parse(text, &set, &zone, &fault),
			"%s is known and explained", text);
		all = fault_set_join(all, set);
	}
	ok(all.bits == (1U << FAULT_COUNT) - 1 && all.slow_ms == 7 && all.ede_code == 7,
		"they can be joined");
	text_free(&help);
}

struct effect {
	const char *fault;
	bool notify, edns, tcp;
	uint16_t type;
	const char *answer; /* its beginning */
	uint16_t ede;
};

static void test_effect(const struct effect *effect)
{
	struct zone_store store = { 0 };
	struct zone *zone = world_load(&store, "example.com", world_zone);
	struct responder responder = { .zones = &store };
	static uint8_t bytes[MESSAGE_MOST];
	uint8_t asked[MESSAGE_QUESTION];
	struct question question = { .name = zone->name,
		.type = effect->type,
		.id = 257,
		.edns = effect->edns,
		.opcode = effect->notify ? DNS_NOTIFY : DNS_QUERY };
	struct request request = { asked, message_question(&question, asked, sizeof(asked)),
		effect->tcp ? TRANSPORT_TCP : TRANSPORT_UDP,
		{ .family = 4, .port = 1, .bytes = { 127, 0, 0, 1 } }, 0, 0 };
	struct response response;
	struct peer peer = { 0 };
	struct message message = { 0 };
	struct text out = { 0 };
	struct fault fault = { 0 };
	const char *unused;

	zone->is_secondary = effect->notify;
	peer.address = request.client;
	zone->primaries = &peer;
	zone->primary_count = 1;
	zone->expires_us = 1;
	fault_set_parse(effect->fault, &zone->faults, &unused, &fault);
	respond(&responder, &request, bytes, effect->tcp ? sizeof(bytes) : MESSAGE_UDP_SIZE,
		&response);
	world_describe(&response, bytes, &message, &out);
	if (!ok(!strncmp(text_string(&out), effect->answer, strlen(effect->answer)), "%s: %s",
		    effect->fault, effect->answer))
		printf("# got %s\n", text_string(&out));
	if (!strcmp(effect->fault, "wrong-id"))
		is_integer(message.id, 0x5401,
			"another id"); /* 0x0101 with its upper byte spoiled */
	if (!strcmp(effect->fault, "wrong-question"))
		ok(!name_equal(message.question.owner, zone->name), "another question");
	if (!strncmp(effect->fault, "slow", 4))
		is_integer(response.delay_ms, 250, "is late");
	if (effect->edns && response.kind == RESPONSE_MESSAGE && message.bytes) {
		struct soa_answer answer;

		message_soa_answer(&message, zone->name, &answer);
		is_integer(answer.has_ede ? answer.ede_code : 0, effect->ede, "its EDE");
	}
	transfer_out_end(&response.transfer);
	zone_store_free(&store);
	text_free(&out);
}

static void test_effects(void)
{
	static const struct effect effects[] = {
		{ "lame", .type = DNS_SOA, .edns = true, .answer = "REFUSED\n", .ede = 20 },
		{ "lame", .type = DNS_AXFR, .tcp = true, .answer = "NOTAUTH\n" },
		{ "lame", .type = DNS_SOA, .notify = true, .answer = "NOTAUTH\n" },
		{ "servfail", .type = DNS_SOA, .answer = "SERVFAIL\n" },
		{ "servfail", .type = DNS_AXFR, .tcp = true, .answer = "SERVFAIL\n" },
		{ "servfail", .type = DNS_SOA, .notify = true, .answer = "NOERROR aa\n" },
		{ "expired", .type = DNS_SOA, .edns = true, .answer = "SERVFAIL\n", .ede = 24 },
		{ "not-loaded", .type = DNS_SOA, .edns = true, .answer = "SERVFAIL\n", .ede = 14 },
		{ "nxdomain", .type = DNS_SOA, .answer = "NXDOMAIN aa\n" },
		{ "notauth", .type = DNS_SOA, .answer = "NOTAUTH\n" },
		{ "nodata", .type = DNS_SOA, .answer = "NOERROR aa\n" },
		{ "nodata", .type = DNS_NS, .answer = "NOERROR aa\nanswer" },
		{ "no-aa", .type = DNS_SOA, .answer = "NOERROR\nanswer" },
		{ "formerr-edns", .type = DNS_SOA, .edns = true, .answer = "FORMERR\n" },
		{ "formerr-edns", .type = DNS_SOA, .answer = "NOERROR aa\n" },
		{ "tc-always", .type = DNS_SOA, .answer = "NOERROR aa tc\n" },
		{ "tc-always", .type = DNS_SOA, .tcp = true, .answer = "NOERROR aa\nanswer" },
		{ "ede=22", .type = DNS_SOA, .edns = true, .answer = "NOERROR aa\nanswer",
			.ede = 22 },
		{ "drop", .type = DNS_SOA, .answer = "silence" },
		{ "drop", .type = DNS_SOA, .tcp = true, .answer = "silence" },
		{ "drop-udp", .type = DNS_SOA, .answer = "silence" },
		{ "drop-udp", .type = DNS_SOA, .tcp = true, .answer = "NOERROR" },
		{ "drop-tcp", .type = DNS_SOA, .tcp = true, .answer = "silence" },
		{ "drop-tcp", .type = DNS_SOA, .answer = "NOERROR" },
		{ "no-udp", .type = DNS_SOA, .answer = "silence" },
		{ "no-tcp", .type = DNS_SOA, .tcp = true, .answer = "close" },
		{ "no-tcp", .type = DNS_SOA, .answer = "NOERROR" },
		{ "slow=250", .type = DNS_SOA, .answer = "NOERROR aa\n" },
		{ "garbage", .type = DNS_SOA, .answer = "malformed" },
		{ "wrong-id", .type = DNS_SOA, .answer = "NOERROR aa\n" },
		{ "wrong-question", .type = DNS_SOA, .answer = "NOERROR aa\n" },
		{ "drop-notify", .type = DNS_SOA, .notify = true, .answer = "silence" },
		{ "refuse-axfr", .type = DNS_AXFR, .tcp = true, .answer = "REFUSED\n" },
		{ "truncate-transfer", .type = DNS_AXFR, .tcp = true, .answer = "transfer" },
		{ "reset-transfer", .type = DNS_AXFR, .tcp = true, .answer = "transfer" },
		{ "stale-serial", .type = DNS_SOA, .answer = "NOERROR aa\n" },
	};

	for (size_t i = 0; i < sizeof(effects) / sizeof(effects[0]); i++)
		test_effect(&effects[i]);
}

/* Of the root the question's name has no letter to change. */
static void test_root(void)
{
	uint8_t bytes[MESSAGE_QUESTION];
	struct question question = { .name = (const uint8_t *)"", .type = DNS_SOA };
	size_t length = message_question(&question, bytes, sizeof(bytes));
	struct fault_set set = { .bits = 1U << FAULT_WRONG_QUESTION };
	struct message message;

	spoil_answer(bytes, &length, &set);
	ok(message_parse(bytes, length, &message) && message.question.type != DNS_SOA,
		"another type");
}

int main(void)
{
	test_parsing();
	test_wrong();
	test_table();
	test_effects();
	test_root();
	return done_testing();
}
