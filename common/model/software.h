/*
 * Which name server a server says it is (version.bind, a TXT record of class CH), so that advice
 * can be given in its words. Operators may hide that, or tell something else: advice only ever
 * depends on it, no judgement.
 */
#ifndef COMMON_MODEL_SOFTWARE_H
#define COMMON_MODEL_SOFTWARE_H

#include <stddef.h>
#include <stdint.h>

enum software_kind {
	SOFTWARE_UNKNOWN,
	SOFTWARE_POWERDNS, /* the Authoritative Server */
	SOFTWARE_BIND,
	SOFTWARE_NSD,
	SOFTWARE_KNOT,
};

struct software {
	enum software_kind kind;
	uint32_t version; /* 1000 * major + minor, 4007 for 4.7.3; 0 where it is not told */
};

enum { SOFTWARE_NAME = 128 };

/* "PowerDNS Authoritative Server 4.7.3", "BIND 9.18.28": what was said, as people call it, into
 * `out`; NULL where that is none of the four. Its own result gives the same again. */
const char *software_name(const char *said, char out[SOFTWARE_NAME]);
/* Of a name from software_name(), or NULL. */
struct software software_of(const char *name);

#endif
