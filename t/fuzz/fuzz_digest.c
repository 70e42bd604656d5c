/*
 * A message, its answers read into canonical form. Whatever comes out must be whole, of its type's
 * shape and in lower case, it must be what the slow road gives (rdata_expand(), then names folded),
 * and reading it again must change nothing; what is added to a digest and taken away is gone.
 */
#include <stdlib.h>
#include <string.h>

#include "common/dns/canonical.h"
#include "common/dns/digest.h"
#include "common/dns/rdata.h"
#include "common/dns/record_pile.h"
#include "common/dns/zonemd.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);

static void must(bool good)
{
	if (!good)
		abort();
}

static void check_slow_road(const struct canonical *fast, bool taken, const struct message *message,
	const struct record *record)
{
	static uint8_t rdata[MESSAGE_MOST];
	struct wire_writer out = wire_write(rdata, sizeof(rdata));
	bool good = rdata_expand(message, record, &out);
	struct canonical_parts parts;

	must(good == taken);
	if (!good)
		return;
	if (rdata_names_fold(record->type))
		rdata_fold_names(record->type, record->class, rdata, out.length);
	parts = canonical_split(fast->bytes, fast->length);
	must(parts.rdata_length == out.length && !memcmp(parts.rdata, rdata, out.length));
	must(rdata_check(parts.type, parts.class, parts.rdata, (uint16_t)parts.rdata_length));
	must(name_equal(parts.owner, record->owner) && parts.type == record->type);
}

/* The canonical form of the canonical form. */
static void check_again(const struct canonical *once)
{
	static struct canonical twice;
	struct canonical_parts parts = canonical_split(once->bytes, once->length);
	struct message message = { .bytes = parts.rdata, .length = parts.rdata_length };
	struct record record = { .type = parts.type,
		.class = parts.class,
		.ttl = once->ttl,
		.rdata_length = (uint16_t)parts.rdata_length };

	memcpy(record.owner, parts.owner, once->owner_length);
	canonical_begin(&twice, DNS_IN, true);
	must(canonical_read(&twice, &message, &record, once->owner_length, false));
	must(twice.length == once->length && !memcmp(twice.bytes, once->bytes, once->length));
}

static void check_digest(const struct digest *digest)
{
	for (size_t i = 0; i < (size_t)1 << digest->bits; i++)
		must(!digest->sums[i].low && !digest->sums[i].high);
	must(!digest->records && !digest->bytes);
}

static void read_answers(const struct message *message, struct digest *digest,
	struct record_pile *pile)
{
	static struct canonical canonical;
	struct record_cursor cursor = message_records(message);
	struct record record;
	enum message_section section;

	canonical_begin(&canonical, DNS_IN, true);
	while (message_next(&cursor, &record, &section)) {
		bool taken;

		if (record.class != DNS_IN)
			continue;
		taken = canonical_read(&canonical, message, &record, name_length(record.owner),
			false);
		check_slow_road(&canonical, taken, message, &record);
		if (!taken)
			continue;
		check_again(&canonical);
		digest_add(digest, canonical.bytes, canonical.length);
		record_pile_add(pile, &canonical);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
	static const uint8_t key[DIGEST_KEY] = { 1, 2, 3 };
	struct record_pile pile = { 0 };
	struct digest digest;
	struct message message;

	if (!message_parse(data, length, &message))
		return 0;
	digest_begin(&digest, key, 4);
	read_answers(&message, &digest, &pile);
	record_pile_sort(&pile);
	for (size_t i = 1; i < pile.count; i++) {
		struct canonical_parts a = record_pile_get(&pile, i - 1),
				       b = record_pile_get(&pile, i);

		must(canonical_compare(&a, &b) <= 0);
	}
	if (pile.count)
		zonemd_verify(&pile, record_pile_get(&pile, 0).owner, 1);
	for (size_t i = 0; i < pile.count; i++) {
		struct canonical_parts parts = record_pile_get(&pile, i);

		digest_take_away(&digest, parts.owner,
			(size_t)(parts.rdata - parts.owner) + parts.rdata_length);
	}
	check_digest(&digest);
	record_pile_free(&pile);
	digest_free(&digest);
	return 0;
}
