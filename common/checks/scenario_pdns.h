/*
 * What PowerDNS's API said, in scenarios and as the sibling tells it. In check_pdns_replication's
 * these servers are the plan's servers; in others server= says which one of them it is.
 *
 *   pdns ns1.example.com. 192.0.2.1@53 url=http://192.0.2.1:8081 outcome=answered ...
 *   pdns_settings index=0 primary=yes allow-axfr-ips=192.0.2.2
 *   pdns_masters index=1 192.0.2.1,%20192.0.2.7
 *   pdns_zone index=1 zone=0 kind=Slave serial=7 last_check=1795327712 masters=1
 *   pdns_autoprimary index=1 192.0.2.1 ns2.example.com. account
 *   pdns_detail index=0 zone=0 outcome=answered soa_edit_api=DEFAULT ns=ns1.example.com. ...
 *   pdns_log index=0 times=3 words
 *
 * index= is the number of the pdns line, from 0; lists of masters are numbered from 1 by server.
 * What a line does not say is not known.
 */
#ifndef COMMON_CHECKS_SCENARIO_PDNS_H
#define COMMON_CHECKS_SCENARIO_PDNS_H

#include "common/base/outlet.h"
#include "common/checks/scenario_line.h"
#include "common/model/observation.h"
#include "common/model/pdns.h"
#include "common/model/plan.h"

enum { PDNS_SERVERS_MOST = 64 };

/* Adds the server to a plan whose servers are those that are asked by API: its index. `address`
 * may have family 0: not known. */
uint32_t scenario_add_pdns(struct plan *plan, const char *name, const struct address *address);

/* `are_servers`: the plan's are these. */
void scenario_write_pdns(const struct plan *plan, const struct observations *seen, bool are_servers,
	struct outlet *out);

/* Those that were read. {0} is none, but for the arena. */
struct scenario_pdns {
	struct arena *arena;
	struct plan *plan; /* open */
	struct observations *seen;
	bool are_servers;
	struct pdns_server *items;
	size_t count;
};

/* Is the line's keyword one of these? */
bool scenario_is_pdns(const char *keyword);
/* One such line. */
bool scenario_read_pdns(struct scenario_line *line, struct scenario_pdns *pdns);
/* After the last: into the observations; the plan is closed. */
void scenario_place_pdns(struct scenario_pdns *pdns, size_t zone_count);

#endif
