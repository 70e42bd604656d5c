/* Messages: questions out, answers in. */
#include "common/dns/message.h"
#include "common/dns/rdata.h"
#include "t/unit/packet.h"
#include "t/unit/tap.h"

static bool bytes_are(const uint8_t *got, size_t length, const char *hex)
{
	char text[1024];

	for (size_t i = 0; i < length; i++)
		sprintf(text + 2 * i, "%02x", got[i]);
	text[2 * length] = '\0';
	if (!strcmp(text, hex))
		return true;
	printf("#      got: %s\n# expected: %s\n", text, hex);
	return false;
}

static const struct question_story {
	const char *name;
	struct question question;
	const char *hex;
} question_stories[] = {
	{ "plain SOA", { .name = ZONE, .type = DNS_SOA, .id = 0x1234 },
		"123400000001000000000000"
		"076578616d706c6503636f6d00"
		"00060001" },
	{ "recursion desired, class CH",
		{ .name = (const uint8_t *)"",
			.type = DNS_TXT,
			.class = DNS_CH,
			.recursion_desired = true },
		"000001000001000000000000"
		"00"
		"00100003" },
	{ "EDNS with all we ask for",
		{ .name = ZONE,
			.type = DNS_SOA,
			.edns = true,
			.dnssec_ok = true,
			.want_expire = true,
			.want_nsid = true,
			.cookie = (const uint8_t *)"01234567" },
		"000000000001000000000001"
		"076578616d706c6503636f6d00"
		"00060001"
		"00"
		"0029"
		"04d0"
		"00008000"
		"0014"
		"00030000"
		"00090000"
		"000a00083031323334353637" },
	{ "bare EDNS", { .name = (const uint8_t *)"", .type = DNS_NS, .edns = true },
		"000000000001000000000001"
		"00"
		"00020001"
		"00"
		"0029"
		"04d0"
		"00000000"
		"0000" },
	{ "IXFR: the SOA in the authority section",
		{ .name = ZONE, .type = DNS_IXFR, .has_serial = true, .serial = 0xfffffffe },
		"000000000001000000010000"
		"076578616d706c6503636f6d00"
		"00fb0001"
		"c00c"
		"0006"
		"0001"
		"00000000"
		"0016"
		"0000"
		"fffffffe"
		"00000000"
		"00000000"
		"00000000"
		"00000000" },
	{ "NOTIFY: AA, the SOA in the answer section",
		{ .name = ZONE,
			.type = DNS_SOA,
			.opcode = DNS_NOTIFY,
			.has_serial = true,
			.serial = 7 },
		"000024000001000100000000"
		"076578616d706c6503636f6d00"
		"00060001"
		"c00c"
		"0006"
		"0001"
		"00000000"
		"0016"
		"0000"
		"00000007"
		"00000000"
		"00000000"
		"00000000"
		"00000000" },
};

static void test_questions(void)
{
	uint8_t out[MESSAGE_QUESTION], cut[MESSAGE_QUESTION];
	struct message message;

	for (size_t i = 0; i < sizeof(question_stories) / sizeof(question_stories[0]); i++) {
		const struct question_story *story = &question_stories[i];
		size_t length = message_question(&story->question, out, sizeof(out));

		ok(bytes_are(out, length, story->hex), "%s", story->name);
		ok(message_parse(out, length, &message), "  parses");
		for (size_t most = 0; most < length; most++) {
			if (message_question(&story->question, cut, most) ||
				message_parse(out, most, &message))
				ok(false, "  %zu bytes are too few", most);
		}
		out[2] |= 0x80;
		message_parse(out, length, &message);
		ok(message_answers(&message, &story->question, false), "  is answered by its echo");
	}
}

static void test_answers(void)
{
	static const struct {
		const char *name;
		uint16_t flags;
		const char *qname;
		uint16_t qtype; /* 0: no question */
		bool may_lack, want;
	} stories[] = {
		{ "the question", 0x8400, "\7example\3com", DNS_SOA, false, true },
		{ "in other case", 0x8400, "\7eXAMPLE\3cOM", DNS_SOA, false, true },
		{ "no answer: QR is missing", 0x0400, "\7example\3com", DNS_SOA, false, false },
		{ "another opcode", 0xa400, "\7example\3com", DNS_SOA, false, false },
		{ "another name", 0x8400, "\7example\3net", DNS_SOA, false, false },
		{ "another type", 0x8400, "\7example\3com", DNS_NS, false, false },
		{ "no question", 0x8405, "", 0, false, false },
		{ "REFUSED without question, allowed", 0x8405, "", 0, true, true },
		{ "FORMERR without question, allowed", 0x8001, "", 0, true, true },
		{ "NOERROR never without question", 0x8400, "", 0, true, false },
		{ "NXDOMAIN neither", 0x8403, "", 0, true, false },
	};
	struct question question = { .name = ZONE, .type = DNS_SOA, .id = 4711 };
	struct packet packet;
	struct message message;

	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		begin(&packet, stories[i].flags);
		if (stories[i].qtype)
			add_question(&packet, (const uint8_t *)stories[i].qname, stories[i].qtype);
		ok(parse(&packet, &message) &&
				message_answers(&message, &question, stories[i].may_lack) ==
					stories[i].want,
			"answers: %s", stories[i].name);
	}
	begin(&packet, 0x8400);
	add_question(&packet, ZONE, DNS_SOA);
	parse(&packet, &message);
	question.id = 4712;
	ok(!message_answers(&message, &question, true), "answers: another id");
	question.id = 4711;
	question.class = DNS_CH;
	ok(!message_answers(&message, &question, true), "answers: another class");
	add_question(&packet, ZONE, DNS_SOA);
	question.class = 0;
	ok(parse(&packet, &message) && !message_answers(&message, &question, true),
		"answers: two questions");
}

static void test_parsing(void)
{
	struct packet packet;
	struct message message;

	begin(&packet, 0x8583);
	add_question(&packet, ZONE, DNS_SOA);
	add_soa(&packet, MESSAGE_AUTHORITY, ZONE, 1);
	add_raw(&packet, MESSAGE_ADDITIONAL, (const uint8_t *)"", DNS_OPT, 4096, 0x01028000,
		"\0\3\0\2ab", 6);
	add_raw(&packet, MESSAGE_ADDITIONAL, (const uint8_t *)"\3key", DNS_TSIG, DNS_CLASS_ANY, 0,
		"x", 1);
	ok(parse(&packet, &message), "a whole message");
	is_integer(message.id, 4711, "id");
	is_integer(message.opcode, DNS_QUERY, "opcode");
	is_integer(message.rcode, 16 | 3, "rcode, extended by EDNS");
	is_integer(message.edns_version, 2, "EDNS version");
	is_integer(message.edns_udp_size, 4096, "EDNS size");
	ok(message.dnssec_ok && message.has_edns, "DO");
	is_integer((int64_t)message.first, 12 + 13 + 4, "the answer section begins");
	ok(message.bytes[message.tsig] == 3 && message.tsig > message.edns_options,
		"TSIG is found");
	for (size_t length = 0; length < packet.out.length; length++) {
		if (message_parse(packet.bytes, length, &message))
			ok(false, "cut to %zu bytes it is malformed", length);
	}
	wire_write_u8(&packet.out, 0);
	ok(!parse(&packet, &message), "a trailing byte is malformed");
	ok(message_peek(packet.bytes, packet.out.length, &message) && message.rcode == 3,
		"peek looks at header and question only");
	ok(!message_peek(packet.bytes, 28, &message), "peek: half a question");
	ok(message_peek(packet.bytes, 29, &message), "peek: a question");
	ok(!message_peek(packet.bytes, 11, &message), "peek: half a header");
}

static const struct misplaced_story {
	const char *name;
	enum message_section first;
	uint16_t first_type;
	const char *first_owner;
	enum message_section second;
	uint16_t second_type;
	bool want;
} misplaced_stories[] = {
	{ "OPT, then TSIG", MESSAGE_ADDITIONAL, DNS_OPT, "", MESSAGE_ADDITIONAL, DNS_TSIG, true },
	{ "A, then OPT", MESSAGE_ADDITIONAL, DNS_A, "", MESSAGE_ADDITIONAL, DNS_OPT, true },
	{ "two OPT", MESSAGE_ADDITIONAL, DNS_OPT, "", MESSAGE_ADDITIONAL, DNS_OPT, false },
	{ "OPT of another name", MESSAGE_ADDITIONAL, DNS_OPT, "\1a", MESSAGE_ADDITIONAL, DNS_A,
		false },
	{ "OPT in the answer section", MESSAGE_ANSWER, DNS_OPT, "", MESSAGE_ADDITIONAL, DNS_A,
		false },
	{ "OPT in the authority section", MESSAGE_AUTHORITY, DNS_OPT, "", MESSAGE_ADDITIONAL, DNS_A,
		false },
	{ "OPT behind TSIG", MESSAGE_ADDITIONAL, DNS_TSIG, "", MESSAGE_ADDITIONAL, DNS_OPT, false },
	{ "two TSIG", MESSAGE_ADDITIONAL, DNS_TSIG, "", MESSAGE_ADDITIONAL, DNS_TSIG, false },
	{ "TSIG in the answer section", MESSAGE_ANSWER, DNS_TSIG, "", MESSAGE_ADDITIONAL, DNS_A,
		false },
	{ "last of all, but in the authority section", MESSAGE_ANSWER, DNS_A, "", MESSAGE_AUTHORITY,
		DNS_TSIG, false },
};

static void test_misplaced(void)
{
	struct packet packet;
	struct message message;

	for (size_t i = 0; i < sizeof(misplaced_stories) / sizeof(misplaced_stories[0]); i++) {
		const struct misplaced_story *story = &misplaced_stories[i];

		begin(&packet, 0x8400);
		add(&packet, story->first, (const uint8_t *)story->first_owner, story->first_type,
			"", 0);
		add(&packet, story->second, (const uint8_t *)"", story->second_type, "", 0);
		ok(parse(&packet, &message) == story->want, "%s", story->name);
	}
}

static void test_options(void)
{
	static const struct {
		const char *name, *options;
		size_t length;
		int want; /* bytes of NSID; -1: absent; -2: malformed */
	} stories[] = {
		{ "no option", "", 0, -1 },
		{ "another option", "\0\11\0\4abcd", 8, -1 },
		{ "empty", "\0\3\0\0", 4, 0 },
		{ "behind another", "\0\11\0\4abcd\0\3\0\2xy", 14, 2 },
		{ "half a code", "\0", 1, -2 },
		{ "half a length", "\0\3\0", 3, -2 },
		{ "length over the end", "\0\3\0\3xy", 6, -2 },
		{ "a later one over the end", "\0\3\0\1x\0\11\0\1", 9, -2 },
	};
	struct packet packet;
	struct message message;
	const uint8_t *value;
	uint16_t length;

	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		int got;

		begin(&packet, 0x8400);
		add_edns(&packet, stories[i].options, stories[i].length);
		got = !parse(&packet, &message)                                     ? -2
			: message_edns_option(&message, EDNS_NSID, &value, &length) ? length
										    : -1;
		is_integer(got, stories[i].want, stories[i].name);
	}
	begin(&packet, 0x8400);
	ok(parse(&packet, &message) && !message_edns_option(&message, EDNS_NSID, &value, &length),
		"no EDNS at all");
}

static void test_iterating(void)
{
	struct packet packet;
	struct message message;
	struct record_cursor cursor;
	struct record record;
	enum message_section section;
	unsigned seen = 0;

	begin(&packet, 0x8400);
	add_question(&packet, ZONE, DNS_NS);
	add(&packet, MESSAGE_ANSWER, ZONE, DNS_NS, "\1a\300\14", 4);
	add(&packet, MESSAGE_ANSWER, ZONE, DNS_NS, "\1b\300\14", 4);
	add(&packet, MESSAGE_ADDITIONAL, (const uint8_t *)"\1a\7example\3com", DNS_A, "\300\0\2\1",
		4);
	ok(parse(&packet, &message), "three records");
	cursor = message_records(&message);
	while (message_next(&cursor, &record, &section)) {
		if (seen++ < 2)
			ok(section == MESSAGE_ANSWER && name_equal(record.owner, ZONE) &&
					record.type == DNS_NS && record.class == DNS_IN &&
					record.ttl == 300,
				"record %u", seen);
		else
			ok(section == MESSAGE_ADDITIONAL && record.type == DNS_A &&
					record.rdata_length == 4 &&
					packet.bytes[record.rdata] == 0300,
				"record %u", seen);
	}
	ok(seen == 3 && !cursor.failed && cursor.section == MESSAGE_END, "and no more");
	ok(!message_next(&cursor, &record, &section), "nor again");
	packet.bytes[7]++;
	ok(message_peek(packet.bytes, packet.out.length, &message), "one record less than counted");
	cursor = message_records(&message);
	for (seen = 0; message_next(&cursor, &record, &section); seen++)
		;
	ok(seen == 3 && cursor.failed, "fails behind the last");
	ok(!message_next(&cursor, &record, &section), "and stays failed");
}

/* `in` with its lengths; names may point to the question's example.com at 12. NULL: malformed. */
static const struct rdata_story {
	const char *name;
	uint16_t type;
	const char *in;
	size_t length;
	const char *out; /* hexadecimal */
} rdata_stories[] = {
	{ "A", 1, "\300\0\2\1", 4, "c0000201" },
	{ "A of 3 bytes", 1, "\300\0\2", 3, NULL },
	{ "A of 5 bytes", 1, "\300\0\2\1\0", 5, NULL },
	{ "A without rdata", 1, "", 0, NULL },
	{ "AAAA", 28, "0123456789abcdef", 16, "30313233343536373839616263646566" },
	{ "AAAA of 15 bytes", 28, "0123456789abcde", 15, NULL },
	{ "NS", 2, "\1A\300\14", 4, "0141076578616d706c6503636f6d00" },
	{ "NS and a byte more", 2, "\1A\300\14\0", 5, NULL },
	{ "NS whose name runs over the rdata's end", 2, "\7a", 2, NULL },
	{ "NS pointing to itself", 2, "\300\51", 2, NULL },
	{ "MX", 15, "\0\12\300\14", 4, "000a076578616d706c6503636f6d00" },
	{ "MX without a name", 15, "\0\12", 2, NULL },
	{ "MINFO", 14, "\300\14\300\14", 4,
		"076578616d706c6503636f6d00076578616d706c6503636f6d00" },
	{ "TXT of two strings", 16, "\1a\2bc", 5, "0161026263" },
	{ "TXT of an empty string", 16, "", 1, "00" },
	{ "TXT without strings", 16, "", 0, NULL },
	{ "TXT over the end", 16, "\3ab", 3, NULL },
	{ "HINFO", 13, "\1a\1b", 4, "01610162" },
	{ "HINFO of one string", 13, "\1a", 2, NULL },
	{ "SRV, compressed", 33, "\0\1\0\2\0\3\300\14", 8,
		"000100020003076578616d706c6503636f6d00" },
	{ "NAPTR, compressed", 35, "\0\1\0\2\1s\0\0\300\14", 10,
		"00010002017300"
		"00076578616d706c6503636f6d00" },
	{ "RRSIG, compressed signer", 46, "\0\6\15\2\0\0\1\54\0\0\0\1\0\0\0\2\0\3\300\14sig", 23,
		"00060d020000012c00000001000000020003076578616d706c6503636f6d00736967" },
	{ "NSEC, compressed", 47, "\300\14\0\1\100", 5, "076578616d706c6503636f6d00000140" },
	{ "NSEC3", 50, "\1\0\0\0\0\1h\0\1\100", 10, "01000000000168000140" },
	{ "NSEC3 whose salt runs over", 50, "\1\0\0\0\5a", 6, NULL },
	{ "A6 of prefix 0", 38,
		"\0"
		"0123456789abcdef",
		17, "0030313233343536373839616263646566" },
	{ "A6 of prefix 64", 38,
		"\100"
		"01234567\300\14",
		11, "403031323334353637076578616d706c6503636f6d00" },
	{ "A6 of prefix 128: a name only", 38, "\200\1a", 4, "80016100" },
	{ "A6 of prefix 129", 38, "\201\1a", 4, NULL },
	{ "EUI48", 108, "012345", 6, "303132333435" },
	{ "EUI64", 109, "01234567", 8, "3031323334353637" },
	{ "CAA", 257, "\0\5issueca", 9,
		"00056973737565"
		"6361" },
	{ "DS", 43, "\0\1\15\2x", 5, "00010d0278" },
	{ "DS cut", 43, "\0\1\15", 3, NULL },
	{ "an unknown type is copied", 65280, "\300\14", 2, "c00c" },
	{ "SVCB is copied", 64, "\0\1\300\14", 4, "0001c00c" },
};

static void test_rdata(void)
{
	struct packet packet;
	struct message message;
	struct record_cursor cursor;
	struct record record;
	enum message_section section;
	uint8_t out[MESSAGE_MOST];

	for (size_t i = 0; i < sizeof(rdata_stories) / sizeof(rdata_stories[0]); i++) {
		const struct rdata_story *story = &rdata_stories[i];
		size_t length;

		begin(&packet, 0x8400);
		add_question(&packet, ZONE, DNS_NS);
		add(&packet, MESSAGE_ANSWER, (const uint8_t *)"", story->type, story->in,
			story->length);
		/* bytes behind it that must not be read */
		add(&packet, MESSAGE_ADDITIONAL, (const uint8_t *)"", DNS_TXT, "\1x", 2);
		parse(&packet, &message);
		cursor = message_records(&message);
		message_next(&cursor, &record, &section);
		length = record_rdata(&message, &record, out, sizeof(out));
		if (!story->out) {
			is_integer((int64_t)length, 0, story->name);
			continue;
		}
		ok(bytes_are(out, length, story->out), "%s", story->name);
		ok(rdata_check(story->type, DNS_IN, out, (uint16_t)length), "  of its shape");
		is_integer((int64_t)record_rdata(&message, &record, out, length - 1), 0,
			"  too little room");
	}
}

static void test_rdata_check(void)
{
	ok(!rdata_check(DNS_NS, DNS_IN, (const uint8_t *)"\300\0", 2), "no pointers in full rdata");
	ok(!rdata_check(15, DNS_IN, (const uint8_t *)"\0\0\300\0", 4),
		"nor to where a name could be");
	ok(!rdata_check(DNS_A, DNS_IN, (const uint8_t *)"", 0), "an A is 4 bytes");
	ok(rdata_check(DNS_A, DNS_CH, (const uint8_t *)"\0\0\1", 3),
		"other classes have other shapes");
	ok(rdata_check(10, DNS_IN, (const uint8_t *)"", 0), "NULL may be empty");
}

static void test_rdata_too_long(void)
{
	static uint8_t bytes[MESSAGE_HEADER + 11 + MESSAGE_MOST] = "\0\0\0\0\0\0\0\0\0\0\0\0"
								   "\11longlabel\0\300\14";
	static uint8_t out[2 * MESSAGE_MOST];
	struct message message = { .bytes = bytes, .length = sizeof(bytes) };
	struct record record = {
		.type = DNS_NSEC,
		.class = DNS_IN,
		.rdata = MESSAGE_HEADER + 11,
		.rdata_length = MESSAGE_MOST - 11 + 2,
	};

	is_integer((int64_t)record_rdata(&message, &record, out, sizeof(out)), MESSAGE_MOST,
		"a name may grow rdata to 65,535 bytes");
	record.rdata_length++;
	is_integer((int64_t)record_rdata(&message, &record, out, sizeof(out)), 0, "and no further");
}

int main(void)
{
	test_questions();
	test_answers();
	test_parsing();
	test_misplaced();
	test_options();
	test_iterating();
	test_rdata();
	test_rdata_check();
	test_rdata_too_long();
	return done_testing();
}
