/*
 * A run as text: options, plan, observations and history, one item a line, so that a judgement can
 * be repeated anywhere (--write=scenario:FILE, --replay=FILE) and tests are small files. Secrets,
 * and the names of files, are left out.
 *
 *   scenario 1
 *   program check_zone_transfer
 *   option --zone=example.com
 *   run now=1795324740 queries=9 retries=0
 *   name ns2.example.com. fate=resolved
 *   zone example.com. ns_source=primary known=1 primary=1 names=0,1
 *   server ns2.example.com. 192.0.2.2@53 tcp_outcome=answered software=NSD%204.6.1
 *   fields ns1.example.com. hostmaster.example.com. 7200 3600 1209600 3600
 *   text some%20words
 *   ns_set ns1.example.com. ns2.example.com.
 *   pair zone=0 server=1 flags=listed outcome=answered serial=7 fields=1
 *   transfer outcome=refused zone=0 server=0 rcode=5
 *   transfer outcome=answered zone=0 server=1 soa=1 serial=7
 *   serial zone=0 7 1795324000
 *   gap zone=0 server=1 7 1795324000
 *   past zone=0 ns2.example.com. 192.0.2.2@53 outcome=answered since=1795324000 listed=1
 *
 * Without a program line it is check_dns_replication's. Lines of zone transfers:
 * scenario_transfers.h. A zone may also have new_since= (its list names it since then only) and
 * gone_since= (not any more). Items are numbered in the order in which they stand; fields, texts
 * and NS sets from 1 (0 is none). What is not said is 0, or "not said" where there is such a value.
 * %XX in a word is a byte that would end it.
 */
#ifndef COMMON_CHECKS_SCENARIO_H
#define COMMON_CHECKS_SCENARIO_H

#include "common/base/outlet.h"
#include "common/checks/check.h"

/* Remembers the command line as `option` lines. */
void scenario_note_options(struct run *run, int argc, char **argv);
void scenario_write(const struct run *run, struct outlet *out);

/* With --replay: reads the file; its options, then those of the command line, into `values`. */
bool scenario_options(struct run *run, void *values, int argc, char **argv, struct fault *fault);
/* Plan, observations and history out of run->scenario, which is used up. The fault names file and
 * line. */
bool scenario_read(struct run *run, struct fault *fault);

#endif
