#include "common/checks/scenario_history.h"

static void add_address(struct text *out, const struct address *address)
{
	char text[ADDRESS_TEXT];

	text_addf(out, "%s@%u", address_to_text(address, text), address->port);
}

void scenario_write_history(const struct history *history, uint32_t zone, struct text *out)
{
	const struct zone_history *past = history_of(history, zone);

	for (uint32_t i = 0; i < past->serial_count; i++)
		text_addf(out, "serial zone=%u %u %lld\n", zone, past->serials[i].serial,
			(long long)past->serials[i].first_seen_s);
	for (uint32_t i = 0; i < past->server_count; i++) {
		const struct server_past *server = &past->servers[i];

		text_addf(out, "past zone=%u ", zone);
		scenario_add_word(out, server->name);
		text_add_byte(out, ' ');
		add_address(out, &server->address);
		text_addf(out, " outcome=%s since=%lld listed=%d",
			outcome_name((enum outcome)server->outcome), (long long)server->since_s,
			server->listed);
		if (*server->nsid) {
			text_add(out, " nsid=");
			scenario_add_word(out, server->nsid);
		}
		text_add_byte(out, '\n');
	}
}

void scenario_write_begun(const struct history *past, struct text *out)
{
	if (past->begun_s)
		text_addf(out, "begun %lld\n", (long long)past->begun_s);
}

void scenario_write_gaps(const struct history *past, struct text *out)
{
	for (size_t i = 0; i < past->gap_count; i++)
		text_addf(out, "gap zone=%u server=%u %u %lld\n", past->gaps[i].zone,
			past->gaps[i].server, past->gaps[i].served,
			(long long)past->gaps[i].since_s);
}

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
		fault_set(line->fault,
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
		return fault_set(line->fault, "since= is no time that can be");
	history_see_server(past, &server, &history->arena);
	return true;
}

bool scenario_read_begun(struct scenario_line *line, struct history *history)
{
	if (!scenario_plain_number(line, 0, INT64_MAX, &history->begun_s))
		return false;
	return history_is_date(history->begun_s) ||
		fault_set(line->fault, "the history can't have begun then");
}

bool scenario_read_gap(struct scenario_line *line, const struct plan *plan, struct history *past)
{
	struct serial_gap gap = { 0 };
	int64_t zone, server, served;

	if (!scenario_number(line, "zone", (int64_t)plan->zone_count - 1, &zone) ||
		!scenario_number(line, "server", (int64_t)plan->server_count - 1, &server) ||
		!scenario_plain_number(line, 0, UINT32_MAX, &served) ||
		!scenario_plain_number(line, 1, INT64_MAX, &gap.since_s))
		return false;
	if (past->gap_count == GAPS_MOST || !history_is_date(gap.since_s))
		return fault_set(line->fault, "one gap too many, or its date can't be");
	gap.zone = (uint32_t)zone;
	gap.server = (uint32_t)server;
	gap.served = (uint32_t)served;
	if (!past->gaps)
		past->gaps = arena_array(&past->arena, GAPS_MOST, sizeof(gap));
	past->gaps[past->gap_count++] = gap;
	return true;
}
