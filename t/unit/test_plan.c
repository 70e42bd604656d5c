/* The nouns: plans, policies, findings, verdicts. */
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/dns/name.h"
#include "common/model/plan.h"
#include "common/model/policy.h"
#include "common/model/verdict.h"
#include "t/unit/tap.h"

static const uint8_t *wire(const char *text)
{
	static uint8_t names[4][NAME_WIRE];
	static unsigned next;
	struct fault fault = { { 0 } };
	uint8_t *name = names[next++ % 4];

	name_from_text(text, name, &fault);
	return name;
}

static struct address at(const char *text)
{
	struct address address = { 0 };

	address_from_text(text, &address);
	return address;
}

static uint32_t add(struct plan *plan, const char *name, const char *address_text)
{
	struct address address = at(address_text);

	return plan_add_server(plan, name ? wire(name) : NULL, &address);
}

static void one_plan(struct plan *plan)
{
	uint32_t first, second, third;
	struct text text = { 0 };

	plan_begin(plan);
	first = plan_add_zone(plan, wire("Example.COM"));
	second = plan_add_zone(plan,
		wire("b\xc3\xbc"
		     "cher.example"));
	third = plan_add_zone(plan, wire("."));
	ok(plan_add_zone(plan, wire("example.com.")) == first && plan->zone_count == 3,
		"a zone is there once, in any case");
	ok(name_equal(plan->zones[first].name, wire("example.com")) &&
			!memcmp(plan->zones[first].name, "\7example\3com", 13),
		"its name in lower case");
	plan_zone_text(plan, first, &text);
	is_string(text_string(&text), "example.com", "its text has no final dot");
	ok(second == 1 && third == 2, "in order");
	text_cut(&text, 0);
	plan_zone_text(plan, third, &text);
	is_string(text_string(&text), ".", "the root has only the dot");
	text_free(&text);
	ok(add(plan, "ns2.example.com", "192.0.2.2@53") == 0 &&
			add(plan, NULL, "192.0.2.2@53") == 0,
		"a server is there once");
	ok(add(plan, NULL, "192.0.2.2@5300") == 1, "another port is another server");
	ok(add(plan, NULL, "192.0.2.1@53") == 2 &&
			add(plan, "ns1.example.com", "192.0.2.1@53") == 2,
		"a name replaces an address");
	is_string(plan->servers[2].display, "ns1.example.com", "and is shown");
	add(plan, "other.example.com", "192.0.2.1@53");
	is_string(plan->servers[2].name, "ns1.example.com.", "the first name stays");
	ok(add(plan, "NS2.example.com", "2001:db8::2@53") == 3, "a second address");
	plan_assign(plan, second, 0, PAIR_LISTED);
	plan_assign(plan, first, 3, PAIR_LISTED);
	plan_assign(plan, first, 2, PAIR_PRIMARY);
	plan_assign(plan, first, 2, PAIR_LISTED);
	plan_assign(plan, first, 1, PAIR_ADDED);
	plan_zone_name(plan, second, plan_add_name(plan, wire("a.example"), NAME_FATE_NODATA));
	plan_zone_name(plan, first, plan_add_name(plan, wire("b.example"), NAME_FATE_RESOLVED));
	plan_zone_name(plan, first, plan_add_name(plan, wire("A.example"), NAME_FATE_NXDOMAIN));
	plan_zone_name(plan, first, 0);
}

static void plans(void)
{
	struct plan plan;
	const struct zone *zones;

	one_plan(&plan);
	plan_close(&plan);
	zones = plan.zones;
	ok(zones[0].first_pair == 0 && zones[0].pair_count == 3 && zones[1].first_pair == 3 &&
			zones[1].pair_count == 1 && zones[2].pair_count == 0 &&
			plan.pair_count == 4,
		"pairs stand together by zone");
	ok(plan.assigned[0] == 3 && plan.assigned[1] == 2 && plan.assigned[2] == 1 &&
			plan.assigned[3] == 0,
		"in the order in which they were assigned");
	is_integer(plan.pair_flags[1], PAIR_PRIMARY | PAIR_LISTED, "flags of a pair are or-ed");
	ok(plan_pair(&plan, 0, 2) == 1 && plan_pair(&plan, 1, 0) == 3 &&
			plan_pair(&plan, 0, 0) == PLAN_NONE && plan_pair(&plan, 2, 0) == PLAN_NONE,
		"a pair is found");
	ok(zones[0].name_count == 2 && zones[1].name_count == 1 &&
			plan.zone_names[zones[0].first_name] == 1 &&
			plan.zone_names[zones[1].first_name] == 0 && plan.name_count == 2,
		"names stand together by zone, each once");
	is_integer(plan.names[0].fate, NAME_FATE_NODATA, "the first fate stays");
	ok(plan.servers[0].several && plan.servers[3].several && !plan.servers[2].several,
		"names with several addresses are marked");
	plan_free(&plan);
	ok(!plan.zones && !plan.draft, "all of it can be freed");
	plan_begin(&plan);
	plan_free(&plan);
	plan_free(&plan);
}

static void server_texts(void)
{
	static const struct {
		const char *name, *address, *expected;
	} stories[] = {
		{ "ns1.example.com", "192.0.2.1@53", "ns1.example.com (192.0.2.1)" },
		{ "ns1.example.com", "192.0.2.1@5300", "ns1.example.com (192.0.2.1@5300)" },
		{ "ns1.example.com", "2001:db8::1@53", "ns1.example.com (2001:db8::1)" },
		{ NULL, "192.0.2.1@53", "192.0.2.1" },
		{ NULL, "2001:db8::1@5300", "2001:db8::1@5300" },
	};

	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		struct plan plan;
		struct text text = { 0 };

		plan_begin(&plan);
		add(&plan, stories[i].name, stories[i].address);
		plan_server_text(&plan, 0, &text);
		is_string(text_string(&text), stories[i].expected, stories[i].expected);
		text_free(&text);
		plan_free(&plan);
	}
}

static void names_of_enums(void)
{
	for (enum name_fate fate = 0; fate < NAME_FATE_COUNT; fate++) {
		for (enum name_fate other = 0; other < fate; other++)
			if (!strcmp(name_fate_name(fate), name_fate_name(other)))
				ok(false, "%s stands for two fates", name_fate_name(fate));
	}
	for (enum ns_source source = 0; source < NS_SOURCE_COUNT; source++) {
		for (enum ns_source other = 0; other < source; other++)
			if (!strcmp(ns_source_name(source), ns_source_name(other)))
				ok(false, "%s stands for two sources", ns_source_name(source));
	}
	is_string(reference_source_name(REFERENCE_NONE), "none", "none");
	is_string(reference_source_name(REFERENCE_PRIMARY), "primary", "primary");
	is_string(reference_source_name(REFERENCE_SOA_MNAME), "soa_mname", "soa_mname");
	is_string(reference_source_name(REFERENCE_NEWEST), "newest", "newest");
	is_string(role_text(ROLE_ANY), "", "no role");
	is_string(role_text(ROLE_PRIMARY), "primary", "primary");
	is_string(role_text(ROLE_SECONDARY), "secondary", "secondary");
}

static void severities(void)
{
	static const enum severity order[] = { SEVERITY_OK, SEVERITY_UNKNOWN, SEVERITY_WARNING,
		SEVERITY_CRITICAL };
	enum severity severity;

	for (unsigned a = 0; a < 4; a++) {
		is_integer(severity_rank(order[a]), a, severity_text(order[a]));
		for (unsigned b = 0; b < 4; b++)
			ok(severity_worse(order[a], order[b]) == order[a > b ? a : b], "%s and %s",
				severity_text(order[a]), severity_text(order[b]));
		ok(severity_from_text(severity_text(order[a]), &severity) && severity == order[a],
			"there and back");
	}
	ok(severity_from_text("Warning", &severity) && severity == SEVERITY_WARNING, "in any case");
	ok(!severity_from_text("warn", &severity) && !severity_from_text("", &severity),
		"other words are none");
}

static void finding_table(void)
{
	enum finding_code found;

	for (enum finding_code code = 0; code < FINDING_COUNT; code++) {
		const struct finding_kind *kind = &finding_kinds[code];

		ok(kind->code && kind->severity_text && kind->unit && kind->sentence &&
				finding_code_from_text(kind->code, &found) && found == code,
			"%s: a code of its own, and a sentence", kind->code);
	}
	ok(!finding_code_from_text("", &found) && !finding_code_from_text("Zone_refused", &found),
		"other words are none");
}

static void finding_list(void)
{
	struct findings findings = { 0 };
	const struct finding *finding;

	for (unsigned i = 0; i < 40; i++)
		finding_add(&findings, FINDING_ZONE_REFUSED);
	finding = finding_add(&findings, FINDING_NO_SECONDARIES);
	ok(findings.count == 41 && finding->severity == SEVERITY_WARNING &&
			finding->cause == FINDING_NONE && finding->zone == PLAN_NONE &&
			finding->server == PLAN_NONE && !*finding->text && !finding->has_amount,
		"a finding begins with its default severity, about nobody");
	findings_free(&findings);
	ok(!findings.items && !findings.count, "all of it can be freed");
}

static void policies(void)
{
	static const struct severity_override overrides[] = {
		{ FINDING_ZONE_REFUSED, ROLE_ANY, SEVERITY_WARNING },
		{ FINDING_ZONE_REFUSED, ROLE_SECONDARY, SEVERITY_OK },
		{ FINDING_SERVER_TIMEOUT, ROLE_PRIMARY, SEVERITY_UNKNOWN },
		{ FINDING_NO_SOA, ROLE_SECONDARY, SEVERITY_OK },
		{ FINDING_NO_SOA, ROLE_ANY, SEVERITY_UNKNOWN },
	};
	static const struct {
		const char *name;
		enum finding_code code;
		enum role role;
		enum severity expected;
	} stories[] = {
		{ "nobody said anything", FINDING_ZONE_SERVFAIL, ROLE_SECONDARY,
			SEVERITY_CRITICAL },
		{ "for all roles", FINDING_ZONE_REFUSED, ROLE_PRIMARY, SEVERITY_WARNING },
		{ "for one role", FINDING_ZONE_REFUSED, ROLE_SECONDARY, SEVERITY_OK },
		{ "of no role", FINDING_ZONE_REFUSED, ROLE_ANY, SEVERITY_WARNING },
		{ "of another role", FINDING_SERVER_TIMEOUT, ROLE_SECONDARY, SEVERITY_CRITICAL },
		{ "a role does not hold for no role", FINDING_SERVER_TIMEOUT, ROLE_ANY,
			SEVERITY_CRITICAL },
		{ "the last that matches wins", FINDING_NO_SOA, ROLE_SECONDARY, SEVERITY_UNKNOWN },
	};
	const struct policy policy = { .overrides = overrides,
		.override_count = sizeof(overrides) / sizeof(overrides[0]) };

	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++)
		is_integer(policy_severity(&policy, stories[i].code, stories[i].role,
				   SEVERITY_CRITICAL),
			stories[i].expected, stories[i].name);
}

int main(void)
{
	plans();
	server_texts();
	names_of_enums();
	severities();
	finding_table();
	finding_list();
	policies();
	return done_testing();
}
