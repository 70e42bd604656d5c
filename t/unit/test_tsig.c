/* Signatures: known ones, round trips, what must be refused, streams, errors. */
#include <dlfcn.h>
#include <openssl/hmac.h>

#include "common/dns/tsig.h"
#include "common/dns/tsig_algorithm.h"
#include "t/unit/packet.h"
#include "t/unit/tap.h"

enum { NOW_S = 1700000000 };

static bool hmac_refuses;

/* In front of OpenSSL's, which refuses MD5 in FIPS mode. */
unsigned char *HMAC(const EVP_MD *digest, const void *key, int key_length,
	const unsigned char *data, size_t length, unsigned char *mac, unsigned *mac_length)
{
	unsigned char *(*real)(const EVP_MD *, const void *, int, const unsigned char *, size_t,
		unsigned char *, unsigned *);

	*(void **)&real = dlsym(RTLD_NEXT, "HMAC");
	return hmac_refuses ? NULL : real(digest, key, key_length, data, length, mac, mac_length);
}

static struct tsig_key make_key(const char *name, const char *algorithm)
{
	struct tsig_key key = { .secret = "0123456789abcdef", .secret_length = 16 };
	struct fault fault;

	name_from_text(name, key.name, &fault);
	name_from_text(algorithm, key.algorithm, &fault);
	return key;
}

static void begin_question(struct packet *packet)
{
	begin(packet, 0);
	add_question(packet, ZONE, DNS_SOA);
}

static void begin_answer(struct packet *packet, uint16_t rcode)
{
	begin(packet, (uint16_t)(0x8400 | rcode));
	add_question(packet, ZONE, DNS_SOA);
	add_soa(packet, MESSAGE_ANSWER, ZONE, 7);
}

static bool sign(struct tsig_chain *chain, struct packet *packet, uint64_t now_s, uint16_t error)
{
	return tsig_sign(chain, packet->bytes, &packet->out.length, sizeof(packet->bytes), now_s,
		error);
}

static enum tsig_result verify(struct tsig_chain *chain, struct packet *packet, uint64_t now_s,
	uint16_t *error)
{
	struct message message;

	return parse(packet, &message) ? tsig_verify(chain, &message, now_s, error)
				       : TSIG_MALFORMED;
}

static enum tsig_result verify_question(struct tsig_chain *chain, const struct tsig_key *key,
	struct packet *packet, uint64_t now_s)
{
	struct message message;

	return parse(packet, &message) ? tsig_verify_question(chain, key, 1, &message, now_s)
				       : TSIG_MALFORMED;
}

/* The same question, signed by Net::DNS 1.36 with the same key at the same time. */
static const struct {
	const char *algorithm, *mac;
} vectors[] = {
	{ "hmac-md5.sig-alg.reg.int", "c4354f6d9846af3a94f08b488d1f0eea" },
	{ "hmac-sha1", "562e84f26b9ecff81a7c013d2d6a8d407ebbc80a" },
	{ "hmac-sha224", "8db77e375f91ccc58616567e0951238d984120752911ad7b5e2efd78" },
	{ "hmac-sha256", "7caa89d45ac5dc020a4e13a0e6f6fed191ca84027edba12a71280eaef35de1a5" },
	{ "hmac-sha384",
		"c7079c5b2cb2c47d1967e0edfc2c1e0d0db7c175f6bc9bc6b4a809bc6edcde71c9ffdfba91a8bb37d5c09a9ff2c23cc0" },
	{ "hmac-sha512",
		"3bf00ac844071ae5e2fe3d09c83e442c5da9a2fb77622be9a687a5c0416a0bc0"
		"cc98dde8b8c6e1d529d25c0f4b77ee16e823ca28458c0ef4c442df8e8b19d8f8" },
};
enum { VECTORS = sizeof(vectors) / sizeof(vectors[0]) };

static void test_vectors(void)
{
	for (size_t i = 0; i < VECTORS; i++) {
		struct tsig_key key = make_key("key.example", vectors[i].algorithm);
		struct tsig_chain chain = { .key = &key };
		struct packet packet;
		char hex[2 * TSIG_DIGEST + 1];

		begin_question(&packet);
		packet.bytes[0] = 0x12;
		packet.bytes[1] = 0x67;
		sign(&chain, &packet, NOW_S, 0);
		for (size_t byte = 0; byte < chain.mac_length; byte++)
			sprintf(hex + 2 * byte, "%02x", chain.mac[byte]);
		is_string(hex, vectors[i].mac, vectors[i].algorithm);
		tsig_chain_free(&chain);
	}
}

/* Question and answer, both ways, in every algorithm. */
static void test_round_trips(void)
{
	for (size_t i = 0; i < VECTORS; i++) {
		struct tsig_key key = make_key("key.example", vectors[i].algorithm);
		struct tsig_chain client = { .key = &key }, server = { 0 };
		struct packet question, answer;
		uint16_t error;

		begin_question(&question);
		ok(sign(&client, &question, NOW_S, 0) && client.first, "%s: a signed question",
			vectors[i].algorithm);
		is_integer(verify_question(&server, &key, &question, NOW_S + 300), TSIG_GOOD,
			"  is good at the server");
		begin_answer(&answer, 0);
		ok(sign(&server, &answer, NOW_S, 0) && !server.first, "  a signed answer");
		is_integer(verify(&client, &answer, NOW_S - 300, &error), TSIG_GOOD,
			"  is good at the client");
		ok(!client.first && !error, "  which then expects timers only");
		tsig_chain_free(&client);
		tsig_chain_free(&server);
	}
}

/* An answer of the server to the client's question, signed. */
struct exchange {
	struct tsig_key key;
	struct tsig_chain client, server;
	struct packet question, answer;
};

static void exchange_questions(struct exchange *exchange)
{
	*exchange = (struct exchange){ .key = make_key("key.example", "hmac-sha256") };
	exchange->client.key = &exchange->key;
	begin_question(&exchange->question);
	sign(&exchange->client, &exchange->question, NOW_S, 0);
	verify_question(&exchange->server, &exchange->key, &exchange->question, NOW_S);
	begin_answer(&exchange->answer, 0);
}

static void exchange_free(struct exchange *exchange)
{
	tsig_chain_free(&exchange->client);
	tsig_chain_free(&exchange->server);
}

/* Every single bit of question and answer counts, but for the id, which forwarders may change (RFC
 * 8945 5.5). */
static void test_tampering(void)
{
	struct exchange exchange;
	unsigned accepted = 0;
	uint16_t error;

	exchange_questions(&exchange);
	sign(&exchange.server, &exchange.answer, NOW_S, 0);
	for (size_t bit = 16; bit < 8 * exchange.answer.out.length; bit++) {
		struct tsig_chain client = exchange.client;

		exchange.answer.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		/* The key's and the algorithm's name may change their case. */
		accepted += verify(&client, &exchange.answer, NOW_S, &error) == TSIG_GOOD &&
			bit % 8 != 5;
		exchange.answer.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	is_integer(accepted, 0, "no changed bit of an answer is accepted");
	exchange.answer.bytes[0] ^= 1;
	is_integer(verify(&exchange.client, &exchange.answer, NOW_S, &error), TSIG_GOOD,
		"a forwarder may change the id");
	accepted = 0;
	for (size_t bit = 16; bit < 8 * exchange.question.out.length; bit++) {
		exchange.question.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		accepted += verify_question(&exchange.server, &exchange.key, &exchange.question,
				    NOW_S) == TSIG_GOOD &&
			bit % 8 != 5;
		exchange.question.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	is_integer(accepted, 0, "nor of a question");
	exchange_free(&exchange);
}

static void test_refusals(void)
{
	struct exchange exchange;
	struct tsig_key other_name = make_key("other.example", "hmac-sha256");
	struct tsig_key other_algorithm = make_key("key.example", "hmac-sha1");
	struct tsig_key other_secret = make_key("KEY.example", "hmac-sha256");
	struct tsig_chain chain = { 0 };
	uint16_t error;

	other_secret.secret[0]++;
	exchange_questions(&exchange);
	is_integer(verify_question(&chain, &other_name, &exchange.question, NOW_S), TSIG_BAD_KEY,
		"a question with an unknown key");
	ok(!chain.key && name_equal(chain.name, exchange.key.name),
		"  whose name is kept for the answer");
	is_integer(verify_question(&chain, &other_algorithm, &exchange.question, NOW_S),
		TSIG_BAD_KEY, "a question with another algorithm");
	is_integer(verify_question(&chain, &other_secret, &exchange.question, NOW_S), TSIG_BAD_MAC,
		"a question with another secret, names in any case");
	is_integer(verify_question(&chain, &exchange.key, &exchange.question, NOW_S + 301),
		TSIG_BAD_TIME, "a question of 301 s ago");
	is_integer(verify_question(&chain, &exchange.key, &exchange.question, NOW_S - 301),
		TSIG_BAD_TIME, "a question of the future");
	sign(&exchange.server, &exchange.answer, NOW_S, 0);
	is_integer(verify(&exchange.client, &exchange.answer, NOW_S + 301, &error), TSIG_BAD_TIME,
		"an answer of 301 s ago");
	exchange.client.key = &other_name;
	is_integer(verify(&exchange.client, &exchange.answer, NOW_S, &error), TSIG_BAD_KEY,
		"an answer with another key");
	begin_question(&exchange.question);
	is_integer(verify_question(&chain, &exchange.key, &exchange.question, NOW_S), TSIG_UNSIGNED,
		"a question without signature");
	begin_answer(&exchange.answer, 0);
	exchange.client.first = true;
	is_integer(verify(&exchange.client, &exchange.answer, NOW_S, &error), TSIG_UNSIGNED,
		"an answer without signature");
	ok(!exchange.client.unsigned_count, "  which is not remembered, being the first");
	tsig_chain_free(&chain);
	exchange_free(&exchange);
}

/* A wrong answer's digest was computed over another question. */
static void test_answer_to_another_question(void)
{
	struct exchange exchange;
	uint16_t error;

	exchange_questions(&exchange);
	exchange.server.mac[5] ^= 1;
	sign(&exchange.server, &exchange.answer, NOW_S, 0);
	is_integer(verify(&exchange.client, &exchange.answer, NOW_S, &error), TSIG_BAD_MAC,
		"an answer to another question");
	exchange_free(&exchange);
}

/* A TSIG record by hand: the MAC of a good one cut to `mac_length`. */
static void test_truncation(void)
{
	static const struct {
		const char *algorithm;
		uint16_t mac_length;
		enum tsig_result want;
	} stories[] = {
		{ "hmac-sha256", 32, TSIG_GOOD },
		{ "hmac-sha256", 31, TSIG_GOOD },
		{ "hmac-sha256", 16, TSIG_GOOD },
		{ "hmac-sha256", 15, TSIG_MALFORMED },
		{ "hmac-sha256", 0, TSIG_MALFORMED },
		{ "hmac-sha256", 33, TSIG_MALFORMED },
		{ "hmac-md5.sig-alg.reg.int", 10, TSIG_GOOD },
		{ "hmac-md5.sig-alg.reg.int", 9, TSIG_MALFORMED },
		{ "hmac-sha1", 10, TSIG_GOOD },
		{ "hmac-sha1", 9, TSIG_MALFORMED },
		{ "hmac-sha512", 32, TSIG_GOOD },
		{ "hmac-sha512", 31, TSIG_MALFORMED },
	};

	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		struct tsig_key key = make_key("key.example", stories[i].algorithm);
		struct tsig_chain client = { .key = &key }, server = { 0 };
		struct packet packet;
		uint8_t rdata[256];
		struct wire_writer out = wire_write(rdata, sizeof(rdata));

		begin_question(&packet);
		sign(&client, &packet, NOW_S, 0);
		memset(client.mac + client.mac_length, 0, sizeof(client.mac) - client.mac_length);
		begin_question(&packet);
		wire_write_name(&out, key.algorithm);
		wire_write_u48(&out, NOW_S);
		wire_write_u16(&out, TSIG_FUDGE_S);
		wire_write_u16(&out, stories[i].mac_length);
		wire_write_bytes(&out, client.mac, stories[i].mac_length);
		wire_write_u16(&out, 4711);
		wire_write_u32(&out, 0);
		add_raw(&packet, MESSAGE_ADDITIONAL, key.name, DNS_TSIG, DNS_CLASS_ANY, 0, rdata,
			out.length);
		is_integer(verify_question(&server, &key, &packet, NOW_S), stories[i].want,
			stories[i].algorithm);
		printf("# a MAC of %u bytes\n", stories[i].mac_length);
		tsig_chain_free(&client);
		tsig_chain_free(&server);
	}
}

static void test_malformed(void)
{
	static const char good[] = "\13hmac-sha256\0\0\0\0\0\0\0\1\54\0\0\22\147\0\0\0\2xy";
	static const struct {
		const char *name;
		uint16_t class;
		uint32_t ttl;
		size_t length;
	} stories[] = {
		{ "class IN", DNS_IN, 0, sizeof(good) - 1 },
		{ "a TTL", DNS_CLASS_ANY, 1, sizeof(good) - 1 },
		{ "a byte too few", DNS_CLASS_ANY, 0, sizeof(good) - 2 },
		{ "a byte too many", DNS_CLASS_ANY, 0, sizeof(good) },
		{ "nothing", DNS_CLASS_ANY, 0, 0 },
	};
	struct exchange exchange;
	struct packet packet;
	uint16_t error;

	exchange_questions(&exchange);
	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		begin_answer(&packet, 0);
		add_raw(&packet, MESSAGE_ADDITIONAL, exchange.key.name, DNS_TSIG, stories[i].class,
			stories[i].ttl, good, stories[i].length);
		is_integer(verify(&exchange.client, &packet, NOW_S, &error), TSIG_MALFORMED,
			stories[i].name);
		is_integer(verify_question(&exchange.server, &exchange.key, &packet, NOW_S),
			TSIG_MALFORMED, "  at the server, too");
	}
	begin_answer(&packet, 0);
	add_raw(&packet, MESSAGE_ADDITIONAL, exchange.key.name, DNS_TSIG, DNS_CLASS_ANY, 0, good,
		sizeof(good) - 1);
	is_integer(verify(&exchange.client, &packet, NOW_S, &error), TSIG_MALFORMED,
		"a whole record without MAC or error");
	exchange_free(&exchange);
}

static void test_errors(void)
{
	struct exchange exchange;
	struct tsig_chain server = { 0 };
	struct tsig_key other = make_key("other.example", "hmac-sha256");
	uint16_t error;

	exchange_questions(&exchange);
	verify_question(&server, &other, &exchange.question, NOW_S);
	begin_answer(&exchange.answer, DNS_NOTAUTH);
	ok(sign(&server, &exchange.answer, NOW_S, DNS_BADKEY), "a server without our key says so");
	is_integer(verify(&exchange.client, &exchange.answer, NOW_S, &error), TSIG_ERROR,
		"  BADKEY arrives");
	is_integer(error, DNS_BADKEY, "  as that");
	begin_answer(&exchange.answer, DNS_NOTAUTH);
	ok(sign(&exchange.server, &exchange.answer, NOW_S, DNS_BADSIG), "BADSIG has no MAC either");
	is_integer(verify(&exchange.client, &exchange.answer, NOW_S, &error), TSIG_ERROR,
		"  and arrives");
	is_integer(error, DNS_BADSIG, "  as that");
	exchange_free(&exchange);
	tsig_chain_free(&server);
}

/* RFC 8945 5.2.3: signed, with our own time, so that it can be verified by a clock that is off. */
static void test_bad_time(void)
{
	struct exchange exchange;
	struct message message;
	uint16_t error;

	exchange_questions(&exchange);
	is_integer(verify_question(&exchange.server, &exchange.key, &exchange.question,
			   NOW_S + 86400),
		TSIG_BAD_TIME, "a server whose clock is a day ahead");
	begin_answer(&exchange.answer, DNS_NOTAUTH);
	ok(sign(&exchange.server, &exchange.answer, NOW_S + 86400, DNS_BADTIME), "  says so");
	is_integer(verify(&exchange.client, &exchange.answer, NOW_S, &error), TSIG_ERROR,
		"  BADTIME arrives");
	is_integer(error, DNS_BADTIME, "  as that");
	parse(&exchange.answer, &message);
	ok(!memcmp(message.bytes + message.length - 8, "\0\6\0\0\145\125\102\200", 8),
		"  with the server's time as other data");
	exchange_free(&exchange);
	exchange_questions(&exchange);
	verify_question(&exchange.server, &exchange.key, &exchange.question, NOW_S + 86400);
	begin_answer(&exchange.answer, DNS_NOTAUTH);
	sign(&exchange.server, &exchange.answer, NOW_S + 86400, DNS_BADTIME);
	exchange.answer.bytes[exchange.answer.out.length - 1] ^= 1;
	is_integer(verify(&exchange.client, &exchange.answer, NOW_S, &error), TSIG_BAD_MAC,
		"  which is signed, too");
	exchange_free(&exchange);
}

/* A server that leaves `unsigned_between` messages unsigned after the first. */
static void stream(struct exchange *exchange, unsigned unsigned_between, enum tsig_result *last)
{
	uint16_t error;

	exchange_questions(exchange);
	sign(&exchange->server, &exchange->answer, NOW_S, 0);
	*last = verify(&exchange->client, &exchange->answer, NOW_S, &error);
	for (unsigned i = 0; i < unsigned_between; i++) {
		begin_answer(&exchange->answer, 0);
		exchange->answer.bytes[13] = (uint8_t)('a' + i % 26);
		text_add_bytes(&exchange->server.unsigned_bytes, exchange->answer.bytes,
			exchange->answer.out.length);
		*last = verify(&exchange->client, &exchange->answer, NOW_S, &error);
	}
	begin_answer(&exchange->answer, 0);
	sign(&exchange->server, &exchange->answer, NOW_S + 1, 0);
}

static void test_streams(void)
{
	static const unsigned between[] = { 0, 1, 2, 99 };
	struct exchange exchange;
	enum tsig_result last;
	uint16_t error;

	for (size_t i = 0; i < sizeof(between) / sizeof(between[0]); i++) {
		stream(&exchange, between[i], &last);
		is_integer(last, between[i] ? TSIG_UNSIGNED : TSIG_GOOD, "a stream's messages");
		is_integer(exchange.client.unsigned_count, between[i],
			"  unsigned ones are counted");
		is_integer(verify(&exchange.client, &exchange.answer, NOW_S, &error), TSIG_GOOD,
			"  and the next signature holds for them");
		is_integer(exchange.client.unsigned_count, 0, "  and none is left");
		begin_answer(&exchange.answer, 0);
		sign(&exchange.server, &exchange.answer, NOW_S, 0);
		is_integer(verify(&exchange.client, &exchange.answer, NOW_S, &error), TSIG_GOOD,
			"  and goes on");
		exchange_free(&exchange);
	}
	stream(&exchange, 100, &last);
	is_integer(last, TSIG_BAD_MAC, "the hundredth unsigned message in a row is refused");
	exchange_free(&exchange);
	stream(&exchange, 2, &last);
	exchange.client.unsigned_bytes.bytes[13]++;
	is_integer(verify(&exchange.client, &exchange.answer, NOW_S, &error), TSIG_BAD_MAC,
		"a changed unsigned message is found by the next signature");
	exchange_free(&exchange);
	stream(&exchange, 0, &last);
	exchange.client.mac[0]++;
	is_integer(verify(&exchange.client, &exchange.answer, NOW_S, &error), TSIG_BAD_MAC,
		"a later message is bound to the one before");
	exchange_free(&exchange);
}

static void test_room(void)
{
	struct tsig_key key = make_key("key.example", "hmac-sha256");
	struct tsig_chain chain = { .key = &key };
	struct packet packet, before;
	size_t length, need;

	begin_question(&packet);
	length = packet.out.length;
	before = packet;
	sign(&chain, &packet, NOW_S, 0);
	need = packet.out.length;
	for (size_t capacity = length; capacity < need; capacity++) {
		packet = before;
		packet.out.length = length;
		if (tsig_sign(&chain, packet.bytes, &packet.out.length, capacity, NOW_S, 0) ||
			packet.out.length != length || memcmp(packet.bytes, before.bytes, length))
			ok(false, "%zu bytes are too few", capacity);
	}
	packet = before;
	packet.out.length = length;
	ok(tsig_sign(&chain, packet.bytes, &packet.out.length, need, NOW_S, 0),
		"room for a signature");
	tsig_chain_free(&chain);
}

/* The longest names there are, BADTIME besides. */
static void test_longest(void)
{
	struct tsig_key key = make_key("a", "hmac-sha512");
	struct tsig_chain client = { .key = &key }, server = { 0 };
	struct packet packet;
	size_t length;

	memset(key.name, 1, 254);
	key.name[254] = 0;
	begin_question(&packet);
	length = packet.out.length;
	ok(sign(&client, &packet, NOW_S, 0) && packet.out.length - length <= TSIG_ROOM,
		"a long key's signature");
	is_integer(verify_question(&server, &key, &packet, NOW_S), TSIG_GOOD, "  is good");
	memset(server.algorithm, 1, 254);
	memcpy(server.name, key.name, 255);
	server.algorithm[254] = 0;
	server.key = NULL;
	begin_answer(&packet, DNS_NOTAUTH);
	length = packet.out.length;
	ok(sign(&server, &packet, NOW_S, DNS_BADKEY) && packet.out.length - length <= TSIG_ROOM,
		"BADKEY about a long algorithm");
	tsig_chain_free(&client);
	tsig_chain_free(&server);
}

static void test_without_hmac(void)
{
	struct exchange exchange;
	struct packet before;
	uint16_t error;

	exchange_questions(&exchange);
	sign(&exchange.server, &exchange.answer, NOW_S, 0);
	hmac_refuses = true;
	is_integer(verify(&exchange.client, &exchange.answer, NOW_S, &error), TSIG_BAD_MAC,
		"what OpenSSL refuses to compute is not good");
	begin_question(&exchange.question);
	before = exchange.question;
	ok(!sign(&exchange.client, &exchange.question, NOW_S, 0), "nor can it be signed");
	ok(exchange.question.out.length == before.out.length &&
			!memcmp(exchange.question.bytes, before.bytes, before.out.length),
		"  and the message is as it was");
	hmac_refuses = false;
	exchange_free(&exchange);
	ok(!tsig_algorithm_by_name((const uint8_t *)"\1x"), "an unknown algorithm");
}

static void test_texts(void)
{
	is_string(tsig_error_text(0), "NOERROR", "error 0");
	is_string(tsig_error_text(16), "BADSIG", "error 16");
	is_string(tsig_error_text(17), "BADKEY", "error 17");
	is_string(tsig_error_text(18), "BADTIME", "error 18");
	is_string(tsig_error_text(22), "BADTRUNC", "error 22");
	is_string(tsig_error_text(19), "unknown TSIG error", "error 19");
}

int main(void)
{
	test_vectors();
	test_round_trips();
	test_tampering();
	test_refusals();
	test_answer_to_another_question();
	test_truncation();
	test_malformed();
	test_errors();
	test_bad_time();
	test_streams();
	test_room();
	test_longest();
	test_without_hmac();
	test_texts();
	return done_testing();
}
