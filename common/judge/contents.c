/* Equal serials, other contents: as far as the SOA itself shows it. */
#include <string.h>

#include "common/base/text.h"
#include "common/dns/name.h"
#include "common/judge/judge.h"

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
		judge_say(facts, verdict, FINDING_SOA_DIFFERS, zone, pair,
			"has the same serial %u, but another SOA: %s",
			facts->seen->soa[pair].serial, text_string(&text));
		text_free(&text);
	}
}
