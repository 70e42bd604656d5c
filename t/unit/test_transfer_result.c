/*
 * How a transfer ended, as people read it in logs.
 */
#include "common/net/transfer_client.h"
#include "t/unit/tap.h"

int main(void)
{
	static const struct transfer refused = { .rcode = DNS_REFUSED },
				     broken = { .broken = "the SOA lacks" };
	static const struct {
		struct transfer_result result;
		const char *text;
	} stories[] = {
		{ { OUTCOME_ANSWERED, .state = TRANSFER_DONE }, "complete" },
		{ { OUTCOME_ANSWERED, .state = TRANSFER_MORE }, "complete" },
		{ { OUTCOME_ANSWERED, .state = TRANSFER_CURRENT }, "up to date" },
		{ { OUTCOME_ANSWERED, .state = TRANSFER_REFUSED, .transfer = &refused },
			"it answers REFUSED" },
		{ { OUTCOME_ANSWERED, .state = TRANSFER_BROKEN, .transfer = &broken },
			"the SOA lacks" },
		{ { .outcome = OUTCOME_TIMEOUT }, "no answer in time" },
		{ { .outcome = OUTCOME_TIMEOUT, .phase = TRANSFER_SHAKING_HANDS },
			"no answer to the TLS handshake: does it speak TLS on this port?" },
		{ { .outcome = OUTCOME_PORT_CLOSED }, "its TCP port is closed" },
		{ { .outcome = OUTCOME_UNREACHABLE }, "it is unreachable" },
		{ { .outcome = OUTCOME_NO_ROUTE }, "there is no route to it" },
		{ { .outcome = OUTCOME_NOT_ASKED }, "no socket for it" },
		{ { .outcome = OUTCOME_CONNECTION_BROKEN }, "the connection ended early" },
		{ { .outcome = OUTCOME_MALFORMED }, "the message is malformed" },
		{ { OUTCOME_TSIG_FAILED, .tsig = TSIG_UNSIGNED }, "the answer is not signed" },
		{ { OUTCOME_TSIG_FAILED, .tsig = TSIG_BAD_KEY },
			"the answer is signed with another key" },
		{ { OUTCOME_TSIG_FAILED, .tsig = TSIG_BAD_MAC },
			"the answer's signature is wrong" },
		{ { OUTCOME_TSIG_FAILED, .tsig = TSIG_BAD_TIME },
			"the answer's signature is of another time: compare the clocks" },
		{ { OUTCOME_TSIG_FAILED, .tsig = TSIG_MALFORMED },
			"the answer's signature is malformed" },
	};
	char out[128];
	struct transfer_result told = { OUTCOME_TSIG_FAILED, .tsig = TSIG_ERROR,
		.tsig_error = DNS_BADKEY };

	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++)
		is_string(transfer_result_text(&stories[i].result, out), stories[i].text,
			stories[i].text);
	is_string(transfer_result_text(&told, out), tsig_error_text(DNS_BADKEY),
		"what the server says of our signature");
	return done_testing();
}
