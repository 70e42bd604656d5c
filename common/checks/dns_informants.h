/*
 * Whom --pdns-api and --mysql name, as the judgement sees them (model/informant.h): what their
 * names mean, and whether --zones-from has its zones from them.
 */
#ifndef COMMON_CHECKS_DNS_INFORMANTS_H
#define COMMON_CHECKS_DNS_INFORMANTS_H

#include "common/checks/dns_options.h"

/* Discovery is to tell what their names mean. The options have been read. */
bool dns_informants_want(struct run *run, struct dns_setup *setup);
/* After discovery, into run->seen: all but those whose servers the user excluded. */
void dns_informants_note(struct run *run, const struct dns_setup *setup);

#endif
