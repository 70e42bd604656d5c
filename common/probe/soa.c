#include "common/probe/soa.h"

#include <string.h>

#include "common/base/arena.h"

/* What a question was for; stands in ask.tag beside the pair. */
enum purpose { FOR_SOA, FOR_NS, FOR_TCP_PROBE, FOR_AGAIN };

/* One server's questions still to be asked. */
struct queue {
	uint32_t next; /* into `by_server` */
	uint32_t end;
	uint32_t probe_pair; /* of the TCP probe; PLAN_NONE: none, or sent */
	bool ns_is_due;      /* the pair before `next` also wants its NS set */
	uint32_t plain_pair; /* to be asked once more without EDNS; PLAN_NONE */
};

struct round {
	const struct soa_probe *probe;
	const struct plan *plan;
	struct observations *seen;
	struct exchange *exchange;
	struct queue *queues;
	uint32_t *by_server; /* pairs, grouped by server in the order of the plan */
	uint32_t *zone_of;   /* pair → zone */
	uint8_t *plain;      /* pair → 1: asked without EDNS, since the server knows none */
	const struct soa_again *again; /* round 2: by_server holds indexes into these instead */
	struct arena arena;
};

static uint64_t tag(enum purpose purpose, uint32_t pair)
{
	return (uint64_t)purpose << 32 | pair;
}

static void fill_question(const struct round *round, struct ask *ask, enum purpose purpose,
	uint32_t pair)
{
	bool edns = !round->plain[pair];
	bool no_udp =
		round->seen->servers[round->plan->assigned[pair]].udp_outcome != OUTCOME_NOT_ASKED;

	*ask = (struct ask){
		.question = {
			.name = round->plan->zones[round->zone_of[pair]].name,
			.type = purpose == FOR_NS ? DNS_NS : DNS_SOA,
			.class = DNS_IN,
			.edns = edns,
			.dnssec_ok = purpose == FOR_SOA || purpose == FOR_AGAIN,
			.want_expire = purpose == FOR_SOA || purpose == FOR_AGAIN,
			.want_nsid = purpose == FOR_SOA || purpose == FOR_AGAIN,
		},
		.tag = tag(purpose, pair),
		.tcp = round->probe->tcp_only || no_udp || purpose == FOR_TCP_PROBE,
		.udp_only = round->plan->pair_flags[pair] == PAIR_MNAME,
		.plain = purpose == FOR_SOA || purpose == FOR_AGAIN,
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

static bool wants_ns(const struct round *round, uint32_t pair)
{
	const struct soa_probe *probe = round->probe;

	if (round->seen->soa[pair].ns_outcome != OUTCOME_NOT_ASKED ||
		round->plan->pair_flags[pair] == PAIR_MNAME)
		return false;
	return probe->ask_ns ||
		(probe->ns_slice &&
			probe->ns_slice == slice_of(round->plan->zones[round->zone_of[pair]].name));
}

static bool next_question(void *context, uint32_t server, struct ask *ask)
{
	struct round *round = context;
	struct queue *queue = &round->queues[server];

	if (queue->plain_pair != PLAN_NONE) {
		fill_question(round, ask, FOR_SOA, queue->plain_pair);
		queue->plain_pair = PLAN_NONE;
		return true;
	}
	if (queue->ns_is_due) {
		queue->ns_is_due = false;
		fill_question(round, ask, FOR_NS, round->by_server[queue->next - 1]);
		return true;
	}
	while (queue->next < queue->end) {
		uint32_t pair = round->by_server[queue->next++];

		if (round->seen->soa[pair].outcome != OUTCOME_NOT_ASKED)
			continue;
		queue->ns_is_due = wants_ns(round, pair);
		fill_question(round, ask, FOR_SOA, pair);
		return true;
	}
	if (queue->probe_pair != PLAN_NONE) {
		fill_question(round, ask, FOR_TCP_PROBE, queue->probe_pair);
		queue->probe_pair = PLAN_NONE;
		return true;
	}
	return false;
}

static void observe_soa(struct round *round, const struct ask *ask, const struct reply *reply,
	struct soa_observation *into)
{
	struct server_observation *server =
		&round->seen->servers[round->plan->assigned[(uint32_t)ask->tag]];

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

/* RFC 6891 6.2.2, 7: a server that knows no EDNS says FORMERR or NOTIMP; ask it once more without.
 */
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

	if (knows_no_edns(ask, reply) && round->queues[server].plain_pair == PLAN_NONE) {
		round->plain[pair] = 1;
		into->tries = reply->tries;
		round->queues[server].plain_pair = pair;
		exchange_wake(round->exchange, server);
		return;
	}
	observe_soa(round, ask, reply, into);
}

static void take_ns(struct round *round, uint32_t pair, const struct ask *ask,
	const struct reply *reply)
{
	struct soa_observation *into = &round->seen->soa[pair];

	into->ns_outcome = (uint8_t)reply->outcome;
	if (reply->outcome == OUTCOME_ANSWERED && reply->message)
		into->ns_set = ns_observe(round->seen, reply->message, ask->question.name);
}

static void take_again(struct round *round, uint32_t pair, const struct ask *ask,
	const struct reply *reply)
{
	struct soa_observation *old = &round->seen->soa[pair];
	struct soa_observation fresh = { .ede_code = EDE_NONE,
		.expire_s = EXPIRE_NONE,
		.ns_set = old->ns_set,
		.ns_outcome = old->ns_outcome };

	observe_soa(round, ask, reply, &fresh);
	/* Another node behind the same address neither confirms nor clears the first one. */
	if (fresh.outcome != OUTCOME_ANSWERED ||
		(fresh.nsid && old->nsid && fresh.nsid != old->nsid))
		return;
	fresh.confirmed = 1;
	fresh.earlier_serial = old->serial;
	*old = fresh;
}

static void take_answer(void *context, uint32_t server, const struct ask *ask,
	const struct reply *reply)
{
	struct round *round = context;
	uint32_t pair = (uint32_t)ask->tag;

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
		take_again(round, pair, ask, reply);
		break;
	}
}

/* The server of the index-th question of the round. */
static uint32_t server_of(const struct round *round, size_t index)
{
	return round->plan->assigned[round->again ? round->again[index].pair : index];
}

/* A counting sort of the round's questions by server. */
static void group_by_server(struct round *round, size_t count)
{
	uint32_t next = 0;

	round->by_server = arena_array(&round->arena, count, sizeof(*round->by_server));
	for (size_t i = 0; i < count; i++)
		round->queues[server_of(round, i)].end++;
	for (size_t s = 0; s < round->plan->server_count; s++) {
		uint32_t questions = round->queues[s].end;

		round->queues[s].next = round->queues[s].end = next;
		next += questions;
	}
	for (uint32_t i = 0; i < count; i++)
		round->by_server[round->queues[server_of(round, i)].end++] = i;
}

static void round_begin(struct round *round, const struct soa_probe *probe)
{
	const struct plan *plan = probe->plan;

	*round = (struct round){ .probe = probe, .plan = plan, .seen = probe->seen };
	round->queues = arena_array(&round->arena, plan->server_count, sizeof(*round->queues));
	round->zone_of = arena_array(&round->arena, plan->pair_count, sizeof(*round->zone_of));
	round->plain = arena_array(&round->arena, plan->pair_count, sizeof(*round->plain));
	for (uint32_t z = 0; z < plan->zone_count; z++) {
		for (uint32_t i = 0; i < plan->zones[z].pair_count; i++)
			round->zone_of[plan->zones[z].first_pair + i] = z;
	}
	for (size_t s = 0; s < plan->server_count; s++)
		round->queues[s].plain_pair = round->queues[s].probe_pair = PLAN_NONE;
}

/* Where the server is to be probed by TCP: beside the first pair that will be asked. */
static void choose_probe_pairs(struct round *round)
{
	if (!round->probe->tcp_probe || round->probe->tcp_only)
		return;
	for (size_t s = 0; s < round->plan->server_count; s++) {
		struct queue *queue = &round->queues[s];

		for (uint32_t i = queue->next; i < queue->end && queue->probe_pair == PLAN_NONE;
			i++) {
			uint32_t pair = round->by_server[i];

			if (round->seen->soa[pair].outcome == OUTCOME_NOT_ASKED &&
				round->plan->pair_flags[pair] != PAIR_MNAME)
				queue->probe_pair = pair;
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
	for (size_t pair = 0; pair < probe->plan->pair_count; pair++) {
		if (probe->plan->servers[probe->plan->assigned[pair]].no_route)
			probe->seen->soa[pair].outcome = OUTCOME_NO_ROUTE;
	}
	group_by_server(&round, probe->plan->pair_count);
	choose_probe_pairs(&round);
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
	fill_question(round, ask, FOR_AGAIN, again->pair);
	return true;
}

bool probe_again(const struct soa_probe *probe, const struct soa_again *again, size_t count,
	struct fault *fault)
{
	struct round round;
	struct exchange_source source = { next_again, take_answer, &round };

	round_begin(&round, probe);
	round.again = again;
	group_by_server(&round, count);
	return round_run(&round, &source, fault);
}
