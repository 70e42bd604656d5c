/*
 * Sockets to listen on, with faults that say what to do.
 */
#ifndef COMMON_ENGINE_LISTEN_H
#define COMMON_ENGINE_LISTEN_H

#include <stdbool.h>

#include "common/base/address.h"
#include "common/base/fault.h"

struct listening {
	struct address address; /* with the real port */
	int udp, tcp;           /* -1: not wanted */
};

/* Both with one port. Where port 0 is asked for, one is taken that is free for both. */
bool listen_on(const struct address *address, bool want_udp, bool want_tcp,
	struct listening *listening, struct fault *fault);
void listen_close(struct listening *listening);

#endif
