/*
 * What check_mysql_replication remembers of each channel between runs: since when nothing has moved
 * there. One note a database and channel in the state's file.
 */
#ifndef COMMON_CHECKS_MYSQL_MEMORY_H
#define COMMON_CHECKS_MYSQL_MEMORY_H

#include "common/checks/check.h"
#include "common/model/database.h"

/* What earlier runs saw of the database's channels, in the run's arena; NULL: nothing is kept. A
 * state that can't be used is run->past.trouble. */
struct channel_past *mysql_recall(struct run *run, const char *name, const struct database *seen);
/* Writes what moved, or is new. */
void mysql_remember(struct run *run, const char *name, const struct database *seen);

#endif
