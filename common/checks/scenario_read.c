/* Reading scenarios: strict, every error with its file and line. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/checks/scenario.h"
#include "common/checks/scenario_fields.h"
#include "common/dns/name.h"

enum { MOST_WORDS = 300, MOST_BYTES = 64 * 1024 * 1024 };

/* A pair waits until the plan is closed, which numbers the pairs. */
struct read_pair {
	uint32_t zone, server;
	unsigned flags;
	struct soa_observation seen;
};

struct reader {
	struct run *run;
	struct fault *fault, why;
	char *words[MOST_WORDS];
	size_t word_count;
	struct read_pair *pairs;
	size_t pair_count, pair_capacity;
	uint8_t *tcp_outcomes; /* per server */
	size_t tcp_capacity;
	struct transfer_observation *transfers;
	size_t transfer_count;
};

static bool wrong(struct reader *reader, const char *what)
{
	return fault_set(reader->fault, "%s", what);
}

/* %XX back into bytes, in place. */
static void decode(char *word)
{
	char *to = word, hex[3] = { 0 };

	for (; *word; word++) {
		if (word[0] == '%' && word[1] && word[2]) {
			memcpy(hex, word + 1, 2);
			*to++ = (char)strtoul(hex, NULL, 16);
			word += 2;
		} else {
			*to++ = *word;
		}
	}
	*to = '\0';
}

/* The value of KEY=VALUE among the words, or NULL. */
static const char *value_of(const struct reader *reader, const char *key)
{
	size_t length = strlen(key);

	for (size_t i = 1; i < reader->word_count; i++) {
		if (!strncmp(reader->words[i], key, length) && reader->words[i][length] == '=')
			return reader->words[i] + length + 1;
	}
	return NULL;
}

/* The n-th word that is no KEY=VALUE, the keyword not counted. */
static const char *plain_word(const struct reader *reader, size_t which)
{
	for (size_t i = 1; i < reader->word_count; i++) {
		if (!strchr(reader->words[i], '=') && which-- == 0)
			return reader->words[i];
	}
	return NULL;
}

static bool to_number(const char *text, int64_t *number)
{
	char *end;

	errno = 0;
	*number = text ? strtoll(text, &end, 10) : 0;
	return text && end != text && !*end && !errno;
}

static bool number_of(struct reader *reader, const char *key, int64_t least, int64_t most,
	int64_t *number)
{
	const char *text = value_of(reader, key);

	if (!to_number(text, number) || *number < least || *number > most)
		return fault_set(reader->fault, "%s= is missing or no number that can be", key);
	return true;
}

static bool outcome_of(struct reader *reader, const char *key, uint8_t *into)
{
	const char *text = value_of(reader, key);
	enum outcome outcome = OUTCOME_NOT_ASKED;

	if (text && !outcome_from_name(text, &outcome))
		return fault_set(reader->fault, "%s=%s: there is no such outcome", key, text);
	*into = (uint8_t)outcome;
	return true;
}

static bool fields_of(struct reader *reader, const struct scenario_field *fields, void *base)
{
	for (; fields->name; fields++) {
		int64_t number = fields->absent;
		const char *text = value_of(reader, fields->name);

		if (text && (!to_number(text, &number) || number < 0 || number > UINT32_MAX))
			return fault_set(reader->fault, "%s=%s is no number that can be",
				fields->name, text);
		scenario_set(fields, base, (uint32_t)number);
	}
	return true;
}

static bool name_of(struct reader *reader, const char *text, uint8_t name[NAME_WIRE])
{
	if (!text)
		return wrong(reader, "a name is missing");
	return name_from_text(text, name, reader->fault) > 0;
}

static bool address_of(struct reader *reader, const char *text, struct address *address)
{
	return (text && address_from_text(text, address) && address->port) ||
		wrong(reader, "an address is missing, or is not ADDRESS@PORT");
}

static bool read_run(struct reader *reader)
{
	const char *trouble = value_of(reader, "resolver_trouble");
	int64_t now, queries, retries, deadline = 0;

	if (!number_of(reader, "now", 0, INT64_MAX, &now) ||
		!number_of(reader, "queries", 0, INT64_MAX, &queries) ||
		!number_of(reader, "retries", 0, INT64_MAX, &retries))
		return false;
	if (value_of(reader, "deadline_reached") &&
		!number_of(reader, "deadline_reached", 0, 1, &deadline))
		return false;
	reader->run->judged_s = reader->run->started_s = now;
	reader->run->seen.queries = (uint64_t)queries;
	reader->run->seen.retries = (uint64_t)retries;
	reader->run->seen.deadline_reached = deadline;
	if (trouble)
		reader->run->plan.resolver_trouble =
			arena_string(&reader->run->plan.arena, trouble);
	return true;
}

static bool read_name(struct reader *reader)
{
	const char *fate = value_of(reader, "fate"), *option = value_of(reader, "option");
	uint8_t name[NAME_WIRE];
	uint32_t index;

	if (!name_of(reader, plain_word(reader, 0), name))
		return false;
	for (enum name_fate each = 0; fate && each < NAME_FATE_COUNT; each++) {
		if (!strcmp(fate, name_fate_name(each))) {
			index = plan_add_name(&reader->run->plan, name, each);
			if (option)
				reader->run->plan.names[index].option =
					arena_string(&reader->run->plan.arena, option);
			return true;
		}
	}
	return wrong(reader, "fate= is missing or unknown");
}

static bool read_zone_names(struct reader *reader, uint32_t zone)
{
	char *list = (char *)(uintptr_t)value_of(reader, "names"), *each;
	int64_t index;

	while (list && (each = strsep(&list, ","))) {
		if (!to_number(each, &index) || index < 0 ||
			(size_t)index >= reader->run->plan.name_count)
			return wrong(reader, "names= has a number that no name line has");
		plan_zone_name(&reader->run->plan, zone, (uint32_t)index);
	}
	return true;
}

static bool read_zone(struct reader *reader)
{
	struct run *run = reader->run;
	const char *source = value_of(reader, "ns_source");
	uint8_t name[NAME_WIRE];
	int64_t known = 0;
	uint32_t zone;

	if (!name_of(reader, plain_word(reader, 0), name))
		return false;
	if (value_of(reader, "known") && !number_of(reader, "known", 0, 1, &known))
		return false;
	zone = plan_add_zone(&run->plan, name);
	for (enum ns_source each = 0; source && each < NS_SOURCE_COUNT; each++) {
		if (!strcmp(source, ns_source_name(each)))
			run->plan.zones[zone].ns_source = each;
	}
	if (zone >= run->past.zone_count) {
		struct zone_history *zones =
			arena_array(&run->past.arena, zone + 1, sizeof(*zones));

		if (zone)
			memcpy(zones, run->past.zones, zone * sizeof(*zones));
		run->past.zones = zones;
		run->past.zone_count = zone + 1;
	}
	run->past.zones[zone].known = known;
	return read_zone_names(reader, zone);
}

static bool read_server(struct reader *reader)
{
	struct plan *plan = &reader->run->plan;
	const char *text = plain_word(reader, 0);
	uint8_t name[NAME_WIRE], outcome;
	struct address address;
	int64_t independent = 0;
	uint32_t server;
	bool named = text && strcmp(text, "-");

	if ((named && !name_of(reader, text, name)) ||
		!address_of(reader, plain_word(reader, 1), &address) ||
		!outcome_of(reader, "tcp_outcome", &outcome))
		return false;
	if (value_of(reader, "independent") &&
		!number_of(reader, "independent", 0, 1, &independent))
		return false;
	server = plan_add_server(plan, named ? name : NULL, &address);
	plan->servers[server].independent = independent;
	if (server >= reader->tcp_capacity) {
		reader->tcp_capacity = (size_t)server * 2 + 16;
		reader->tcp_outcomes = memory_resize(reader->tcp_outcomes, reader->tcp_capacity, 1);
	}
	reader->tcp_outcomes[server] = outcome;
	return true;
}

static bool read_fields(struct reader *reader)
{
	struct soa_fields fields;
	int64_t numbers[4];

	memset(&fields, 0, sizeof(fields));
	if (!name_of(reader, plain_word(reader, 0), fields.mname) ||
		!name_of(reader, plain_word(reader, 1), fields.rname))
		return false;
	for (size_t i = 0; i < 4; i++) {
		if (!to_number(plain_word(reader, 2 + i), &numbers[i]) || numbers[i] < 0 ||
			numbers[i] > UINT32_MAX)
			return wrong(reader, "MNAME RNAME refresh retry expire minimum are wanted");
	}
	fields.refresh = (uint32_t)numbers[0];
	fields.retry = (uint32_t)numbers[1];
	fields.expire = (uint32_t)numbers[2];
	fields.minimum = (uint32_t)numbers[3];
	observations_fields(&reader->run->seen, &fields);
	return true;
}

static bool read_text(struct reader *reader)
{
	const char *text = reader->word_count > 1 ? reader->words[1] : "";

	observations_text(&reader->run->seen, text, strlen(text));
	return true;
}

static bool read_ns_set(struct reader *reader)
{
	uint8_t(*names)[NAME_WIRE] =
		arena_array(&reader->run->arena, reader->word_count, sizeof(*names));
	const uint8_t **pointers =
		arena_array(&reader->run->arena, reader->word_count, sizeof(*pointers));

	for (size_t i = 1; i < reader->word_count; i++) {
		if (!name_of(reader, reader->words[i], names[i - 1]))
			return false;
		pointers[i - 1] = names[i - 1];
	}
	observations_ns_set(&reader->run->seen, pointers, reader->word_count - 1);
	return true;
}

static bool flags_of(struct reader *reader, unsigned *flags)
{
	char *list = (char *)(uintptr_t)value_of(reader, "flags"), *each;

	while (list && (each = strsep(&list, ","))) {
		const struct scenario_flag *flag = scenario_pair_flags;

		while (flag->name && strcmp(flag->name, each))
			flag++;
		if (!flag->name)
			return fault_set(reader->fault, "flags=: there is no flag \"%s\"", each);
		*flags |= flag->bit;
	}
	return true;
}

static bool read_pair(struct reader *reader)
{
	const struct plan *plan = &reader->run->plan;
	const struct observations *seen = &reader->run->seen;
	struct read_pair pair = { 0 };
	int64_t zone, server;

	if (!number_of(reader, "zone", 0, (int64_t)plan->zone_count - 1, &zone) ||
		!number_of(reader, "server", 0, (int64_t)plan->server_count - 1, &server) ||
		!flags_of(reader, &pair.flags) ||
		!outcome_of(reader, "outcome", &pair.seen.outcome) ||
		!outcome_of(reader, "udp_outcome", &pair.seen.udp_outcome) ||
		!outcome_of(reader, "ns_outcome", &pair.seen.ns_outcome) ||
		!fields_of(reader, scenario_pair_fields, &pair.seen))
		return false;
	if (pair.seen.fields >= seen->field_count || pair.seen.nsid >= seen->text_count ||
		pair.seen.ede_text >= seen->text_count || pair.seen.ns_set >= seen->ns_set_count)
		return wrong(reader,
			"fields=, nsid=, ede_text= or ns_set= names a line that is not there");
	pair.zone = (uint32_t)zone;
	pair.server = (uint32_t)server;
	if (reader->pair_count == reader->pair_capacity) {
		reader->pair_capacity = reader->pair_capacity ? reader->pair_capacity * 2 : 16;
		reader->pairs =
			memory_resize(reader->pairs, reader->pair_capacity, sizeof(*reader->pairs));
	}
	reader->pairs[reader->pair_count++] = pair;
	return true;
}

static bool read_transfer(struct reader *reader)
{
	const struct run *run = reader->run;
	struct transfer_observation transfer = { 0 };

	if (!outcome_of(reader, "outcome", &transfer.outcome) ||
		!fields_of(reader, scenario_transfer_fields, &transfer))
		return false;
	if (transfer.zone >= run->plan.zone_count || transfer.server >= run->plan.server_count ||
		transfer.ede_text >= run->seen.text_count)
		return wrong(reader, "zone=, server= or ede_text= names a line that is not there");
	reader->transfers = memory_resize(reader->transfers, reader->transfer_count + 1,
		sizeof(*reader->transfers));
	reader->transfers[reader->transfer_count++] = transfer;
	return true;
}

static bool read_serial(struct reader *reader)
{
	int64_t zone, serial, first;
	struct zone_history *past;

	if (!number_of(reader, "zone", 0, (int64_t)reader->run->plan.zone_count - 1, &zone) ||
		!to_number(plain_word(reader, 0), &serial) || serial < 0 || serial > UINT32_MAX ||
		!to_number(plain_word(reader, 1), &first))
		return wrong(reader, "zone=N SERIAL FIRST-SEEN are wanted");
	past = &reader->run->past.zones[zone];
	if (past->serial_count == HISTORY_SERIALS)
		return wrong(reader, "too many serials for one zone");
	past->serials[past->serial_count++] = (struct seen_serial){ (uint32_t)serial, first };
	return true;
}

static bool read_past(struct reader *reader)
{
	struct server_past past = { .nsid = value_of(reader, "nsid"),
		.name = plain_word(reader, 0) };
	int64_t zone, since, listed = 0;

	if (!number_of(reader, "zone", 0, (int64_t)reader->run->plan.zone_count - 1, &zone) ||
		!past.name || !address_of(reader, plain_word(reader, 1), &past.address) ||
		!outcome_of(reader, "outcome", &past.outcome) ||
		!number_of(reader, "since", 0, INT64_MAX, &since))
		return false;
	if (value_of(reader, "listed") && !number_of(reader, "listed", 0, 1, &listed))
		return false;
	past.since_s = since;
	past.listed = listed;
	if (!past.nsid)
		past.nsid = "";
	history_see_server(&reader->run->past.zones[zone], &past, &reader->run->past.arena);
	return true;
}

static bool read_line(struct reader *reader)
{
	static const struct {
		const char *keyword;
		bool (*read)(struct reader *reader);
	} lines[] = {
		{ "run", read_run },
		{ "name", read_name },
		{ "zone", read_zone },
		{ "server", read_server },
		{ "fields", read_fields },
		{ "text", read_text },
		{ "ns_set", read_ns_set },
		{ "pair", read_pair },
		{ "transfer", read_transfer },
		{ "serial", read_serial },
		{ "past", read_past },
	};

	if (!strcmp(reader->words[0], "option") || !strcmp(reader->words[0], "scenario"))
		return true; /* scenario_options() took them */
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		if (!strcmp(reader->words[0], lines[i].keyword))
			return lines[i].read(reader);
	}
	return fault_set(reader->fault, "there is no line that begins with \"%s\"",
		reader->words[0]);
}

static void split(struct reader *reader, char *line)
{
	char *word;

	reader->word_count = 0;
	while ((word = strsep(&line, " \t\r")) && reader->word_count < MOST_WORDS) {
		if (!*word)
			continue;
		if (reader->word_count == 0 && *word == '#')
			return;
		decode(word);
		reader->words[reader->word_count++] = word;
	}
}

/* Into the arrays that are parallel to the plan's. */
static void place(struct reader *reader)
{
	struct run *run = reader->run;
	struct arena *arena = &run->seen.arena;
	uint8_t *next;

	for (size_t i = 0; i < reader->pair_count; i++)
		plan_assign(&run->plan, reader->pairs[i].zone, reader->pairs[i].server,
			reader->pairs[i].flags);
	plan_close(&run->plan);
	run->seen.soa = arena_array(arena, run->plan.pair_count, sizeof(*run->seen.soa));
	run->seen.servers = arena_array(arena, run->plan.server_count, sizeof(*run->seen.servers));
	next = arena_array(arena, run->plan.pair_count, 1);
	for (size_t i = 0; i < reader->pair_count; i++) {
		const struct zone *zone = &run->plan.zones[reader->pairs[i].zone];
		uint32_t pair = zone->first_pair;

		while (run->plan.assigned[pair] != reader->pairs[i].server || next[pair])
			pair++;
		next[pair] = 1;
		run->seen.soa[pair] = reader->pairs[i].seen;
	}
	for (size_t s = 0; s < run->plan.server_count; s++)
		run->seen.servers[s].tcp_outcome = reader->tcp_outcomes[s];
	run->seen.transfers =
		arena_array(arena, reader->transfer_count, sizeof(*run->seen.transfers));
	if (reader->transfer_count)
		memcpy(run->seen.transfers, reader->transfers,
			reader->transfer_count * sizeof(*run->seen.transfers));
	run->seen.transfer_count = reader->transfer_count;
}

/* Two pair lines for the same zone and server would have no place of their own. */
static bool check_pairs(struct reader *reader)
{
	struct map seen = { 0 };
	bool good = true;

	for (size_t i = 0; i < reader->pair_count && good; i++)
		map_put(&seen, &reader->pairs[i], 2 * sizeof(uint32_t), 0, &good);
	map_free(&seen);
	return good || wrong(reader, "two pair lines are about the same zone and server");
}

static bool read_lines(struct reader *reader, struct text *content)
{
	char *rest = content->bytes, *line;
	unsigned number = 0;

	reader->fault = &reader->why;
	while (rest && (line = strsep(&rest, "\n"))) {
		number++;
		split(reader, line);
		if (reader->word_count && !read_line(reader))
			return fault_set(reader->fault, "%s:%u: %s", reader->run->common->replay,
				number, reader->why.text);
	}
	if (!check_pairs(reader))
		return fault_set(reader->fault, "%s: %s", reader->run->common->replay,
			reader->why.text);
	return true;
}

bool scenario_read(struct run *run, struct fault *fault)
{
	struct reader reader = { .run = run };
	struct text content = { 0 };
	bool good;

	observations_begin(&run->seen, 0, 0);
	plan_free(&run->plan);
	plan_begin(&run->plan);
	good = text_read_file(&content, run->common->replay, MOST_BYTES, fault);
	if (good) {
		good = read_lines(&reader, &content);
		if (good)
			place(&reader);
		else
			*fault = *reader.fault;
	}
	run->plan.has_primary = run->common->hostname != NULL;
	text_free(&content);
	free(reader.pairs);
	free(reader.tcp_outcomes);
	free(reader.transfers);
	return good;
}

/* The first line must say so: a stranger's file is no scenario. */
static bool collect_options(struct run *run, char *content, char **words, size_t most,
	size_t *count, struct fault *fault)
{
	struct reader reader = { .run = run };
	unsigned number = 0;
	char *line;

	while ((line = strsep(&content, "\n"))) {
		split(&reader, line);
		if (number++ == 0 &&
			(reader.word_count != 2 || strcmp(reader.words[0], "scenario") ||
				strcmp(reader.words[1], "1")))
			return fault_set(fault,
				"--replay: %s is no scenario: its first line must be \"scenario 1\"",
				run->common->replay);
		if (reader.word_count != 2 || strcmp(reader.words[0], "option"))
			continue;
		if (*count == most)
			return fault_set(fault, "--replay: %s has more than %zu options",
				run->common->replay, most);
		words[(*count)++] = arena_string(&run->arena, reader.words[1]);
	}
	return true;
}

bool scenario_options(struct run *run, void *values, int argc, char **argv, struct fault *fault)
{
	char *words[1024];
	struct text content = { 0 }, shown = { 0 };
	size_t count = 1;
	bool good;

	words[0] = argv[0];
	good = text_read_file(&content, run->common->replay, MOST_BYTES, fault) &&
		collect_options(run, content.bytes, words,
			sizeof(words) / sizeof(words[0]) - (size_t)argc, &count, fault);
	for (int i = 1; good && i < argc; i++)
		words[count++] = argv[i];
	if (good) {
		words[count] = NULL;
		memset(values, 0, run->check->values_size);
		good = options_parse(&run->check->options, (int)count, words, values, &run->arena,
			       &shown, fault) == OPTIONS_RUN;
	}
	text_free(&content);
	text_free(&shown);
	return good;
}
