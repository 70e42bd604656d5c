/*
 * History between runs, in a TDB file: one record a zone. Several processes may read and write at
 * once (TDB's locks and transactions); a damaged file is put aside and begun anew. A run in which
 * nothing changed writes nothing.
 */
#ifndef COMMON_PROBE_STATE_H
#define COMMON_PROBE_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/fault.h"
#include "common/model/history.h"
#include "common/model/plan.h"

struct state;

/*
 * Where: DIRECTORY if given, else $MP_STATE_PATH/dns-replication-plugins, else
 * /var/lib/dns-replication-plugins if it can be written, else
 * $XDG_STATE_HOME/dns-replication-plugins, else ~/.local/state/dns-replication-plugins. The last
 * directory of the path is made where it is absent (below the home all of them). NULL where there
 * is none; then the fault says why, which matters only for an explicit DIRECTORY.
 */
struct state *state_open(const char *directory, const char *file, struct fault *fault);
const char *state_path(const struct state *state);

/* A record as state_write() made it (for state_record_parse()), during the call only. */
typedef void state_record(void *context, const uint8_t *zone, const uint8_t *bytes, size_t length);
void state_read_record(const struct state *state, const uint8_t *zone, state_record *take,
	void *context);
/* All of them in one pass, in no order. */
void state_each(const struct state *state, state_record *take, void *context);

/* What this run adds to a zone: called with the freshest history, inside the transaction. */
typedef void state_change(void *context, uint32_t zone, struct zone_history *history,
	struct arena *arena);

/* Writes every zone for which `wanted[zone]`, each after `change` was applied to what is there now
 * (another run may have been quicker). Many zones are several transactions, so that neither memory
 * nor file hold all of them twice, and no other run waits for long; a run that is killed has
 * written the zones of some. */
bool state_write(struct state *state, const struct plan *plan, const bool *wanted,
	state_change *change, void *context, struct fault *fault);

/* A note of a name of its own, beside the zones. `take` sees its bytes during the call only. False:
 * there is none. */
typedef void state_note(void *context, const uint8_t *bytes, size_t length);
bool state_read_note(const struct state *state, const char *name, state_note *take, void *context);
/* All notes, whatever their names are. */
void state_each_note(const struct state *state, state_note *take, void *context);
/* Forgets zones (wire form, one name behind the other). */
struct text;
bool state_remove(struct state *state, const struct text *zones, struct fault *fault);
bool state_write_note(struct state *state, const char *name, const struct text *note,
	struct fault *fault);
void state_close(struct state *state);

#endif
