/*
 * Stories of what APIs said, and what check_pdns_replication makes of it: for t/unit/test_api*.c.
 */
#ifndef T_UNIT_API_STORY_H
#define T_UNIT_API_STORY_H

#include "t/unit/pdns_story.h"

#define SET(NAME, VALUE)                                                                           \
	{                                                                                          \
		PDNS_##NAME, VALUE                                                                 \
	}
#define ACL              "192.0.2.2,192.0.2.3"
#define PRIMARY_SETTINGS SET(PRIMARY, "yes"), SET(SECONDARY, "no"), SET(ALLOW_AXFR_IPS, ACL)
#define SECONDARY_SETTINGS                                                                         \
	SET(PRIMARY, "no"), SET(SECONDARY, "yes"), SET(ALLOW_NOTIFY_FROM, "0.0.0.0/0,::/0"),       \
		SET(ALLOW_UNSIGNED_NOTIFY, "yes")
#define MASTER(N)                                                                                  \
	{                                                                                          \
		PDNS_MASTER, (N), (N), (N), 0, NULL, NULL                                          \
	}
#define NATIVE(N)                                                                                  \
	{                                                                                          \
		PDNS_NATIVE, (N), (N), 0, 0, NULL, NULL                                            \
	}
#define SLAVE(N)                                                                                   \
	{                                                                                          \
		PDNS_SLAVE, (N), (N), 0, 60, "192.0.2.1", NULL                                     \
	}
#define DETAIL(...)                                                                                \
	{                                                                                          \
		.is_asked = true, __VA_ARGS__                                                      \
	}
#define PRIMARY(...)   .host = 1, .settings = { PRIMARY_SETTINGS }, __VA_ARGS__
#define SECONDARY(...) .host = 2, .settings = { SECONDARY_SETTINGS }, __VA_ARGS__

struct api_story {
	const char *name;
	struct said said[SAID_MOST];
	const char *expected;
	const char *text, *advice; /* somewhere in those of the first finding; NULL */
	int64_t seen_s;            /* how long ago serial 9 of the primary was first seen */
	bool seen_first;           /* and no other before */
	int64_t empty_s;  /* how long ago zone 0 was first seen without contents on host 2 */
	bool empty_first; /* and that was the first run */
	uint32_t zones;   /* 0: one */
	bool is_quiet;    /* nothing more is asked */
};

__attribute__((unused)) static void tell(const struct api_story *told)
{
	struct story story = { .pairs = { { 1, P | L, .zone = 0 }, { 2, 0, .zone = 0 },
				       { 1, P, .zone = told->zones > 1 },
				       { 2, 0, .zone = told->zones > 1 },
				       { told->said[2].host ? 3 : 0, 0, .zone = 0 } } };
	struct world world;
	struct text said = { 0 };
	const struct finding *first;

	if (told->seen_s) {
		story.seen_before[!told->seen_first].serial = 9;
		story.seen_before[!told->seen_first].age_s = told->seen_s;
	}
	if (told->seen_s && !told->seen_first) {
		story.seen_before[0].serial = 8;
		story.seen_before[0].age_s = DAY;
	}
	if (told->empty_s)
		story.past[0] = (struct story_past){ 2, OUTCOME_SERVFAIL, told->empty_s,
			"ns2.example.com" };
	story.policy.new_zone_grace_s = 600;
	story_begin(&world, &story);
	if (told->empty_first)
		world.past.begun_s = STORY_NOW - told->empty_s;
	said_all(&world, told->said);
	judge_pdns_places(&world.facts, world.seen.pdns);
	judge_pdns(&world.facts, &world.verdict);
	story_findings(&world, &said);
	is_string(text_string(&said), told->expected, told->name);
	first = world.verdict.findings.items;
	if (told->text && !ok(first && strstr(first->text, told->text), "  text"))
		printf("#      got: %s\n", first ? first->text : "nothing");
	if (told->advice && !ok(first && strstr(first->advice, told->advice), "  advice"))
		printf("#      got: %s\n", first ? first->advice : "nothing");
	for (size_t i = 0; i < world.verdict.findings.count; i++) {
		if (!world.verdict.findings.items[i].advice)
			ok(false, "  something to type");
	}
	text_free(&said);
	story_free(&world);
}

#endif
