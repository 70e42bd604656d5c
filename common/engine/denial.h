/*
 * Authenticated denial of existence out of the zone's own records: NSEC (RFC 4035 3.1.3) or NSEC3
 * (RFC 5155 7.2). Pure.
 */
#ifndef COMMON_ENGINE_DENIAL_H
#define COMMON_ENGINE_DENIAL_H

struct answering;

/* All that the answer has to prove, into the authority section, each record once. */
void denial_write(const struct answering *self);

#endif
