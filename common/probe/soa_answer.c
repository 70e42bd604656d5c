/* What an answer comes to, as an observation. */
#include <stdio.h>

#include "common/dns/message.h"
#include "common/probe/soa.h"

uint16_t soa_tsig_error(uint16_t said)
{
	if (said >> 8 == TSIG_ERROR)
		return said & 0xff;
	if (said >> 8 != TSIG_UNSIGNED)
		return TSIG_ERROR_BAD_MAC;
	/* PowerDNS, where the key is not its own: without the TSIG record that RFC 8945 5.2 wants.
	 */
	return (said & 0xff) == DNS_NOTAUTH ? TSIG_ERROR_NOTAUTH : TSIG_ERROR_UNSIGNED;
}

static enum outcome outcome_of_rcode(uint16_t rcode)
{
	switch (rcode) {
	case DNS_NOERROR:
		return OUTCOME_ANSWERED;
	case DNS_SERVFAIL:
		return OUTCOME_SERVFAIL;
	case DNS_NXDOMAIN:
		return OUTCOME_NXDOMAIN;
	case DNS_REFUSED:
		return OUTCOME_REFUSED;
	case DNS_NOTAUTH:
		return OUTCOME_NOTAUTH;
	default: /* an open set of numbers */
		return OUTCOME_RCODE;
	}
}

static enum outcome outcome_of_answer(const struct soa_answer *answer)
{
	if (answer->rcode != DNS_NOERROR)
		return outcome_of_rcode(answer->rcode);
	if (answer->soa_repeated)
		return OUTCOME_MALFORMED;
	if (!answer->has_soa)
		return OUTCOME_NO_SOA;
	return answer->authoritative ? OUTCOME_ANSWERED : OUTCOME_NOT_AUTHORITATIVE;
}

/* NSIDs are bytes; most are text. What is not is shown in hexadecimal. */
static uint32_t nsid_text(struct observations *seen, const uint8_t *bytes, uint16_t length)
{
	char hex[2 * 64 + 1];
	bool printable = true;

	for (uint16_t i = 0; i < length; i++)
		printable &= bytes[i] >= 0x20 && bytes[i] < 0x7f;
	if (printable)
		return observations_text(seen, bytes, length);
	if (length > 64)
		length = 64;
	for (uint16_t i = 0; i < length; i++)
		snprintf(hex + (size_t)2 * i, 3, "%02x", bytes[i]);
	return observations_text(seen, hex, (size_t)2 * length);
}

void soa_observe_answer(struct observations *seen, const struct soa_answer *answer,
	struct soa_observation *into)
{
	into->rcode = answer->rcode;
	into->outcome = (uint8_t)outcome_of_answer(answer);
	into->expire_s = answer->has_expire ? answer->expire_s : EXPIRE_NONE;
	into->ede_code = answer->has_ede ? answer->ede_code : EDE_NONE;
	if (answer->has_ede && answer->ede_text_length)
		into->ede_text = observations_text(seen, answer->ede_text, answer->ede_text_length);
	if (answer->nsid_length)
		into->nsid = nsid_text(seen, answer->nsid, answer->nsid_length);
	if (!answer->has_soa)
		return;
	into->serial = answer->serial;
	into->fields = observations_fields(seen, &answer->fields);
	into->signature_expiration = answer->has_signature ? answer->signature_expiration : 0;
	into->signature_inception = answer->has_signature ? answer->signature_inception : 0;
}

void soa_observe(struct observations *seen, const struct message *message, const uint8_t *zone,
	struct soa_observation *into)
{
	struct soa_answer answer;

	if (message_soa_answer(message, zone, &answer))
		soa_observe_answer(seen, &answer, into);
	else
		into->outcome = OUTCOME_MALFORMED;
}

enum { MOST_NS = 256 }; /* of one zone; the root has 13 */

uint32_t ns_observe(struct observations *seen, const struct message *message, const uint8_t *zone)
{
	struct record_cursor cursor = message_records(message);
	enum message_section section;
	struct record record;
	uint8_t names[MOST_NS][NAME_WIRE];
	const uint8_t *pointers[MOST_NS];
	size_t count = 0;

	if (message->rcode != DNS_NOERROR || !(message->flags & DNS_AA))
		return 0;
	while (count < MOST_NS && message_next(&cursor, &record, &section)) {
		if (section != MESSAGE_ANSWER || record.type != DNS_NS || record.class != DNS_IN ||
			!name_equal(record.owner, zone))
			continue;
		if (!record_rdata(message, &record, names[count], NAME_WIRE))
			return 0;
		pointers[count] = names[count];
		count++;
	}
	return count ? observations_ns_set(seen, pointers, count) : 0;
}
