/* Letters (t/unit/letter.h) with what the API of PowerDNS servers says. */
#ifndef T_UNIT_API_LETTER_H
#define T_UNIT_API_LETTER_H

#include "t/unit/letter.h"

#define SET(NAME, VALUE)                                                                           \
	{                                                                                          \
		PDNS_##NAME, VALUE                                                                 \
	}
#define SAYS_PRIMARY                                                                               \
	SET(PRIMARY, "yes"), SET(ALLOW_AXFR_IPS, "192.0.2.2,192.0.2.3"),                           \
		SET(XFR_CYCLE_INTERVAL, "60")
#define SAYS_SECONDARY                                                                             \
	SET(SECONDARY, "yes"), SET(AUTOSECONDARY, "yes"), SET(ALLOW_NOTIFY_FROM, "0.0.0.0/0,::/0")
#define MASTER(N)                                                                                  \
	{                                                                                          \
		{                                                                                  \
			PDNS_MASTER, (N), (N), (N), 0, NULL, NULL                                  \
		}                                                                                  \
	}
#define SLAVE(N)                                                                                   \
	{                                                                                          \
		{                                                                                  \
			PDNS_SLAVE, (N), (N), 0, 600, "192.0.2.1", NULL                            \
		}                                                                                  \
	}
#define STALE .pairs = { PRIMARY(9), BEHIND(7) }, AN_HOUR, .ns_names = { 1, 2 }
#define GONE  .pairs = { PRIMARY(9), { 2, L, ABSENT, PDNS } }, .ns_names = { 1, 2 }
#define ALL_RIGHT                                                                                  \
	{                                                                                          \
		.host = 1, .settings = { SAYS_PRIMARY }, .zones = MASTER(9), .detail = {           \
			.is_asked = true                                                           \
		}                                                                                  \
	}
#define FOLLOWER .host = 2, .settings = { SAYS_SECONDARY }

/* As struct letter, and what the API said. */
struct api_letter {
	const char *name;
	struct story story;
	int host;
	const char *why, *evidence, *advice;
	struct said said[SAID_MOST];
};

static void api_letter_all(const struct api_letter *letters, size_t count)
{
	unsigned raised = 0;

	for (size_t i = 0; i < count; i++) {
		const struct api_letter *each = &letters[i];
		struct letter letter = { each->name, each->story, each->host, each->why,
			each->evidence, each->advice };

		letter_tell(&letter, each->said);
		raised += letter_raises(&letter, each->said);
	}
	is_integer(raised, 0, "what the API says raises no state");
}

#endif
