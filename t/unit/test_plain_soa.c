/* The short way through an answer comes out where the long way does; templates write what
 * message_question() writes. */
#include <stdlib.h>

#include "t/unit/packet.h"
#include "t/unit/tap.h"

enum { MUTATIONS = 200000 };

static const struct question asked = { .name = ZONE, .type = DNS_SOA, .id = 4711 };

static bool long_way(const uint8_t *bytes, size_t length, struct soa_answer *answer)
{
	static struct message message;

	return message_parse(bytes, length, &message) && message_answers(&message, &asked, false) &&
		message_soa_answer(&message, ZONE, answer);
}

/* Where the short way says something, the long way says the same. */
static bool agrees(const uint8_t *bytes, size_t length, bool *taken)
{
	static struct soa_answer plain; /* keeps the fields of the answer before */
	struct soa_answer whole;

	*taken = message_plain_soa(bytes, length, &asked, &plain);
	return !*taken ||
		(long_way(bytes, length, &whole) && !memcmp(&plain, &whole, sizeof(plain)));
}

/* As name servers write them: owners by pointer to the question. */
static void add_short(struct packet *packet, enum message_section section, uint16_t type,
	const void *rdata, size_t length)
{
	count(packet, section);
	wire_write_u16(&packet->out, 0xc00c);
	wire_write_u16(&packet->out, type);
	wire_write_u16(&packet->out, DNS_IN);
	wire_write_u32(&packet->out, 300);
	wire_write_u16(&packet->out, (uint16_t)length);
	wire_write_bytes(&packet->out, rdata, length);
}

static const char soa[] =
	"\3Ns1\300\14\12hostmaster\300\14\0\0\0\12\0\0\16\20\0\0\2\130\0\11\72\200\0\0\0\74";
static const char signature[] =
	"\0\6\15\2\0\0\1\54\0\0\7\320\0\0\3\350\1\2\7example\3com\0signature";

static void begin_plain(struct packet *packet)
{
	begin(packet, 0x8400);
	add_question(packet, ZONE, DNS_SOA);
	add_short(packet, MESSAGE_ANSWER, DNS_SOA, soa, sizeof(soa) - 1);
}

static void full_packet(struct packet *packet)
{
	begin_plain(packet);
	add_short(packet, MESSAGE_ANSWER, DNS_RRSIG, signature, sizeof(signature) - 1);
	add_short(packet, MESSAGE_AUTHORITY, DNS_NS, "\3ns1\300\14", 6);
	add(packet, MESSAGE_ADDITIONAL, (const uint8_t *)"\3ns1\7example\3com", DNS_A, "\300\0\2\1",
		4);
	add_edns(packet, "\0\3\0\2n1\0\11\0\4\0\1\0\2\0\17\0\6\0\30gone", 24);
}

static void test_plain(void)
{
	struct packet packet;
	struct soa_answer answer = { 0 };
	bool taken;

	full_packet(&packet);
	ok(message_plain_soa(packet.bytes, packet.out.length, &asked, &answer),
		"what name servers send is plain");
	ok(answer.serial == 10 && answer.authoritative && answer.has_signature && answer.has_edns &&
			answer.has_expire && answer.expire_s == 65538 && answer.nsid_length == 2 &&
			answer.ede_code == 24 && answer.fields.minimum == 60,
		"and says everything");
	ok(!memcmp(answer.fields.mname, "\3ns1\7example\3com", 17), "in lower case");
	ok(agrees(packet.bytes, packet.out.length, &taken) && taken, "as the long way does");
}

static void test_not_plain(void)
{
	static const struct {
		const char *name;
		size_t at;
		uint8_t byte;
	} stories[] = {
		{ "another id", 1, 0 },
		{ "no answer", 2, 4 },
		{ "another opcode", 2, 0x8c },
		{ "truncated", 2, 0x86 },
		{ "an rcode", 3, 5 },
		{ "no question", 5, 0 },
		{ "two questions", 5, 2 },
		{ "another name", 13, 'x' },
		{ "the name in capitals", 13, 'E' },
		{ "another type", 26, 2 },
		{ "another class", 28, 3 },
		{ "an owner of its own", 30, 29 },
		{ "no record", 7, 0 },
		{ "more records than there are", 11, 3 },
		{ "fewer", 11, 1 },
		{ "an SOA of another class", 34, 3 },
	};

	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		struct packet packet;
		struct soa_answer answer = { 0 };

		full_packet(&packet);
		packet.bytes[stories[i].at] = stories[i].byte;
		ok(!message_plain_soa(packet.bytes, packet.out.length, &asked, &answer),
			"not plain: %s", stories[i].name);
	}
}

static void test_unusual_records(void)
{
	struct packet packet;
	struct soa_answer answer = { 0 };

	begin_plain(&packet);
	add_short(&packet, MESSAGE_ANSWER, DNS_SOA, soa, sizeof(soa) - 1);
	ok(!message_plain_soa(packet.bytes, packet.out.length, &asked, &answer), "two SOAs");
	begin_plain(&packet);
	add_short(&packet, MESSAGE_ANSWER, DNS_NS, "\0", 1);
	ok(!message_plain_soa(packet.bytes, packet.out.length, &asked, &answer), "another type");
	begin_plain(&packet);
	add(&packet, MESSAGE_ADDITIONAL, (const uint8_t *)"", DNS_TSIG, "x", 1);
	ok(!message_plain_soa(packet.bytes, packet.out.length, &asked, &answer), "a TSIG");
	begin_plain(&packet);
	add_edns(&packet, "", 0);
	add_edns(&packet, "", 0);
	ok(!message_plain_soa(packet.bytes, packet.out.length, &asked, &answer), "two OPTs");
	begin_plain(&packet);
	add_raw(&packet, MESSAGE_ADDITIONAL, (const uint8_t *)"", DNS_OPT, 1232, 1U << 24, "", 0);
	ok(!message_plain_soa(packet.bytes, packet.out.length, &asked, &answer),
		"an extended rcode");
	begin(&packet, 0x8400);
	add_question(&packet, ZONE, DNS_SOA);
	add_short(&packet, MESSAGE_ANSWER, DNS_RRSIG, signature, sizeof(signature) - 1);
	ok(!message_plain_soa(packet.bytes, packet.out.length, &asked, &answer),
		"a signature alone");
}

/* Whatever becomes of a packet's bytes and its length. */
static void test_mutations(void)
{
	struct packet good, packet;
	unsigned differ = 0, accepted = 0;

	srandom(1);
	full_packet(&good);
	for (unsigned i = 0; i < MUTATIONS; i++) {
		size_t length = good.out.length;
		bool taken;

		memcpy(packet.bytes, good.bytes, length);
		for (long left = random() % 3; left >= 0; left--)
			packet.bytes[(size_t)random() % length] = (uint8_t)random();
		if (random() % 8 == 0)
			length = (size_t)random() % (length + 1);
		differ += !agrees(packet.bytes, length, &taken);
		accepted += taken;
	}
	is_integer(differ, 0, "both ways agree about what was changed at random");
	ok(accepted > MUTATIONS / 10, "of which enough was plain: %u", accepted);
}

static void test_templates(void)
{
	static const uint8_t *const names[] = { (const uint8_t *)"", ZONE,
		(const uint8_t *)"\1a\7example\3org" };
	struct question_templates templates = { 0 };
	unsigned differ = 0;

	for (unsigned shape = 0; shape < 3 * 3 * 64; shape++) {
		struct question question = { .name = names[shape % 3],
			.type = (uint16_t[]){ DNS_SOA, DNS_NS, DNS_AXFR }[shape / 3 % 3],
			.id = (uint16_t)(shape * 40503),
			.recursion_desired = shape / 9 & 1,
			.edns = shape / 9 & 2,
			.dnssec_ok = shape / 9 & 4,
			.want_expire = shape / 9 & 8,
			.want_nsid = shape / 9 & 16,
			.has_serial = shape / 9 & 32,
			.serial = shape };
		uint8_t whole[MESSAGE_QUESTION], like[MESSAGE_QUESTION];
		size_t length = message_question(&question, whole, sizeof(whole));

		differ += message_question_like(&templates, &question, like, sizeof(like)) !=
				length ||
			memcmp(whole, like, length) != 0 ||
			message_question_like(&templates, &question, like, length - 1) != 0;
	}
	is_integer(differ, 0, "a template writes the same, and not where there is no room");
}

int main(void)
{
	test_plain();
	test_not_plain();
	test_unusual_records();
	test_mutations();
	test_templates();
	return done_testing();
}
