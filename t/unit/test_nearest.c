/* "Did you mean ...?": distances, and what is near enough. */
#include <limits.h>

#include "common/base/nearest.h"
#include "t/unit/tap.h"

static void distances(void)
{
	static const struct {
		const char *a, *b;
		unsigned distance;
	} table[] = {
		{ "", "", 0 },
		{ "zone", "zone", 0 },
		{ "", "zone", 4 },
		{ "zone", "zones", 1 },
		{ "zone", "one", 1 },
		{ "zone", "zine", 1 },
		{ "zone", "zoen", 1 },
		{ "kitten", "sitting", 3 },
		{ "abcd", "badc", 2 },
		{ "ca", "abc", 3 },
		{ "0123456789012345678901234567890123456789012345678901234567890123", "0",
			UINT_MAX },
		{ "012345678901234567890123456789012345678901234567890123456789012", "0", 62 },
	};
	size_t at;

	for (at = 0; at < sizeof(table) / sizeof(*table); at++) {
		is_integer(word_distance(table[at].a, table[at].b), table[at].distance,
			table[at].b);
		is_integer(word_distance(table[at].b, table[at].a), table[at].distance,
			"... and the other way");
	}
}

static void suggestions(void)
{
	static const char *const known[] = { "hostname", "zone", "zones-file", "timeout", "tcp",
		"quorum" };
	static const struct {
		const char *word, *best;
	} table[] = { { "hostnam", "hostname" }, { "host-name", "hostname" }, { "zon", "zone" },
		{ "zonesfile", "zones-file" }, { "tiemout", "timeout" }, { "udp", NULL },
		{ "", NULL }, { "quarum", "quorum" }, { "something-else", NULL }, { "x", NULL } };
	size_t at, candidate;

	for (at = 0; at < sizeof(table) / sizeof(*table); at++) {
		struct nearest nearest = { .word = table[at].word };

		for (candidate = 0; candidate < sizeof(known) / sizeof(*known); candidate++)
			nearest_try(&nearest, known[candidate]);
		is_string(nearest.best, table[at].best,
			table[at].best ? table[at].best : "nothing is near");
	}
}

int main(void)
{
	distances();
	suggestions();
	return done_testing();
}
