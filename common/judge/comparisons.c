/*
 * The same zone on two servers: the same content? And does it fit the digest that it carries of
 * itself (RFC 8976)?
 */
#include <inttypes.h>

#include "common/base/text.h"
#include "common/dns/serial.h"
#include "common/judge/transfer_private.h"
#include "common/model/zone_comparison.h"

#define SIGNING                                                                                    \
	" belong to DNSSEC: where each server signs by itself, compare with --ignore=RRSIG,NSEC,NSEC3,NSEC3PARAM,DNSKEY,CDS,CDNSKEY"

static const struct server *reference_of(const struct judged_transfer *seen)
{
	const struct plan *plan = seen->facts->plan;
	const struct zone *zone = &plan->zones[seen->zone];

	for (uint32_t pair = zone->first_pair; pair < zone->first_pair + zone->pair_count; pair++) {
		if (seen->facts->seen->zone_comparisons[pair].result == COMPARISON_REFERENCE)
			return &plan->servers[plan->assigned[pair]];
	}
	return NULL; /* a scenario may lack it */
}

static void add_server(const struct judged_transfer *seen, const struct server *server,
	struct text *out)
{
	const struct plan *plan = seen->facts->plan;

	if (server)
		plan_server_text(plan, (uint32_t)(server - plan->servers), out);
	else
		text_add(out, "the reference");
}

static void add_count(const char *more, uint64_t count, struct text *out)
{
	text_addf(out, "%s%" PRIu64 " record%s only on ", more, count, count == 1 ? "" : "s");
}

static void add_counts(const struct judged_transfer *seen, const struct zone_comparison *comparison,
	const struct server *reference, struct text *out)
{
	const char *more = comparison->is_part ? "at least " : "";

	add_count(more, comparison->only_here, out);
	add_server(seen, reference, out);
	text_add(out, ", ");
	add_count(more, comparison->only_there, out);
	add_server(seen, seen->server, out);
}

static void judge_different(const struct judged_transfer *seen,
	const struct zone_comparison *comparison)
{
	const struct server *reference = reference_of(seen);
	struct text text = { 0 };
	struct finding *finding;

	text_addf(&text, "has the same serial %u as ", comparison->serial);
	add_server(seen, reference, &text);
	text_add(&text, ", but other content: ");
	if (comparison->is_located)
		add_counts(seen, comparison, reference, &text);
	else
		text_add(&text, "the records could not be found in time (-t)");
	finding = transfer_say(seen, FINDING_CONTENT_DIFFERS, &text);
	if (comparison->is_located) {
		finding->amount = (int64_t)(comparison->only_here + comparison->only_there);
		finding->has_amount = true;
	}
	if (comparison->is_located && comparison->only_signing)
		finding->evidence = comparison->is_part ? "all that were looked at" SIGNING
							: "all of them" SIGNING;
	text_free(&text);
}

static enum finding_code code_of_order(enum serial_order order)
{
	switch (order) {
	case SERIAL_BEHIND:
		return FINDING_SECONDARY_BEHIND;
	case SERIAL_AHEAD:
		return FINDING_SECONDARY_AHEAD;
	case SERIAL_EQUAL:
	case SERIAL_UNDEFINED:
		break;
	}
	return FINDING_SERIAL_UNDEFINED;
}

static void judge_serial(const struct judged_transfer *seen,
	const struct zone_comparison *comparison)
{
	uint32_t theirs = comparison->serial, ours = comparison->reference_serial;
	enum serial_order order = serial_compare(theirs, ours);
	struct text text = { 0 };

	if (order == SERIAL_BEHIND)
		text_addf(&text, "is %u serials behind ", ours - theirs);
	else if (order == SERIAL_AHEAD)
		text_addf(&text, "is %u serials ahead of ", theirs - ours);
	else
		text_add(&text, "is 2^31 serials apart from ");
	add_server(seen, reference_of(seen), &text);
	text_addf(&text, ": %u instead of %u, so the contents were not compared", theirs, ours);
	transfer_say(seen, code_of_order(order), &text);
	text_free(&text);
}

static void judge_unsettled(const struct judged_transfer *seen,
	const struct zone_comparison *comparison)
{
	struct text text = { 0 };

	text_add(&text, "could not be compared with ");
	add_server(seen, reference_of(seen), &text);
	text_addf(&text,
		": the zone changes faster than it transfers (compared %u times, last at serials %u and %u)",
		comparison->tries, comparison->serial, comparison->reference_serial);
	transfer_say(seen, FINDING_CONTENT_UNSETTLED, &text);
	text_free(&text);
}

static void add_claim(const struct zonemd_verdict *zonemd, struct text *out)
{
	char hash[32];

	if (zonemd->scheme == 1)
		text_add(out, "SIMPLE");
	else
		text_addf(out, "scheme %u", zonemd->scheme);
	text_addf(out, ", %s", zonemd_hash_text(zonemd->hash, hash));
}

static void judge_zonemd(const struct judged_transfer *seen, const struct zonemd_verdict *zonemd)
{
	enum finding_code code = FINDING_ZONEMD_MISMATCH;
	struct text text = { 0 };

	switch (zonemd->result) {
	case ZONEMD_GOOD:
		return;
	case ZONEMD_MISSING:
		code = FINDING_ZONEMD_MISSING;
		text_addf(&text, "has no ZONEMD record: nothing to verify (serial %u)",
			seen->transfer->serial);
		break;
	case ZONEMD_UNSUPPORTED:
		code = FINDING_ZONEMD_MISSING;
		text_addf(&text,
			"has %u ZONEMD record%s, but of no scheme and hash that can be verified (",
			zonemd->records, zonemd->records == 1 ? "" : "s");
		add_claim(zonemd, &text);
		text_add(&text, ")");
		break;
	case ZONEMD_OLD:
		text_addf(&text, "has a ZONEMD record of serial %u, but the zone's serial is %u",
			zonemd->serial, seen->transfer->serial);
		break;
	case ZONEMD_DIFFERS:
		text_addf(&text,
			"serves content that its ZONEMD record does not fit: serial %u, %" PRIu64
			" records (",
			zonemd->serial, seen->transfer->records);
		add_claim(zonemd, &text);
		text_add(&text, ")");
		break;
	case ZONEMD_REPEATED:
		text_add(&text,
			"has several ZONEMD records of one scheme and hash, which must not be (");
		add_claim(zonemd, &text);
		text_add(&text, ")");
		break;
	}
	transfer_say(seen, code, &text);
	text_free(&text);
}

void transfer_judge_comparison(const struct judged_transfer *seen)
{
	const struct zone_comparison *comparison;

	if (!seen->facts->seen->zone_comparisons)
		return;
	comparison = &seen->facts->seen->zone_comparisons[seen->pair];
	switch (comparison->result) {
	case COMPARISON_DIFFERENT:
		judge_different(seen, comparison);
		break;
	case COMPARISON_SERIAL:
		judge_serial(seen, comparison);
		break;
	case COMPARISON_UNSETTLED:
		judge_unsettled(seen, comparison);
		break;
	case COMPARISON_NONE:
	case COMPARISON_REFERENCE:
	case COMPARISON_EQUAL:
	case COMPARISON_COUNT:
		break;
	}
	if (comparison->has_zonemd)
		judge_zonemd(seen, &comparison->zonemd);
}
