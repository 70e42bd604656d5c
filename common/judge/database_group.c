/* MySQL's group replication: is this member well, and does it reach the others? */
#include <string.h>
#include <strings.h>

#include "common/base/duration.h"
#include "common/judge/database_private.h"

enum { ERROR_TABLE_DENIED = 1142, ERROR_COLUMN_DENIED = 1143, ERROR_ACCESS_DENIED = 1227 };

static const char members_statement[] =
	"SELECT * FROM performance_schema.replication_group_members";

/* ": error 3635: The table in transaction ..." */
static const char *quote(const struct database *seen, struct findings *findings)
{
	return seen->group_errno ? arena_printf(&findings->arena, ": error %u: %s",
					   seen->group_errno, seen->group_error)
				 : "";
}

/* " (db3:3306 UNREACHABLE)" */
static const char *others(const struct database *seen, struct findings *findings)
{
	return *seen->group_others ? arena_printf(&findings->arena, " (%s)", seen->group_others)
				   : "";
}

static void judge_unseen(const struct database_facts *facts, struct findings *findings)
{
	const struct database *seen = facts->seen;
	bool denied = seen->group_errno == ERROR_TABLE_DENIED ||
		seen->group_errno == ERROR_COLUMN_DENIED ||
		seen->group_errno == ERROR_ACCESS_DENIED;

	if (denied)
		database_say(facts, findings, FINDING_PRIVILEGE_MISSING,
			"%s may not see how its group is%s", seen->user, quote(seen, findings))
			->advice = arena_printf(&findings->arena,
			"on %s, as an administrator: GRANT SELECT ON performance_schema.* TO %s",
			facts->name, seen->user);
	else
		database_say(facts, findings, FINDING_REPLICA_LAG_UNKNOWN,
			"the server does not tell how its group is%s", quote(seen, findings))
			->advice = arena_printf(&findings->arena, "on %s: mysql -e '%s'",
			facts->name, members_statement);
}

/* What a state means, and what to type
 * (https://dev.mysql.com/doc/refman/8.4/en/group-replication-server-states.html). */
static const struct meaning {
	const char *state, *means, *advice;
} meanings[] = {
	{ "RECOVERING",
		"the member is RECOVERING: it still copies from another member what it lacks",
		"mysql -e \"SELECT * FROM performance_schema.replication_connection_status WHERE CHANNEL_NAME='group_replication_recovery'\\G\"" },
	{ "OFFLINE", "the member is OFFLINE: group replication does not run, so nothing arrives",
		"its error log tells why; mysql -e 'START GROUP_REPLICATION'" },
	{ "ERROR", "the member is in ERROR: it has left its group, so nothing arrives",
		"its error log tells why; then mysql -e 'STOP GROUP_REPLICATION; START GROUP_REPLICATION'" },
};

static void judge_member(const struct database_facts *facts, struct findings *findings)
{
	const struct database *seen = facts->seen;
	const char *means = arena_printf(&findings->arena, "the member is not ONLINE but %s%s",
		*seen->group_state ? seen->group_state : "in no state", others(seen, findings));
	const char *advice = arena_printf(&findings->arena, "mysql -e '%s'", members_statement);

	if (!strcasecmp(seen->group_state, "ONLINE"))
		return;
	for (size_t i = 0; i < sizeof(meanings) / sizeof(*meanings); i++) {
		if (!strcasecmp(seen->group_state, meanings[i].state)) {
			means = meanings[i].means;
			advice = meanings[i].advice;
		}
	}
	database_say(facts, findings, FINDING_GROUP_MEMBER_NOT_ONLINE, "%s%s", means,
		quote(seen, findings))
		->advice = arena_printf(&findings->arena, "on %s: %s", facts->name, advice);
}

/* A member that is cut off sees the others as UNREACHABLE, and itself ONLINE. */
static void judge_majority(const struct database_facts *facts, struct findings *findings)
{
	const struct database *seen = facts->seen;

	if (!seen->group_unreachable || 2 * (uint64_t)seen->group_unreachable < seen->group_size)
		return;
	database_say(facts, findings, FINDING_GROUP_NO_MAJORITY,
		"it does not reach the majority of its group, so nothing is committed: %u of %u members are UNREACHABLE%s",
		seen->group_unreachable, seen->group_size, others(seen, findings))
		->advice = arena_printf(&findings->arena,
		"on %s: mend the network between the members (TCP, port of group_replication_local_address, mostly 33061). Only where the others are gone for good, and on one member: mysql -e \"SET GLOBAL group_replication_force_members='ITS LOCAL ADDRESS'\"",
		facts->name);
}

static void judge_size(const struct database_facts *facts, struct findings *findings)
{
	const struct database *seen = facts->seen;
	struct finding *finding;

	if (seen->group_online >= facts->group_size)
		return;
	finding = database_say(facts, findings, FINDING_GROUP_SIZE,
		"%u of %u members of the group are ONLINE%s", seen->group_online, facts->group_size,
		others(seen, findings));
	finding->amount = seen->group_online;
	finding->has_amount = true;
	finding->advice = arena_printf(&findings->arena,
		"on the member that is missing in mysql -h %s -e '%s': mysql -e 'START GROUP_REPLICATION'",
		facts->name, members_statement);
}

static void judge_lag(const struct database_facts *facts, struct findings *findings)
{
	const struct database *seen = facts->seen;
	bool critical = range_alerts(&facts->policy->lag_critical, (double)seen->group_lag_s),
	     warning = range_alerts(&facts->policy->lag_warning, (double)seen->group_lag_s);
	struct finding *finding;
	char lag[32];

	if (!seen->has_group_lag || (!critical && !warning))
		return;
	duration_format(seen->group_lag_s, lag);
	finding = database_say(facts, findings, FINDING_REPLICA_LAG,
		"%s behind its group: it applies a transaction that was committed then", lag);
	finding->severity = critical ? SEVERITY_CRITICAL : SEVERITY_WARNING;
	finding->amount = seen->group_lag_s;
	finding->has_amount = true;
	finding->advice = arena_printf(&findings->arena,
		"on %s: mysql -e 'SELECT * FROM performance_schema.replication_group_member_stats\\G'",
		facts->name);
}

void database_judge_group(const struct database_facts *facts, struct findings *findings)
{
	const struct database *seen = facts->seen;

	if (!seen->has_group) {
		if (facts->expected == DATABASE_IS_GROUP)
			database_say(facts, findings, FINDING_GROUP_MEMBER_NOT_ONLINE,
				"it is no member of a group (group_replication_group_name is not set)")
				->advice = arena_printf(&findings->arena, "on %s: mysql -e '%s'",
				facts->name, members_statement);
		return;
	}
	if (!seen->group_state) {
		judge_unseen(facts, findings);
		return;
	}
	judge_member(facts, findings);
	judge_majority(facts, findings);
	judge_size(facts, findings);
	judge_lag(facts, findings);
}
