/* Equal serials, other contents: as far as the SOA itself shows it. */
#include <inttypes.h>
#include <string.h>

#include "common/base/text.h"
#include "common/dns/name.h"
#include "common/judge/judge.h"
#include "common/model/zone_comparison.h"

static void add_name(struct text *out, const char *field, const uint8_t *theirs,
	const uint8_t *ours)
{
	char a[NAME_TEXT], b[NAME_TEXT];

	if (!name_equal(theirs, ours))
		text_addf(out, "%s%s %s instead of %s", out->length ? ", " : "", field,
			name_to_display(theirs, a), name_to_display(ours, b));
}

static void add_number(struct text *out, const char *field, uint32_t theirs, uint32_t ours)
{
	if (theirs != ours)
		text_addf(out, "%s%s %u instead of %u", out->length ? ", " : "", field, theirs,
			ours);
}

static void add_differences(struct text *out, const struct soa_content *theirs,
	const struct soa_content *ours)
{
	add_name(out, "MNAME", soa_mname(theirs), soa_mname(ours));
	add_name(out, "RNAME", soa_rname(theirs), soa_rname(ours));
	add_number(out, "refresh", theirs->refresh, ours->refresh);
	add_number(out, "retry", theirs->retry, ours->retry);
	add_number(out, "expire", theirs->expire, ours->expire);
	add_number(out, "minimum", theirs->minimum, ours->minimum);
}

static uint32_t count_same(const struct facts *facts, const struct verdict *verdict, uint32_t zone,
	uint32_t (*value)(const struct soa_observation *seen), uint32_t wanted)
{
	const struct zone *at = &facts->plan->zones[zone];
	uint32_t count = 0;

	for (uint32_t pair = at->first_pair; pair < at->first_pair + at->pair_count; pair++)
		count += verdict->pairs[pair].relation == RELATION_SAME &&
			value(&facts->seen->soa[pair]) == wanted;
	return count;
}

uint32_t judge_model(const struct facts *facts, const struct verdict *verdict, uint32_t zone,
	uint32_t (*value)(const struct soa_observation *seen))
{
	const struct zone *at = &facts->plan->zones[zone];
	const struct reference *reference = &verdict->zones[zone].reference;
	const struct soa_observation *soa = facts->seen->soa;
	uint32_t best = reference->pair, most;

	if (reference->source != REFERENCE_NEWEST)
		return best;
	most = value(&soa[best]) ? count_same(facts, verdict, zone, value, value(&soa[best])) : 0;
	for (uint32_t pair = at->first_pair; pair < at->first_pair + at->pair_count; pair++) {
		uint32_t count;

		if (verdict->pairs[pair].relation != RELATION_SAME || !value(&soa[pair]) ||
			value(&soa[pair]) == value(&soa[best]))
			continue;
		count = count_same(facts, verdict, zone, value, value(&soa[pair]));
		if (count > most) {
			best = pair;
			most = count;
		}
	}
	return best;
}

static uint32_t fields_of(const struct soa_observation *seen)
{
	return seen->fields;
}

/* What a comparison of all other records came to, if there was one. */
static const struct zone_comparison *comparison_of(const struct facts *facts, uint32_t zone,
	uint32_t server)
{
	for (size_t i = 0; i < facts->seen->content_count; i++) {
		const struct content_observation *each = &facts->seen->contents[i];

		if (each->zone == zone && each->server == server)
			return &each->comparison;
	}
	return NULL;
}

static void add_sample(const struct zone_comparison *comparison, struct text *out)
{
	for (size_t i = 0; i < comparison->sample_count; i++) {
		text_add(out, i ? "; " : ": ");
		for (const char *byte = comparison->sample[i]; *byte; byte++)
			text_add_byte(out, *byte == '\t' ? ' ' : *byte);
	}
	if (comparison->sample_count < comparison->only_here + comparison->only_there)
		text_add(out, "; …");
}

static void add_contents(const struct facts *facts, struct verdict *verdict,
	struct finding *finding)
{
	const struct zone_comparison *comparison =
		comparison_of(facts, finding->zone, finding->server);
	const struct reference *reference = &verdict->zones[finding->zone].reference;
	struct text text = { 0 };

	if (comparison && comparison->result == COMPARISON_EQUAL)
		text_add(&text, "all other records are the same");
	if (comparison && comparison->result == COMPARISON_DIFFERENT && comparison->is_located) {
		text_addf(&text, "besides, %" PRIu64 " record%s only on ", comparison->only_here,
			comparison->only_here == 1 ? "" : "s");
		plan_server_text(facts->plan, facts->plan->assigned[reference->pair], &text);
		text_addf(&text, " (-), %" PRIu64 " only here (+)", comparison->only_there);
		add_sample(comparison, &text);
	}
	if (text.length)
		finding->detail = arena_string(&verdict->findings.arena, text_string(&text));
	text_free(&text);
}

size_t judge_content_doubts(const struct facts *facts, const struct verdict *verdict,
	struct doubt *doubts, size_t most)
{
	size_t count = 0;

	for (size_t i = 0; i < verdict->findings.count && count < most; i++) {
		const struct finding *finding = &verdict->findings.items[i];
		uint32_t pair;

		if (finding->code != FINDING_SOA_DIFFERS || finding->severity == SEVERITY_OK)
			continue;
		pair = plan_pair(facts->plan, finding->zone, finding->server);
		if (pair != verdict->zones[finding->zone].reference.pair)
			doubts[count++] = (struct doubt){ finding->zone, pair };
	}
	return count;
}

void judge_contents(const struct facts *facts, struct verdict *verdict, uint32_t zone)
{
	const struct zone *at = &facts->plan->zones[zone];
	uint32_t ours;

	if (verdict->zones[zone].reference.source == REFERENCE_NONE)
		return;
	ours = facts->seen->soa[judge_model(facts, verdict, zone, fields_of)].fields;
	for (uint32_t pair = at->first_pair; pair < at->first_pair + at->pair_count; pair++) {
		uint32_t theirs = facts->seen->soa[pair].fields;
		struct text text = { 0 };

		if (verdict->pairs[pair].relation != RELATION_SAME || theirs == ours)
			continue;
		add_differences(&text, facts->seen->fields[theirs], facts->seen->fields[ours]);
		add_contents(facts, verdict,
			judge_say(facts, verdict, FINDING_SOA_DIFFERS, zone, pair,
				"has the same serial %u, but another SOA: %s",
				facts->seen->soa[pair].serial, text_string(&text)));
		text_free(&text);
	}
}
