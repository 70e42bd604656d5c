/*
 * bind_zones URL MILLISECONDS: the zones that a named serves, one a line, by its statistics
 * channel. check_dns_replication runs it (--zones-from=bind:URL), so that the check does not link
 * libcurl. On trouble it exits with 1 and says why on stderr.
 */
#include <stdio.h>
#include <stdlib.h>

#include "common/probe/bind_zones.h"

static void print_zone(void *context, const char *name)
{
	(void)context;
	puts(name);
}

int main(int argc, char **argv)
{
	struct fault fault = { { 0 } };

	if (argc != 3) {
		fputs("usage: bind_zones URL MILLISECONDS, e.g. bind_zones http://127.0.0.1:8053 5000\n",
			stderr);
		return 2;
	}
	if (!bind_zones_fetch(argv[1], (uint32_t)strtoul(argv[2], NULL, 10), print_zone, NULL,
		    &fault)) {
		fprintf(stderr, "%s\n", fault.text);
		return 1;
	}
	return fflush(stdout) ? 1 : 0;
}
