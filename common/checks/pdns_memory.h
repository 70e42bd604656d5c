/*
 * What check_pdns_replication remembers of zones (memory.h): the serials that their primary serves.
 * A file for each primary, the first of --url: two sites may have zones of the same name, whose
 * serials have nothing to do with each other.
 */
#ifndef COMMON_CHECKS_PDNS_MEMORY_H
#define COMMON_CHECKS_PDNS_MEMORY_H

#include "common/checks/memory.h"

/* `name` is what it is called, `url` where its API is. In the run's arena. */
const struct memory *pdns_memory(struct run *run, const char *name, const char *url);

#endif
