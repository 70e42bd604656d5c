#include "common/checks/dns_history.h"

static void note_servers(const struct run *run, uint32_t index, struct zone_history *history,
	struct arena *arena)
{
	const struct zone *zone = &run->plan.zones[index];

	for (uint32_t pair = zone->first_pair; pair < zone->first_pair + zone->pair_count; pair++) {
		const struct server *server = &run->plan.servers[run->plan.assigned[pair]];
		const struct soa_observation *seen = &run->seen.soa[pair];
		struct server_past past = { .name = server->name,
			.address = server->address,
			.nsid = "",
			.outcome = seen->outcome,
			.listed = run->plan.pair_flags[pair] & PAIR_LISTED,
			.since_s = run->judged_s };

		if (seen->outcome == OUTCOME_NOT_ASKED)
			continue;
		history_see_server(history, &past, arena);
		past.nsid = run->seen.texts[seen->nsid];
		if (*past.nsid)
			history_see_server(history, &past, arena);
	}
}

static void forget_unlisted(const struct run *run, uint32_t index, struct zone_history *history)
{
	const struct zone *zone = &run->plan.zones[index];
	struct address addresses[HISTORY_SERVERS];
	size_t count = 0;

	if (zone->ns_source != NS_FROM_PRIMARY && zone->ns_source != NS_FROM_RESOLVER)
		return;
	for (uint32_t i = 0; i < zone->pair_count && count < HISTORY_SERVERS; i++)
		addresses[count++] =
			run->plan.servers[run->plan.assigned[zone->first_pair + i]].address;
	history_keep_listed(history, addresses, count);
}

static void note_zone(void *context, uint32_t index, struct zone_history *history,
	struct arena *arena)
{
	const struct run *run = context;
	struct facts facts = run_facts(run);
	struct reference reference = judge_reference(&facts, index);

	if (reference.source != REFERENCE_NONE) {
		history_see_serial(history, reference.earlier_serial,
			run->judged_s - (reference.earlier_serial != reference.serial), arena);
		history_see_serial(history, reference.serial, run->judged_s, arena);
	}
	forget_unlisted(run, index, history);
	note_servers(run, index, history, arena);
}

const struct memory dns_history = {
	.file = "check_dns_replication.tdb",
	.choose = judge_needs_past,
	.note = note_zone,
};
