#include "common/probe/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <tdb.h>
#include <unistd.h>

#include "common/base/text.h"
#include "common/dns/name.h"
#include "common/probe/state_record.h"

struct state {
	char *directory, *path;
	TDB_CONTEXT *tdb; /* read-only; NULL: no file yet */
};

enum {
	STATE_MODE = 0640,
	DIRECTORY_MODE = 0750,
	LEAST_RECORD = 24, /* TDB's head of one */
	ZONES_AT_ONCE = 4096,
	HASH_CHAINS = 16381, /* a new file has so many: 64 KB, and few steps a zone with 100,000 */
};

/* TDB says what is wrong on stderr unless told not to; plugins have no stderr. */
__attribute__((format(printf, 3, 4))) static void stay_silent(TDB_CONTEXT *tdb,
	enum tdb_debug_level level, const char *format, ...)
{
	(void)tdb;
	(void)level;
	(void)format;
}

static TDB_CONTEXT *open_tdb(const char *path, int flags)
{
	static const struct tdb_logging_context silent = { stay_silent, NULL };

	/* No fsync: after a power failure a damaged file is begun anew, which costs one run's
	 * memory. */
	return tdb_open_ex(path, HASH_CHAINS, TDB_NOSYNC | TDB_INCOMPATIBLE_HASH, flags | O_CLOEXEC,
		STATE_MODE, &silent, NULL);
}

/* Makes the directory, and those above it from `from` bytes on. */
static bool make_directories(char *path, size_t from)
{
	for (char *slash = strchr(path + from, '/'); slash; slash = strchr(slash + 1, '/')) {
		bool made;

		*slash = '\0';
		made = mkdir(path, DIRECTORY_MODE) == 0 || errno == EEXIST;
		*slash = '/';
		if (!made)
			return false;
	}
	return mkdir(path, DIRECTORY_MODE) == 0 || errno == EEXIST;
}

/* Is there, or can be made, and can be written? `home`: how much of the path must be there already.
 */
static bool is_usable(const char *path, size_t home)
{
	struct stat status;
	char *copy;
	bool good;

	if (stat(path, &status) == 0)
		return S_ISDIR(status.st_mode) ? access(path, R_OK | W_OK | X_OK) == 0
					       : (errno = ENOTDIR, false);
	copy = strdup(path);
	if (!copy)
		out_of_memory();
	good = make_directories(copy, home ? home : strlen(copy));
	free(copy);
	return good;
}

static bool find_directory(const char *explicit, struct text *path, struct fault *fault)
{
	const char *plugins = getenv("MP_STATE_PATH"), *state = getenv("XDG_STATE_HOME"),
		   *home = getenv("HOME");

	if (explicit) {
		text_add(path, explicit);
		return is_usable(explicit, 0) ||
			fault_set(fault, "%s: %s", explicit, strerror(errno));
	}
	if (plugins && *plugins == '/') {
		text_addf(path, "%s/dns-replication-plugins", plugins);
		if (is_usable(text_string(path), strlen(plugins) + 1))
			return true;
		text_cut(path, 0);
	}
	text_add(path, "/var/lib/dns-replication-plugins");
	if (access(text_string(path), R_OK | W_OK | X_OK) == 0)
		return true;
	text_cut(path, 0);
	if (state && *state == '/')
		text_addf(path, "%s/dns-replication-plugins", state);
	else if (home && *home == '/')
		text_addf(path, "%s/.local/state/dns-replication-plugins", home);
	else
		return fault_set(fault,
			"no directory for state: /var/lib/dns-replication-plugins can't be written and HOME is not set");
	return is_usable(text_string(path),
		       state && *state == '/' ? strlen(state) : strlen(home) + 1) ||
		fault_set(fault, "%s: %s", text_string(path), strerror(errno));
}

struct state *state_open(const char *directory, const char *file, struct fault *fault)
{
	struct text path = { 0 };
	struct state *state;

	if (!find_directory(directory, &path, fault)) {
		text_free(&path);
		return NULL;
	}
	state = calloc(1, sizeof(*state));
	if (!state || !(state->directory = strdup(text_string(&path))))
		out_of_memory();
	text_addf(&path, "/%s", file);
	state->path = path.bytes; /* ours now */
	state->tdb = open_tdb(state->path, O_RDONLY);
	if (!state->tdb && (errno == EACCES || errno == EPERM)) {
		fault_set(fault, "%s: %s", state->path, strerror(errno));
		state_close(state);
		return NULL;
	}
	return state;
}

const char *state_path(const struct state *state)
{
	return state->path;
}

struct taking {
	state_record *take;
	void *context;
};

static int take_record(TDB_DATA key, TDB_DATA data, void *context)
{
	const struct taking *taking = context;

	taking->take(taking->context, key.dptr, data.dptr, data.dsize);
	return 0;
}

struct reading {
	struct arena *arena;
	struct zone_history *history;
};

static int parse_record(TDB_DATA key, TDB_DATA data, void *context)
{
	struct reading *reading = context;

	(void)key;
	state_record_parse(data.dptr, data.dsize, reading->arena, reading->history);
	return 0;
}

static TDB_DATA zone_key(const uint8_t *zone)
{
	return (TDB_DATA){ .dptr = (unsigned char *)(uintptr_t)zone, .dsize = name_length(zone) };
}

void state_read_record(const struct state *state, const uint8_t *zone, state_record *take,
	void *context)
{
	struct taking taking = { take, context };

	if (state->tdb)
		tdb_parse_record(state->tdb, zone_key(zone), take_record, &taking);
}

/* A damaged file may lead in circles: there are no more records than would fit into it. */
struct passing {
	int (*each)(TDB_DATA key, TDB_DATA data, void *context);
	void *context;
	bool notes; /* instead of zones */
	size_t left;
};

static int pass_record(TDB_CONTEXT *tdb, TDB_DATA key, TDB_DATA data, void *context)
{
	struct passing *passing = context;

	(void)tdb;
	if (!passing->left--)
		return -1;
	if ((name_check(key.dptr, key.dsize) == key.dsize) != passing->notes)
		passing->each(key, data, passing->context);
	return 0;
}

static void pass(const struct state *state, struct passing *passing)
{
	if (!state->tdb)
		return;
	passing->left = tdb_map_size(state->tdb) / LEAST_RECORD;
	tdb_traverse_read(state->tdb, pass_record, passing);
}

void state_each(const struct state *state, state_record *take, void *context)
{
	struct taking taking = { take, context };

	pass(state, &(struct passing){ .each = take_record, .context = &taking });
}

static void read_from(TDB_CONTEXT *tdb, const uint8_t *zone, struct arena *arena,
	struct zone_history *history)
{
	struct reading reading = { arena, history };

	*history = (struct zone_history){ 0 };
	if (tdb)
		tdb_parse_record(tdb, zone_key(zone), parse_record, &reading);
}

/* What root makes belongs to whom the directory belongs to: the monitoring user must be able to
 * write it next time. */
static void give_to_owner(const struct state *state, int fd)
{
	struct stat status;

	if (geteuid() == 0 && stat(state->directory, &status) == 0 &&
		fchown(fd, status.st_uid, status.st_gid) != 0)
		return; /* it works for root all the same */
}

/* For whoever wants to know what became of it. */
static bool put_aside(const struct state *state)
{
	struct text aside = { 0 };
	bool good;

	text_addf(&aside, "%s.damaged", state->path);
	good = rename(state->path, text_string(&aside)) == 0;
	text_free(&aside);
	return good;
}

static TDB_CONTEXT *open_for_writing(const struct state *state, struct fault *fault)
{
	TDB_CONTEXT *tdb = open_tdb(state->path, O_RDWR | O_CREAT);

	if (!tdb && errno == EIO && put_aside(state)) /* damaged, or no TDB at all */
		tdb = open_tdb(state->path, O_RDWR | O_CREAT);
	if (!tdb)
		fault_set(fault, "%s: %s", state->path, strerror(errno));
	else
		give_to_owner(state, tdb_fd(tdb));
	return tdb;
}

static int same_record(TDB_DATA key, TDB_DATA data, void *context)
{
	const struct text *record = context;

	(void)key;
	return data.dsize == record->length && !memcmp(data.dptr, record->bytes, data.dsize);
}

static bool write_zone(TDB_CONTEXT *tdb, const struct zone *zone, uint32_t index,
	state_change *change, void *context)
{
	struct zone_history history = { 0 };
	struct arena arena = { 0 };
	struct text record = { 0 };
	bool good;

	read_from(tdb, zone->name, &arena, &history);
	change(context, index, &history, &arena);
	state_record_write(&history, &record);
	/* Another run may have written the same. */
	good = tdb_parse_record(tdb, zone_key(zone->name), same_record, &record) == 1 ||
		tdb_store(tdb, zone_key(zone->name),
			(TDB_DATA){ (unsigned char *)record.bytes, record.length },
			TDB_REPLACE) == 0;
	text_free(&record);
	arena_free(&arena);
	return good;
}

/* Damage that only shows in use. An I/O error that the system does not know of is TDB's own: a
 * place beyond the end of the file. */
static bool is_damaged(TDB_CONTEXT *tdb)
{
	return tdb_error(tdb) == TDB_ERR_CORRUPT || (tdb_error(tdb) == TDB_ERR_IO && errno == 0);
}

/* As many as one transaction takes, from *zone on. */
static bool write_some(TDB_CONTEXT *tdb, const struct plan *plan, const bool *wanted,
	uint32_t *zone, state_change *change, void *context)
{
	uint32_t count = 0;

	errno = 0;
	if (tdb_transaction_start(tdb) != 0)
		return false;
	for (; *zone < plan->zone_count && count < ZONES_AT_ONCE; (*zone)++) {
		if (!wanted[*zone])
			continue;
		count++;
		if (!write_zone(tdb, &plan->zones[*zone], *zone, change, context))
			return false;
	}
	return tdb_transaction_commit(tdb) == 0;
}

static bool write_zones(TDB_CONTEXT *tdb, const struct plan *plan, const bool *wanted,
	state_change *change, void *context)
{
	uint32_t zone = 0;
	bool good = true;

	while (good && zone < plan->zone_count)
		good = write_some(tdb, plan, wanted, &zone, change, context);
	return good;
}

bool state_write(struct state *state, const struct plan *plan, const bool *wanted,
	state_change *change, void *context, struct fault *fault)
{
	bool good = false, damaged = true;

	if (state->tdb) /* TDB opens a file once a process */
		tdb_close(state->tdb);
	state->tdb = NULL;
	for (unsigned tries = 0; tries < 2 && !good && damaged; tries++) {
		TDB_CONTEXT *tdb;

		if (tries > 0 && !put_aside(state))
			return false;
		tdb = open_for_writing(state, fault);
		if (!tdb)
			return false;
		good = write_zones(tdb, plan, wanted, change, context);
		damaged = !good && is_damaged(tdb);
		if (!good)
			fault_set(fault, "%s: %s", state->path, tdb_errorstr(tdb));
		tdb_close(tdb);
	}
	return good;
}

struct noting {
	state_note *take;
	void *context;
};

static int take_note(TDB_DATA key, TDB_DATA data, void *context)
{
	const struct noting *noting = context;

	(void)key;
	noting->take(noting->context, data.dptr, data.dsize);
	return 0;
}

void state_each_note(const struct state *state, state_note *take, void *context)
{
	struct noting noting = { take, context };

	pass(state, &(struct passing){ .each = take_note, .context = &noting, .notes = true });
}

/* No zone's name begins with a label of 255 bytes. */
static TDB_DATA note_key(const char *name, struct text *key)
{
	text_addf(key, "\xff%s", name);
	return (TDB_DATA){ (unsigned char *)key->bytes, key->length };
}

bool state_read_note(const struct state *state, const char *name, state_note *take, void *context)
{
	struct noting noting = { take, context };
	struct text key = { 0 };
	bool good = state->tdb &&
		tdb_parse_record(state->tdb, note_key(name, &key), take_note, &noting) == 0;

	text_free(&key);
	return good;
}

/* TDB opens a file once a process. */
static TDB_CONTEXT *open_again(struct state *state, struct fault *fault)
{
	if (state->tdb)
		tdb_close(state->tdb);
	state->tdb = NULL;
	return open_for_writing(state, fault);
}

static bool close_again(const struct state *state, TDB_CONTEXT *tdb, bool good, struct fault *fault)
{
	if (!good)
		fault_set(fault, "%s: %s", state->path, tdb_errorstr(tdb));
	tdb_close(tdb);
	return good;
}

bool state_write_note(struct state *state, const char *name, const struct text *note,
	struct fault *fault)
{
	struct text key = { 0 };
	TDB_CONTEXT *tdb = open_again(state, fault);
	bool good;

	if (!tdb)
		return false;
	good = tdb_transaction_start(tdb) == 0 &&
		tdb_store(tdb, note_key(name, &key),
			(TDB_DATA){ (unsigned char *)note->bytes, note->length },
			TDB_REPLACE) == 0 &&
		tdb_transaction_commit(tdb) == 0;
	text_free(&key);
	return close_again(state, tdb, good, fault);
}

bool state_remove(struct state *state, const struct text *zones, struct fault *fault)
{
	TDB_CONTEXT *tdb = open_again(state, fault);
	const uint8_t *names = (const uint8_t *)zones->bytes;
	bool good;

	if (!tdb)
		return false;
	good = tdb_transaction_start(tdb) == 0;
	for (size_t at = 0; good && at < zones->length; at += name_length(names + at))
		good = tdb_delete(tdb, zone_key(names + at)) == 0 ||
			tdb_error(tdb) == TDB_ERR_NOEXIST;
	good = good && tdb_transaction_commit(tdb) == 0;
	return close_again(state, tdb, good, fault);
}

void state_close(struct state *state)
{
	if (!state)
		return;
	if (state->tdb)
		tdb_close(state->tdb);
	free(state->directory);
	free(state->path);
	free(state);
}
