/* What an answer to an SOA question says, and how types, rcodes and extended errors are called. */
#include "t/unit/packet.h"
#include "t/unit/tap.h"

static bool read_answer(struct packet *packet, struct soa_answer *answer)
{
	static struct message message; /* the answer's texts point into the packet */

	return parse(packet, &message) && message_soa_answer(&message, ZONE, answer);
}

static void begin_answer(struct packet *packet, uint16_t flags)
{
	begin(packet, flags);
	add_question(packet, ZONE, DNS_SOA);
}

static void test_all_it_says(void)
{
	struct packet packet;
	struct soa_answer answer;
	struct soa_fields fields = { .refresh = 10800,
		.retry = 3600,
		.expire = 604800,
		.minimum = 300 };

	begin_answer(&packet, 0x8400);
	add(&packet, MESSAGE_ANSWER, ZONE, DNS_NS, "\1a\0", 3); /* says nothing here */
	add_soa(&packet, MESSAGE_ANSWER, (const uint8_t *)"\7EXAMPLE\3com", 2026112201);
	add_signature(&packet, DNS_SOA, 2000, 1000);
	add_edns(&packet, "\0\3\0\2n1\0\11\0\4\0\1\0\2\0\17\0\6\0\30gone\0\17\0\2\0\1", 30);
	ok(read_answer(&packet, &answer), "an answer that says everything");
	ok(answer.rcode == 0 && answer.authoritative && !answer.truncated && answer.has_edns,
		"header");
	ok(answer.has_soa && !answer.soa_repeated && answer.serial == 2026112201, "serial");
	memcpy(fields.mname, "\3ns1\7example\3com", 17);
	memcpy(fields.rname, "\12hostmaster\7example\3com", 24);
	ok(!memcmp(&answer.fields, &fields, sizeof(fields)),
		"fields, in lower case and padded with zeros");
	ok(answer.has_signature && answer.signature_expiration == 2000 &&
			answer.signature_inception == 1000,
		"signature");
	ok(answer.has_expire && answer.expire_s == 65538, "EXPIRE");
	ok(answer.nsid_length == 2 && !memcmp(answer.nsid, "n1", 2), "NSID");
	ok(answer.has_ede && answer.ede_code == 24 && answer.ede_text_length == 4 &&
			!memcmp(answer.ede_text, "gone", 4),
		"the first extended error");
}

static void test_plain(void)
{
	struct packet packet;
	struct soa_answer answer;

	begin_answer(&packet, 0x8205);
	ok(read_answer(&packet, &answer), "REFUSED");
	ok(answer.rcode == DNS_REFUSED && answer.truncated && !answer.authoritative &&
			!answer.has_soa && !answer.has_edns && !answer.has_ede &&
			!answer.has_expire && !answer.nsid && !answer.has_signature,
		"says nothing more");
}

static void test_edns_oddities(void)
{
	static const struct {
		const char *name, *options;
		size_t length;
		bool expire, ede;
		uint16_t text_length;
		bool nsid;
	} stories[] = {
		{ "EXPIRE without a value, as a question has it", "\0\11\0\0", 4, false, false, 0,
			false },
		{ "EXPIRE of 3 bytes", "\0\11\0\3abc", 7, false, false, 0, false },
		{ "EXPIRE of 5 bytes", "\0\11\0\5abcde", 9, false, false, 0, false },
		{ "an empty NSID is none", "\0\3\0\0", 4, false, false, 0, false },
		{ "an NSID of one byte", "\0\3\0\1x", 5, false, false, 0, true },
		{ "an extended error of one byte is none", "\0\17\0\1x", 5, false, false, 0,
			false },
		{ "an extended error without text", "\0\17\0\2\0\30", 6, false, true, 0, false },
		{ "its text may end in NUL", "\0\17\0\4\0\30x\0", 8, false, true, 1, false },
		{ "its text may be only NUL", "\0\17\0\4\0\30\0\0", 8, false, true, 0, false },
	};
	struct packet packet;
	struct soa_answer answer;

	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		begin_answer(&packet, 0x8402);
		add_edns(&packet, stories[i].options, stories[i].length);
		ok(read_answer(&packet, &answer) && answer.has_expire == stories[i].expire &&
				answer.has_ede == stories[i].ede &&
				answer.ede_text_length == stories[i].text_length &&
				!answer.ede_text == !stories[i].text_length &&
				(answer.nsid_length == 1) == stories[i].nsid,
			"%s", stories[i].name);
	}
}

static void test_soas(void)
{
	static const struct {
		const char *name, *owner;
		enum message_section section;
		uint32_t serial, second; /* 0: none */
		bool has, repeated;
	} stories[] = {
		{ "the zone's", "\7example\3com", MESSAGE_ANSWER, 1, 0, true, false },
		{ "the zone's, twice", "\7example\3com", MESSAGE_ANSWER, 1, 1, true, false },
		{ "two different ones", "\7example\3com", MESSAGE_ANSWER, 1, 2, true, true },
		{ "another zone's", "\3com", MESSAGE_ANSWER, 1, 0, false, false },
		{ "a child's", "\1a\7example\3com", MESSAGE_ANSWER, 1, 0, false, false },
		{ "in the authority section: no data", "\7example\3com", MESSAGE_AUTHORITY, 1, 0,
			false, false },
		{ "in the additional section", "\7example\3com", MESSAGE_ADDITIONAL, 1, 0, false,
			false },
	};
	struct packet packet;
	struct soa_answer answer;

	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		begin_answer(&packet, 0x8400);
		add_soa(&packet, stories[i].section, (const uint8_t *)stories[i].owner,
			stories[i].serial);
		if (stories[i].second)
			add_soa(&packet, stories[i].section, ZONE, stories[i].second);
		ok(read_answer(&packet, &answer) && answer.has_soa == stories[i].has &&
				answer.soa_repeated == stories[i].repeated &&
				answer.serial == (stories[i].has ? 1 : 0),
			"SOA: %s", stories[i].name);
	}
	begin_answer(&packet, 0x8400);
	add_raw(&packet, MESSAGE_ANSWER, ZONE, DNS_SOA, DNS_CH, 0, "", 0);
	ok(read_answer(&packet, &answer) && !answer.has_soa, "SOA: of another class");
	for (size_t length = 0; length < 22; length++) {
		begin_answer(&packet, 0x8400);
		add(&packet, MESSAGE_ANSWER, ZONE, DNS_SOA,
			"\0\0\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5", length);
		if (read_answer(&packet, &answer))
			ok(false, "SOA: of %zu bytes is malformed", length);
	}
	begin_answer(&packet, 0x8400);
	add(&packet, MESSAGE_ANSWER, ZONE, DNS_SOA, "\0\0\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5",
		23);
	ok(!read_answer(&packet, &answer), "SOA: a byte too long is malformed");
}

static void test_signatures(void)
{
	struct packet packet;
	struct soa_answer answer;

	begin_answer(&packet, 0x8400);
	add_soa(&packet, MESSAGE_ANSWER, ZONE, 1);
	add_signature(&packet, DNS_NS, 9000, 1);
	ok(read_answer(&packet, &answer) && !answer.has_signature,
		"a signature over NS is none over the SOA");
	add_signature(&packet, DNS_SOA, 5000, 2);
	add_signature(&packet, DNS_SOA, 7000, 3);
	add_signature(&packet, DNS_SOA, 6000, 4);
	ok(read_answer(&packet, &answer) && answer.signature_expiration == 7000 &&
			answer.signature_inception == 3,
		"the latest to expire counts");
	begin_answer(&packet, 0x8400);
	add_signature(&packet, DNS_SOA, 0xfffffff0, 2);
	add_signature(&packet, DNS_SOA, 16, 3);
	ok(read_answer(&packet, &answer) && answer.signature_expiration == 16, "also after 2106");
	begin_answer(&packet, 0x8400);
	add(&packet, MESSAGE_ANSWER, ZONE, DNS_RRSIG, "\0\6\15\2\0\0\1\54\0\0\0\1\0\0\0\2\0\3", 18);
	ok(!read_answer(&packet, &answer), "a signature without signer is malformed");
}

/* What stands in the authority section answers nothing. */
static void test_referrals(void)
{
	static const struct {
		const char *name;
		uint16_t flags;
		const char *owner; /* of an NS in the authority section */
		bool with_soa, with_answer;
	} stories[] = {
		{ "to the root", 0x8000, "", false, false },
		{ "to the root, with AA", 0x8400, "", false, false },
		{ "to the zone, by its parent", 0x8000, "\7example\3com", false, false },
		{ "NS of the zone itself, with AA: no data", 0x8400, "\7example\3com", false,
			false },
		{ "NS besides an SOA: no data", 0x8000, "\3com", true, false },
		{ "NS besides an answer", 0x8000, "\3com", false, true },
		{ "NXDOMAIN", 0x8003, "\3com", false, false },
	};
	struct packet packet;
	struct soa_answer answer;

	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		begin_answer(&packet, stories[i].flags);
		if (stories[i].with_answer)
			add_soa(&packet, MESSAGE_ANSWER, ZONE, 1);
		add(&packet, MESSAGE_AUTHORITY, (const uint8_t *)stories[i].owner, DNS_NS, "\1a\0",
			3);
		add(&packet, MESSAGE_AUTHORITY, ZONE, DNS_DS, "\0\1\15\2x", 5);
		if (stories[i].with_soa)
			add_soa(&packet, MESSAGE_AUTHORITY, (const uint8_t *)"\3com", 1);
		add(&packet, MESSAGE_ADDITIONAL, (const uint8_t *)"\1a", DNS_A, "\300\0\2\1", 4);
		ok(read_answer(&packet, &answer) && answer.has_soa == stories[i].with_answer,
			"beside the answer: %s", stories[i].name);
	}
}

/* A record that message_peek() did not look at. */
static void test_unparsed(void)
{
	struct packet packet;
	struct message message;
	struct soa_answer answer;

	begin_answer(&packet, 0x8400);
	count(&packet, MESSAGE_ANSWER);
	ok(message_peek(packet.bytes, packet.out.length, &message) &&
			!message_soa_answer(&message, ZONE, &answer),
		"a missing record is malformed");
	begin_answer(&packet, 0x8400);
	add_soa(&packet, MESSAGE_ANSWER, ZONE, 7);
	add(&packet, MESSAGE_ANSWER, ZONE, DNS_SOA, "\300\14", 2);
	ok(message_peek(packet.bytes, packet.out.length, &message) &&
			!message_soa_answer(&message, ZONE, &answer),
		"a second SOA that is none is malformed");
}

static void test_rcodes(void)
{
	char out[16];

	is_string(rcode_text(DNS_NOERROR, out), "NOERROR", "rcode 0");
	is_string(rcode_text(DNS_NOTAUTH, out), "NOTAUTH", "rcode 9");
	is_string(rcode_text(23, out), "BADCOOKIE", "rcode 23");
	is_string(rcode_text(12, out), "RCODE12", "rcode 12 is not assigned");
	is_string(rcode_text(4095, out), "RCODE4095", "the highest rcode");
	is_string(rcode_text(65535, out), "RCODE65535", "any number");
	is_string(ede_purpose(24), "Invalid Data", "EDE 24");
	is_string(ede_purpose(0), "Other Error", "EDE 0");
	is_string(ede_purpose(30), "Invalid Query Type", "EDE 30");
	is_string(ede_purpose(31), NULL, "EDE 31 is unknown");
	is_string(ede_purpose(65535), NULL, "EDE 65535 is unknown");
}

static void test_types(void)
{
	static const struct {
		uint16_t type;
		const char *text;
	} stories[] = {
		{ 1, "A" },
		{ 6, "SOA" },
		{ 28, "AAAA" },
		{ 41, "OPT" },
		{ 46, "RRSIG" },
		{ 47, "NSEC" },
		{ 63, "ZONEMD" },
		{ 64, "SVCB" },
		{ 65, "HTTPS" },
		{ 250, "TSIG" },
		{ 251, "IXFR" },
		{ 252, "AXFR" },
		{ 253, "MAILB" },
		{ 254, "MAILA" },
		{ 255, "ANY" },
		{ 257, "CAA" },
		{ 0, "TYPE0" },
		{ 54, "TYPE54" },
		{ 65280, "TYPE65280" },
		{ 65535, "TYPE65535" },
	};
	static const char *const wrong[] = { "", "X", "TYPE", "TYPE65536", "TYPE-1", "TYPE1x",
		"TYPE000001", "A ", "AA", "IN" };
	char out[16];
	uint16_t type;
	unsigned lost = 0;

	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		is_string(type_text(stories[i].type, out), stories[i].text, stories[i].text);
		ok(type_from_text(stories[i].text, &type) && type == stories[i].type, "  and back");
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ok(!type_from_text(wrong[i], &type), "'%s' is no type", wrong[i]);
	ok(type_from_text("aaaa", &type) && type == 28, "in any case");
	ok(type_from_text("type28", &type) && type == 28, "by number in any case");
	for (unsigned number = 0; number <= 0xffff; number++)
		lost += !type_from_text(type_text((uint16_t)number, out), &type) || type != number;
	is_integer(lost, 0, "every type's text leads back to it");
}

/* RFC 4892: what a server tells of itself. */
static void test_chaos(void)
{
	static const uint8_t *const version = (const uint8_t *)"\7version\4bind";
	static const struct {
		const char *name, *rdata;
		size_t length;
		const uint8_t *owner;
		uint16_t type, class;
		const char *said;
	} stories[] = {
		{ "its first string", "\5NSD 4\3abc", 10, (const uint8_t *)"\7VERSION\4bind",
			DNS_TXT, DNS_CH, "NSD 4" },
		{ "of another name", "\1x", 2, ZONE, DNS_TXT, DNS_CH, "" },
		{ "of class IN", "\1x", 2, version, DNS_TXT, DNS_IN, "" },
		{ "of another type", "\1x", 2, version, 99, DNS_CH, "" },
		{ "longer than its record", "\3ab", 3, version, DNS_TXT, DNS_CH, "" },
		{ "an empty one", "\0", 1, version, DNS_TXT, DNS_CH, "" },
	};

	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		struct packet packet;
		struct message message;
		uint8_t text[CHAOS_TEXT + 1] = { 0 };
		size_t length = 0;

		begin(&packet, 0x8400);
		add_question(&packet, version, DNS_TXT);
		add_raw(&packet, MESSAGE_ANSWER, stories[i].owner, stories[i].type,
			stories[i].class, 0, stories[i].rdata, stories[i].length);
		if (parse(&packet, &message))
			length = message_chaos_text(&message, version, text);
		text[length] = 0;
		is_string((const char *)text, stories[i].said, stories[i].name);
	}
}

int main(void)
{
	test_all_it_says();
	test_plain();
	test_edns_oddities();
	test_soas();
	test_signatures();
	test_referrals();
	test_unparsed();
	test_rcodes();
	test_types();
	test_chaos();
	return done_testing();
}
