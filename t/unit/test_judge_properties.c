/*
 * What holds for any verdict: the same facts give the same findings; neither the order of servers
 * nor a shift of all serials matters; whoever is well is never named; what is said is in bounds and
 * in order. Random stories, the same in every run.
 */
#include <stdlib.h>

#include "t/unit/story.h"

enum { ROUNDS = 4000 };

/* Deterministic (Knuth's MMIX); a failure names its seed. */
static uint32_t next_random(uint64_t *state, uint32_t below)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*state >> 33) % below;
}

/* Serials near each other and to the wrap, so that there is a newest. */
static uint32_t random_serial(uint64_t *state)
{
	return 4294967290u + next_random(state, 8);
}

static void random_answer(struct story_pair *pair, uint64_t *state)
{
	static const enum outcome others[] = { OUTCOME_TIMEOUT, OUTCOME_PORT_CLOSED,
		OUTCOME_REFUSED, OUTCOME_SERVFAIL, OUTCOME_NO_SOA, OUTCOME_MALFORMED,
		OUTCOME_UNREACHABLE, OUTCOME_NO_ROUTE, OUTCOME_TSIG_FAILED, OUTCOME_NOT_ASKED };

	if (next_random(state, 4) == 0) {
		pair->outcome = others[next_random(state, sizeof(others) / sizeof(others[0]))];
		return;
	}
	pair->outcome = OUTCOME_ANSWERED;
	pair->serial = random_serial(state);
	if (next_random(state, 3) == 0)
		pair->earlier = pair->serial - next_random(state, 2);
	if (next_random(state, 4) == 0)
		pair->expire_s = 1 + next_random(state, 14 * DAY);
	if (next_random(state, 4) == 0) {
		pair->validity_s = 21 * DAY;
		pair->signature_left_s = (int64_t)next_random(state, 21 * DAY) - DAY;
	}
	if (next_random(state, 6) == 0)
		pair->tcp_outcome = OUTCOME_TIMEOUT;
}

/* With a primary or without, up to three zones, each server once a zone. */
static void random_story(struct story *story, uint64_t *state)
{
	bool has_primary = next_random(state, 2);
	unsigned servers = 1 + next_random(state, 4), zones = 1 + next_random(state, 3), count = 0;

	*story = (struct story){ .name = "random", .first_run = next_random(state, 2) };
	for (unsigned z = 0; z < zones; z++) {
		for (unsigned s = 0; s < servers && count < STORY_PAIRS; s++) {
			struct story_pair *pair = &story->pairs[count++];

			pair->host = (int)(s + 1 + (next_random(state, 8) == 0 ? V6 : 0));
			pair->zone = z;
			pair->flags = s == 0 && has_primary ? P : L;
			random_answer(pair, state);
		}
	}
	story->seen_before[0].serial = 4294967285u;
	story->seen_before[0].age_s = DAY;
	story->policy.quorum = next_random(state, 3);
}

/* One line a finding, sorted, so that sets can be compared. */
static int compare_lines(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void finding_set(const struct world *world, bool serials, struct text *out)
{
	const struct findings *findings = &world->verdict.findings;
	char **lines = malloc((findings->count + 1) * sizeof(*lines));

	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->items[i];
		struct text line = { 0 };

		text_addf(&line, "%s %s @%d %d %lld %s\n", severity_text(finding->severity),
			finding_kinds[finding->code].code, (int)finding->zone,
			finding->server == PLAN_NONE
				? 0
				: story_host(&world->plan.servers[finding->server]),
			(long long)finding->amount, serials ? finding->text : "");
		lines[i] = line.bytes;
	}
	qsort(lines, findings->count, sizeof(*lines), compare_lines);
	for (size_t i = 0; i < findings->count; i++) {
		text_add(out, lines[i]);
		free(lines[i]);
	}
	free(lines);
}

static void judged(const struct story *story, bool serials, struct text *out)
{
	struct world world;

	story_judge(&world, story);
	finding_set(&world, serials, out);
	story_free(&world);
}

static void shift(struct story *story, uint32_t by)
{
	story->seen_before[0].serial += by;
	for (size_t i = 0; i < STORY_PAIRS; i++) {
		struct story_pair *pair = &story->pairs[i];

		if (pair->outcome == OUTCOME_ANSWERED)
			pair->serial += by;
		if (pair->earlier)
			pair->earlier += by;
	}
}

/* The servers of each zone the other way round; zones keep their places. */
static void reverse(struct story *story)
{
	struct story old = *story;
	size_t count = 0, out = 0;

	while (count < STORY_PAIRS && old.pairs[count].host)
		count++;
	for (uint32_t zone = 0; zone < 4; zone++) {
		for (size_t i = count; i-- > 0;) {
			if (old.pairs[i].zone == zone)
				story->pairs[out++] = old.pairs[i];
		}
	}
}

static bool same(const struct story *a, const struct story *b, bool serials)
{
	struct text first = { 0 }, second = { 0 };
	bool equal;

	judged(a, serials, &first);
	judged(b, serials, &second);
	equal = !strcmp(text_string(&first), text_string(&second));
	if (!equal)
		printf("# one:\n# %s\n# other:\n# %s\n", text_string(&first), text_string(&second));
	text_free(&first);
	text_free(&second);
	return equal;
}

static void properties(void)
{
	unsigned differs = 0, shifted = 0, reversed = 0;

	for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
		struct story story, other;
		uint64_t state = seed;

		random_story(&story, &state);
		if (!same(&story, &story, true) && !differs++)
			printf("# seed %d\n", (int)seed);
		other = story;
		shift(&other, next_random(&state, 0xfffffff0u));
		if (!same(&story, &other, false) && !shifted++)
			printf("# seed %d\n", (int)seed);
		other = story;
		reverse(&other);
		if (!same(&story, &other, true) && !reversed++)
			printf("# seed %d\n", (int)seed);
	}
	is_integer(differs, 0, "the same facts, the same findings");
	is_integer(shifted, 0, "a shift of all serials changes nothing");
	is_integer(reversed, 0, "the order of servers changes nothing");
}

/* Did this server answer with the reference's serial, by all means, unsigned and without EXPIRE? */
static bool is_well(const struct world *world, uint32_t server)
{
	const struct plan *plan = &world->plan;

	if (world->seen.servers[server].tcp_outcome != OUTCOME_NOT_ASKED)
		return false;
	for (uint32_t z = 0; z < plan->zone_count; z++) {
		uint32_t pair = plan_pair(plan, z, server);
		const struct soa_observation *seen = &world->seen.soa[pair];

		if (pair == PLAN_NONE)
			continue;
		if (seen->outcome != OUTCOME_ANSWERED || seen->expire_s != EXPIRE_NONE ||
			seen->signature_expiration || seen->signature_inception ||
			world->verdict.zones[z].reference.source == REFERENCE_NONE ||
			seen->serial != world->verdict.zones[z].reference.serial)
			return false;
	}
	return true;
}

static unsigned check_verdict(const struct world *world)
{
	const struct verdict *verdict = &world->verdict;
	enum severity worst = SEVERITY_OK;
	unsigned wrong = 0;

	for (size_t i = 0; i < verdict->findings.count; i++) {
		const struct finding *finding = &verdict->findings.items[i];

		wrong += finding->server != PLAN_NONE && finding->code != FINDING_ORPHAN_ZONE &&
			is_well(world, finding->server);
		wrong += i &&
			severity_rank(finding->severity) >
				severity_rank(verdict->findings.items[i - 1].severity);
		wrong += !*finding->text;
		worst = severity_worse(worst, finding->severity);
	}
	wrong += worst != verdict->severity;
	for (uint32_t z = 0; z < world->plan.zone_count; z++) {
		wrong += verdict->zones[z].in_sync > verdict->zones[z].servers;
		wrong += severity_rank(verdict->zones[z].severity) > severity_rank(worst);
	}
	return wrong;
}

static void invariants(void)
{
	unsigned wrong = 0;
	size_t most = 0, diagnosed = 0;

	for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
		struct doubt doubts[2 * STORY_PAIRS];
		struct diagnosis_doubt diagnosis[DIAGNOSIS_MOST];
		struct story story;
		struct world world;
		uint64_t state = seed * 977;
		size_t count;

		random_story(&story, &state);
		story_judge(&world, &story);
		if (check_verdict(&world) && !wrong++)
			printf("# seed %d\n", (int)seed);
		count = judge_doubts(&world.facts, doubts);
		most = count > most ? count : most;
		if (count > 2 * world.plan.pair_count)
			ok(false, "more doubts than promised");
		count = judge_diagnosis(&world.facts, &world.verdict, diagnosis);
		diagnosed += count > 0;
		if (count > DIAGNOSIS_MOST)
			ok(false, "more to diagnose than promised");
		if (count && !judge_is_troubled(&world.facts))
			ok(false, "something to diagnose, and no trouble, seed %d", (int)seed);
		story_free(&world);
	}
	is_integer(wrong, 0, "who is well is not named; worst first; the worst is the verdict");
	ok(most > 3, "and there were doubts");
	ok(diagnosed > ROUNDS / 10, "and diagnoses");
}

/* What judge_needs_past() leaves out, the judgement never looks at. */
static bool judged_without_needless_past(const struct story *story, struct text *out)
{
	struct world world;
	bool needed[STORY_PAIRS] = { false }, left_out = false;

	story_begin(&world, story);
	judge_needs_past(&world.facts, needed);
	for (uint32_t z = 0; z < world.plan.zone_count; z++) {
		if (needed[z])
			continue;
		world.past.zones[z] = (struct zone_history){ 0 };
		left_out = true;
	}
	judge(&world.facts, &world.verdict);
	finding_set(&world, true, out);
	story_free(&world);
	return left_out;
}

static void needless_past(void)
{
	unsigned wrong = 0, less = 0;

	for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
		struct text first = { 0 }, second = { 0 };
		struct story story;
		uint64_t state = seed * 31;

		random_story(&story, &state);
		for (unsigned i = 0; i < 3; i++) {
			story.past[i].host = story.pairs[i].host;
			story.past[i].outcome = story.pairs[i].outcome;
			story.past[i].age_s = 1 + next_random(&state, DAY);
		}
		judged(&story, true, &first);
		less += judged_without_needless_past(&story, &second);
		if (strcmp(text_string(&first), text_string(&second)) && !wrong++)
			printf("# seed %d\n", (int)seed);
		text_free(&first);
		text_free(&second);
	}
	is_integer(wrong, 0, "what nobody needs of the past changes nothing");
	ok(less > ROUNDS / 10, "and there was some: %u", less);
}

int main(void)
{
	properties();
	invariants();
	needless_past();
	return done_testing();
}
