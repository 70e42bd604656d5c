#include "common/checks/scenario_history.h"

/* The history of the zone that the line is about, or NULL. */
static struct zone_history *past_of(struct scenario_line *line, struct history *past)
{
	int64_t zone;

	if (!scenario_number(line, "zone", (int64_t)past->zone_count - 1, &zone))
		return NULL;
	return &past->zones[zone];
}

bool scenario_read_serial(struct scenario_line *line, struct history *history)
{
	struct zone_history *past = past_of(line, history);
	struct seen_serial seen;
	int64_t serial;

	if (!past || !scenario_plain_number(line, 0, UINT32_MAX, &serial) ||
		!scenario_plain_number(line, 1, INT64_MAX, &seen.first_seen_s))
		return false;
	seen.serial = (uint32_t)serial;
	return history_put_serial(past, &seen, &history->arena) ||
		fault_set(line->fault, "%s",
			"one serial too many, not newer than those before, or its date can't be");
}

bool scenario_read_past(struct scenario_line *line, struct history *history)
{
	struct zone_history *past = past_of(line, history);
	const char *nsid = scenario_value(line, "nsid"), *name = scenario_plain(line, 0);
	struct server_past server = { .nsid = nsid ? nsid : "", .name = name };

	if (!past || !scenario_address(line, scenario_plain(line, 1), &server.address) ||
		!scenario_outcome(line, "outcome", &server.outcome) ||
		!scenario_number(line, "since", INT64_MAX, &server.since_s) ||
		!scenario_bool(line, "listed", &server.listed))
		return false;
	if (!history_is_date(server.since_s))
		return fault_set(line->fault, "%s", "since= is no time that can be");
	history_see_server(past, &server, &history->arena);
	return true;
}
