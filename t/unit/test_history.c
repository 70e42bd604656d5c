/* What earlier runs saw: serials and lags, servers and their NSIDs, how much is kept. */
#include <stdlib.h>

#include "common/dns/serial.h"
#include "common/model/history.h"
#include "common/model/observation.h"
#include "t/unit/tap.h"

enum { NOW = 1795324740, MINUTE = 60 };

struct sight {
	uint32_t serial;
	int64_t age_s;
};

static const struct {
	const char *name;
	struct sight seen[6]; /* up to the first without age */
	uint32_t serial;      /* the server's */
	int64_t lag_s;
	bool is_minimum;
} lags[] = {
	{ "nothing was seen", { { 0 } }, 7, 0, false },
	{ "it has the newest", { { 7, 90 } }, 7, 0, false },
	{ "it has a newer one", { { 7, 90 } }, 8, 0, false },
	{ "it lacks the only one that is known", { { 7, 90 } }, 6, 90, true },
	{ "it lacks one", { { 7, 90 }, { 8, 30 } }, 7, 30, false },
	{ "the oldest that it lacks counts", { { 7, 90 }, { 8, 60 }, { 9, 30 } }, 7, 60, false },
	{ "between two that were seen", { { 10, 90 }, { 20, 60 }, { 30, 30 } }, 15, 60, false },
	{ "older than all that is known", { { 7, 90 }, { 8, 60 } }, 3, 90, true },
	{ "over the wrap", { { 0xfffffffe, 90 }, { 2, 60 } }, 0xfffffffe, 60, false },
	{ "over the wrap, in between", { { 0xfffffffe, 90 }, { 2, 60 } }, 0xffffffff, 60, false },
	{ "0 follows 4294967295", { { 0xffffffff, 90 }, { 0, 60 } }, 0xffffffff, 60, false },
	{ "the primary was set back: the list begins anew", { { 7, 90 }, { 9, 60 }, { 5, 30 } }, 4,
		30, true },
	{ "set back, and the server has it", { { 7, 90 }, { 9, 60 }, { 5, 30 } }, 5, 0, false },
	{ "set back to below only some", { { 7, 90 }, { 9, 60 }, { 8, 30 } }, 7, 30, true },
	{ "an equal one changes nothing", { { 7, 90 }, { 8, 60 }, { 8, 30 } }, 7, 60, false },
	{ "a leap of half the number space begins anew", { { 1, 90 }, { 0x80000001, 30 } }, 1, 0,
		false },
	{ "what lies half the space behind is dropped",
		{ { 0, 90 }, { 0x40000000, 60 }, { 0x7fffffff, 50 }, { 0xa0000000, 30 } },
		0x7fffffff, 30, false },
	{ "and no longer counts", { { 0, 90 }, { 0x40000000, 60 }, { 0xa0000000, 30 } }, 0x3fffffff,
		60, true },
	{ "the clock was set back: nothing was seen in the future",
		{ { 7, 90 }, { 8, -1000 }, { 9, 10 } }, 7, 10, false },
};

static void tell_lags(void)
{
	for (size_t i = 0; i < sizeof(lags) / sizeof(lags[0]); i++) {
		struct zone_history zone = { .known = true };
		struct arena arena = { 0 };
		struct lag lag;

		for (size_t s = 0; s < 6 && lags[i].seen[s].age_s; s++)
			history_see_serial(&zone, lags[i].seen[s].serial,
				NOW - lags[i].seen[s].age_s, &arena);
		lag = history_lag(&zone, lags[i].serial, NOW);
		ok(lag.seconds == lags[i].lag_s && lag.is_minimum == lags[i].is_minimum &&
				lag.known && (!lag.seconds || lag.since_s == NOW - lag.seconds),
			"%s: %lld s%s", lags[i].name, (long long)lag.seconds,
			lag.is_minimum ? " at least" : "");
		arena_free(&arena);
	}
}

static void changes(void)
{
	struct zone_history zone = { 0 };
	struct arena arena = { 0 };

	ok(!history_lag(&zone, 1, NOW).known, "without an earlier run nothing is known");
	history_see_serial(&zone, 7, NOW, &arena);
	ok(zone.changed, "a first serial is a change");
	zone.changed = false;
	history_see_serial(&zone, 7, NOW + 60, &arena);
	ok(!zone.changed, "the same one is none");
	history_see_serial(&zone, 7, NOW - 60, &arena);
	ok(zone.changed && zone.serials[0].first_seen_s == NOW - 60, "a date after now is one");
	is_integer(history_lag(&zone, 6, NOW - 120).seconds, 0,
		"no lag is negative, whatever the clock says");
	arena_free(&arena);
}

/* A zone that changes every minute for a year: the lag of a server that follows late stays right.
 */
static void thinning(void)
{
	static const int64_t delays_s[] = { MINUTE, 5 * MINUTE, HISTORY_SERIALS * MINUTE, 3000,
		7200, 86400, 100000, 7 * 86400, 90 * 86400 };
	enum { RUNS = 365 * 24 * 60 };
	struct zone_history zone = { .known = true };
	struct arena arena = { 0 };
	int64_t begin = NOW - (int64_t)RUNS * MINUTE;
	bool ascending = true;

	for (int64_t run = 0; run <= RUNS; run++)
		history_see_serial(&zone, (uint32_t)(0xffffff00 + run), begin + run * MINUTE,
			&arena);
	is_integer(zone.serial_count, HISTORY_SERIALS, "the list is bounded");
	is_integer(zone.serials[0].serial, 0xffffff00, "the oldest stays");
	for (uint32_t i = 1; i < zone.serial_count; i++)
		ascending &= serial_compare(zone.serials[i].serial, zone.serials[i - 1].serial) ==
				SERIAL_AHEAD &&
			zone.serials[i].first_seen_s > zone.serials[i - 1].first_seen_s;
	ok(ascending, "in order");
	for (size_t i = 0; i < sizeof(delays_s) / sizeof(delays_s[0]); i++) {
		int64_t run = RUNS - delays_s[i] / MINUTE; /* the first that it lacks */
		int64_t lag = history_lag(&zone, (uint32_t)(0xffffff00 + run - 1), NOW).seconds;

		ok(lag <= delays_s[i] && lag >= delays_s[i] * 3 / 4,
			"%lld s behind: a lag of %lld s", (long long)delays_s[i], (long long)lag);
	}
	arena_free(&arena);
}

static void kept_serials(void)
{
	struct zone_history zone = { 0 };
	struct arena arena = { 0 };
	unsigned taken = 0;

	ok(history_put_serial(&zone, &(struct seen_serial){ 5, NOW }, &arena), "a kept serial");
	ok(!history_put_serial(&zone, &(struct seen_serial){ 5, NOW }, &arena), "not twice");
	ok(!history_put_serial(&zone, &(struct seen_serial){ 4, NOW }, &arena),
		"none that is older");
	ok(!history_put_serial(&zone, &(struct seen_serial){ 6, -1 }, &arena), "none before 1970");
	ok(!history_put_serial(&zone, &(struct seen_serial){ 6, 253402300800 }, &arena),
		"none after 9999");
	for (uint32_t serial = 6; serial < 100; serial++)
		taken += history_put_serial(&zone, &(struct seen_serial){ serial, NOW }, &arena);
	is_integer(taken, HISTORY_SERIALS - 1, "not more than fit");
	ok(!zone.changed, "and nothing is to be written");
	arena_free(&arena);
}

static struct server_past node(unsigned host, const char *nsid, enum outcome outcome,
	int64_t since_s)
{
	struct server_past past = { .name = "ns.example.",
		.nsid = nsid,
		.outcome = (uint8_t)outcome,
		.listed = true,
		.since_s = since_s };

	past.address = (struct address){ .family = 4, .port = 53 };
	past.address.bytes[3] = (uint8_t)host;
	return past;
}

static void see(struct zone_history *zone, struct arena *arena, struct server_past past)
{
	history_see_server(zone, &past, arena);
}

static void servers(void)
{
	struct zone_history zone = { 0 };
	struct arena arena = { 0 };
	struct server_past renamed = node(1, "", OUTCOME_TIMEOUT, 300);
	struct address first = renamed.address;

	ok(!history_server(&zone, &first, NULL), "nobody is known");
	see(&zone, &arena, node(1, "", OUTCOME_ANSWERED, 100));
	ok(zone.changed && history_server(&zone, &first, "")->since_s == 100, "a new server");
	zone.changed = false;
	see(&zone, &arena, node(1, "", OUTCOME_ANSWERED, 200));
	ok(!zone.changed && history_server(&zone, &first, "")->since_s == 100,
		"the same outcome changes nothing");
	see(&zone, &arena, node(1, "", OUTCOME_TIMEOUT, 300));
	ok(zone.changed && history_server(&zone, &first, "")->since_s == 300 &&
			history_server(&zone, &first, "")->outcome == OUTCOME_TIMEOUT,
		"another outcome begins a new since");
	renamed.name = "new.example.";
	see(&zone, &arena, renamed);
	is_string(history_server(&zone, &first, "")->name, "new.example.", "another name");
	is_integer(history_server(&zone, &first, "")->since_s, 300, "is no other outcome");
	see(&zone, &arena, node(1, "ams", OUTCOME_ANSWERED, 400));
	is_integer(history_server(&zone, &first, "ams")->since_s, 400, "a node by its NSID");
	is_integer(history_server(&zone, &first, NULL)->since_s, 400, "the newest of the address");
	ok(!history_server(&zone, &first, "fra"), "another node is not known");
	first.port = 5300;
	ok(!history_server(&zone, &first, NULL), "nor another port");
	arena_free(&arena);
}

static void bounds(void)
{
	struct zone_history zone = { 0 };
	struct arena arena = { 0 };
	char nsid[16];

	for (unsigned i = 0; i < 20; i++) {
		snprintf(nsid, sizeof(nsid), "node%u", i);
		see(&zone, &arena, node(1, nsid, OUTCOME_ANSWERED, i));
	}
	is_integer(zone.server_count, HISTORY_NODES, "nodes of one address are bounded");
	ok(history_server(&zone, &zone.servers[0].address, "node19") &&
			!history_server(&zone, &zone.servers[0].address, "node11"),
		"the longest unchanged make room");
	for (unsigned i = 2; i < 200; i++)
		see(&zone, &arena, node(i, "", OUTCOME_ANSWERED, 1000 + i));
	is_integer(zone.server_count, HISTORY_SERVERS, "servers of a zone are bounded");
	ok(!history_server(&zone, &(struct address){ .family = 4, .port = 53, .bytes[3] = 1 },
		   NULL),
		"the longest unchanged make room");
	arena_free(&arena);
}

static void unlisted(void)
{
	struct zone_history zone = { 0 };
	struct arena arena = { 0 };
	struct address keep = node(2, "", OUTCOME_ANSWERED, 0).address;
	struct server_past added = node(3, "", OUTCOME_ANSWERED, 0);

	added.listed = false;
	see(&zone, &arena, node(1, "", OUTCOME_ANSWERED, 100));
	see(&zone, &arena, node(2, "", OUTCOME_ANSWERED, 100));
	see(&zone, &arena, added);
	zone.changed = false;
	history_keep_listed(&zone, &(struct address[]){ keep, node(1, "", 0, 0).address }[0], 2);
	ok(zone.server_count == 3 && !zone.changed, "those that are listed stay");
	history_keep_listed(&zone, &keep, 1);
	ok(zone.server_count == 2 && zone.changed, "those that are not go");
	ok(history_server(&zone, &keep, "") && history_server(&zone, &added.address, ""),
		"those that never were stay as well");
	arena_free(&arena);
}

int main(void)
{
	tell_lags();
	changes();
	thinning();
	kept_serials();
	servers();
	bounds();
	unlisted();
	ok(sizeof(struct zone_history) <= 32, "a zone's history is small");
	return done_testing();
}
