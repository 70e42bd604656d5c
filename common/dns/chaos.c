/* What servers tell of themselves in class CH (RFC 4892). */
#include <string.h>

#include "common/dns/message.h"

size_t message_chaos_text(const struct message *message, const uint8_t *name,
	uint8_t out[CHAOS_TEXT])
{
	struct record_cursor cursor = message_records(message);
	enum message_section section;
	struct record record;

	while (message_next(&cursor, &record, &section)) {
		const uint8_t *rdata = message->bytes + record.rdata;

		if (section != MESSAGE_ANSWER || record.type != DNS_TXT || record.class != DNS_CH ||
			!name_equal(record.owner, name))
			continue;
		/* The first character-string (RFC 1035 3.3.14), where it fits its record. */
		if (!record.rdata_length || rdata[0] > record.rdata_length - 1)
			return 0;
		memcpy(out, rdata + 1, rdata[0]);
		return rdata[0];
	}
	return 0;
}
