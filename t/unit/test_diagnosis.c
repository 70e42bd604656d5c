/* What is asked for the why: nothing where all is well, a bounded sample where much is wrong. */
#include "t/unit/story.h"

#define UNTIL .earlier

/* "A1 A2 C2 V2 I2": AXFR, SOA by TCP, NS, version.bind, id.server, and of which host. */
static const struct story stories[] = {
	{ "all is well", { { 1, P, .serial = 7 }, { 2, L, .serial = 7 } }, .said = "" },
	{ "behind", { { 1, P, .serial = 9, UNTIL = 9 }, { 2, L, .serial = 7, UNTIL = 7 } },
		.first_run = true, .said = "C2 A2 A1 V2 I2 V1 I1" },
	{ "behind for so short that it is no trouble",
		{ { 1, P, .serial = 9, UNTIL = 9 }, { 2, L, .serial = 7, UNTIL = 7 } },
		.seen_before = { { 7, DAY }, { 9, 50 } }, .said = "" },
	{ "not asked by UDP, not asked by TCP once more",
		{ { 1, P, .serial = 9, UNTIL = 9 },
			{ 2, L, .serial = 7, UNTIL = 7, .by_tcp = true } },
		.first_run = true, .said = "A2 A1 V2 I2 V1 I1" },
	{ "no TCP at the server: nothing by TCP",
		{ { 1, P, .serial = 9, UNTIL = 9 },
			{ 2, L, .serial = 7, UNTIL = 7, .tcp_outcome = OUTCOME_TIMEOUT } },
		.first_run = true, .said = "V2 I2 A1 V1 I1" },
	{ "no TCP at the primary: no transfer",
		{ { 1, P, .serial = 9, UNTIL = 9, .tcp_outcome = OUTCOME_PORT_CLOSED },
			{ 2, L, .serial = 7, UNTIL = 7 } },
		.first_run = true, .said = "V1 I1 C2 A2 V2 I2" },
	{ "two are behind: the primary is asked once",
		{ { 1, P, .serial = 9, UNTIL = 9 }, { 2, L, .serial = 7, UNTIL = 7 },
			{ 3, L, .serial = 7, UNTIL = 7 } },
		.first_run = true, .said = "C2 A2 A1 V2 I2 V1 I1 C3 A3 V3 I3" },
	{ "ahead", { { 1, P, .serial = 7, UNTIL = 7 }, { 2, L, .serial = 9, UNTIL = 9 } },
		.said = "A1 V2 I2 V1 I1" },
	{ "absent", { { 1, P, .serial = 7 }, { 2, L, .outcome = OUTCOME_REFUSED } },
		.said = "C2 A2 A1 V2 I2 V1 I1" },
	{ "failing", { { 1, P, .serial = 7 }, { 2, L, .outcome = OUTCOME_SERVFAIL } },
		.said = "C2 A1 V2 I2 V1 I1" },
	{ "the primary itself lacks the zone",
		{ { 1, P, .outcome = OUTCOME_REFUSED }, { 2, L, .outcome = OUTCOME_REFUSED } },
		.said = "C1 A1 V1 I1 C2 A2 V2 I2" },
	{ "silent servers are not asked who they are",
		{ { 1, P, .serial = 7 }, { 2, L, .outcome = OUTCOME_TIMEOUT } }, .said = "" },
	{ "another SOA: the NS sets",
		{ { 1, P, .serial = 7, .ns_set = 1 }, { 2, L, .serial = 7, .fields = 2 } },
		.said = "N2 N1 V2 I2 V1 I1" },
	{ "who is only the newest is nobody's primary",
		{ { 3, L, .serial = 9, UNTIL = 9 }, { 2, L, .serial = 7, UNTIL = 7 } },
		.first_run = true, .said = "C2 A2 V2 I2" },
	{ "one server, four zones: three of them",
		{ { 1, P, .serial = 7 }, { 2, L, .outcome = OUTCOME_REFUSED },
			{ 1, P, 1, .serial = 7 }, { 2, L, 1, .outcome = OUTCOME_REFUSED },
			{ 1, P, 2, .serial = 7 }, { 2, L, 2, .outcome = OUTCOME_REFUSED },
			{ 1, P, 3, .serial = 7 }, { 2, L, 3, .outcome = OUTCOME_REFUSED } },
		.said = "C2 A2 A1 V2 I2 V1 I1 C2@1 A2@1 A1@1 C2@2 A2@2 A1@2" },
};

static char letter_of(enum diagnosis kind)
{
	static const char letters[DIAGNOSIS_COUNT] = { 'A', 'C', 'N', 'V', 'I' };

	return letters[kind];
}

static void tell(void)
{
	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		struct diagnosis_doubt doubts[DIAGNOSIS_MOST];
		struct world world;
		struct text said = { 0 };
		size_t count;

		story_judge(&world, &stories[i]);
		count = judge_diagnosis(&world.facts, &world.verdict, doubts);
		for (size_t d = 0; d < count; d++) {
			text_addf(&said, "%s%c%d", d ? " " : "", letter_of(doubts[d].kind),
				story_host(
					&world.plan.servers[world.plan.assigned[doubts[d].pair]]));
			if (doubts[d].zone)
				text_addf(&said, "@%u", doubts[d].zone);
		}
		is_string(text_string(&said), stories[i].said, stories[i].name);
		ok(!count || judge_is_troubled(&world.facts), "  and the quick look says so");
		text_free(&said);
		story_free(&world);
	}
}

/* The quick look alone. */
static void look(void)
{
	static const struct {
		struct story story;
		bool troubled;
	} rows[] = {
		{ { "well", { { 1, P, .serial = 7 }, { 2, L, .serial = 7 } }, .said = NULL },
			false },
		{ { "nobody to ask",
			  { { 1, P, .serial = 7 }, { 2, L, .outcome = OUTCOME_TIMEOUT },
				  { V6 + 2, L, .outcome = OUTCOME_NO_ROUTE } },
			  .said = NULL },
			false },
		{ { "a fresh EXPIRE",
			  { { 1, P, .serial = 7 },
				  { 2, L, .serial = 7, .expire_s = 14 * DAY - HOUR } },
			  .said = NULL },
			false },
		{ { "an old one",
			  { { 1, P, .serial = 7 }, { 2, L, .serial = 7, .expire_s = 13 * DAY } },
			  .said = NULL },
			true },
		{ { "a signature for long",
			  { { 1, P, .serial = 7, .signature_left_s = 20 * DAY,
				  .validity_s = 30 * DAY } },
			  .said = NULL },
			false },
		{ { "not for long",
			  { { 1, P, .serial = 7, .signature_left_s = 3 * DAY,
				  .validity_s = 30 * DAY } },
			  .said = NULL },
			true },
		{ { "no TCP",
			  { { 1, P, .serial = 7 },
				  { 2, L, .serial = 7, .tcp_outcome = OUTCOME_CONNECTION_BROKEN } },
			  .said = NULL },
			true },
		{ { "refused", { { 1, P, .serial = 7 }, { 2, L, .outcome = OUTCOME_REFUSED } },
			  .said = NULL },
			true },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct world world;

		story_begin(&world, &rows[i].story);
		ok(judge_is_troubled(&world.facts) == rows[i].troubled, "%s", rows[i].story.name);
		story_free(&world);
	}
}

/* Whose answers have to be asked once more behind their transfers. */
static void behind_transfers(void)
{
	static const struct story story = { "",
		{ { 1, P, .serial = 9 }, { 2, L, .serial = 7 },
			{ 3, L, .outcome = OUTCOME_REFUSED }, { 4, L, .serial = 7 } },
		.transfers = { { .server = 1, .outcome = OUTCOME_ANSWERED, .serial = 9 },
			{ .server = 2, .outcome = OUTCOME_ANSWERED, .serial = 9 },
			{ .server = 3, .outcome = OUTCOME_ANSWERED, .serial = 9 },
			{ .server = 4, .outcome = OUTCOME_REFUSED },
			{ .server = 4, .outcome = OUTCOME_ANSWERED, .soa = 1, .serial = 9 } } };
	struct doubt doubts[DIAGNOSIS_MOST];
	struct world world;

	story_begin(&world, &story);
	is_integer((int64_t)judge_transfer_doubts(&world.facts, doubts), 2,
		"two say another serial");
	is_integer(doubts[0].pair, world.pair_of[1], "a newer one");
	is_integer(doubts[1].pair, world.pair_of[2], "one of a zone that is not shown");
	story_free(&world);
}

int main(void)
{
	tell();
	look();
	behind_transfers();
	return done_testing();
}
