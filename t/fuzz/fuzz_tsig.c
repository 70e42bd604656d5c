/*
 * Key files ('k' and the file), signed messages ('m' and the message), and streams of answers ('s'
 * and messages, each behind a byte that says whether it is signed, and its length in two bytes). A
 * message that parses and is not signed yet must be good once we signed it, and must not be good
 * without its question.
 */
#include <stdlib.h>
#include <string.h>

#include "common/dns/tsig.h"

enum { NOW_S = 1700000000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);

static void must(bool good)
{
	if (!good)
		abort();
}

static const char key_file[] =
	"key \"key.example\" { algorithm hmac-sha256; secret \"c2VjcmV0IQ==\"; };";

/* A file of several: each is read from where the last one ended. */
static void try_more_keys(const char *content, size_t length)
{
	struct tsig_key key;
	struct fault fault = { 0 };
	size_t at = 0, before;

	do {
		before = at;
		if (!tsig_key_parse_next(content, length, &at, &key, &fault)) {
			must(!strncmp(fault.text, "line ", 5) && at == before);
			return;
		}
		must(at > before && at <= length);
	} while (at < length);
}

static void try_key(const char *content, size_t length)
{
	struct tsig_key key;
	struct fault fault = { 0 };
	struct tsig_chain chain = { .key = &key };
	uint8_t message[MESSAGE_HEADER + TSIG_ROOM] = { 0 };
	size_t message_length = MESSAGE_HEADER;

	if (!tsig_key_parse(content, length, &key, &fault)) {
		must(!strncmp(fault.text, "line ", 5));
		return;
	}
	must(key.secret_length && key.secret_length <= TSIG_SECRET &&
		name_check(key.name, sizeof(key.name)));
	must(tsig_sign(&chain, message, &message_length, sizeof(message), NOW_S, 0));
	tsig_chain_free(&chain);
	try_more_keys(content, length);
}

/* `bytes` has room for a signature. */
static void sign_and_verify(const struct tsig_key *key, uint8_t *bytes, size_t length)
{
	struct tsig_chain client = { .key = key }, server = { 0 };
	struct message message;
	size_t capacity = length + TSIG_ROOM;
	bool question = !(bytes[2] & DNS_QR >> 8);
	uint16_t error;

	must(tsig_sign(&client, bytes, &length, capacity, NOW_S, 0));
	if (!message_parse(bytes, length, &message))
		return; /* over 65,535 records */
	if (question)
		must(tsig_verify_question(&server, key, 1, &message, NOW_S) == TSIG_GOOD);
	else
		must(tsig_verify_question(&server, key, 1, &message, NOW_S) == TSIG_BAD_MAC);
	client.mac[0]++; /* is computed over itself now, for a question; over another one, for an
	                    answer */
	must(tsig_verify(&client, &message, NOW_S, &error) == TSIG_BAD_MAC);
	tsig_chain_free(&client);
	tsig_chain_free(&server);
}

static void try_message(const uint8_t *data, size_t length)
{
	struct tsig_key key;
	struct fault fault;
	struct tsig_chain client = { .key = &key, .mac = { 1 }, .mac_length = 32, .first = true };
	struct tsig_chain server = { 0 };
	struct message message;
	uint8_t *copy;
	uint16_t error;

	if (!message_parse(data, length, &message))
		return;
	tsig_key_parse(key_file, sizeof(key_file) - 1, &key, &fault);
	must(tsig_verify(&client, &message, NOW_S, &error) != TSIG_GOOD);
	client.first = false;
	must(tsig_verify(&client, &message, NOW_S, &error) != TSIG_GOOD);
	tsig_verify_question(&server, &key, 1, &message, NOW_S);
	must((tsig_verify(&client, &message, NOW_S, &error) == TSIG_UNSIGNED) == !message.tsig);
	tsig_chain_free(&client);
	tsig_chain_free(&server);
	if (message.tsig)
		return;
	copy = malloc(length + TSIG_ROOM);
	must(copy);
	memcpy(copy, data, length);
	sign_and_verify(&key, copy, length);
	free(copy);
}

/* One answer of a stream, signed by the server or left for its next signature; false: the stream is
 * over. */
static bool try_answer(struct tsig_chain *client, struct tsig_chain *server, const uint8_t *data,
	size_t length, bool is_signed)
{
	uint8_t *bytes = malloc(length + TSIG_ROOM);
	struct message message;
	enum tsig_result result;
	uint16_t error;
	bool good, first = client->first;

	must(bytes);
	if (length)
		memcpy(bytes, data, length);
	good = length >= MESSAGE_HEADER && message_parse(bytes, length, &message) &&
		!message.tsig && message.flags & DNS_QR;
	if (good && is_signed) {
		must(tsig_sign(server, bytes, &length, length + TSIG_ROOM, NOW_S, 0));
		good = message_parse(bytes, length, &message); /* not with over 65,535 records */
	} else if (good) {
		text_add_bytes(&server->unsigned_bytes, bytes, length);
	}
	if (good) {
		result = tsig_verify(client, &message, NOW_S, &error);
		if (is_signed)
			must(result == TSIG_GOOD && !client->unsigned_count);
		else if (first)
			must(result == TSIG_UNSIGNED);
		must(client->unsigned_count <= TSIG_UNSIGNED_MOST);
		good = is_signed || (result == TSIG_UNSIGNED && !first);
	}
	free(bytes);
	return good;
}

/* What a server that has the key would have sent: good as long as its unsigned messages are not
 * touched and no hundred of them stand in a row (RFC 8945 5.3.1). */
static void try_stream(const uint8_t *data, size_t length)
{
	struct wire_reader reader = wire_read(data, length);
	struct tsig_key key;
	struct fault fault;
	struct tsig_chain client = { .key = &key }, server = { .key = &key };
	uint8_t question[MESSAGE_HEADER + TSIG_ROOM] = { 0 };
	size_t question_length = MESSAGE_HEADER;

	tsig_key_parse(key_file, sizeof(key_file) - 1, &key, &fault);
	must(tsig_sign(&client, question, &question_length, sizeof(question), NOW_S, 0));
	memcpy(server.mac, client.mac, client.mac_length);
	server.mac_length = client.mac_length;
	server.first = true;
	while (wire_left(&reader) > 3) {
		bool is_signed = wire_read_u8(&reader) & 1;
		size_t bytes = wire_read_u16(&reader);

		if (bytes > wire_left(&reader))
			bytes = wire_left(&reader);
		if (!try_answer(&client, &server, wire_read_bytes(&reader, bytes), bytes,
			    is_signed))
			break;
	}
	tsig_chain_free(&client);
	tsig_chain_free(&server);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
	if (length && data[0] == 's')
		try_stream(data + 1, length - 1);
	else if (length && data[0] == 'k')
		try_key((const char *)data + 1, length - 1);
	else if (length && data[0] == 'm')
		try_message(data + 1, length - 1);
	return 0;
}
