#include "common/model/policy.h"

enum severity policy_severity(const struct policy *policy, enum finding_code code, enum role role,
	enum severity severity)
{
	for (size_t i = 0; i < policy->override_count; i++) {
		const struct severity_override *override = &policy->overrides[i];

		if (override->code == code &&
			(override->role == ROLE_ANY || override->role == role))
			severity = override->severity;
	}
	return severity;
}
