/*
 * The shapes of rdata: which bytes are names, character strings or integers. Pure, and only for
 * this room and for those who take whole zones: others use record_rdata() of common/dns/message.h.
 */
#ifndef COMMON_DNS_RDATA_H
#define COMMON_DNS_RDATA_H

#include <stdbool.h>

#include "common/dns/message.h"
#include "common/dns/wire.h"

/*
 * Writes the record's rdata with every compressed name in full, where the type allows a sender to
 * compress (RFC 1035) or asks receivers to decompress nevertheless (RFC 3597 4, and the younger
 * types whose names stand where an old sender might have compressed them). False: malformed, i.e.
 * not of the shape that the type has in class IN, or longer than 65,535 bytes in full. Unknown
 * types are copied.
 */
bool rdata_expand(const struct message *message, const struct record *record,
	struct wire_writer *out);
/* Is this uncompressed rdata of the shape that the type has in this class? */
bool rdata_check(uint16_t type, uint16_t class, const uint8_t *rdata, uint16_t length);

/* Do names in the rdata of this type compare without regard to case (RFC 4034 6.2, RFC 6840 5.1)?
 */
bool rdata_names_fold(uint16_t type);
/* Brings those names into lower case; uncompressed rdata of the type's shape, in place. */
void rdata_fold_names(uint16_t type, uint16_t class, uint8_t *rdata, size_t length);

/* The shape in one letter a field, as rdata.c explains them; NULL where it is not known. */
const char *rdata_fields(uint16_t type, uint16_t class);

#endif
