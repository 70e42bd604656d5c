/* What only turns out when the judgement is already there. */
#include <string.h>

#include "common/judge/judge.h"

/* Before the first that is no worse: what is about the run as a whole comes first. */
static void move_up(struct findings *findings)
{
	struct finding last = findings->items[findings->count - 1];
	unsigned rank = severity_rank(last.severity);
	size_t at = findings->count - 1;

	while (at > 0 && severity_rank(findings->items[at - 1].severity) <= rank)
		at--;
	memmove(&findings->items[at + 1], &findings->items[at],
		(findings->count - 1 - at) * sizeof(last));
	findings->items[at] = last;
}

void judge_unwritten(const struct policy *policy, struct verdict *verdict, const char *why)
{
	struct finding *finding = finding_add(&verdict->findings, FINDING_REPORT_UNWRITTEN);

	finding->text = arena_printf(&verdict->findings.arena, "--write: %s", why);
	finding->severity =
		policy_severity(policy, finding->code, finding->role, finding->severity);
	finding->advice = judge_advice_in_general(finding->code);
	verdict->severity = severity_worse(verdict->severity, finding->severity);
	move_up(&verdict->findings);
}
