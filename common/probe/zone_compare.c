#include "common/probe/zone_compare.h"

#include <string.h>

#include "common/base/clock.h"
#include "common/dns/serial.h"
#include "common/probe/zone_compare_private.h"

static struct zone_comparison *comparison_of(const struct comparing *self, uint32_t pair)
{
	return &self->compare->transfers.seen->zone_comparisons[pair];
}

static struct zone_transfer *transfer_of(const struct comparing *self, uint32_t pair)
{
	return &self->compare->transfers.seen->zone_transfers[pair];
}

static uint32_t pair_count(const struct comparing *self)
{
	return (uint32_t)self->compare->transfers.plan->pair_count;
}

static bool read_item(struct canonical *canonical, const struct transfer_item *item)
{
	return canonical_read(canonical, item->message, item->record, item->owner_length,
		item->same_owner);
}

static void keep(struct side *side)
{
	const struct canonical *record = &side->canonical;

	if (!digest_buckets_hold(side->wanted, record->bytes, record->length))
		return;
	switch (side->mode) {
	case SIDE_SUM:
		break;
	case SIDE_ADD:
		digest_add(side->shared, record->bytes, record->length);
		break;
	case SIDE_TAKE_AWAY:
		digest_take_away(side->shared, record->bytes, record->length);
		break;
	case SIDE_KEEP:
		record_pile_add(&side->pile, record);
		break;
	}
}

static const char *take_item(void *context, const struct transfer_item *item)
{
	struct side *side = context;
	const bool *ignored = side->compare->ignored;

	if (side->keeps_zone) {
		if (!read_item(&side->with_ttl, item))
			return "malformed rdata";
		record_pile_add(&side->zone, &side->with_ttl);
	}
	if (!read_item(&side->canonical, item))
		return "malformed rdata";
	if (ignored && ignored[item->record->type])
		return NULL;
	if (side->mode == SIDE_SUM)
		digest_add(&side->digest, side->canonical.bytes, side->canonical.length);
	else
		keep(side);
	if (side->compare->bytes_most && side->digest.bytes > side->compare->bytes_most)
		return "too large to be compared";
	return NULL;
}

static void begin_sides(struct comparing *self)
{
	const struct zone_compare *compare = self->compare;
	const struct plan *plan = compare->transfers.plan;

	random_bytes(self->key, sizeof(self->key));
	self->sides = arena_array(&self->arena, plan->pair_count, sizeof(*self->sides));
	self->takers = arena_array(&self->arena, plan->pair_count, sizeof(*self->takers));
	self->wanted = arena_array(&self->arena, plan->pair_count, sizeof(*self->wanted));
	self->before = arena_array(&self->arena, plan->pair_count, sizeof(*self->before));
	self->reference = PLAN_NONE;
	for (uint32_t pair = 0; pair < plan->pair_count; pair++) {
		struct side *side = &self->sides[pair];
		bool is_primary = plan->pair_flags[pair] & PAIR_PRIMARY;

		side->compare = compare;
		side->is_open = true;
		side->keeps_zone = compare->zonemd && is_primary;
		canonical_begin(&side->canonical, DNS_IN, compare->with_ttl);
		canonical_begin(&side->with_ttl, DNS_IN, true);
		self->takers[pair] = (struct zone_transfer_taker){ take_item, side };
	}
}

static void free_sides(struct comparing *self)
{
	for (uint32_t pair = 0; pair < pair_count(self); pair++) {
		digest_free(&self->sides[pair].digest);
		record_pile_free(&self->sides[pair].pile);
		record_pile_free(&self->sides[pair].zone);
	}
	arena_free(&self->arena);
}

static bool transfer(struct comparing *self, struct fault *fault)
{
	struct zone_transfer_probe probe = self->compare->transfers;

	memcpy(self->before, probe.seen->zone_transfers, pair_count(self) * sizeof(*self->before));
	probe.takers = self->takers;
	probe.wanted = self->wanted;
	return probe_zone_transfers(&probe, fault);
}

bool compare_transfer_again(struct comparing *self, enum pass_end *end, struct fault *fault)
{
	bool good = transfer(self, fault);

	*end = good ? PASS_WHOLE : PASS_FAILED;
	for (uint32_t pair = 0; pair < pair_count(self); pair++) {
		const struct zone_transfer *seen = transfer_of(self, pair);

		if (!self->wanted[pair])
			continue;
		if (seen->has_serial && seen->serial != self->sides[pair].serial)
			*end = PASS_CHANGED;
		else if (seen->end != TRANSFER_END_COMPLETE && *end == PASS_WHOLE)
			*end = PASS_FAILED;
	}
	memcpy(self->compare->transfers.seen->zone_transfers, self->before,
		pair_count(self) * sizeof(*self->before));
	return good;
}

/* The first time all of them; then those that are open, and the reference. */
static bool sum_all(struct comparing *self, struct fault *fault)
{
	for (uint32_t pair = 0; pair < pair_count(self); pair++) {
		struct side *side = &self->sides[pair];

		self->wanted[pair] = side->is_open || pair == self->reference;
		if (!self->wanted[pair])
			continue;
		side->mode = SIDE_SUM;
		side->was_compared = false;
		digest_free(&side->digest);
		digest_begin(&side->digest, self->key, DIGEST_BITS);
		record_pile_clear(&side->zone);
	}
	return transfer(self, fault);
}

/* A pair that was whole once, and is not now, is judged by what it was. */
static void note_sums(struct comparing *self)
{
	for (uint32_t pair = 0; pair < pair_count(self); pair++) {
		struct zone_transfer *seen = transfer_of(self, pair);
		struct side *side = &self->sides[pair];

		if (!self->wanted[pair])
			continue;
		if (seen->end == TRANSFER_END_COMPLETE) {
			side->was_compared = true;
			side->previous_serial = side->serial;
			side->serial = seen->serial;
		} else if (self->before[pair].end == TRANSFER_END_COMPLETE) {
			*seen = self->before[pair];
		} else {
			side->is_open = false;
		}
	}
}

static void choose_reference(struct comparing *self)
{
	const struct plan *plan = self->compare->transfers.plan;

	for (uint32_t pair = 0; pair < plan->pair_count && self->reference == PLAN_NONE; pair++) {
		if (plan->pair_flags[pair] & PAIR_PRIMARY && self->sides[pair].was_compared)
			self->reference = pair;
	}
	if (self->reference == PLAN_NONE)
		return;
	self->sides[self->reference].is_open = false;
	comparison_of(self, self->reference)->result = COMPARISON_REFERENCE;
}

static void settle(struct comparing *self, uint32_t pair, enum comparison_result result,
	unsigned tries)
{
	struct zone_comparison *comparison = comparison_of(self, pair);

	comparison->result = result;
	comparison->serial = self->sides[pair].serial;
	comparison->reference_serial = self->sides[self->reference].serial;
	comparison->tries = tries;
	self->sides[pair].is_open = result == COMPARISON_UNSETTLED;
}

static bool same_serial(const struct comparing *self, uint32_t pair)
{
	return self->sides[pair].serial == self->sides[self->reference].serial;
}

static bool same_sums(const struct comparing *self, uint32_t pair)
{
	struct digest_buckets differing;
	bool same;

	digest_differences(&self->sides[self->reference].digest, &self->sides[pair].digest,
		&differing);
	same = !differing.count;
	digest_buckets_free(&differing);
	return same;
}

/* The pairs at hand, asked for their serials now; the others are left alone. */
static bool ask_serials(struct comparing *self, struct soa_observation *now, struct fault *fault)
{
	struct observations *seen = self->compare->transfers.seen;
	struct soa_observation *kept = seen->soa;
	bool good;

	for (uint32_t pair = 0; pair < pair_count(self); pair++) {
		now[pair] = kept[pair];
		now[pair].outcome = self->sides[pair].is_open || pair == self->reference
			? OUTCOME_NOT_ASKED
			: OUTCOME_TIMEOUT;
	}
	seen->soa = now;
	good = probe_soa(self->compare->serials, fault);
	seen->soa = kept;
	return good;
}

/* Is the serial that was just said another than that of the transfer, and not only that of a cache
 * (PowerDNS answers SOA questions out of one, but not AXFR)? */
static bool has_moved(const struct side *side, const struct soa_observation *now)
{
	return now->outcome == OUTCOME_ANSWERED &&
		serial_compare(now->serial, side->serial) == SERIAL_AHEAD;
}

/* Where serials can't be asked for again, the next try tells. */
static bool is_moving(const struct comparing *self, uint32_t pair, unsigned tries,
	const struct soa_observation *now)
{
	const struct side *side = &self->sides[pair], *reference = &self->sides[self->reference];

	if (self->compare->serials)
		return has_moved(side, &now[pair]) || has_moved(reference, &now[self->reference]);
	return tries == 1 || side->serial != side->previous_serial ||
		reference->serial != reference->previous_serial;
}

/* Serials differ: who is steadily behind or ahead is so; if not, it is compared again. */
static bool settle_serials(struct comparing *self, unsigned tries, struct fault *fault)
{
	struct soa_observation *now = arena_array(&self->arena, pair_count(self), sizeof(*now));
	bool any = false;

	for (uint32_t pair = 0; pair < pair_count(self); pair++)
		any |= self->sides[pair].is_open && !same_serial(self, pair);
	if (!any)
		return true;
	if (self->compare->serials && !ask_serials(self, now, fault))
		return false;
	for (uint32_t pair = 0; pair < pair_count(self); pair++) {
		if (!self->sides[pair].is_open || same_serial(self, pair))
			continue;
		settle(self, pair,
			is_moving(self, pair, tries, now) ? COMPARISON_UNSETTLED
							  : COMPARISON_SERIAL,
			tries);
	}
	return true;
}

/* Sums differ at the same serial: which records? */
static bool settle_contents(struct comparing *self, unsigned tries, struct fault *fault)
{
	for (uint32_t pair = 0; pair < pair_count(self); pair++) {
		struct side *side = &self->sides[pair];
		bool changed = false;

		if (!side->is_open || !same_serial(self, pair))
			continue;
		settle(self, pair, COMPARISON_EQUAL, tries);
		if (same_sums(self, pair))
			continue;
		settle(self, pair, COMPARISON_DIFFERENT, tries);
		if (!compare_locate(self, pair, &changed, fault))
			return false;
		if (changed)
			settle(self, pair, COMPARISON_UNSETTLED, tries);
	}
	return true;
}

static bool is_any_open(const struct comparing *self)
{
	for (uint32_t pair = 0; pair < pair_count(self); pair++) {
		if (self->sides[pair].is_open)
			return true;
	}
	return false;
}

/* Another try takes as long as the last one, about. */
static bool has_time(const struct comparing *self)
{
	return clock_monotonic_us() + transfer_of(self, self->reference)->duration_us <
		self->compare->transfers.deadline_us;
}

static void verify_zones(struct comparing *self)
{
	const struct zone_compare *compare = self->compare;

	for (uint32_t pair = 0; pair < pair_count(self); pair++) {
		struct side *side = &self->sides[pair];
		struct zone_comparison *comparison = comparison_of(self, pair);

		if (!side->keeps_zone || !side->was_compared)
			continue;
		record_pile_sort(&side->zone);
		comparison->has_zonemd = true;
		comparison->zonemd = zonemd_verify(&side->zone,
			compare->transfers.plan->zones[0].name, side->serial);
		record_pile_free(&side->zone);
		side->keeps_zone = false;
	}
}

/* True: there is nothing more to look at. */
static bool compare_once(struct comparing *self, unsigned tries, bool *over, struct fault *fault)
{
	*over = true;
	if (!sum_all(self, fault))
		return false;
	note_sums(self);
	verify_zones(self);
	choose_reference(self);
	if (!self->compare->compares || self->reference == PLAN_NONE)
		return true;
	if (!self->sides[self->reference].was_compared)
		return true; /* not any more */
	if (!settle_contents(self, tries, fault) || !settle_serials(self, tries, fault))
		return false;
	*over = !is_any_open(self) || tries == COMPARISON_TRIES || !has_time(self);
	return true;
}

bool probe_zone_compare(const struct zone_compare *compare, struct fault *fault)
{
	struct comparing self = { .compare = compare };
	bool good = true, over = false;

	begin_sides(&self);
	for (unsigned tries = 1; good && !over; tries++)
		good = compare_once(&self, tries, &over, fault);
	free_sides(&self);
	return good;
}
