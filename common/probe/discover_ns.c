/* Who serves the zones: NS questions to servers, or to a resolver. */
#include <stdlib.h>
#include <string.h>

#include "common/base/arena.h"
#include "common/base/clock.h"
#include "common/dns/message.h"
#include "common/probe/discover.h"

enum { MOST_NS = 256 };

enum { NO_ZONE = 0xffffffff };

/* What is to be asked of one address: a stretch of `waiting`, and what the address before it could
 * not tell. */
struct turn {
	size_t next, end;
	uint32_t passed; /* the first of a list through `link`; NO_ZONE */
};

/* Zones that wait for an answer. */
struct asking {
	struct discovery *discovery;
	const struct ns_servers *servers;
	struct known_names *names;
	struct exchange *exchange;
	uint32_t *waiting; /* zones, grouped by their primary where each has its own */
	size_t waiting_count;
	struct turn *turns;     /* per address */
	uint32_t *link;         /* per zone: the next one that was passed on */
	struct reply *silence;  /* per address: how it was silent, if it was */
	struct reply *answer;   /* per address: how it answered, if it did */
	const uint8_t **mnames; /* SOA questions instead (discover_mnames) */
};

static bool of_resolvers(const struct asking *asking)
{
	return asking->servers->source == NS_FROM_RESOLVER;
}

static uint32_t take_turn(struct asking *asking, struct turn *turn)
{
	uint32_t zone = turn->passed;

	if (zone != NO_ZONE)
		turn->passed = asking->link[zone];
	else if (turn->next < turn->end)
		zone = asking->waiting[turn->next++];
	return zone;
}

static bool next_zone(void *context, uint32_t server, struct ask *ask)
{
	struct asking *asking = context;
	const struct discovery *discovery = asking->discovery;
	uint32_t zone = take_turn(asking, &asking->turns[server]);

	if (zone == NO_ZONE)
		return false;
	*ask = (struct ask){
		.question = { .name = discovery->plan->zones[zone].name,
			.type = asking->mnames ? DNS_SOA : DNS_NS,
			.class = DNS_IN,
			.edns = true,
			.recursion_desired = of_resolvers(asking) },
		.tag = zone,
		.tcp = discovery->tcp_only && !of_resolvers(asking),
		.key = of_resolvers(asking) ? NULL : discovery->key,
	};
	return true;
}

static void add_glue(struct asking *asking, const struct message *message,
	const struct record *record)
{
	struct known_name *known = known_name_add(asking->discovery, asking->names, record->owner);
	struct address address = { .family = record->type == DNS_A ? 4 : 6 };

	if (record->rdata_length != (record->type == DNS_A ? 4 : 16))
		return;
	memcpy(address.bytes, message->bytes + record->rdata, record->rdata_length);
	known_name_address(asking->discovery, known, &address);
}

static bool is_among(const uint8_t *name, const uint8_t *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (name_equal(names[i], name))
			return true;
	}
	return false;
}

static int by_name(const void *a, const void *b)
{
	return name_compare(*(const uint8_t *const *)a, *(const uint8_t *const *)b);
}

/* False: the answer names no NS of the zone. Servers rotate their NS records; sorted, the order of
 * perfdata stays, by which some graphs tell one from the other. */
static bool take_ns(struct asking *asking, uint32_t zone, uint32_t server,
	const struct message *message)
{
	struct arena *arena = &asking->discovery->plan->arena;
	struct discovered_ns *found = &asking->discovery->ns_answers[zone];
	struct record_cursor cursor = message_records(message);
	enum message_section section;
	struct record record;
	uint8_t name[NAME_WIRE];
	const uint8_t *names[MOST_NS];
	size_t count = 0;

	if (found->count) /* another address of the same server was quicker */
		return true;
	while (message_next(&cursor, &record, &section)) {
		if (section == MESSAGE_ANSWER && record.type == DNS_NS && count < MOST_NS &&
			name_equal(record.owner, asking->discovery->plan->zones[zone].name) &&
			record_rdata(message, &record, name, sizeof(name)))
			names[count++] =
				known_name_add(asking->discovery, asking->names, name)->name;
		/* Glue of the zone's own servers only: a resolver's additional section is hearsay.
		 */
		if (section == MESSAGE_ADDITIONAL && !of_resolvers(asking) &&
			(record.type == DNS_A || record.type == DNS_AAAA) &&
			is_among(record.owner, names, count))
			add_glue(asking, message, &record);
	}
	if (count == 0)
		return false;
	qsort(names, count, sizeof(*names), by_name);
	*found = (struct discovered_ns){ arena_copy(arena, names, count * sizeof(*names)), count,
		{ 0 }, asking->servers->source };
	if (!of_resolvers(asking))
		found->from = asking->servers->addresses[server];
	return true;
}

static bool take_mname(struct asking *asking, uint32_t zone, const struct message *message)
{
	struct soa_answer answer;

	if (!message_soa_answer(message, asking->discovery->plan->zones[zone].name, &answer) ||
		!answer.has_soa)
		return false;
	asking->mnames[zone] = arena_copy(&asking->discovery->plan->arena, answer.fields.mname,
		name_length(answer.fields.mname));
	return true;
}

static bool take(struct asking *asking, uint32_t zone, uint32_t server, const struct reply *reply)
{
	const struct message *message = reply->message;

	if (reply->outcome != OUTCOME_ANSWERED || !message || message->rcode != DNS_NOERROR)
		return false;
	if (!of_resolvers(asking) && !(message->flags & DNS_AA))
		return false;
	return asking->mnames ? take_mname(asking, zone, message)
			      : take_ns(asking, zone, server, message);
}

static bool is_silence(enum outcome outcome)
{
	return outcome == OUTCOME_TIMEOUT || outcome == OUTCOME_PORT_CLOSED ||
		outcome == OUTCOME_UNREACHABLE || outcome == OUTCOME_NO_ROUTE ||
		outcome == OUTCOME_CONNECTION_BROKEN;
}

static void take_answer(void *context, uint32_t server, const struct ask *ask,
	const struct reply *reply)
{
	struct asking *asking = context;
	uint32_t zone = (uint32_t)ask->tag;

	if (is_silence(reply->outcome))
		asking->silence[server] = *reply;
	else if (reply->outcome != OUTCOME_NOT_ASKED)
		asking->answer[server] = *reply;
	if (take(asking, zone, server, reply) || !of_resolvers(asking) ||
		(size_t)server + 1 >= asking->servers->count)
		return;
	asking->link[zone] = asking->turns[server + 1].passed;
	asking->turns[server + 1].passed = zone;
	exchange_wake(asking->exchange, server + 1);
}

static void remember_way(struct discovery *discovery, const struct address *address,
	const struct reply *reply)
{
	struct discovered_way *old = discovery->ways;

	if (discovery->way_count == discovery->way_capacity) {
		discovery->way_capacity = discovery->way_capacity ? discovery->way_capacity * 2 : 8;
		discovery->ways =
			arena_array(&discovery->plan->arena, discovery->way_capacity, sizeof(*old));
		if (old)
			memcpy(discovery->ways, old, discovery->way_count * sizeof(*old));
	}
	discovery->ways[discovery->way_count++] = (struct discovered_way){ *address, reply->outcome,
		reply->udp_outcome, reply->tries };
}

/* By TCP, though UDP was tried first. */
static bool was_tcp_only(const struct reply *reply)
{
	return reply->transport == TRANSPORT_TCP && is_silence(reply->udp_outcome);
}

static void remember_ways(struct asking *asking)
{
	for (size_t i = 0; i < asking->servers->count; i++) {
		const struct reply *answer = &asking->answer[i], *silence = &asking->silence[i];
		const struct address *address = &asking->servers->addresses[i];

		if (answer->outcome == OUTCOME_NOT_ASKED && silence->outcome != OUTCOME_NOT_ASKED)
			remember_way(asking->discovery, address, silence);
		else if (answer->outcome == OUTCOME_ANSWERED && was_tcp_only(answer))
			remember_way(asking->discovery, address, answer);
	}
}

/* Resolvers share one bounded time, and are not asked again once all were silent. */
static void note_resolvers(struct asking *asking)
{
	struct discovery *discovery = asking->discovery;
	char address[ADDRESS_TEXT];

	for (size_t i = 0; i < asking->servers->count; i++) {
		if (asking->answer[i].outcome != OUTCOME_NOT_ASKED)
			return;
	}
	discovery->resolver_failed = true;
	discovery->plan->resolver_trouble =
		arena_printf(&discovery->plan->arena, "%s does not answer",
			address_to_text_port(&asking->servers->addresses[0], address));
}

static bool is_waiting(const struct asking *asking, uint32_t zone, bool with_primary)
{
	return asking->discovery->plan->zones[zone].has_primary == with_primary &&
		(asking->mnames || asking->discovery->ns_answers[zone].count == 0);
}

/* A counting sort by primary; without primaries all zones are one group. */
static void group_waiting(struct asking *asking, bool with_primary, struct arena *arena)
{
	const struct discovery *discovery = asking->discovery;
	const struct ns_servers *servers = asking->servers;
	size_t zone_count = discovery->plan->zone_count,
	       groups = servers->primaries ? discovery->primary_count : 1;
	size_t *ends = arena_array(arena, groups + 1, sizeof(*ends));

	asking->waiting = arena_array(arena, zone_count, sizeof(*asking->waiting));
	for (uint32_t zone = 0; zone < zone_count; zone++) {
		if (is_waiting(asking, zone, with_primary))
			ends[(servers->primaries ? discovery->primary_of[zone] : 0) + 1]++;
	}
	for (size_t group = 0; group < groups; group++)
		ends[group + 1] += ends[group];
	asking->waiting_count = ends[groups];
	for (size_t i = 0; i < servers->count; i++) {
		size_t group = servers->primaries ? servers->primaries[i] : 0;
		bool is_later = of_resolvers(asking) && i > 0;

		asking->turns[i] = (struct turn){ is_later ? 0 : ends[group],
			is_later ? 0 : ends[group + 1], NO_ZONE };
	}
	for (uint32_t zone = 0; zone < zone_count; zone++) {
		if (is_waiting(asking, zone, with_primary))
			asking->waiting[ends[servers->primaries ? discovery->primary_of[zone] : 0]++] =
				zone;
	}
}

enum { MANY_ZONES = 1000 };

static bool all_on_loopback(const struct ns_servers *servers)
{
	for (size_t i = 0; i < servers->count; i++) {
		if (!address_is_loopback(&servers->addresses[i]))
			return false;
	}
	return true;
}

/* Many zones may take half of what is left, so that there is time to ask for serials. */
static struct exchange_settings server_settings(const struct asking *asking)
{
	struct exchange_settings settings = asking->discovery->exchange;
	int64_t now_us = clock_monotonic_us();

	if (asking->discovery->unlimited_loopback && all_on_loopback(asking->servers))
		settings.rate = 0;
	if (asking->waiting_count > MANY_ZONES)
		settings.deadline_us = now_us + (settings.deadline_us - now_us) / 2;
	return settings;
}

static bool run_exchange(struct asking *asking, struct fault *fault)
{
	struct discovery *discovery = asking->discovery;
	struct exchange_settings settings = of_resolvers(asking)
		? discover_resolver_settings(discovery)
		: server_settings(asking);
	struct exchange_source source = { next_zone, take_answer, asking };
	struct exchange_counts counts;
	bool good;

	asking->exchange = exchange_new(discovery->loop, &settings, asking->servers->addresses,
		asking->servers->count, &source);
	good = exchange_run(asking->exchange, fault);
	counts = exchange_counts(asking->exchange);
	discovery->counts.queries += counts.queries;
	discovery->counts.retries += counts.retries;
	exchange_free(asking->exchange);
	return good;
}

static bool ask(struct asking *asking, bool with_primary, struct fault *fault)
{
	struct discovery *discovery = asking->discovery;
	size_t count = asking->servers->count;
	struct arena arena = { 0 };
	bool good = true;

	asking->turns = arena_array(&arena, count, sizeof(*asking->turns));
	asking->answer = arena_array(&arena, count, sizeof(*asking->answer));
	asking->silence = arena_array(&arena, count, sizeof(*asking->silence));
	asking->link = arena_array(&arena, discovery->plan->zone_count, sizeof(*asking->link));
	group_waiting(asking, with_primary, &arena);
	if (asking->waiting_count) {
		good = run_exchange(asking, fault);
		if (of_resolvers(asking))
			note_resolvers(asking);
		else
			remember_ways(asking);
	}
	arena_free(&arena);
	return good;
}

bool discover_ns_from(struct discovery *discovery, const struct ns_servers *servers,
	bool with_primary, struct known_names *names, struct fault *fault)
{
	struct asking asking = { .discovery = discovery, .servers = servers, .names = names };

	if (servers->count == 0 || (of_resolvers(&asking) && discovery->resolver_failed))
		return true;
	return ask(&asking, with_primary, fault);
}

bool discover_mnames(struct discovery *discovery, const uint8_t **mnames, struct fault *fault)
{
	struct address resolvers[3];
	struct ns_servers servers = { .addresses = resolvers, .source = NS_FROM_RESOLVER };
	struct asking asking = { .discovery = discovery, .servers = &servers, .mnames = mnames };

	servers.count = discover_resolvers(discovery, resolvers, 3);
	return discovery->resolver_failed || servers.count == 0 || ask(&asking, false, fault);
}
