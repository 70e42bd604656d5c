/*
 * What became of the comparison of two databases' contents, in scenarios. These lines follow their
 * database's:
 *
 *   compared database=0 outcome=compared schema=pdns zones=40 position=0-1-17 different=1 ...
 *   differing zone=example.com relation=different records_here=6 records_there=7 records_differ=1
 * ... differing_row part=records name=www.example.com type=A there=1 tsig_row name=transfer
 * type=hmac-sha256 here=1 there=1
 */
#ifndef COMMON_CHECKS_SCENARIO_COMPARED_H
#define COMMON_CHECKS_SCENARIO_COMPARED_H

#include "common/base/text.h"
#include "common/checks/scenario_databases.h"
#include "common/model/database_content.h"

void scenario_write_compared(const struct database_content *content, size_t database,
	struct text *out);
/* Each of these lines, by its keyword. */
bool scenario_read_compared(struct scenario_line *line, struct scenario_databases *databases);

#endif
