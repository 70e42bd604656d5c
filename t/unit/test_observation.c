/* Observations: names of outcomes, and what is kept once: texts, SOA fields, NS sets. */
#include <stdlib.h>

#include "common/dns/name.h"
#include "common/model/observation.h"
#include "t/unit/tap.h"

static void outcomes(void)
{
	enum outcome outcome, back, other;

	for (outcome = OUTCOME_NOT_ASKED; outcome < OUTCOME_COUNT; outcome++) {
		const char *name = outcome_name(outcome);

		ok(name && outcome_from_name(name, &back) && back == outcome,
			"outcome %s has a name of its own", name);
		for (other = OUTCOME_NOT_ASKED; other < outcome; other++)
			if (!strcmp(name, outcome_name(other)))
				ok(false, "%s stands for two outcomes", name);
	}
	ok(!outcome_from_name("", &back) && !outcome_from_name("Answered", &back),
		"other words are none");
}

static void beginning(void)
{
	struct observations seen;

	observations_begin(&seen, 3, 2);
	ok(seen.soa[2].outcome == OUTCOME_NOT_ASKED && seen.soa[2].expire_s == EXPIRE_NONE &&
			seen.soa[2].ede_code == EDE_NONE,
		"nothing is asked yet, no EXPIRE, no EDE");
	ok(seen.servers[1].tcp_outcome == OUTCOME_NOT_ASKED, "no server was probed");
	is_string(seen.texts[0], "", "text 0 is empty");
	ok(!seen.ns_sets[0].count && !seen.ns_sets[0].length, "NS set 0 is empty");
	observations_free(&seen);
	ok(!seen.texts && !seen.soa, "and all of it can be freed");
	observations_begin(&seen, 0, 0);
	observations_free(&seen);
}

static uint32_t text_of(struct observations *seen, const char *text)
{
	return observations_text(seen, text, strlen(text));
}

static void texts(void)
{
	struct observations seen;
	unsigned at, wrong = 0;
	uint32_t first;
	char text[32];

	observations_begin(&seen, 0, 0);
	first = text_of(&seen, "zone expired");
	ok(first && text_of(&seen, "zone expired") == first, "equal texts are one");
	ok(text_of(&seen, "  zone expired\n") == first, "after cleaning");
	ok(text_of(&seen, "zone expire") != first, "others are others");
	ok(!text_of(&seen, "") && !text_of(&seen, " \n") && !observations_text(&seen, NULL, 0),
		"nothing is text 0");
	first = text_of(&seen, "a|b <c>");
	is_string(seen.texts[first], "a/b (c)", "texts are clean");
	for (at = 0; at < 5000; at++) {
		snprintf(text, sizeof(text), "server %u", at % 2500);
		first = text_of(&seen, text);
		wrong += strcmp(seen.texts[first], text) != 0;
	}
	is_integer(wrong, 0, "2500 texts, each twice");
	is_integer((int64_t)seen.text_count, 1 + 3 + 2500, "and each kept once");
	observations_free(&seen);
}

static struct soa_fields fields_of(const char *mname, const char *rname, uint32_t refresh)
{
	struct soa_fields fields = { .refresh = refresh,
		.retry = 900,
		.expire = 604800,
		.minimum = 300 };
	struct fault fault;

	name_from_text(mname, fields.mname, &fault);
	name_from_text(rname, fields.rname, &fault);
	return fields;
}

static void fields(void)
{
	static const struct {
		const char *name, *mname, *rname;
		uint32_t refresh;
		bool same;
	} table[] = {
		{ "the same again", "ns1.example.com", "hostmaster.example.com", 3600, true },
		{ "in other letters", "NS1.example.COM", "Hostmaster.Example.com", 3600, true },
		{ "another refresh", "ns1.example.com", "hostmaster.example.com", 3601, false },
		{ "another primary", "ns2.example.com", "hostmaster.example.com", 3600, false },
		{ "another mailbox", "ns1.example.com", "root.example.com", 3600, false },
	};
	struct soa_fields first = fields_of("ns1.example.com", "hostmaster.example.com", 3600);
	struct observations seen;
	unsigned refresh, wrong = 0;
	uint32_t index;
	size_t at;

	observations_begin(&seen, 0, 0);
	is_integer(observations_fields(&seen, &first), 1, "the first fields are number 1");
	for (at = 0; at < sizeof(table) / sizeof(*table); at++) {
		struct soa_fields other =
			fields_of(table[at].mname, table[at].rname, table[at].refresh);

		index = observations_fields(&seen, &other);

		ok((index == 1) == table[at].same, "%s", table[at].name);
		ok(seen.fields[index]->refresh == table[at].refresh &&
				name_equal(soa_mname(seen.fields[index]), other.mname),
			"... is kept as it came");
	}
	for (refresh = 0; refresh < 3000; refresh++) {
		first.refresh = 100000 + refresh;
		index = observations_fields(&seen, &first);
		wrong += seen.fields[index]->refresh != first.refresh;
	}
	is_integer(wrong, 0, "3000 more");
	is_integer((int64_t)seen.field_count, 1 + 1 + 3 + 3000, "each kept once");
	first = (struct soa_fields){ 0 };
	ok(observations_fields(&seen, &first) != 0,
		"the root as primary and mailbox is no missing SOA");
	observations_free(&seen);
}

enum { NAMES_MOST = 8 };

/* Names parted by blanks. */
static uint32_t ns_set_of(struct observations *seen, const char *words)
{
	uint8_t wire[NAMES_MOST][NAME_WIRE];
	const uint8_t *names[NAMES_MOST];
	char copy[256], *word, *next;
	struct fault fault;
	size_t count = 0;

	snprintf(copy, sizeof(copy), "%s", words);
	for (word = strtok_r(copy, " ", &next); word; word = strtok_r(NULL, " ", &next)) {
		name_from_text(word, wire[count], &fault);
		names[count] = wire[count];
		count++;
	}
	return observations_ns_set(seen, names, count);
}

static void ns_set_names(const struct ns_set *set, char *out, size_t capacity)
{
	const uint8_t *name = set->names;
	char text[NAME_TEXT];
	size_t length = 0;

	*out = '\0';
	while (set->length && name < set->names + set->length) {
		length += (size_t)snprintf(out + length, capacity - length, "%s%s",
			length ? " " : "", name_to_text(name, text));
		name += name_length(name);
	}
}

static void ns_sets(void)
{
	static const struct {
		const char *in, *out;
		uint32_t index, count;
	} table[] = {
		{ "", "", 0, 0 },
		{ "ns2.example.com ns1.example.com", "ns1.example.com. ns2.example.com.", 1, 2 },
		{ "NS1.Example.com ns2.example.com", "ns1.example.com. ns2.example.com.", 1, 2 },
		{ "ns1.example.com ns2.example.com NS2.example.com ns1.example.com",
			"ns1.example.com. ns2.example.com.", 1, 2 },
		{ "ns1.example.com", "ns1.example.com.", 2, 1 },
		{ "ns1.example.com .", ". ns1.example.com.", 3, 2 },
		{ "a.a-much-longer-name.example.net b.c d.e f.g",
			"b.c. d.e. f.g. a.a-much-longer-name.example.net.", 4, 4 },
		{ "ns2.example.com ns1.example.com", "ns1.example.com. ns2.example.com.", 1, 2 },
	};
	struct observations seen;
	char out[512];
	size_t at;

	observations_begin(&seen, 0, 0);
	for (at = 0; at < sizeof(table) / sizeof(*table); at++) {
		uint32_t index = ns_set_of(&seen, table[at].in);

		is_integer(index, table[at].index, table[at].in);
		is_integer(seen.ns_sets[index].count, table[at].count, "... so many names");
		ns_set_names(&seen.ns_sets[index], out, sizeof(out));
		is_string(out, table[at].out, "... sorted, in lower case, each once");
	}
	is_integer((int64_t)seen.ns_set_count, 5, "equal sets are kept once");
	observations_free(&seen);
}

int main(void)
{
	outcomes();
	beginning();
	texts();
	fields();
	ns_sets();
	return done_testing();
}
