/*
 * Servers as a whole: silent, closed, unreachable, one transport only, IPv6 from here. What one
 * server does to all its zones is one finding.
 */
#include <string.h>

#include "common/base/map.h"
#include "common/base/text.h"
#include "common/judge/judge.h"

/* What all questions to one server came to. */
struct tally {
	uint32_t pairs, asked, responded, by_outcome[OUTCOME_COUNT];
	uint32_t sound;      /* responded with something that is a DNS answer */
	uint32_t udp_failed; /* answered by TCP after UDP was silent or closed */
	uint32_t tc_failed;  /* answered by UDP with TC, and then not by TCP */
	uint32_t first_pair; /* one of them, for its place in the plan */
	uint32_t first_zone;
};

/* A truncated answer by UDP is one, even if TCP then fails. */
static bool was_truncated_only(const struct soa_observation *seen)
{
	return seen->transport == TRANSPORT_TCP && seen->udp_outcome == OUTCOME_ANSWERED &&
		(seen->outcome == OUTCOME_TIMEOUT || seen->outcome == OUTCOME_PORT_CLOSED ||
			seen->outcome == OUTCOME_UNREACHABLE ||
			seen->outcome == OUTCOME_CONNECTION_BROKEN);
}

bool judge_responded(const struct soa_observation *seen)
{
	switch ((enum outcome)seen->outcome) {
	case OUTCOME_NOT_ASKED:
	case OUTCOME_TIMEOUT:
	case OUTCOME_PORT_CLOSED:
	case OUTCOME_UNREACHABLE:
	case OUTCOME_NO_ROUTE:
	case OUTCOME_CONNECTION_BROKEN:
	case OUTCOME_COUNT:
		return false;
	case OUTCOME_ANSWERED:
	case OUTCOME_MALFORMED:
	case OUTCOME_REFUSED:
	case OUTCOME_SERVFAIL:
	case OUTCOME_NOTAUTH:
	case OUTCOME_NXDOMAIN:
	case OUTCOME_NO_SOA:
	case OUTCOME_NOT_AUTHORITATIVE:
	case OUTCOME_RCODE:
	case OUTCOME_TSIG_FAILED:
		return true;
	}
	return false;
}

static void count_pair(struct tally *tally, const struct soa_observation *seen, uint32_t zone,
	uint32_t pair)
{
	if (tally->pairs++ == 0) {
		tally->first_pair = pair;
		tally->first_zone = zone;
	}
	tally->by_outcome[seen->outcome]++;
	tally->asked += seen->outcome != OUTCOME_NOT_ASKED && seen->outcome != OUTCOME_NO_ROUTE;
	tally->tc_failed += was_truncated_only(seen);
	tally->responded += judge_responded(seen) || was_truncated_only(seen);
	if (!judge_responded(seen) || seen->outcome == OUTCOME_MALFORMED)
		return;
	tally->sound++;
	tally->udp_failed += seen->transport == TRANSPORT_TCP &&
		seen->udp_outcome != OUTCOME_ANSWERED && seen->udp_outcome != OUTCOME_NOT_ASKED;
}

static struct tally *count_all(const struct facts *facts, struct arena *arena)
{
	struct tally *tallies = arena_array(arena, facts->plan->server_count, sizeof(*tallies));

	for (uint32_t z = 0; z < facts->plan->zone_count; z++) {
		const struct zone *zone = &facts->plan->zones[z];

		for (uint32_t pair = zone->first_pair; pair < zone->first_pair + zone->pair_count;
			pair++) {
			if (judge_is_absent(facts, pair))
				continue;
			count_pair(&tallies[facts->plan->assigned[pair]], &facts->seen->soa[pair],
				z, pair);
		}
	}
	return tallies;
}

/* A finding about a server: about its zone where it has one only, else about the run as a whole:
 * "ns3.example.com does not answer: 50,000 zones". */
static struct finding *say_server(const struct facts *facts, struct verdict *verdict,
	enum finding_code code, const struct tally *tally, const char *what)
{
	struct finding *finding;
	struct text text = { 0 };

	text_add(&text, what);
	if (tally->pairs > 1) {
		text_add(&text, ": ");
		text_add_count(&text, tally->pairs);
		text_add(&text, " zones");
	}
	finding = judge_say(facts, verdict, code, tally->first_zone, tally->first_pair, "%s",
		text_string(&text));
	if (tally->pairs > 1)
		finding->zone = PLAN_NONE;
	text_free(&text);
	return finding;
}

static void say_unanswered(const struct facts *facts, struct verdict *verdict,
	enum finding_code code, const struct tally *tally, const char *what)
{
	struct text text = { 0 };
	struct finding *finding;
	int64_t since_s = 0;
	bool earlier = judge_outcome_since(facts, tally->first_zone, tally->first_pair, &since_s);

	text_add(&text, what);
	if (earlier) {
		text_add(&text, ", for ");
		judge_since_text(&text, facts->now_s - since_s, since_s, false);
	}
	finding = say_server(facts, verdict, code, tally, text_string(&text));
	if (earlier) {
		finding->amount = facts->now_s - since_s;
		finding->has_amount = true;
	}
	text_free(&text);
}

static unsigned port_of(const struct facts *facts, const struct tally *tally)
{
	return facts->plan->servers[facts->plan->assigned[tally->first_pair]].address.port;
}

static void judge_silent_server(const struct facts *facts, struct verdict *verdict,
	const struct tally *tally)
{
	if (tally->by_outcome[OUTCOME_UNREACHABLE])
		say_unanswered(facts, verdict, FINDING_SERVER_UNREACHABLE, tally,
			"can't be reached (the network says so)");
	else if (tally->by_outcome[OUTCOME_TIMEOUT])
		say_unanswered(facts, verdict, FINDING_SERVER_TIMEOUT, tally,
			"does not answer, neither by UDP nor by TCP");
	else if (tally->by_outcome[OUTCOME_CONNECTION_BROKEN])
		say_unanswered(facts, verdict, FINDING_SERVER_TIMEOUT, tally,
			"does not answer by UDP and closes TCP connections without an answer");
	else if (tally->by_outcome[OUTCOME_PORT_CLOSED])
		say_unanswered(facts, verdict, FINDING_SERVER_PORT_CLOSED, tally,
			arena_printf(&verdict->findings.arena,
				"does not listen on port %u (connection refused)",
				port_of(facts, tally)));
}

static const char *tcp_trouble(enum outcome outcome)
{
	if (outcome == OUTCOME_PORT_CLOSED)
		return "answers by UDP, but refuses TCP connections";
	if (outcome == OUTCOME_CONNECTION_BROKEN)
		return "answers by UDP, but closes TCP connections without an answer";
	if (outcome == OUTCOME_MALFORMED)
		return "answers by UDP, but by TCP with something that is no answer";
	return "answers by UDP, but not by TCP";
}

static void judge_transports(const struct facts *facts, struct verdict *verdict, uint32_t server,
	const struct tally *tally)
{
	enum outcome tcp = (enum outcome)facts->seen->servers[server].tcp_outcome;
	bool udp_answers = tally->sound > tally->udp_failed;

	if (tally->tc_failed > 0)
		say_server(facts, verdict, FINDING_TCP_UNREACHABLE, tally,
			"answers by UDP with truncated answers only, and not by TCP");
	else if (udp_answers &&
		(tcp == OUTCOME_TIMEOUT || tcp == OUTCOME_PORT_CLOSED ||
			tcp == OUTCOME_UNREACHABLE || tcp == OUTCOME_CONNECTION_BROKEN ||
			tcp == OUTCOME_MALFORMED))
		say_server(facts, verdict, FINDING_TCP_UNREACHABLE, tally, tcp_trouble(tcp));
	verdict->no_udp[server] = tally->udp_failed > 0 && !udp_answers;
	if (verdict->no_udp[server])
		say_server(facts, verdict, FINDING_UDP_UNREACHABLE, tally,
			"answers by TCP, but not by UDP");
}

/* The names that answer by IPv4. */
static void note_names(const struct facts *facts, const struct tally *tallies, struct map *names)
{
	for (uint32_t s = 0; s < facts->plan->server_count; s++) {
		const struct server *server = &facts->plan->servers[s];

		if (server->address.family == 4 && server->named && tallies[s].responded)
			map_put(names, server->name, strlen(server->name), s, NULL);
	}
}

/*
 * Is it us, not them? Every IPv6 address that was asked is silent or unreachable, and each of them
 * has a name that answers by IPv4. A closed port does not count: somebody had to send that. The
 * first such server, or PLAN_NONE.
 */
static uint32_t broken_ipv6(const struct facts *facts, const struct tally *tallies)
{
	struct map names = { 0 };
	uint32_t first = PLAN_NONE;

	note_names(facts, tallies, &names);
	for (uint32_t s = 0; s < facts->plan->server_count; s++) {
		const struct server *server = &facts->plan->servers[s];

		if (server->address.family != 6 || !tallies[s].asked)
			continue;
		if (tallies[s].responded || tallies[s].by_outcome[OUTCOME_PORT_CLOSED] ||
			tallies[s].by_outcome[OUTCOME_CONNECTION_BROKEN] ||
			!map_get(&names, server->name, strlen(server->name))) {
			first = PLAN_NONE;
			break;
		}
		if (first == PLAN_NONE)
			first = s;
	}
	map_free(&names);
	return first;
}

static struct finding *say_run(struct verdict *verdict, enum finding_code code, int64_t amount,
	const char *text)
{
	struct finding *finding = finding_add(&verdict->findings, code);

	finding->amount = amount;
	finding->has_amount = amount > 0;
	finding->text = arena_string(&verdict->findings.arena, text);
	return finding;
}

static void say_broken_ipv6(const struct facts *facts, struct verdict *verdict, uint32_t server)
{
	char address[ADDRESS_TEXT];
	struct finding *finding = say_run(verdict, FINDING_IPV6_BROKEN_HERE, 0,
		"no IPv6 address answers this machine, though it has a route, while the same servers answer by IPv4");

	address_to_text(&facts->plan->servers[server].address, address);
	finding->advice = arena_printf(&verdict->findings.arena,
		"traceroute -6 -n %s; ip -6 route get %s; or ask by IPv4 only: -4", address,
		address);
}

static void judge_skipped(const struct facts *facts, struct verdict *verdict,
	const struct tally *tallies)
{
	uint32_t skipped = 0;
	struct text text = { 0 };

	for (uint32_t s = 0; s < facts->plan->server_count; s++)
		skipped += tallies[s].by_outcome[OUTCOME_NO_ROUTE] &&
			facts->plan->servers[s].address.family == 6;
	if (skipped) {
		text_addf(&text, "this machine has no route for IPv6: %u address%s not asked",
			skipped, skipped == 1 ? "" : "es");
		say_run(verdict, FINDING_IPV6_SKIPPED, skipped, text_string(&text));
	}
	text_free(&text);
}

/* An IPv4 address without a route is a server that can't be reached; IPv6 is often simply not
 * there. */
static bool is_cut_off(const struct facts *facts, const struct tally *tally, uint32_t server)
{
	return tally->by_outcome[OUTCOME_NO_ROUTE] &&
		facts->plan->servers[server].address.family == 4;
}

static void judge_unasked(const struct facts *facts, struct verdict *verdict,
	const struct tally *tallies)
{
	uint32_t unasked = 0;
	struct text text = { 0 };

	for (uint32_t s = 0; s < facts->plan->server_count; s++)
		unasked += tallies[s].by_outcome[OUTCOME_NOT_ASKED];
	if (unasked || facts->seen->deadline_reached) {
		text_addf(&text,
			"the time was over before everything was asked (%u question%s left)",
			unasked, unasked == 1 ? "" : "s");
		say_run(verdict, FINDING_DEADLINE_REACHED, unasked, text_string(&text))->severity =
			facts->policy->timeout_result;
	}
	text_free(&text);
}

void judge_reachability(const struct facts *facts, struct verdict *verdict)
{
	struct arena arena = { 0 };
	struct tally *tallies = count_all(facts, &arena);
	uint32_t broken = broken_ipv6(facts, tallies);

	for (uint32_t s = 0; s < facts->plan->server_count; s++) {
		verdict->responded[s] = tallies[s].responded > 0;
		if (is_cut_off(facts, &tallies[s], s))
			say_unanswered(facts, verdict, FINDING_SERVER_UNREACHABLE, &tallies[s],
				"can't be reached: this machine has no route to it");
		if (!tallies[s].asked ||
			(broken != PLAN_NONE && facts->plan->servers[s].address.family == 6))
			continue;
		if (!tallies[s].responded)
			judge_silent_server(facts, verdict, &tallies[s]);
		else
			judge_transports(facts, verdict, s, &tallies[s]);
	}
	if (broken != PLAN_NONE)
		say_broken_ipv6(facts, verdict, broken);
	judge_skipped(facts, verdict, tallies);
	judge_unasked(facts, verdict, tallies);
	arena_free(&arena);
}
