/* Whose API and database it is, by the option's NAME; and when it is said that they are nobody's.
 * Servers are ns1 (the primary, 192.0.2.1), ns2 (192.0.2.2 and 2001:db8::2), 198.51.100.3 without a
 * name; ns4 is an NS name without address. */
#include "common/model/informant.h"

#include "common/model/database_zones.h"
#include "t/unit/story.h"

enum { MOST = 3 };

/* What --pdns-api and --mysql name. */
#define API(text) .kind = INFORMANT_API, .name = (text)
#define DB(text)  .kind = INFORMANT_DATABASE, .name = (text)

static const struct story servers = {
	.pairs = { { 1, P | L, .serial = 7 }, { 2, L, .serial = 7 }, { V6 + 2, L, .serial = 7 },
		{ BARE + 3, A, .serial = 7 }, { 1, P | L, 1, .serial = 7 },
		{ 5, L, 1, .serial = 7 } },
	.ns_names = { 1, 2, 4 },
	.unresolved = 4,
};

/* What is different in a story. */
enum doubt_of {
	NOTHING,
	SHARDS,
	LIST_FAILED,
	LIST_BROKEN,
	RESOLVER_SILENT,
	NAME_UNKNOWN,
	NO_TIME,
	NS_UNKNOWN,
	NS_FROM_BEFORE,
	NO_ZONE,
	NO_PRIMARY,   /* none that was named or that answers */
	BARE_PRIMARY, /* of which only the address is known */
};

struct told {
	unsigned kind;
	const char *name, *address, *host, *trouble;
	bool gives_zones, could_tell;
};

static const struct {
	const char *name;
	struct told told[MOST];
	enum doubt_of doubt;
	const char *said; /* of the findings, their severities and texts */
} stories[] = {
	{ "by name", { { API("ns1.example.com") }, { DB("NS2.Example.com.") } }, .said = "" },
	{ "of one zone among others", { { API("ns5.example.com") } }, .said = "" },
	{ "by address", { { API("192.0.2.2") }, { DB("2001:DB8::2") }, { API("198.51.100.3") } },
		.said = "" },
	{ "by what the name means",
		{ { API("x"), .address = "192.0.2.2" }, { DB("x"), .address = "2001:db8::2" } },
		.said = "" },
	{ "by where it is asked", { { API("x"), .host = "192.0.2.2" } }, .said = "" },
	{ "a name that NS records have", { { DB("ns4.example.com") } }, .said = "" },
	{ "a slip",
		{ { API("ns2.exmaple.com"), .trouble = "it answers HTTP 502" },
			{ API("ns1.example.com") } },
		.said = "W --pdns-api=ns2.exmaple.com is no server's name or address, so that API explains nothing; there are ns1.example.com, ns2.example.com, 198.51.100.3, ns5.example.com; the API does not tell whose it is, either: it answers HTTP 502 (if ns2.example.com is meant: --pdns-api=ns2.example.com=URL; else have its server asked, too: --add-server=ns2.exmaple.com=ADDRESS)\n" },
	{ "a database's, where the server has an API",
		{ { DB("ns2,example.com") }, { API("ns2.example.com") } },
		.said = "W --mysql=ns2,example.com is no server's name or address, so no answer is compared with that database; there are ns1.example.com, ns2.example.com, 198.51.100.3, ns5.example.com (if ns2.example.com is meant: --mysql=ns2.example.com=OPTION-FILE; else have its server asked, too: --add-server='ns2,example.com'=ADDRESS)\n" },
	{ "nearest is one that has its own",
		{ { API("ns6.example.com") }, { API("ns2.example.com") },
			{ API("ns1.example.com") } },
		.said = "W --pdns-api=ns6.example.com is no server's name or address, so that API explains nothing; there are ns1.example.com, ns2.example.com, 198.51.100.3, ns5.example.com (if ns5.example.com is meant: --pdns-api=ns5.example.com=URL; else have its server asked, too: --add-server=ns6.example.com=ADDRESS)\n" },
	{ "nothing like it, and odd", { { DB("my db") } },
		.said = "W --mysql=my db is no server's name or address, so no answer is compared with that database; there are ns1.example.com, ns2.example.com, 198.51.100.3, ns5.example.com (dig @192.0.2.1 example.com NS +short, and --mysql=NAME=OPTION-FILE by one of these names; or have its server asked, too: --add-server='my db'=ADDRESS)\n" },
	{ "where another one's is asked",
		{ { API("db7.example.net"), .host = "192.0.2.2" }, { API("ns2.example.com") } },
		.said = "W --pdns-api=db7.example.net is no server's name or address, so that API explains nothing; there are ns1.example.com, ns2.example.com, 198.51.100.3, ns5.example.com (dig @192.0.2.1 example.com NS +short, and --pdns-api=NAME=URL by one of these names; or have its server asked, too: --add-server=db7.example.net=ADDRESS)\n" },
	{ "it could still tell", { { API("ns2.exmaple.com"), .could_tell = true } }, .said = "" },
	{ "it gives the zones", { { API("hidden"), .gives_zones = true, .could_tell = true } },
		.said = "O --pdns-api=hidden is no server's name or address, so only the list of zones comes from there; there are ns1.example.com, ns2.example.com, 198.51.100.3, ns5.example.com (dig @192.0.2.1 example.com NS +short, and --pdns-api=NAME=URL by one of these names; or have its server asked, too: --add-server=hidden=ADDRESS)\n" },
	{ "other shards", { { API("x") } }, SHARDS, "" },
	{ "no list", { { API("x") } }, LIST_FAILED, "" },
	{ "a list with gaps", { { DB("x") } }, LIST_BROKEN, "" },
	{ "no resolver", { { API("x") } }, RESOLVER_SILENT, "" },
	{ "a name that nobody could resolve", { { API("x") } }, NAME_UNKNOWN, "" },
	{ "no time", { { API("x") } }, NO_TIME, "" },
	{ "no NS set", { { API("x") } }, NS_UNKNOWN, "" },
	{ "an old NS set", { { DB("x") } }, NS_FROM_BEFORE, "" },
	{ "no zone", { { DB("x") } }, NO_ZONE, "" },
	{ "the database of a hidden primary", { { DB("x") }, { DB("ns2.example.com") } },
		NO_PRIMARY,
		"O --mysql=x is no server's name or address, so it counts as the primary's, whose answers are not compared with it; there are ns1.example.com, ns2.example.com, 198.51.100.3, ns5.example.com (dig example.com NS +short, and --mysql=NAME=OPTION-FILE by one of these names; or have its server asked, too: --add-server=x=ADDRESS)\n" },
	{ "the first of a primary that is asked", { { DB("x") }, { DB("ns2.example.com") } },
		.said = "W --mysql=x is no server's name or address, so no answer is compared with that database; there are ns1.example.com, ns2.example.com, 198.51.100.3, ns5.example.com (dig @192.0.2.1 example.com NS +short, and --mysql=NAME=OPTION-FILE by one of these names; or have its server asked, too: --add-server=x=ADDRESS)\n" },
	{ "the first of a primary without a name", { { DB("x") }, { DB("ns2.example.com") } },
		BARE_PRIMARY,
		"O --mysql=x is no server's name or address, so it counts as the primary's, whose answers are not compared with it; there are ns1.example.com, ns2.example.com, 198.51.100.3, ns5.example.com (dig @192.0.2.1 example.com NS +short, and --mysql=NAME=OPTION-FILE by one of these names; or have its server asked, too: --add-server=x=ADDRESS)\n" },
	{ "the first, beside that of the primary", { { DB("x") }, { DB("ns1.example.com") } },
		.said = "O --mysql=x is no server's name or address, so it counts as the primary's, whose answers are not compared with it; there are ns1.example.com, ns2.example.com, 198.51.100.3, ns5.example.com (dig @192.0.2.1 example.com NS +short, and --mysql=NAME=OPTION-FILE by one of these names; or have its server asked, too: --add-server=x=ADDRESS)\n" },
	{ "the only one", { { DB("x") } }, NO_PRIMARY,
		"W --mysql=x is no server's name or address, so no answer is compared with that database; there are ns1.example.com, ns2.example.com, 198.51.100.3, ns5.example.com (dig example.com NS +short, and --mysql=NAME=OPTION-FILE by one of these names; or have its server asked, too: --add-server=x=ADDRESS)\n" },
};

static void doubt(struct world *world, enum doubt_of of)
{
	struct plan *plan = &world->plan;

	for (size_t z = 0; z < plan->zone_count; z++)
		plan->zones[z].ns_source = NS_FROM_PRIMARY;
	plan->zones_elsewhere = of == SHARDS;
	plan->list_failure = of == LIST_FAILED ? "it is silent" : NULL;
	plan->list_trouble = of == LIST_BROKEN ? "line 3 says no zone" : NULL;
	plan->resolver_trouble = of == RESOLVER_SILENT ? "192.0.2.53 does not answer" : NULL;
	world->seen.deadline_reached = of == NO_TIME;
	if (of == NAME_UNKNOWN)
		plan->names[1].fate = NAME_FATE_RESOLVER_FAILED;
	if (of == NS_UNKNOWN)
		plan->zones[1].ns_source = NS_FROM_NOBODY;
	if (of == NS_FROM_BEFORE)
		plan->zones[0].ns_source = NS_FROM_HISTORY;
	if (of == NO_ZONE)
		plan->zone_count = 0;
	for (size_t pair = 0; of == NO_PRIMARY && pair < plan->pair_count; pair++)
		plan->pair_flags[pair] = PAIR_LISTED;
	if (of == BARE_PRIMARY)
		plan->servers[0].named = false;
}

static struct address *address_of(struct world *world, const char *text)
{
	struct address *address = arena_alloc(&world->seen.arena, sizeof(*address));

	if (text)
		address_from_text(text, address);
	return address;
}

static void tell(struct world *world, const struct told told[MOST])
{
	struct observations *seen = &world->seen;

	seen->informants = arena_array(&seen->arena, MOST, sizeof(*seen->informants));
	seen->backends = arena_array(&seen->arena, MOST, sizeof(*seen->backends));
	for (; seen->informant_count < MOST && told->name; told++) {
		seen->informants[seen->informant_count++] = (struct informant){ .kind = told->kind,
			.name = told->name,
			.addresses = address_of(world, told->address),
			.address_count = told->address != NULL,
			.hosts = address_of(world, told->host),
			.host_count = told->host != NULL,
			.trouble = told->trouble,
			.gives_zones = told->gives_zones,
			.could_tell = told->could_tell };
		if (told->kind == INFORMANT_DATABASE)
			seen->backends[seen->backend_count++] = (struct backend){ .name = told->name,
				.database = arena_alloc(&seen->arena, sizeof(struct database)) };
	}
	backends_place(&world->plan, seen);
}

static void play(size_t index)
{
	struct world world;
	struct text said = { 0 };

	story_begin(&world, &servers);
	doubt(&world, stories[index].doubt);
	tell(&world, stories[index].told);
	judge_informants(&world.facts, &world.verdict);
	for (size_t i = 0; i < world.verdict.findings.count; i++) {
		const struct finding *each = &world.verdict.findings.items[i];

		text_addf(&said, "%c %s (%s)\n", severity_text(each->severity)[0], each->text,
			each->advice);
	}
	is_string(text_string(&said), stories[index].said, stories[index].name);
	text_free(&said);
	story_free(&world);
}

/* Which server, in the stories' numbers of hosts; 0: none. */
static const struct {
	const char *name;
	struct told told;
	int host;
} fits[] = {
	{ "a name is more than an address", { API("ns1.example.com"), .address = "192.0.2.2" }, 1 },
	{ "an address is more than where it is asked",
		{ API("x"), .address = "192.0.2.2", .host = "192.0.2.1" }, 2 },
	{ "where it is asked", { API("x"), .host = "2001:db8::2" }, V6 + 2 },
	{ "loopback may be a tunnel", { API("x"), .host = "127.0.0.1" }, 0 },
	{ "any port", { API("x"), .address = "192.0.2.2@5300" }, 2 },
	{ "another family's bytes", { API("x"), .address = "c000:0202::" }, 0 },
	{ "nowhere", { API("x") }, 0 },
};

static void fit(size_t index)
{
	struct world world;
	uint32_t server;

	story_begin(&world, &servers);
	tell(&world, (const struct told[MOST]){ fits[index].told });
	server = informant_server(&world.plan, &world.seen, world.seen.informants);
	is_integer(server == PLAN_NONE ? 0 : story_host(&world.plan.servers[server]),
		fits[index].host, fits[index].name);
	story_free(&world);
}

/* Two servers at one address, as loopback and port forwarding have them. */
static void two_at_one_address(void)
{
	struct informant asked = { .name = "x" };
	struct observations seen = { 0 };
	struct address first = story_address(9), second = first;
	struct plan plan;
	uint8_t name[NAME_WIRE];

	plan_begin(&plan);
	second.port = 5300;
	story_name(name, "a.example");
	plan_add_server(&plan, name, &first);
	story_name(name, "b.example");
	plan_add_server(&plan, name, &second);
	plan_close(&plan);
	asked.hosts = &first;
	asked.host_count = 1;
	is_integer(informant_server(&plan, &seen, &asked), PLAN_NONE,
		"where two servers are, neither is meant");
	plan_free(&plan);
}

/* The text is bounded. */
static void many_servers(void)
{
	struct world world;
	struct story story = servers;

	for (int i = 0; i < 8; i++)
		story.pairs[i] = (struct story_pair){ 10 + i, L, .serial = 7 };
	story_begin(&world, &story);
	doubt(&world, NOTHING);
	tell(&world, (const struct told[MOST]){ { DB("x") } });
	judge_informants(&world.facts, &world.verdict);
	ok(world.verdict.findings.count == 1 &&
			strstr(world.verdict.findings.items[0].text,
				"; there are ns10.example.com, ns11.example.com, ns12.example.com, ns13.example.com, ns14.example.com and others"),
		"five servers are named");
	story_free(&world);
}

static void no_server(void)
{
	static const struct story nobody = { .name = "nobody" };
	struct world world;

	story_begin(&world, &nobody);
	doubt(&world, NOTHING);
	tell(&world, (const struct told[MOST]){ { DB("x") } });
	judge_informants(&world.facts, &world.verdict);
	ok(world.verdict.findings.count == 1 &&
			strstr(world.verdict.findings.items[0].text, "; there is none"),
		"a zone without servers");
	story_free(&world);
}

int main(void)
{
	for (size_t i = 0; i < sizeof(stories) / sizeof(*stories); i++)
		play(i);
	for (size_t i = 0; i < sizeof(fits) / sizeof(*fits); i++)
		fit(i);
	two_at_one_address();
	many_servers();
	no_server();
	return done_testing();
}
