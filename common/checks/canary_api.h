/*
 * The canary record changed by the API of PowerDNS: pdns_record, a program of this package, does
 * it.
 */
#ifndef COMMON_CHECKS_CANARY_API_H
#define COMMON_CHECKS_CANARY_API_H

#include "common/checks/api_options.h"
#include "common/checks/check.h"
#include "common/model/propagation.h"

struct canary_api {
	struct api_place place; /* what keys call it, and where it is */
	struct api_access access;
	const char *family; /* "4", "6", or "-" */
	const char *source; /* "-" */
	/* results */
	enum change_obstacle obstacle;
	bool is_broken; /* pdns_record did not run or end well: `why` */
	struct fault why;
	struct canary_errand *errand; /* pdns_record, which still has to do with NOTIFY; NULL */
};

/* --pdns-api=NAME=URL, or the API of --hostname where it is by default. */
bool canary_api_read(struct run *run, const char *option, const struct api_access *access,
	struct canary_api *api, struct fault *fault);

/* Writes `content` into the record, or removes it (NULL). False: why it is not changed, in
 * `trouble` unless it is broken. True: *made_us is when the change was there; NOTIFY is sent
 * while the loop runs on, until canary_api_end(). */
struct canary_record;
bool canary_api_change(struct canary_api *api, const struct canary_record *record,
	const char *content, int64_t *made_us, struct text *trouble);
/* Waits for what is still to be done, and says why no NOTIFY is sent. */
void canary_api_end(struct canary_api *api, struct text *trouble);

#endif
