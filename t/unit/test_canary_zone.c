/* The serials of the canary zone: the time, and always newer than what was there. */
#include "common/checks/canary_zone.h"
#include "t/unit/tap.h"

enum { NOW = 1795324740, YESTERDAY = NOW - 86400, TOMORROW = NOW + 86400 };

static void test_next(void)
{
	static const struct {
		const char *name;
		bool has_last;
		uint32_t last;
		uint32_t served[2]; /* 0: nothing */
		uint32_t wanted;
	} stories[] = {
		{ "the first one", false, 0, { 0 }, NOW },
		{ "after yesterday's", true, YESTERDAY, { 0 }, NOW },
		{ "twice in a second", true, NOW, { 0 }, NOW + 1u },
		{ "the clock stepped back", true, TOMORROW, { 0 }, TOMORROW + 1u },
		{ "the state is lost, a secondary is not", false, 0, { YESTERDAY, TOMORROW },
			TOMORROW + 1u },
		{ "both are ahead", true, TOMORROW, { TOMORROW + 7u, NOW }, TOMORROW + 8u },
		{ "half the number space ahead (RFC 1982)", true, NOW + 0x80000000u, { 0 },
			NOW + 0x80000001u },
		{ "so far that it is behind", true, NOW + 0x80000001u, { 0 }, NOW },
	};

	for (size_t i = 0; i < sizeof(stories) / sizeof(*stories); i++) {
		struct canary_zone zone = { .has_last = stories[i].has_last,
			.last = stories[i].last };
		size_t count = 0;

		while (count < 2 && stories[i].served[count])
			count++;
		is_integer(canary_zone_next(&zone, NOW, stories[i].served, count),
			stories[i].wanted, stories[i].name);
	}
}

int main(void)
{
	test_next();
	return done_testing();
}
