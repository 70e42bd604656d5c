/*
 * What an API says. The first byte is the document's kind; however the bytes are cut into pieces,
 * the same comes out. Names, lists of addresses and texts are foreign, too.
 */
#include <stdlib.h>
#include <string.h>

#include "common/probe/pdns_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);

struct world {
	struct plan plan;
	struct observations seen;
	struct pdns_server server;
	struct pdns_detail detail;
	struct fault why;
};

/* What the list of served serials is about. */
static void add_row(struct world *world)
{
	static const char list[] = "[{\"name\":\"example.com.\",\"kind\":\"Master\",\"serial\":1}]";
	struct pdns_reader reader = { .document = PDNS_DOCUMENT_ZONES,
		.plan = &world->plan,
		.seen = &world->seen,
		.server = &world->server };

	pdns_reader_begin(&reader);
	pdns_reader_feed(&reader, list, strlen(list));
	pdns_reader_end(&reader, &world->why);
	pdns_index_zones(&world->server, world->plan.zone_count, &world->seen.arena);
}

static enum pdns_outcome read_pieces(struct world *world, const uint8_t *data, size_t length,
	size_t piece)
{
	static const uint8_t zone[] = "\7example\3com";
	struct pdns_reader reader = { .document = data[0] % PDNS_DOCUMENT_COUNT,
		.plan = &world->plan,
		.adds_zones = true,
		.seen = &world->seen,
		.server = &world->server,
		.detail = &world->detail };

	*world = (struct world){ 0 };
	plan_begin(&world->plan);
	plan_add_zone(&world->plan, zone);
	observations_begin(&world->seen, 0, 0);
	if (reader.document == PDNS_DOCUMENT_SERVED)
		add_row(world);
	pdns_reader_begin(&reader);
	for (size_t at = 1; at < length; at += piece) {
		if (!pdns_reader_feed(&reader, (const char *)data + at,
			    length - at < piece ? length - at : piece))
			break;
	}
	return pdns_reader_end(&reader, &world->why);
}

static void must(bool good)
{
	if (!good)
		abort();
}

static void check_world(struct world *world, enum pdns_outcome outcome)
{
	struct pdns_server *server = &world->server;

	must(outcome == PDNS_ANSWERED || *world->why.text);
	pdns_index_zones(server, world->plan.zone_count, &world->seen.arena);
	for (uint32_t i = 0; i < server->zone_count; i++) {
		must(server->zones[i].zone < world->plan.zone_count);
		must(server->zones[i].masters < server->master_count);
		must(server->zones[i].account < world->seen.text_count);
		must(pdns_find_zone(server, server->zones[i].zone) == &server->zones[i]);
	}
	for (uint32_t i = 0; i < server->autoprimary_count; i++)
		must(server->autoprimaries[i].nameserver && server->autoprimaries[i].account);
}

static void end(struct world *world)
{
	observations_free(&world->seen);
	plan_free(&world->plan);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
	struct world whole, pieces;
	enum pdns_outcome outcome;

	if (!length)
		return 0;
	outcome = read_pieces(&whole, data, length, length);
	must(read_pieces(&pieces, data, length, 7) == outcome);
	must(!strcmp(whole.why.text, pieces.why.text));
	must(whole.server.zone_count == pieces.server.zone_count);
	must(whole.server.log_count == pieces.server.log_count);
	check_world(&whole, outcome);
	end(&whole);
	end(&pieces);
	return 0;
}
