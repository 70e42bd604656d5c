/*
 * Letters of the failure catalogue (HACKING.md, "Failures and their letters") as rows: a story,
 * whose finding is looked at, and what is to be said of the why.
 */
#ifndef T_UNIT_LETTER_H
#define T_UNIT_LETTER_H

#include "t/unit/pdns_story.h"

#define PDNS .software = "PowerDNS Authoritative Server 4.7.3"
#define BIND .software = "BIND 9.18.28"
#define NSD_ .software = "NSD 4.6.1"
#define KNOT .software = "Knot DNS 3.2.6"

#define PRIMARY(N)                                                                                 \
	{                                                                                          \
		1, P | L, .serial = (N), .earlier = (N), PDNS                                      \
	}
#define BEHIND(N)                                                                                  \
	{                                                                                          \
		2, L, .serial = (N), .earlier = (N), PDNS                                          \
	}
#define AXFR(HOST, ...)                                                                            \
	{                                                                                          \
		.server = (HOST), .outcome = OUTCOME_ANSWERED, __VA_ARGS__                         \
	}
#define DENIED(HOST)                                                                               \
	{                                                                                          \
		.server = (HOST), .outcome = OUTCOME_NOTAUTH, .rcode = 9                           \
	}
#define REFUSED(HOST)                                                                              \
	{                                                                                          \
		.server = (HOST), .outcome = OUTCOME_REFUSED, .rcode = 5                           \
	}
#define ABSENT .outcome = OUTCOME_REFUSED, .rcode = 5
/* Two changes ago an hour ago: less than the SOA's refresh of two hours. */
#define AN_HOUR .seen_before = { { 7, DAY }, { 9, HOUR - 60 } }
#define A_DAY   .seen_before = { { 7, 2 * DAY }, { 9, DAY } }

#define UNKNOWN_ALLOWED                                                                                                     \
	"ns1.example.com does transfer the zone to this host; whether to ns2.example.com, too, and whether NOTIFY reaches " \
	"it, is not visible from here: its log tells"
#define UNKNOWN_DENIED                                                                                                      \
	"ns1.example.com refuses transfers to this host (NOTAUTH), as it should to strangers; whether to ns2.example.com, " \
	"too, and whether NOTIFY reaches it, is not visible from here: its log tells"
#define BY_ITSELF "by itself it asks every 2h (SOA refresh)"

struct letter {
	const char *name;
	struct story story;
	int host; /* whose first finding is looked at; 0: nobody has one */
	const char *why, *evidence;
	const char *advice; /* somewhere in it; NULL: it does not matter */
};

/* `said`: by the PowerDNS API; NULL: nobody asked there. */
static void letter_judge(struct world *world, const struct story *story, const struct said *said)
{
	story_begin(world, story);
	if (said)
		said_all(world, said);
	judge(&world->facts, &world->verdict);
}

static const struct finding *letter_finding(const struct world *world, int host)
{
	for (size_t i = 0; i < world->verdict.findings.count; i++) {
		const struct finding *finding = &world->verdict.findings.items[i];

		if (finding->server != PLAN_NONE &&
			story_host(&world->plan.servers[finding->server]) == host)
			return finding;
	}
	return NULL;
}

static void letter_tell(const struct letter *letter, const struct said *said_by_api)
{
	struct world world;
	struct text said = { 0 };
	const struct finding *finding;

	letter_judge(&world, &letter->story, said_by_api);
	story_findings(&world, &said);
	is_string(text_string(&said), letter->story.said, letter->name);
	finding = letter_finding(&world, letter->host);
	if (letter->host && finding) {
		is_string(finding->why, letter->why, "  why");
		is_string(finding->evidence, letter->evidence, "  evidence");
		if (letter->advice && !ok(strstr(finding->advice, letter->advice), "  advice"))
			printf("#      got: %s\n# expected: ... %s ...\n", finding->advice,
				letter->advice);
	}
	text_free(&said);
	story_free(&world);
}

/* Diagnosis never raises a state: without what it asked, everything is at least as bad. */
static bool letter_raises(const struct letter *letter, const struct said *said_by_api)
{
	struct story story = letter->story;
	struct world with, without;
	bool raises;

	letter_judge(&with, &story, said_by_api);
	memset(story.transfers, 0, sizeof(story.transfers));
	for (size_t pair = 0; pair < STORY_PAIRS; pair++)
		story.pairs[pair].software = NULL;
	story_judge(&without, &story);
	raises = severity_rank(with.verdict.severity) > severity_rank(without.verdict.severity);
	story_free(&with);
	story_free(&without);
	return raises;
}

__attribute__((unused)) static int letter_all(const struct letter *letters, size_t count)
{
	unsigned raised = 0;

	for (size_t i = 0; i < count; i++) {
		letter_tell(&letters[i], NULL);
		raised += letter_raises(&letters[i], NULL);
	}
	is_integer(raised, 0, "what was asked for the why raises no state");
	return done_testing();
}

#endif
