/*
 * What earlier runs saw, and what this one adds. With 100,000 zones only those histories are held
 * that somebody looks at: of zones that discovery can ask nobody about, and of those in which a
 * server is not as the reference is. The others are compared with what this run saw, one by one,
 * in one pass over the file.
 */
#ifndef COMMON_CHECKS_DNS_HISTORY_H
#define COMMON_CHECKS_DNS_HISTORY_H

#include "common/checks/check.h"

/* The state's file, or NULL: none is kept, or it can't be used (then past.trouble says why, where
 * the user named its place). The caller closes it. */
struct state *dns_history_open(struct run *run);
/* Before the first question: nothing is known yet. */
void dns_history_begin(struct run *run);
/* What is known of the zones for which `wanted[zone]`; NULL: of all. */
void dns_history_recall(struct run *run, const bool *wanted);
/* After the last question: what the judgement looks at, with what this run saw, and which zones are
 * to be written. */
void dns_history_note(struct run *run);
/* Writes them. False: past.trouble says why (where the user named the state's place). */
bool dns_history_write(struct run *run);

#endif
