#include "common/dns/tsig.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <string.h>

#include "common/dns/tsig_algorithm.h"

enum {
	MAC_LEAST = 10 /* RFC 8945 5.2.2.1 */,
	UNSIGNED_COUNTS = 10 /* ARCOUNT's offset */
};

/* A TSIG record (RFC 8945 4.2); `mac` and `other` point into the message. */
struct signature {
	uint8_t name[NAME_WIRE], algorithm[NAME_WIRE];
	uint64_t time_s;
	uint16_t fudge_s, mac_length, original_id, error, other_length;
	const uint8_t *mac, *other;
};

static bool read_signature(const struct message *message, struct signature *signature)
{
	struct wire_reader reader = wire_read(message->bytes, message->length);
	uint16_t type, class, length;
	uint32_t ttl;

	reader.at = message->tsig;
	wire_read_name(&reader, signature->name);
	type = wire_read_u16(&reader);
	class = wire_read_u16(&reader);
	ttl = wire_read_u32(&reader);
	length = wire_read_u16(&reader);
	if (type != DNS_TSIG || class != DNS_CLASS_ANY || ttl || length != wire_left(&reader))
		return false;
	wire_read_name(&reader, signature->algorithm);
	signature->time_s = wire_read_u48(&reader);
	signature->fudge_s = wire_read_u16(&reader);
	signature->mac_length = wire_read_u16(&reader);
	signature->mac = wire_read_bytes(&reader, signature->mac_length);
	signature->original_id = wire_read_u16(&reader);
	signature->error = wire_read_u16(&reader);
	signature->other_length = wire_read_u16(&reader);
	signature->other = wire_read_bytes(&reader, signature->other_length);
	return !reader.failed && !wire_left(&reader);
}

static void write_signature(struct wire_writer *out, const struct signature *signature)
{
	size_t length_at;

	wire_write_name(out, signature->name);
	wire_write_u16(out, DNS_TSIG);
	wire_write_u16(out, DNS_CLASS_ANY);
	wire_write_u32(out, 0);
	length_at = out->length;
	wire_write_u16(out, 0);
	wire_write_name(out, signature->algorithm);
	wire_write_u48(out, signature->time_s);
	wire_write_u16(out, signature->fudge_s);
	wire_write_u16(out, signature->mac_length);
	wire_write_bytes(out, signature->mac, signature->mac_length);
	wire_write_u16(out, signature->original_id);
	wire_write_u16(out, signature->error);
	wire_write_u16(out, signature->other_length);
	wire_write_bytes(out, signature->other, signature->other_length);
	wire_patch_u16(out, length_at, (uint16_t)(out->length - length_at - 2));
}

/* RFC 8945 4.3.3: the variables, or in later messages of a stream (5.3.1) the timers only. */
static void add_variables(struct text *data, const struct signature *signature, bool timers_only)
{
	uint8_t bytes[TSIG_ROOM];
	struct wire_writer out = wire_write(bytes, sizeof(bytes));
	uint8_t name[NAME_WIRE], algorithm[NAME_WIRE];

	memcpy(name, signature->name, name_length(signature->name));
	memcpy(algorithm, signature->algorithm, name_length(signature->algorithm));
	name_lower(name);
	name_lower(algorithm);
	if (!timers_only) {
		wire_write_name(&out, name);
		wire_write_u16(&out, DNS_CLASS_ANY);
		wire_write_u32(&out, 0);
		wire_write_name(&out, algorithm);
	}
	wire_write_u48(&out, signature->time_s);
	wire_write_u16(&out, signature->fudge_s);
	if (!timers_only) {
		wire_write_u16(&out, signature->error);
		wire_write_u16(&out, signature->other_length);
	}
	text_add_bytes(data, bytes, out.length);
	if (!timers_only)
		text_add_bytes(data, signature->other, signature->other_length);
}

/* The message as it was before it was signed (RFC 8945 4.3.2): the id that the signer saw, and no
 * TSIG record. */
static void add_message(struct text *data, const uint8_t *bytes, size_t length,
	uint16_t original_id, uint16_t additional)
{
	uint8_t header[MESSAGE_HEADER];
	struct wire_writer out = wire_write(header, sizeof(header));

	wire_write_bytes(&out, bytes, MESSAGE_HEADER);
	wire_patch_u16(&out, 0, original_id);
	wire_patch_u16(&out, UNSIGNED_COUNTS, additional);
	text_add_bytes(data, header, sizeof(header));
	text_add_bytes(data, bytes + MESSAGE_HEADER, length - MESSAGE_HEADER);
}

/* What goes before the message: an answer's digest begins with the question's MAC, or the message's
 * before it. */
static void add_prior(struct text *data, const struct tsig_chain *chain)
{
	uint8_t length[2] = { 0, (uint8_t)chain->mac_length };

	text_add_bytes(data, length, sizeof(length));
	text_add_bytes(data, chain->mac, chain->mac_length);
	text_add_bytes(data, text_string(&chain->unsigned_bytes), chain->unsigned_bytes.length);
}

/* The MAC's length, or 0. */
static size_t compute_mac(const struct tsig_key *key, const struct text *data,
	uint8_t mac[TSIG_DIGEST])
{
	const struct tsig_algorithm *algorithm = tsig_algorithm_by_name(key->algorithm);
	unsigned length = 0;

	assert(algorithm);
	if (!HMAC(algorithm->digest(), key->secret, (int)key->secret_length,
		    (const uint8_t *)data->bytes, data->length, mac, &length))
		return 0;
	return length;
}

static void forget_unsigned(struct tsig_chain *chain)
{
	text_cut(&chain->unsigned_bytes, 0);
	chain->unsigned_count = 0;
}

static void advance(struct tsig_chain *chain, const uint8_t *mac, size_t length, bool first)
{
	memcpy(chain->mac, mac, length);
	chain->mac_length = length;
	chain->first = first;
	forget_unsigned(chain);
}

/* RFC 8945 5.3.2: who can't be sure of the key signs nothing. */
static bool has_mac(uint16_t error)
{
	return error != DNS_BADKEY && error != DNS_BADSIG;
}

/* `mac` is room for what the signature points to. */
static bool make_mac(struct tsig_chain *chain, const uint8_t *bytes, size_t length,
	struct signature *signature, uint8_t mac[TSIG_DIGEST])
{
	struct wire_reader header = wire_read(bytes, length);
	struct text data = { 0 };
	bool answer;

	wire_skip(&header, 2);
	answer = wire_read_u16(&header) & DNS_QR;
	header.at = UNSIGNED_COUNTS;
	if (answer)
		add_prior(&data, chain);
	add_message(&data, bytes, length, signature->original_id, wire_read_u16(&header));
	add_variables(&data, signature, answer && !chain->first);
	signature->mac = mac;
	signature->mac_length = (uint16_t)compute_mac(chain->key, &data, mac);
	text_free(&data);
	return signature->mac_length;
}

static void name_signer(const struct tsig_chain *chain, struct signature *signature)
{
	const uint8_t *name = chain->key ? chain->key->name : chain->name;
	const uint8_t *algorithm = chain->key ? chain->key->algorithm : chain->algorithm;

	memcpy(signature->name, name, name_length(name));
	memcpy(signature->algorithm, algorithm, name_length(algorithm));
}

/* Appends the record; the message's length with it, or 0 where it does not fit. */
static size_t append_signature(uint8_t *bytes, size_t length, size_t capacity,
	const struct signature *signature)
{
	struct wire_writer out = wire_write(bytes, capacity);
	struct wire_reader header = wire_read(bytes, length);

	out.length = length;
	write_signature(&out, signature);
	header.at = UNSIGNED_COUNTS;
	if (out.failed)
		return 0;
	wire_patch_u16(&out, UNSIGNED_COUNTS, (uint16_t)(wire_read_u16(&header) + 1));
	return out.length;
}

bool tsig_sign(struct tsig_chain *chain, uint8_t *bytes, size_t *length, size_t capacity,
	uint64_t now_s, uint16_t error)
{
	struct signature signature = { .time_s = now_s, .fudge_s = TSIG_FUDGE_S, .error = error };
	uint8_t mac[TSIG_DIGEST], server_time[6];
	struct wire_writer other = wire_write(server_time, sizeof(server_time));
	bool question = !(bytes[2] & DNS_QR >> 8);
	size_t signed_length;

	assert(*length >= MESSAGE_HEADER && *length <= capacity && (chain->key || !has_mac(error)));
	name_signer(chain, &signature);
	signature.original_id = wire_u16(bytes);
	if (error == DNS_BADTIME) {
		wire_write_u48(&other, now_s);
		signature.time_s = chain->request_time_s;
		signature.other = server_time;
		signature.other_length = sizeof(server_time);
	}
	if (has_mac(error) && !make_mac(chain, bytes, *length, &signature, mac))
		return false;
	signed_length = append_signature(bytes, *length, capacity, &signature);
	if (!signed_length)
		return false;
	*length = signed_length;
	if (has_mac(error))
		advance(chain, mac, signature.mac_length, question);
	return true;
}

static bool time_fits(const struct signature *signature, uint64_t now_s)
{
	uint64_t apart_s =
		now_s > signature->time_s ? now_s - signature->time_s : signature->time_s - now_s;

	return apart_s <= signature->fudge_s;
}

/* `data` is what stands before the message. */
static enum tsig_result check_mac(const struct tsig_key *key, struct text *data,
	const struct message *message, const struct signature *signature, bool timers_only)
{
	uint8_t mac[TSIG_DIGEST];
	size_t length;

	add_message(data, message->bytes, message->tsig, signature->original_id,
		(uint16_t)(message->counts[MESSAGE_ADDITIONAL] - 1));
	add_variables(data, signature, timers_only);
	length = compute_mac(key, data, mac);
	if (!length)
		return TSIG_BAD_MAC;
	if (signature->mac_length > length || signature->mac_length < MAC_LEAST ||
		signature->mac_length < length / 2)
		return TSIG_MALFORMED;
	return CRYPTO_memcmp(mac, signature->mac, signature->mac_length) ? TSIG_BAD_MAC : TSIG_GOOD;
}

static enum tsig_result remember_unsigned(struct tsig_chain *chain, const struct message *message)
{
	if (chain->first)
		return TSIG_UNSIGNED;
	if (chain->unsigned_count >= TSIG_UNSIGNED_MOST)
		return TSIG_BAD_MAC;
	chain->unsigned_count++;
	text_add_bytes(&chain->unsigned_bytes, message->bytes, message->length);
	return TSIG_UNSIGNED;
}

static bool is_signed_by(const struct signature *signature, const struct tsig_key *key)
{
	return name_equal(signature->name, key->name) &&
		name_equal(signature->algorithm, key->algorithm);
}

enum tsig_result tsig_verify(struct tsig_chain *chain, const struct message *message,
	uint64_t now_s, uint16_t *error)
{
	struct signature signature;
	struct text data = { 0 };
	enum tsig_result result;

	*error = 0;
	if (!message->tsig)
		return remember_unsigned(chain, message);
	if (!read_signature(message, &signature))
		return TSIG_MALFORMED;
	if (!is_signed_by(&signature, chain->key))
		return TSIG_BAD_KEY;
	if (signature.error && !signature.mac_length) {
		*error = signature.error;
		return TSIG_ERROR;
	}
	add_prior(&data, chain);
	result = check_mac(chain->key, &data, message, &signature, !chain->first);
	text_free(&data);
	if (result != TSIG_GOOD)
		return result;
	advance(chain, signature.mac, signature.mac_length, false);
	*error = signature.error;
	if (signature.error)
		return TSIG_ERROR;
	return time_fits(&signature, now_s) ? TSIG_GOOD : TSIG_BAD_TIME;
}

static void start_chain(struct tsig_chain *chain, const struct signature *signature)
{
	memcpy(chain->name, signature->name, name_length(signature->name));
	memcpy(chain->algorithm, signature->algorithm, name_length(signature->algorithm));
	chain->request_time_s = signature->time_s;
}

enum tsig_result tsig_verify_question(struct tsig_chain *chain, const struct tsig_key *keys,
	size_t key_count, const struct message *message, uint64_t now_s)
{
	struct signature signature;
	struct text data = { 0 };
	enum tsig_result result;

	tsig_chain_free(chain);
	if (!message->tsig)
		return TSIG_UNSIGNED;
	if (!read_signature(message, &signature))
		return TSIG_MALFORMED;
	start_chain(chain, &signature);
	for (size_t i = 0; i < key_count && !chain->key; i++)
		chain->key = is_signed_by(&signature, &keys[i]) ? &keys[i] : NULL;
	if (!chain->key)
		return TSIG_BAD_KEY;
	result = check_mac(chain->key, &data, message, &signature, false);
	text_free(&data);
	if (result != TSIG_GOOD)
		return result;
	advance(chain, signature.mac, signature.mac_length, true);
	return time_fits(&signature, now_s) ? TSIG_GOOD : TSIG_BAD_TIME;
}

void tsig_chain_free(struct tsig_chain *chain)
{
	text_free(&chain->unsigned_bytes);
	*chain = (struct tsig_chain){ 0 };
}

const char *tsig_error_text(uint16_t error)
{
	switch (error) {
	case 0:
		return "NOERROR";
	case DNS_BADSIG:
		return "BADSIG";
	case DNS_BADKEY:
		return "BADKEY";
	case DNS_BADTIME:
		return "BADTIME";
	case DNS_BADTRUNC:
		return "BADTRUNC";
	}
	return "unknown TSIG error";
}
