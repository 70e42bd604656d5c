/*
 * What check_pdns_replication remembers of zones (memory.h): the serials that their primary serves,
 * and since when a secondary has one that it never transferred.
 * A file for each primary, the first of --url: two sites may have zones of the same name, whose
 * serials have nothing to do with each other.
 */
#ifndef COMMON_CHECKS_PDNS_MEMORY_H
#define COMMON_CHECKS_PDNS_MEMORY_H

#include "common/checks/memory.h"

/* `name` is what it is called, `url` where its API is. In the run's arena. */
const struct memory *pdns_memory(struct run *run, const char *name, const char *url);
/* memory_begin(), and since when anything is remembered. After run->judged_s is set. */
void pdns_memory_begin(struct run *run, const struct memory *memory);
/* memory_write(), and that in the first run. */
bool pdns_memory_write(struct run *run, const struct memory *memory);

#endif
