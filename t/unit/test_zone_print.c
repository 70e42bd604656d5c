/* Two databases' fingerprints beside each other, and when a difference is one. */
#include "common/model/zone_print.h"
#include "t/unit/tap.h"

enum { MOST_NAMES = 200 };

struct found {
	char names[MOST_NAMES];
};

static void note(void *context, const char *name)
{
	struct found *found = context;

	snprintf(found->names + strlen(found->names), sizeof(found->names) - strlen(found->names),
		"%s%s", *found->names ? " " : "", name);
}

/* "a=1 b=2": names, and what their records hash to. */
static void fill(struct zone_prints *prints, const char *zones)
{
	char copy[MOST_NAMES];
	uint64_t id = 0;

	*prints = (struct zone_prints){ 0 };
	snprintf(copy, sizeof(copy), "%s", zones);
	for (char *zone = strtok(copy, " "); zone; zone = strtok(NULL, " ")) {
		char *equals = strchr(zone, '=');

		*equals = '\0';
		zone_prints_add(prints, ++id, zone, 77);
		zone_prints_count(prints, id, CONTENT_RECORDS, 1, (uint64_t)(equals[1] - '0'));
	}
	zone_prints_close(prints);
}

static const struct {
	const char *name, *here, *there, *differing;
} lists[] = {
	{ "nothing on both sides", "", "", "" },
	{ "the same", "a=1 b=2", "a=1 b=2", "" },
	{ "other ids, the same names", "a=1 b=2", "b=2 a=1", "" },
	{ "names are compared without case", "A=1", "a=1", "" },
	{ "another record", "a=1 b=2 c=3", "a=1 b=9 c=3", "b" },
	{ "missing here", "a=1 c=3", "a=1 b=2 c=3 d=4", "b d" },
	{ "missing there", "a=1 b=2 c=3", "b=2", "a c" },
	{ "nothing here", "", "a=1 b=2", "a b" },
	{ "a blank sorts before a dot", "a=1 a.b=2 a-b=3", "a.b=2 a-b=4 a=1", "a-b" },
};

static void lists_are_compared(void)
{
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		struct zone_prints here, there;
		struct found found = { "" };

		fill(&here, lists[i].here);
		fill(&there, lists[i].there);
		zone_prints_differing(&here, &there, note, &found);
		is_string(found.names, lists[i].differing, lists[i].name);
		zone_prints_free(&here);
		zone_prints_free(&there);
	}
}

static void rows_go_to_their_zone(void)
{
	struct zone_prints prints = { 0 };
	const struct zone_print *print;

	ok(zone_prints_add(&prints, 3, "b", 7) && zone_prints_add(&prints, 9, "a", 8), "two zones");
	ok(!zone_prints_add(&prints, 9, "c", 8), "an id that does not rise is refused");
	zone_prints_count(&prints, 9, CONTENT_RECORDS, 2, 20);
	zone_prints_count(&prints, 9, CONTENT_RECORDS, 1, 30);
	zone_prints_count(&prints, 4, CONTENT_RECORDS, 5, 50);
	zone_prints_count(&prints, 0, CONTENT_KEYS, 1, 60);
	zone_prints_close(&prints);
	print = zone_prints_find(&prints, "A");
	is_integer(print->counts[CONTENT_RECORDS], 3, "counts add up");
	is_integer((int64_t)print->hashes[CONTENT_RECORDS], 50, "hashes, too");
	is_integer(prints.orphans.counts[CONTENT_RECORDS], 5, "of no zone");
	is_integer(prints.orphans.counts[CONTENT_KEYS], 1, "without a zone's id");
	is_integer(zone_prints_find(&prints, "absent")->counts[CONTENT_DOMAIN], 0,
		"what is not there has no rows");
	zone_prints_free(&prints);
	is_integer(zone_prints_find(&prints, "a")->counts[CONTENT_DOMAIN], 0, "nothing at all");
}

/* By hash: what the primary showed, the replica before, the replica now, the primary again. */
static const struct {
	const char *name;
	uint64_t before, earlier, here, after;
	enum print_verdict verdict;
} moments[] = {
	{ "the same all the time", 1, 1, 1, 1, PRINT_SAME },
	{ "it had not arrived yet", 2, 1, 2, 2, PRINT_SAME },
	{ "the change came between", 1, 1, 2, 2, PRINT_SAME },
	{ "the change is on its way", 1, 1, 1, 2, PRINT_SAME },
	{ "another one, and nothing moves", 1, 5, 5, 1, PRINT_DIFFERENT },
	{ "missing, and nothing moves", 1, 0, 0, 1, PRINT_DIFFERENT },
	{ "only here, and nothing moves", 0, 5, 5, 0, PRINT_DIFFERENT },
	{ "the primary moves", 1, 5, 5, 2, PRINT_UNSETTLED },
	{ "the replica moves", 1, 4, 5, 1, PRINT_UNSETTLED },
	{ "there and back again while it was looked at", 1, 1, 2, 1, PRINT_UNSETTLED },
};

static void moments_are_told_apart(void)
{
	for (size_t i = 0; i < sizeof(moments) / sizeof(*moments); i++) {
		struct zone_print prints[4] = { 0 };
		const uint64_t hashes[] = { moments[i].before, moments[i].earlier, moments[i].here,
			moments[i].after };

		for (size_t p = 0; p < 4; p++) {
			prints[p].hashes[CONTENT_RECORDS] = hashes[p];
			prints[p].counts[CONTENT_DOMAIN] = hashes[p] != 0;
		}
		is_integer(zone_print_settle(&prints[0], &prints[1], &prints[2], &prints[3]),
			moments[i].verdict, moments[i].name);
	}
}

static const struct {
	const char *content;
	int64_t serial; /* -1: it is no SOA */
} soas[] = {
	{ "ns1.example.com hostmaster.example.com 2026112201 10800 3600 604800 3600", 2026112201 },
	{ " a  b\t0 1 1 1 1", 0 },
	{ "a b 4294967295", 4294967295 },
	{ "a b 4294967296 1 1 1 1", -1 },
	{ "a b 00000000001 1", -1 },
	{ "a b c 1 1 1", -1 },
	{ "a b -1 1 1 1", -1 },
	{ "a b", -1 },
	{ "", -1 },
	{ "not an SOA", -1 },
};

static void serials_are_read(void)
{
	for (size_t i = 0; i < sizeof(soas) / sizeof(*soas); i++) {
		uint32_t serial = 0;
		bool found = content_soa_serial(soas[i].content, &serial);

		is_integer(found ? (int64_t)serial : -1, soas[i].serial, soas[i].content);
	}
}

static void everything_has_a_name(void)
{
	is_string(content_outcome_name(CONTENT_NOT_REACHED), "not_reached", "an outcome");
	is_string(content_part_name(CONTENT_KEYS), "keys", "a part");
	is_string(content_relation_name(CONTENT_UNSETTLED), "unsettled", "a relation");
}

int main(void)
{
	lists_are_compared();
	rows_go_to_their_zone();
	moments_are_told_apart();
	serials_are_read();
	everything_has_a_name();
	return done_testing();
}
