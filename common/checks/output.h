/*
 * What a run prints, and the files that --write names. Everything goes to stdout: NRPE drops
 * stderr, and Icinga would put it first; only what stdout itself does not take is said there.
 * Reports that are complete (JSON, Prometheus, scenarios) are streamed: memory does not grow with
 * them.
 */
#ifndef COMMON_CHECKS_OUTPUT_H
#define COMMON_CHECKS_OUTPUT_H

#include <stdbool.h>

#include "common/base/fault.h"
#include "common/base/text.h"
#include "common/checks/check.h"
#include "common/model/finding.h"

/* First of all: what the caller closed of the descriptors 0 to 2 must not become a socket or a
 * database, into which a report would then go. Reading and writing them fails as before. */
void output_guard(void);
/* The code to exit with: UNKNOWN at least where stdout did not take it all, and then stderr says
 * why. */
int output_text(const struct run *run, const struct text *text, enum severity code);
/* A run that could not be, in the format that was asked for: what reads JSON must not meet a
 * sentence. */
int output_fault(const struct run *run, const struct fault *fault);
/* Checked before anything is sent, so that a typing error does not cost a run. */
bool output_check_files(const struct run *run, struct fault *fault);
/* The files, then stdout, which says where a file could not be written; the exit code. */
int output_report(struct run *run);

#endif
