/* How types, rcodes and extended errors are called. */
#include <ldns/ldns.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/dns/message.h"

/* IANA's "DNS RCODEs"; 9 in its meaning of RFC 2136. */
static const char *const rcodes[] = {
	[0] = "NOERROR",
	[1] = "FORMERR",
	[2] = "SERVFAIL",
	[3] = "NXDOMAIN",
	[4] = "NOTIMP",
	[5] = "REFUSED",
	[6] = "YXDOMAIN",
	[7] = "YXRRSET",
	[8] = "NXRRSET",
	[9] = "NOTAUTH",
	[10] = "NOTZONE",
	[11] = "DSOTYPENI",
	[16] = "BADVERS",
	[17] = "BADKEY",
	[18] = "BADTIME",
	[19] = "BADMODE",
	[20] = "BADNAME",
	[21] = "BADALG",
	[22] = "BADTRUNC",
	[23] = "BADCOOKIE",
};

/* IANA's "Extended DNS Error Codes". */
static const char *const ede_purposes[] = {
	[0] = "Other Error",
	[1] = "Unsupported DNSKEY Algorithm",
	[2] = "Unsupported DS Digest Type",
	[3] = "Stale Answer",
	[4] = "Forged Answer",
	[5] = "DNSSEC Indeterminate",
	[6] = "DNSSEC Bogus",
	[7] = "Signature Expired",
	[8] = "Signature Not Yet Valid",
	[9] = "DNSKEY Missing",
	[10] = "RRSIGs Missing",
	[11] = "No Zone Key Bit Set",
	[12] = "NSEC Missing",
	[13] = "Cached Error",
	[14] = "Not Ready",
	[15] = "Blocked",
	[16] = "Censored",
	[17] = "Filtered",
	[18] = "Prohibited",
	[19] = "Stale NXDOMAIN Answer",
	[20] = "Not Authoritative",
	[21] = "Not Supported",
	[22] = "No Reachable Authority",
	[23] = "Network Error",
	[24] = "Invalid Data",
	[25] = "Signature Expired before Valid",
	[26] = "Too Early",
	[27] = "Unsupported NSEC3 Iterations Value",
	[28] = "Unable to conform to policy",
	[29] = "Synthesized",
	[30] = "Invalid Query Type",
};

/* Types that ldns does not name in its table of records, since they are only asked for. */
static const struct {
	uint16_t type;
	const char *name;
} question_types[] = {
	{ DNS_IXFR, "IXFR" },
	{ DNS_AXFR, "AXFR" },
	{ 253, "MAILB" },
	{ 254, "MAILA" },
	{ DNS_ANY, "ANY" },
};
enum { QUESTION_TYPES = sizeof(question_types) / sizeof(question_types[0]) };

const char *rcode_text(uint16_t rcode, char out[16])
{
	if (rcode < sizeof(rcodes) / sizeof(rcodes[0]) && rcodes[rcode])
		return rcodes[rcode];
	snprintf(out, 16, "RCODE%u", rcode);
	return out;
}

const char *ede_purpose(uint16_t code)
{
	return code < sizeof(ede_purposes) / sizeof(ede_purposes[0]) ? ede_purposes[code] : NULL;
}

const char *type_text(uint16_t type, char out[16])
{
	const ldns_rr_descriptor *descriptor = ldns_rr_descript(type);

	for (size_t i = 0; i < QUESTION_TYPES; i++) {
		if (question_types[i].type == type)
			return question_types[i].name;
	}
	if (type && descriptor->_type == type && descriptor->_name)
		return descriptor->_name;
	snprintf(out, 16, "TYPE%u", type);
	return out;
}

/* TYPE and up to five digits (RFC 3597 5). */
static bool generic_type(const char *digits, uint16_t *type)
{
	size_t length = strlen(digits);
	unsigned long value;

	if (!length || length > 5 || strspn(digits, "0123456789") != length)
		return false;
	value = strtoul(digits, NULL, 10);
	*type = (uint16_t)value;
	return value <= 0xffff;
}

bool type_from_text(const char *text, uint16_t *type)
{
	if (!strncasecmp(text, "TYPE", 4))
		return generic_type(text + 4, type);
	for (size_t i = 0; i < QUESTION_TYPES; i++) {
		if (!strcasecmp(question_types[i].name, text)) {
			*type = question_types[i].type;
			return true;
		}
	}
	*type = (uint16_t)ldns_get_rr_type_by_name(text);
	return *type != 0;
}
