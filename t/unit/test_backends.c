/*
 * Servers and the databases behind them (--mysql): what only both together show. Whole outputs are
 * in t/scenarios/native-*.
 */
#include "common/judge/database.h"
#include "common/model/database_zones.h"
#include "t/unit/story.h"

enum { BACKENDS = 3 };

/* A server's database: it has the zone with that serial, 0: it does not show its zones. */
#define HAS(NAME, REPLICATES, SERIAL)                                                              \
	{                                                                                          \
		.name = (NAME), .replicates = (REPLICATES), .serial = (SERIAL)                     \
	}
#define SILENT(NAME)                                                                               \
	{                                                                                          \
		.name = (NAME), .is_silent = true                                                  \
	}

struct told {
	const char *name; /* as --mysql has it; NULL: no more */
	bool replicates;
	uint32_t serial; /* of zone 0; 0: its zones can't be read */
	bool is_silent;
};

static const struct backend_story {
	struct story story;
	struct told told[BACKENDS];
	const char *text; /* of the first finding; NULL */
	const char *why;  /* of the first finding, "": none; NULL */
	int doubts;       /* answers that are asked for again */
	int explained;    /* findings about which nobody else need be asked */
} stories[] = {
	{ .story = { "all have the same",
		  .pairs = { { 1, P | L, .serial = 9 }, { 2, L, .serial = 9 } }, .said = "" },
		.told = { HAS("ns1.example.com", false, 9), HAS("ns2.example.com", true, 9) } },
	{ .story = { "the primary's database is the primary's, also where it is not named first",
		  .pairs = { { 1, P | L, .serial = 9 }, { 2, L, .serial = 9 } }, .said = "" },
		.told = { HAS("ns2.example.com", true, 9), HAS("ns1.example.com", false, 9) } },
	{ .story = { "a replica without a channel is none",
		  .pairs = { { 1, P | L, .serial = 9 }, { 2, L, .serial = 9 } },
		  .said = "C replica_not_configured 2@-" },
		.told = { HAS("ns1.example.com", false, 9), HAS("ns2.example.com", false, 9) },
		.text = "its database: " },
	{ .story = { "a database that no server of the zone reads is called by its own name",
		  .pairs = { { 1, P | L, .serial = 9 }, { 2, L, .serial = 9 } },
		  .said = "C database_unreachable@-" },
		.told = { HAS("ns1.example.com", false, 9), SILENT("backup.example.com") },
		.text = "backup.example.com: the database can't be reached: no answer" },
	{ .story = { "ahead, and the zones of its database can't be read",
		  .pairs = { { 1, P | L, .serial = 7, .earlier = 7 },
			  { 2, L, .serial = 9, .earlier = 9 } },
		  .said = "C secondary_ahead 2 =2" },
		.told = { HAS("ns1.example.com", false, 7), HAS("ns2.example.com", true, 0) },
		.why = "" },
	{ .story = { "ahead, as its database is",
		  .pairs = { { 1, P | L, .serial = 7, .earlier = 7 },
			  { 2, L, .serial = 9, .earlier = 9 } },
		  .said = "C secondary_ahead 2 =2" },
		.told = { HAS("ns1.example.com", false, 7), HAS("ns2.example.com", true, 9) },
		.why = "its database has 9, the primary's 7" },
	{ .story = { "no TCP, since it has no database to answer from",
		  .pairs = { { 1, P | L, .serial = 9 },
			  { 2, L, .serial = 9, .tcp_outcome = OUTCOME_PORT_CLOSED } },
		  .said = "C database_unreachable 2@-; C tcp_unreachable 2 by database_unreachable" },
		.told = { HAS("ns1.example.com", false, 9), SILENT("ns2.example.com") },
		.explained = 1 },
	{ .story = { "served, and not what its database has",
		  .pairs = { { 1, P | L, .serial = 9 }, { 2, L, .serial = 9 } },
		  .said = "O database_serial_differs 2" },
		.told = { HAS("ns1.example.com", false, 9), HAS("ns2.example.com", true, 8) },
		.doubts = 1 },
	{ .story = { "behind is what its server is, before its database is asked why",
		  .pairs = { { 1, P | L, .serial = 9, .earlier = 9 },
			  { 2, L, .serial = 8, .earlier = 8 } },
		  .seen_before = { { 8, DAY }, { 9, HOUR - 60 } },
		  .said = "W secondary_behind 2 =3540 by cache_stale" },
		.told = { HAS("ns1.example.com", false, 9), HAS("ns2.example.com", true, 9) },
		.explained = 1 },
};

/* All of it in the observations' arena. */
static void tell_database(struct world *world, const struct told *told, struct backend *backend)
{
	struct arena *arena = &world->seen.arena;
	struct database *database = arena_alloc(arena, sizeof(*database));
	struct database_zones *zones = arena_alloc(arena, sizeof(*zones));

	*database = (struct database){ .outcome = told->is_silent ? DATABASE_UNREACHABLE
								  : DATABASE_ANSWERED,
		.error = told->is_silent ? "no answer" : "",
		.status_error = "",
		.user = "",
		.flavour = DATABASE_MARIADB,
		.version = "10.11.6-MariaDB",
		.version_number = 101106,
		.read_only = told->replicates ? "ON" : "OFF",
		.zones = zones };
	*zones = (struct database_zones){ .schema = "pdns" };
	if (told->replicates) {
		database->channels = arena_alloc(arena, sizeof(*database->channels));
		*database->channels = (struct channel){ .name = "",
			.source_host = "192.0.2.1",
			.io = THREAD_RUNNING,
			.sql = THREAD_RUNNING,
			.gtid_received = "",
			.gtid_applied = "",
			.source_file = "",
			.filters = "",
			.io_error = "",
			.sql_error = "",
			.has_behind = true };
		database->channel_count = 1;
	}
	if (told->serial) {
		zones->items = arena_alloc(arena, sizeof(*zones->items));
		*zones->items = (struct database_zone){ .name = world->plan.zones[0].name,
			.kind = ZONE_KIND_NATIVE,
			.has_serial = true,
			.serial = told->serial };
		zones->count = 1;
	} else {
		zones->error = "denied";
	}
	*backend = (struct backend){ .name = told->name, .database = database };
}

static void tell(const struct backend_story *told)
{
	struct doubt doubts[STORY_PAIRS];
	const struct finding *first;
	struct text said = { 0 };
	struct world world;
	int explained = 0;

	story_begin(&world, &told->story);
	world.seen.backends =
		arena_array(&world.seen.arena, BACKENDS, sizeof(*world.seen.backends));
	for (size_t i = 0; i < BACKENDS && told->told[i].name; i++)
		tell_database(&world, &told->told[i],
			&world.seen.backends[world.seen.backend_count++]);
	backends_place(&world.plan, &world.seen);
	judge(&world.facts, &world.verdict);
	story_findings(&world, &said);
	is_string(text_string(&said), told->story.said, told->story.name);
	first = world.verdict.findings.items;
	if (told->text && !ok(first && strstr(first->text, told->text), "  text"))
		printf("#      got: %s\n", first ? first->text : "nothing");
	if (told->why &&
		!ok(first &&
				(*told->why ? first->why && strstr(first->why, told->why)
					    : !first->why),
			"  why"))
		printf("#      got: %s\n", first && first->why ? first->why : "nothing");
	is_integer((int64_t)judge_database_doubts(&world.facts, doubts, STORY_PAIRS), told->doubts,
		"  answers to ask for again");
	for (size_t i = 0; i < world.verdict.findings.count; i++)
		explained +=
			judge_is_told_by_database(&world.facts, &world.verdict.findings.items[i]);
	is_integer(explained, told->explained, "  findings that databases explain");
	text_free(&said);
	story_free(&world);
}

int main(void)
{
	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++)
		tell(&stories[i]);
	return done_testing();
}
