#include "common/model/zone_transfer.h"

#include <assert.h>

const char *transfer_end_name(enum transfer_end end)
{
	static const char *const names[TRANSFER_END_COUNT] = {
		[TRANSFER_END_NOT_ASKED] = "not_asked",
		[TRANSFER_END_COMPLETE] = "complete",
		[TRANSFER_END_CURRENT] = "up_to_date",
		[TRANSFER_END_BEGAN] = "began",
		[TRANSFER_END_RCODE] = "rcode",
		[TRANSFER_END_TIMEOUT] = "timeout",
		[TRANSFER_END_PORT_CLOSED] = "port_closed",
		[TRANSFER_END_UNREACHABLE] = "unreachable",
		[TRANSFER_END_NO_ROUTE] = "no_route",
		[TRANSFER_END_CUT] = "connection_broken",
		[TRANSFER_END_BROKEN] = "broken",
		[TRANSFER_END_UNSIGNED] = "unsigned",
		[TRANSFER_END_TSIG] = "tsig_failed",
		[TRANSFER_END_TLS] = "tls_failed",
	};

	assert(end < TRANSFER_END_COUNT);
	return names[end];
}

const char *transfer_phase_name(enum transfer_phase phase)
{
	static const char *const names[TRANSFER_PHASE_COUNT] = { "connecting", "tls_handshake",
		"asked", "streaming" };

	assert(phase < TRANSFER_PHASE_COUNT);
	return names[phase];
}

const char *transfer_form_name(enum transfer_form form)
{
	switch (form) {
	case TRANSFER_FULL:
		return "full";
	case TRANSFER_DIFFERENCES:
		return "differences";
	case TRANSFER_UNKNOWN:
		break;
	}
	return "unknown";
}
