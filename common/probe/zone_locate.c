/* The second pass of a comparison: which records differ. */
#include <string.h>

#include "common/dns/name.h"
#include "common/probe/zone_compare_private.h"

enum {
	/* In canonical form, of both sides together. */
	KEPT_BYTES = 16 << 20,
	KEPT_BYTES_FOR_DIFF = 1 << 30, /* all of them are wanted then */
	RECORD_OVERHEAD = 24,          /* of a pile */
	FINE_BITS = 20,                /* where most of the first pass's buckets differ: 16 MB */
};

static uint64_t expected_bytes(const struct comparing *self, uint32_t pair,
	const struct digest_buckets *buckets)
{
	const struct digest *one = &self->sides[self->reference].digest;
	const struct digest *other = &self->sides[pair].digest;
	uint64_t all =
		one->bytes + other->bytes + RECORD_OVERHEAD * (one->records + other->records);

	return (all >> buckets->bits) * buckets->count;
}

static bool run_pass(struct comparing *self, uint32_t pair, enum side_mode reference_mode,
	enum side_mode mode, const struct digest_buckets *buckets, struct digest *shared,
	enum pass_end *end, struct fault *fault)
{
	struct side *sides[] = { &self->sides[self->reference], &self->sides[pair] };

	memset(self->wanted, 0, self->compare->transfers.plan->pair_count * sizeof(*self->wanted));
	self->wanted[self->reference] = self->wanted[pair] = true;
	sides[0]->mode = reference_mode;
	sides[1]->mode = mode;
	for (unsigned i = 0; i < 2; i++) {
		sides[i]->wanted = buckets;
		sides[i]->shared = shared;
		record_pile_clear(&sides[i]->pile);
	}
	return compare_transfer_again(self, end, fault);
}

/* One more pass with smaller buckets, so that the last one need not keep too much. */
static bool refine(struct comparing *self, uint32_t pair, struct digest_buckets *buckets,
	enum pass_end *end, struct fault *fault)
{
	struct digest both;
	struct digest_buckets fine;
	bool good;

	digest_begin(&both, self->key, FINE_BITS);
	good = run_pass(self, pair, SIDE_ADD, SIDE_TAKE_AWAY, buckets, &both, end, fault);
	if (good && *end == PASS_WHOLE) {
		digest_differences(&both, NULL, &fine);
		digest_buckets_free(buckets);
		*buckets = fine;
	}
	digest_free(&both);
	return good;
}

/* What differs, as it is noted. */
struct noted {
	struct comparing *self;
	struct zone_comparison *comparison;
	const char **sample;
};

static bool is_of_signing(uint16_t type)
{
	static const uint16_t types[] = { 46, 47, 48, 50, 51, 59, 60 }; /* RRSIG, NSEC, DNSKEY,
	                                                                   NSEC3, NSEC3PARAM, CDS,
	                                                                   CDNSKEY */

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (types[i] == type)
			return true;
	}
	return false;
}

static void note_difference(void *context, const struct zone_record *record, bool here)
{
	struct noted *noted = context;
	struct zone_comparison *comparison = noted->comparison;
	const struct zone_compare *compare = noted->self->compare;
	struct text line = { 0 };

	*(here ? &comparison->only_here : &comparison->only_there) += 1;
	comparison->only_signing &= is_of_signing(record->type);
	if (comparison->sample_count >= compare->sample_most && !compare->diff)
		return;
	text_add(&line, here ? "- " : "+ ");
	zone_record_text(record, &line);
	if (comparison->sample_count < compare->sample_most)
		noted->sample[comparison->sample_count++] =
			arena_string(&compare->transfers.seen->arena, line.bytes);
	if (compare->diff) {
		text_add(compare->diff, line.bytes);
		text_add_byte(compare->diff, '\n');
	}
	text_free(&line);
}

/* Whose lines follow, as a comment of a master file. */
static void head_diff(const struct comparing *self, uint32_t pair)
{
	const struct plan *plan = self->compare->transfers.plan;
	struct text *diff = self->compare->diff;

	if (!diff)
		return;
	text_add(diff, "; ");
	plan_zone_text(plan, 0, diff);
	text_addf(diff, " serial %u: - ", self->sides[pair].serial);
	plan_server_text(plan, plan->assigned[self->reference], diff);
	text_add(diff, ", + ");
	plan_server_text(plan, plan->assigned[pair], diff);
	text_add_byte(diff, '\n');
}

static void note_differences(struct comparing *self, uint32_t pair)
{
	const struct zone_compare *compare = self->compare;
	struct zone_comparison *comparison = &compare->transfers.seen->zone_comparisons[pair];
	struct record_pile *here = &self->sides[self->reference].pile;
	struct record_pile *there = &self->sides[pair].pile;
	struct noted noted = {
		.self = self,
		.comparison = comparison,
		.sample = arena_array(&compare->transfers.seen->arena, compare->sample_most + 1,
			sizeof(*noted.sample)),
	};

	comparison->sample = noted.sample;
	comparison->sample_count = 0;
	comparison->only_here = comparison->only_there = 0;
	comparison->only_signing = true;
	comparison->is_located = true;
	head_diff(self, pair);
	record_pile_sort(here);
	record_pile_sort(there);
	record_pile_compare(here, there, note_difference, &noted);
	record_pile_free(here);
	record_pile_free(there);
}

/* Keeps what is in the buckets, or in as many of them as there is room for. */
static bool collect(struct comparing *self, uint32_t pair, struct digest_buckets *buckets,
	enum pass_end *end, struct fault *fault)
{
	uint64_t most = self->compare->diff ? KEPT_BYTES_FOR_DIFF : KEPT_BYTES;
	uint64_t expected = expected_bytes(self, pair, buckets);
	struct zone_comparison *comparison = &self->compare->transfers.seen->zone_comparisons[pair];

	comparison->is_part = expected > most;
	if (comparison->is_part)
		digest_buckets_thin(buckets, (uint32_t)(buckets->count * most / expected));
	return run_pass(self, pair, SIDE_KEEP, SIDE_KEEP, buckets, NULL, end, fault);
}

bool compare_locate(struct comparing *self, uint32_t pair, bool *changed, struct fault *fault)
{
	struct zone_comparison *comparison = &self->compare->transfers.seen->zone_comparisons[pair];
	enum pass_end end = PASS_WHOLE;
	struct digest_buckets buckets;
	bool good = true, none;

	digest_differences(&self->sides[self->reference].digest, &self->sides[pair].digest,
		&buckets);
	if (expected_bytes(self, pair, &buckets) > KEPT_BYTES / 2)
		good = refine(self, pair, &buckets, &end, fault);
	if (good && end == PASS_WHOLE)
		good = collect(self, pair, &buckets, &end, fault);
	digest_buckets_free(&buckets);
	*changed = end == PASS_CHANGED;
	if (!good || end != PASS_WHOLE)
		return good;
	note_differences(self, pair);
	/* The serial stayed, and yet the content of one of them has changed: both are looked at
	 * once more. */
	none = !comparison->only_here && !comparison->only_there;
	*changed = none;
	return true;
}
