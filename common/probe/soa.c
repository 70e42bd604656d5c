#include "common/probe/soa.h"

#include <string.h>

#include "common/base/arena.h"

/* What a question was for; stands in ask.tag beside the zone. */
enum purpose { FOR_SOA, FOR_NS, FOR_TCP_PROBE, FOR_AGAIN };

/* One server's questions still to be asked. */
struct queue {
	uint32_t next; /* into `by_server` */
	uint32_t end;
	uint32_t probe_zone; /* of the TCP probe; PLAN_NONE: none, or sent */
	uint32_t ns_zone;    /* whose NS set is wanted, too; PLAN_NONE */
};

struct round {
	const struct soa_probe *probe;
	const struct plan *plan;
	struct observations *seen;
	struct exchange *exchange;
	struct queue *queues;
	uint32_t *by_server;           /* zones, grouped by server in the order of the plan */
	const struct soa_again *again; /* round 2: by_server holds indexes into these instead */
	struct arena arena;
};

static uint64_t tag(enum purpose purpose, uint32_t zone)
{
	return (uint64_t)purpose << 32 | zone;
}

static void fill_question(const struct round *round, struct ask *ask, enum purpose purpose,
	uint32_t zone, uint32_t pair)
{
	const struct plan *plan = round->plan;
	const struct server_observation *known = &round->seen->servers[plan->assigned[pair]];
	bool of_soa = purpose == FOR_SOA || purpose == FOR_AGAIN;

	*ask = (struct ask){
		.question = {
			.name = plan->zones[zone].name,
			.type = purpose == FOR_NS ? DNS_NS : DNS_SOA,
			.class = DNS_IN,
			.edns = !known->no_edns,
			.dnssec_ok = of_soa,
			.want_expire = of_soa,
			.want_nsid = of_soa,
		},
		.tag = tag(purpose, zone),
		.tcp = round->probe->tcp_only || known->udp_outcome != OUTCOME_NOT_ASKED ||
			purpose == FOR_TCP_PROBE,
		.udp_only = plan->pair_flags[pair] == PAIR_MNAME,
		.plain = of_soa,
		.key = round->probe->key,
	};
}

/* A zone's slice is the same in every run, whatever other zones there are. */
static uint32_t slice_of(const uint8_t *name)
{
	uint32_t hash = 2166136261; /* FNV-1a */

	for (size_t i = 0; i < name_length(name); i++)
		hash = (hash ^ name[i]) * 16777619;
	return 1 + (hash ^ hash >> 16) % NS_SLICES;
}

static bool wants_ns(const struct round *round, uint32_t zone, uint32_t pair)
{
	const struct soa_probe *probe = round->probe;

	if (round->seen->soa[pair].ns_outcome != OUTCOME_NOT_ASKED ||
		round->plan->pair_flags[pair] == PAIR_MNAME)
		return false;
	return probe->ask_ns ||
		(probe->ns_slice && probe->ns_slice == slice_of(round->plan->zones[zone].name));
}

static bool next_question(void *context, uint32_t server, struct ask *ask)
{
	struct round *round = context;
	struct queue *queue = &round->queues[server];

	if (queue->ns_zone != PLAN_NONE) {
		fill_question(round, ask, FOR_NS, queue->ns_zone,
			plan_pair(round->plan, queue->ns_zone, server));
		queue->ns_zone = PLAN_NONE;
		return true;
	}
	while (queue->next < queue->end) {
		uint32_t zone = round->by_server[queue->next++];
		uint32_t pair = plan_pair(round->plan, zone, server);

		if (round->seen->soa[pair].outcome != OUTCOME_NOT_ASKED)
			continue;
		if (wants_ns(round, zone, pair))
			queue->ns_zone = zone;
		fill_question(round, ask, FOR_SOA, zone, pair);
		return true;
	}
	if (queue->probe_zone != PLAN_NONE) {
		fill_question(round, ask, FOR_TCP_PROBE, queue->probe_zone,
			plan_pair(round->plan, queue->probe_zone, server));
		queue->probe_zone = PLAN_NONE;
		return true;
	}
	return false;
}

static void observe_soa(struct round *round, uint32_t index, const struct ask *ask,
	const struct reply *reply, struct soa_observation *into)
{
	struct server_observation *server = &round->seen->servers[index];

	into->outcome = (uint8_t)reply->outcome;
	into->udp_outcome = (uint8_t)reply->udp_outcome;
	if (server->udp_outcome != OUTCOME_NOT_ASKED)
		into->udp_outcome = server->udp_outcome;
	else if (reply->outcome == OUTCOME_ANSWERED && reply->transport == TRANSPORT_TCP &&
		!ask->tcp && reply->udp_outcome != OUTCOME_ANSWERED)
		server->udp_outcome = (uint8_t)reply->udp_outcome;
	into->transport = (uint8_t)reply->transport;
	into->tries = (uint8_t)(into->tries + reply->tries);
	into->round_trip_us = reply->round_trip_us;
	if (reply->outcome == OUTCOME_TSIG_FAILED)
		into->tsig_error = soa_tsig_error(reply->tsig_error);
	if (reply->soa)
		soa_observe_answer(round->seen, reply->soa, into);
	else if (reply->outcome == OUTCOME_ANSWERED && reply->message)
		soa_observe(round->seen, reply->message, ask->question.name, into);
}

/* RFC 6891 6.2.2, 7: a server that knows no EDNS says FORMERR or NOTIMP; it is asked once more, and
 * from then on, without. */
static bool knows_no_edns(const struct ask *ask, const struct reply *reply)
{
	uint16_t rcode = reply->message ? reply->message->rcode : DNS_NOERROR;

	return ask->question.edns && reply->outcome == OUTCOME_ANSWERED &&
		(rcode == DNS_FORMERR || rcode == DNS_NOTIMP || rcode == DNS_BADVERS);
}

static void take_soa(struct round *round, uint32_t server, uint32_t pair, const struct ask *ask,
	const struct reply *reply)
{
	struct soa_observation *into = &round->seen->soa[pair];

	if (knows_no_edns(ask, reply)) {
		struct queue *queue = &round->queues[server];

		round->seen->servers[server].no_edns = true;
		into->tries = reply->tries;
		round->by_server[--queue->next] = (uint32_t)ask->tag; /* it was taken from there */
		exchange_wake(round->exchange, server);
		return;
	}
	observe_soa(round, server, ask, reply, into);
}

static void take_ns(struct round *round, uint32_t pair, const struct ask *ask,
	const struct reply *reply)
{
	struct soa_observation *into = &round->seen->soa[pair];

	into->ns_outcome = (uint8_t)reply->outcome;
	if (reply->outcome == OUTCOME_ANSWERED && reply->message)
		into->ns_set = ns_observe(round->seen, reply->message, ask->question.name);
}

static void take_again(struct round *round, uint32_t server, uint32_t pair, const struct ask *ask,
	const struct reply *reply)
{
	struct soa_observation *old = &round->seen->soa[pair];
	struct soa_observation fresh = { .ede_code = EDE_NONE,
		.expire_s = EXPIRE_NONE,
		.ns_set = old->ns_set,
		.ns_outcome = old->ns_outcome };

	observe_soa(round, server, ask, reply, &fresh);
	/* Another node behind the same address neither confirms nor clears the first one. */
	if (fresh.outcome != OUTCOME_ANSWERED ||
		(fresh.nsid && old->nsid && fresh.nsid != old->nsid))
		return;
	fresh.confirmed = 1;
	fresh.earlier_serial = old->outcome == OUTCOME_ANSWERED ? old->serial : fresh.serial;
	*old = fresh;
}

static void take_answer(void *context, uint32_t server, const struct ask *ask,
	const struct reply *reply)
{
	struct round *round = context;
	uint32_t pair = plan_pair(round->plan, (uint32_t)ask->tag, server);

	switch ((enum purpose)(ask->tag >> 32)) {
	case FOR_SOA:
		take_soa(round, server, pair, ask, reply);
		break;
	case FOR_NS:
		take_ns(round, pair, ask, reply);
		break;
	case FOR_TCP_PROBE:
		round->seen->servers[server].tcp_outcome = (uint8_t)reply->outcome;
		break;
	case FOR_AGAIN:
		take_again(round, server, pair, ask, reply);
		break;
	}
}

/* Where each server's questions begin, by their numbers; there is room for all. */
static void make_queues(struct round *round)
{
	uint32_t next = 0;

	for (size_t s = 0; s < round->plan->server_count; s++) {
		uint32_t questions = round->queues[s].end;

		round->queues[s].next = round->queues[s].end = next;
		next += questions;
	}
	round->by_server = arena_array(&round->arena, next, sizeof(*round->by_server));
}

/* A counting sort of the zones by server. */
static void group_zones(struct round *round)
{
	const struct plan *plan = round->plan;

	for (size_t pair = 0; pair < plan->pair_count; pair++)
		round->queues[plan->assigned[pair]].end++;
	make_queues(round);
	for (uint32_t z = 0; z < plan->zone_count; z++) {
		const struct zone *zone = &plan->zones[z];

		for (uint32_t i = 0; i < zone->pair_count; i++)
			round->by_server[round->queues[plan->assigned[zone->first_pair + i]].end++] =
				z;
	}
}

static void group_again(struct round *round, size_t count)
{
	const uint32_t *assigned = round->plan->assigned;

	for (size_t i = 0; i < count; i++)
		round->queues[assigned[round->again[i].pair]].end++;
	make_queues(round);
	for (uint32_t i = 0; i < count; i++)
		round->by_server[round->queues[assigned[round->again[i].pair]].end++] = i;
}

static void round_begin(struct round *round, const struct soa_probe *probe)
{
	const struct plan *plan = probe->plan;

	*round = (struct round){ .probe = probe, .plan = plan, .seen = probe->seen };
	round->queues = arena_array(&round->arena, plan->server_count, sizeof(*round->queues));
	for (size_t s = 0; s < plan->server_count; s++)
		round->queues[s].ns_zone = round->queues[s].probe_zone = PLAN_NONE;
}

/* Servers of a family that has no route from here are not asked. */
static void skip_unreachable(struct round *round)
{
	const struct plan *plan = round->plan;
	bool any = false;

	for (size_t s = 0; s < plan->server_count; s++)
		any |= plan->servers[s].no_route;
	for (size_t pair = 0; any && pair < plan->pair_count; pair++) {
		if (plan->servers[plan->assigned[pair]].no_route)
			round->seen->soa[pair].outcome = OUTCOME_NO_ROUTE;
	}
}

/* Where the server is to be probed by TCP: beside the first zone that it will be asked about. */
static void choose_probe_zones(struct round *round)
{
	const struct plan *plan = round->plan;

	if (!round->probe->tcp_probe || round->probe->tcp_only)
		return;
	for (uint32_t s = 0; s < plan->server_count; s++) {
		struct queue *queue = &round->queues[s];

		for (uint32_t i = queue->next; i < queue->end && queue->probe_zone == PLAN_NONE;
			i++) {
			uint32_t pair = plan_pair(plan, round->by_server[i], s);

			if (round->seen->soa[pair].outcome == OUTCOME_NOT_ASKED &&
				plan->pair_flags[pair] != PAIR_MNAME)
				queue->probe_zone = round->by_server[i];
		}
	}
}

static bool round_run(struct round *round, const struct exchange_source *source,
	struct fault *fault)
{
	const struct plan *plan = round->plan;
	struct address *addresses =
		arena_array(&round->arena, plan->server_count, sizeof(*addresses));
	struct exchange_counts counts;
	bool good;

	for (size_t s = 0; s < plan->server_count; s++)
		addresses[s] = plan->servers[s].address;
	round->exchange = exchange_new(round->probe->loop, &round->probe->exchange, addresses,
		plan->server_count, source);
	good = exchange_run(round->exchange, fault);
	counts = exchange_counts(round->exchange);
	round->seen->queries += counts.queries;
	round->seen->retries += counts.retries;
	exchange_free(round->exchange);
	arena_free(&round->arena);
	return good;
}

bool probe_soa(const struct soa_probe *probe, struct fault *fault)
{
	struct round round;
	struct exchange_source source = { next_question, take_answer, &round };

	round_begin(&round, probe);
	skip_unreachable(&round);
	group_zones(&round);
	choose_probe_zones(&round);
	if (!round_run(&round, &source, fault))
		return false;
	for (size_t pair = 0; pair < probe->plan->pair_count; pair++)
		probe->seen->deadline_reached |=
			probe->seen->soa[pair].outcome == OUTCOME_NOT_ASKED;
	return true;
}

static bool next_again(void *context, uint32_t server, struct ask *ask)
{
	struct round *round = context;
	struct queue *queue = &round->queues[server];
	const struct soa_again *again;

	if (queue->next == queue->end)
		return false;
	again = &round->again[round->by_server[queue->next++]];
	fill_question(round, ask, again->by_tcp ? FOR_TCP_PROBE : FOR_AGAIN, again->zone,
		again->pair);
	return true;
}

bool probe_again(const struct soa_probe *probe, const struct soa_again *again, size_t count,
	struct fault *fault)
{
	struct round round;
	struct exchange_source source = { next_again, take_answer, &round };

	round_begin(&round, probe);
	round.again = again;
	group_again(&round, count);
	return round_run(&round, &source, fault);
}
