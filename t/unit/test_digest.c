/* Digests of zones, and the records in which two zones differ. */
#include <stdlib.h>

#include "common/base/text.h"
#include "common/dns/digest.h"
#include "common/dns/record_pile.h"
#include "t/unit/packet.h"
#include "t/unit/tap.h"
#include "t/unit/zone_text.h"

static uint8_t key[DIGEST_KEY];

struct zone {
	struct digest digest;
	struct record_pile pile;
};

static void take(void *context, const struct canonical *record)
{
	struct zone *zone = context;

	digest_add(&zone->digest, record->bytes, record->length);
	record_pile_add(&zone->pile, record);
}

static void read_zone(struct zone *zone, const char *text, bool with_ttl)
{
	*zone = (struct zone){ 0 };
	digest_begin(&zone->digest, key, DIGEST_BITS);
	if (!zone_text_read(text, ZONE, with_ttl, take, zone))
		ok(false, "a zone: %s", text);
}

static void free_zone(struct zone *zone)
{
	digest_free(&zone->digest);
	record_pile_free(&zone->pile);
}

static void add_difference(void *context, const struct zone_record *record, bool here)
{
	struct text *out = context;
	char name[NAME_TEXT], type[16];

	text_addf(out, "%s%c%s %u %s", out->length ? ", " : "", here ? '-' : '+',
		name_to_text(record->owner, name), record->ttl, type_text(record->type, type));
}

#define BASE "a 60 A 192.0.2.1\nb 60 A 192.0.2.2\nc 60 TXT \"Text\"\n"

static const struct digest_story {
	const char *name, *a, *b, *differences;
	bool with_ttl;
	unsigned buckets; /* that differ */
} stories[] = {
	{ "the same", BASE, BASE, "", false, 0 },
	{ "another order", BASE, "c 60 TXT \"Text\"\nb 60 A 192.0.2.2\na 60 A 192.0.2.1\n", "",
		false, 0 },
	{ "owners in other letters", BASE,
		"A 60 A 192.0.2.1\nB 60 A 192.0.2.2\nC 60 TXT \"Text\"\n", "", false, 0 },
	{ "names in rdata in other letters", "@ 60 NS ns1.example.com.\n",
		"@ 60 NS Ns1.EXAMPLE.com.\n", "", false, 0 },
	{ "strings in other letters", "c 60 TXT \"Text\"\n", "c 60 TXT \"text\"\n",
		"-c.example.com. 60 TXT, +c.example.com. 60 TXT", false, 2 },
	{ "one is missing", BASE, "a 60 A 192.0.2.1\nc 60 TXT \"Text\"\n", "-b.example.com. 60 A",
		false, 1 },
	{ "one more", "a 60 A 192.0.2.1\n", "a 60 A 192.0.2.1\nz 60 A 192.0.2.1\n",
		"+z.example.com. 60 A", false, 1 },
	{ "one that stands twice", "a 60 A 192.0.2.1\na 60 A 192.0.2.1\n", "a 60 A 192.0.2.1\n",
		"-a.example.com. 60 A", false, 1 },
	{ "two pairs do not cancel out", "a 60 A 192.0.2.1\na 60 A 192.0.2.1\n",
		"b 60 A 192.0.2.1\nb 60 A 192.0.2.1\n",
		"-a.example.com. 60 A, -a.example.com. 60 A, +b.example.com. 60 A, +b.example.com. 60 A",
		false, 2 },
	{ "TTLs that do not count", "a 60 A 192.0.2.1\n", "a 61 A 192.0.2.1\n", "", false, 0 },
	{ "TTLs that count", "a 60 A 192.0.2.1\n", "a 61 A 192.0.2.1\n",
		"-a.example.com. 60 A, +a.example.com. 61 A", true, 2 },
	{ "types that are not known", "a 60 TYPE65280 \\# 2 4142\n", "a 60 TYPE65280 \\# 2 6162\n",
		"-a.example.com. 60 TYPE65280, +a.example.com. 60 TYPE65280", false, 2 },
	{ "owner and rdata do not flow together", "a 60 TYPE65280 \\# 2 0161\n",
		"a.a 60 TYPE65280 \\# 0\n",
		"-a.example.com. 60 TYPE65280, +a.a.example.com. 60 TYPE65280", false, 2 },
	{ "nothing and something", "", "a 60 A 192.0.2.1\n", "+a.example.com. 60 A", false, 1 },
	{ "nothing at all", "", "", "", false, 0 },
};

static void test_stories(void)
{
	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		const struct digest_story *story = &stories[i];
		struct digest_buckets buckets;
		struct text text = { 0 };
		struct zone a, b;

		read_zone(&a, story->a, story->with_ttl);
		read_zone(&b, story->b, story->with_ttl);
		digest_differences(&a.digest, &b.digest, &buckets);
		is_integer(buckets.count, story->buckets, story->name);
		record_pile_sort(&a.pile);
		record_pile_sort(&b.pile);
		record_pile_compare(&a.pile, &b.pile, add_difference, &text);
		is_string(text_string(&text), story->differences, "  its differences");
		text_free(&text);
		digest_buckets_free(&buckets);
		free_zone(&a);
		free_zone(&b);
	}
}

enum { MANY = 20000 };

static size_t number_record(uint8_t bytes[32], unsigned number)
{
	memset(bytes, 0, 32);
	memcpy(bytes + 8, &number, sizeof(number));
	return 32;
}

/* One changed record of many shows, and little else has to be looked at again. */
static void test_one_of_many(void)
{
	struct digest one, other;
	struct digest_buckets buckets;
	uint8_t record[32];
	unsigned held = 0;

	digest_begin(&one, key, DIGEST_BITS);
	digest_begin(&other, key, DIGEST_BITS);
	for (unsigned i = 0; i < MANY; i++) {
		digest_add(&one, record, number_record(record, i));
		digest_add(&other, record, number_record(record, i == 7 ? MANY : MANY - 1 - i));
	}
	/* Number 7 of the one order is MANY - 8 of the other. */
	digest_differences(&one, &other, &buckets);
	is_integer(buckets.count, 2, "two buckets");
	ok(digest_buckets_hold(&buckets, record, number_record(record, MANY)) &&
			digest_buckets_hold(&buckets, record, number_record(record, MANY - 8)),
		"those of the two records");
	for (unsigned i = 0; i < MANY; i++)
		held += digest_buckets_hold(&buckets, record, number_record(record, i));
	ok(held < MANY / 500, "%u of %d records are looked at again", held, MANY);
	ok(one.records == MANY && one.bytes == (uint64_t)MANY * 32, "records and bytes");
	digest_buckets_free(&buckets);
	digest_free(&one);
	digest_free(&other);
}

/* What is taken away again was never there: also where sums carry. */
static void test_take_away(void)
{
	struct digest one, none;
	struct digest_buckets buckets;
	uint8_t record[32];

	digest_begin(&one, key, 1);
	digest_begin(&none, key, 1);
	for (unsigned i = 0; i < 1000; i++)
		digest_add(&one, record, number_record(record, i));
	for (unsigned i = 1000; i-- > 0;)
		digest_take_away(&one, record, number_record(record, i));
	digest_differences(&one, &none, &buckets);
	ok(!buckets.count && !one.records && !one.bytes, "added and taken away");
	digest_take_away(&one, record, number_record(record, 5));
	digest_buckets_free(&buckets);
	digest_differences(&one, NULL, &buckets);
	is_integer(buckets.count, 1, "taken away from nothing");
	digest_buckets_free(&buckets);
	digest_free(&one);
	digest_free(&none);
}

static void test_thin(void)
{
	struct digest one, none;
	struct digest_buckets buckets;
	uint8_t record[32];
	unsigned held = 0;

	digest_begin(&one, key, DIGEST_BITS);
	digest_begin(&none, key, DIGEST_BITS);
	for (unsigned i = 0; i < MANY; i++)
		digest_add(&one, record, number_record(record, i));
	digest_differences(&one, &none, &buckets);
	digest_buckets_thin(&buckets, 100000);
	ok(buckets.count > 4000, "more than there are: all stay");
	digest_buckets_thin(&buckets, 100);
	is_integer(buckets.count, 100, "thinned");
	for (unsigned i = 0; i < MANY; i++)
		held += digest_buckets_hold(&buckets, record, number_record(record, i));
	ok(held > MANY / 80 && held < MANY / 25, "%u of %d records are in 100 of 4,096", held,
		MANY);
	digest_buckets_thin(&buckets, 0);
	is_integer(buckets.count, 0, "none");
	digest_buckets_free(&buckets);
	digest_free(&one);
	digest_free(&none);
}

/* Another key, other sums: nobody can prepare records that collide. */
static void test_key(void)
{
	uint8_t other_key[DIGEST_KEY], record[32];
	struct digest one, other;
	unsigned same = 0;

	memcpy(other_key, key, sizeof(key));
	memset(other_key, 0x5a, sizeof(other_key));
	digest_begin(&one, key, 1);
	digest_begin(&other, other_key, 1);
	for (unsigned i = 0; i < 100; i++) {
		digest_add(&one, record, number_record(record, i));
		digest_add(&other, record, number_record(record, i));
	}
	for (unsigned i = 0; i < 2; i++)
		same += one.sums[i].low == other.sums[i].low;
	is_integer(same, 0, "another key, other sums");
	digest_free(&one);
	digest_free(&other);
}

static void test_pile(void)
{
	struct zone zone;
	size_t before;

	read_zone(&zone, BASE, false);
	before = zone.pile.capacity;
	ok(before > 0 && zone.pile.count == 3, "a pile");
	is_integer(record_pile_record(&zone.pile, 1).ttl, 60, "keeps the TTL that does not count");
	record_pile_clear(&zone.pile);
	ok(!zone.pile.count && zone.pile.capacity == before, "cleared");
	for (unsigned i = 0; i < 3000; i++)
		zone_text_read("x 60 A 192.0.2.1\n", ZONE, false, take, &zone);
	is_integer((int64_t)zone.pile.count, 3000, "many");
	free_zone(&zone);
}

int main(void)
{
	for (unsigned i = 0; i < DIGEST_KEY; i++)
		key[i] = (uint8_t)(i * 37 + 11);
	test_stories();
	test_one_of_many();
	test_take_away();
	test_thin();
	test_key();
	test_pile();
	return done_testing();
}
