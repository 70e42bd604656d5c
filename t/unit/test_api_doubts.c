/* What is asked about in full, of a site with more trouble than there is time for. */
#include "t/unit/pdns_story.h"

enum { MANY = 12 };

static void many_server(struct world *world, struct pdns_server *server, int host,
	enum pdns_kind kind, uint32_t serial)
{
	struct arena *arena = &world->seen.arena;
	struct address *master = arena_alloc(arena, sizeof(*master));

	*master = story_address(1);
	server->server = story_server(world, host);
	server->name = world->plan.servers[server->server].display;
	server->outcome = server->zones_outcome = server->settings_outcome = PDNS_ANSWERED;
	server->is_primary = host == 1;
	server->all_zones = true;
	server->zones = arena_array(arena, MANY, sizeof(*server->zones));
	server->zone_rows = arena_array(arena, MANY, sizeof(*server->zone_rows));
	server->masters = arena_array(arena, 2, sizeof(*server->masters));
	server->masters[1] = (struct pdns_masters){ "192.0.2.1", master, 1 };
	server->master_count = 2;
	for (uint32_t z = 0; z < MANY; z++) {
		server->zones[z] = (struct pdns_zone){ .zone = z,
			.kind = (uint8_t)kind,
			.serial = serial,
			.edited_serial = serial,
			.has_edited_serial = true,
			.masters = host == 1 ? 0 : 1,
			.last_check_s = STORY_NOW - 60 };
		server->zone_rows[z] = ++server->zone_count;
	}
}

/* Serials that SOA-EDIT may explain: of few zones each is asked about, of many one list is. */
static void wants_served(struct world *world)
{
	struct pdns_server *primary = &world->seen.pdns[0], *secondary = &world->seen.pdns[1];
	bool wanted[3] = { false };

	for (uint32_t z = 0; z < MANY; z++) {
		world->seen.pdns[2].zone_rows[z] = 0;
		primary->zones[z].has_edited_serial = z >= PDNS_DOUBTS_OF_SERVER;
		secondary->zones[z].serial = z < PDNS_DOUBTS_OF_SERVER ? 2026111901 : 9;
	}
	ok(!judge_pdns_wants_served(&world->facts, wanted), "eight zones are asked about in full");
	primary->zones[MANY - 1].has_edited_serial = false;
	ok(judge_pdns_wants_served(&world->facts, wanted),
		"where there is SOA-EDIT, equal serials in the lists prove nothing");
	primary->zones[PDNS_DOUBTS_OF_SERVER].has_edited_serial = false;
	secondary->zones[PDNS_DOUBTS_OF_SERVER].serial = 2026111901;
	ok(judge_pdns_wants_served(&world->facts, wanted), "nine are not");
	ok(wanted[0] && !wanted[1] && !wanted[2], "the primary's list tells of them");
	for (uint32_t z = 0; z < MANY; z++) {
		primary->zones[z].has_edited_serial = true;
		primary->zones[z].edited_serial = 2026111901;
	}
	wanted[0] = false;
	ok(!judge_pdns_wants_served(&world->facts, wanted), "told, nothing more is wanted");
	for (uint32_t z = 0; z < MANY; z++) {
		primary->zones[z].has_edited_serial = false;
		secondary->zones[z].serial = 9;
	}
	ok(!judge_pdns_wants_served(&world->facts, wanted),
		"nor where all are equal and SOA-EDIT is not to be seen");
	primary->settings[PDNS_DEFAULT_SOA_EDIT_SIGNED] = "INCREMENT-WEEKS";
	ok(judge_pdns_wants_served(&world->facts, wanted), "but where it is the default");
}

/* Those that a secondary lacks come behind all that are behind. */
static void lacking(struct world *world)
{
	struct pdns_doubt doubts[PDNS_DOUBTS_MOST];
	size_t count, lacked = 0;

	world->seen.pdns[2].zone_rows[MANY - 1] = world->seen.pdns[2].zone_rows[MANY - 2] = 0;
	count = judge_pdns_doubts(&world->facts, &(struct pdns_turn){ 0 }, doubts);
	for (size_t i = 0; i < count; i++)
		lacked += doubts[i].zone >= MANY - 2 && doubts[i].index == 0;
	is_integer((int64_t)lacked, 2, "what is lacked is looked at among all that is behind");
	world->seen.pdns[2].zone_rows[MANY - 2] = MANY - 1;
	world->seen.pdns[2].zone_rows[MANY - 1] = MANY;
}

/* The zones about which the primary is asked, as bits; bit 0 is the first zone. */
static unsigned looked_at(const struct world *world, struct pdns_turn *turn)
{
	struct pdns_doubt doubts[PDNS_DOUBTS_MOST];
	size_t count = judge_pdns_doubts(&world->facts, turn, doubts);
	unsigned zones = 0;

	for (size_t i = 0; i < count; i++)
		zones |= doubts[i].index == 0 ? 1u << doubts[i].zone : 0;
	return zones;
}

/* A secondary that lacks all twelve zones, and only their NS sets tell whether it should. */
static void take_turns(struct world *world)
{
	static const bool again[MANY] = { [9] = true };
	struct pdns_turn turn = { 0 };

	world->seen.pdns_count = 2;
	memset(world->seen.pdns[1].zone_rows, 0, MANY * sizeof(uint32_t));
	is_integer(looked_at(world, &turn), 0x0ff, "the first run: the first eight");
	is_integer(turn.next, 8, "  and the next begins behind them");
	turn.from = turn.next;
	is_integer(looked_at(world, &turn), 0xf0f, "which looks at the rest, and goes round");
	is_integer(turn.next, 4, "  again");
	turn.from = 8;
	is_integer(looked_at(world, &turn), 0xf0f, "the same again is the same");
	turn = (struct pdns_turn){ .from = 0, .again = again };
	is_integer(looked_at(world, &turn), 0x27f, "what was in trouble is looked at first of all");
	is_integer(turn.next, 7, "  and has a place of the eight");
	world->seen.pdns[1].zones[11].serial = 8;
	world->seen.pdns[1].zone_rows[11] = 12;
	turn = (struct pdns_turn){ 0 };
	is_integer(looked_at(world, &turn), 0x87f, "so has what the lists tell to be behind");
	ok(judge_pdns_is_in_trouble(&world->facts, 11) &&
			!judge_pdns_is_in_trouble(&world->facts, 0),
		"which is trouble, and what is not known is none");
	for (uint32_t z = 0; z < 4; z++)
		world->seen.pdns[1].zone_rows[z] = z + 1;
	is_integer(looked_at(world, &turn), 0xff0, "of eight all");
	is_integer(turn.next, PLAN_NONE, "  and nobody is left out");
	turn.from = 99;
	is_integer(looked_at(world, &turn), 0xff0, "wherever it begins");
}

/* Of many zones in trouble few are asked about, and each once however many servers lack it. */
int main(void)
{
	struct world world = { 0 };
	struct pdns_doubt doubts[PDNS_DOUBTS_MOST];
	struct pdns_turn turn = { 0 };
	uint32_t of_server[3] = { 0 }, twice = 0;
	size_t count;
	uint8_t name[NAME_WIRE];
	char text[32];

	plan_begin(&world.plan);
	for (int z = 0; z < MANY; z++) {
		snprintf(text, sizeof(text), "z%02d.example", z);
		story_name(name, text);
		plan_add_zone(&world.plan, name);
	}
	for (int host = 1; host <= 3; host++)
		story_add(&world, host);
	plan_close(&world.plan);
	world.seen.pdns = arena_array(&world.seen.arena, 3, sizeof(*world.seen.pdns));
	world.seen.pdns_count = 3;
	many_server(&world, &world.seen.pdns[0], 1, PDNS_MASTER, 9);
	many_server(&world, &world.seen.pdns[1], 2, PDNS_SLAVE, 8);
	many_server(&world, &world.seen.pdns[2], 3, PDNS_SLAVE, 8);
	world.facts =
		(struct facts){ .plan = &world.plan, .seen = &world.seen, .now_s = STORY_NOW };
	count = judge_pdns_doubts(&world.facts, &turn, doubts);
	for (size_t i = 0; i < count; i++) {
		of_server[doubts[i].index]++;
		for (size_t j = 0; j < i; j++)
			twice += doubts[j].index == doubts[i].index &&
				doubts[j].zone == doubts[i].zone;
	}
	for (int i = 0; i < 3; i++)
		is_integer(of_server[i], PDNS_DOUBTS_OF_SERVER, "so many of each server");
	is_integer(twice, 0, "each once");
	is_integer(turn.next, PLAN_NONE, "what the lists tell takes no turns");
	lacking(&world);
	wants_served(&world);
	take_turns(&world);
	arena_free(&world.seen.arena);
	plan_free(&world.plan);
	return done_testing();
}
