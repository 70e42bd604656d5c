/* Who serves the zones: NS questions to servers, or to a resolver. */
#include <stdlib.h>
#include <string.h>

#include "common/base/arena.h"
#include "common/dns/message.h"
#include "common/probe/discover.h"

enum { MOST_NS = 256 };

/* Zones that wait for an answer. All addresses of a server are asked at once; of resolvers, each
 * takes over what the one before it could not tell. */
struct asking {
	struct discovery *discovery;
	const struct address *addresses;
	size_t address_count;
	enum ns_source source;
	struct known_names *names;
	struct exchange *exchange;
	uint32_t *waiting; /* zones, in the order in which they are asked */
	size_t waiting_count;
	size_t *next;           /* per address: into `waiting` of its turn */
	uint8_t *turn;          /* per zone: the address that is to be asked */
	struct reply *silence;  /* per address: how it was silent, if it was */
	struct reply *answer;   /* per address: how it answered, if it did */
	const uint8_t **mnames; /* SOA questions instead (discover_mnames) */
};

static bool next_zone(void *context, uint32_t server, struct ask *ask)
{
	struct asking *asking = context;

	while (asking->next[server] < asking->waiting_count) {
		uint32_t zone = asking->waiting[asking->next[server]++];

		if (asking->source == NS_FROM_RESOLVER && asking->turn[zone] != server)
			continue;
		*ask = (struct ask){
			.question = { .name = asking->discovery->plan->zones[zone].name,
				.type = asking->mnames ? DNS_SOA : DNS_NS,
				.class = DNS_IN,
				.edns = true,
				.recursion_desired = asking->source == NS_FROM_RESOLVER },
			.tag = zone,
			.tcp = asking->discovery->tcp_only && asking->source != NS_FROM_RESOLVER,
			.key = asking->source == NS_FROM_RESOLVER ? NULL : asking->discovery->key,
		};
		return true;
	}
	return false;
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
			names[count++] = arena_copy(arena, name, name_length(name));
		/* Glue of the zone's own servers only: a resolver's additional section is hearsay.
		 */
		if (section == MESSAGE_ADDITIONAL && asking->source != NS_FROM_RESOLVER &&
			(record.type == DNS_A || record.type == DNS_AAAA) &&
			is_among(record.owner, names, count))
			add_glue(asking, message, &record);
	}
	if (count == 0)
		return false;
	qsort(names, count, sizeof(*names), by_name);
	*found = (struct discovered_ns){ arena_copy(arena, names, count * sizeof(*names)), count,
		{ 0 }, asking->source };
	if (asking->source != NS_FROM_RESOLVER)
		found->from = asking->addresses[server];
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
	if (asking->source != NS_FROM_RESOLVER && !(message->flags & DNS_AA))
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
	if (asking->source != NS_FROM_RESOLVER) {
		take(asking, zone, server, reply);
		return;
	}
	if (take(asking, zone, server, reply) || (size_t)server + 1 >= asking->address_count)
		return;
	asking->turn[zone]++;
	asking->next[server + 1] = 0; /* look again: each zone has one turn at a time */
	exchange_wake(asking->exchange, server + 1);
}

static void remember_way(struct discovery *discovery, const struct address *address,
	const struct reply *reply)
{
	struct arena *arena = &discovery->plan->arena;
	struct discovered_way *ways = arena_array(arena, discovery->way_count + 1, sizeof(*ways));

	if (discovery->way_count)
		memcpy(ways, discovery->ways, discovery->way_count * sizeof(*ways));
	ways[discovery->way_count++] = (struct discovered_way){ *address, reply->outcome,
		reply->udp_outcome, reply->tries };
	discovery->ways = ways;
}

/* By TCP, though UDP was tried first. */
static bool was_tcp_only(const struct reply *reply)
{
	return reply->transport == TRANSPORT_TCP && is_silence(reply->udp_outcome);
}

static void remember_ways(struct asking *asking)
{
	for (size_t i = 0; i < asking->address_count; i++) {
		const struct reply *answer = &asking->answer[i], *silence = &asking->silence[i];

		if (answer->outcome == OUTCOME_NOT_ASKED && silence->outcome != OUTCOME_NOT_ASKED)
			remember_way(asking->discovery, &asking->addresses[i], silence);
		else if (answer->outcome == OUTCOME_ANSWERED && was_tcp_only(answer))
			remember_way(asking->discovery, &asking->addresses[i], answer);
	}
}

/* Resolvers share one bounded time, and are not asked again once all were silent. */
static void note_resolvers(struct asking *asking)
{
	struct discovery *discovery = asking->discovery;
	char address[ADDRESS_TEXT];

	for (size_t i = 0; i < asking->address_count; i++) {
		if (asking->answer[i].outcome != OUTCOME_NOT_ASKED)
			return;
	}
	discovery->resolver_failed = true;
	discovery->plan->resolver_trouble = arena_printf(&discovery->plan->arena,
		"%s does not answer", address_to_text_port(&asking->addresses[0], address));
}

static bool ask(struct asking *asking, struct fault *fault)
{
	struct discovery *discovery = asking->discovery;
	struct exchange_settings settings = discovery->exchange;
	struct exchange_source source = { next_zone, take_answer, asking };
	struct exchange_counts counts;
	struct arena arena = { 0 };
	bool good;

	if (asking->source == NS_FROM_RESOLVER)
		settings = discover_resolver_settings(discovery);
	asking->next = arena_array(&arena, asking->address_count, sizeof(*asking->next));
	asking->turn = arena_array(&arena, discovery->plan->zone_count, sizeof(*asking->turn));
	asking->answer = arena_array(&arena, asking->address_count, sizeof(*asking->answer));
	asking->silence = arena_array(&arena, asking->address_count, sizeof(*asking->silence));
	asking->waiting =
		arena_array(&arena, discovery->plan->zone_count, sizeof(*asking->waiting));
	for (uint32_t zone = 0; zone < discovery->plan->zone_count; zone++) {
		if (asking->mnames || discovery->ns_answers[zone].count == 0)
			asking->waiting[asking->waiting_count++] = zone;
	}
	asking->exchange = exchange_new(discovery->loop, &settings, asking->addresses,
		asking->address_count, &source);
	good = exchange_run(asking->exchange, fault);
	counts = exchange_counts(asking->exchange);
	discovery->counts.queries += counts.queries;
	discovery->counts.retries += counts.retries;
	exchange_free(asking->exchange);
	if (asking->source == NS_FROM_RESOLVER)
		note_resolvers(asking);
	else
		remember_ways(asking);
	arena_free(&arena);
	return good;
}

bool discover_ns_from(struct discovery *discovery, const struct address *addresses, size_t count,
	enum ns_source source, struct known_names *names, struct fault *fault)
{
	struct asking asking = { .discovery = discovery,
		.addresses = addresses,
		.address_count = count,
		.source = source,
		.names = names };

	if (count == 0 || (source == NS_FROM_RESOLVER && discovery->resolver_failed))
		return true;
	return ask(&asking, fault);
}

bool discover_mnames(struct discovery *discovery, const uint8_t **mnames, struct fault *fault)
{
	struct address resolvers[3];
	struct asking asking = { .discovery = discovery,
		.addresses = resolvers,
		.source = NS_FROM_RESOLVER,
		.mnames = mnames };

	asking.address_count = discover_resolvers(discovery, resolvers, 3);
	return discovery->resolver_failed || ask(&asking, fault);
}
