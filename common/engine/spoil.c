#include "common/engine/spoil.h"

#include "common/dns/message.h"

enum { GARBAGE_LENGTH = 64 };

/* Counts that promise much and bytes that keep none of it, the same every time. */
static void spoil_all(uint8_t *bytes, size_t *length)
{
	uint32_t random = 1;

	for (size_t i = 4; i < GARBAGE_LENGTH; i++) {
		random = random * 1103515245 + 12345;
		bytes[i] = (uint8_t)(random >> 16);
	}
	*length = GARBAGE_LENGTH;
}

void spoil_answer(uint8_t *bytes, size_t *length, const struct fault_set *faults)
{
	if (fault_set_has(faults, FAULT_GARBAGE))
		spoil_all(bytes, length);
	if (fault_set_has(faults, FAULT_WRONG_ID))
		bytes[0] ^=
			0x55; /* no other try of the same question, which may have the next id */
	if (fault_set_has(faults, FAULT_WRONG_QUESTION) && *length > MESSAGE_HEADER + 1)
		bytes[MESSAGE_HEADER + (bytes[MESSAGE_HEADER] ? 1 : 2)] ^=
			1; /* of the root: the type */
}

/* RDATA ends: MAC, original id, error, length of other data (RFC 8945 4.2): the MAC's last byte. */
void spoil_signature(uint8_t *bytes, size_t length)
{
	bytes[length - 7] ^= 0xff;
}
