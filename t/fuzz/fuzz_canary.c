/*
 * An answer to the question for the canary record. Whatever comes, a token that is found is one
 * that writes back and reads as the same, and covers itself.
 */
#include <stdlib.h>
#include <string.h>

#include "common/dns/canary_token.h"

#define NAME ((const uint8_t *)"\023_replication-canary\7example")

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);

static void must(bool good)
{
	if (!good)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
	struct message message;
	struct canary_token token, again;
	uint8_t rdata[CANARY_RDATA], back[CANARY_RDATA];
	uint16_t size = 0;

	if (!message_parse(data, length, &message) ||
		canary_token_find(&message, NAME, &token, rdata, &size) != CANARY_TOKEN)
		return 0;
	must(size <= CANARY_RDATA && canary_token_covers(&token, &token));
	size = canary_token_write(&token, back);
	must(canary_token_read(back, size, &again));
	must(again.time_us == token.time_us && again.random == token.random);
	return 0;
}
