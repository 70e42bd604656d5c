/* Servers and what they answer: silence, transports, IPv6, rcodes, TSIG, orphans, many zones. */
#include "t/unit/story.h"

/* Shorter names for long rows. */
#define UNASKED     .outcome = OUTCOME_NOT_ASKED
#define TIMEOUT     .outcome = OUTCOME_TIMEOUT
#define CLOSED      .outcome = OUTCOME_PORT_CLOSED
#define UNREACHABLE .outcome = OUTCOME_UNREACHABLE
#define BROKEN      .outcome = OUTCOME_CONNECTION_BROKEN
#define REFUSED     .outcome = OUTCOME_REFUSED, .rcode = 5
#define SERVFAIL    .outcome = OUTCOME_SERVFAIL, .rcode = 2

static const struct story stories[] = {
	/* silence */
	{ "silent", { { 1, P, .serial = 7 }, { 2, L, TIMEOUT } }, .said = "C server_timeout 2" },
	{ "for two hours", { { 1, P, .serial = 7 }, { 2, L, TIMEOUT } },
		.past = { { 2, OUTCOME_TIMEOUT, 2 * HOUR, NULL } },
		.said = "C server_timeout 2 =7200" },
	{ "it was otherwise silent before", { { 1, P, .serial = 7 }, { 2, L, TIMEOUT } },
		.past = { { 2, OUTCOME_PORT_CLOSED, 2 * HOUR, NULL } },
		.said = "C server_timeout 2" },
	{ "closed", { { 1, P, .serial = 7 }, { 2, L, CLOSED } }, .said = "C server_port_closed 2" },
	{ "unreachable", { { 1, P, .serial = 7 }, { 2, L, UNREACHABLE } },
		.said = "C server_unreachable 2" },
	{ "takes TCP connections and says nothing", { { 1, P, .serial = 7 }, { 2, L, BROKEN } },
		.said = "C server_timeout 2" },
	{ "no route for IPv4 is unreachable",
		{ { 1, P, .serial = 7 }, { 2, L, .outcome = OUTCOME_NO_ROUTE } },
		.said = "C server_unreachable 2" },
	{ "the primary is silent", { { 1, P, TIMEOUT }, { 2, L, .serial = 7 } },
		.said = "C server_timeout 1" },

	/* one finding for all zones */
	{ "silent for all of two zones",
		{ { 1, P, .serial = 7 }, { 2, L, TIMEOUT }, { 1, P, 1, .serial = 7 },
			{ 2, L, 1, TIMEOUT } },
		.said = "C server_timeout 2@-" },
	{ "silent, and to be asked for one of two zones only",
		{ { 1, P, .serial = 7 }, { 2, L, .serial = 7 }, { 1, P, 1, .serial = 7 },
			{ 3, L, 1, TIMEOUT } },
		.said = "C server_timeout 3@1" },
	{ "silent for one of two zones",
		{ { 1, P, .serial = 7 }, { 2, L, .serial = 7 }, { 1, P, 1, .serial = 7 },
			{ 2, L, 1, TIMEOUT } },
		.said = "C zone_timeout 2@1" },
	{ "each kind of silence for one zone",
		{ { 1, P, .serial = 7 }, { 2, L, .serial = 7 }, { 1, P, 1, .serial = 7 },
			{ 2, L, 1, CLOSED }, { 1, P, 2, .serial = 7 }, { 2, L, 2, UNREACHABLE },
			{ 1, P, 3, .serial = 7 }, { 2, L, 3, BROKEN } },
		.said = "C zone_timeout 2@1; C zone_timeout 2@2; C zone_timeout 2@3" },
	{ "the worst kind of silence counts",
		{ { 1, P, .serial = 7 }, { 2, L, CLOSED }, { 1, P, 1, .serial = 7 },
			{ 2, L, 1, UNREACHABLE }, { 1, P, 2, .serial = 7 }, { 2, L, 2, TIMEOUT } },
		.said = "C server_unreachable 2@-" },
	{ "a dead primary is one finding",
		{ { 1, P, TIMEOUT }, { 2, L, .serial = 7 }, { 1, P, 1, TIMEOUT },
			{ 2, L, 1, .serial = 7 } },
		.said = "C server_timeout 1@-" },

	/* transports */
	{ "no TCP: silent",
		{ { 1, P, .serial = 7 }, { 2, L, .serial = 7, .tcp_outcome = OUTCOME_TIMEOUT } },
		.said = "C tcp_unreachable 2" },
	{ "no TCP: closed",
		{ { 1, P, .serial = 7 },
			{ 2, L, .serial = 7, .tcp_outcome = OUTCOME_PORT_CLOSED } },
		.said = "C tcp_unreachable 2" },
	{ "no TCP: unreachable",
		{ { 1, P, .serial = 7 },
			{ 2, L, .serial = 7, .tcp_outcome = OUTCOME_UNREACHABLE } },
		.said = "C tcp_unreachable 2" },
	{ "no TCP: broken off",
		{ { 1, P, .serial = 7 },
			{ 2, L, .serial = 7, .tcp_outcome = OUTCOME_CONNECTION_BROKEN } },
		.said = "C tcp_unreachable 2" },
	{ "no TCP: rubbish",
		{ { 1, P, .serial = 7 }, { 2, L, .serial = 7, .tcp_outcome = OUTCOME_MALFORMED } },
		.said = "C tcp_unreachable 2" },
	{ "TCP refuses the zone, too: that is an answer",
		{ { 1, P, .serial = 7 }, { 2, L, .serial = 7, .tcp_outcome = OUTCOME_REFUSED } },
		.said = "" },
	{ "no TCP for two zones is one finding",
		{ { 1, P, .serial = 7 }, { 2, L, .serial = 7, .tcp_outcome = OUTCOME_TIMEOUT },
			{ 1, P, 1, .serial = 7 }, { 2, L, 1, .serial = 7 } },
		.said = "C tcp_unreachable 2@-" },
	{ "truncated by UDP, and no TCP",
		{ { 1, P, .serial = 7 },
			{ 2, L, TIMEOUT, .udp_outcome = OUTCOME_ANSWERED, .by_tcp = true } },
		.said = "C tcp_unreachable 2" },
	{ "no UDP",
		{ { 1, P, .serial = 7 },
			{ 2, L, .serial = 7, .udp_outcome = OUTCOME_TIMEOUT, .by_tcp = true } },
		.said = "C udp_unreachable 2" },
	{ "UDP was lost for one of two zones only",
		{ { 1, P, .serial = 7 },
			{ 2, L, .serial = 7, .udp_outcome = OUTCOME_TIMEOUT, .by_tcp = true },
			{ 1, P, 1, .serial = 7 }, { 2, L, 1, .serial = 7 } },
		.said = "" },
	{ "truncated answers come by TCP",
		{ { 1, P, .serial = 7 },
			{ 2, L, .serial = 7, .udp_outcome = OUTCOME_ANSWERED, .by_tcp = true } },
		.said = "" },
	{ "asked by TCP only",
		{ { 1, P, .serial = 7, .by_tcp = true }, { 2, L, .serial = 7, .by_tcp = true } },
		.said = "" },
	{ "a silent server is no matter of transports",
		{ { 1, P, .serial = 7 }, { 2, L, TIMEOUT, .tcp_outcome = OUTCOME_TIMEOUT } },
		.said = "C server_timeout 2" },

	/* IPv6 from here */
	{ "no route for IPv6",
		{ { 1, P, .serial = 7 }, { 2, L, .serial = 7 },
			{ V6 + 2, L, .outcome = OUTCOME_NO_ROUTE } },
		.said = "O ipv6_skipped@- =1" },
	{ "a route, but nobody answers by it",
		{ { 1, P, .serial = 7 }, { 2, L, .serial = 7 }, { V6 + 1, L, TIMEOUT },
			{ V6 + 2, L, UNREACHABLE } },
		.said = "W ipv6_broken_here@-" },
	{ "one of them answers: the other is to blame",
		{ { 1, P, .serial = 7 }, { 2, L, .serial = 7 }, { V6 + 1, L, .serial = 7 },
			{ V6 + 2, L, TIMEOUT } },
		.said = "C server_timeout 102" },
	{ "a closed port is an answer of a kind",
		{ { 1, P, .serial = 7 }, { 2, L, .serial = 7 }, { V6 + 1, L, TIMEOUT },
			{ V6 + 2, L, CLOSED } },
		.said = "C server_timeout 101; C server_port_closed 102" },
	{ "a name without an IPv4 address that answers",
		{ { 1, P, .serial = 7 }, { 2, L, TIMEOUT }, { V6 + 2, L, TIMEOUT } },
		.said = "C server_timeout 2; C server_timeout 102" },
	{ "an IPv6 address without a name", { { 1, P, .serial = 7 }, { V6 + 3, L, TIMEOUT } },
		.said = "C server_timeout 103" },

	/* what is said instead of an SOA */
	{ "REFUSED", { { 1, P, .serial = 7 }, { 2, L, REFUSED } }, .said = "C zone_refused 2" },
	{ "REFUSED for a day", { { 1, P, .serial = 7 }, { 2, L, REFUSED } },
		.past = { { 2, OUTCOME_REFUSED, DAY, NULL } }, .said = "C zone_refused 2 =86400" },
	{ "REFUSED since this run", { { 1, P, .serial = 7 }, { 2, L, REFUSED } },
		.past = { { 2, OUTCOME_REFUSED, 0, NULL } }, .said = "C zone_refused 2" },
	{ "REFUSED by a node that has done so for a day, another one was seen since",
		{ { 1, P, .serial = 7 }, { 2, L, REFUSED, .node = "fra1" } },
		.past = { { 2, OUTCOME_REFUSED, 60, NULL }, { 2, OUTCOME_REFUSED, DAY, "fra1" },
			{ 2, OUTCOME_ANSWERED, HOUR, "ber2" } },
		.said = "C zone_refused 2 =86400" },
	{ "REFUSED by a node not seen before: what the others said does not count",
		{ { 1, P, .serial = 7 }, { 2, L, REFUSED, .node = "ber2" } },
		.past = { { 2, OUTCOME_REFUSED, HOUR, NULL }, { 2, OUTCOME_REFUSED, DAY, "fra1" } },
		.said = "C zone_refused 2" },
	{ "a silence has no node: the address counts", { { 1, P, .serial = 7 }, { 2, L, TIMEOUT } },
		.past = { { 2, OUTCOME_TIMEOUT, HOUR, NULL }, { 2, OUTCOME_ANSWERED, 60, "fra1" } },
		.said = "C server_timeout 2 =3600" },
	{ "SERVFAIL", { { 1, P, .serial = 7 }, { 2, L, SERVFAIL } }, .said = "C zone_servfail 2" },
	{ "SERVFAIL, EDE 24", { { 1, P, .serial = 7 }, { 2, L, SERVFAIL, .ede_code = 24 } },
		.said = "C zone_expired 2" },
	{ "SERVFAIL, EDE 14", { { 1, P, .serial = 7 }, { 2, L, SERVFAIL, .ede_code = 14 } },
		.said = "C zone_not_loaded 2" },
	{ "SERVFAIL, another EDE", { { 1, P, .serial = 7 }, { 2, L, SERVFAIL, .ede_code = 23 } },
		.said = "C zone_servfail 2" },
	{ "NOTAUTH", { { 1, P, .serial = 7 }, { 2, L, .outcome = OUTCOME_NOTAUTH } },
		.said = "C zone_notauth 2" },
	{ "NXDOMAIN", { { 1, P, .serial = 7 }, { 2, L, .outcome = OUTCOME_NXDOMAIN } },
		.said = "C zone_nxdomain 2" },
	{ "no data", { { 1, P, .serial = 7 }, { 2, L, .outcome = OUTCOME_NO_SOA } },
		.said = "C no_soa 2" },
	{ "no AA",
		{ { 1, P, .serial = 7 },
			{ 2, L, .serial = 7, .outcome = OUTCOME_NOT_AUTHORITATIVE } },
		.said = "C not_authoritative 2" },
	{ "NOTIMP", { { 1, P, .serial = 7 }, { 2, L, .outcome = OUTCOME_RCODE, .rcode = 4 } },
		.said = "C unexpected_rcode 2" },
	{ "rubbish", { { 1, P, .serial = 7 }, { 2, L, .outcome = OUTCOME_MALFORMED } },
		.said = "C malformed_answer 2" },
	{ "TSIG", { { 1, P, .serial = 7 }, { 2, L, .outcome = OUTCOME_TSIG_FAILED } },
		.said = "C tsig_failed 2" },

	/* orphans */
	{ "the primary has it no longer",
		{ { 1, P, REFUSED }, { 2, L, .serial = 7 }, { 3, L, .serial = 7 } },
		.said = "C zone_refused 1; W orphan_zone 2 by zone_refused; W orphan_zone 3 by zone_refused" },
	{ "one of its addresses still does",
		{ { 1, P, REFUSED }, { 4, P, .serial = 7 }, { 2, L, .serial = 7 } },
		.said = "C zone_refused 1" },
	{ "by NXDOMAIN", { { 1, P, .outcome = OUTCOME_NXDOMAIN }, { 2, L, .serial = 7 } },
		.said = "C zone_nxdomain 1; W orphan_zone 2 by zone_nxdomain" },
	{ "by NOTAUTH", { { 1, P, .outcome = OUTCOME_NOTAUTH }, { 2, L, .serial = 7 } },
		.said = "C zone_notauth 1; W orphan_zone 2 by zone_notauth" },
	{ "by an answer without SOA",
		{ { 1, P, .outcome = OUTCOME_NO_SOA }, { 2, L, .serial = 7 } },
		.said = "C no_soa 1; W orphan_zone 2 by no_soa" },
	{ "a primary that fails has not lost it", { { 1, P, SERVFAIL }, { 2, L, .serial = 7 } },
		.said = "C zone_servfail 1" },
	{ "nobody serves it any more", { { 1, P, REFUSED }, { 2, L, REFUSED } },
		.said = "C zone_refused 1; C zone_refused 2 by zone_refused" },
	{ "an MNAME proves nothing", { { 1, M | L, REFUSED }, { 2, L, .serial = 7 } },
		.said = "C zone_refused 1" },

	/* the deadline */
	{ "not everything was asked", { { 1, P, .serial = 7 }, { 2, L, UNASKED } },
		.said = "U deadline_reached@- =1" },
	{ "as --timeout-result wants it", { { 1, P, .serial = 7 }, { 2, L, UNASKED } },
		.policy = { .timeout_result = SEVERITY_CRITICAL },
		.said = "C deadline_reached@- =1" },
};

static void tell(void)
{
	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		struct world world;
		struct text said = { 0 };

		story_judge(&world, &stories[i]);
		story_findings(&world, &said);
		is_string(text_string(&said), stories[i].said, stories[i].name);
		text_free(&said);
		story_free(&world);
	}
}

/* The words of the one finding that there is. */
static const struct {
	const struct story story;
	const char *text;
} words[] = {
	{ { "an EDE is quoted",
		  { { 1, P, .serial = 7 }, { 2, L, REFUSED, .ede_code = 18, .ede_text = 1 } },
		  .said = NULL },
		"answers REFUSED: it does not serve the zone, EDE 18 Prohibited (go away)" },
	{ { "one that nobody knows",
		  { { 1, P, .serial = 7 }, { 2, L, REFUSED, .ede_code = 65000 } }, .said = NULL },
		"answers REFUSED: it does not serve the zone, EDE 65000" },
	{ { "BADKEY",
		  { { 1, P, .serial = 7 },
			  { 2, L, .outcome = OUTCOME_TSIG_FAILED, .tsig_error = DNS_BADKEY } },
		  .said = NULL },
		"rejects our TSIG key (BADKEY: it does not know it)" },
	{ { "BADSIG",
		  { { 1, P, .serial = 7 },
			  { 2, L, .outcome = OUTCOME_TSIG_FAILED, .tsig_error = 16 } },
		  .said = NULL },
		"rejects our TSIG signature (BADSIG: the secrets differ)" },
	{ { "BADTIME",
		  { { 1, P, .serial = 7 },
			  { 2, L, .outcome = OUTCOME_TSIG_FAILED, .tsig_error = DNS_BADTIME } },
		  .said = NULL },
		"rejects our TSIG signature (BADTIME: the clocks differ by more than 5 minutes)" },
	{ { "unsigned",
		  { { 1, P, .serial = 7 },
			  { 2, L, .outcome = OUTCOME_TSIG_FAILED,
				  .tsig_error = TSIG_ERROR_UNSIGNED } },
		  .said = NULL },
		"answers without a TSIG signature, though the question had one" },
	{ { "NOTAUTH, unsigned",
		  { { 1, P, .serial = 7 },
			  { 2, L, .outcome = OUTCOME_TSIG_FAILED,
				  .tsig_error = TSIG_ERROR_NOTAUTH } },
		  .said = NULL },
		"answers NOTAUTH, unsigned: it does not accept our TSIG key" },
	{ { "a wrong signature",
		  { { 1, P, .serial = 7 },
			  { 2, L, .outcome = OUTCOME_TSIG_FAILED,
				  .tsig_error = TSIG_ERROR_BAD_MAC } },
		  .said = NULL },
		"the answer's TSIG signature is wrong" },
	{ { "another port", { { 1, P, .serial = 7 }, { 2, L, CLOSED } }, .said = NULL },
		"does not listen on port 53 (connection refused)" },
	{ { "since when", { { 1, P, .serial = 7 }, { 2, L, TIMEOUT } },
		  .past = { { 2, OUTCOME_TIMEOUT, 3 * DAY, NULL } }, .said = NULL },
		"does not answer, neither by UDP nor by TCP, for 3d (since 2026-11-19 05:19Z)" },
	{ { "seconds matter at first", { { 1, P, .serial = 7 }, { 2, L, UNREACHABLE } },
		  .past = { { 2, OUTCOME_UNREACHABLE, 61, NULL } }, .said = NULL },
		"can't be reached (the network says so), for 1m 1s (since 05:17:59Z)" },
	{ { "several questions are left",
		  { { 1, P, .serial = 7 }, { 2, L, UNASKED }, { 3, L, UNASKED } }, .said = NULL },
		"the time was over before everything was asked (2 questions left)" },
};

static void tell_words(void)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct world world;

		story_judge(&world, &words[i].story);
		is_string(world.verdict.findings.count == 1 ? world.verdict.findings.items[0].text
							    : "another number of findings",
			words[i].text, words[i].story.name);
		story_free(&world);
	}
}

/* What was never asked is not OK. */
static void unasked_zones(void)
{
	static const struct story story = { "",
		{ { 1, P, .serial = 7 }, { 2, L, .serial = 7 }, { 1, P, 1, .serial = 7 },
			{ 2, L, 1, UNASKED }, { 1, P, 2, UNASKED }, { 2, L, 2, UNASKED } },
		.said = NULL };
	struct world world;

	story_judge(&world, &story);
	is_integer(world.verdict.zones[0].severity, SEVERITY_OK, "a zone that was asked");
	is_integer(world.verdict.zones[1].severity, SEVERITY_UNKNOWN, "one that was asked in part");
	is_integer(world.verdict.zones[2].severity, SEVERITY_UNKNOWN, "one that was not");
	is_integer(world.verdict.severity, SEVERITY_UNKNOWN, "the run");
	story_free(&world);
}

static void run_troubles(void)
{
	static const struct story story = { "", { { 1, P, .serial = 7 }, { 2, L, .serial = 7 } },
		.said = NULL };
	struct world world;
	struct text said = { 0 };

	story_begin(&world, &story);
	world.plan.resolver_trouble = "192.0.2.53 does not answer";
	world.past.trouble = "/var/lib/x: Permission denied";
	judge(&world.facts, &world.verdict);
	story_findings(&world, &said);
	is_string(text_string(&said), "W resolver_failed@-; W state_unusable@-", "about the run");
	is_integer(world.verdict.zones[0].severity, SEVERITY_OK, "no zone is to blame");
	is_integer(world.verdict.severity, SEVERITY_WARNING, "but the run is");
	text_free(&said);
	story_free(&world);
}

int main(void)
{
	tell();
	tell_words();
	unasked_zones();
	run_troubles();
	return done_testing();
}
