#include "common/dns/canary_token.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/number.h"

static const char magic[] = "dns-replication-canary";

enum { STRINGS = 3, TIME_DIGITS = 18, RANDOM_DIGITS = 16 };

uint16_t canary_token_write(const struct canary_token *token, uint8_t out[CANARY_RDATA])
{
	char strings[STRINGS][TIME_DIGITS + 8];
	struct wire_writer writer = wire_write(out, CANARY_RDATA);

	snprintf(strings[0], sizeof(strings[0]), "%s", magic);
	snprintf(strings[1], sizeof(strings[1]), "%" PRId64, token->time_us);
	snprintf(strings[2], sizeof(strings[2]), "%016" PRIx64, token->random);
	for (unsigned i = 0; i < STRINGS; i++) {
		wire_write_u8(&writer, (uint8_t)strlen(strings[i]));
		wire_write_bytes(&writer, strings[i], strlen(strings[i]));
	}
	return (uint16_t)writer.length;
}

void canary_token_text(const struct canary_token *token, char out[CANARY_TEXT])
{
	snprintf(out, CANARY_TEXT, "\"%s\" \"%" PRId64 "\" \"%016" PRIx64 "\"", magic,
		token->time_us, token->random);
}

/* The next string of a TXT record, NUL-terminated; false: none, or longer than any of ours. */
static bool next_string(struct wire_reader *reader, char out[TIME_DIGITS + 8])
{
	uint8_t length = wire_read_u8(reader);
	const uint8_t *bytes = wire_read_bytes(reader, length);

	if (reader->failed || length >= TIME_DIGITS + 8 || memchr(bytes, '\0', length))
		return false;
	memcpy(out, bytes, length);
	out[length] = '\0';
	return true;
}

static bool read_random(const char *digits, uint64_t *value)
{
	static const char hexadecimal[] = "0123456789abcdef";

	*value = 0;
	if (strlen(digits) != RANDOM_DIGITS || strspn(digits, hexadecimal) != RANDOM_DIGITS)
		return false;
	for (; *digits; digits++)
		*value = *value << 4 | (uint64_t)(strchr(hexadecimal, *digits) - hexadecimal);
	return true;
}

bool canary_token_read(const uint8_t *rdata, size_t length, struct canary_token *token)
{
	struct wire_reader reader = wire_read(rdata, length);
	char strings[STRINGS][TIME_DIGITS + 8];
	uint64_t time_us;

	for (unsigned i = 0; i < STRINGS; i++) {
		if (!next_string(&reader, strings[i]))
			return false;
	}
	if (reader.at != length || strcmp(strings[0], magic) != 0 ||
		!number_whole(strings[1], 0, INT64_MAX / 10, &time_us) ||
		!read_random(strings[2], &token->random))
		return false;
	token->time_us = (int64_t)time_us;
	return true;
}

bool canary_token_covers(const struct canary_token *there, const struct canary_token *wanted)
{
	return there->time_us > wanted->time_us ||
		(there->time_us == wanted->time_us && there->random == wanted->random);
}

enum canary_answer canary_token_find(const struct message *answer, const uint8_t *name,
	struct canary_token *token, uint8_t rdata[CANARY_RDATA], uint16_t *length)
{
	struct record_cursor cursor = message_records(answer);
	enum canary_answer found = CANARY_NONE;
	enum message_section section;
	struct record record;

	while (message_next(&cursor, &record, &section)) {
		if (section != MESSAGE_ANSWER || record.class != DNS_IN ||
			!name_equal(record.owner, name))
			continue;
		if (record.type == DNS_RRSIG)
			continue;
		if (found != CANARY_NONE || record.type != DNS_TXT ||
			record.rdata_length > CANARY_RDATA ||
			!canary_token_read(answer->bytes + record.rdata, record.rdata_length,
				token))
			return CANARY_FOREIGN;
		found = CANARY_TOKEN;
		*length = record.rdata_length;
		memcpy(rdata, answer->bytes + record.rdata, record.rdata_length);
	}
	return found;
}
