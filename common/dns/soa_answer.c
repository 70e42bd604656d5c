/* What one answer to an SOA question says. */
#include <string.h>

#include "common/dns/message.h"
#include "common/dns/serial.h"

/* What the sections hold besides the SOA, for telling a referral. */
struct seen {
	bool authority_soa;
	bool zone_ns, other_ns; /* in the authority section */
};

static bool take_soa(const struct message *message, const struct record *record,
	struct soa_answer *answer)
{
	struct soa_fields fields;
	uint32_t serial;

	if (!record_soa(message, record, &serial, &fields))
		return false;
	if (answer->has_soa) {
		answer->soa_repeated |= serial != answer->serial;
		return true;
	}
	answer->has_soa = true;
	answer->serial = serial;
	answer->fields = fields;
	return true;
}

/* RFC 4034 3.1: type covered, algorithm, labels, original TTL, expiration, inception, key tag,
 * signer, signature. */
static bool take_signature(const struct message *message, const struct record *record,
	struct soa_answer *answer)
{
	struct wire_reader reader = wire_read(message->bytes, record->rdata + record->rdata_length);
	uint8_t signer[NAME_WIRE];
	uint16_t covered;
	uint32_t expiration, inception;

	reader.at = record->rdata;
	covered = wire_read_u16(&reader);
	wire_skip(&reader, 1 + 1 + 4);
	expiration = wire_read_u32(&reader);
	inception = wire_read_u32(&reader);
	wire_skip(&reader, 2);
	wire_read_name(&reader, signer);
	if (reader.failed)
		return false;
	if (covered != DNS_SOA)
		return true;
	if (answer->has_signature &&
		serial_compare(expiration, answer->signature_expiration) != SERIAL_AHEAD)
		return true;
	answer->has_signature = true;
	answer->signature_expiration = expiration;
	answer->signature_inception = inception;
	return true;
}

static bool take_answer(const struct message *message, const uint8_t *zone,
	const struct record *record, struct soa_answer *answer)
{
	if (record->class != DNS_IN || !name_equal(record->owner, zone))
		return true;
	if (record->type == DNS_SOA)
		return take_soa(message, record, answer);
	if (record->type == DNS_RRSIG)
		return take_signature(message, record, answer);
	return true;
}

static void take_authority(const uint8_t *zone, const struct record *record, struct seen *seen)
{
	if (record->type == DNS_SOA)
		seen->authority_soa = true;
	else if (record->type == DNS_NS && name_equal(record->owner, zone))
		seen->zone_ns = true;
	else if (record->type == DNS_NS)
		seen->other_ns = true;
}

static void take_ede(const struct message *message, struct soa_answer *answer)
{
	struct wire_reader reader;
	const uint8_t *value;
	uint16_t length;

	if (!message_edns_option(message, EDNS_EDE, &value, &length) || length < 2)
		return;
	reader = wire_read(value, length);
	answer->has_ede = true;
	answer->ede_code = wire_read_u16(&reader);
	while (length > 2 && !value[length - 1]) /* RFC 8914 2: may end in NUL */
		length--;
	answer->ede_text_length = (uint16_t)(length - 2);
	answer->ede_text = length > 2 ? value + 2 : NULL;
}

static void take_options(const struct message *message, struct soa_answer *answer)
{
	struct wire_reader reader;
	const uint8_t *value;
	uint16_t length;

	if (message_edns_option(message, EDNS_EXPIRE, &value, &length) && length == 4) {
		reader = wire_read(value, length);
		answer->has_expire = true;
		answer->expire_s = wire_read_u32(&reader);
	}
	if (message_edns_option(message, EDNS_NSID, &value, &length) && length) {
		answer->nsid = value;
		answer->nsid_length = length;
	}
	take_ede(message, answer);
}

/* From a parent or from the root; a server of the zone itself would have set AA. */
static bool is_referral(const struct message *message, const struct seen *seen)
{
	if (message->rcode != DNS_NOERROR || message->counts[MESSAGE_ANSWER] || seen->authority_soa)
		return false;
	return seen->other_ns || (seen->zone_ns && !(message->flags & DNS_AA));
}

bool message_soa_answer(const struct message *message, const uint8_t *zone,
	struct soa_answer *answer)
{
	struct record_cursor cursor = message_records(message);
	struct record record;
	struct seen seen = { 0 };
	enum message_section section;

	memset(answer, 0, sizeof(*answer));
	answer->rcode = message->rcode;
	answer->authoritative = message->flags & DNS_AA;
	answer->truncated = message->flags & DNS_TC;
	answer->has_edns = message->has_edns;
	while (message_next(&cursor, &record, &section) && section < MESSAGE_ADDITIONAL) {
		if (section == MESSAGE_ANSWER && !take_answer(message, zone, &record, answer))
			return false;
		if (section == MESSAGE_AUTHORITY)
			take_authority(zone, &record, &seen);
	}
	take_options(message, answer);
	answer->has_referral = is_referral(message, &seen);
	return !cursor.failed;
}
