/* History between runs: records of bytes, and the TDB file that keeps them. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/dns/name.h"
#include "common/model/observation.h"
#include "common/probe/state.h"
#include "common/probe/state_record.h"
#include "t/unit/tap.h"

enum { NOW = 1795324740, OWNER = 12345, PATH = 4096 };

static void fill(struct zone_history *zone, unsigned serials, unsigned servers, struct arena *arena)
{
	char name[64], nsid[300];

	for (unsigned i = 0; i < serials; i++)
		history_put_serial(zone, &(struct seen_serial){ 0xfffffff0u + i, NOW + i }, arena);
	memset(nsid, 'n', sizeof(nsid));
	for (unsigned i = 0; i < servers; i++) {
		struct server_past past = { .name = name,
			.nsid = nsid + (i % 3 ? sizeof(nsid) - 1 - i : 45),
			.outcome = (uint8_t)(i % OUTCOME_COUNT),
			.listed = i % 2,
			.since_s = NOW - i };

		nsid[sizeof(nsid) - 1] = '\0';
		snprintf(name, sizeof(name), "ns%u.example.com.", i);
		past.address = (struct address){ .family = i % 2 ? 6 : 4,
			.port = (uint16_t)(53 + i),
			.scope = i,
			.bytes[3] = (uint8_t)i };
		history_see_server(zone, &past, arena);
	}
}

static bool same_history(const struct zone_history *a, const struct zone_history *b)
{
	if (a->serial_count != b->serial_count || a->server_count != b->server_count)
		return false;
	for (unsigned i = 0; i < a->serial_count; i++) {
		if (a->serials[i].serial != b->serials[i].serial ||
			a->serials[i].first_seen_s != b->serials[i].first_seen_s)
			return false;
	}
	for (unsigned i = 0; i < a->server_count; i++) {
		const struct server_past *one = &a->servers[i], *other = &b->servers[i];

		if (strcmp(one->name, other->name) || strcmp(one->nsid, other->nsid) ||
			!address_equal(&one->address, &other->address) ||
			one->outcome != other->outcome || one->listed != other->listed ||
			one->since_s != other->since_s)
			return false;
	}
	return true;
}

static void round_trips(void)
{
	static const struct {
		unsigned serials, servers;
	} rows[] = { { 0, 0 }, { 1, 0 }, { 0, 1 }, { 3, 4 }, { HISTORY_SERIALS, HISTORY_SERVERS } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct zone_history zone = { 0 }, back;
		struct arena arena = { 0 };
		struct text record = { 0 };

		fill(&zone, rows[i].serials, rows[i].servers, &arena);
		state_record_write(&zone, &record);
		ok(state_record_parse((const uint8_t *)text_string(&record), record.length, &arena,
			   &back) &&
				same_history(&zone, &back),
			"%u serials and %u servers in %zu bytes", rows[i].serials, rows[i].servers,
			record.length);
		ok(back.known && !back.changed, "are known, and unchanged");
		text_free(&record);
		arena_free(&arena);
	}
}

/* Whatever the bytes are, the result can be used; what is cut or too long is no record. */
static void damaged_records(void)
{
	struct zone_history zone = { 0 }, back;
	struct arena arena = { 0 };
	struct text record = { 0 };
	unsigned taken = 0, wrong = 0;
	uint8_t *bytes;

	fill(&zone, 5, 6, &arena);
	state_record_write(&zone, &record);
	bytes = (uint8_t *)record.bytes;
	for (size_t length = 0; length < record.length; length++)
		taken += state_record_parse(bytes, length, &arena, &back);
	is_integer(taken, 0, "no part of a record is one");
	ok(!back.known && !back.serials && !back.servers, "and leaves an empty history");
	for (size_t at = 0; at < record.length; at++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			bytes[at] ^= (uint8_t)(1 << bit);
			if (state_record_parse(bytes, record.length, &arena, &back)) {
				for (unsigned i = 0; i < back.server_count; i++)
					wrong += back.servers[i].outcome >= OUTCOME_COUNT;
				for (unsigned i = 0; i < back.serial_count; i++)
					wrong += !history_is_date(back.serials[i].first_seen_s);
			}
			bytes[at] ^= (uint8_t)(1 << bit);
		}
	}
	is_integer(wrong, 0, "no flipped bit gives what can't be");
	text_add(&record, "x");
	ok(!state_record_parse((uint8_t *)record.bytes, record.length, &arena, &back),
		"a longer one is none");
	text_free(&record);
	arena_free(&arena);
}

/* A plan of zones zN.example. */
static void plan_of(struct plan *plan, unsigned zones)
{
	struct fault fault = { { 0 } };
	uint8_t name[NAME_WIRE];
	char text[32];

	plan_begin(plan);
	for (unsigned i = 0; i < zones; i++) {
		snprintf(text, sizeof(text), "z%u.example", i);
		name_from_text(text, name, &fault);
		plan_add_zone(plan, name);
	}
	plan_close(plan);
}

/* Adds one serial to what is there; `context` counts. */
static void add_serial(void *context, uint32_t zone, struct zone_history *history,
	struct arena *arena)
{
	uint32_t next = history->serial_count
		? history->serials[history->serial_count - 1].serial + 1
		: zone * 1000;

	(*(unsigned *)context)++;
	history_put_serial(history, &(struct seen_serial){ next, NOW }, arena);
}

static bool write_all(struct state *state, const struct plan *plan, struct fault *fault)
{
	bool wanted[256];
	unsigned called = 0;

	memset(wanted, 1, sizeof(wanted));
	return state_write(state, plan, wanted, add_serial, &called, fault) &&
		called >= plan->zone_count;
}

struct taken {
	struct arena *arena;
	struct zone_history *history;
};

static void take_history(void *context, const uint8_t *zone, const uint8_t *bytes, size_t length)
{
	const struct taken *taken = context;

	(void)zone;
	state_record_parse(bytes, length, taken->arena, taken->history);
}

static unsigned serials_of(const char *directory, const struct plan *plan, uint32_t zone)
{
	struct fault fault = { { 0 } };
	struct state *state = state_open(directory, "test.tdb", &fault);
	struct zone_history history = { 0 };
	struct arena arena = { 0 };
	unsigned count;

	if (!state)
		return 999;
	state_read_record(state, plan->zones[zone].name, take_history,
		&(struct taken){ &arena, &history });
	count = history.known ? history.serial_count : 0;
	arena_free(&arena);
	state_close(state);
	return count;
}

static char *in(const char *directory, const char *name)
{
	static char path[2][PATH];
	static unsigned next;

	snprintf(path[next ^= 1], sizeof(path[0]), "%s/%s", directory, name);
	return path[next];
}

static void remove_all(const char *directory)
{
	unlink(in(directory, "test.tdb"));
	unlink(in(directory, "test.tdb.damaged"));
	rmdir(directory);
}

static void kept(const char *directory)
{
	struct fault fault = { { 0 } };
	struct plan plan;
	struct state *state;
	bool wanted[3] = { false, true, false };
	unsigned called = 0;

	plan_of(&plan, 3);
	state = state_open(directory, "test.tdb", &fault);
	ok(state && !strcmp(state_path(state), in(directory, "test.tdb")), "a state");
	ok(access(in(directory, "test.tdb"), F_OK) != 0, "nothing is written by opening");
	is_integer(serials_of(directory, &plan, 0), 0, "nothing is known");
	ok(write_all(state, &plan, &fault), "written: %s", fault.text);
	ok(write_all(state, &plan, &fault), "and once more: %s", fault.text);
	state_close(state);
	is_integer(serials_of(directory, &plan, 0), 2, "read back");
	is_integer(serials_of(directory, &plan, 2), 2, "every zone");
	state = state_open(directory, "test.tdb", &fault);
	ok(state_write(state, &plan, wanted, add_serial, &called, &fault) && called == 1,
		"only what is wanted");
	state_close(state);
	ok(serials_of(directory, &plan, 0) == 2 && serials_of(directory, &plan, 1) == 3,
		"is written");
	remove_all(directory);
	plan_free(&plan);
}

struct pass {
	const struct plan *plan;
	unsigned *seen; /* per zone */
	unsigned strange, damaged;
	struct arena arena;
};

static void pass_record(void *context, const uint8_t *name, const uint8_t *bytes, size_t length)
{
	struct pass *pass = context;
	uint32_t zone = plan_find_zone(pass->plan, name);
	struct zone_history history;

	if (zone == PLAN_NONE)
		pass->strange++;
	else
		pass->seen[zone]++;
	pass->damaged += !state_record_parse(bytes, length, &pass->arena, &history);
}

static void take_note(void *context, const uint8_t *bytes, size_t length)
{
	*(bool *)context = length == 17 && !memcmp(bytes, "what a list named", length);
}

/* Two that are there and one that is not: none is any more, and nothing else is gone. */
static void forgotten(const char *directory, const struct plan *plan)
{
	struct fault fault = { { 0 } };
	struct state *state = state_open(directory, "test.tdb", &fault);
	struct text zones = { 0 };
	bool noted = false;

	text_add_bytes(&zones, plan->zones[7].name, name_length(plan->zones[7].name));
	text_add_bytes(&zones, "\1x", 3);
	text_add_bytes(&zones, plan->zones[9999].name, name_length(plan->zones[9999].name));
	ok(state_remove(state, &zones, &fault), "zones are forgotten: %s", fault.text);
	state_close(state);
	ok(!serials_of(directory, plan, 7) && !serials_of(directory, plan, 9999), "for good");
	is_integer(serials_of(directory, plan, 8), 1, "others are not");
	state = state_open(directory, "test.tdb", &fault);
	state_each_note(state, take_note, &noted);
	ok(noted, "nor are notes");
	state_close(state);
	text_free(&zones);
}

/* More zones than one transaction takes, and a note, which is none. */
static void in_one_pass(const char *directory)
{
	enum { ZONES = 10000 };
	static unsigned seen[ZONES];
	static bool wanted[ZONES];
	struct fault fault = { { 0 } };
	struct text note = { 0 };
	struct plan plan;
	struct pass pass = { .plan = &plan, .seen = seen };
	struct state *state;
	unsigned called = 0, once = 0;

	plan_of(&plan, ZONES);
	memset(wanted, 1, sizeof(wanted));
	state = state_open(directory, "test.tdb", &fault);
	state_each(state, pass_record, &pass);
	is_integer(pass.strange, 0, "before there is a file there is nothing");
	text_add(&note, "what a list named");
	ok(state_write(state, &plan, wanted, add_serial, &called, &fault) && called == ZONES &&
			state_write_note(state, "list", &note, &fault),
		"%u zones and a note: %s", called, fault.text);
	state_close(state);
	state = state_open(directory, "test.tdb", &fault);
	state_each(state, pass_record, &pass);
	for (unsigned zone = 0; zone < ZONES; zone++)
		once += seen[zone] == 1;
	is_integer(once, ZONES, "each zone is seen once");
	ok(!pass.strange && !pass.damaged, "and nothing else");
	state_read_record(state, plan.zones[4711].name, pass_record, &pass);
	is_integer(seen[4711], 2, "one alone is found by name");
	state_close(state);
	forgotten(directory, &plan);
	text_free(&note);
	arena_free(&pass.arena);
	plan_free(&plan);
	remove_all(directory);
}

/* Several processes at once: no change is lost. */
static void together(const char *directory)
{
	enum { PROCESSES = 4, RUNS = 10 };
	struct plan plan;
	pid_t children[PROCESSES];
	int status, good = 0;

	plan_of(&plan, 50);
	mkdir(directory, 0755);
	for (unsigned i = 0; i < PROCESSES; i++) {
		children[i] = fork();
		if (children[i])
			continue;
		for (unsigned run = 0; run < RUNS; run++) {
			struct fault fault = { { 0 } };
			struct state *state = state_open(directory, "test.tdb", &fault);

			if (!state || !write_all(state, &plan, &fault))
				_exit(1);
			state_close(state);
		}
		_exit(0);
	}
	for (unsigned i = 0; i < PROCESSES; i++)
		good += waitpid(children[i], &status, 0) == children[i] && status == 0;
	is_integer(good, PROCESSES, "all have written");
	is_integer(serials_of(directory, &plan, 0), PROCESSES * RUNS, "no change was lost");
	is_integer(serials_of(directory, &plan, 49), PROCESSES * RUNS, "of any zone");
	remove_all(directory);
	plan_free(&plan);
}

static size_t file_size(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 ? (size_t)status.st_size : 0;
}

static void overwrite(const char *path, size_t at, const void *bytes, size_t length)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0 || pwrite(fd, bytes, length, (off_t)at) < 0)
		ok(false, "%s: %s", path, strerror(errno));
	close(fd);
}

static void ignore_record(void *context, const uint8_t *name, const uint8_t *bytes, size_t length)
{
	(void)context;
	(void)name;
	(void)bytes;
	(void)length;
}

/* In a process of its own: a library that crashes or hangs on a damaged file must not be ours. */
static int survives(const char *directory, const struct plan *plan)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		struct fault fault = { { 0 } };
		struct state *state;
		bool good;

		alarm(20);
		for (uint32_t zone = 0; zone < plan->zone_count; zone++)
			serials_of(directory, plan, zone);
		state = state_open(directory, "test.tdb", &fault);
		if (state)
			state_each(state, ignore_record, NULL);
		good = state && write_all(state, plan, &fault);
		state_close(state);
		_exit(good ? 0 : 1);
	}
	return waitpid(child, &status, 0) == child ? status : -1;
}

/* The same damage in every run. */
static void damage(const char *path, unsigned round)
{
	size_t size = file_size(path);
	uint8_t noise[4096];
	uint64_t state = round;

	for (size_t i = 0; i < sizeof(noise); i++) {
		state = state * 6364136223846793005u + 1442695040888963407u;
		noise[i] = (uint8_t)(state >> 40);
	}
	if (round == 0)
		overwrite(path, 0, noise, sizeof(noise));
	else if (round == 1 && truncate(path, 100))
		ok(false, "truncate");
	else if (round == 2 && truncate(path, (off_t)size / 2))
		ok(false, "truncate");
	else if (round == 3 && truncate(path, 0))
		ok(false, "truncate");
	for (unsigned i = 0; round > 3 && i < 20; i++) {
		state = state * 6364136223846793005u + 1442695040888963407u;
		overwrite(path, (size_t)(state >> 33) % size, noise + 64 * i, 64);
	}
}

/* Whatever is in the file: at worst it is put aside, and the next run knows what this one wrote. */
static void damaged_files(const char *directory)
{
	enum { ROUNDS = 100 };
	struct plan plan;
	char path[PATH], aside[PATH + 16];
	unsigned crashed = 0, refused = 0, forgot = 0, begun_anew = 0;

	plan_of(&plan, 200);
	mkdir(directory, 0755);
	snprintf(path, sizeof(path), "%s/test.tdb", directory);
	snprintf(aside, sizeof(aside), "%s.damaged", path);
	for (unsigned round = 0; round < ROUNDS; round++) {
		int status;

		unlink(path);
		unlink(aside);
		survives(directory, &plan);
		damage(path, round);
		status = survives(directory, &plan);
		crashed += WIFSIGNALED(status);
		refused += WIFEXITED(status) && WEXITSTATUS(status) != 0;
		/* Some damage is found by the next run only. */
		for (unsigned more = 0; more < 2; more++)
			refused += survives(directory, &plan) != 0;
		forgot += serials_of(directory, &plan, 0) < 2;
		begun_anew += access(aside, F_OK) == 0;
	}
	is_integer(crashed, 0, "no damage ends the run");
	is_integer(refused, 0, "none stops it from writing");
	is_integer(forgot, 0, "and soon the next one knows of it");
	ok(begun_anew > 2, "%u of %u files were put aside", begun_anew, ROUNDS);
	remove_all(directory);
	plan_free(&plan);
}

static void unusable(const char *directory)
{
	struct fault fault = { { 0 } };
	struct plan plan;
	struct state *state;
	char path[PATH];

	plan_of(&plan, 1);
	snprintf(path, sizeof(path), "%s/no/such", directory);
	ok(!state_open(path, "test.tdb", &fault) && strstr(fault.text, path),
		"no directory above it: %s", fault.text);
	mkdir(directory, 0755);
	snprintf(path, sizeof(path), "%s/test.tdb", directory);
	ok(!state_open("/dev/null", "test.tdb", &fault) && strstr(fault.text, "/dev/null"),
		"no directory: %s", fault.text);
	mkdir(path, 0755);
	state = state_open(directory, "test.tdb", &fault);
	ok(!state || !write_all(state, &plan, &fault), "a directory in the file's place: %s",
		fault.text);
	state_close(state);
	rmdir(path);
	remove_all(directory);
	plan_free(&plan);
}

/* Where nobody is root, permissions count; where somebody is, files are the directory's owner's. */
static void owners(const char *directory)
{
	struct fault fault = { { 0 } };
	struct plan plan;
	struct state *state;
	struct stat status;

	plan_of(&plan, 1);
	mkdir(directory, 0755);
	if (geteuid() == 0 && chown(directory, OWNER, OWNER) == 0) {
		state = state_open(directory, "test.tdb", &fault);
		ok(state && write_all(state, &plan, &fault), "root writes: %s", fault.text);
		state_close(state);
		ok(stat(in(directory, "test.tdb"), &status) == 0 && status.st_uid == OWNER &&
				status.st_gid == OWNER,
			"as the directory's owner");
		is_integer(status.st_mode & 07777, 0640, "for nobody else");
	} else {
		chmod(directory, 0555);
		ok(!state_open(directory, "test.tdb", &fault) && strstr(fault.text, "denied"),
			"not writable: %s", fault.text);
		chmod(directory, 0755);
	}
	remove_all(directory);
	plan_free(&plan);
}

/* Where state lives without --state-dir. */
static void places(const char *directory)
{
	struct fault fault = { { 0 } };
	struct state *state;
	char expected[PATH];

	setenv("MP_STATE_PATH", directory, 1);
	mkdir(directory, 0755);
	state = state_open(NULL, "test.tdb", &fault);
	snprintf(expected, sizeof(expected), "%s/dns-replication-plugins/test.tdb", directory);
	is_string(state ? state_path(state) : fault.text, expected, "$MP_STATE_PATH");
	state_close(state);
	rmdir(in(directory, "dns-replication-plugins"));
	unsetenv("MP_STATE_PATH");
	if (access("/var/lib/dns-replication-plugins", W_OK) != 0) {
		setenv("XDG_STATE_HOME", in(directory, "state"), 1);
		state = state_open(NULL, "test.tdb", &fault);
		snprintf(expected, sizeof(expected), "%s/state/dns-replication-plugins/test.tdb",
			directory);
		is_string(state ? state_path(state) : fault.text, expected, "$XDG_STATE_HOME");
		state_close(state);
		rmdir(in(directory, "state/dns-replication-plugins"));
		rmdir(in(directory, "state"));
		unsetenv("XDG_STATE_HOME");
		setenv("HOME", directory, 1);
		state = state_open(NULL, "test.tdb", &fault);
		snprintf(expected, sizeof(expected),
			"%s/.local/state/dns-replication-plugins/test.tdb", directory);
		is_string(state ? state_path(state) : fault.text, expected, "$HOME");
		state_close(state);
		rmdir(in(directory, ".local/state/dns-replication-plugins"));
		rmdir(in(directory, ".local/state"));
		rmdir(in(directory, ".local"));
		unsetenv("HOME");
		ok(!state_open(NULL, "test.tdb", &fault) && strstr(fault.text, "HOME"),
			"nowhere: %s", fault.text);
	}
	remove_all(directory);
}

int main(void)
{
	const char *place = getenv("TMPDIR");
	char top[PATH / 4], directory[PATH / 2];

	snprintf(top, sizeof(top), "%s/test-state-XXXXXX", place ? place : "/tmp");
	if (!mkdtemp(top)) {
		ok(false, "%s: %s", top, strerror(errno));
		return done_testing();
	}
	snprintf(directory, sizeof(directory), "%s/here", top);
	round_trips();
	damaged_records();
	mkdir(directory, 0755);
	kept(directory);
	in_one_pass(directory);
	together(directory);
	damaged_files(directory);
	unusable(directory);
	owners(directory);
	places(directory);
	ok(rmdir(top) == 0, "nothing is left: %s", strerror(errno));
	return done_testing();
}
