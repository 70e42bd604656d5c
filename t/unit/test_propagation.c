/* The way of a change: where it stopped, what is said of it, and how often servers are asked. */
#include "common/model/propagation.h"

#include "common/base/text.h"
#include "common/dns/name.h"
#include "common/judge/judge.h"
#include "t/unit/tap.h"

enum { MS = 1000, SECOND = 1000000, SERIAL = 1795324740, NO = PROPAGATION_NEVER };

/* One secondary, ns2.example.com at 192.0.2.2; times that are 0 were not seen. */
struct story {
	const char *name;
	struct propagation way;
	struct soa_observation answer;
	const char *software;
	struct change change; /* its kind, strangers and flags */
	bool has_key;
	const char *code, *text, *advice; /* parts of them; NULL code: nothing is said */
	enum severity severity;
};

#define SERVES(number)                                                                             \
	{                                                                                          \
		.outcome = OUTCOME_ANSWERED, .serial = (number)                                    \
	}
#define TAKEN .notify_us = MS, .notify_outcome = OUTCOME_ANSWERED
#define ASKED TAKEN, .soa_us = 2 * MS
#define BEGUN ASKED, .request_us = 3 * MS
#define HAS   BEGUN, .transfer_us = 4 * MS

/* clang-format off */
static const struct story stories[] = {
	{ "it serves the change", { HAS, .publish_us = 5 * MS }, SERVES(SERIAL), NULL, { 0 }, false, NULL, NULL, NULL, SEVERITY_OK },
	{ "it serves it, whatever it said to NOTIFY", { .notify_us = MS, .notify_outcome = OUTCOME_ANSWERED, .notify_rcode = DNS_REFUSED, .publish_us = 5 * MS },
		SERVES(SERIAL), NULL, { 0 }, false, NULL, NULL, NULL, SEVERITY_OK },
	{ "slow", { HAS, .publish_us = 6 * SECOND }, SERVES(SERIAL), "NSD 4.6.1", { 0 }, false,
		"propagation_slow", "serves the change after 6.000 s (asked for it after 3.0 ms, had it after 4.0 ms)", "on ns2.example.com: journalctl -u nsd", SEVERITY_WARNING },
	{ "very slow", { .publish_us = 9 * SECOND }, SERVES(SERIAL), NULL, { 0 }, false, "propagation_slow", "serves the change after 9.000 s", "on ns2", SEVERITY_CRITICAL },
	{ "NOTIFY refused", { .notify_us = MS, .notify_outcome = OUTCOME_ANSWERED, .notify_rcode = DNS_REFUSED, .has_before = true }, SERVES(7), "NSD 4.6.1", { 0 }, false,
		"notify_refused", "answers REFUSED to the NOTIFY of serial 1795324740 from 192.0.2.10; it answers serial 7",
		"on ns2.example.com: add \"allow-notify: 192.0.2.10 NOKEY\"", SEVERITY_CRITICAL },
	{ "the zone is not there", { .notify_us = MS, .notify_outcome = OUTCOME_ANSWERED, .notify_rcode = DNS_REFUSED }, { .outcome = OUTCOME_REFUSED, .rcode = DNS_REFUSED },
		"PowerDNS Authoritative Server 4.7.3", { 0 }, false, "notify_refused", "it answers REFUSED",
		"pdnsutil create-secondary-zone canary.example.com 192.0.2.10; pdns_control retrieve canary.example.com; or let it come by itself", SEVERITY_CRITICAL },
	{ "NOTIFY not for it", { .notify_us = MS, .notify_outcome = OUTCOME_ANSWERED, .notify_rcode = DNS_NOTAUTH }, { .outcome = OUTCOME_REFUSED, .rcode = DNS_REFUSED },
		"Knot DNS 3.2.6", { 0 }, true, "notify_notauth", "answers NOTAUTH", "the key must be the same there: the key section of knot.conf", SEVERITY_CRITICAL },
	{ "silence to NOTIFY alone", { .notify_outcome = OUTCOME_TIMEOUT, .has_before = true }, SERVES(7), NULL, { 0 }, false,
		"notify_unanswered", "does not answer the NOTIFY of serial 1795324740 from 192.0.2.10 (silence); it answers serial 7",
		"let UDP from 192.0.2.10 to it pass", SEVERITY_CRITICAL },
	{ "silence", { .notify_outcome = OUTCOME_NOT_ASKED }, { .outcome = OUTCOME_TIMEOUT }, "BIND 9.18.1", { 0 }, false,
		"notify_unanswered", "(silence); its serial is not known: it does not answer", "it answers nothing; on ns2.example.com: systemctl restart named", SEVERITY_CRITICAL },
	{ "down", { .notify_outcome = OUTCOME_PORT_CLOSED }, { .outcome = OUTCOME_PORT_CLOSED }, NULL, { 0 }, false,
		"notify_unanswered", "(its port is closed)", "systemctl restart pdns (PowerDNS)", SEVERITY_CRITICAL },
	{ "unreachable", { .notify_outcome = OUTCOME_UNREACHABLE }, { .outcome = OUTCOME_UNREACHABLE }, NULL, { 0 }, false,
		"notify_unanswered", "(it is unreachable)", "on ns2", SEVERITY_CRITICAL },
	{ "an answer that is not signed", { .notify_outcome = OUTCOME_TSIG_FAILED }, { .outcome = OUTCOME_TSIG_FAILED }, NULL, { 0 }, true,
		"notify_unanswered", "(its answer is not signed as ours is); it answers questions that are signed with the key by an error", "", SEVERITY_CRITICAL },
	{ "no question for the SOA", { TAKEN }, SERVES(7), "BIND 9.18.1", { 0 }, false, "soa_not_queried",
		"accepts the NOTIFY of serial 1795324740, but asks 192.0.2.10 for nothing",
		"192.0.2.10 must be its primary, and port 53 open from there, UDP and TCP; on ns2.example.com: journalctl -u named", SEVERITY_CRITICAL },
	{ "somebody else asks", { TAKEN }, SERVES(7), NULL, { .strangers = "198.51.100.7 (after 0.002 s)" }, false, "soa_not_queried", "asks 192.0.2.10 for nothing",
		"must be its primary", SEVERITY_CRITICAL },
	{ "NSD has no question for the SOA", { TAKEN }, SERVES(7), "NSD 4.6.1", { 0 }, false, "transfer_not_requested",
		"accepts the NOTIFY of serial 1795324740, but does not ask 192.0.2.10 for the transfer by TCP", "open TCP port 53 from 192.0.2.2 to 192.0.2.10", SEVERITY_CRITICAL },
	{ "no question for the transfer", { ASKED }, SERVES(7), NULL, { 0 }, false, "transfer_not_requested",
		"asked 192.0.2.10 for the SOA after 2.0 ms (serial 1795324740), but not for the transfer by TCP", "open TCP port 53", SEVERITY_CRITICAL },
	{ "a transfer that breaks", { BEGUN, .failures = 2, .trouble = "the client closed the connection", .asked_incremental = true }, SERVES(7), NULL, { 0 }, false,
		"transfer_failed", "asked for the transfer after 3.0 ms (IXFR) and did not take it: the client closed the connection (2 times)",
		"on ns2.example.com: journalctl -u pdns", SEVERITY_CRITICAL },
	{ "a key that nobody knows", { TAKEN, .failures = 1, .trouble = "its key is not known here (BADKEY)" }, { .outcome = OUTCOME_SERVFAIL, .rcode = DNS_SERVFAIL }, "NSD 4.6.1",
		{ 0 }, false, "transfer_failed", "asked for the zone and was refused: its key is not known here (BADKEY); it answers SERVFAIL",
		"the key must be that of --tsig-key-file; on ns2.example.com: the key clauses of nsd.conf", SEVERITY_CRITICAL },
	{ "not published", { HAS }, SERVES(7), "PowerDNS Authoritative Server 4.7.3", { 0 }, false, "not_published",
		"transferred serial 1795324740 after 4.0 ms and does not serve it 8.0 s later; it answers serial 7",
		"df -h (its database or files must be writable); pdns_control purge 'canary.example.com$' (its caches); pdnsutil check-zone", SEVERITY_CRITICAL },
	{ "a change of a real primary", { .token = "2026-11-22T05:00:00Z" }, SERVES(7), "PowerDNS 4.7.3", { .kind = CHANGE_BY_UPDATE }, false, "not_published",
		"does not serve the change 8.0 s after the primary confirmed it; it has the record of 2026-11-22T05:00:00Z; it answers serial 7",
		"check_dns_replication --zone=canary.example.com --add-server=192.0.2.2; in native mode its caches", SEVERITY_CRITICAL },
	{ "a change by the API, of which no NOTIFY is sent", { .token = "" }, SERVES(7), "PowerDNS 4.7.3",
		{ .kind = CHANGE_BY_PDNS, .trouble = "the API at http://192.0.2.1:8081 does not send NOTIFY: it answers HTTP 500" }, false, "not_published",
		"does not serve the change 8.0 s after the primary confirmed it; it answers serial 7", "check_dns_replication", SEVERITY_CRITICAL },
	{ "differences that were not taken", { HAS, .publish_us = 5 * MS, .asked_incremental = true, .knows_from = true, .asked_from = 6 }, SERVES(SERIAL), NULL, { 0 }, false,
		"ixfr_fell_back", "asked for the differences since 6 and took the whole zone", NULL, SEVERITY_OK },
	{ "differences that nobody has", { HAS, .publish_us = 5 * MS, .asked_incremental = true, .asked_from = 6 }, SERVES(SERIAL), NULL, { .is_incremental = true }, false,
		"ixfr_fell_back", "which no earlier run is known to have made", NULL, SEVERITY_OK },
	{ "the same, and nobody expects them", { HAS, .publish_us = 5 * MS, .asked_incremental = true, .asked_from = 6 }, SERVES(SERIAL), NULL, { 0 }, false,
		NULL, NULL, NULL, SEVERITY_OK },
	{ "AXFR where differences are expected", { HAS, .publish_us = 5 * MS }, SERVES(SERIAL), NULL, { .is_incremental = true }, false,
		"ixfr_fell_back", "asked for the whole zone (AXFR) instead of differences (IXFR)", NULL, SEVERITY_OK },
};
/* clang-format on */

static int64_t time_of(int64_t us)
{
	return us ? us : NO;
}

static struct propagation way_of(const struct story *story)
{
	struct propagation way = story->way;

	way.notify_us = time_of(way.notify_us);
	way.soa_us = time_of(way.soa_us);
	way.request_us = time_of(way.request_us);
	way.transfer_us = time_of(way.transfer_us);
	way.publish_us = time_of(way.publish_us);
	way.lacked_us = NO;
	if (!way.trouble)
		way.trouble = "";
	if (!way.token)
		way.token = "";
	return way;
}

static void make_plan(struct plan *plan)
{
	struct fault fault = { { 0 } };
	struct address address;
	uint8_t name[NAME_WIRE];

	plan_begin(plan);
	address_from_text("192.0.2.2@53", &address);
	name_from_text("canary.example.com", name, &fault);
	plan_add_zone(plan, name);
	name_from_text("ns2.example.com", name, &fault);
	plan_assign(plan, 0, plan_add_server(plan, name, &address), PAIR_ADDED);
	plan_close(plan);
}

static bool holds(const char *text, const char *part)
{
	return !part || (text && strstr(text, part));
}

static void is_said(const struct story *story, const struct verdict *verdict)
{
	const struct finding *finding = verdict->findings.items;
	const char *code = verdict->findings.count ? finding_kinds[finding->code].code : NULL;

	is_integer((int64_t)verdict->findings.count, story->code ? 1 : 0, story->name);
	is_string(code, story->code, "  the finding");
	is_integer(verdict->severity, story->severity, "  how bad it is");
	if (!code || !story->code)
		return;
	if (!ok(holds(finding->text, story->text), "  its words"))
		printf("# %s\n", finding->text);
	if (!ok(holds(finding->advice, story->advice), "  what to do"))
		printf("# %s\n", finding->advice ? finding->advice : "nothing");
	ok(!story->change.trouble || holds(finding->evidence, story->change.trouble),
		"  why nobody was told");
	ok(!story->change.strangers || holds(finding->evidence, story->change.strangers),
		"  who else asked");
}

static void tell(const struct story *story)
{
	struct plan plan;
	struct observations seen;
	struct history past = { 0 };
	struct verdict verdict;
	struct propagation way = way_of(story);
	struct change change = story->change;
	struct policy policy = { .lag_warning = { .start = 0, .end = 5, .set = true },
		.lag_critical = { .start = 0, .end = 8, .set = true },
		.has_key = story->has_key };
	struct facts facts = { &plan, &seen, &past, &policy, SERIAL };

	make_plan(&plan);
	observations_begin(&seen, 1, 1);
	history_begin(&past, 1);
	change.was_made = true;
	change.serial = SERIAL;
	change.listen = "192.0.2.10";
	change.waited_us = 8 * SECOND + 4 * MS;
	change.strangers = change.strangers ? change.strangers : "";
	change.trouble = change.trouble ? change.trouble : "";
	seen.propagations = &way;
	seen.change = &change;
	seen.soa[0] = story->answer;
	seen.soa[0].ede_code = EDE_NONE;
	seen.servers[0].software = story->software;
	judge_propagation(&facts, &verdict);
	is_said(story, &verdict);
	verdict_free(&verdict);
	arena_free(&past.arena);
	observations_free(&seen);
	plan_free(&plan);
}

/* However long a run is, no server is asked too often, and what comes soon is seen soon. */
static void paces(void)
{
	unsigned asked = 0;
	bool is_fine = true;

	for (int64_t at_us = 0; at_us < 8 * SECOND; asked++) {
		int64_t wait_us = propagation_wait_us(at_us, true);

		is_fine &= wait_us <= 5 * MS || wait_us <= at_us / 10;
		at_us += wait_us;
	}
	ok(is_fine, "within 5 ms, later within a tenth");
	ok(asked <= 175, "%u questions in 8 s", asked);
	asked = 0;
	for (int64_t at_us = 0; at_us < 8 * SECOND; asked++)
		at_us += propagation_wait_us(at_us, false);
	ok(asked <= 20, "%u questions where nothing is expected", asked);
}

static void doubts(void)
{
	struct propagation way = propagation_begin();

	is_integer(propagation_doubt_us(&way), 0, "nothing is known of what did not come");
	way.publish_us = 10 * MS;
	is_integer(propagation_doubt_us(&way), 10 * MS, "it may have come at once");
	way.transfer_us = 4 * MS;
	is_integer(propagation_doubt_us(&way), 6 * MS, "not before the transfer");
	way.lacked_us = 8 * MS;
	is_integer(propagation_doubt_us(&way), 2 * MS, "nor before an answer without it");
	way.lacked_us = 12 * MS;
	is_integer(propagation_doubt_us(&way), 0, "answers may overtake each other");
}

int main(void)
{
	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++)
		tell(&stories[i]);
	paces();
	doubts();
	is_string(change_kind_name(CHANGE_BY_PDNS), "pdns", "a kind's name");
	is_string(change_obstacle_name(OBSTACLE_SERIAL), "serial", "an obstacle's name");
	return done_testing();
}
