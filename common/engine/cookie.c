#include "common/engine/cookie.h"

#include <string.h>

enum {
	LEAST_WHOLE = 16,
	MOST_WHOLE = 40,
	HASHED = 16, /* client part, version, reserved, time */
	ADDRESS_MOST = 16,
};

struct siphash {
	uint64_t v0, v1, v2, v3;
};

static uint64_t rotate(uint64_t value, unsigned bits)
{
	return value << bits | value >> (64 - bits);
}

static void sip_rounds(struct siphash *state, unsigned rounds)
{
	while (rounds--) {
		state->v0 += state->v1;
		state->v2 += state->v3;
		state->v1 = rotate(state->v1, 13) ^ state->v0;
		state->v3 = rotate(state->v3, 16) ^ state->v2;
		state->v0 = rotate(state->v0, 32);
		state->v2 += state->v1;
		state->v0 += state->v3;
		state->v1 = rotate(state->v1, 17) ^ state->v2;
		state->v3 = rotate(state->v3, 21) ^ state->v0;
		state->v2 = rotate(state->v2, 32);
	}
}

static uint64_t little_endian(const uint8_t *bytes, size_t count)
{
	uint64_t value = 0;

	while (count--)
		value = value << 8 | bytes[count];
	return value;
}

/* SipHash-2-4 (RFC 9018 4.4). */
static uint64_t siphash(const uint8_t key[COOKIE_SECRET], const uint8_t *bytes, size_t length)
{
	uint64_t k0 = little_endian(key, 8), k1 = little_endian(key + 8, 8);
	struct siphash state = { k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d,
		k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573 };
	size_t at = 0;

	for (; at <= length; at += 8) {
		size_t left = length - at < 8 ? length - at : 8;
		uint64_t word = little_endian(bytes + at, left);

		if (left < 8)
			word |= (uint64_t)length << 56;
		state.v3 ^= word;
		sip_rounds(&state, 2);
		state.v0 ^= word;
	}
	state.v2 ^= 0xff;
	sip_rounds(&state, 4);
	return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

bool cookie_length_good(size_t length)
{
	return length == COOKIE_CLIENT || (length >= LEAST_WHOLE && length <= MOST_WHOLE);
}

void cookie_make(const uint8_t secret[COOKIE_SECRET], const uint8_t client_part[COOKIE_CLIENT],
	const struct address *client, uint32_t now_s, uint8_t out[COOKIE_WHOLE])
{
	uint8_t hashed[HASHED + ADDRESS_MOST];
	size_t address = client->family == 4 ? 4 : ADDRESS_MOST;
	uint64_t hash;

	memcpy(hashed, client_part, COOKIE_CLIENT);
	memcpy(hashed + COOKIE_CLIENT, "\1\0\0\0", 4); /* version 1 */
	for (unsigned i = 0; i < 4; i++)
		hashed[COOKIE_CLIENT + 4 + i] = (uint8_t)(now_s >> (24 - 8 * i));
	memcpy(hashed + HASHED, client->bytes, address);
	hash = siphash(secret, hashed, HASHED + address);
	memcpy(out, hashed, HASHED);
	for (unsigned i = 0; i < 8; i++)
		out[HASHED + i] = (uint8_t)(hash >> 8 * i);
}
