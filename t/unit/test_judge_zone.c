/* What a zone's SOA, signatures and NS set show; severities, quorum. */
#include "t/unit/story.h"

/* The primary and a secondary, both well but for what is said of the secondary. */
#define PAIR(...)                                                                                  \
	{                                                                                          \
		{ 1, P | L, .serial = 7 },                                                         \
		{                                                                                  \
			2, L, .serial = 7, __VA_ARGS__                                             \
		}                                                                                  \
	}
#define SIGNED(LEFT, VALIDITY) .signature_left_s = (LEFT), .validity_s = (VALIDITY)
#define TIMEOUT                .outcome = OUTCOME_TIMEOUT
#define REFUSED                .outcome = OUTCOME_REFUSED
#define OVERRIDES(...)                                                                             \
	.overrides = (const struct severity_override[]){ __VA_ARGS__ },                            \
	.override_count = sizeof((const struct severity_override[]){ __VA_ARGS__ }) /              \
		sizeof(struct severity_override)

static const uint8_t expected_names[] = "\3ns1\7example\3com\0\3ns2\7example\3com";

static const struct story stories[] = {
	/* EDNS EXPIRE of 1,209,600 s (14 d); refresh 7200, retry 3600: 14,400 s are allowed */
	{ "EXPIRE is as large as the SOA's", PAIR(.expire_s = 14 * DAY), .said = "" },
	{ "BIND's may be larger", PAIR(.expire_s = 15 * DAY), .said = "" },
	{ "the last refresh was just allowed", PAIR(.expire_s = 14 * DAY - 14400), .said = "" },
	{ "a second longer ago", PAIR(.expire_s = 14 * DAY - 14401),
		.said = "W refresh_overdue 2 =14401" },
	{ "a second more than half is left", PAIR(.expire_s = 7 * DAY + 1),
		.said = "W refresh_overdue 2 =604799" },
	{ "half is left", PAIR(.expire_s = 7 * DAY),
		.said = "W expire_near 2 =604800; W refresh_overdue 2 =604800" },
	{ "a second more than a quarter", PAIR(.expire_s = 302401),
		.said = "W expire_near 2 =302401; W refresh_overdue 2 =907199" },
	{ "a quarter", PAIR(.expire_s = 302400),
		.said = "C expire_near 2 =302400; W refresh_overdue 2 =907200" },
	{ "thresholds as durations: WARNING", PAIR(.expire_s = 14 * DAY - 60),
		.policy = { .expire_warning = { 14 * DAY - 60, false, true },
			.expire_critical = { HOUR, false, true } },
		.said = "W expire_near 2 =1209540" },
	{ "and CRITICAL", PAIR(.expire_s = HOUR),
		.policy = { .expire_warning = { DAY, false, true },
			.expire_critical = { HOUR, false, true } },
		.said = "C expire_near 2 =3600; W refresh_overdue 2 =1206000" },
	{ "its own SOA counts, not the reference's: retry of a minute is taken for 500 s",
		PAIR(.fields = 3, .expire_s = 14 * DAY - 8200), .said = "W soa_differs 2" },
	{ "and a second longer", PAIR(.fields = 3, .expire_s = 14 * DAY - 8201),
		.said = "W soa_differs 2; W refresh_overdue 2 =8201" },
	{ "a server without authority has no EXPIRE",
		PAIR(.outcome = OUTCOME_NOT_AUTHORITATIVE, .expire_s = 1),
		.said = "C not_authoritative 2" },

	/* signatures */
	{ "valid for two weeks more", PAIR(SIGNED(14 * DAY, 21 * DAY)), .said = "" },
	{ "three days and a second", PAIR(SIGNED(3 * DAY + 1, 21 * DAY)), .said = "" },
	{ "three days", PAIR(SIGNED(3 * DAY, 21 * DAY)), .said = "W signature_expiring 2 =259200" },
	{ "a day and a second", PAIR(SIGNED(DAY + 1, 21 * DAY)),
		.said = "W signature_expiring 2 =86401" },
	{ "a day", PAIR(SIGNED(DAY, 21 * DAY)), .said = "C signature_expiring 2 =86400" },
	{ "of short validity: a quarter and a second", PAIR(SIGNED(6 * HOUR + 1, DAY)),
		.said = "" },
	{ "a quarter", PAIR(SIGNED(6 * HOUR, DAY)), .said = "W signature_expiring 2 =21600" },
	{ "a tenth", PAIR(SIGNED(8640, DAY)), .said = "C signature_expiring 2 =8640" },
	{ "at this second it is still valid", PAIR(SIGNED(0, DAY)),
		.said = "C signature_expiring 2 =0" },
	{ "and now no more", PAIR(SIGNED(-1, DAY)), .said = "C signature_expired 2 =-1" },
	{ "warning as set", PAIR(SIGNED(5 * DAY, 21 * DAY)),
		.policy = { .signature_warning = { 5 * DAY, false, true } },
		.said = "W signature_expiring 2 =432000" },
	{ "a lower warning keeps the critical below it", PAIR(SIGNED(20 * HOUR, 21 * DAY)),
		.policy = { .signature_warning = { 10 * HOUR, false, true } }, .said = "" },
	{ "and there it is both", PAIR(SIGNED(10 * HOUR, 21 * DAY)),
		.policy = { .signature_warning = { 10 * HOUR, false, true } },
		.said = "C signature_expiring 2 =36000" },
	{ "critical as set, above the default warning", PAIR(SIGNED(5 * DAY, 21 * DAY)),
		.policy = { .signature_critical = { 5 * DAY, false, true } },
		.said = "C signature_expiring 2 =432000" },
	{ "as a share of the validity", PAIR(SIGNED(10 * DAY, 20 * DAY)),
		.policy = { .signature_warning = { 50, true, true } },
		.said = "W signature_expiring 2 =864000" },
	{ "stale: over a day before the primary's, and below the warning",
		{ { 1, P, .serial = 7, SIGNED(10 * DAY, 21 * DAY) },
			{ 2, L, .serial = 7, SIGNED(2 * DAY, 21 * DAY) } },
		.said = "W signature_expiring 2 =172800; W signature_stale 2 =691200" },
	{ "not below the warning: that is another signer's pace",
		{ { 1, P, .serial = 7, SIGNED(10 * DAY, 21 * DAY) },
			{ 2, L, .serial = 7, SIGNED(4 * DAY, 21 * DAY) } },
		.said = "" },
	{ "a day is not over a day",
		{ { 1, P, .serial = 7, SIGNED(3 * DAY, 21 * DAY) },
			{ 2, L, .serial = 7, SIGNED(2 * DAY, 21 * DAY) } },
		.said = "W signature_expiring 1 =259200; W signature_expiring 2 =172800" },
	{ "of another serial it is no matter of signing",
		{ { 1, P, .serial = 8, .earlier = 8, SIGNED(10 * DAY, 21 * DAY) },
			{ 2, L, .serial = 7, .earlier = 7, SIGNED(2 * DAY, 21 * DAY) } },
		.first_run = true, .said = "W secondary_behind 2; W signature_expiring 2 =172800" },
	{ "only one of them is signed",
		{ { 1, P, .serial = 7 }, { 2, L, .serial = 7, SIGNED(2 * DAY, 21 * DAY) } },
		.said = "W signature_expiring 2 =172800" },

	/* equal serials, other contents */
	{ "another expire", PAIR(.fields = 2), .said = "W soa_differs 2" },
	{ "of another serial that is no wonder",
		{ { 1, P, .serial = 8, .earlier = 8 },
			{ 2, L, .serial = 7, .earlier = 7, .fields = 2 } },
		.first_run = true, .said = "W secondary_behind 2" },

	/* NS sets */
	{ "the same NS set",
		{ { 1, P, .serial = 7, .ns_set = 1 }, { 2, L, .serial = 7, .ns_set = 1 } },
		.said = "" },
	{ "another one", { { 1, P, .serial = 7, .ns_set = 1 }, { 2, L, .serial = 7, .ns_set = 2 } },
		.said = "W ns_set_differs 2" },
	{ "of another serial that is no wonder",
		{ { 1, P, .serial = 8, .earlier = 8, .ns_set = 1 },
			{ 2, L, .serial = 7, .earlier = 7, .ns_set = 2 } },
		.first_run = true, .said = "W secondary_behind 2" },
	{ "it was not asked", { { 1, P, .serial = 7, .ns_set = 1 }, { 2, L, .serial = 7 } },
		.said = "" },
	{ "the primary was not", { { 1, P, .serial = 7 }, { 2, L, .serial = 7, .ns_set = 1 } },
		.said = "" },
	{ "nobody to compare with",
		{ { 1, P, TIMEOUT, .ns_set = 1 }, { 2, L, REFUSED, .ns_set = 2 } },
		.said = "C server_timeout 1; C zone_refused 2" },
	{ "as expected", { { 1, P, .serial = 7, .ns_set = 1 }, { 2, L, .serial = 7 } },
		.policy = { .expected_ns = expected_names, .expected_ns_length = 34 }, .said = "" },
	{ "not as expected", { { 1, P, .serial = 7, .ns_set = 2 }, { 2, L, .serial = 7 } },
		.policy = { .expected_ns = expected_names, .expected_ns_length = 34 },
		.said = "W ns_set_differs" },
	{ "less than expected", { { 1, P, .serial = 7, .ns_set = 3 }, { 2, L, .serial = 7 } },
		.policy = { .expected_ns = expected_names, .expected_ns_length = 34 },
		.said = "W ns_set_differs" },
	{ "expected, and not known", { { 1, P, .serial = 7 }, { 2, L, .serial = 7 } },
		.policy = { .expected_ns = expected_names, .expected_ns_length = 34 }, .said = "" },

	/* nobody is known as primary: most servers are right, not the first one */
	{ "one odd SOA among three",
		{ { 2, L, .serial = 7, .fields = 2 }, { 3, L, .serial = 7 },
			{ 4, L, .serial = 7 } },
		.said = "W soa_differs 2" },
	{ "of two the first is right",
		{ { 2, L, .serial = 7, .fields = 2 }, { 3, L, .serial = 7 } },
		.said = "W soa_differs 3" },
	{ "the MNAME is right, however few agree",
		{ { 1, M | L, .serial = 7, .fields = 2 }, { 3, L, .serial = 7 },
			{ 4, L, .serial = 7 } },
		.said = "W soa_differs 3; W soa_differs 4" },
	{ "one odd NS set among three, and one that was not asked",
		{ { 2, L, .serial = 7, .ns_set = 2 }, { 3, L, .serial = 7, .ns_set = 1 },
			{ 4, L, .serial = 7, .ns_set = 1 }, { 5, L, .serial = 7 } },
		.said = "W ns_set_differs 2" },
	{ "who serves another serial has no vote",
		{ { 2, L, .serial = 8, .earlier = 8, .fields = 2 },
			{ 3, L, .serial = 8, .earlier = 8 }, { 4, L, .serial = 8, .earlier = 8 },
			{ 5, L, .serial = 7, .earlier = 7, .fields = 2 },
			{ 6, L, .serial = 7, .earlier = 7, .fields = 2 } },
		.first_run = true,
		.said = "W secondary_behind 5; W secondary_behind 6; W soa_differs 2" },

	/* secondaries */
	{ "the primary alone", { { 1, P | L, .serial = 7 } }, .said = "W no_secondaries" },
	{ "two addresses of it are still none",
		{ { 1, P, .serial = 7 }, { V6 + 1, P, .serial = 7 } }, .said = "W no_secondaries" },
	{ "the MNAME alone", { { 1, M | L, .serial = 7 } }, .said = "W no_secondaries" },
	{ "one that -a added", { { 1, P, .serial = 7 }, { 4, A, .serial = 7 } }, .said = "" },
	{ "one that is dead is one", { { 1, P, .serial = 7 }, { 2, L, TIMEOUT } },
		.said = "C server_timeout 2" },
	{ "an absent MNAME is none", { { 1, L, .serial = 7 }, { 9, M, REFUSED } },
		.said = "W no_secondaries" },
	{ "nobody at all", { { 0 } }, .said = "C no_secondaries" },

	/* --severity */
	{ "for a finding", { { 1, P, .serial = 7 }, { 2, L, REFUSED } },
		.policy = { OVERRIDES({ FINDING_ZONE_REFUSED, ROLE_ANY, SEVERITY_WARNING }) },
		.said = "W zone_refused 2" },
	{ "for secondaries only", { { 1, P, REFUSED }, { 2, L, REFUSED } },
		.policy = { OVERRIDES({ FINDING_ZONE_REFUSED, ROLE_SECONDARY, SEVERITY_OK }) },
		.said = "C zone_refused 1; O zone_refused 2 by zone_refused" },
	{ "for the primary only", { { 1, P, TIMEOUT }, { 2, L, TIMEOUT } },
		.policy = { OVERRIDES({ FINDING_SERVER_TIMEOUT, ROLE_PRIMARY, SEVERITY_UNKNOWN }) },
		.said = "C server_timeout 2; U server_timeout 1" },
	{ "of the deadline", { { 1, P, .serial = 7 }, { 2, L, .outcome = OUTCOME_NOT_ASKED } },
		.policy = { OVERRIDES({ FINDING_DEADLINE_REACHED, ROLE_ANY, SEVERITY_OK }) },
		.said = "O deadline_reached@- =1" },

	/* --quorum */
	{ "two of three are good, two are wanted",
		{ { 1, P, .serial = 7 }, { 2, L, .serial = 7 }, { 3, L, TIMEOUT } },
		.policy = { .quorum = 2 }, .said = "W server_timeout 3" },
	{ "three are wanted", { { 1, P, .serial = 7 }, { 2, L, .serial = 7 }, { 3, L, TIMEOUT } },
		.policy = { .quorum = 3 }, .said = "C server_timeout 3" },
	{ "one that is critical for its lag is not good",
		{ { 1, P, .serial = 9, .earlier = 9 }, { 2, L, .serial = 9 },
			{ 3, L, .serial = 7, .earlier = 7 } },
		.seen_before = { { 7, DAY }, { 9, 2 * HOUR } }, .policy = { .quorum = 3 },
		.said = "C secondary_behind 3 =7200" },
	{ "one that is behind for a moment is",
		{ { 1, P, .serial = 9, .earlier = 9 }, { 2, L, REFUSED },
			{ 3, L, .serial = 7, .earlier = 7 } },
		.seen_before = { { 7, DAY }, { 9, 60 } }, .policy = { .quorum = 2 },
		.said = "W zone_refused 2; O secondary_behind 3 =60" },
	{ "of a server of two zones, of which one has too few",
		{ { 1, P, .serial = 7 }, { 2, L, .serial = 7 }, { 3, L, TIMEOUT },
			{ 1, P, 1, .serial = 7 }, { 3, L, 1, TIMEOUT } },
		.policy = { .quorum = 2 }, .said = "C server_timeout 3@-" },
	{ "of which both have enough",
		{ { 1, P, .serial = 7 }, { 2, L, .serial = 7 }, { 3, L, TIMEOUT },
			{ 1, P, 1, .serial = 7 }, { 2, L, 1, .serial = 7 }, { 3, L, 1, TIMEOUT } },
		.policy = { .quorum = 2 }, .said = "W server_timeout 3@-" },
	{ "no quorum makes a warning worse", { { 1, P, .serial = 7 } }, .policy = { .quorum = 5 },
		.said = "W no_secondaries" },
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

/* The words about the first finding. */
static void words(const struct story *story, const char *expected)
{
	struct world world;

	story_judge(&world, story);
	is_string(world.verdict.findings.items[0].text, expected, story->name);
	story_free(&world);
}

static void tell_words(void)
{
	static const struct story
		differs = { "MNAME and retry", PAIR(.fields = 3), .said = NULL },
		names = { "NS sets",
			{ { 1, P, .serial = 7, .ns_set = 1 }, { 2, L, .serial = 7, .ns_set = 2 } },
			.said = NULL },
		less = { "fewer names",
			{ { 1, P, .serial = 7, .ns_set = 1 }, { 2, L, .serial = 7, .ns_set = 3 } },
			.said = NULL },
		expected = { "-N", { { 1, P, .serial = 7, .ns_set = 2 }, { 2, L, .serial = 7 } },
			.policy = { .expected_ns = expected_names, .expected_ns_length = 34 },
			.said = NULL };

	words(&differs,
		"has the same serial 7, but another SOA: MNAME hidden.example.com instead of ns1.example.com, retry 60 instead of "
		"3600");
	words(&names,
		"serves another NS set than ns1.example.com at the same serial: it lacks ns2.example.com; also has "
		"ns3.example.com");
	words(&less,
		"serves another NS set than ns1.example.com at the same serial: it lacks ns2.example.com");
	words(&expected,
		"the NS set is not the expected one (-N), it is ns1.example.com, ns3.example.com; missing: ns2.example.com; not "
		"expected: ns3.example.com");
}

static void fates(void)
{
	static const struct {
		enum name_fate fate;
		const char *option, *text;
		enum severity severity;
	} rows[] = {
		{ NAME_FATE_RESOLVED, NULL, NULL, SEVERITY_OK },
		{ NAME_FATE_RESOLVER_FAILED, NULL, NULL, SEVERITY_OK },
		{ NAME_FATE_NXDOMAIN, NULL, "NS name ns9.example.com does not exist (NXDOMAIN)",
			SEVERITY_WARNING },
		{ NAME_FATE_NODATA, NULL,
			"NS name ns9.example.com has no address (no A and no AAAA record)",
			SEVERITY_WARNING },
		{ NAME_FATE_HOSTS_ONLY, NULL,
			"NS name ns9.example.com has an address in this machine's hosts file only: for a primary it has none, so no "
			"NOTIFY is sent there",
			SEVERITY_WARNING },
		{ NAME_FATE_NXDOMAIN, "--hostname",
			"--hostname ns9.example.com does not exist (NXDOMAIN)", SEVERITY_CRITICAL },
		{ NAME_FATE_NODATA, "--add-server",
			"--add-server ns9.example.com has no address (no A and no AAAA record)",
			SEVERITY_WARNING },
	};
	static const struct story story = { "", PAIR(.earlier = 0), .said = NULL };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct world world;
		struct plan_name name = { .text = "ns9.example.com.",
			.fate = rows[i].fate,
			.option = rows[i].option };
		uint32_t index = 0;
		const struct finding *finding;

		story_begin(&world, &story);
		world.plan.names = &name;
		world.plan.zone_names = &index;
		world.plan.zones[0].name_count = 1;
		judge(&world.facts, &world.verdict);
		finding = world.verdict.findings.items;
		is_string(world.verdict.findings.count ? finding->text : NULL, rows[i].text,
			rows[i].text ? rows[i].text : name_fate_name(rows[i].fate));
		if (rows[i].text)
			ok(finding->code == FINDING_NS_UNRESOLVABLE &&
					finding->severity == rows[i].severity &&
					!strcmp(finding->name, name.text) &&
					!strncmp(finding->advice, "dig ns9.example.com A;", 22),
				"severity, name and advice");
		world.plan.names = NULL;
		story_free(&world);
	}
}

/* Whatever is wrong, there is something to type, and it is complete. */
static void advice(void)
{
	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		struct world world;

		story_judge(&world, &stories[i]);
		for (size_t f = 0; f < world.verdict.findings.count; f++) {
			const struct finding *finding = &world.verdict.findings.items[f];

			if (finding->code != FINDING_IPV6_SKIPPED &&
				(!finding->advice || !*finding->advice ||
					strstr(finding->advice, "  ") ||
					strstr(finding->advice, "(null)")))
				ok(false, "%s: %s: %s", stories[i].name,
					finding_kinds[finding->code].code, finding->advice);
		}
		story_free(&world);
	}
	ok(true, "advice for everything");
}

int main(void)
{
	tell();
	tell_words();
	fates();
	advice();
	return done_testing();
}
