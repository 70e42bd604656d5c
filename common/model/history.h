/*
 * What earlier runs saw. Read before the judgement, changed after it by history_note(), and written
 * back only where it changed.
 */
#ifndef COMMON_MODEL_HISTORY_H
#define COMMON_MODEL_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/address.h"
#include "common/base/arena.h"

enum {
	HISTORY_SERIALS = 64, /* per zone; then the list is thinned, see history_see_serial() */
	HISTORY_SERVERS = 64, /* per zone */
	GAPS_MOST = 256,      /* of a run */
};

/* The reference's serials as earlier runs first saw them; a lag is the age of the oldest one that a
 * server lacks. */
struct seen_serial {
	uint32_t serial;
	int64_t first_seen_s; /* Unix time */
};

/* One server of the zone, by address and NSID. */
struct server_past {
	const char *name; /* as in the plan */
	struct address address;
	const char *nsid; /* hexadecimal or text as it was observed; "" where none */
	uint8_t outcome;  /* enum outcome, of the last run */
	bool listed;      /* it was one of the NS names: discovery may use it */
	int64_t since_s;  /* the first run in a row with this outcome; Unix time */
};

/* Small, since a run may have 100,000 of them; both arrays grow in the arena that is passed in. */
struct zone_history {
	struct seen_serial *serials; /* oldest first, each ahead of all before it */
	struct server_past *servers;
	uint8_t serial_count, serial_capacity;
	uint8_t server_count, server_capacity;
	bool known;   /* an earlier run saw this zone */
	bool changed; /* by this run: to be written */
};

/* A server that serves what its database (--mysql) does not have, or an older serial than it has
 * itself. */
struct serial_gap {
	uint32_t zone, server; /* indexes into the plan */
	uint32_t served;
	int64_t since_s; /* the first run that saw it serve this; Unix time */
};

/* All of it lives in the arena. */
struct history {
	struct zone_history *zones; /* parallel to the plan's; NULL: only some are held, */
	struct zone_history **some; /* zone → history; NULL: nobody looks at it */
	size_t zone_count;
	bool *changed; /* zone → to be written; NULL until it is known */
	struct serial_gap *gaps;
	size_t gap_count;
	int64_t begun_s; /* the first run that kept anything here, this one where nothing is kept:
	                    what it saw was there before. 0: long ago */
	bool kept; /* false: --no-state, or no directory: nothing is known and nothing is written */
	const char *place;   /* the file, for -v */
	const char *trouble; /* an explicit --state-dir that can't be used: why */
	struct arena arena;
};

/* Nothing is known of any zone. */
void history_begin(struct history *history, size_t zone_count);
/* What is known of the zone; never NULL. */
const struct zone_history *history_of(const struct history *history, uint32_t zone);
/* The same to be filled: an empty one where there was none. */
struct zone_history *history_keep(struct history *history, uint32_t zone);

/*
 * Notes a serial of the reference. One that is newer than the last is added; one that is not (the
 * primary was set back) begins the list anew, and so does what lies half the number space behind.
 * A full list loses the entry whose absence changes a lag least in proportion: with a change every
 * minute for a year a lag of any length is at most a quarter too short. Nothing was seen after now:
 * where the clock was set back, later entries become as old as this run.
 */
void history_see_serial(struct zone_history *zone, uint32_t serial, int64_t now_s,
	struct arena *arena);
/* One as it was kept, behind those that are there; false where it is not newer than all of them,
 * has no date that can be, or the list is full. */
bool history_put_serial(struct zone_history *zone, const struct seen_serial *serial,
	struct arena *arena);
/* Can this be the date of an earlier run? 1970 to 9999, so that differences never overflow. */
bool history_is_date(int64_t unix_s);

/* How long a server at `serial` has lacked something. */
struct lag {
	int64_t seconds; /* 0 where nothing is lacking */
	int64_t since_s; /* when the oldest lacking serial was first seen */
	bool is_minimum; /* the list does not reach back to a serial that the server has; or nothing
	                    was ever seen */
	bool known;      /* false: no earlier run */
};
struct lag history_lag(const struct zone_history *zone, uint32_t serial, int64_t now_s);

/*
 * Notes how a server came out in this run. A new outcome begins a new `since`; the same one changes
 * nothing. At most HISTORY_NODES NSIDs an address, HISTORY_SERVERS in all: the one that is
 * unchanged for longest makes room. Strings are copied into the arena.
 */
enum { HISTORY_NODES = 8 };
void history_see_server(struct zone_history *zone, const struct server_past *server,
	struct arena *arena);
/* Forgets listed servers whose addresses are none of these any more. */
void history_keep_listed(struct zone_history *zone, const struct address *addresses, size_t count);

/* The gap of a server in this zone, or NULL. */
const struct serial_gap *history_gap(const struct history *history, uint32_t zone, uint32_t server);
/* The entry of a server, or NULL. With `nsid` NULL: the newest of this address. */
const struct server_past *history_server(const struct zone_history *zone,
	const struct address *address, const char *nsid);

#endif
