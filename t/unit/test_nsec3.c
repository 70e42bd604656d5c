/*
 * Hashed names against RFC 5155 appendix A; parameters that are cut off or of no use.
 */
#include <string.h>

#include "common/dns/name.h"
#include "common/dns/nsec3.h"
#include "t/unit/tap.h"

static const uint8_t rdata[] = "\1\0\0\x0c\4\xaa\xbb\xcc\xdd";

static void test_vectors(void)
{
	static const struct {
		const char *name, *hash;
	} stories[] = {
		{ "example", "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom" },
		{ "a.example", "35mthgpgcu1qg68fab165klnsnk3dpvl" },
		{ "NS1.Example", "2t7b4g4vsa5smi47k61mv5bv1a22bojr" },
		{ "*.w.example", "r53bq7cc2uvmubfu5ocmm6pers9tk9en" },
		{ "xx.example", "t644ebqk9bibcna874givr6joj62mlhv" },
	};
	struct nsec3_parameters parameters;

	ok(nsec3_parameters_read(rdata, sizeof(rdata) - 1, &parameters), "parameters");
	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		struct fault fault = { 0 };
		uint8_t name[NAME_WIRE], label[NSEC3_LABEL];

		name_from_text(stories[i].name, name, &fault);
		ok(nsec3_label(&parameters, name, label) && label[0] == NSEC3_LABEL - 1 &&
				!memcmp(label + 1, stories[i].hash, NSEC3_LABEL - 1),
			"%s", stories[i].name);
	}
}

static void test_parameters(void)
{
	static const uint8_t other_salt[] = "\1\1\0\x0c\4\xaa\xbb\xcc\xde",
			     optout[] = "\1\1\0\x0c\4\xaa\xbb\xcc\xdd", none[] = "\1\0\0\x0c\0",
			     unknown[] = "\2\0\0\0\0";
	struct nsec3_parameters parameters, other;
	uint8_t label[NSEC3_LABEL];

	for (size_t length = 0; length < sizeof(rdata) - 1; length++)
		ok(!nsec3_parameters_read(rdata, length, &other), "%zu bytes are too few", length);
	nsec3_parameters_read(rdata, sizeof(rdata) - 1, &parameters);
	nsec3_parameters_read(optout, sizeof(optout) - 1, &other);
	ok(nsec3_parameters_equal(&parameters, &other), "flags are no difference");
	nsec3_parameters_read(other_salt, sizeof(other_salt) - 1, &other);
	ok(!nsec3_parameters_equal(&parameters, &other), "a salt is");
	ok(nsec3_parameters_read(none, sizeof(none) - 1, &other) &&
			!nsec3_parameters_equal(&parameters, &other),
		"so is none");
	nsec3_parameters_read(unknown, sizeof(unknown) - 1, &other);
	ok(!nsec3_label(&other, (const uint8_t *)"", label), "an unknown algorithm hashes nothing");
}

int main(void)
{
	test_vectors();
	test_parameters();
	return done_testing();
}
