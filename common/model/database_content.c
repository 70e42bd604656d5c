#include "common/model/database_content.h"

#include <assert.h>
#include <string.h>

#include "common/base/number.h"

const char *content_outcome_name(enum content_outcome outcome)
{
	static const char *const names[CONTENT_OUTCOME_COUNT] = {
		[CONTENT_NOT_ASKED] = "not_asked",
		[CONTENT_COMPARED] = "compared",
		[CONTENT_NO_DATABASE] = "no_database",
		[CONTENT_NO_SCHEMA] = "no_schema",
		[CONTENT_DENIED] = "denied",
		[CONTENT_STOPPED] = "stopped",
		[CONTENT_NO_POSITION] = "no_position",
		[CONTENT_NOT_REACHED] = "not_reached",
		[CONTENT_TIMEOUT] = "timeout",
		[CONTENT_FAILED] = "failed",
	};

	assert(outcome < CONTENT_OUTCOME_COUNT);
	return names[outcome];
}

const char *content_part_name(enum content_part part)
{
	static const char *const names[CONTENT_PART_COUNT] = {
		[CONTENT_DOMAIN] = "domain",
		[CONTENT_RECORDS] = "records",
		[CONTENT_METADATA] = "metadata",
		[CONTENT_KEYS] = "keys",
	};

	assert(part < CONTENT_PART_COUNT);
	return names[part];
}

const char *content_relation_name(enum content_relation relation)
{
	static const char *const names[CONTENT_RELATION_COUNT] = {
		[CONTENT_DIFFERENT] = "different",
		[CONTENT_UNSETTLED] = "unsettled",
	};

	assert(relation < CONTENT_RELATION_COUNT);
	return names[relation];
}

enum { SOA_BLANKS_BEFORE_SERIAL = 2, SERIAL_DIGITS = 10 };

bool content_soa_serial(const char *content, uint32_t *serial)
{
	char digits[SERIAL_DIGITS + 1] = "";
	uint64_t value;
	size_t length;

	content += strspn(content, " \t");
	for (int token = 0; token < SOA_BLANKS_BEFORE_SERIAL; token++) {
		content += strcspn(content, " \t");
		content += strspn(content, " \t");
	}
	length = strcspn(content, " \t");
	if (length > SERIAL_DIGITS)
		return false;
	memcpy(digits, content, length);
	if (!number_whole(digits, 0, UINT32_MAX, &value))
		return false;
	*serial = (uint32_t)value;
	return true;
}
