/* Who is behind, ahead, catching up, or on its own; whose serial counts; for how long. */
#include "t/unit/story.h"

static const struct story stories[] = {
	/* whose serial counts */
	{ "all serve the same", { { 1, P | L, .serial = 7 }, { 2, L, .serial = 7 } }, .said = "" },
	{ "a primary outside of the NS set",
		{ { BARE + 1, P, .serial = 7 }, { 2, L, .serial = 7 } }, .said = "" },
	{ "one address of the primary is stale: its newest serial counts",
		{ { 1, P, .serial = 7, .earlier = 7 }, { 2, P, .serial = 9, .earlier = 9 },
			{ 3, L, .serial = 9 } },
		.first_run = true, .said = "W secondary_behind 1" },
	{ "without -H the MNAME counts where nothing is newer",
		{ { 2, L, .serial = 7 }, { 1, M | L, .serial = 7 } }, .said = "" },
	{ "the MNAME of the SOA counts, though nobody flagged it",
		{ { 2, L, .serial = 7 }, { 1, L, .serial = 7 } }, .said = "" },
	{ "of two addresses of the MNAME the one that had the serial first",
		{ { 1, M, .serial = 8, .earlier = 7 }, { V6 + 1, M, .serial = 8 },
			{ 2, L, .serial = 7, .earlier = 7 } },
		.first_run = true, .said = "W secondary_behind 2" },
	{ "an MNAME that is behind does not",
		{ { 1, M | L, .serial = 6, .earlier = 6 }, { 2, L, .serial = 7, .earlier = 7 } },
		.first_run = true, .said = "W secondary_behind 1" },
	{ "an MNAME that serves nothing to us is absent",
		{ { 9, M, .outcome = OUTCOME_REFUSED }, { 2, L, .serial = 7 },
			{ 3, L, .serial = 7 } },
		.said = "" },
	{ "and so is one that is silent",
		{ { 9, M, .outcome = OUTCOME_TIMEOUT }, { 2, L, .serial = 7 },
			{ 3, L, .serial = 7 } },
		.said = "" },
	{ "an MNAME that an NS record names is not",
		{ { 9, M | L, .outcome = OUTCOME_REFUSED }, { 2, L, .serial = 7 } },
		.said = "C zone_refused 9" },
	{ "the primary is silent: the newest counts, nobody is ahead",
		{ { 1, P, .outcome = OUTCOME_TIMEOUT }, { 2, L, .serial = 7, .earlier = 7 },
			{ 3, L, .serial = 8, .earlier = 8 } },
		.first_run = true,
		.said = "C server_timeout 1; W secondary_behind 2 by server_timeout" },
	{ "nobody answers",
		{ { 1, P, .outcome = OUTCOME_TIMEOUT }, { 2, L, .outcome = OUTCOME_TIMEOUT } },
		.said = "C server_timeout 1; C server_timeout 2" },
	{ "a server without authority has no serial",
		{ { 1, L, .serial = 7 },
			{ 2, L, .serial = 99, .outcome = OUTCOME_NOT_AUTHORITATIVE } },
		.said = "C not_authoritative 2" },

	/* behind */
	{ "behind, and no earlier run is known",
		{ { 1, P, .serial = 9, .earlier = 9 }, { 2, L, .serial = 7, .earlier = 7 } },
		.first_run = true, .said = "W secondary_behind 2" },
	{ "behind for a minute: ok",
		{ { 1, P, .serial = 9, .earlier = 9 }, { 2, L, .serial = 7, .earlier = 7 } },
		.seen_before = { { 7, DAY }, { 9, 60 } }, .said = "O secondary_behind 2 =60" },
	{ "behind for 300 s: the threshold is inside",
		{ { 1, P, .serial = 9, .earlier = 9 }, { 2, L, .serial = 7, .earlier = 7 } },
		.seen_before = { { 7, DAY }, { 9, 300 } }, .said = "O secondary_behind 2 =300" },
	{ "behind for 301 s",
		{ { 1, P, .serial = 9, .earlier = 9 }, { 2, L, .serial = 7, .earlier = 7 } },
		.seen_before = { { 7, DAY }, { 9, 301 } }, .said = "W secondary_behind 2 =301" },
	{ "behind for 3600 s",
		{ { 1, P, .serial = 9, .earlier = 9 }, { 2, L, .serial = 7, .earlier = 7 } },
		.seen_before = { { 7, DAY }, { 9, HOUR } }, .said = "W secondary_behind 2 =3600" },
	{ "behind for 3601 s",
		{ { 1, P, .serial = 9, .earlier = 9 }, { 2, L, .serial = 7, .earlier = 7 } },
		.seen_before = { { 7, DAY }, { 9, HOUR + 1 } },
		.said = "C secondary_behind 2 =3601" },
	{ "the oldest change that it lacks counts",
		{ { 1, P, .serial = 9, .earlier = 9 }, { 2, L, .serial = 7, .earlier = 7 } },
		.seen_before = { { 7, DAY }, { 8, 2 * HOUR }, { 9, 60 } },
		.said = "C secondary_behind 2 =7200" },
	{ "of a busy zone that is followed only the last",
		{ { 1, P, .serial = 9, .earlier = 9 }, { 2, L, .serial = 8, .earlier = 8 } },
		.seen_before = { { 7, DAY }, { 8, 2 * HOUR }, { 9, 60 } },
		.said = "O secondary_behind 2 =60" },
	{ "over the wrap",
		{ { 1, P, .serial = 3, .earlier = 3 },
			{ 2, L, .serial = 4294967290, .earlier = 4294967290 } },
		.first_run = true, .said = "W secondary_behind 2" },
	{ "2^31 - 1 behind is behind",
		{ { 1, P, .serial = 0x80000000, .earlier = 0x80000000 },
			{ 2, L, .serial = 1, .earlier = 1 } },
		.first_run = true, .said = "W secondary_behind 2" },
	{ "2^31 apart is undefined",
		{ { 1, P, .serial = 0x80000001, .earlier = 0x80000001 },
			{ 2, L, .serial = 1, .earlier = 1 } },
		.first_run = true, .said = "C serial_undefined 2" },
	{ "by the number of serials: within",
		{ { 1, P, .serial = 12, .earlier = 12 }, { 2, L, .serial = 7, .earlier = 7 } },
		.seen_before = { { 7, DAY }, { 12, 60 } },
		.policy = { .serials_warning = { .end = 5, .set = true } },
		.said = "O secondary_behind 2 =60" },
	{ "by the number of serials: WARNING",
		{ { 1, P, .serial = 13, .earlier = 13 }, { 2, L, .serial = 7, .earlier = 7 } },
		.seen_before = { { 7, DAY }, { 13, 60 } },
		.policy = { .serials_warning = { .end = 5, .set = true } },
		.said = "W secondary_behind 2 =60" },
	{ "by the number of serials: CRITICAL, in a first run, too",
		{ { 1, P, .serial = 13, .earlier = 13 }, { 2, L, .serial = 7, .earlier = 7 } },
		.first_run = true, .policy = { .serials_critical = { .end = 5, .set = true } },
		.said = "C secondary_behind 2" },

	/* confirmation: what was asked twice, a second apart */
	{ "it had the change the second time",
		{ { 1, P, .serial = 9, .earlier = 9 }, { 2, L, .serial = 9, .earlier = 8 } },
		.said = "" },
	{ "it had it, and the primary had the next one",
		{ { 1, P, .serial = 10, .earlier = 9 }, { 2, L, .serial = 9, .earlier = 8 } },
		.said = "" },
	{ "the primary changed in between: it follows",
		{ { 1, P, .serial = 10, .earlier = 9 }, { 2, L, .serial = 9 } }, .said = "" },
	{ "it moved, but still lacks what was there before",
		{ { 1, P, .serial = 10, .earlier = 9 }, { 2, L, .serial = 8, .earlier = 7 } },
		.seen_before = { { 7, DAY }, { 8, 4000 }, { 9, 400 } },
		.said = "W secondary_behind 2 =400" },
	{ "no time to ask again: behind all the same",
		{ { 1, P, .serial = 9 }, { 2, L, .serial = 8 } },
		.seen_before = { { 8, DAY }, { 9, 400 } }, .said = "W secondary_behind 2 =400" },
	{ "it had the primary's change before us",
		{ { 1, P, .serial = 9, .earlier = 8 }, { 2, L, .serial = 9, .earlier = 9 } },
		.said = "" },
	{ "it overtook us between the two questions",
		{ { 1, P, .serial = 9, .earlier = 8 }, { 2, L, .serial = 10, .earlier = 9 } },
		.said = "" },
	{ "of servers with the newest serial the one that had it first counts",
		{ { 2, L, .serial = 11, .earlier = 10 }, { 3, L, .serial = 11, .earlier = 11 },
			{ 4, L, .serial = 10, .earlier = 10 } },
		.first_run = true, .said = "W secondary_behind 4" },

	/* ahead */
	{ "ahead of the primary",
		{ { 1, P, .serial = 7, .earlier = 7 }, { 2, L, .serial = 15, .earlier = 15 } },
		.said = "C secondary_ahead 2 =8" },
	{ "ahead over the wrap",
		{ { 1, P, .serial = 4294967295, .earlier = 4294967295 },
			{ 2, L, .serial = 1, .earlier = 1 } },
		.said = "C secondary_ahead 2 =2" },
	{ "without -H nobody is ahead",
		{ { 1, L, .serial = 7, .earlier = 7, .fields = 3 },
			{ 2, L, .serial = 15, .earlier = 15, .fields = 3 } },
		.first_run = true, .said = "W secondary_behind 1" },

	/* in a circle, or half the space apart, without a primary */
	{ "two against one, half the space apart",
		{ { 2, L, .serial = 0x80000001, .fields = 3 }, { 3, L, .serial = 1, .fields = 3 },
			{ 4, L, .serial = 1, .fields = 3 } },
		.said = "C serial_undefined 2" },
	{ "whoever refuses has no voice",
		{ { 2, L, .serial = 0x80000001, .fields = 3 }, { 3, L, .serial = 1, .fields = 3 },
			{ 5, L, .outcome = OUTCOME_REFUSED }, { 4, L, .serial = 1, .fields = 3 } },
		.said = "C serial_undefined 2; C zone_refused 5" },
	{ "one against one: the larger number counts",
		{ { 2, L, .serial = 1, .fields = 3 }, { 3, L, .serial = 0x80000001, .fields = 3 } },
		.said = "C serial_undefined 2" },
	{ "a circle: one is behind, one is neither",
		{ { 2, L, .serial = 1, .fields = 3 }, { 3, L, .serial = 0x60000000, .fields = 3 },
			{ 4, L, .serial = 0xc0000000, .fields = 3 } },
		.first_run = true, .said = "C serial_undefined 2; W secondary_behind 3" },
	{ "the MNAME counts where it is half the space apart from the others",
		{ { 2, L, .serial = 0x80000001 }, { 3, L, .serial = 0x80000001 },
			{ 1, M, .serial = 1 } },
		.said = "C serial_undefined 2; C serial_undefined 3" },

	/* independent */
	{ "a server with serials of its own",
		{ { 1, P, .serial = 7 }, { 2, L, .serial = 99, .independent = true } },
		.said = "" },
	{ "it is no reference either",
		{ { 1, L, .serial = 7 }, { 2, L, .serial = 7 },
			{ 3, L, .serial = 99, .independent = true } },
		.said = "" },
	{ "nor if it is the MNAME",
		{ { 1, L | M, .serial = 99, .independent = true }, { 2, L, .serial = 7 },
			{ 3, L, .serial = 7 } },
		.said = "" },
	{ "but it has to be alive",
		{ { 1, P, .serial = 7 },
			{ 2, L, .outcome = OUTCOME_REFUSED, .independent = true } },
		.said = "C zone_refused 2" },
	{ "only such servers: nothing to compare with",
		{ { 2, L, .serial = 7, .independent = true },
			{ 3, L, .serial = 9, .independent = true } },
		.said = "" },
};

static void tell(void)
{
	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		struct world world;
		struct text said = { 0 };

		story_judge(&world, &stories[i]);
		story_findings(&world, &said);
		is_string(text_string(&said), stories[i].said, stories[i].name);
		text_free(&said);
		story_free(&world);
	}
}

/* What is in doubt before the second round: the serials of these hosts. */
static const struct story doubtful[] = {
	{ "nothing", { { 1, P, .serial = 7 }, { 2, L, .serial = 7 } }, .said = "" },
	{ "behind", { { 1, P, .serial = 8 }, { 2, L, .serial = 7 } }, .said = "2 1" },
	{ "ahead", { { 1, P, .serial = 7 }, { 2, L, .serial = 8 } }, .said = "2 1" },
	{ "undefined", { { 1, P, .serial = 1 }, { 2, L, .serial = 0x80000001 } }, .said = "2 1" },
	{ "two are behind", { { 1, P, .serial = 8 }, { 2, L, .serial = 7 }, { 3, L, .serial = 6 } },
		.said = "2 3 1" },
	{ "refused", { { 1, P, .serial = 8 }, { 2, L, .outcome = OUTCOME_REFUSED } }, .said = "" },
	{ "silent", { { 1, P, .serial = 8 }, { 2, L, .outcome = OUTCOME_TIMEOUT } }, .said = "" },
	{ "who is only the newest is asked again, too",
		{ { 3, L, .serial = 8 }, { 2, L, .serial = 7 } }, .said = "2 3" },
	{ "on its own", { { 1, P, .serial = 8 }, { 2, L, .serial = 3, .independent = true } },
		.said = "" },
	{ "TCP connections closed, as by a server that reads its zones anew",
		{ { 1, P, .serial = 7 },
			{ 2, L, .serial = 7, .tcp_outcome = OUTCOME_CONNECTION_BROKEN } },
		.said = "2 by TCP" },
	{ "TCP refused, of two zones it is asked for one, and a server is behind",
		{ { 1, P, .serial = 7 }, { 2, L, .serial = 7, .tcp_outcome = OUTCOME_PORT_CLOSED },
			{ 3, L, .serial = 6 }, { 1, P, .zone = 1, .serial = 7 },
			{ 2, L, .zone = 1, .serial = 7 } },
		.said = "3 1 2 by TCP" },
	{ "TCP silent: a firewall, which does not pass",
		{ { 1, P, .serial = 7 }, { 2, L, .serial = 7, .tcp_outcome = OUTCOME_TIMEOUT } },
		.said = "" },
	{ "no answer by UDP, either",
		{ { 1, P, .serial = 7 },
			{ 2, L, .outcome = OUTCOME_PORT_CLOSED,
				.tcp_outcome = OUTCOME_PORT_CLOSED } },
		.said = "" },
};

static void doubts(void)
{
	for (size_t i = 0; i < sizeof(doubtful) / sizeof(doubtful[0]); i++) {
		struct doubt doubt[3 * STORY_PAIRS];
		struct world world;
		struct text text = { 0 };
		size_t serials, count;

		story_begin(&world, &doubtful[i]);
		serials = judge_doubts(&world.facts, doubt);
		count = serials + judge_tcp_doubts(&world.facts, doubt + serials);
		for (size_t d = 0; d < count; d++)
			text_addf(&text, "%s%d%s", d ? " " : "",
				story_host(&world.plan.servers[world.plan.assigned[doubt[d].pair]]),
				d < serials ? "" : " by TCP");
		is_string(text_string(&text), doubtful[i].said, doubtful[i].name);
		text_free(&text);
		story_free(&world);
	}
}

static void sums(void)
{
	static const struct story story = { "",
		{ { 1, P, .serial = 9, .earlier = 9 }, { 2, L, .serial = 7, .earlier = 7 },
			{ 3, L, .serial = 9 }, { V6 + 3, L, .outcome = OUTCOME_NO_ROUTE },
			{ 4, L, .outcome = OUTCOME_REFUSED },
			{ 5, L, .serial = 3, .independent = true } },
		.seen_before = { { 7, DAY }, { 9, 60 } } };
	struct world world;
	const struct pair_verdict *behind;

	story_judge(&world, &story);
	is_integer(world.verdict.zones[0].servers, 5, "servers that can be asked");
	is_integer(world.verdict.zones[0].in_sync, 3, "those that are in sync");
	is_integer(world.verdict.zones[0].severity, SEVERITY_CRITICAL, "the zone");
	behind = &world.verdict.pairs[world.pair_of[1]];
	ok(behind->serials_behind == 2 && behind->lag_s == 60 && behind->lag_known &&
			!behind->lag_is_minimum && behind->lag_since_s == STORY_NOW - 60,
		"how far behind");
	is_integer(world.verdict.pairs[world.pair_of[0]].role, ROLE_PRIMARY, "the primary");
	is_integer(behind->role, ROLE_SECONDARY, "a secondary");
	story_free(&world);
}

int main(void)
{
	tell();
	doubts();
	sums();
	return done_testing();
}
