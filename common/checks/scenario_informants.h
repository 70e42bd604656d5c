/*
 * Whom --pdns-api and --mysql name, in scenarios.
 *
 *   informant --mysql ns2.example.com addresses=192.0.2.2@53,2001:db8::2@53 gives_zones=1
 *   informant --pdns-api ns3.example.com hosts=198.51.100.3 trouble=it%20answers%20HTTP%20502
 */
#ifndef COMMON_CHECKS_SCENARIO_INFORMANTS_H
#define COMMON_CHECKS_SCENARIO_INFORMANTS_H

#include "common/base/text.h"
#include "common/checks/scenario_line.h"
#include "common/model/observation.h"

void scenario_write_informants(const struct observations *seen, struct text *out);
/* One more into `seen`, in its arena. */
bool scenario_read_informant(struct scenario_line *line, struct observations *seen);

#endif
