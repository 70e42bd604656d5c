/* The NS set: names without addresses, servers that disagree, nobody to replicate to. */
#include <string.h>

#include "common/base/text.h"
#include "common/dns/name.h"
#include "common/judge/judge.h"

enum { NAMED_LOST = 3 };

/* `text` is as long-lived as the verdict: 100,000 zones may share it. */
static struct finding *say_zone(struct verdict *verdict, enum finding_code code, uint32_t zone,
	const char *text)
{
	struct finding *finding = finding_add(&verdict->findings, code);

	finding->zone = zone;
	finding->text = text;
	return finding;
}

static void judge_name(struct verdict *verdict, uint32_t zone, const struct plan_name *name)
{
	const char *why = NULL;
	struct finding *finding;
	struct text text = { 0 };
	int length = (int)strlen(name->text) - (strlen(name->text) > 1); /* without the dot */

	switch (name->fate) {
	case NAME_FATE_NXDOMAIN:
		why = "does not exist (NXDOMAIN)";
		break;
	case NAME_FATE_NODATA:
		why = "has no address (no A and no AAAA record)";
		break;
	case NAME_FATE_HOSTS_ONLY:
		why = "has an address in this machine's hosts file only: for a primary it has none, so no NOTIFY is sent there";
		break;
	case NAME_FATE_RESOLVED:
	case NAME_FATE_RESOLVER_FAILED:
	case NAME_FATE_COUNT:
		return;
	}
	text_addf(&text, "%s %.*s %s", name->option ? name->option : "NS name", length, name->text,
		why);
	finding = say_zone(verdict, FINDING_NS_UNRESOLVABLE, zone,
		arena_string(&verdict->findings.arena, text_string(&text)));
	finding->advice = arena_printf(&verdict->findings.arena,
		name->option
			? "dig %.*s A; dig %.*s AAAA; then correct the name, or give its address: --address=NAME=ADDRESS"
			: "dig %.*s A; dig %.*s AAAA; then add records for the name, or take its NS record out of the zone "
			  "(PowerDNS sends NOTIFY only to names that resolve)",
		length, name->text, length, name->text);
	finding->name = name->text;
	/* Without the primary nothing can be compared as it was meant. */
	if (name->option &&
		(!strcmp(name->option, "--hostname") || !strcmp(name->option, "--zones-file")))
		finding->severity = SEVERITY_CRITICAL;
	text_free(&text);
}

/* "ns1.example.com, ns2.example.com" of names one behind the other. */
static void add_names(const uint8_t *names, size_t length, struct text *out)
{
	char name[NAME_TEXT];

	for (size_t at = 0; at < length; at += name_length(names + at))
		text_addf(out, "%s%s", at ? ", " : "", name_to_display(names + at, name));
}

static bool holds(const uint8_t *names, size_t length, const uint8_t *name)
{
	for (size_t at = 0; at < length; at += name_length(names + at)) {
		if (name_equal(names + at, name))
			return true;
	}
	return false;
}

static void add_missing(const uint8_t *from, size_t from_length, const uint8_t *in,
	size_t in_length, const char *lead, struct text *out)
{
	struct text names = { 0 };
	char name[NAME_TEXT];

	for (size_t at = 0; at < from_length; at += name_length(from + at)) {
		if (!holds(in, in_length, from + at))
			text_addf(&names, "%s%s", names.length ? ", " : "",
				name_to_display(from + at, name));
	}
	if (names.length)
		text_addf(out, "%s%s%s", out->length ? "; " : "", lead, text_string(&names));
	text_free(&names);
}

static uint32_t set_of(const struct soa_observation *seen)
{
	return seen->ns_set;
}

/* Which of the servers' NS sets counts, and whose it is; NULL where none was asked for. */
static const struct ns_set *reference_set(const struct facts *facts, const struct verdict *verdict,
	uint32_t zone, uint32_t *pair)
{
	uint32_t set;

	if (verdict->zones[zone].reference.source == REFERENCE_NONE)
		return NULL;
	*pair = judge_model(facts, verdict, zone, set_of);
	set = facts->seen->soa[*pair].ns_set;
	return set ? &facts->seen->ns_sets[set] : NULL;
}

/* Servers that serve the same serial must have the same NS set; a server that is behind may well
 * have an older one. */
static void judge_sets(const struct facts *facts, struct verdict *verdict, uint32_t zone)
{
	const struct zone *at = &facts->plan->zones[zone];
	uint32_t model;
	const struct ns_set *right = reference_set(facts, verdict, zone, &model);

	if (!right)
		return;
	for (uint32_t pair = at->first_pair; pair < at->first_pair + at->pair_count; pair++) {
		const struct soa_observation *seen = &facts->seen->soa[pair];
		const struct ns_set *set = &facts->seen->ns_sets[seen->ns_set];
		struct text text = { 0 };

		if (!seen->ns_set || set == right || verdict->pairs[pair].relation != RELATION_SAME)
			continue;
		add_missing(right->names, right->length, set->names, set->length, "lacks ", &text);
		add_missing(set->names, set->length, right->names, right->length, "also has ",
			&text);
		judge_say(facts, verdict, FINDING_NS_SET_DIFFERS, zone, pair,
			"serves another NS set than %s at the same serial: it %s",
			facts->plan->servers[facts->plan->assigned[model]].display,
			text_string(&text));
		text_free(&text);
	}
}

static void judge_expected(const struct facts *facts, struct verdict *verdict, uint32_t zone)
{
	uint32_t model;
	const struct ns_set *set = reference_set(facts, verdict, zone, &model);
	const struct policy *policy = facts->policy;
	struct text text = { 0 };

	if (!policy->expected_ns || !set)
		return;
	if (set->length != policy->expected_ns_length ||
		memcmp(set->names, policy->expected_ns, set->length)) {
		struct text difference = { 0 };

		add_missing(policy->expected_ns, policy->expected_ns_length, set->names,
			set->length, "missing: ", &difference);
		add_missing(set->names, set->length, policy->expected_ns,
			policy->expected_ns_length, "not expected: ", &difference);
		text_add(&text, "the NS set is not the expected one (-N), it is ");
		add_names(set->names, set->length, &text);
		text_addf(&text, "; %s", text_string(&difference));
		say_zone(verdict, FINDING_NS_SET_DIFFERS, zone,
			arena_string(&verdict->findings.arena, text_string(&text)));
		text_free(&difference);
	}
	text_free(&text);
}

static bool has_secondary(const struct facts *facts, const struct verdict *verdict, uint32_t zone)
{
	const struct zone *at = &facts->plan->zones[zone];

	for (uint32_t pair = at->first_pair; pair < at->first_pair + at->pair_count; pair++) {
		if (verdict->pairs[pair].role == ROLE_SECONDARY && !judge_is_absent(facts, pair))
			return true;
	}
	return false;
}

void judge_delegation(const struct facts *facts, struct verdict *verdict, uint32_t zone)
{
	const struct zone *at = &facts->plan->zones[zone];

	for (uint32_t i = at->first_name; i < at->first_name + at->name_count; i++)
		judge_name(verdict, zone, &facts->plan->names[facts->plan->zone_names[i]]);
	judge_sets(facts, verdict, zone);
	judge_expected(facts, verdict, zone);
	if (at->pair_count == 0)
		say_zone(verdict, FINDING_NO_SECONDARIES, zone,
			"no server is known to ask: no NS record was found, and -H and -a name none")
			->severity = SEVERITY_CRITICAL;
	else if (!has_secondary(facts, verdict, zone))
		say_zone(verdict, FINDING_NO_SECONDARIES, zone,
			at->ns_source == NS_FROM_NOBODY
				? "no secondary is known: nobody could be asked for the NS set"
				: "there is no secondary to replicate to");
}

static bool has_server(const struct plan *plan, const char *name)
{
	for (size_t i = 0; i < plan->server_count; i++) {
		if (plan->servers[i].named && !strcmp(plan->servers[i].name, name))
			return true;
	}
	return false;
}

/* Whom we ask nevertheless, and whom we cannot. */
static void add_unresolved(const struct plan *plan, struct text *out)
{
	size_t recalled = 0, lost = 0;
	struct text names = { 0 };

	for (size_t i = 0; i < plan->name_count; i++) {
		const char *name = plan->names[i].text;

		if (plan->names[i].fate != NAME_FATE_RESOLVER_FAILED)
			continue;
		if (has_server(plan, name)) {
			recalled++;
			continue;
		}
		if (lost++ < NAMED_LOST)
			text_addf(&names, "%s%.*s", lost > 1 ? ", " : "",
				(int)strlen(name) - (strlen(name) > 1), name);
	}
	if (recalled)
		text_addf(out, "%zu name%s asked at the address%s known from before", recalled,
			recalled == 1 ? " is" : "s are", recalled == 1 ? "" : "es");
	if (lost)
		text_addf(out, "%snot asked, since no address is known: %s%s",
			out->length ? "; " : "", text_string(&names),
			lost > NAMED_LOST ? ", ..." : "");
	text_free(&names);
}

void judge_resolver(const struct facts *facts, struct verdict *verdict)
{
	struct arena *arena = &verdict->findings.arena;
	struct text detail = { 0 };
	struct finding *finding;

	if (!facts->plan->resolver_trouble)
		return;
	finding = finding_add(&verdict->findings, FINDING_RESOLVER_FAILED);
	finding->text = arena_printf(arena, "the resolver can't be asked: %s",
		facts->plan->resolver_trouble);
	add_unresolved(facts->plan, &detail);
	if (detail.length)
		finding->detail = arena_string(arena, text_string(&detail));
	text_free(&detail);
}
