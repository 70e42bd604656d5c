/*
 * What is wrong, said once. The one table of codes, default severities, units and sentences is in
 * finding.c; `--finding-table` prints it.
 */
#ifndef COMMON_MODEL_FINDING_H
#define COMMON_MODEL_FINDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"

/* The values are the exit codes of plugins. */
enum severity {
	SEVERITY_OK = 0,
	SEVERITY_WARNING = 1,
	SEVERITY_CRITICAL = 2,
	SEVERITY_UNKNOWN = 3
};

enum role { ROLE_ANY, ROLE_PRIMARY, ROLE_SECONDARY };

enum finding_code {
	FINDING_SECONDARY_BEHIND,
	FINDING_SECONDARY_AHEAD,
	FINDING_SERIAL_UNDEFINED,
	FINDING_SOA_DIFFERS,
	FINDING_SERVER_TIMEOUT,
	FINDING_SERVER_PORT_CLOSED,
	FINDING_SERVER_UNREACHABLE,
	FINDING_ZONE_TIMEOUT,
	FINDING_TCP_UNREACHABLE,
	FINDING_UDP_UNREACHABLE,
	FINDING_ZONE_REFUSED,
	FINDING_ZONE_SERVFAIL,
	FINDING_ZONE_NOTAUTH,
	FINDING_ZONE_NXDOMAIN,
	FINDING_NOT_AUTHORITATIVE,
	FINDING_NO_SOA,
	FINDING_MALFORMED_ANSWER,
	FINDING_UNEXPECTED_RCODE,
	FINDING_TSIG_FAILED,
	FINDING_ZONE_EXPIRED,
	FINDING_ZONE_NOT_LOADED,
	FINDING_ORPHAN_ZONE,
	FINDING_EXPIRE_NEAR,
	FINDING_REFRESH_OVERDUE,
	FINDING_SIGNATURE_EXPIRING,
	FINDING_SIGNATURE_EXPIRED,
	FINDING_SIGNATURE_STALE,
	FINDING_CACHE_STALE,
	FINDING_NS_UNRESOLVABLE,
	FINDING_RESOLVER_FAILED,
	FINDING_IPV6_BROKEN_HERE,
	FINDING_NS_SET_DIFFERS,
	FINDING_NO_SECONDARIES,
	FINDING_IPV6_SKIPPED,
	FINDING_DEADLINE_REACHED,
	FINDING_TRANSFER_REFUSED,
	FINDING_TRANSFER_NOTAUTH,
	FINDING_TRANSFER_TIMEOUT,
	FINDING_TRANSFER_BROKEN,
	FINDING_TRANSFER_UNSIGNED,
	FINDING_TLS_FAILED,
	FINDING_TRANSFER_OPEN,
	FINDING_TRANSFER_SHORT,
	FINDING_TRANSFER_SLOW,
	FINDING_IXFR_FELL_BACK,
	FINDING_NOTIFY_REFUSED,
	FINDING_NOTIFY_NOTAUTH,
	FINDING_NOTIFY_UNANSWERED,
	FINDING_SOA_NOT_QUERIED,
	FINDING_TRANSFER_NOT_REQUESTED,
	FINDING_TRANSFER_FAILED,
	FINDING_NOT_PUBLISHED,
	FINDING_PROPAGATION_SLOW,
	FINDING_CHANGE_FAILED,
	FINDING_CONTENT_DIFFERS,
	FINDING_CONTENT_UNSETTLED,
	FINDING_ZONEMD_MISMATCH,
	FINDING_ZONEMD_MISSING,
	FINDING_REPLICA_NOT_CONFIGURED,
	FINDING_REPLICA_IO_STOPPED,
	FINDING_REPLICA_IO_CONNECTING,
	FINDING_REPLICA_LAG_UNKNOWN,
	FINDING_REPLICA_SQL_STOPPED,
	FINDING_REPLICA_SQL_ERROR,
	FINDING_REPLICA_LAG,
	FINDING_REPLICA_HEARTBEAT_STALLED,
	FINDING_GTID_BEHIND,
	FINDING_GTID_ERRANT,
	FINDING_REPLICA_WRITABLE,
	FINDING_REPLICA_FILTERED,
	FINDING_DATABASE_UNREACHABLE,
	FINDING_DATABASE_LOGIN_FAILED,
	FINDING_DATABASE_NO_TLS,
	FINDING_DATABASE_SERIAL_DIFFERS,
	FINDING_PRIVILEGE_MISSING,
	FINDING_DATABASE_CONTENT_DIFFERS,
	FINDING_DATABASE_SCHEMA_BROKEN,
	FINDING_CONTENT_NOT_COMPARED,
	FINDING_GALERA_NOT_PRIMARY,
	FINDING_GALERA_NOT_SYNCED,
	FINDING_GALERA_NOT_READY,
	FINDING_GALERA_SIZE,
	FINDING_GROUP_MEMBER_NOT_ONLINE,
	FINDING_GROUP_NO_MAJORITY,
	FINDING_GROUP_SIZE,
	FINDING_QUERY_CACHE_ON,
	FINDING_API_UNREACHABLE,
	FINDING_API_UNAUTHORIZED,
	FINDING_PRIMARY_DISABLED,
	FINDING_SECONDARY_DISABLED,
	FINDING_AUTOSECONDARY_DISABLED,
	FINDING_AUTOPRIMARY_MISSING,
	FINDING_AUTOPRIMARY_WRONG_ADDRESS,
	FINDING_AUTOPRIMARY_WRONG_NAME,
	FINDING_ZONE_KIND_NATIVE,
	FINDING_AXFR_DENIED,
	FINDING_AXFR_ACL_WIDE,
	FINDING_NOTIFY_REJECTED,
	FINDING_NOTIFY_PENDING,
	FINDING_ZONE_MISSING_ON_SECONDARY,
	FINDING_NEVER_TRANSFERRED,
	FINDING_LAST_CHECK_OLD,
	FINDING_SOA_EDIT_API_UNSET,
	FINDING_SOA_EDIT,
	FINDING_INSPECTION_PARTIAL,
	FINDING_CATALOG_MEMBER_MISSING,
	FINDING_CATALOG_MEMBER_EXTRA,
	FINDING_ZONE_LIST_BROKEN,
	FINDING_ZONE_LIST_FAILED,
	FINDING_SOURCE_UNMATCHED,
	FINDING_SHARD_EMPTY,
	FINDING_STATE_UNUSABLE,
	FINDING_REPORT_UNWRITTEN,
	FINDING_COUNT,
	FINDING_NONE = FINDING_COUNT,
};

struct finding {
	enum severity severity;
	enum finding_code code;
	enum finding_code cause; /* FINDING_NONE: none is known */
	uint32_t cause_server;   /* whose that is; valid with a cause or a why */
	uint32_t zone,
		server;   /* indexes into the plan; PLAN_NONE: the run, or the zone as a whole */
	const char *name; /* of a server that has no address, "ns9.example.com."; NULL */
	int64_t amount;   /* in the unit that the table names; valid where has_amount */
	bool has_amount;
	enum role role;     /* of the server in this zone */
	const char *text;   /* what is wrong, beginning after the subject: "8 serials behind for 2h
	                       10m (since 04:12Z)" */
	const char *detail; /* what belongs behind it where there is room: serials, fields; NULL */
	const char *why;    /* what is visible of the cause, a clause for the first line; NULL */
	const char *evidence; /* what else speaks for it, clauses; NULL */
	const char *advice;   /* the next command to type; NULL where there is none */
};

struct findings {
	struct finding *items;
	size_t count, capacity;
	struct arena arena; /* the texts */
};

struct finding_kind {
	const char *code; /* "secondary_behind" */
	enum severity severity;
	const char *severity_text; /* as the documentation has it: "by lag" */
	const char *unit;          /* of the amount: "s", "serials", ""; */
	const char *sentence;      /* when it is said */
};

extern const struct finding_kind finding_kinds[FINDING_COUNT];

/* Adds a zeroed finding with its default severity, no zone, no server, no cause. The pointer is
 * good until the next one. */
struct finding *finding_add(struct findings *findings, enum finding_code code);
bool finding_code_from_text(const char *text, enum finding_code *code);
void findings_free(struct findings *findings);

/* "OK", "WARNING", "CRITICAL", "UNKNOWN". */
const char *severity_text(enum severity severity);
bool severity_from_text(const char *text, enum severity *severity); /* any case */
/* Rank for aggregation: OK < UNKNOWN < WARNING < CRITICAL. */
unsigned severity_rank(enum severity severity);
enum severity severity_worse(enum severity a, enum severity b);
const char *role_text(enum role role); /* "primary", "secondary", "" */

#endif
