/*
 * Names to addresses by our own exchange (a running getaddrinfo(3) can't be cancelled at a
 * deadline), and the hosts file.
 */
#ifndef COMMON_NET_RESOLVE_H
#define COMMON_NET_RESOLVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/address.h"
#include "common/base/arena.h"
#include "common/net/exchange.h"

enum name_status {
	NAME_UNKNOWN, /* not asked (yet) */
	NAME_RESOLVED,
	NAME_NXDOMAIN,
	NAME_NODATA,          /* the name is there and has no address */
	NAME_RESOLVER_FAILED, /* silence, SERVFAIL, REFUSED of every resolver: says nothing about
	                         the name */
};

/* The name servers of /etc/resolv.conf (at most 3, port 53; 127.0.0.1 where there is none, as
 * resolv.conf(5) says). `path` for tests. */
size_t resolve_system_servers(const char *path, struct address *servers, size_t most);
/* Addresses of the name in the hosts file (hosts(5), without regard to case); appends at most
 * `most`; their number. */
size_t resolve_hosts_file(const char *path, const uint8_t *name, struct address *addresses,
	size_t most);

struct resolve_request {
	const uint8_t *name;
	bool want4, want6;
	uint32_t server; /* with own_server: who knows it, an index into the settings' servers */
	/* results, owned by the arena; ports 0 */
	enum name_status status;
	struct address *addresses; /* sorted, IPv4 first; at most 64 of each family */
	size_t count;
	const char *trouble; /* for RESOLVER_FAILED: "192.0.2.53 does not answer", "... answers
	                        SERVFAIL" */
};

struct resolve_settings {
	const struct address *servers; /* tried in order; the next where one is silent or fails */
	size_t server_count;
	bool own_server;        /* each name has one server of its own instead */
	bool recursion_desired; /* false: the server is asked as an authoritative one, and must set
	                           AA */
	bool tcp;               /* ask by TCP only: the servers are known not to answer by UDP */
	struct exchange_settings exchange;
};

/* All at once; A and AAAA in parallel; CNAMEs inside the answer are followed. False only for our
 * own troubles. Adds to *counts. */
bool resolve_names(struct loop *loop, const struct resolve_settings *settings,
	struct resolve_request *requests, size_t count, struct arena *arena,
	struct exchange_counts *counts, struct fault *fault);

#endif
