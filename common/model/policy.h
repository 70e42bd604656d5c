/*
 * What the user tolerates: thresholds and severities, as the judges need them. From options only.
 */
#ifndef COMMON_MODEL_POLICY_H
#define COMMON_MODEL_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/address.h"
#include "common/base/range.h"
#include "common/model/finding.h"

/* A duration, or a share of another one. */
struct limit {
	double value; /* seconds, or per cent */
	bool percent, set;
};

struct severity_override {
	enum finding_code code;
	enum role role; /* ROLE_ANY where none was given */
	enum severity severity;
};

/* What check_zone_transfer asked for. */
struct transfer_policy {
	bool expect_refused;
	bool incremental; /* IXFR from `serial`, else AXFR */
	uint32_t serial;
	bool tls;
	uint64_t least_records;                   /* 0: any number */
	struct range slow_warning, slow_critical; /* seconds */
	struct address source4, source6;          /* asked from; family 0: what the system chose */
};

struct policy {
	struct range lag_warning, lag_critical;         /* seconds */
	struct range serials_warning, serials_critical; /* serials behind; not set by default */
	struct limit expire_warning,
		expire_critical; /* what is left of the SOA's expire: alarm at or below */
	struct limit signature_warning,
		signature_critical; /* not set: by validity, see judge/signatures.c */
	uint32_t quorum;            /* 0: none */
	int64_t new_zone_grace_s;   /* what is new may be on its way for so long */
	enum severity timeout_result;
	bool has_key;               /* questions are signed: advice says so */
	const uint8_t *expected_ns; /* -N: as struct ns_set's names; NULL: none */
	size_t expected_ns_length;
	struct transfer_policy transfers;
	const struct severity_override *overrides;
	size_t override_count;
};

/* The severity after --severity: the last matching override wins. */
enum severity policy_severity(const struct policy *policy, enum finding_code code, enum role role,
	enum severity severity);

#endif
