/* Findings into bytes: summaries, bounds, cleaning, perfdata and its labels, JSON, Prometheus. */
#include <stdlib.h>

#include "common/report/report.h"
#include "t/unit/story.h"

static struct report report_of(const struct world *world)
{
	return (struct report){ .plugin = "check_dns_replication",
		.title = "DNS REPLICATION",
		.version = "1.2",
		.plan = &world->plan,
		.seen = &world->seen,
		.past = &world->past,
		.policy = &world->policy,
		.verdict = &world->verdict,
		.started_s = STORY_NOW,
		.duration_us = 12345,
		.top = REPORT_TOP };
}

#define TIMEOUT .outcome = OUTCOME_TIMEOUT
#define REFUSED .outcome = OUTCOME_REFUSED, .rcode = 5

/* The first line, without perfdata; `said` is what is expected. */
static const struct story summaries[] = {
	{ "all is well", { { 1, P, .serial = 7 }, { 2, L, .serial = 7 } },
		.said = "OK - example.com serial 7 on 2 of 2 servers" },
	{ "one server", { { 1, L, .serial = 7 } },
		.policy = { .overrides =
				    (const struct severity_override[]){
					    { FINDING_NO_SECONDARIES, ROLE_ANY, SEVERITY_OK } },
			.override_count = 1 },
		.said = "OK - example.com serial 7 on 1 of 1 server" },
	{ "behind, and no matter",
		{ { 1, P, .serial = 9, .earlier = 9 }, { 2, L, .serial = 7, .earlier = 7 } },
		.seen_before = { { 7, DAY }, { 9, 60 } },
		.said = "OK - example.com serial 9 on 1 of 2 servers, ns2.example.com 2 serials behind for 1m (since 05:18:00Z)" },
	{ "one thing is wrong", { { 1, P, .serial = 7 }, { 2, L, REFUSED } },
		.said = "CRITICAL - example.com: ns2.example.com answers REFUSED: it does not serve the zone" },
	{ "a name with two addresses",
		{ { 1, P, .serial = 7 }, { 2, L, .serial = 7 }, { V6 + 2, L, REFUSED } },
		.said = "CRITICAL - example.com: ns2.example.com (2001:db8::2) answers REFUSED: it does not serve the zone" },
	{ "the only node", { { 1, P, .serial = 7 }, { 2, L, REFUSED, .node = "fra1" } },
		.past = { { 2, OUTCOME_REFUSED, 0, "fra1" } },
		.said = "CRITICAL - example.com: ns2.example.com answers REFUSED: it does not serve the zone" },
	{ "one of several nodes behind an address",
		{ { 1, P, .serial = 7 }, { 2, L, REFUSED, .node = "fra1" } },
		.past = { { 2, OUTCOME_ANSWERED, DAY, "ber2" } },
		.said = "CRITICAL - example.com: ns2.example.com [NSID fra1] answers REFUSED: it does not serve the zone" },
	{ "several things are wrong",
		{ { 1, P, .serial = 7 }, { 2, L, REFUSED }, { BARE + 3, L, TIMEOUT } },
		.said = "CRITICAL - example.com: 198.51.100.3 does not answer, neither by UDP nor by TCP (+1 more)" },
	{ "about the run", { { 1, P, .serial = 7 }, { 2, L, .outcome = OUTCOME_NOT_ASKED } },
		.said = "UNKNOWN - example.com: the time was over before everything was asked (1 question left)" },
	{ "several zones, all well",
		{ { 1, P, .serial = 7 }, { 2, L, .serial = 7 }, { 1, P, 1, .serial = 7 },
			{ 2, L, 1, .serial = 7 } },
		.said = "OK - 2 zones in sync on 2 servers" },
	{ "one of two zones",
		{ { 1, P, .serial = 7 }, { 2, L, REFUSED }, { 1, P, 1, .serial = 7 },
			{ 2, L, 1, .serial = 7 } },
		.said = "CRITICAL - 1 of 2 zones out of sync on 1 of 2 servers: example.com ns2.example.com answers REFUSED: it does "
			"not serve the zone" },
	{ "a whole server",
		{ { 1, P, .serial = 7 }, { 2, L, TIMEOUT }, { 1, P, 1, .serial = 7 },
			{ 2, L, 1, TIMEOUT } },
		.said = "CRITICAL - 2 of 2 zones out of sync on 1 of 2 servers: ns2.example.com does not answer, neither by UDP nor "
			"by TCP: 2 zones" },
	{ "more than can be named",
		{ { 1, P, .serial = 7 }, { 2, L, REFUSED }, { 1, P, 1, .serial = 7 },
			{ 2, L, 1, REFUSED }, { 1, P, 2, .serial = 7 }, { 2, L, 2, REFUSED },
			{ 1, P, 3, .serial = 7 }, { 2, L, 3, REFUSED } },
		.said = "CRITICAL - 4 of 4 zones out of sync on 1 of 2 servers: ns2.example.com answers REFUSED: it does not serve the "
			"zone: 4 zones" },
	{ "a zone as a whole",
		{ { 1, P, .serial = 7 }, { 2, L, .serial = 7 }, { 1, P, 1, .serial = 7 } },
		.said = "WARNING - 1 of 2 zones in trouble: b.example no secondary is known: nobody could be asked for the NS set" },
	{ "some were not asked",
		{ { 1, P, .serial = 7 }, { 2, L, .serial = 7 }, { 1, P, 1, .serial = 7 },
			{ 2, L, 1, .outcome = OUTCOME_NOT_ASKED } },
		.said = "UNKNOWN - 1 zone in sync on 2 servers, 1 not known: the time was over before everything was asked (1 "
			"question left)" },
};

static void summary_lines(void)
{
	for (size_t i = 0; i < sizeof(summaries) / sizeof(summaries[0]); i++) {
		struct world world;
		struct report report;
		struct text out = { 0 };
		char *bar;

		story_judge(&world, &summaries[i]);
		report = report_of(&world);
		report_text(&report, &out);
		bar = strstr(out.bytes, " | ");
		if (bar)
			*bar = '\0';
		ok(!strncmp(out.bytes, "DNS REPLICATION ", 16), "%s: the title", summaries[i].name);
		is_string(out.bytes + 16, summaries[i].said, summaries[i].name);
		text_free(&out);
		story_free(&world);
	}
}

static void perfdata_of(const struct story *story, const char *expected)
{
	struct world world;
	struct report report;
	struct text out = { 0 };
	char *bar, *end;

	story_judge(&world, story);
	report = report_of(&world);
	report_text(&report, &out);
	bar = strstr(out.bytes, " | ");
	end = strchr(out.bytes, '\n');
	*end = '\0';
	is_string(bar ? bar + 3 : "", expected, story->name);
	text_free(&out);
	story_free(&world);
}

static void perfdata(void)
{
	static const struct story one = { "perfdata of one zone",
		{ { 1, P, .serial = 9, .earlier = 9 },
			{ 2, L, .serial = 7, .earlier = 7, .expire_s = 14 * DAY - 7800 },
			{ 3, L, REFUSED }, { V6 + 3, L, TIMEOUT } },
		.seen_before = { { 7, DAY }, { 9, 7800 } }, .said = NULL },
				  first = { "no lag is known",
					  { { 1, P, .serial = 9, .earlier = 9 },
						  { 2, L, .serial = 7, .earlier = 7 } },
					  .first_run = true, .said = NULL },
				  nobody = { "nobody answers", { { 1, P, TIMEOUT } },
					  .said = NULL },
				  many = { "of many zones",
					  { { 1, P, .serial = 9, .earlier = 9 },
						  { 2, L, .serial = 7, .earlier = 7 },
						  { 1, P, 1, .serial = 7 }, { 2, L, 1, TIMEOUT } },
					  .seen_before = { { 7, DAY }, { 9, 7800 } },
					  .said = NULL };

	perfdata_of(&one,
		"lag=7800s;300;3600;0 serial=9 servers=4;;;0 in_sync=1;;;0 time=0.012s;;;0 lag_ns1_example_com=0s;300;3600;0 "
		"rtt_ns1_example_com=0.001200s;;;0 lag_ns2_example_com=7800s;300;3600;0 rtt_ns2_example_com=0.001200s;;;0 "
		"expire_ns2_example_com=1201800s;;;0 rtt_ns3_example_com_192_0_2_3=0.001200s;;;0");
	perfdata_of(&first,
		"lag=0s;300;3600;0 serial=9 servers=2;;;0 in_sync=1;;;0 time=0.012s;;;0 lag_ns1_example_com=0s;300;3600;0 "
		"rtt_ns1_example_com=0.001200s;;;0 rtt_ns2_example_com=0.001200s;;;0");
	perfdata_of(&nobody, "servers=1;;;0 in_sync=0;;;0 time=0.012s;;;0");
	perfdata_of(&many,
		"zones=2;;;0 zones_ok=0;;;0 zones_warning=0;;;0 zones_critical=2;;;0 zones_unknown=0;;;0 lag_max=7800s;300;3600;0 "
		"servers=2;;;0 queries=0;;;0 retries=0;;;0 time=0.012s;;;0 behind_ns1_example_com=0;;;0 "
		"unanswered_ns1_example_com=0;;;0 behind_ns2_example_com=1;;;0 unanswered_ns2_example_com=1;;;0");
}

/* Many servers with long, odd or similar names. */
static void add_servers(struct plan *plan, unsigned count, const char *format)
{
	uint8_t name[NAME_WIRE];
	char text[256];

	plan_begin(plan);
	story_name(name, "example.com");
	plan_add_zone(plan, name);
	for (unsigned i = 0; i < count; i++) {
		struct address address = { .family = 4, .port = 53 };

		address.bytes[2] = (uint8_t)(i >> 8);
		address.bytes[3] = (uint8_t)i;
		snprintf(text, sizeof(text), "%s%c%u.example", format, i % 2 ? '-' : '_', i / 2);
		story_name(name, text);
		plan_assign(plan, 0, plan_add_server(plan, name, &address), PAIR_LISTED);
	}
	plan_close(plan);
}

static void labels(void)
{
	struct plan plan;
	struct arena arena = { 0 };
	const char **label;
	unsigned twice = 0, odd = 0;

	add_servers(&plan, 200, "NS|<x>");
	label = report_server_labels(&plan, &arena);
	for (size_t i = 0; i < plan.server_count; i++) {
		odd += label[i][strspn(label[i], "abcdefghijklmnopqrstuvwxyz0123456789_")] != '\0';
		for (size_t j = 0; j < i; j++)
			twice += !strcmp(label[i], label[j]);
	}
	is_integer(odd, 0, "labels are lower case, digits and _");
	is_integer(twice, 0, "and no two are alike, where their names differ in a dash only");
	arena_free(&arena);
	plan_free(&plan);
}

/* A world of many servers that are all `outcome`. */
static void crowd(struct world *world, unsigned count, const char *format, enum outcome outcome)
{
	*world = (struct world){ 0 };
	add_servers(&world->plan, count, format);
	observations_begin(&world->seen, world->plan.pair_count, world->plan.server_count);
	story_shared(world);
	world->past.zones = arena_array(&world->past.arena, 1, sizeof(*world->past.zones));
	world->past.zone_count = 1;
	for (size_t pair = 0; pair < world->plan.pair_count; pair++) {
		world->seen.soa[pair].outcome = (uint8_t)outcome;
		world->seen.soa[pair].fields = 1;
		world->seen.soa[pair].serial = 7;
		world->seen.soa[pair].round_trip_us = 1000;
	}
	story_policy(&world->policy, &(struct policy){ 0 });
	world->facts = (struct facts){ &world->plan, &world->seen, &world->past, &world->policy,
		STORY_NOW };
	judge(&world->facts, &world->verdict);
}

/* At the end of a line; and where something is left out, the last one says so. */
static bool ends_well(const struct text *out)
{
	const char *cut = strstr(out->bytes, "… (cut; ");

	return out->bytes[out->length - 1] == '\n' && strlen(out->bytes) == out->length &&
		(!cut || strchr(cut, '\n') == out->bytes + out->length - 1);
}

/* Every measure is whole: label=value with its unit, and at most four bounds. */
static bool is_whole(const char *first_line)
{
	const char *at = strstr(first_line, " | ") + 3;

	while (at[-1] == ' ') {
		at += strspn(at, "abcdefghijklmnopqrstuvwxyz0123456789_");
		if (*at++ != '=' || !strspn(at, "0123456789"))
			return false;
		at += strspn(at, "0123456789.s;");
		at++;
	}
	return at[-1] == '\n';
}

static void sizes(void)
{
	static const struct {
		unsigned servers, verbose, top;
		size_t most;
	} rows[] = { { 3, 0, 10, REPORT_TEXT_BYTES }, { 50, 0, 10, REPORT_TEXT_BYTES + 4096 },
		{ 50, 0, 1000, REPORT_TEXT_MOST }, { 50, 3, 10, REPORT_TEXT_MOST },
		{ 1000, 0, 10, REPORT_TEXT_MOST }, { 1000, 3, 5000, REPORT_TEXT_MOST } };
	char name[60];

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct world world;
		struct report report;
		struct text out = { 0 };

		crowd(&world, rows[i].servers, name, OUTCOME_REFUSED);
		report = report_of(&world);
		report.verbose = rows[i].verbose;
		report.top = rows[i].top;
		report_text(&report, &out);
		ok(out.length <= rows[i].most, "%u servers, %u -v: %zu bytes, %zu at most",
			rows[i].servers, rows[i].verbose, out.length, rows[i].most);
		ok(ends_well(&out), "cut at the end of a line");
		ok(is_whole(out.bytes), "every measure is whole");
		ok(strstr(out.bytes, "\n[CRITICAL] ") != NULL, "and the worst is shown");
		text_free(&out);
		story_free(&world);
	}
}

/* One finding that is longer than everything, cut at each byte of its characters. */
static void long_line(size_t before)
{
	static const struct story story = { "", { { 1, P, .serial = 7 }, { 2, L, REFUSED } },
		.said = NULL };
	struct world world;
	struct report report;
	struct text out = { 0 }, longest = { 0 };

	story_judge(&world, &story);
	text_add_bytes(&longest, "xxxx", before);
	for (unsigned i = 0; i < 40000; i++)
		text_add(&longest, "é|");
	world.verdict.findings.items[0].text = longest.bytes;
	report = report_of(&world);
	report_text(&report, &out);
	ok(out.length < REPORT_TEXT_BYTES, "it is cut: %zu bytes", out.length);
	ok(strstr(out.bytes, "é/ … | ") || strstr(out.bytes, "é … | "), "between characters");
	ok(strchr(out.bytes, '|') == strrchr(out.bytes, '|'), "one bar");
	text_free(&out);
	text_free(&longest);
	story_free(&world);
}

/* A run that came to nothing: programs that read JSON or samples get them all the same. */
static void faults(void)
{
	struct report report = { .plugin = "check_dns_replication",
		.title = "DNS REPLICATION",
		.version = "1.2",
		.started_s = STORY_NOW };
	struct text out = { 0 };

	report_fault_json(&report, "no \"file\"", &out);
	ok(strstr(out.bytes,
		   "\"state\":\"UNKNOWN\",\"exit_code\":3,\"summary\":\"no \\\"file\\\"\"") != NULL,
		"JSON: UNKNOWN and why");
	ok(strstr(out.bytes, "\"zones\":[]") && strstr(out.bytes, "\"findings\":[]"),
		"empty lists");
	text_cut(&out, 0);
	report_fault_prometheus(&report, "no\nfile", &out);
	ok(!strncmp(out.bytes, "# no file\n", 10), "a comment of one line");
	ok(strstr(out.bytes, "\ndns_replication_state 3\n") != NULL, "the state");
	text_free(&out);
}

static void cleaning(void)
{
	static const struct story story = { "", { { 1, P, .serial = 7 }, { 2, L, REFUSED } },
		.said = NULL };
	struct world world;
	struct report report;
	struct text out = { 0 };

	story_judge(&world, &story);
	world.verdict.findings.items[0].text = "a|b<c>d\ne\rf\tg\x1b[31mh\x7fi";
	report = report_of(&world);
	report.verbose = 3;
	report_text(&report, &out);
	ok(strstr(out.bytes, "a/b(c)d e f g [31mh i") != NULL, "foreign bytes");
	ok(strchr(out.bytes, '|') == strrchr(out.bytes, '|'), "one bar");
	text_free(&out);
	story_free(&world);
}

static void tops(void)
{
	struct world world;
	struct report report;
	struct text out = { 0 };

	crowd(&world, 30, "ns", OUTCOME_REFUSED);
	report = report_of(&world);
	report.top = 2;
	report_text(&report, &out);
	ok(strstr(out.bytes, "\n… and 28 more (--top=30 shows more; -o json is complete)\n") !=
			NULL,
		"--top says what it leaves out");
	text_cut(&out, 0);
	report.top = 30;
	report_text(&report, &out);
	ok(!strstr(out.bytes, "more (--top"), "and says nothing where it leaves out nothing");
	text_free(&out);
	story_free(&world);
}

static size_t count(const char *text, const char *part)
{
	size_t found = 0;

	for (const char *at = text; (at = strstr(at, part)); at += strlen(part))
		found++;
	return found;
}

/* Who reads JSON reads all of it: t/formats.t; here how findings find their zones. */
static void json(void)
{
	static const struct story story = { "",
		{ { 1, P, .serial = 7 }, { 2, L, TIMEOUT }, { 3, L, .serial = 7 },
			{ 1, P, 1, .serial = 7 }, { 2, L, 1, TIMEOUT }, { 3, L, 1, REFUSED },
			{ 1, P, 2, .serial = 7 }, { 3, L, 2, .serial = 7 } },
		.said = NULL };
	struct world world;
	struct report report;
	struct outlet out = { 0 };
	const char *second, *third, *run;

	story_judge(&world, &story);
	report = report_of(&world);
	report_json(&report, &out);
	second = strstr(out.text.bytes, "{\"zone\":\"b.example.\"");
	third = strstr(out.text.bytes, "{\"zone\":\"c.example.\"");
	run = strstr(out.text.bytes, "\"findings\":[{\"code\":\"server_timeout\"");
	ok(second && third && run && second < third && third < run, "zones, then the run");
	is_integer((int64_t)count(out.text.bytes, "\"code\":\""),
		(int64_t)world.verdict.findings.count, "each finding once");
	ok(second && strstr(second, "\"code\":\"zone_refused\"") < third, "in its zone");
	is_integer((int64_t)count(out.text.bytes, "\"findings\":[]"), 2, "zones without findings");
	outlet_end(&out);
	story_free(&world);
}

static bool take(void *context, const char *bytes, size_t length)
{
	text_add_bytes(context, bytes, length);
	return true;
}

/* However long a report is, little of it is kept. */
static void streams(void)
{
	static void (*const formats[])(const struct report *, struct outlet *) = { report_json,
		report_prometheus };
	struct world world;
	struct report report;

	crowd(&world, 3000, "ns", OUTCOME_REFUSED);
	report = report_of(&world);
	for (size_t i = 0; i < 2; i++) {
		struct text got = { 0 };
		struct outlet whole = { 0 }, out = { .take = take, .context = &got };

		formats[i](&report, &whole);
		formats[i](&report, &out);
		ok(out.text.capacity <= 4 * OUTLET_BYTES && whole.text.length > 10 * OUTLET_BYTES,
			"%zu bytes kept of %zu", out.text.capacity, whole.text.length);
		outlet_end(&out);
		ok(got.length == whole.text.length &&
				!memcmp(got.bytes, whole.text.bytes, got.length),
			"the same bytes");
		outlet_end(&whole);
		text_free(&got);
	}
	story_free(&world);
}

/* No two samples are alike: one such ends the whole scrape. */
static bool is_unique(const struct text *out)
{
	struct map seen = { 0 };
	bool unique = true;

	for (char *line = out->bytes; unique && line && *line;) {
		char *end = strchr(line, '\n');
		size_t length = (size_t)(end - line);

		if (*line != '#')
			map_put(&seen, line, (size_t)((char *)memrchr(line, ' ', length) - line), 0,
				&unique);
		line = end + 1;
	}
	map_free(&seen);
	return unique;
}

static void prometheus(void)
{
	static const struct story story = { "",
		{ { 1, P, .serial = 9, .earlier = 9 },
			{ 2, L, .serial = 7, .earlier = 7, .expire_s = HOUR, .signature_left_s = 60,
				.validity_s = DAY },
			{ 3, L, TIMEOUT }, { V6 + 3, L, .outcome = OUTCOME_NO_ROUTE },
			{ 4, L, .outcome = OUTCOME_NOT_ASKED }, { 1, P, 1, .serial = 7 } },
		.seen_before = { { 7, DAY }, { 9, 7800 } }, .said = NULL };
	static const char *const lines[] = {
		"\ndns_replication_state 2\n",
		"\ndns_replication_zone_state{zone=\"b.example.\"} 1\n",
		"\ndns_replication_reference_serial{zone=\"example.com.\"} 9\n",
		"\ndns_replication_server_answers{zone=\"example.com.\",server=\"ns3.example.com.\",address=\"192.0.2.3\",port=\"53\"} "
		"0\n",
		"\ndns_replication_serial{zone=\"example.com.\",server=\"ns2.example.com.\",address=\"192.0.2.2\",port=\"53\"} 7\n",
		"\ndns_replication_serials_behind{zone=\"example.com.\",server=\"ns2.example.com.\",address=\"192.0.2.2\",port=\"53\"} "
		"2\n",
		"\ndns_replication_lag_seconds{zone=\"example.com.\",server=\"ns2.example.com.\",address=\"192.0.2.2\",port=\"53\"} "
		"7800\n",
		"\ndns_replication_expire_seconds{zone=\"example.com.\",server=\"ns2.example.com.\",address=\"192.0.2.2\",port=\"53\"} "
		"3600\n",
		"\ndns_replication_signature_expire_seconds{zone=\"example.com.\",server=\"ns2.example.com.\",address=\"192.0.2.2\","
		"port=\"53\"} 60\n",
		"\ndns_replication_finding{code=\"secondary_behind\",zone=\"example.com.\",server=\"ns2.example.com.\",address=\"192.0."
		"2.2\",port=\"53\"} 2\n",
	};
	struct world world;
	struct report report;
	struct outlet out = { 0 };

	story_judge(&world, &story);
	report = report_of(&world);
	report_prometheus(&report, &out);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		ok(strstr(out.text.bytes, lines[i]) != NULL, "%.*s",
			(int)strcspn(lines[i] + 1, "{ "), lines[i] + 1);
	ok(!strstr(out.text.bytes, "server_answers{zone=\"example.com.\",server=\"ns4"),
		"who was not asked has no answer");
	ok(is_unique(&out.text), "no two samples are alike");
	outlet_end(&out);
	world.verdict.findings.items[world.verdict.findings.count - 1].server = PLAN_NONE;
	world.verdict.findings.items[world.verdict.findings.count - 1].text = "a\"b\\c\nd";
	report_prometheus(&report, &out);
	ok(strstr(out.text.bytes, "text=\"a\\\"b\\\\c\\nd\"") != NULL, "labels are escaped");
	outlet_end(&out);
	story_free(&world);
}

int main(void)
{
	summary_lines();
	perfdata();
	labels();
	sizes();
	for (size_t before = 0; before < 3; before++)
		long_line(before);
	faults();
	cleaning();
	tops();
	json();
	streams();
	prometheus();
	return done_testing();
}
