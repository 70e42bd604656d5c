/*
 * Stories for the judges and the reports: a table row tells which servers answered what, and what
 * is said about it. Host N is nsN.example.com at 192.0.2.N, host 100 + N the same name at
 * 2001:db8::N, host 200 + N the address 198.51.100.N without a name.
 */
#ifndef T_UNIT_STORY_H
#define T_UNIT_STORY_H

#include <stdio.h>
#include <string.h>

#include "common/base/text.h"
#include "common/dns/name.h"
#include "common/dns/serial.h"
#include "common/judge/judge.h"
#include "t/unit/tap.h"

enum {
	STORY_NOW = 1795324740, /* 2026-11-22T05:19:00Z */
	STORY_PAIRS = 12,
	STORY_TRANSFERS = 6,
	HOUR = 3600,
	DAY = 86400,
	/* host numbers */
	V6 = 100,
	BARE = 200,
	/* flags */
	P = PAIR_PRIMARY,
	L = PAIR_LISTED,
	M = PAIR_MNAME,
	A = PAIR_ADDED,
};

/* What is 0 was not said: no EXPIRE, no EDE, no signature; `outcome` then is ANSWERED where there
 * is a serial. */
struct story_pair {
	int host;
	unsigned flags;
	uint32_t zone, serial, earlier; /* `earlier`: it was asked twice */
	enum outcome outcome, udp_outcome, tcp_outcome;
	uint32_t fields;          /* 0: those of everybody */
	uint32_t ns_set;          /* 0: not asked */
	uint32_t expire_s;        /* EDNS EXPIRE */
	int64_t signature_left_s; /* RRSIG: until it expires */
	uint32_t validity_s;
	uint16_t rcode, ede_code, tsig_error;
	uint32_t ede_text;
	bool by_tcp, independent;
	const char *software; /* as software_name() has it */
	const char *node;     /* NSID */
};

struct story_past {
	int host;
	enum outcome outcome;
	int64_t age_s;
	const char *node; /* NSID; NULL: whatever came from the address */
};

struct story {
	const char *name;
	struct story_pair pairs[STORY_PAIRS]; /* up to host 0 */
	struct {
		uint32_t serial;
		int64_t age_s;
	} seen_before[8]; /* the reference's serials of zone 0, up to age 0 */
	struct story_past past[4];
	struct {
		int host;
		int64_t age_s;
	} gaps[2]; /* who serves less of zone 0 than he has, or his database */
	struct transfer_observation transfers[STORY_TRANSFERS]; /* of zone 0, up to outcome 0;
	                                                           `server` is a host */
	int ns_names[4];      /* of zone 0: hosts that NS records name, up to 0 */
	int unresolved;       /* the one of them whose name has no address */
	struct policy policy; /* what is not set is as by default */
	bool first_run;
	const char *said; /* as story_findings() says it */
};

struct world {
	struct plan plan;
	struct observations seen;
	struct history past;
	struct policy policy;
	struct facts facts;
	struct verdict verdict;
	uint32_t pair_of[STORY_PAIRS]; /* the story's pairs in the plan */
};

__attribute__((unused)) static uint32_t story_name(uint8_t name[NAME_WIRE], const char *text)
{
	struct fault fault = { { 0 } };

	return (uint32_t)name_from_text(text, name, &fault);
}

static struct address story_address(int host)
{
	char text[64];
	struct address address = { 0 };

	if (host >= BARE)
		snprintf(text, sizeof(text), "198.51.100.%d@53", host - BARE);
	else if (host >= V6)
		snprintf(text, sizeof(text), "2001:db8::%d@53", host - V6);
	else
		snprintf(text, sizeof(text), "192.0.2.%d@53", host);
	address_from_text(text, &address);
	return address;
}

static uint32_t story_add(struct world *world, int host)
{
	char text[64];
	uint8_t name[NAME_WIRE];
	struct address address = story_address(host);

	snprintf(text, sizeof(text), "ns%d.example.com.", host % 100);
	story_name(name, text);
	return plan_add_server(&world->plan, host >= BARE ? NULL : name, &address);
}

/* The host's server in a plan that is closed. */
static uint32_t story_server(const struct world *world, int host)
{
	struct address address = story_address(host);

	for (uint32_t s = 0; s < world->plan.server_count; s++) {
		if (address_equal(&world->plan.servers[s].address, &address))
			return s;
	}
	return PLAN_NONE;
}

/* An NS record of zone 0 names the host. */
static void story_ns_name(struct world *world, int host, bool is_unresolved)
{
	char text[64];
	uint8_t name[NAME_WIRE];

	snprintf(text, sizeof(text), "ns%d.example.com.", host % 100);
	story_name(name, text);
	plan_zone_name(&world->plan, 0,
		plan_add_name(&world->plan, name,
			is_unresolved ? NAME_FATE_NXDOMAIN : NAME_FATE_RESOLVED));
}

static void story_plan(struct world *world, const struct story *story)
{
	static const char *const zones[] = { "example.com", "b.example", "c.example", "d.example" };
	uint32_t zone_count = 1;
	uint8_t name[NAME_WIRE];

	plan_begin(&world->plan);
	for (size_t i = 0; i < STORY_PAIRS && story->pairs[i].host; i++) {
		if (story->pairs[i].zone >= zone_count)
			zone_count = story->pairs[i].zone + 1;
	}
	for (uint32_t z = 0; z < zone_count; z++) {
		story_name(name, zones[z]);
		plan_add_zone(&world->plan, name);
	}
	for (size_t i = 0; i < STORY_PAIRS && story->pairs[i].host; i++) {
		uint32_t server = story_add(world, story->pairs[i].host);

		world->plan.servers[server].independent |= story->pairs[i].independent;
		if (story->pairs[i].flags & PAIR_PRIMARY)
			world->plan.zones[story->pairs[i].zone].has_primary = true;
		plan_assign(&world->plan, story->pairs[i].zone, server, story->pairs[i].flags);
	}
	for (size_t i = 0; i < 4 && story->ns_names[i]; i++)
		story_ns_name(world, story->ns_names[i], story->ns_names[i] == story->unresolved);
	plan_close(&world->plan);
}

/* Fields 1 are everybody's; 2 has another expire, 3 another MNAME and retry. NS sets 1: ns1, ns2;
 * 2: ns1, ns3; 3: ns1 alone. */
static void story_shared(struct world *world)
{
	struct soa_fields fields = { .refresh = 7200,
		.retry = HOUR,
		.expire = 14 * DAY,
		.minimum = HOUR };
	uint8_t names[3][NAME_WIRE];

	story_name(fields.mname, "ns1.example.com");
	story_name(fields.rname, "hostmaster.example.com");
	observations_fields(&world->seen, &fields);
	fields.expire = 7 * DAY;
	observations_fields(&world->seen, &fields);
	fields.expire = 14 * DAY;
	fields.retry = 60;
	story_name(fields.mname, "hidden.example.com");
	observations_fields(&world->seen, &fields);
	observations_text(&world->seen, "go away", 7);
	story_name(names[0], "ns1.example.com");
	story_name(names[1], "ns2.example.com");
	story_name(names[2], "ns3.example.com");
	observations_ns_set(&world->seen, (const uint8_t *[]){ names[0], names[1] }, 2);
	observations_ns_set(&world->seen, (const uint8_t *[]){ names[0], names[2] }, 2);
	observations_ns_set(&world->seen, (const uint8_t *[]){ names[0] }, 1);
}

static void story_observe(const struct story_pair *pair, struct soa_observation *seen)
{
	seen->outcome = (uint8_t)(pair->outcome         ? pair->outcome
			: pair->serial || pair->earlier ? OUTCOME_ANSWERED
							: OUTCOME_NOT_ASKED);
	seen->serial = pair->serial;
	seen->confirmed = pair->earlier != 0;
	seen->earlier_serial = pair->earlier;
	seen->fields = pair->fields ? pair->fields : 1;
	seen->ns_set = pair->ns_set;
	seen->udp_outcome = (uint8_t)pair->udp_outcome;
	seen->transport = pair->by_tcp ? TRANSPORT_TCP : TRANSPORT_UDP;
	seen->rcode = pair->rcode;
	seen->tsig_error = pair->tsig_error;
	seen->ede_text = pair->ede_text;
	seen->round_trip_us = judge_responded(seen) ? 1200 : 0;
	seen->tries = 1;
	if (pair->expire_s)
		seen->expire_s = pair->expire_s;
	if (pair->ede_code)
		seen->ede_code = pair->ede_code;
	if (pair->validity_s) {
		seen->signature_expiration = (uint32_t)(STORY_NOW + pair->signature_left_s);
		seen->signature_inception = seen->signature_expiration - pair->validity_s;
	}
}

static void story_observations(struct world *world, const struct story *story)
{
	struct transfer_observation *transfers;

	observations_begin(&world->seen, world->plan.pair_count, world->plan.server_count);
	story_shared(world);
	for (size_t i = 0; i < STORY_PAIRS && story->pairs[i].host; i++) {
		const struct story_pair *pair = &story->pairs[i];
		uint32_t server = story_server(world, pair->host);

		world->pair_of[i] = plan_pair(&world->plan, pair->zone, server);
		story_observe(pair, &world->seen.soa[world->pair_of[i]]);
		if (pair->node)
			world->seen.soa[world->pair_of[i]].nsid =
				observations_text(&world->seen, pair->node, strlen(pair->node));
		if (pair->tcp_outcome)
			world->seen.servers[server].tcp_outcome = (uint8_t)pair->tcp_outcome;
		if (pair->software)
			world->seen.servers[server].software = pair->software;
	}
	transfers = arena_array(&world->seen.arena, STORY_TRANSFERS, sizeof(*transfers));
	for (size_t i = 0; i < STORY_TRANSFERS && story->transfers[i].outcome; i++) {
		transfers[i] = story->transfers[i];
		transfers[i].server = story_server(world, (int)story->transfers[i].server);
		world->seen.transfer_count++;
	}
	world->seen.transfers = transfers;
}

static void story_history(struct world *world, const struct story *story)
{
	struct arena *arena = &world->past.arena;

	world->past.zone_count = world->plan.zone_count;
	world->past.zones = arena_array(arena, world->past.zone_count, sizeof(*world->past.zones));
	for (size_t z = 0; z < world->past.zone_count; z++)
		world->past.zones[z].known = !story->first_run;
	for (size_t i = 0; i < 8 && story->seen_before[i].age_s; i++)
		history_see_serial(&world->past.zones[0], story->seen_before[i].serial,
			STORY_NOW - story->seen_before[i].age_s, arena);
	for (size_t i = 0; i < 4 && story->past[i].host; i++) {
		uint32_t server = story_server(world, story->past[i].host);

		history_see_server(&world->past.zones[0],
			&(struct server_past){ .name = world->plan.servers[server].name,
				.address = world->plan.servers[server].address,
				.nsid = story->past[i].node ? story->past[i].node : "",
				.outcome = (uint8_t)story->past[i].outcome,
				.since_s = STORY_NOW - story->past[i].age_s },
			arena);
	}
}

static void story_gaps(struct world *world, const struct story *story)
{
	world->past.gaps = arena_array(&world->past.arena, 2, sizeof(*world->past.gaps));
	for (size_t i = 0; i < 2 && story->gaps[i].host; i++)
		world->past.gaps[world->past.gap_count++] =
			(struct serial_gap){ .server = story_server(world, story->gaps[i].host),
				.since_s = STORY_NOW - story->gaps[i].age_s };
}

static void story_policy(struct policy *policy, const struct policy *said)
{
	*policy = *said;
	if (!policy->lag_warning.set)
		policy->lag_warning = (struct range){ .end = 300, .set = true };
	if (!policy->lag_critical.set)
		policy->lag_critical = (struct range){ .end = HOUR, .set = true };
	if (!policy->expire_warning.set)
		policy->expire_warning = (struct limit){ 50, true, true };
	if (!policy->expire_critical.set)
		policy->expire_critical = (struct limit){ 25, true, true };
	if (!policy->timeout_result)
		policy->timeout_result = SEVERITY_UNKNOWN;
}

/* As the check does it: this run's serials are noted before it is judged. */
static void story_note(struct world *world)
{
	for (uint32_t z = 0; z < world->plan.zone_count; z++) {
		struct reference reference = judge_reference(&world->facts, z);

		if (reference.source == REFERENCE_NONE)
			continue;
		history_see_serial(&world->past.zones[z], reference.earlier_serial,
			STORY_NOW - (reference.earlier_serial != reference.serial),
			&world->past.arena);
		history_see_serial(&world->past.zones[z], reference.serial, STORY_NOW,
			&world->past.arena);
	}
}

static void story_begin(struct world *world, const struct story *story)
{
	*world = (struct world){ 0 };
	story_plan(world, story);
	story_observations(world, story);
	story_history(world, story);
	story_gaps(world, story);
	story_policy(&world->policy, &story->policy);
	world->facts = (struct facts){ &world->plan, &world->seen, &world->past, &world->policy,
		STORY_NOW };
	story_note(world);
}

__attribute__((unused)) static void story_judge(struct world *world, const struct story *story)
{
	story_begin(world, story);
	judge(&world->facts, &world->verdict);
}

__attribute__((unused)) static void story_free(struct world *world)
{
	verdict_free(&world->verdict);
	observations_free(&world->seen);
	arena_free(&world->past.arena);
	plan_free(&world->plan);
}

static int story_host(const struct server *server)
{
	int last =
		server->address.family == 4 ? server->address.bytes[3] : server->address.bytes[15];

	return !server->named ? BARE + last : server->address.family == 6 ? V6 + last : last;
}

/* "C secondary_ahead 3 =8; W no_secondaries": first letter of the severity, code, host, amount;
 * "@1" is zone 1, "@-" a finding of the run where there are several zones. */
__attribute__((unused)) static void story_findings(const struct world *world, struct text *out)
{
	const struct findings *findings = &world->verdict.findings;

	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->items[i];

		text_addf(out, "%s%c %s", i ? "; " : "", severity_text(finding->severity)[0],
			finding_kinds[finding->code].code);
		if (finding->server != PLAN_NONE)
			text_addf(out, " %d", story_host(&world->plan.servers[finding->server]));
		if (finding->zone == PLAN_NONE)
			text_add(out, "@-");
		else if (finding->zone > 0)
			text_addf(out, "@%u", finding->zone);
		if (finding->has_amount)
			text_addf(out, " =%lld", (long long)finding->amount);
		if (finding->cause != FINDING_NONE)
			text_addf(out, " by %s", finding_kinds[finding->cause].code);
	}
}

#endif
