/* What check_pdns_replication keeps between runs, and what it makes of it. */
#include "t/unit/api_story.h"

/* What can't be remembered is said, and no finding of replication. */
static void state_trouble(void)
{
	struct said well[SAID_MOST] = { { PRIMARY(.zones = { MASTER(9) }) },
		{ SECONDARY(.zones = { SLAVE(9) }) } };
	struct story story = { .pairs = { { 1, P | L, .zone = 0 }, { 2, 0, .zone = 0 } } };
	struct world world;
	struct text said = { 0 };

	story_begin(&world, &story);
	said_all(&world, well);
	world.past.trouble = "/var/lib/x/pdns.tdb: Permission denied";
	judge_pdns(&world.facts, &world.verdict);
	story_findings(&world, &said);
	is_string(text_string(&said), "W state_unusable@-", "a state that can't be kept");
	is_string(world.verdict.findings.items[0].text,
		"the state can't be kept: /var/lib/x/pdns.tdb: Permission denied", "  text");
	text_free(&said);
	story_free(&world);
}

/* Whose serials are kept, and of which zones they are looked at. */
static const struct {
	const char *name;
	struct said said[SAID_MOST];
	bool known;
	uint32_t serial;
	bool needed;
} rows[] = {
	{ "nobody has the zone", { { PRIMARY() }, { SECONDARY() } }, false, 0, false },
	{ "the primary alone", { { PRIMARY(.zones = { MASTER(9) }) } }, true, 9, false },
	{ "only a secondary", { { SECONDARY(.zones = { SLAVE(9) }) } }, false, 0, false },
	{ "both have the same",
		{ { PRIMARY(.zones = { { PDNS_MASTER, 9, 0, 9, 0, NULL, NULL } }) },
			{ SECONDARY(.zones = { SLAVE(9) }) } },
		true, 9, false },
	{ "what is served is not known",
		{ { PRIMARY(.zones = { { PDNS_MASTER, 9, 0, 9, 0, NULL, NULL } }) },
			{ SECONDARY(.zones = { SLAVE(8) }) } },
		false, 0, true },
	{ "the secondary is behind",
		{ { PRIMARY(.zones = { MASTER(9) }) }, { SECONDARY(.zones = { SLAVE(8) }) } }, true,
		9, true },
	{ "SOA-EDIT, and the secondary has what is served",
		{ { PRIMARY(.zones = { { PDNS_MASTER, 9, 100, 9, 0, NULL, NULL } }) },
			{ SECONDARY(.zones = { SLAVE(100) }) } },
		true, 100, false },
	{ "SOA-EDIT where nobody transfers the zone: NOTIFY goes by the list",
		{ { PRIMARY(.zones = { { PDNS_MASTER, 9, 100, 8, 0, NULL, NULL } }) } }, true, 9,
		true },
	{ "never transferred is no copy, and since when it is so is asked",
		{ { PRIMARY(.zones = { { PDNS_MASTER, 9, 0, 9, 0, NULL, NULL } }) },
			{ SECONDARY(.zones = { { PDNS_SLAVE, 0, 0, 0, 0, "192.0.2.1", NULL } }) } },
		true, 9, true },
	{ "rather the primary than a Native one before it",
		{ { PRIMARY(.zones = { NATIVE(5) }) }, { .host = 3, .zones = { MASTER(9) } } },
		true, 9, false },
	{ "of two primaries the first of --url",
		{ { PRIMARY(.zones = { MASTER(5) }) }, { .host = 3, .zones = { MASTER(9) } } },
		true, 5, false },
};

static void serials(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct story story = { .pairs = { { 1, P | L, .zone = 0 }, { 2, 0, .zone = 0 },
					       { 3, 0, .zone = 0 } } };
		struct world world;
		bool needed = false;
		uint32_t serial = 0;

		story_begin(&world, &story);
		said_all(&world, rows[i].said);
		is_integer(judge_pdns_serial(&world.facts, 0, &serial), rows[i].known,
			rows[i].name);
		if (rows[i].known)
			is_integer(serial, rows[i].serial, "  its serial");
		judge_pdns_needs_past(&world.facts, &needed);
		is_integer(needed, rows[i].needed, "  since when is asked, or not");
		story_free(&world);
	}
}

#define EMPTY                                                                                      \
	{                                                                                          \
		PDNS_SLAVE, 0, 0, 0, 0, "192.0.2.1", NULL                                          \
	}
static const struct api_story stories[] = {
	{ "a zone that came a moment ago, and its contents not yet",
		{ { PRIMARY(.zones = { MASTER(9) }) }, { SECONDARY(.zones = { EMPTY }) } },
		.expected = "W never_transferred 2 =60",
		.text = "has the zone configured for 1m (since 05:18:00Z), and has not yet transferred it",
		.advice = "on ns2.example.com: pdns_control retrieve example.com; journalctl",
		.empty_s = 60 },
	{ "its time is over",
		{ { PRIMARY(.zones = { MASTER(9) }) }, { SECONDARY(.zones = { EMPTY }) } },
		.expected = "C never_transferred 2 =600",
		.text = "has the zone configured for 10m (since 05:09Z), and never transferred it",
		.empty_s = 600 },
	{ "it was so when the first run came",
		{ { PRIMARY(.zones = { MASTER(9) }) }, { SECONDARY(.zones = { EMPTY }) } },
		.expected = "C never_transferred 2 =60",
		.text = "has the zone configured for at least 1m (since 05:18:00Z), and never",
		.empty_s = 60, .empty_first = true },
	{ "c2: no time helps where the transfer is denied",
		{ { .host = 1,
			  .settings = { SET(PRIMARY, "yes"), SET(ALLOW_AXFR_IPS, "") },
			  .zones = { MASTER(9) },
			  .detail = DETAIL() },
			{ SECONDARY(.zones = { EMPTY }) } },
		.expected = "C axfr_denied 1; C never_transferred 2 =60 by axfr_denied",
		.empty_s = 60 },
	{ "that no NOTIFY was sent yet is not denied",
		{ { PRIMARY(.zones = { { PDNS_MASTER, 9, 9, 8, 0, NULL, NULL } }) },
			{ SECONDARY(.zones = { EMPTY }) } },
		.expected = "W never_transferred 2 =60 by notify_pending; O notify_pending 1",
		.empty_s = 60 },
	{ "transferred since, and what stands there of old is no matter",
		{ { PRIMARY(.zones = { MASTER(9) }) }, { SECONDARY(.zones = { SLAVE(9) }) } },
		.expected = "", .empty_s = 60 },
};

/* What a run every minute keeps of a zone without contents, and until when. */
static const struct {
	const char *name;
	struct said secondary;
	int since_s; /* behind the first run */
	bool changed;
} runs[] = {
	{ "without contents", { SECONDARY(.zones = { EMPTY }) }, 0, true },
	{ "as before, which is not written", { SECONDARY(.zones = { EMPTY }) }, 0, false },
	{ "it does not answer", { SECONDARY(.outcome = PDNS_TIMEOUT) }, 0, false },
	{ "transferred", { SECONDARY(.zones = { SLAVE(9) }) }, 180, true },
	{ "and still there", { SECONDARY(.zones = { SLAVE(9) }) }, 180, false },
	{ "made anew", { SECONDARY(.zones = { EMPTY }) }, 300, true },
};

static void untransferred(void)
{
	struct story story = { .pairs = { { 1, P | L, .zone = 0 }, { 2, 0, .zone = 0 } } };
	struct zone_history kept = { 0 };
	struct arena arena = { 0 };

	for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
		struct said said[SAID_MOST] = { { PRIMARY(.zones = { MASTER(9) }) },
			runs[i].secondary };
		struct world world;

		story_begin(&world, &story);
		said_all(&world, said);
		world.facts.now_s += 60 * (int64_t)i;
		kept.changed = false;
		judge_pdns_note(&world.facts, 0, &kept, &arena);
		is_integer(kept.server_count, 1, runs[i].name);
		is_integer(kept.servers[0].since_s - STORY_NOW, runs[i].since_s, "  since when");
		is_integer(kept.changed, runs[i].changed, "  written, or not");
		story_free(&world);
	}
	arena_free(&arena);
}

/* An API behind a socket, of a server that nothing tells where it is. */
static void nowhere(void)
{
	struct story story = { .pairs = { { 1, P | L, .zone = 0 }, { 2, 0, .zone = 0 } } };
	struct said said[SAID_MOST] = { { PRIMARY(.zones = { MASTER(9) }) },
		{ SECONDARY(.zones = { EMPTY }) } };
	struct zone_history *kept;
	struct world world;

	story_begin(&world, &story);
	said_all(&world, said);
	world.plan.servers[world.seen.pdns[1].server].address = (struct address){ 0 };
	world.past.begun_s = STORY_NOW - DAY;
	kept = history_keep(&world.past, 0);
	judge_pdns_note(&world.facts, 0, kept, &world.past.arena);
	world.facts.now_s += 60;
	judge_pdns_note(&world.facts, 0, kept, &world.past.arena);
	is_integer(kept->server_count, 1, "a server without an address is one");
	ok(kept->servers[0].address.family == 4 && kept->servers[0].since_s == STORY_NOW,
		"  that can be written, and found again");
	story_free(&world);
}

/* The first of --url has the zone, too, and it is another one. */
static void another_primary(void)
{
	struct story story = { .pairs = { { 1, P | L, .zone = 0 }, { 2, 0, .zone = 0 },
				       { 3, 0, .zone = 0 } },
		.seen_before = { { 8, DAY }, { 9, 2 * HOUR } } };
	struct said said[SAID_MOST] = { { PRIMARY(.zones = { MASTER(9) }) },
		{ .host = 3, .settings = { PRIMARY_SETTINGS }, .zones = { MASTER(9) } },
		{ SECONDARY(.zones = { { PDNS_SLAVE, 8, 8, 0, 60, "192.0.2.3", NULL } }) } };
	struct world world;
	struct text text = { 0 };

	story_begin(&world, &story);
	said_all(&world, said);
	judge_pdns(&world.facts, &world.verdict);
	story_findings(&world, &text);
	is_string(text_string(&text), "W secondary_behind 2",
		"behind a primary whose serials are not kept: since when is not known");
	text_free(&text);
	story_free(&world);
}

/* What reports show of lags beside findings. */
static void lags(void)
{
	struct verdict verdict = { 0 };
	unsigned wrong = 0;

	for (uint32_t i = 0; i < 100; i++)
		verdict_add_lag(&verdict,
			&(struct api_lag){ .zone = i / 2 * 3, .server = i % 2, .lag_s = i });
	for (uint32_t zone = 0; zone < 150; zone++) {
		for (uint32_t server = 0; server < 3; server++) {
			const struct api_lag *lag = verdict_find_lag(&verdict, zone, server);
			bool is_there = zone % 3 == 0 && server < 2;

			wrong += is_there ? !lag || lag->lag_s != zone / 3 * 2 + server : !!lag;
		}
	}
	is_integer(wrong, 0, "each lag is found by zone and server, and no other");
	verdict_free(&verdict);
}

int main(void)
{
	state_trouble();
	serials();
	another_primary();
	lags();
	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++)
		tell(&stories[i]);
	untransferred();
	nowhere();
	return done_testing();
}
