/*
 * The responder's answers to single questions, as stories.
 */
#include "t/unit/engine_world.h"

enum { NOW_S = 1800000000 };
enum { RECURSION_AVAILABLE = 0x0080, AUTHENTIC_DATA = 0x0020 }; /* never set by an authority */

static struct zone_store store;
static struct responder responder = { .zones = &store, .version = "axfrd 9", .nsid = "here" };

static void ask(const struct question *question, enum transport transport, struct message *message,
	struct text *out)
{
	static uint8_t bytes[MESSAGE_MOST];
	uint8_t asked[MESSAGE_QUESTION];
	struct response response;
	struct request request = { asked, message_question(question, asked, sizeof(asked)),
		transport, { .family = 4, .port = 4711, .bytes = { 192, 0, 2, 200 } }, NOW_S,
		1000000 };

	respond(&responder, &request, bytes,
		transport == TRANSPORT_UDP ? MESSAGE_UDP_SIZE : sizeof(bytes), &response);
	world_describe(&response, bytes, message, out);
	transfer_out_end(&response.transfer);
}

#define NEGATIVE                                                                                   \
	"authority example.com. 300 IN SOA ns1.example.com. hostmaster.example.com. 2026112201 7200 900 1209600 300\n"
#define SOA                                                                                        \
	"example.com. 3600 IN SOA ns1.example.com. hostmaster.example.com. 2026112201 7200 900 1209600 300\n"
#define GLUE                                                                                       \
	"additional ns2.sub.example.com. 3600 IN A 192.0.2.2\n"                                    \
	"additional ns1.example.com. 3600 IN A 192.0.2.1\nadditional ns1.example.com. 3600 IN AAAA 2001:db8::1\n"
#define CUT                                                                                        \
	"authority sub.example.com. 3600 IN NS ns.elsewhere.test.\n"                               \
	"authority sub.example.com. 3600 IN NS ns1.example.com.\nauthority sub.example.com. 3600 IN NS ns2.sub.example.com.\n"

static const struct {
	const char *name;
	uint16_t type;
	const char *answer;
} answers[] = {
	{ "example.com", DNS_SOA, "NOERROR aa\nanswer " SOA },
	{ "example.com", DNS_NS,
		"NOERROR aa\nanswer example.com. 3600 IN NS ns1.example.com.\nanswer example.com. 3600 IN NS ns2.sub.example.com.\n"
		"additional ns1.example.com. 3600 IN A 192.0.2.1\nadditional ns1.example.com. 3600 IN AAAA 2001:db8::1\n"
		"additional ns2.sub.example.com. 3600 IN A 192.0.2.2\n" },
	{ "case.example.com", DNS_A, "NOERROR aa\nanswer case.example.com. 3600 IN A 192.0.2.3\n" },
	{ "web.example.com", DNS_A,
		"NOERROR aa\nanswer web.example.com. 60 IN A 192.0.2.81\nanswer web.example.com. 60 IN A 192.0.2.82\n" },
	{ "web.example.com", DNS_AAAA, "NOERROR aa\n" NEGATIVE },
	{ "b.c.ent.example.com", DNS_TXT, "NOERROR aa\n" NEGATIVE },
	{ "nope.example.com", DNS_A, "NXDOMAIN aa\n" NEGATIVE },
	{ "www.example.com", DNS_CNAME,
		"NOERROR aa\nanswer www.example.com. 3600 IN CNAME web.example.com.\n" },
	{ "www.example.com", DNS_TXT,
		"NOERROR aa\nanswer www.example.com. 3600 IN CNAME web.example.com.\n" NEGATIVE },
	{ "round.example.com", DNS_A,
		"NOERROR aa\nanswer round.example.com. 3600 IN CNAME about.example.com.\nanswer about.example.com. 3600 IN CNAME round.example.com.\n" },
	{ "out.example.com", DNS_A,
		"NOERROR aa\nanswer out.example.com. 3600 IN CNAME www.elsewhere.test.\n" },
	{ "dead.example.com", DNS_A,
		"NXDOMAIN aa\nanswer dead.example.com. 3600 IN CNAME gone.example.com.\n" NEGATIVE },
	{ "cut.example.com", DNS_A,
		"NOERROR aa\nanswer cut.example.com. 3600 IN CNAME host.sub.example.com.\n" CUT
			GLUE },
	{ "any.wild.example.com", DNS_A,
		"NOERROR aa\nanswer any.wild.example.com. 3600 IN A 192.0.2.99\n" },
	{ "any.wild.example.com", 15,
		"NOERROR aa\nanswer any.wild.example.com. 3600 IN MX 10 Mail.example.com.\n" },
	{ "any.wild.example.com", DNS_TXT, "NOERROR aa\n" NEGATIVE },
	{ "any.alias.example.com", DNS_A,
		"NOERROR aa\nanswer any.alias.example.com. 3600 IN CNAME web.example.com.\nanswer web.example.com. 60 IN A 192.0.2.81\n"
		"answer web.example.com. 60 IN A 192.0.2.82\n" },
	{ "host.sub.example.com", DNS_A, "NOERROR\n" CUT GLUE },
	{ "sub.example.com", DNS_NS, "NOERROR\n" CUT GLUE },
	{ "sub.example.com", DNS_DS,
		"NOERROR aa\nanswer sub.example.com. 3600 IN DS 1 8 2 aabb\n" },
	{ "example.com", DNS_DS, "NOERROR aa\n" NEGATIVE },
	{ "old.example.com", DNS_DNAME,
		"NOERROR aa\nanswer old.example.com. 3600 IN DNAME new.example.com.\n" },
	{ "x.old.example.com", DNS_A,
		"NOERROR aa\nanswer old.example.com. 3600 IN DNAME new.example.com.\nanswer x.old.example.com. 3600 IN CNAME x.new.example.com.\n"
		"answer x.new.example.com. 3600 IN A 192.0.2.7\n" },
	{ "ns1.example.com", DNS_ANY,
		"NOERROR aa\nanswer ns1.example.com. 3600 IN A 192.0.2.1\nanswer ns1.example.com. 3600 IN AAAA 2001:db8::1\n" },
	{ "ent.example.com", DNS_ANY, "NOERROR aa\n" NEGATIVE },
	{ "example.org", DNS_SOA, "REFUSED\n" },
	{ "com", DNS_SOA, "REFUSED\n" },
	{ "example.com", 254, "NOTIMP\n" },
	{ "example.com", 253, "NOTIMP\n" },
	{ "example.com", 249, "NOTIMP\n" },
	{ "example.com", DNS_OPT, "FORMERR\n" },
	{ "example.com", DNS_TSIG, "FORMERR\n" },
	{ "not-loaded.test", DNS_SOA, "SERVFAIL\n" },
	{ "expired.test", DNS_SOA, "SERVFAIL\n" },
};

static void test_answers(void)
{
	struct text out = { 0 };

	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		struct fault fault = { 0 };
		struct message message;
		uint8_t name[NAME_WIRE];
		char type[16], title[300];

		name_from_text(answers[i].name, name, &fault);
		for (int transport = TRANSPORT_UDP; transport <= TRANSPORT_TCP; transport++) {
			ask(&(struct question){ .name = name,
				    .type = answers[i].type,
				    .id = 77,
				    .recursion_desired = transport },
				(enum transport)transport, &message, &out);
			snprintf(title, sizeof(title), "%s %s over %s", answers[i].name,
				type_text(answers[i].type, type), transport ? "TCP" : "UDP");
			is_string(text_string(&out), answers[i].answer, title);
			if (message.id != 77 || !(message.flags & DNS_QR) ||
				!(message.flags & DNS_RD) != !transport ||
				message.flags & (RECURSION_AVAILABLE | AUTHENTIC_DATA))
				ok(false, "%s: id and flags", title);
		}
	}
	text_free(&out);
}

static void test_dnssec(void)
{
	static const struct {
		const char *name;
		uint16_t type;
		const char *answer;
	} stories[] = {
		{ "example.com", DNS_A,
			"NOERROR aa\nanswer example.com. 3600 IN A 192.0.2.80\nanswer example.com. 3600 IN RRSIG A 8 2 3600 20261222000000 20261122000000 1 example.com. BBBB\n" },
		{ "nope.example.com", DNS_A,
			"NXDOMAIN aa\n" NEGATIVE
			"authority example.com. 300 IN RRSIG SOA 8 2 3600 20261222000000 20261122000000 1 example.com. AAAA\n"
			"authority example.com. 3600 IN NSEC ns1.example.com. A SOA\n" },
		{ "host.sub.example.com", DNS_A,
			"NOERROR\n" CUT "authority sub.example.com. 3600 IN DS 1 8 2 aabb\n"
			"authority sub.example.com. 3600 IN RRSIG DS 8 3 3600 20261222000000 20261122000000 1 example.com. CCCC\n" GLUE },
		{ "example.com", DNS_NSEC,
			"NOERROR aa\nanswer example.com. 3600 IN NSEC ns1.example.com. A SOA\n" },
	};
	struct text out = { 0 };

	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		struct fault fault = { 0 };
		struct message message;
		uint8_t name[NAME_WIRE];

		name_from_text(stories[i].name, name, &fault);
		ask(&(struct question){ .name = name,
			    .type = stories[i].type,
			    .edns = true,
			    .dnssec_ok = true },
			TRANSPORT_UDP, &message, &out);
		/* ldns ends a line that holds base64 with a blank */
		is_string(text_string(&out), stories[i].answer, stories[i].name);
		ok(message.dnssec_ok && message.edns_udp_size == 1232, "DO comes back");
	}
	text_free(&out);
}

/* Options that were asked for, and none else. */
static void test_edns(void)
{
	static const struct {
		const char *name;
		uint16_t type;
		uint32_t expire_s; /* 0: none */
		uint16_t ede;      /* 0: none */
	} stories[] = {
		{ "example.com", DNS_SOA, 1209600, 0 },
		{ "example.com", DNS_A, 0, 0 },
		{ "secondary.test", DNS_SOA, 41, 0 },
		{ "example.org", DNS_SOA, 0, 20 },
		{ "not-loaded.test", DNS_SOA, 0, 14 },
		{ "expired.test", DNS_SOA, 0, 24 },
		{ "example.com", DNS_AXFR, 1209600, 18 },
		{ "example.org", DNS_AXFR, 0, 20 },
	};
	struct text out = { 0 };

	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		struct fault fault = { 0 };
		struct message message;
		struct soa_answer answer;
		uint8_t name[NAME_WIRE];

		name_from_text(stories[i].name, name, &fault);
		ask(&(struct question){ .name = name,
			    .type = stories[i].type,
			    .edns = true,
			    .want_expire = true,
			    .want_nsid = true },
			TRANSPORT_UDP, &message, &out);
		message_soa_answer(&message, name, &answer);
		is_integer(answer.has_expire ? answer.expire_s : 0, stories[i].expire_s, "EXPIRE");
		is_integer(answer.has_ede ? answer.ede_code : 0, stories[i].ede, "EDE");
		ok(answer.nsid_length == 4 && !memcmp(answer.nsid, "here", 4), "NSID, asked for %s",
			stories[i].name);
		ask(&(struct question){ .name = name, .type = DNS_SOA, .edns = true },
			TRANSPORT_TCP, &message, &out);
		message_soa_answer(&message, name, &answer);
		ok(!answer.has_expire && !answer.nsid, "neither unless asked for");
	}
	text_free(&out);
}

static void test_chaos(void)
{
	static const struct {
		const char *name;
		uint16_t type, class;
		const char *answer;
	} stories[] = {
		{ "version.bind", DNS_TXT, DNS_CH,
			"NOERROR aa\nanswer version.bind. 0 CH TXT \"axfrd 9\"\n" },
		{ "VERSION.server", DNS_ANY, DNS_CH,
			"NOERROR aa\nanswer VERSION.server. 0 CH TXT \"axfrd 9\"\n" },
		{ "id.server", DNS_TXT, DNS_CH,
			"NOERROR aa\nanswer id.server. 0 CH TXT \"here\"\n" },
		{ "hostname.bind", DNS_TXT, DNS_CH,
			"NOERROR aa\nanswer hostname.bind. 0 CH TXT \"here\"\n" },
		{ "version.bind", DNS_A, DNS_CH, "REFUSED\n" },
		{ "example.com", DNS_TXT, DNS_CH, "REFUSED\n" },
		{ "example.com", DNS_SOA, DNS_CLASS_ANY, "REFUSED\n" },
	};
	struct text out = { 0 };

	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		struct fault fault = { 0 };
		struct message message;
		uint8_t name[NAME_WIRE];

		name_from_text(stories[i].name, name, &fault);
		ask(&(struct question){ .name = name,
			    .type = stories[i].type,
			    .class = stories[i].class },
			TRANSPORT_UDP, &message, &out);
		is_string(text_string(&out), stories[i].answer, stories[i].name);
	}
	text_free(&out);
}

/* Bytes as they come. */
static void test_headers(void)
{
	static const struct {
		const char *name, *bytes;
		size_t length;
		const char *answer;
	} stories[] = {
#define BYTES(string) string, sizeof(string) - 1
#define QUESTION      "\7example\3com\0\0\6\0\1"
		{ "nothing", BYTES(""), "silence" },
		{ "eleven bytes", BYTES("\0\1\0\0\0\1\0\0\0\0\0"), "silence" },
		{ "an answer", BYTES("\0\1\x80\0\0\1\0\0\0\0\0\0" QUESTION), "silence" },
		{ "a header alone", BYTES("\0\1\0\0\0\0\0\0\0\0\0\0"), "FORMERR\n" },
		{ "a question that is missing", BYTES("\0\1\0\0\0\1\0\0\0\0\0\0"), "FORMERR\n" },
		{ "two questions", BYTES("\0\1\0\0\0\2\0\0\0\0\0\0" QUESTION QUESTION),
			"FORMERR\n" },
		{ "bytes behind", BYTES("\0\1\0\0\0\1\0\0\0\0\0\0" QUESTION "x"), "FORMERR\n" },
		{ "a name that points to itself", BYTES("\0\1\0\0\0\1\0\0\0\0\0\0\xc0\x0c\0\6\0\1"),
			"FORMERR\n" },
		{ "IQUERY", BYTES("\0\1\x08\0\0\1\0\0\0\0\0\0" QUESTION), "NOTIMP\n" },
		{ "STATUS without question", BYTES("\0\1\x10\0\0\0\0\0\0\0\0\0"), "NOTIMP\n" },
		{ "UPDATE", BYTES("\0\1\x28\0\0\1\0\0\0\0\0\0" QUESTION), "NOTIMP\n" },
		{ "opcode 15", BYTES("\0\1\x78\0\0\1\0\0\0\0\0\0" QUESTION), "NOTIMP\n" },
		{ "NOTIFY without question", BYTES("\0\1\x20\0\0\0\0\0\0\0\0\0"), "FORMERR\n" },
		{ "two OPTs",
			BYTES("\0\1\0\0\0\1\0\0\0\0\0\2" QUESTION
			      "\0\0\x29\4\xd0\0\0\0\0\0\0\0\0\x29\4\xd0\0\0\0\0\0\0"),
			"FORMERR\n" },
		{ "EDNS 1", BYTES("\0\1\0\0\0\1\0\0\0\0\0\1" QUESTION "\0\0\x29\4\xd0\0\1\0\0\0\0"),
			"BADVERS\n" },
		{ "an unknown option and unknown flags",
			BYTES("\0\1\0\0\0\1\0\0\0\0\0\1" QUESTION
			      "\0\0\x29\0\1\0\0\x7f\xff\0\6\xff\xee\0\2hi"),
			"NOERROR aa\nanswer " SOA },
		{ "TSIG, and no key here",
			BYTES("\0\1\0\0\0\1\0\0\0\0\0\1" QUESTION
			      "\1k\0\0\xfa\0\xff\0\0\0\0\0\x1d\x0bhmac-sha256\0"
			      "\0\0\0\0\0\0\1\x2c\0\0\0\1\0\0\0\0"),
			"NOTAUTH\n" },
		{ "TSIG that is none",
			BYTES("\0\1\0\0\0\1\0\0\0\0\0\1" QUESTION
			      "\1k\0\0\xfa\0\xff\0\0\0\0\0\2hi"),
			"FORMERR\n" },
	};
	static uint8_t bytes[MESSAGE_MOST];
	struct text out = { 0 };

	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		struct message message;
		struct response response;
		struct request request = { (const uint8_t *)stories[i].bytes, stories[i].length,
			TRANSPORT_TCP, { .family = 4, .port = 1 }, NOW_S, 0 };

		respond(&responder, &request, bytes, sizeof(bytes), &response);
		world_describe(&response, bytes, &message, &out);
		is_string(text_string(&out), stories[i].answer, stories[i].name);
		if (response.kind == RESPONSE_MESSAGE)
			is_integer(message.id, 1, "its id");
	}
	text_free(&out);
}

/* What does not fit into a datagram is truncated to the question, and complete over TCP. */
static void test_truncation(void)
{
	static const struct {
		const char *name;
		uint16_t size; /* offered by EDNS; 0: no EDNS */
		bool tc;
	} stories[] = {
		{ "few.big.test", 0, false },
		{ "more.big.test", 0, true },
		{ "more.big.test", 512, true },
		{ "more.big.test", 100, true },
		{ "more.big.test", 1232, false },
		{ "many.big.test", 1232, true },
		{ "many.big.test", 65535, true },
		{ "x.cut.big.test", 0, true },
		{ "x.cut.big.test", 1232, false },
		{ "x.out.big.test", 0, false },
	};
	static uint8_t bytes[MESSAGE_MOST];
	struct text out = { 0 };

	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		struct fault fault = { 0 };
		struct message message;
		struct response response;
		uint8_t name[NAME_WIRE], asked[MESSAGE_QUESTION];
		struct question question = { .name = name,
			.type = DNS_TXT,
			.edns = stories[i].size };
		size_t length;
		struct request request = { asked, 0, TRANSPORT_UDP, { .family = 4, .port = 1 },
			NOW_S, 0 };

		name_from_text(stories[i].name, name, &fault);
		request.length = length = message_question(&question, asked, sizeof(asked));
		if (stories[i].size) {
			asked[length - 8] = (uint8_t)(stories[i].size >> 8);
			asked[length - 7] = (uint8_t)stories[i].size;
		}
		respond(&responder, &request, bytes, MESSAGE_UDP_SIZE, &response);
		world_describe(&response, bytes, &message, &out);
		is_integer(!!(message.flags & DNS_TC), stories[i].tc, stories[i].name);
		if (stories[i].tc)
			is_integer(message.counts[1] + message.counts[2] + message.counts[3],
				stories[i].size ? 1 : 0, "and empty");
		ok(response.length <= (stories[i].size < 512 ? 512 : 1232), "fits");
		request.transport = TRANSPORT_TCP;
		respond(&responder, &request, bytes, sizeof(bytes), &response);
		world_describe(&response, bytes, &message, &out);
		ok(!(message.flags & DNS_TC), "whole over TCP");
	}
	text_free(&out);
}

/* What a question means to whoever watches the engine. */
static void test_events(void)
{
	static const struct {
		const char *story, *name;
		struct question question;
		enum response_event event;
	} stories[] = {
		{ "the apex's SOA", "example.com", { .type = DNS_SOA }, EVENT_SOA },
		{ "an SOA below it", "web.example.com", { .type = DNS_SOA }, EVENT_NONE },
		{ "another type", "example.com", { .type = DNS_NS }, EVENT_NONE },
		{ "a transfer to somebody", "example.com", { .type = DNS_AXFR },
			EVENT_TRANSFER_REFUSED },
		{ "NOTIFY to a primary", "example.com", { .type = DNS_SOA, .opcode = DNS_NOTIFY },
			EVENT_NOTIFY_REFUSED },
	};
	static uint8_t bytes[MESSAGE_MOST];

	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		struct fault fault = { { 0 } };
		uint8_t name[NAME_WIRE], asked[MESSAGE_QUESTION];
		struct question question = stories[i].question;
		struct response response;
		struct request request = { asked, 0, TRANSPORT_TCP,
			{ .family = 4, .port = 4711, .bytes = { 192, 0, 2, 200 } }, NOW_S, 0 };

		name_from_text(stories[i].name, name, &fault);
		question.name = name;
		request.length = message_question(&question, asked, sizeof(asked));
		respond(&responder, &request, bytes, sizeof(bytes), &response);
		is_integer(response.event, stories[i].event, stories[i].story);
	}
}

static void load_world(void)
{
	struct text big = { 0 };

	world_load(&store, "example.com", world_zone);
	world_load(&store, "not-loaded.test", NULL)->is_secondary = true;
	world_load(&store, "expired.test", "@ 1 SOA a b 1 2 3 4 5\n@ 1 NS a\n")->is_secondary =
		true;
	world_load(&store, "secondary.test", "@ 1 SOA a b 1 2 3 4 5\n@ 1 NS a\n")->is_secondary =
		true;
	store.zones[3]->expires_us = 42500000;
	text_add(&big, "$TTL 1\n@ SOA a b 1 2 3 4 5\n@ NS a\nfew TXT \"1\"\n");
	for (unsigned i = 0; i < 60; i++)
		text_addf(&big, "%s TXT \"%040u\"\n", i < 15 ? "more" : "many", i);
	for (unsigned i = 0; i < 14; i++)
		text_addf(&big,
			"cut NS ns%u.cut\nns%u.cut A 192.0.2.%u\nns%u.cut AAAA 2001:db8::%u\n"
			"out NS ns%u.side\nns%u.side A 192.0.2.%u\nns%u.side AAAA 2001:db8::%u\n",
			i, i, i, i, i, i, i, i, i, i);
	world_load(&store, "big.test", text_string(&big));
	text_free(&big);
}

int main(void)
{
	load_world();
	test_answers();
	test_dnssec();
	test_edns();
	test_chaos();
	test_headers();
	test_truncation();
	test_events();
	zone_store_free(&store);
	return done_testing();
}
