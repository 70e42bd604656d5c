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

void judge_contents(const struct facts *facts, struct verdict *verdict, uint32_t zone)
{
	const struct zone *at = &facts->plan->zones[zone];
	const struct reference *reference = &verdict->zones[zone].reference;

	for (uint32_t pair = at->first_pair; pair < at->first_pair + at->pair_count; pair++) {
		uint32_t theirs = facts->seen->soa[pair].fields;
		struct text text = { 0 };

		if (verdict->pairs[pair].relation != RELATION_SAME ||
			theirs == facts->seen->soa[reference->pair].fields)
			continue;
		add_differences(&text, facts->seen->fields[theirs],
			facts->seen->fields[facts->seen->soa[reference->pair].fields]);
		judge_say(facts, verdict, FINDING_SOA_DIFFERS, zone, pair,
			"has the same serial %u, but another SOA: %s",
			facts->seen->soa[pair].serial, text_string(&text));
		text_free(&text);
	}
}
