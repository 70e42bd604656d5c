/*
 * What the engine does wrong on purpose, for drills and tests: one table of names, what each does,
 * and how it is asked for, from which parsing and the help text come.
 */
#ifndef COMMON_ENGINE_FAULTS_H
#define COMMON_ENGINE_FAULTS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/fault.h"
#include "common/base/text.h"

enum engine_fault {
	/* transfers and NOTIFY */
	FAULT_REFUSE_AXFR,
	FAULT_TRUNCATE_TRANSFER,
	FAULT_RESET_TRANSFER,
	FAULT_NO_IXFR,
	FAULT_DROP_NOTIFY,
	FAULT_STALE_SERIAL,
	FAULT_WRONG_TSIG,
	/* what answers say */
	FAULT_LAME,
	FAULT_SERVFAIL,
	FAULT_EXPIRED,
	FAULT_NOT_LOADED,
	FAULT_NXDOMAIN,
	FAULT_NOTAUTH,
	FAULT_NODATA,
	FAULT_NO_AA,
	FAULT_FORMERR_EDNS,
	FAULT_TC_ALWAYS,
	FAULT_EDE,
	/* what becomes of packets */
	FAULT_DROP,
	FAULT_DROP_UDP,
	FAULT_DROP_TCP,
	FAULT_NO_UDP,
	FAULT_NO_TCP,
	FAULT_SLOW,
	FAULT_GARBAGE,
	FAULT_WRONG_ID,
	FAULT_WRONG_QUESTION,
	FAULT_COUNT,
};

/* {0}: nothing wrong. */
struct fault_set {
	uint32_t bits; /* 1 << enum engine_fault */
	uint32_t slow_ms;
	uint16_t ede_code;
};

static inline bool fault_set_has(const struct fault_set *set, enum engine_fault fault)
{
	return set->bits & 1U << fault;
}

/* What both do; numbers of `more` win. */
struct fault_set fault_set_join(struct fault_set set, struct fault_set more);
/*
 * "NAME", "NAME=NUMBER", each with ":ZONE" behind it or not. *zone points into `text`, NULL for
 * every zone. An unknown name's fault lists the known ones.
 */
bool fault_set_parse(const char *text, struct fault_set *set, const char **zone,
	struct fault *fault);
/* "refuse-axfr (transfers are answered REFUSED), ..." for --help and the manual page. */
void fault_set_help(struct text *out);
const char *fault_name(enum engine_fault fault);
/* Of a set that is not empty. */
enum engine_fault fault_set_first(const struct fault_set *set);

#endif
