/*
 * Round 0: from zones and options to a plan. Whose NS set, which names, which addresses. Every step
 * has a next best source (CONTRACT, "Primary", "Servers"): a primary that is silent or a resolver
 * that is down never ends a run.
 */
#ifndef COMMON_PROBE_DISCOVER_H
#define COMMON_PROBE_DISCOVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/fault.h"
#include "common/dns/tsig.h"
#include "common/model/history.h"
#include "common/model/observation.h"
#include "common/model/plan.h"
#include "common/net/exchange.h"
#include "common/net/loop.h"
#include "common/net/resolve.h"

/* A server as an option names it: by address, by name, or by both. */
struct host {
	const char *text;          /* as the user wrote it */
	const char *option;        /* where: "--hostname" */
	const uint8_t *name;       /* wire form; NULL: an address alone */
	struct address *addresses; /* given, or resolved by discovery; without ports */
	size_t address_count;
	uint16_t port; /* 0: the default one */
};

/* --address=NAME=ADDRESS,...[@PORT] */
struct name_mapping {
	const uint8_t *name;
	struct address *addresses;
	size_t count;
	uint16_t port; /* 0: the default one */
};

/* A name of which somebody wants to know what it means, where that is known anyway: nobody is asked
 * for it. */
struct meant_name {
	const uint8_t *name; /* wire form, lower case; NULL: an address alone */
	const struct address *addresses;
	size_t count;
	bool is_left_out; /* it, or one of its addresses, is excluded */
};

/* The servers of a host's or a name's addresses: PLAN_NONE for those that are not asked. */
enum { PLACED_HOSTS = 64 };
struct placed {
	const struct address *addresses;
	const uint8_t *name;
	size_t count;
	uint16_t port;
	uint32_t *servers;
};

struct discovery {
	/* What the user said. */
	struct host *primaries; /* -H and those of lists; each once, however many zones it has */
	size_t primary_count;
	const uint32_t *primary_of; /* zone → into `primaries`; PLAN_NONE: none was named */
	struct host *added;         /* -a */
	size_t added_count;
	const struct name_mapping *mappings;
	size_t mapping_count;
	const struct host *excluded, *independent; /* names or addresses */
	size_t excluded_count, independent_count;
	struct meant_name *meant;
	size_t meant_count;
	const struct address *resolvers; /* -s; none: the system's */
	size_t resolver_count;
	uint16_t port; /* of servers without one of their own */
	bool no_ns, want4, want6, tcp_only;
	const struct tsig_key *key;
	struct exchange_settings exchange;
	bool unlimited_loopback; /* no rate was asked for: none on loopback */
	/* What it works on. */
	struct loop *loop;
	struct plan *plan; /* zones are in it; discovery adds servers and closes it */
	/* What earlier runs knew of the zones for which `wanted[zone]` (NULL: of all) is put into
	 * `past`, where nobody can be asked. */
	const struct history *past;
	void (*recall)(void *context, const bool *wanted);
	void *recall_context;
	/* What it saw on the way, for round 1 (in the plan's arena). */
	struct discovered_ns *ns_answers; /* parallel to the zones */
	struct discovered_way *ways;
	size_t way_count, way_capacity;
	bool resolver_failed; /* all resolvers are silent: nobody waits for them again */
	struct exchange_counts counts;
	struct placed placed[PLACED_HOSTS]; /* those assigned last */
};

/* The NS set that a zone's server gave, so that it is not asked again. */
struct discovered_ns {
	const uint8_t **names;
	size_t count;
	struct address from; /* family 0: from no server of the zone */
	enum ns_source source;
};

/* What discovery found out about an address the slow way, so that nobody waits for it a second
 * time. */
struct discovered_way {
	struct address address;
	enum outcome outcome;     /* ANSWERED: by TCP only */
	enum outcome udp_outcome; /* how UDP ended */
	uint8_t tries;
};

/* The addresses of a host that the user named, with ports, of the families that are wanted: at most
 * `most` into `out`, their number into *count. Resolves its name where that was not done yet. */
bool discover_host(struct discovery *discovery, struct host *host, struct address *out, size_t most,
	size_t *count, struct fault *fault);
/* Fills and closes the plan. False only for our own troubles. */
bool discover(struct discovery *discovery, struct fault *fault);

/* For the parts of discovery (discover_ns.c, discover_names.c). */

/* One name and what is known of it. */
struct known_name {
	const uint8_t *name;
	enum name_fate fate;
	struct address *addresses;
	size_t count;
	uint16_t port;          /* of a mapping; 0 */
	bool is_settled;        /* no further source is to be asked */
	struct address primary; /* asked first: the name lies in one of its zones; family 0: none */
	uint32_t server;        /* while it is resolved: who is asked */
	const char *trouble;    /* for RESOLVER_FAILED */
};

struct known_names {
	struct known_name *items;
	size_t count, capacity;
	struct map index;
};

struct known_name *known_name_add(struct discovery *discovery, struct known_names *names,
	const uint8_t *name);
/* One more address of a name that is not settled yet. */
void known_name_address(struct discovery *discovery, struct known_name *known,
	const struct address *address);
/* Is this address known to answer by TCP only? */
bool discover_needs_tcp(const struct discovery *discovery, const struct address *address);
/* As the run's, but all resolvers together have little time. */
struct exchange_settings discover_resolver_settings(const struct discovery *discovery);
/* Whom to ask for NS sets. Resolvers are tried one after the other, servers all at once. */
struct ns_servers {
	const struct address *addresses;
	const uint32_t *primaries; /* per address: only this primary's zones; NULL: all zones */
	size_t count;
	enum ns_source source;
};

/* Asks them for each NS set that is still missing, of the zones that have a primary, or of the
 * others; glue goes into `names`. */
bool discover_ns_from(struct discovery *discovery, const struct ns_servers *servers,
	bool with_primary, struct known_names *names, struct fault *fault);
/* The MNAME of each zone without a primary by the resolver, into mnames[zone] (NULL: not known). */
bool discover_mnames(struct discovery *discovery, const uint8_t **mnames, struct fault *fault);
/* Settles every name that is not settled yet. */
bool discover_names(struct discovery *discovery, struct known_names *names, struct fault *fault);
/* The resolvers to ask: the user's or the system's. */
size_t discover_resolvers(const struct discovery *discovery, struct address *resolvers,
	size_t most);

#endif
