#include "common/dns/nsec3.h"

#include <openssl/evp.h>
#include <string.h>

#include "common/dns/name.h"
#include "common/dns/wire.h"

enum { SHA1_ALGORITHM = 1, SHA1_BYTES = 20, SALT_MOST = 255 };

bool nsec3_parameters_read(const uint8_t *rdata, size_t length, struct nsec3_parameters *parameters)
{
	struct wire_reader reader = wire_read(rdata, length);

	parameters->algorithm = wire_read_u8(&reader);
	parameters->flags = wire_read_u8(&reader);
	parameters->iterations = wire_read_u16(&reader);
	parameters->salt_length = wire_read_u8(&reader);
	parameters->salt = wire_read_bytes(&reader, parameters->salt_length);
	return !reader.failed;
}

bool nsec3_parameters_equal(const struct nsec3_parameters *a, const struct nsec3_parameters *b)
{
	return a->algorithm == b->algorithm && a->iterations == b->iterations &&
		a->salt_length == b->salt_length && !memcmp(a->salt, b->salt, a->salt_length);
}

/* RFC 4648 7, of 20 bytes: eight letters for every five, and nothing left over. */
static void base32hex(const uint8_t *bytes, uint8_t *out)
{
	static const char digits[] = "0123456789abcdefghijklmnopqrstuv";

	for (unsigned group = 0; group < SHA1_BYTES / 5; group++) {
		uint64_t value = 0;

		for (unsigned i = 0; i < 5; i++)
			value = value << 8 | bytes[5 * group + i];
		for (unsigned i = 8; i--; value >>= 5)
			out[8 * group + i] = (uint8_t)digits[value & 31];
	}
}

bool nsec3_label(const struct nsec3_parameters *parameters, const uint8_t *name,
	uint8_t label[NSEC3_LABEL])
{
	uint8_t bytes[NAME_WIRE + SALT_MOST], hash[EVP_MAX_MD_SIZE];
	size_t length = name_length(name);

	if (parameters->algorithm != SHA1_ALGORITHM)
		return false;
	memcpy(bytes, name, length);
	name_lower(bytes);
	for (unsigned round = 0; round <= parameters->iterations; round++) {
		memcpy(bytes + length, parameters->salt, parameters->salt_length);
		if (!EVP_Digest(bytes, length + parameters->salt_length, hash, NULL, EVP_sha1(),
			    NULL))
			return false; /* no SHA-1 here */
		length = SHA1_BYTES;
		memcpy(bytes, hash, length);
	}
	label[0] = NSEC3_LABEL - 1;
	base32hex(hash, label + 1);
	return true;
}
