#include "common/dns/tsig_algorithm.h"

#include <string.h>
#include <strings.h>

#include "common/dns/name.h"

#define NAME(wire) ((const uint8_t *)(wire))

static const struct tsig_algorithm algorithms[] = {
	{ "hmac-md5", NAME("\10hmac-md5\7sig-alg\3reg\3int"), EVP_md5 },
	{ "hmac-md5.sig-alg.reg.int", NAME("\10hmac-md5\7sig-alg\3reg\3int"), EVP_md5 },
	{ "hmac-sha1", NAME("\11hmac-sha1"), EVP_sha1 },
	{ "hmac-sha224", NAME("\13hmac-sha224"), EVP_sha224 },
	{ "hmac-sha256", NAME("\13hmac-sha256"), EVP_sha256 },
	{ "hmac-sha384", NAME("\13hmac-sha384"), EVP_sha384 },
	{ "hmac-sha512", NAME("\13hmac-sha512"), EVP_sha512 },
};
enum { ALGORITHMS = sizeof(algorithms) / sizeof(algorithms[0]) };

const struct tsig_algorithm *tsig_algorithm_by_name(const uint8_t *name)
{
	for (size_t i = 0; i < ALGORITHMS; i++) {
		if (name_equal(name, algorithms[i].name))
			return &algorithms[i];
	}
	return NULL;
}

const struct tsig_algorithm *tsig_algorithm_by_text(const char *text, size_t length)
{
	length -= length && text[length - 1] == '.';
	for (size_t i = 0; i < ALGORITHMS; i++) {
		if (strlen(algorithms[i].text) == length &&
			!strncasecmp(text, algorithms[i].text, length))
			return &algorithms[i];
	}
	return NULL;
}
