/*
 * The judgement: plan + observations + history + policy → findings. Pure: no I/O, no clock, no
 * globals; the same facts give the same verdict in the same order. Each file judges one side of a
 * zone; judge() walks them all, once.
 */
#ifndef COMMON_JUDGE_JUDGE_H
#define COMMON_JUDGE_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/model/history.h"
#include "common/model/observation.h"
#include "common/model/plan.h"
#include "common/model/policy.h"
#include "common/model/verdict.h"

/* All that there is to know. `past` already holds this run's serials (history_see_serial()). */
struct facts {
	const struct plan *plan;
	const struct observations *seen;
	const struct history *past;
	const struct policy *policy;
	int64_t now_s; /* Unix time */
};

/* Fills the verdict, which is the caller's to free. */
void judge(const struct facts *facts, struct verdict *verdict);
/* The same for check_zone_transfer: of what facts->seen->zone_transfers tell. */
void judge_transfers(const struct facts *facts, struct verdict *verdict);

/* The same for check_dns_propagation: of facts->seen->change and propagations. */
void judge_propagation(const struct facts *facts, struct verdict *verdict);

/* A report that --write wanted could not be written: that, too, is a finding. */
void judge_unwritten(const struct policy *policy, struct verdict *verdict, const char *why);

/* Whose serial counts for this zone (CONTRACT: the primary given, else the MNAME's where nothing is
 * newer, else the newest). */
struct reference judge_reference(const struct facts *facts, uint32_t zone);
/* How a server's serial stands to the reference. */
enum relation judge_relation(const struct facts *facts, const struct reference *reference,
	uint32_t pair);

/* What has to be asked again before anybody is blamed: the SOA, at least a second after the first
 * time. */
struct doubt {
	uint32_t zone, pair;
};
/* Into `doubts` (room for 2 * pair_count); their number. Nothing where all is well. */
size_t judge_doubts(const struct facts *facts, struct doubt *doubts);

/* Whose TCP probe failed in a way that may pass, beside answers: once more, too, for the zones
 * given. Into `doubts` (room for server_count); their number. */
size_t judge_tcp_doubts(const struct facts *facts, struct doubt *doubts);

/* May there be any finding that wants a diagnosis? A quick look, for the many runs without one;
 * where in doubt: yes. */
bool judge_is_troubled(const struct facts *facts);

/* What would show the why of findings that stand, and whose words advice should be in. */
struct diagnosis_doubt {
	enum diagnosis kind;
	uint32_t zone, pair;
};
enum {
	DIAGNOSED_FINDINGS = 12, /* of a run at most: where much is wrong, a sample */
	DIAGNOSED_OF_SERVER = 3, /* of one server */
	DIAGNOSIS_OF_PAIR = 9,   /* questions about one of them */
	DIAGNOSIS_MOST = DIAGNOSED_FINDINGS * DIAGNOSIS_OF_PAIR,
};
/* Of the worst findings of a verdict (its order), none for those that are ok; their number. */
size_t judge_diagnosis(const struct facts *facts, const struct verdict *verdict,
	struct diagnosis_doubt doubts[DIAGNOSIS_MOST]);

/* Whose transfers or APIs, just asked, say another serial than their answers: those are asked once
 * more, so that a change in between is not taken for a cache. Into `doubts`; their number. */
size_t judge_transfer_doubts(const struct facts *facts, struct doubt doubts[DIAGNOSIS_MOST]);
/* The part of it that is due to APIs (judge/api_cause.c), `most` of them. */
size_t judge_api_doubts(const struct facts *facts, struct doubt *doubts, size_t most);

/* About which zones APIs are asked: those of the worst findings, each once; their number. */
size_t judge_troubled_zones(const struct verdict *verdict, uint32_t zones[DIAGNOSED_FINDINGS]);
/* Servers whose API could not be asked. */
void judge_api_access(const struct facts *facts, struct verdict *verdict);

/* For which zones the judgement looks at what earlier runs saw; `needed` is all false before. */
void judge_needs_past(const struct facts *facts, bool *needed);

/* Of which pairs whose SOAs differ at one serial it would tell more to compare the contents: into
 * `doubts` (room for `most`); the zone's reference is the other side. Their number. */
size_t judge_content_doubts(const struct facts *facts, const struct verdict *verdict,
	struct doubt *doubts, size_t most);

/* Which pairs serve what their databases do not have, SOA-EDIT apart, without being behind: since
 * when, is for history to tell. Into `doubts` (room for `most`); their number. */
size_t judge_database_doubts(const struct facts *facts, struct doubt *doubts, size_t most);
/* And which serve less than they have, by their transfers or APIs. */
size_t judge_cache_doubts(const struct facts *facts, struct doubt *doubts, size_t most);

/* What every judgement begins and ends with: references; severities, causes, advice, order. */
void judge_begin(const struct facts *facts, struct verdict *verdict);
void judge_conclude(const struct facts *facts, struct verdict *verdict);
/* The sides, for judge.c. Each adds its findings. */
void judge_serials(const struct facts *facts, struct verdict *verdict, uint32_t zone);
void judge_reachability(const struct facts *facts,
	struct verdict *verdict);                                     /* servers as a whole */
void judge_lists(const struct facts *facts, struct verdict *verdict); /* where zones come from */
void judge_informants(const struct facts *facts, struct verdict *verdict); /* whose are they? */
void judge_gone(const struct facts *facts, struct verdict *verdict, uint32_t zone);
void judge_answers(const struct facts *facts, struct verdict *verdict, uint32_t zone);
void judge_delegation(const struct facts *facts, struct verdict *verdict, uint32_t zone);
void judge_resolver(const struct facts *facts, struct verdict *verdict);
void judge_state(const struct facts *facts, struct verdict *verdict); /* between runs */
void judge_expiry(const struct facts *facts, struct verdict *verdict, uint32_t zone);
void judge_signatures(const struct facts *facts, struct verdict *verdict, uint32_t zone);
void judge_contents(const struct facts *facts, struct verdict *verdict, uint32_t zone);
void judge_caches(const struct facts *facts, struct verdict *verdict);
/* After all other findings: the databases of --mysql, and what of these findings they explain. */
void judge_backends(const struct facts *facts, struct verdict *verdict);
/* Of check_mysql_replication --dns: does the server serve what the one database has? After the
 * findings about that. */
void judge_served(const struct facts *facts, struct verdict *verdict);
/* Is a database known to be the cause, or a cache before it? Then nothing else need be asked; and
 * PowerDNS gives up what its caches hold when it is asked for a transfer. */
bool judge_is_told_by_database(const struct facts *facts, const struct finding *finding);
/* Is it known that this API or database is named like no server of the run, by what is known of the
 * name so far? */
struct informant;
bool judge_is_lost(const struct facts *facts, const struct informant *informant);
/* Is it about a database as a whole? Then a server that reads it is not out of sync by that alone.
 */
bool judge_is_of_database(enum finding_code code);
/* Does its API tell already what a transfer from it would, while its answers do not? PowerDNS gives
 * up what its query cache holds when it is asked for a transfer: then nobody should ask. */
bool judge_is_told_by_api(const struct facts *facts, uint32_t zone, uint32_t pair);
/* Is this what PowerDNS says of a zone that is there, but not yet in its zone cache? */
bool judge_is_cached_away(const struct facts *facts, uint32_t pair);
/* Does the primary's own transfer begin with this serial, or with a newer one? Then it has what its
 * answers do not show. Of zones that have a reference. */
bool judge_is_hidden(const struct facts *facts, const struct verdict *verdict, uint32_t zone,
	uint32_t serial);
/* For every finding: what is visible of the why, and what to type. */
void judge_cause(const struct facts *facts, struct verdict *verdict, struct finding *finding);
void judge_advice(const struct facts *facts, struct verdict *verdict, struct finding *finding);
/* Where it is about no server; or NULL. */
const char *judge_advice_in_general(enum finding_code code);

/* Shared by the sides. */

/* A finding about one server in one zone, with its role and default severity. */
struct finding *judge_say(const struct facts *facts, struct verdict *verdict,
	enum finding_code code, uint32_t zone, uint32_t pair, const char *format, ...)
	__attribute__((format(printf, 6, 7)));
enum role judge_role(const struct facts *facts, const struct verdict *verdict, uint32_t zone,
	uint32_t pair);
/* Did every server of the zone answer with authority, and all with the same serial? Then nobody is
 * behind, and nobody in doubt. (No zone whose servers sign by themselves.) */
bool judge_is_level(const struct facts *facts, uint32_t zone);
/* Is it level, do the SOAs say the same, and nothing of expiry and signatures? Then only the NS set
 * is left to be judged. */
bool judge_is_calm(const struct facts *facts, uint32_t zone);
/* The serials of a level zone. */
void judge_level(const struct facts *facts, struct verdict *verdict, uint32_t zone);
/* Did this question bring a serial that counts (answered, with authority)? */
bool judge_has_serial(const struct soa_observation *seen);
/* Whose `value` (0: none) is right for all at the reference's serial: the reference's own; where no
 * primary is known, that of most servers, so that one odd server is not taken for the model. */
uint32_t judge_model(const struct facts *facts, const struct verdict *verdict, uint32_t zone,
	uint32_t (*value)(const struct soa_observation *seen));
/* An MNAME that is no NS and serves nothing to us: a hidden primary, of which nothing can be said.
 */
bool judge_is_absent(const struct facts *facts, uint32_t pair);
/* The finding that such an answer, or silence, is about the server alone; FINDING_NONE: none. */
enum finding_code judge_finding_of(const struct soa_observation *seen);
/* Was there any answer at all, whatever it said? */
bool judge_responded(const struct soa_observation *seen);
/* "2h 10m (since 04:12Z)", "at least 5m (...)". */
struct text;
void judge_since_text(struct text *out, int64_t seconds, int64_t since_s, bool is_minimum);
/* ": EDE 18 Prohibited (text)" where the server said one. */
void judge_ede_text(const struct facts *facts, const struct soa_observation *seen,
	struct text *out);
/* BADTIME: whoever was asked says that it is another time there (RFC 8945 5.2.3); and what to do.
 */
bool judge_is_other_time(const struct facts *facts, uint32_t pair);
#define JUDGE_CLOCKS "compare the clocks: date -u here and on %s"
/* How long the server has been like this, from history; false: since this run, or not known. */
bool judge_outcome_since(const struct facts *facts, uint32_t zone, uint32_t pair, int64_t *since_s);

#endif
