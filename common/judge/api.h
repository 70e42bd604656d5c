/*
 * The judgement of what PowerDNS servers say of themselves (model/pdns.h): their settings, their
 * zones, and what only two of them together show. Pure, as all of this room.
 *
 * What is not known is never held against anybody: an old version without a setting, a list that
 * was not read, metadata that was not asked for.
 */
#ifndef COMMON_JUDGE_API_H
#define COMMON_JUDGE_API_H

#include "common/judge/judge.h"
#include "common/model/pdns.h"

/* Whose details (struct pdns_detail), autoprimaries and log would tell more: those of zones in
 * trouble, on both servers. */
struct pdns_doubt {
	uint32_t index; /* into seen->pdns */
	uint32_t zone;  /* of the plan */
};

enum {
	PDNS_DOUBTS_OF_SERVER = 8,
	PDNS_DOUBTS_MOST = 64, /* of a run */
	/* Of so many zones the long list is asked for on suspicion: it costs the server 0.25 s of
	   CPU. */
	PDNS_SERVED_MOST = 10000,
};

/*
 * Of zones of which the lists do not tell enough (should a server have them? with which serial?) no
 * more are asked about in a run than there is room for, and the next one goes on behind them. What
 * a look found to be in trouble is looked at again, before any other: nothing that is wrong is
 * forgotten because others had their turn.
 */
struct pdns_turn {
	uint32_t from;     /* the zone of the plan with which this run begins */
	const bool *again; /* by zone: the last run found it in trouble; NULL: none */
	uint32_t next;     /* set: with which the next one begins; PLAN_NONE: none was left out */
};

/* After settings and zones are there: sets api_elsewhere of facts->seen->pdns, which is `servers`.
 */
void judge_pdns_places(const struct facts *facts, struct pdns_server *servers);

/* Then. On whose lists more zones than are asked about in full have serials that SOA-EDIT may
 * explain or not, into `wanted` (all false before, parallel to seen->pdns); false: on nobody's. */
bool judge_pdns_wants_served(const struct facts *facts, bool *wanted);

/* Then. Into `doubts`; their number: none where all is well. */
size_t judge_pdns_doubts(const struct facts *facts, struct pdns_turn *turn,
	struct pdns_doubt doubts[PDNS_DOUBTS_MOST]);
/* After they were asked about: does some server lack the zone, its contents or a change? */
bool judge_pdns_is_in_trouble(const struct facts *facts, uint32_t zone);

/* The serial that the zone's primary serves, of those that were asked; false: not known. */
bool judge_pdns_serial(const struct facts *facts, uint32_t zone, uint32_t *serial);
/* Where that is not known: the serial than which it serves none older; false: not known either. */
bool judge_pdns_least_serial(const struct facts *facts, uint32_t zone, uint32_t *serial);
/* For which zones the judgement looks at what earlier runs saw; `needed` is all false before. */
void judge_pdns_needs_past(const struct facts *facts, bool *needed);

/* What this run adds to a zone's history beside serials: who has it and never transferred it. */
void judge_pdns_note(const struct facts *facts, uint32_t zone, struct zone_history *history,
	struct arena *arena);

/* The whole judgement of check_pdns_replication. */
void judge_pdns(const struct facts *facts, struct verdict *verdict);

#endif
