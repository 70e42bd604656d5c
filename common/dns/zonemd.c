#include "common/dns/zonemd.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "common/base/arena.h"

enum { SCHEME_SIMPLE = 1, HASH_SHA384 = 1, HASH_SHA512 = 2, HEAD = 4 + 1 + 1 };

/* One ZONEMD record (RFC 8976 2.2). */
struct claim {
	uint32_t serial;
	uint8_t scheme, hash;
	const uint8_t *digest;
	size_t length;
};

static const EVP_MD *algorithm_of(uint8_t hash)
{
	switch (hash) {
	case HASH_SHA384:
		return EVP_sha384();
	case HASH_SHA512:
		return EVP_sha512();
	}
	return NULL;
}

const char *zonemd_hash_text(uint8_t hash, char out[32])
{
	if (hash == HASH_SHA384)
		return "SHA-384";
	if (hash == HASH_SHA512)
		return "SHA-512";
	snprintf(out, 32, "hash algorithm %u", hash);
	return out;
}

static bool is_apex(const struct canonical_parts *parts, const uint8_t *apex)
{
	return name_equal(parts->owner, apex);
}

static uint16_t covered_type(const struct canonical_parts *signature)
{
	struct wire_reader reader = wire_read(signature->rdata, signature->rdata_length);

	return wire_read_u16(&reader);
}

/* RFC 8976 3.3.1: neither the digests nor their signatures are part of what is digested. */
static bool is_digested(const struct canonical_parts *parts, const uint8_t *apex)
{
	if (parts->type == DNS_RRSIG)
		return covered_type(parts) != DNS_ZONEMD || !is_apex(parts, apex);
	return parts->type != DNS_ZONEMD || !is_apex(parts, apex);
}

static bool same_record(const struct canonical_parts *a, const struct canonical_parts *b)
{
	return a->type == b->type && a->rdata_length == b->rdata_length &&
		name_equal(a->owner, b->owner) && !memcmp(a->rdata, b->rdata, a->rdata_length);
}

/* RFC 4034 6.2: owner, type, class, TTL, RDLENGTH, rdata. */
static void digest_record(EVP_MD_CTX *context, const struct canonical_parts *parts)
{
	size_t head = (size_t)(parts->rdata - parts->owner);
	uint8_t length[2] = { (uint8_t)(parts->rdata_length >> 8), (uint8_t)parts->rdata_length };

	EVP_DigestUpdate(context, parts->owner, head);
	EVP_DigestUpdate(context, length, sizeof(length));
	EVP_DigestUpdate(context, parts->rdata, parts->rdata_length);
}

static unsigned digest_zone(const struct record_pile *zone, const uint8_t *apex,
	const EVP_MD *algorithm, uint8_t digest[EVP_MAX_MD_SIZE])
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	struct canonical_parts last = { 0 };
	unsigned length = 0;

	if (!context || !EVP_DigestInit_ex(context, algorithm, NULL))
		out_of_memory();
	for (size_t i = 0; i < zone->count; i++) {
		struct canonical_parts parts = record_pile_get(zone, i);

		if (is_digested(&parts, apex) && !(last.owner && same_record(&last, &parts)))
			digest_record(context, &parts);
		last = parts;
	}
	EVP_DigestFinal_ex(context, digest, &length);
	EVP_MD_CTX_free(context);
	return length;
}

static bool read_claim(const struct record_pile *zone, size_t index, const uint8_t *apex,
	struct claim *claim)
{
	struct canonical_parts parts = record_pile_get(zone, index);
	struct wire_reader reader = wire_read(parts.rdata, parts.rdata_length);

	if (parts.type != DNS_ZONEMD || !is_apex(&parts, apex) || parts.rdata_length < HEAD)
		return false;
	claim->serial = wire_read_u32(&reader);
	claim->scheme = wire_read_u8(&reader);
	claim->hash = wire_read_u8(&reader);
	claim->digest = parts.rdata + HEAD;
	claim->length = parts.rdata_length - HEAD;
	return true;
}

static bool is_repeated(const struct record_pile *zone, const uint8_t *apex,
	const struct claim *claim)
{
	unsigned same = 0;
	struct claim other;

	for (size_t i = 0; i < zone->count; i++)
		same += read_claim(zone, i, apex, &other) && other.scheme == claim->scheme &&
			other.hash == claim->hash;
	return same > 1;
}

static enum zonemd_result judge_claim(const struct record_pile *zone, const uint8_t *apex,
	uint32_t serial, const struct claim *claim)
{
	const EVP_MD *algorithm = algorithm_of(claim->hash);
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned length;

	if (claim->scheme != SCHEME_SIMPLE || !algorithm)
		return ZONEMD_UNSUPPORTED;
	if (is_repeated(zone, apex, claim))
		return ZONEMD_REPEATED;
	if (claim->serial != serial)
		return ZONEMD_OLD;
	length = digest_zone(zone, apex, algorithm, digest);
	return claim->length == length && !memcmp(claim->digest, digest, length) ? ZONEMD_GOOD
										 : ZONEMD_DIFFERS;
}

struct zonemd_verdict zonemd_verify(const struct record_pile *zone, const uint8_t *apex,
	uint32_t serial)
{
	struct zonemd_verdict verdict = { .result = ZONEMD_MISSING };
	struct claim claim;
	unsigned records = 0;

	for (size_t i = 0; i < zone->count; i++) {
		enum zonemd_result result;

		if (!read_claim(zone, i, apex, &claim))
			continue;
		records++;
		if (verdict.result == ZONEMD_GOOD)
			continue;
		result = judge_claim(zone, apex, serial, &claim);
		if (result > verdict.result || result == ZONEMD_GOOD)
			verdict = (struct zonemd_verdict){ .result = result,
				.serial = claim.serial,
				.scheme = claim.scheme,
				.hash = claim.hash };
	}
	verdict.records = records;
	return verdict;
}
