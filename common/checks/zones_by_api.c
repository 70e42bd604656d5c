#include "common/checks/zones_by_api.h"

#include <string.h>

#include "common/base/clock.h"
#include "common/checks/observed.h"
#include "common/model/pdns.h"
#include "common/probe/sibling.h"

enum { KILL_AFTER_US = 200000, SECOND_US = 1000000, ARGUMENTS = API_ARGUMENTS + 5 };

struct fetching {
	struct zone_sources *sources;
	struct zone_source *source;
	bool has_list; /* the whole of it */
};

static const char *url_of(const struct run *run)
{
	const struct dns_replication_values *values = run->values;

	return strchr(values->pdns_api.items[0], '=') + 1;
}

static bool take_zone(void *context, struct scenario_line *line)
{
	struct fetching *fetching = context;
	uint8_t name[NAME_WIRE];
	uint32_t zone;

	if (!scenario_name(line, scenario_plain(line, 0), name))
		return false;
	name_lower(name);
	zone = zone_sources_add(fetching->sources, name);
	if (zone != PLAN_NONE)
		zone_source_mark(fetching->sources, fetching->source, zone, ZONE_LISTED);
	return true;
}

/* How the list was read. Its settings do not matter here. */
static bool take_server(void *context, struct scenario_line *line)
{
	struct fetching *fetching = context;
	const char *outcome = scenario_value(line, "zones_outcome"),
		   *trouble = scenario_value(line, "trouble");

	fetching->has_list = outcome && !strcmp(outcome, pdns_outcome_name(PDNS_ANSWERED));
	if (!fetching->has_list)
		fault_set(&fetching->source->why, "its API at %s: %s",
			url_of(fetching->sources->run), trouble ? trouble : "no answer in time");
	return true;
}

static void set_arguments(struct run *run, int64_t left_us, const char **arguments)
{
	const struct dns_replication_values *values = run->values;
	struct arena *arena = &run->arena;
	size_t count = 0;

	arguments[count++] = "--observe";
	arguments[count++] = "--no-state";
	arguments[count++] = arena_printf(arena, "--url=%s", values->pdns_api.items[0]);
	/* Its questions end a second earlier. */
	arguments[count++] =
		arena_printf(arena, "--timeout=%.3fs", (double)left_us / SECOND_US + 1);
	count += api_access_arguments(run, &values->api_access, arguments + count);
	arguments[count] = NULL;
}

/* Half of what is left, so that there is time to ask about the zones. */
void zones_by_api_fetch(struct zone_sources *sources, struct zone_source *source)
{
	static const struct observed_kind kinds[] = { { "zone", take_zone },
		{ "pdns", take_server }, { NULL, NULL } };
	struct fetching fetching = { .sources = sources, .source = source };
	int64_t now_us = clock_monotonic_us(), left_us = (sources->run->deadline_us - now_us) / 2;
	const char *arguments[ARGUMENTS];
	struct observed observed;
	struct sibling sibling = { .program = "check_pdns_replication",
		.arguments = arguments,
		.deadline_us = now_us + left_us + KILL_AFTER_US,
		.output = observed_feed,
		.context = &observed };

	set_arguments(sources->run, left_us, arguments);
	observed_begin(&observed, kinds, &fetching);
	siblings_end(siblings_start(sources->run->loop, &sibling, 1));
	if (!observed_end(&observed, &sibling, &source->why))
		source->has_failed = true;
	else if (!fetching.has_list && !*source->why.text)
		fault_set(&source->why, "its API told nothing");
	source->has_failed |= !fetching.has_list;
}
