/*
 * Shared by the judges of the API: the case of one zone that a secondary lacks or has an old
 * version of, and what stands in its way. check_pdns_replication and judge/cause.c both ask.
 */
#ifndef COMMON_JUDGE_API_PRIVATE_H
#define COMMON_JUDGE_API_PRIVATE_H

#include "common/base/text.h"
#include "common/judge/api.h"
#include "common/judge/commands.h"

enum { API_ADDRESSES = 16 };

struct api_case {
	const struct facts *facts;
	struct arena *arena; /* of the texts below */
	uint32_t zone;
	const struct pdns_server *primary, *secondary; /* NULL: no API tells of it */
	uint32_t primary_at, secondary_at;             /* in the plan */
	/* What was found: */
	enum finding_code code; /* FINDING_NONE: there is no code for it */
	uint32_t culprit;       /* whose setting that is, in the plan */
	const char *why;        /* a clause about the secondary: "it has secondary=no" */
	const char *own;        /* the same about the culprit: "has secondary=no" */
	const char *evidence;   /* NULL */
	const char *advice;
	const char *key; /* which TSIG key tasks are about; NULL */
};

/* --- api_case.c: who is who --- */
/* The server that this one of the plan is; NULL: no API tells of it. */
const struct pdns_server *api_server_at(const struct facts *facts, uint32_t server);
/* Where its DNS service is, and where its transfers come from. */
size_t api_addresses(const struct facts *facts, const struct pdns_server *pdns, uint32_t server,
	struct address out[API_ADDRESSES]);
/* Of the families by which it asks this primary, where that is known. */
size_t api_clients(const struct api_case *self, struct address out[API_ADDRESSES]);
const struct pdns_zone *api_row(const struct pdns_server *pdns, uint32_t zone);
/* Is it known that it does not have the zone? */
bool api_lacks(const struct pdns_server *pdns, uint32_t zone);
/* What the primary was asked about the zone; NULL: nothing. */
const struct pdns_detail *api_detail(const struct api_case *self);
/* The serial as DNS shows it; false: not known. */
bool api_serial(const struct pdns_server *pdns, uint32_t zone, uint32_t *serial);
bool api_is_primary_kind(const struct pdns_zone *row);
bool api_is_secondary_kind(const struct pdns_zone *row);
bool api_never_transferred(const struct pdns_zone *row);
/* Does the primary have a change that it has not sent NOTIFY of yet, as far as it tells? Equal
 * numbers prove nothing: they are set when NOTIFY is queued, also where it never leaves. */
bool api_is_pending(const struct pdns_server *primary, uint32_t zone);
/* Do the masters of the secondary's row hold an address of the primary? */
enum pdns_switch api_follows(const struct api_case *self);
/* Does NOTIFY go to the secondary, by NS record, also-notify or ALSO-NOTIFY? */
enum pdns_switch api_is_told(const struct api_case *self);
/* Does only-notify keep it from the secondary, and nothing else tell that one? */
bool api_is_muted(const struct api_case *self);
/* Is the secondary one of the names? */
bool api_is_named(const struct api_case *self, const struct pdns_values *names);
/* Has it an NS record, as far as DNS showed that? */
bool api_is_listed(const struct api_case *self);
/* The NS name by which the zone calls the secondary, where that is not its own: with the final dot;
 * NULL: none. */
const char *api_other_name(const struct api_case *self);
const char *api_name(const struct facts *facts, uint32_t server);
/* The catalog zone that it is a member of, as zones are written here: without the final dot. "":
 * of none, or that is not told. */
const char *api_catalog(const struct facts *facts, const struct pdns_zone *row,
	struct arena *arena);
/* Is that the row's zone? */
bool api_is_zone(const struct facts *facts, const struct pdns_zone *row, const char *name);

/* --- api_roles.c: of several primaries, of a chain of secondaries --- */
/* The primary becomes the server of the plan that the secondary's row names, where that is another
 * one. */
void api_look_upstream(struct api_case *self);
/* Its primary is a secondary itself, and no further. */
bool api_find_upstream(struct api_case *self);
/* None of its primaries has the zone any more, and all of them are known. */
bool api_is_orphan(const struct api_case *self);
/* Settings and zones of a primary that is nobody's secondary. */
bool api_serves_others_only(const struct pdns_server *pdns);

/* --- api_obstacles.c, api_absence.c: what stands in the way; false: nothing that is visible --- */
/* What stops every transfer; the zone is configured on the secondary. */
bool api_find_barrier(struct api_case *self);
/* Why nobody tells it of changes. */
bool api_find_silence(struct api_case *self);
/* api_edit.c: the primary serves one serial for changes of its zone. */
bool api_find_hiding(struct api_case *self);
/* Why a zone that the secondary does not have did not come. */
bool api_find_absence(struct api_case *self); /* `secondary` is known */

/* --- api_words.c: what to type --- */
bool api_found(struct api_case *self, enum finding_code code, uint32_t culprit, const char *why,
	...) __attribute__((format(printf, 4, 5)));
void api_advise(struct api_case *self, struct text *advice); /* which it frees */
/* "on ns1.example.com: " */
void api_on(struct text *out, const struct api_case *self, uint32_t server);
void api_task(struct text *out, const struct api_case *self, enum task task);
/* "sed -i '$ a primary=yes' /etc/powerdns/pdns.conf && systemctl restart pdns" */
void api_set(struct text *out, const struct pdns_server *pdns, enum pdns_setting setting,
	const char *value);
/* An API that can't be used, from here and then on its server: "curl -i http://192.0.2.1:8081; then
 * on ns1.example.com: ..."; of TLS its handshake, certificate and verdict. `ca_file`: of --tls-ca;
 * NULL or "". */
void api_look(struct text *out, const char *server, const char *url, const char *ca_file,
	bool is_tls);
/* On the server whose API does not let us in. */
#define API_LOOK_AT_KEY                                                                            \
	"grep -e ^api-key -e ^webserver-allow-from /etc/powerdns/pdns.conf, and compare the first with the key file here"
/* What the server's log says of the zone, in a line that holds the words and fits (NULL: any). */
void api_quote_log(struct api_case *self, const struct pdns_server *pdns, const char *words,
	bool (*fits)(const char *line));
/* "192.0.2.1, 192.0.2.7" */
const char *api_addresses_text(struct arena *arena, const struct address *addresses, size_t count);

#endif
