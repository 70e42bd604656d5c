/* What becomes of the zones that a list names, run after run; and the record of them. */
#include "common/dns/name.h"
#include "common/model/roster.h"
#include "t/unit/tap.h"

#define ZONE ((const uint8_t *)"\7example\3com")

enum { NOW = 1000000, GRACE = 600, FORGET = 86400 };

static const struct {
	const char *name;
	struct roster_entry before;
	bool listed, moving, failed;
	enum roster_fate fate;
	struct roster_entry after;
	bool changed;
} stories[] = {
	{ "as always", { ZONE, 0, 0, false }, true, false, false, ROSTER_STAYS,
		{ ZONE, 0, 0, false }, false },
	{ "new", { ZONE, NOW - 599, 0, false }, true, false, false, ROSTER_NEW,
		{ ZONE, NOW - 599, 0, false }, false },
	{ "no longer new", { ZONE, NOW - 600, 0, false }, true, false, false, ROSTER_STAYS,
		{ ZONE, NOW - 600, 0, false }, false },
	{ "vanishes", { ZONE, 0, 0, false }, false, false, false, ROSTER_GONE,
		{ ZONE, 0, NOW, false }, true },
	{ "is still gone", { ZONE, 5, NOW - 86399, false }, false, false, false, ROSTER_GONE,
		{ ZONE, 5, NOW - 86399, false }, false },
	{ "is forgotten", { ZONE, 0, NOW - 86400, false }, false, false, false, ROSTER_DROPPED,
		{ ZONE, 0, NOW - 86400, false }, true },
	{ "comes back", { ZONE, 5, NOW - 9, false }, true, false, false, ROSTER_NEW,
		{ ZONE, NOW, 0, false }, true },
	{ "is about to move", { ZONE, 0, 0, false }, true, true, false, ROSTER_STAYS,
		{ ZONE, 0, 0, true }, true },
	{ "has moved", { ZONE, 0, 0, true }, false, false, false, ROSTER_DROPPED,
		{ ZONE, 0, 0, true }, true },
	{ "stays after all", { ZONE, 0, 0, true }, true, false, false, ROSTER_STAYS,
		{ ZONE, 0, 0, false }, true },
	{ "the list failed", { ZONE, 0, 0, false }, false, false, true, ROSTER_STAYS,
		{ ZONE, 0, 0, false }, false },
	{ "the list failed, a new one", { ZONE, NOW - 1, 0, true }, false, false, true, ROSTER_NEW,
		{ ZONE, NOW - 1, 0, true }, false },
	{ "the list failed, one that was gone", { ZONE, 0, NOW - 1, false }, false, false, true,
		ROSTER_GONE, { ZONE, 0, NOW - 1, false }, false },
	{ "the clock was set back", { ZONE, NOW + 99, 0, false }, true, false, false, ROSTER_NEW,
		{ ZONE, NOW + 99, 0, false }, false },
};

static void story(size_t index)
{
	struct roster_policy policy = { NOW, GRACE, FORGET, stories[index].failed };
	struct roster_entry entry = stories[index].before;
	bool changed = false;
	enum roster_fate fate = roster_update(&policy, stories[index].listed, stories[index].moving,
		&entry, &changed);
	const struct roster_entry *after = &stories[index].after;

	is_integer(fate, stories[index].fate, stories[index].name);
	ok(changed == stories[index].changed, "%s: changed", stories[index].name);
	ok(entry.first_s == after->first_s && entry.gone_s == after->gone_s &&
			entry.is_moving == after->is_moving,
		"%s: what is kept", stories[index].name);
}

struct expected {
	const struct roster_entry *entries;
	size_t count, stop;
	bool good;
};

static bool compare(void *context, const struct roster_entry *entry)
{
	struct expected *expected = context;
	const struct roster_entry *want = &expected->entries[expected->count++];

	expected->good &= name_equal(entry->zone, want->zone) && entry->first_s == want->first_s &&
		entry->gone_s == want->gone_s && entry->is_moving == want->is_moving;
	return expected->count != expected->stop;
}

static void records(void)
{
	static const struct roster_entry entries[] = { { ZONE, 0, 0, false },
		{ (const uint8_t *)"", 1795324740, 0, true },
		{ (const uint8_t *)"\1b", 1795324740, 1795324741, false },
		{ (const uint8_t *)"\1c", 0, 0x7fffffffff, true } };
	struct expected expected = { entries, 0, 0, true };
	struct text record = { 0 };
	size_t whole = 0;

	roster_begin(&record);
	for (size_t i = 0; i < 4; i++)
		roster_add(&record, &entries[i]);
	ok(roster_read((uint8_t *)record.bytes, record.length, compare, &expected) &&
			expected.good && expected.count == 4,
		"what is written is read");
	for (size_t length = 0; length < record.length; length++) {
		expected.count = 0;
		whole += roster_read((uint8_t *)record.bytes, length, compare, &expected);
	}
	is_integer((int64_t)whole, 4, "a part of it is damaged, unless it ends with an entry");
	expected = (struct expected){ entries, 0, 2, true };
	ok(!roster_read((uint8_t *)record.bytes, record.length, compare, &expected) &&
			expected.count == 2,
		"the caller may stop");
	record.bytes[0] = 2;
	ok(!roster_read((uint8_t *)record.bytes, record.length, compare, &expected),
		"another version is none");
	text_free(&record);
}

int main(void)
{
	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++)
		story(i);
	records();
	return done_testing();
}
