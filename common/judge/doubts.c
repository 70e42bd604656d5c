/* Before anybody is blamed: what has to be asked again, and what would show the why. */
#include "common/judge/judge.h"

static bool is_doubtful(enum relation relation)
{
	return relation == RELATION_BEHIND || relation == RELATION_AHEAD ||
		relation == RELATION_UNDEFINED;
}

static size_t doubt_serials(const struct facts *facts, uint32_t zone,
	const struct reference *reference, struct doubt *doubts)
{
	const struct zone *at = &facts->plan->zones[zone];
	size_t count = 0;

	for (uint32_t pair = at->first_pair; pair < at->first_pair + at->pair_count; pair++) {
		if (is_doubtful(judge_relation(facts, reference, pair)))
			doubts[count++] = (struct doubt){ DOUBT_SERIAL, zone, pair };
	}
	if (count > 0)
		doubts[count++] = (struct doubt){ DOUBT_SERIAL, zone, reference->pair };
	return count;
}

/* A secondary that is behind, or that has no zone to serve: do transfers work at the reference at
 * all? */
static bool lacks_transfer(const struct facts *facts, const struct reference *reference,
	uint32_t pair)
{
	const struct soa_observation *seen = &facts->seen->soa[pair];

	if (pair == reference->pair)
		return false;
	return judge_relation(facts, reference, pair) == RELATION_BEHIND ||
		seen->outcome == OUTCOME_SERVFAIL || seen->outcome == OUTCOME_REFUSED;
}

static bool wants_transfer(const struct facts *facts, uint32_t zone,
	const struct reference *reference)
{
	const struct zone *at = &facts->plan->zones[zone];

	if (reference->source == REFERENCE_NEWEST) /* nobody's primary, as far as we know */
		return false;
	for (uint32_t pair = at->first_pair; pair < at->first_pair + at->pair_count; pair++) {
		if (lacks_transfer(facts, reference, pair))
			return true;
	}
	return false;
}

size_t judge_doubts(const struct facts *facts, bool diagnose, struct doubt *doubts)
{
	size_t count = 0, transfers = 0;

	for (uint32_t z = 0; z < facts->plan->zone_count; z++) {
		struct reference reference = judge_reference(facts, z);

		if (reference.source == REFERENCE_NONE || facts->plan->zones[z].gone_since_s)
			continue;
		count += doubt_serials(facts, z, &reference, doubts + count);
		if (diagnose && transfers < DOUBT_TRANSFERS &&
			wants_transfer(facts, z, &reference)) {
			doubts[count++] = (struct doubt){ DOUBT_TRANSFER, z, reference.pair };
			transfers++;
		}
	}
	return count;
}
