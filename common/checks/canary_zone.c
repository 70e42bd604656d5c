#include "common/checks/canary_zone.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/number.h"
#include "common/checks/memory.h"
#include "common/dns/name.h"
#include "common/dns/serial.h"

#define FILE_NAME "check_dns_propagation.tdb"

/* Nobody refreshes by himself while there is no primary, which is nearly always; and the zone lasts
 * for six weeks without a run. */
#define TIMERS "86400 86400 3628800 60"

static void add_ns(const struct server *server, uint32_t index, const uint8_t *zone,
	struct text *out)
{
	char own[32], address[ADDRESS_TEXT];
	const char *name = server->named ? server->name : own;
	uint8_t wire[NAME_WIRE];
	struct fault fault = { { 0 } };

	snprintf(own, sizeof(own), "ns%" PRIu32, index + 1);
	text_addf(out, "@ NS %s\n", name);
	if (!server->named ||
		(name_from_text(server->name, wire, &fault) && name_within(wire, zone)))
		text_addf(out, "%s %s %s\n", name, server->address.family == 4 ? "A" : "AAAA",
			address_to_text(&server->address, address));
}

void canary_zone_begin(struct canary_zone *zone, const struct plan *plan)
{
	char name[NAME_TEXT];

	*zone = (struct canary_zone){ 0 };
	text_addf(&zone->base, "$ORIGIN %s\n$TTL 60\n", name_to_text(plan->zones[0].name, name));
	for (uint32_t server = 0; server < plan->server_count; server++)
		add_ns(&plan->servers[server], server, plan->zones[0].name, &zone->base);
}

void canary_zone_text(const struct canary_zone *zone, uint32_t serial, struct text *out)
{
	text_add(out, text_string(&zone->base));
	text_addf(out, "@ SOA primary hostmaster %" PRIu32 " " TIMERS "\n", serial);
	text_addf(out, "_replication-canary TXT \"dns-replication-canary %" PRIu32 "\"\n", serial);
}

/* --- State: "LAST SERIAL SERIAL ...\nBASE" ---------------------------------------------------- */

static void note_name(const struct run *run, struct text *out)
{
	char name[NAME_TEXT];

	text_addf(out, "canary %s", name_to_text(run->plan.zones[0].name, name));
}

static void take_note(void *context, const uint8_t *bytes, size_t length)
{
	struct canary_zone *zone = context;
	struct text copy = { 0 };
	char *rest, *line, *word;
	uint64_t serial;

	text_add_bytes(&copy, bytes, length);
	rest = copy.length ? copy.bytes : NULL;
	line = rest ? strsep(&rest, "\n") : NULL;
	while (line && (word = strsep(&line, " "))) {
		if (!number_whole(word, 0, UINT32_MAX, &serial))
			break;
		if (!zone->has_last)
			zone->last = (uint32_t)serial;
		else if (zone->count < CANARY_SERIALS)
			zone->serials[zone->count++] = (uint32_t)serial;
		zone->has_last = true;
	}
	if (!rest || strcmp(rest, text_string(&zone->base)) != 0)
		zone->count = 0;
	text_free(&copy);
}

void canary_zone_recall(struct run *run, struct canary_zone *zone)
{
	struct state *state = memory_open(run, FILE_NAME);
	struct text name = { 0 };

	if (!state)
		return;
	note_name(run, &name);
	state_read_note(state, text_string(&name), take_note, zone);
	text_free(&name);
	state_close(state);
}

static void write_note(struct run *run, const struct canary_zone *zone)
{
	struct state *state = memory_open(run, FILE_NAME);
	struct text name = { 0 }, note = { 0 };
	struct fault fault = { { 0 } };

	if (!state)
		return;
	note_name(run, &name);
	text_addf(&note, "%" PRIu32, zone->last);
	for (size_t i = 0; i < zone->count; i++)
		text_addf(&note, " %" PRIu32, zone->serials[i]);
	text_addf(&note, "\n%s", text_string(&zone->base));
	if (!state_write_note(state, text_string(&name), &note, &fault))
		memory_failed(run, &fault);
	text_free(&name);
	text_free(&note);
	state_close(state);
}

static void be_newer(uint32_t *serial, uint32_t than)
{
	enum serial_order order = serial_compare(*serial, than);

	if (order != SERIAL_AHEAD)
		*serial = than + 1;
}

uint32_t canary_zone_next(const struct canary_zone *zone, uint32_t now_s, const uint32_t *served,
	size_t count)
{
	uint32_t serial = now_s;

	if (zone->has_last)
		be_newer(&serial, zone->last);
	for (size_t i = 0; i < count; i++)
		be_newer(&serial, served[i]);
	return serial;
}

void canary_zone_use(struct run *run, struct canary_zone *zone, uint32_t serial)
{
	if (zone->count == CANARY_SERIALS) {
		memmove(zone->serials, zone->serials + 1,
			(CANARY_SERIALS - 1) * sizeof(*zone->serials));
		zone->count--;
	}
	if (zone->count && serial_compare(serial, zone->serials[zone->count - 1]) != SERIAL_AHEAD)
		zone->count = 0;
	zone->serials[zone->count++] = serial;
	zone->last = serial;
	zone->has_last = true;
	write_note(run, zone);
}

void canary_zone_free(struct canary_zone *zone)
{
	text_free(&zone->base);
}
